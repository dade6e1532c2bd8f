// Line ends, lengths and letters.
#include "core/http/line_splitter.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace risetime::core {

namespace {

void clean(std::string& line) {
  const bool is_utf8 = valid_utf8(line);
  for (char& c : line)
    if (c == '\0' || (!is_utf8 && static_cast<unsigned char>(c) > 127)) c = '?';
}

}  // namespace

LineSplitter::Found LineSplitter::next(std::string& line) {
  while (true) {
    const std::size_t end = waiting_.find('\n', at_ + searched_);
    const bool is_whole = end != std::string::npos;
    std::string_view found = std::string_view(waiting_).substr(at_, is_whole ? end - at_ : std::string::npos);
    if (is_whole && !found.empty() && found.back() == '\r') found.remove_suffix(1);
    if (!is_whole && !is_skipping_ && found.size() <= max_line_ + 1) {  // a CR may yet turn out to be its end
      searched_ = found.size();
      waiting_.erase(0, at_);
      at_ = 0;
      return Found::nothing;
    }
    const bool is_rest = is_skipping_;
    const bool is_long = found.size() > max_line_;
    if (!is_rest) line.assign(found.substr(0, max_line_));
    is_skipping_ = !is_whole;
    at_ = is_whole ? end + 1 : waiting_.size();
    searched_ = 0;
    if (!is_rest) {
      clean(line);
      return is_long ? Found::cut : Found::line;
    }
    if (!is_whole) {
      waiting_.clear();
      at_ = 0;
      return Found::nothing;
    }
  }
}

}  // namespace risetime::core
