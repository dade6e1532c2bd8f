// A record as a reader gives it, and what every reader of records can do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::file {

struct Record {
  static constexpr std::size_t no_field = static_cast<std::size_t>(-1);

  std::vector<std::string_view> fields;   // by column; valid until the next record is read
  std::string_view raw;                   // as it stands in the file, without its end of line
  std::uint64_t offset = 0, end = 0;      // in the uncompressed bytes, its end of line included
  std::uint64_t line = 0, next_line = 0;  // lines count from 1
  bool terminated = true;                 // false: the file ends without an end of line here
  std::string problem;                    // not empty: it cannot be used, and why; its fields say nothing
  std::uint64_t problem_line = 0;         // where the problem begins; at least `line`
  std::size_t problem_field = no_field;   // in which column
};

// Longest record that is read, quoted line breaks included; a longer one is a bad row.
inline constexpr std::size_t longest_record = std::size_t{4} << 20;

class RecordReader {
 public:
  RecordReader() = default;
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  virtual ~RecordReader() = default;

  // False at the end. Throws what the stream throws; the records before were given.
  virtual bool next(Record& record) = 0;
  // Goes forward to a place where a record begins; false where the file ends before it.
  virtual bool skip_to(std::uint64_t offset, std::uint64_t line) = 0;
  virtual const std::vector<std::string>& columns() const = 0;
  virtual std::uint64_t raw_offset() const = 0;  // bytes of the file read so far: for progress
};

}  // namespace risetime::file
