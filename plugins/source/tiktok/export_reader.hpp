// Reads exported files item by item, as streams: a JSON array of objects, JSON Lines, or CSV with a header line. Which
// of them a file is, is told by what is in it.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "record.hpp"

namespace risetime::tiktok {

struct ExportItem {
  ListedItem item;
  std::uint64_t line = 0;  // where it begins, from 1
};

// Where the next item is looked for.
struct ExportPlace {
  std::uint64_t offset = 0;  // bytes from the beginning of the file; 0: the beginning
  std::uint64_t line = 1;
};

class ExportReader {
 public:
  // `name` is the file's in errors. Throws Error(Code::input): nothing in it, compressed, no header, or something else.
  ExportReader(std::unique_ptr<std::istream> file, std::string name);

  // Goes on at a place that place() gave for the same bytes.
  void go_to(const ExportPlace& place);
  ExportPlace place() const { return {offset_ + at_, line_}; }

  // The next item, usable or not; nothing at the end. Throws Error(Code::input) with file:line where the file ends in
  // the middle of a JSON list, and Error(Code::io) where it cannot be read.
  std::optional<ExportItem> next();

 private:
  enum class Form { list, lines, csv };

  bool fill();  // reads more; false at the end of the file
  bool has(std::size_t count);
  char here() { return buffer_[at_]; }
  void step();
  void drop_read();
  void skip_blanks();
  std::size_t end_of_line();
  std::string take(std::size_t count);
  [[noreturn]] void fail(const std::string& what) const;

  void recognize();
  void read_header();
  std::optional<ExportItem> next_of_list();
  std::optional<ExportItem> next_line();
  std::optional<ExportItem> next_row();
  struct Row {
    std::vector<std::string> cells;
    std::string problem, raw;
  };
  Row read_row();

  std::unique_ptr<std::istream> file_;
  std::string name_;
  std::string buffer_;        // a window of the file
  std::uint64_t offset_ = 0;  // of the window in the file
  std::size_t at_ = 0;        // in the window
  std::uint64_t line_ = 1;
  Form form_ = Form::csv;
  bool is_over_ = false;    // the list was closed
  bool is_at_end_ = false;  // nothing more comes from the file
  char delimiter_ = ',';
  std::vector<std::string> header_;
};

}  // namespace risetime::tiktok
