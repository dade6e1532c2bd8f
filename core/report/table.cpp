// Laying out and printing text tables.
#include "core/report/table.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "core/base/text.hpp"

namespace risetime::core {
namespace {

constexpr std::size_t gap = 2;        // blanks between columns
constexpr std::size_t narrowest = 8;  // a column that gives way keeps this much

std::string fit(const Cell& cell, const TableColumn& column, std::size_t width, bool last, bool colour) {
  const std::string text = shorten(cell.text, width);
  const std::string toned = in_tone(text, cell.tone, colour);
  const std::size_t used = display_width(text);
  const std::string blanks(width > used ? width - used : 0, ' ');
  if (column.align == Align::right) return blanks + toned;
  return last ? toned : toned + blanks;
}

std::vector<std::vector<Cell>> made_safe(std::vector<std::vector<Cell>> rows) {
  for (auto& row : rows) {
    for (Cell& cell : row) cell.text = terminal_safe(cell.text);
  }
  return rows;
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TableStyle style_of(int file_descriptor) {
  TableStyle style;
  if (::isatty(file_descriptor) == 0) return style;
  const char* const terminal = std::getenv("TERM");
  const char* const plain = std::getenv("NO_COLOR");
  style.colour = (plain == nullptr || *plain == '\0') && terminal != nullptr && std::string_view(terminal) != "dumb";
  winsize window{};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &window) == 0) style.width = window.ws_col;
  return style;
}

std::string in_tone(std::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::plain || text.empty()) return std::string(text);
  const char* const code = tone == Tone::strong ? "1"
                           : tone == Tone::dim  ? "2"
                           : tone == Tone::good ? "32"
                           : tone == Tone::bad  ? "31"
                                                : "33";
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

void TextTable::add(std::vector<Cell> row) {
  if (row.size() > columns_.size())
    throw std::invalid_argument("a row of " + std::to_string(row.size()) + " cells in a table of " +
                                std::to_string(columns_.size()) + " columns");
  row.resize(columns_.size());
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> TextTable::widths(const TableStyle& style, const std::vector<std::vector<Cell>>& safe) const {
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = 0;
    for (const auto& row : safe) width = std::max(width, display_width(row[c].text));
    if (columns_[c].most > 0) width = std::min(width, columns_[c].most);
    widths.push_back(std::max(width, display_width(columns_[c].title)));
    total += widths.back() + (c > 0 ? gap : 0);
  }
  if (style.width == 0) return widths;
  while (total > style.width) {  // take from the widest that gives way, as long as there is one
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].gives_way && widths[c] > narrowest && (widest == columns_.size() || widths[c] > widths[widest]))
        widest = c;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::size_t TextTable::least_width(std::size_t least) const {
  const std::vector<std::size_t> whole = widths({}, made_safe(rows_));
  std::size_t total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c)
    total += (columns_[c].gives_way ? std::min(whole[c], least) : whole[c]) + (c > 0 ? gap : 0);
  return total;
}

std::string TextTable::print(const TableStyle& style) const {
  const std::vector<std::vector<Cell>> safe = made_safe(rows_);
  const std::vector<std::size_t> width = widths(style, safe);
  std::string rule;
  for (std::size_t c = 0; c < columns_.size(); ++c) rule += std::string(c > 0 ? gap : 0, ' ') + repeat("─", width[c]);
  rule = in_tone(rule, Tone::dim, style.colour) + "\n";

  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      line += std::string(c > 0 ? gap : 0, ' ') +
              fit(cell_of(c), columns_[c], width[c], c + 1 == columns_.size(), style.colour);
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += line + "\n";
  };
  add_line([&](std::size_t c) { return Cell(columns_[c].title, Tone::strong); });
  text += rule;
  for (std::size_t r = 0; r < safe.size(); ++r) {
    if (r > 0 && std::find(rules_.begin(), rules_.end(), r) != rules_.end()) text += rule;
    add_line([&](std::size_t c) -> const Cell& { return safe[r][c]; });
  }
  return text;
}

}  // namespace risetime::core
