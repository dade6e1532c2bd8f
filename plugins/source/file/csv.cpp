// Reads delimited text record by record.
#include "csv.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstring>
#include <risetime/error.hpp>
#include <unordered_set>

#include "values.hpp"

namespace risetime::file {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// The first of two letters in [from, end), or end. May look at up to 15 bytes behind `end` (Window::padding).
const char* find_either(const char* from, const char* end, char a, char b) {
#if defined(__SSE2__)
  const __m128i all_a = _mm_set1_epi8(a), all_b = _mm_set1_epi8(b);
  for (; from < end; from += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const int hits = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, all_a), _mm_cmpeq_epi8(block, all_b)));
    if (hits != 0) return std::min(end, from + __builtin_ctz(static_cast<unsigned>(hits)));
  }
  return end;
#else
  while (from < end && *from != a && *from != b) ++from;
  return from;
#endif
}

const char* find(const char* from, const char* end, char wanted) {
  if (from == end) return nullptr;
  return static_cast<const char*>(std::memchr(from, wanted, static_cast<std::size_t>(end - from)));
}

// Fields per record of a sample under one delimiter, without regard to what is in them.
struct Shape {
  std::vector<std::string> first;
  std::vector<std::size_t> widths;
};

Shape shape_of(std::string_view sample, const Dialect& dialect) {
  constexpr std::size_t enough = 100;
  Shape shape;
  std::string field;
  std::size_t width = 1;
  bool quoted = false, field_begins = true, line_begins = true;
  const auto end_field = [&] {
    if (shape.widths.empty()) shape.first.push_back(field);
    field.clear();
    field_begins = true;
  };
  for (const char c : sample) {
    const bool is_quote = dialect.quotes && c == '"';
    if (is_quote && (quoted || field_begins)) {
      quoted = !quoted;
    } else if (!quoted && c == dialect.delimiter) {
      end_field();
      ++width;
      line_begins = false;
      continue;
    } else if (!quoted && c == dialect.line_end) {
      if (line_begins) continue;
      end_field();
      shape.widths.push_back(width);
      if (shape.widths.size() == enough) return shape;
      width = 1;
      line_begins = true;
      continue;
    } else if (c != '\r') {
      field += c;
    }
    if (c != '\r') field_begins = line_begins = false;
  }
  if (shape.widths.empty() && !line_begins) {
    end_field();
    shape.widths.push_back(width);
  }
  return shape;
}

}  // namespace

Dialect sniff_dialect(std::string_view sample, const std::vector<std::string>& known, std::size_t known_count,
                      bool quotes) {
  Dialect best;
  best.quotes = quotes;
  const bool only_returns = sample.find('\n') == std::string_view::npos && sample.find('\r') != std::string_view::npos;
  best.line_end = only_returns ? '\r' : '\n';
  const std::unordered_set<std::string> names(known.begin(), known.end());
  std::vector<double> best_score = {-1, 0, 0};
  for (const char delimiter : {',', '\t', ';', '|'}) {
    Dialect dialect = best;
    dialect.delimiter = delimiter;
    const Shape shape = shape_of(sample, dialect);
    if (shape.widths.empty()) continue;
    const std::size_t width = shape.widths.front();
    double found = 0;
    for (const std::string& name : shape.first) found += names.count(std::string(trim(name))) > 0 ? 1 : 0;
    if (known_count > 0) found = width == known_count ? 1 : 0;
    const auto same = static_cast<double>(std::count(shape.widths.begin(), shape.widths.end(), width));
    const double consistent = width > 1 ? same / static_cast<double>(shape.widths.size()) : 0;
    const std::vector<double> score = {found, consistent, static_cast<double>(width)};
    if (score > best_score) {
      best_score = score;
      best = dialect;
    }
  }
  return best;
}

CsvReader::CsvReader(Window window, const CsvRules& rules, std::string name)
    : window_(std::move(window)), name_(std::move(name)) {
  constexpr std::size_t sample_bytes = std::size_t{64} << 10;
  if (window_.sample(sample_bytes).substr(0, 3) == byte_order_mark) window_.consume(3);
  const std::string_view sample = window_.sample(sample_bytes);
  dialect_ = sniff_dialect(sample, rules.known, rules.header.size(), rules.quotes);
  if (rules.delimiter) dialect_.delimiter = *rules.delimiter;
  if (!rules.header.empty()) {
    columns_ = rules.header;
    return;
  }
  Record record;
  if (!next_line(record)) throw Error(Code::input, name_, "is empty: it has no header line");
  if (!record.problem.empty())
    throw Error(Code::input, name_ + ":" + std::to_string(record.problem_line),
                "the header line cannot be read: " + record.problem);
  for (const std::string_view field : record.fields) columns_.emplace_back(trim(field));
}

bool CsvReader::skip_to(std::uint64_t offset, std::uint64_t line) {
  line_ = line;
  return window_.skip_to(offset);
}

bool CsvReader::next(Record& record) {
  if (!next_line(record)) return false;
  if (record.problem.empty()) check_width(record);
  return true;
}

bool CsvReader::next_line(Record& record) {
  for (;;) {
    if (window_.view().empty() && !window_.more()) return false;
    const std::string_view view = window_.view();
    Outcome outcome = parse(view.data(), view.data() + view.size(), window_.at_end());
    if (outcome == Outcome::more && view.size() < longest_record) {
      window_.more();
      continue;
    }
    record.problem.clear();
    record.problem_field = Record::no_field;
    record.offset = window_.offset();
    record.line = line_;
    if (outcome == Outcome::more) {
      if (quote_ == nullptr) {
        skip_long_line(record);
        return true;
      }
      outcome = Outcome::unclosed;
    }
    if (outcome != Outcome::record) {
      give_bad(record, outcome);
      return true;
    }
    if (text_end_ == view.data()) {  // an empty line
      ++line_;
      window_.consume(static_cast<std::size_t>(next_begin_ - view.data()));
      continue;
    }
    give(record);
    return true;
  }
}

// Splits one record into pieces_. `more`: it may go on behind `end`.
CsvReader::Outcome CsvReader::parse(const char* begin, const char* end, bool at_end) {
  pieces_.clear();
  has_doubled_ = has_breaks_ = false;
  const char* at = begin;
  const char line_end = dialect_.line_end;
  for (;;) {
    quote_ = nullptr;
    if (dialect_.quotes && at < end && *at == '"') {
      quote_ = at;
      bool doubled = false;
      const char* close = at + 1;
      for (;; close += 2) {
        close = find(close, end, '"');
        if (close == nullptr) return at_end ? Outcome::unclosed : Outcome::more;
        if (close + 1 == end && !at_end) return Outcome::more;
        if (close + 1 == end || close[1] != '"') break;
        doubled = true;
      }
      pieces_.push_back({at + 1, close, doubled});
      has_doubled_ = has_doubled_ || doubled;
      has_breaks_ = has_breaks_ || find(at + 1, close, line_end) != nullptr;
      text_end_ = at = close + 1;
      if (at < end && *at == '\r' && line_end == '\n') {
        if (at + 1 == end && !at_end) return Outcome::more;
        if (at + 1 == end || at[1] == '\n') ++at;
      }
      if (at < end && *at != dialect_.delimiter && *at != line_end) return Outcome::stray;
    } else {
      const char* const stop = find_either(at, end, dialect_.delimiter, line_end);
      if (stop == end && !at_end) return Outcome::more;
      text_end_ = stop;
      const bool ends_line = stop == end || *stop == line_end;
      if (ends_line && line_end == '\n' && stop > at && stop[-1] == '\r') --text_end_;
      pieces_.push_back({at, text_end_, false});
      at = stop;
    }
    if (at == end || *at == line_end) {
      next_begin_ = at == end ? end : at + 1;
      return Outcome::record;
    }
    ++at;  // the delimiter
  }
}

// Turns pieces_ into fields and moves behind the record.
void CsvReader::give(Record& record) {
  const char* const begin = window_.view().data();
  record.fields.resize(pieces_.size());
  if (has_doubled_) {
    unquoted_.resize(static_cast<std::size_t>(text_end_ - begin) + Window::padding);
    char* to = unquoted_.data();
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const char* const field = to;
      for (const char* from = pieces_[i].begin; from < pieces_[i].end; ++from) {
        *to++ = *from;
        if (pieces_[i].doubled && *from == '"') ++from;
      }
      record.fields[i] = {field, static_cast<std::size_t>(to - field)};
    }
  } else {
    for (std::size_t i = 0; i < pieces_.size(); ++i)
      record.fields[i] = {pieces_[i].begin, static_cast<std::size_t>(pieces_[i].end - pieces_[i].begin)};
  }
  finish(record, text_end_, next_begin_);
}

void CsvReader::finish(Record& record, const char* end_of_text, const char* next) {
  const char* const begin = window_.view().data();
  record.raw = {begin, static_cast<std::size_t>(end_of_text - begin)};
  record.terminated = next > begin && next[-1] == dialect_.line_end;
  line_ += has_breaks_ ? static_cast<std::uint64_t>(std::count(begin, next, dialect_.line_end))
                       : (record.terminated ? 1U : 0U);
  record.next_line = line_;
  window_.consume(static_cast<std::size_t>(next - begin));
  record.end = window_.offset();
}

// The end of the line that `from` stands in, reading on as needed (the window may move); the end of what is held where
// the line is longer than a record may be, or the file ends.
const char* CsvReader::find_line_end(const char* from) {
  std::size_t checked = static_cast<std::size_t>(from - window_.view().data());
  for (;;) {
    const std::string_view view = window_.view();
    if (const char* found = find(view.data() + checked, view.data() + view.size(), dialect_.line_end)) return found;
    checked = view.size();
    if (view.size() >= 2 * longest_record || !window_.more()) {
      const std::string_view all = window_.view();
      return all.data() + all.size();
    }
  }
}

// A quote that never closes, or is followed by text, must not swallow the lines behind it: the record ends with the
// line in which that quote stands, and reading goes on behind it.
void CsvReader::give_bad(Record& record, Outcome outcome) {
  const std::string_view view = window_.view();
  const auto before = std::count(view.data(), quote_, dialect_.line_end);
  record.problem_line = line_ + static_cast<std::uint64_t>(before);
  // A quote that closes is among the pieces already; one that does not is not.
  record.problem_field = outcome == Outcome::stray ? pieces_.size() - 1 : pieces_.size();
  record.problem =
      outcome == Outcome::unclosed
          ? "the quote that begins here is never closed (or only after " + std::to_string(longest_record >> 20) +
                " MiB)"
          : "text follows a closing quote; a quote inside a quoted field must be doubled (or set quotes = false)";
  const char* const line_end = find_line_end(quote_);
  const std::string_view held = window_.view();
  has_breaks_ = true;
  finish(record, line_end, line_end == held.data() + held.size() ? line_end : line_end + 1);
  record.fields.clear();
}

// A line too long to hold: only its beginning is kept.
void CsvReader::skip_long_line(Record& record) {
  constexpr std::size_t kept = 1024;
  const std::string_view begin = window_.view().substr(0, kept);
  unquoted_.assign(begin.begin(), begin.end());
  record.problem = "the line is longer than " + std::to_string(longest_record >> 20) + " MiB";
  record.problem_line = line_;
  record.terminated = false;
  for (;;) {
    const std::string_view view = window_.view();
    if (const char* found = find(view.data(), view.data() + view.size(), dialect_.line_end)) {
      record.terminated = true;
      window_.consume(static_cast<std::size_t>(found + 1 - view.data()));
      ++line_;
      break;
    }
    window_.consume(view.size());
    if (!window_.more()) break;
  }
  record.fields.clear();
  record.raw = {unquoted_.data(), unquoted_.size()};
  record.next_line = line_;
  record.end = window_.offset();
}

// Empty fields behind the last column are forgiven (a delimiter at the end of each line).
void CsvReader::check_width(Record& record) {
  const std::size_t width = columns_.size();
  while (record.fields.size() > width && record.fields.back().empty()) record.fields.pop_back();
  if (record.fields.size() == width) return;
  record.problem =
      "the row has " + std::to_string(record.fields.size()) + " columns, the header " + std::to_string(width);
  record.problem_line = record.line;
}

}  // namespace risetime::file
