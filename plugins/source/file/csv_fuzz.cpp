// Fuzzes the reader of delimited text: whatever the bytes, it ends, its records lie one behind the other, the pieces it
// is fed make no difference, and reading on from any record gives the rest.
#include <cstdlib>
#include <risetime/error.hpp>

#include "csv.hpp"
#include "values.hpp"

namespace {

using namespace risetime::file;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Seen {
  std::vector<std::string> records;
  std::uint64_t offset = 0, line = 1;  // of the record in the middle
  std::size_t middle = 0;
};

std::string text_of(const Record& record) {
  std::string text = std::to_string(record.offset) + "," + std::to_string(record.line) + record.problem;
  for (const std::string_view field : record.fields) text += "\x1e" + std::string(field);
  return text;
}

Seen read(const std::string& bytes, const CsvRules& rules, std::size_t piece, std::size_t chunk) {
  Seen seen;
  CsvReader reader(Window(open_memory(bytes, piece), 0, chunk), rules, "fuzz");
  Record record;
  std::uint64_t end = 0;
  while (reader.next(record)) {
    require(record.offset >= end && record.end > record.offset && record.end <= bytes.size());
    require(record.next_line >= record.line && record.problem_line <= record.next_line + 1);
    end = record.end;
    if (seen.records.size() % 3 == 1) {
      seen.middle = seen.records.size();
      seen.offset = record.offset;
      seen.line = record.line;
    }
    seen.records.push_back(text_of(record));
    for (const std::string_view field : record.fields) {
      static_cast<void>(parse_time(field, {}));
      static_cast<void>(parse_count(field));
      static_cast<void>(parse_duration(field));
      static_cast<void>(split_tags(field, ""));
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  CsvRules rules;
  rules.quotes = (data[0] & 1) == 0;
  if ((data[0] & 2) != 0) rules.header = {"a", "b"};
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  try {
    const Seen whole = read(bytes, rules, bytes.size() + 1, 1 << 16);
    const Seen pieces = read(bytes, rules, 1 + data[1] % 32, 1 + data[1] / 8);
    require(whole.records == pieces.records);
    if (whole.middle == 0) return 0;
    CsvReader reader(Window(open_memory(bytes, 100), 0, 50), rules, "fuzz");
    require(reader.skip_to(whole.offset, whole.line));
    Record record;
    for (std::size_t i = whole.middle; i < whole.records.size(); ++i)
      require(reader.next(record) && text_of(record) == whole.records[i]);
    require(!reader.next(record));
  } catch (const risetime::Error&) {
    return 0;  // no header
  }
  return 0;
}
