// What a store is told: tables, filters, scans and artifacts, as C++ values.
#pragma once

#include <functional>
#include <risetime/tables.hpp>

namespace risetime {

enum class Compare { equal = RISETIME_EQUAL, at_least = RISETIME_AT_LEAST, below = RISETIME_BELOW };

// column (compare) text or number; a number is an int64 or a timestamp in microseconds.
struct Filter {
  std::string column;
  Compare compare = Compare::equal;
  std::optional<std::string> text;
  std::int64_t number = 0;

  static Filter equals(std::string column, std::string text) {
    return {std::move(column), Compare::equal, std::move(text), 0};
  }
  static Filter equals(std::string column, std::int64_t number) {
    return {std::move(column), Compare::equal, std::nullopt, number};
  }
  static Filter at_least(std::string column, std::int64_t number) {
    return {std::move(column), Compare::at_least, std::nullopt, number};
  }
  static Filter below(std::string column, std::int64_t number) {
    return {std::move(column), Compare::below, std::nullopt, number};
  }
};

struct Scan {
  std::string table;
  std::vector<std::string> columns = {};  // none: all
  std::vector<Filter> filters = {};       // all must hold
  std::size_t batch_rows = 65536;
};

struct ArtifactInfo {
  std::string name, kind, metadata;
  std::uint64_t bytes = 0;
};

struct Artifact {
  std::string metadata, bytes;
};

// Rows of a scan, batch after batch, in key order.
class ScanReader {
 public:
  virtual ~ScanReader() = default;
  virtual std::optional<Batch> next() = 0;
};

}  // namespace risetime
