// Feeds arbitrary bytes, in pieces, to the splitter of lines: every line it gives keeps its promises, and pieces make
// no difference.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/base/text.hpp"
#include "core/http/line_splitter.hpp"

namespace {

constexpr std::size_t longest = 16;

std::vector<std::string> split(std::string_view bytes, std::size_t piece) {
  risetime::core::LineSplitter splitter(longest);
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t from = 0; from < bytes.size(); from += piece) {
    splitter.add(bytes.substr(from, piece));
    for (auto found = splitter.next(line); found != risetime::core::LineSplitter::Found::nothing;
         found = splitter.next(line)) {
      if (line.size() > longest || !risetime::core::valid_utf8(line) || line.find('\0') != std::string::npos)
        std::abort();
      lines.push_back(line + (found == risetime::core::LineSplitter::Found::cut ? "+" : ""));
    }
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = split(bytes, size + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}})
    if (split(bytes, piece) != whole) std::abort();
  return 0;
}
