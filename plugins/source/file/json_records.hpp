// Reads JSON objects as records: JSON Lines (an object a line) or one array of objects, out of a window.
//
// A column is a member of the object; "a.b" is member b of the object in member a. Texts are unescaped, numbers and
// booleans are given as they are written, null and absent members are empty, arrays of texts and numbers are given with
// list_mark between the items.
#pragma once

#include <memory>

#include "record.hpp"
#include "stream.hpp"

namespace risetime::file {

class JsonReader final : public RecordReader {
 public:
  // `wanted` are the columns that records will carry, in this order; behind them in columns() stand the others that the
  // first records have, for messages only.
  JsonReader(Window window, const std::vector<std::string>& wanted, std::string name);
  ~JsonReader() override;

  bool next(Record& record) override;
  bool skip_to(std::uint64_t offset, std::uint64_t line) override;
  const std::vector<std::string>& columns() const override { return columns_; }
  std::uint64_t raw_offset() const override { return window_.raw_offset(); }
  // Members that the first records have.
  const std::vector<std::string>& seen() const { return seen_; }

 private:
  struct Parser;  // simdjson's, kept out of this header

  bool has_seen(const std::string& column) const;
  bool next_text(Record& record);
  bool next_line_text(Record& record);
  bool next_item_text(Record& record);
  void skip_long(Record& record);
  void take(Record& record, std::size_t size, std::size_t size_with_end);
  void look_at_first_records();

  Window window_;
  std::string name_;
  std::vector<std::string> columns_;
  std::size_t wanted_ = 0;
  std::vector<std::string> seen_;
  bool is_array_ = false;
  std::uint64_t line_ = 1;
  std::unique_ptr<Parser> parser_;
  std::string kept_;
};

// Whether a text that begins so is JSON rather than delimited.
bool looks_like_json(std::string_view sample);

}  // namespace risetime::file
