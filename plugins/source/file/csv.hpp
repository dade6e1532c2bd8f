// Reads delimited text (CSV by RFC 4180, TSV and their relatives) record by record out of a window.
//
// A field that begins with a quote ends at the next single quote; two stand for one, and it may hold delimiters and
// line breaks. A quote anywhere else is an ordinary letter. Lines end with LF, CRLF, or CR where a file has no LF at
// all. Empty lines are skipped.
#pragma once

#include <optional>

#include "record.hpp"
#include "stream.hpp"

namespace risetime::file {

struct Dialect {
  char delimiter = ',';
  char line_end = '\n';
  bool quotes = true;  // false: quotes are letters like others
};

// The delimiter among comma, tab, semicolon and bar that explains the sample best: first the one whose first record
// holds most of the `known` names (or has `known_count` fields, where that is not 0), then the one with which most
// records have as many fields as the first, then the one that gives more fields.
Dialect sniff_dialect(std::string_view sample, const std::vector<std::string>& known, std::size_t known_count,
                      bool quotes);

struct CsvRules {
  std::vector<std::string> header;  // names of the columns where the file has no header line
  std::vector<std::string> known;   // names that are expected, for recognizing the delimiter
  std::optional<char> delimiter;    // nothing: recognized
  bool quotes = true;
};

class CsvReader final : public RecordReader {
 public:
  // Reads the header. Throws Error(Code::input) naming the file if there is none.
  CsvReader(Window window, const CsvRules& rules, std::string name);

  bool next(Record& record) override;
  bool skip_to(std::uint64_t offset, std::uint64_t line) override;
  const std::vector<std::string>& columns() const override { return columns_; }
  std::uint64_t raw_offset() const override { return window_.raw_offset(); }
  const Dialect& dialect() const { return dialect_; }

 private:
  struct Piece {
    const char* begin;
    const char* end;
    bool doubled;  // holds doubled quotes
  };
  enum class Outcome { record, more, unclosed, stray };

  bool next_line(Record& record);
  Outcome parse(const char* begin, const char* end, bool at_end);
  void give(Record& record);
  void give_bad(Record& record, Outcome outcome);
  void skip_long_line(Record& record);
  const char* find_line_end(const char* from);
  void finish(Record& record, const char* end_of_text, const char* next);
  void check_width(Record& record);

  Window window_;
  Dialect dialect_;
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<Piece> pieces_;
  const char* text_end_ = nullptr;    // of the parsed record, its end of line left out
  const char* next_begin_ = nullptr;  // behind its end of line
  const char* quote_ = nullptr;       // where the quote in trouble stands
  bool has_doubled_ = false;
  bool has_breaks_ = false;  // quoted fields hold line breaks
  std::vector<char> unquoted_;
  std::uint64_t line_ = 1;
};

}  // namespace risetime::file
