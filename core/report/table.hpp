// Tables in a terminal: columns that line up in any script, colour only where somebody looks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

enum class Tone { plain, strong, dim, good, bad, warn };

struct Cell {
  std::string text;
  Tone tone = Tone::plain;

  Cell() = default;
  Cell(std::string_view words, Tone in_tone = Tone::plain) : text(words), tone(in_tone) {}
  Cell(const char* words, Tone in_tone = Tone::plain) : text(words), tone(in_tone) {}
  Cell(std::string words, Tone in_tone = Tone::plain) : text(std::move(words)), tone(in_tone) {}
};

enum class Align { left, right };

struct TableColumn {
  std::string title;
  Align align = Align::left;
  std::size_t most = 0;    // columns of the terminal at most; 0: as wide as its texts
  bool gives_way = false;  // is cut first where the table is too wide
};

struct TableStyle {
  bool colour = false;
  std::size_t width = 0;  // columns of the terminal; 0: no limit
};

// What suits an open file: colour and width of a terminal, neither for a file or a pipe. NO_COLOR and TERM=dumb are
// heard.
TableStyle style_of(int file_descriptor);

class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

  // A row may be shorter than the table: the rest stays empty. Longer ones throw std::invalid_argument.
  void add(std::vector<Cell> row);
  void add_rule() { rules_.push_back(rows_.size()); }  // a line before the next row
  std::size_t size() const { return rows_.size(); }

  // Columns of a terminal that the table takes when each column that gives way is cut to `least` at most.
  std::size_t least_width(std::size_t least) const;

  // With a header line, each line ended by a newline. Texts are made safe for a terminal (no control characters).
  std::string print(const TableStyle& style) const;

 private:
  std::vector<std::size_t> widths(const TableStyle& style, const std::vector<std::vector<Cell>>& safe) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> rules_;
};

// The text between the codes of its tone; as it is without colour.
std::string in_tone(std::string_view text, Tone tone, bool colour);

}  // namespace risetime::core
