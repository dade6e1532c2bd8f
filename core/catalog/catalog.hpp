// The catalog of a project: its tables in the row store, its artifacts by the hash of what they were made from, and
// how far each account and stage has come.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <risetime/client.hpp>
#include <string>
#include <utility>
#include <vector>

namespace risetime::core {

// Names of the tables that `risetime export` knows, with their definitions.
std::vector<Table> catalog_tables();

// How one account of one stage stands.
struct Progress {
  std::string stage, account;  // "collect/yt", "youtube:@x"; account empty: the stage as a whole
  std::string state;           // done | failed | pending (put off, or not reached yet)
  std::string message;         // why it failed, or a summary
  std::int64_t attempts = 0;   // since it was last done
  std::int64_t updated_at = 0;
  std::int64_t round = 0;  // of the source's rounds, the one in which this came to be
};

// A row that could not be used.
struct Reject {
  std::string source, where, reason, raw;
  std::int64_t seen_at = 0;
};

// The time range of rows that an artifact was made from: everything before `until`, UTC microseconds.
struct RowRange {
  std::int64_t until = INT64_MAX;
};

// UTC microseconds.
struct ObservedRange {
  std::int64_t first = 0, last = 0;
};

class Catalog {
 public:
  // Defines the tables that are missing. rows must have store/1, artifacts artifacts/1; they may be one instance.
  Catalog(const client::Instance& rows, const client::Instance& artifacts);

  client::Store& store() noexcept { return store_; }
  client::Artifacts& artifacts() noexcept { return artifacts_; }

  // Runs body in a transaction; rolls back when it throws.
  template <class Body>
  void transaction(const Body& body) {
    store_.begin();
    try {
      body();
    } catch (...) {
      try {
        store_.rollback();
      } catch (const Error&) {  // the first error is the one to report
      }
      throw;
    }
    store_.commit();
  }

  // Writes rows that a source delivered, inside a transaction. How many of them were not there before. Raw rows are
  // written here and nowhere else: what is remembered of a table (its range of times, its fingerprint) is kept right.
  std::uint64_t write_raw(const std::string& table, const Batch& rows);

  // The times of the first and the last reading; nothing where there is none. Kept beside the rows, not searched for.
  std::optional<ObservedRange> observed();

  // SHA-256 over the rows of a table whose time column is in the range, in key order: the same rows give the same text
  // whichever store holds them. Tables: channel, video (by published_at), observation, thumbnail (by fetched_at). The
  // rows are read once for each table and range.
  std::string fingerprint(const std::string& table, RowRange range);

  // Writes derived rows inside a transaction, and counts them.
  std::uint64_t write_derived(const std::string& table, const Batch& rows) { return counted(table, table, rows); }
  // How many rows a table has: kept with the rows, not searched for. For tables that are written through this class.
  std::uint64_t count(const std::string& table);

  // Call these inside a transaction. add_rejects gives how many were not known before.
  void set_progress(const Progress& progress) { set_progress(std::vector<Progress>{progress}); }
  void set_progress(const std::vector<Progress>& progress);
  std::uint64_t add_rejects(const std::vector<Reject>& rejects);

  // Of one stage; empty: of all.
  std::vector<Progress> progress(const std::string& stage = {});
  // Removes the rows for which all filters hold, inside a transaction, and counts what is left right. Tables: presence
  // and reject. How many there were.
  std::uint64_t erase(const std::string& table, const std::vector<Filter>& filters);

  // How many rejects of a source are kept.
  std::uint64_t count_rejects(const std::string& source);

 private:
  std::uint64_t counted(const std::string& counter, const std::string& table, const Batch& rows);
  std::uint64_t count(const std::string& counter, const Scan& rows);

  client::Store store_;
  client::Artifacts artifacts_;
  std::map<std::pair<std::string, std::int64_t>, std::string> fingerprints_;  // by table and end of the range
};

// Visits every batch of a scan.
template <class Visit>
void for_each_batch(client::Store& store, const Scan& scan, const Visit& visit) {
  const auto reader = store.scan(scan);
  while (auto batch = reader->next()) visit(*batch);
}

}  // namespace risetime::core
