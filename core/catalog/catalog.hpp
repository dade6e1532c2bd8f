// The catalog of a project: its tables in the row store, its artifacts by the hash of what they were made from, and
// how far each account and stage has come.
#pragma once

#include <cstdint>
#include <optional>
#include <risetime/client.hpp>
#include <string>
#include <vector>

namespace risetime::core {

// Names of the tables that `risetime export` knows, with their definitions.
std::vector<Table> catalog_tables();

// How one account of one stage stands.
struct Progress {
  std::string stage, account;  // "collect/yt", "youtube:@x"; account empty: the stage as a whole
  std::string state;           // done | failed
  std::string message;         // why it failed, or a summary
  std::int64_t attempts = 0;   // since it was last done
  std::int64_t updated_at = 0;
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

  // The latest observed_at, or nothing where there is no observation.
  std::optional<std::int64_t> last_observed_at();
  std::optional<std::int64_t> first_observed_at();

  // SHA-256 over the rows of a table whose time column is in the range, in key order: the same rows give the same text
  // whichever store holds them. Tables: channel, video (by published_at), observation, thumbnail (by fetched_at).
  std::string fingerprint(const std::string& table, RowRange range);

  // Call these two inside a transaction.
  void set_progress(const Progress& progress);
  void add_reject(const Reject& reject);

  std::vector<Progress> progress();
  // Of one source; empty: of all.
  std::uint64_t count_rejects(const std::string& source);

 private:
  client::Store store_;
  client::Artifacts artifacts_;
};

// Visits every batch of a scan.
template <class Visit>
void for_each_batch(client::Store& store, const Scan& scan, const Visit& visit) {
  const auto reader = store.scan(scan);
  while (auto batch = reader->next()) visit(*batch);
}

}  // namespace risetime::core
