// Rows: writing batches, reading them in key order, erasing; and the named values that commit with them.
#pragma once

#include <string>

#include "feed.hpp"
#include "series.hpp"

namespace risetime::sqlite {

class Rows {
 public:
  explicit Rows(Database& database);
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // One transaction at a time; Code::state for calls out of order, and for a commit after a write that failed.
  void begin();
  void commit();
  void rollback();

  // Returns how many rows were not there before. Columns that the table has and the batch lacks become null; columns
  // that the table lacks are left out. Throws Code::input for a null in a key or a column of another type.
  std::uint64_t write(std::string_view table, const Batch& batch);
  std::uint64_t erase(const Scan& scan);
  // What was erased or replaced is in no byte of the file and its log any more. Code::state within a transaction,
  // Code::io where another process reads the file meanwhile.
  void purge();
  // A transaction's own rows are seen by scans that are opened in it.
  std::unique_ptr<ScanReader> scan(const Scan& scan);

  void put(std::string_view key, std::string_view value);  // outside of a transaction: at once
  std::optional<std::string> get(std::string_view key);

 private:
  void need_transaction(const char* call) const;
  void choose_columns(const Layout& layout, const Batch& batch);
  void number_series(const Layout& layout);
  void sort_by_key(const Layout& layout);
  std::uint64_t insert(const Layout& layout);

  Database& database_;
  Feed feed_;
  bool open_ = false;
  bool failed_ = false;             // a write of this transaction went wrong: it can only be rolled back
  std::int64_t seen_changes_ = -1;  // PRAGMA data_version: others may have erased series that we remember
  SeriesNumbers series_;
  std::vector<std::int64_t> numbers_;  // of each row's series in this batch
  std::vector<std::uint32_t> order_;
};

}  // namespace risetime::sqlite
