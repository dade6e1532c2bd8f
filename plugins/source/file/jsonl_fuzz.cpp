// Fuzzes the reader of JSON records: whatever the bytes, it ends, its records lie one behind the other, and the pieces
// it is fed make no difference.
#include <cstdlib>
#include <risetime/error.hpp>

#include "json_records.hpp"

namespace {

using namespace risetime::file;

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> read(const std::string& bytes, std::size_t piece, std::size_t chunk) {
  std::vector<std::string> records;
  JsonReader reader(Window(open_memory(bytes, piece), 0, chunk), {"a", "b", "a.b"}, "fuzz");
  Record record;
  std::uint64_t end = 0;
  while (reader.next(record)) {
    require(record.offset >= end && record.end > record.offset && record.end <= bytes.size());
    end = record.end;
    records.push_back(std::to_string(record.offset) + "," + std::to_string(record.line) + record.problem);
    for (const std::string_view field : record.fields) records.back() += "\x1e" + std::string(field);
  }
  return records;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  require(read(bytes, bytes.size() + 1, 1 << 16) == read(bytes, 1 + data[0] % 32, 1 + data[0] / 8));
  return 0;
}
