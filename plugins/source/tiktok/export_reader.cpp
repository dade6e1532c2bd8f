// A window that moves over the file, and one reader for each form.
#include "export_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <risetime/error.hpp>

#include "values.hpp"

namespace risetime::tiktok {
namespace {

constexpr std::size_t chunk = std::size_t{64} << 10U;
constexpr std::size_t longest_item = std::size_t{16} << 20U;
constexpr std::size_t longest_raw = 4000;
constexpr std::size_t longest_header = std::size_t{1} << 20U;

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

// What may be shown of a text that is no UTF-8.
std::string readable(std::string_view text) {
  std::string out = shortened(text, longest_raw);
  if (is_utf8(out)) return out;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80U; }, '?');
  return out;
}

}  // namespace

ExportReader::ExportReader(std::unique_ptr<std::istream> file, std::string name)
    : file_(std::move(file)), name_(std::move(name)) {
  recognize();
}

void ExportReader::fail(const std::string& what) const {
  throw Error(Code::input, name_ + ":" + std::to_string(line_), what);
}

bool ExportReader::fill() {
  if (is_at_end_) return false;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + chunk);
  file_->read(buffer_.data() + kept, static_cast<std::streamsize>(chunk));
  if (file_->bad()) throw Error(Code::io, name_, "the file cannot be read");
  buffer_.resize(kept + static_cast<std::size_t>(file_->gcount()));
  is_at_end_ = buffer_.size() < kept + chunk;
  return buffer_.size() > kept;
}

bool ExportReader::has(std::size_t count) {
  while (buffer_.size() - at_ < count)
    if (!fill()) return false;
  return true;
}

void ExportReader::step() {
  if (buffer_[at_] == '\n') ++line_;
  ++at_;
}

void ExportReader::drop_read() {
  if (at_ < chunk) return;
  buffer_.erase(0, at_);
  offset_ += at_;
  at_ = 0;
}

void ExportReader::skip_blanks() {
  while (has(1) && (here() == ' ' || here() == '\t' || here() == '\r' || here() == '\n')) step();
}

// From here to the line break or the end of the file.
std::size_t ExportReader::end_of_line() {
  for (std::size_t from = at_;;) {
    const std::size_t found = buffer_.find('\n', from);
    if (found != std::string::npos) return found;
    from = buffer_.size();
    if (buffer_.size() - at_ > longest_item)
      fail("a line has more than " + std::to_string(longest_item >> 20U) + " MB; this is no export");
    if (!fill()) return buffer_.size();
  }
}

std::string ExportReader::take(std::size_t count) {
  std::string text = buffer_.substr(at_, count);
  line_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  at_ += count;
  return text;
}

void ExportReader::recognize() {
  has(4);
  if (buffer_.compare(0, 3, "\xEF\xBB\xBF") == 0) at_ = 3;  // a byte order mark
  if (buffer_.compare(0, 2, "\x1F\x8B") == 0 || buffer_.compare(0, 4, "\x28\xB5\x2F\xFD") == 0 ||
      buffer_.compare(0, 2, "PK") == 0)
    fail("the file is compressed; unpack it first");
  skip_blanks();
  if (!has(1)) fail("the file is empty");
  if (here() == '[') {
    form_ = Form::list;
    step();
  } else if (here() == '{') {
    form_ = Form::lines;
  } else {
    read_header();
  }
}

void ExportReader::read_header() {
  form_ = Form::csv;
  const std::size_t end = end_of_line();
  if (end - at_ > longest_header) fail("the first line is too long for the header of a CSV file");
  const std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
  std::ptrdiff_t most = 0;
  for (const char candidate : {',', '\t', ';'}) {
    const std::ptrdiff_t found = std::count(line.begin(), line.end(), candidate);
    if (found > most) delimiter_ = candidate;
    most = std::max(most, found);
  }
  if (most == 0 || !is_utf8(line))
    fail("this is neither JSON nor CSV with a header line; export the data set as JSON, JSONL or CSV");
  Row row = read_row();
  if (!row.problem.empty()) fail("the header cannot be read: " + row.problem);
  header_ = std::move(row.cells);
  for (std::string& name : header_) name = name.substr(0, name.find_last_not_of(" \t") + 1);
}

void ExportReader::go_to(const ExportPlace& place) {
  if (place.offset == 0) return;
  file_->clear();
  file_->seekg(static_cast<std::streamoff>(place.offset));
  if (!*file_)
    throw Error(Code::io, name_, "the file cannot be read from byte " + std::to_string(place.offset) + " on");
  buffer_.clear();
  offset_ = place.offset;
  at_ = 0;
  line_ = place.line;
  is_at_end_ = false;
}

std::optional<ExportItem> ExportReader::next() {
  drop_read();
  return form_ == Form::list ? next_of_list() : form_ == Form::lines ? next_line() : next_row();
}

// An item ends where its brackets do. A line break inside a text is no JSON: the item is broken, and the next one is
// looked for behind it.
std::optional<ExportItem> ExportReader::next_of_list() {
  const auto is_between = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ','; };
  while (has(1) && is_between(here())) step();
  if (is_over_) return std::nullopt;
  if (!has(1)) fail("the file ends in the middle of its list; it was cut short, export it again");
  if (here() == ']') {
    step();
    is_over_ = true;
    skip_blanks();
    if (has(1)) fail("something follows the list; only what stands in it was read");
    return std::nullopt;
  }
  ExportItem found;
  found.line = line_;
  int depth = 0;
  bool in_text = false, escaped = false, ended = false;
  std::size_t length = 0;
  for (; !ended && has(length + 1); ++length) {
    const char c = buffer_[at_ + length];
    if (length > longest_item) fail("an item has more than " + std::to_string(longest_item >> 20U) + " MB");
    if (in_text) {
      if (c == '\n') break;
      in_text = escaped || c != '"';
      escaped = !escaped && c == '\\';
      continue;
    }
    if (depth == 0 && length > 0 && (is_between(c) || c == ']')) break;  // a number or word
    if (c == '"') in_text = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') ended = --depth <= 0;
  }
  const bool is_cut = !ended && !has(length + 1) && (depth > 0 || in_text);
  if (is_cut) fail("the file ends in the middle of an item; it was cut short, export it again");
  found.item = parse_object(take(length));
  if (!found.item.record) found.item.raw = readable(found.item.raw);
  return found;
}

std::optional<ExportItem> ExportReader::next_line() {
  skip_blanks();
  if (!has(1)) return std::nullopt;
  ExportItem found;
  found.line = line_;
  const std::size_t end = end_of_line();
  found.item = parse_object(take(end - at_));
  if (!found.item.record) found.item.raw = readable(found.item.raw);
  return found;
}

// One record by RFC 4180; a quote inside an unquoted cell is a letter.
ExportReader::Row ExportReader::read_row() {
  Row row;
  const std::size_t begin = at_;
  const std::uint64_t begun_at_line = line_;
  std::string cell;
  bool quoted = false, in_quotes = false;
  std::size_t i = at_;
  const auto available = [&] { return has(i - at_ + 1); };
  for (;; ++i) {
    const bool is_end = !available();
    const char c = is_end ? '\n' : buffer_[i];
    if (i - begin > longest_item) {
      line_ = begun_at_line;
      fail("a row has more than " + std::to_string(longest_item >> 20U) + " MB; a quote may be left open");
    }
    if (in_quotes) {
      if (is_end) {
        row.problem = "a quote is not closed";
        break;
      }
      if (c != '"') {
        cell += c;
      } else if (++i, available() && buffer_[i] == '"') {
        cell += '"';
      } else {
        in_quotes = false;
        --i;
      }
      continue;
    }
    if (c == '"' && cell.empty() && !quoted) {
      quoted = in_quotes = true;
      continue;
    }
    if (c == delimiter_ || c == '\n') {
      if (c == '\n' && !quoted && !cell.empty() && cell.back() == '\r') cell.pop_back();
      row.cells.push_back(std::move(cell));
      cell.clear();
      quoted = false;
      if (c == '\n') break;
      continue;
    }
    if (quoted) {  // what follows a closing quote
      if (c == '\r') continue;
      row.problem = "something follows a closing quote";
      quoted = false;
    }
    cell += c;
  }
  const std::string text = take(std::min(i, buffer_.size()) - at_);
  if (has(1)) step();  // the line break
  row.raw = readable(text);
  if (row.problem.empty() && !is_utf8(text)) row.problem = "it is no UTF-8";
  return row;
}

std::optional<ExportItem> ExportReader::next_row() {
  while (has(1) && (here() == '\n' || here() == '\r')) step();
  if (!has(1)) return std::nullopt;
  ExportItem found;
  found.line = line_;
  Row row = read_row();
  found.item.raw = std::move(row.raw);
  found.item.problem = std::move(row.problem);
  if (found.item.problem.empty() && row.cells.size() != header_.size())
    found.item.problem =
        "it has " + std::to_string(row.cells.size()) + " columns, the header has " + std::to_string(header_.size());
  if (!found.item.problem.empty()) return found;
  found.item.record.emplace();
  for (std::size_t i = 0; i < header_.size(); ++i) found.item.record->set(header_[i], row.cells[i]);
  return found;
}

}  // namespace risetime::tiktok
