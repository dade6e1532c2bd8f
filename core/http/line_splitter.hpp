// Bytes from a connection that stays open, cut into lines that are fit to be handed on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace risetime::core {

// A line ends with LF or CR LF. Memory: the bytes that were added and not taken, and one line.
class LineSplitter {
 public:
  // max_line: of a line, in bytes, without its end.
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  void add(std::string_view bytes) { waiting_.append(bytes); }

  enum class Found { nothing, line, cut };
  // The next whole line, in UTF-8 and without NUL: what is no UTF-8 has "?" for its bytes above 127. cut: the beginning
  // of a line that is longer than max_line; the rest of it is left out.
  Found next(std::string& line);

 private:
  std::size_t max_line_;
  std::string waiting_;
  std::size_t at_ = 0;        // of waiting_, up to where it was taken
  std::size_t searched_ = 0;  // behind at_, where no end is
  bool is_skipping_ = false;  // the rest of a line that was too long
};

}  // namespace risetime::core
