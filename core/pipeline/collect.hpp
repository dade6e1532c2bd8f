// The collect stage: asks every source for rows and keeps them, exactly once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/pipeline/project.hpp"

namespace risetime::core {

struct SourceSummary {
  std::string id;
  std::map<std::string, std::uint64_t> new_rows;  // by table; rows that were there already do not count
  std::uint64_t rows = 0;                         // handed over, new or not
  std::uint64_t rejects = 0;
  std::uint64_t corrections = 0;             // readings of which some total was lower than before
  std::vector<std::string> failed_accounts;  // "youtube:@x: why"
  std::string error;                         // of the source as a whole; empty when the round was completed
  bool is_misconfigured = false;             // whether that error is the configuration's
};

struct CollectSummary {
  std::vector<SourceSummary> sources;
  bool all_well() const;
  bool any_misconfigured() const;
  bool all_failed() const;  // every source as a whole
};

struct CollectOptions {
  std::vector<std::string> sources;  // ids; none: all
  bool due_only = false;             // leave sources out whose next round has not come
  // By source: read these accounts alone, whatever their state. A source that announces no accounts is read whole.
  std::map<std::string, std::set<std::string>> accounts;
};

// One round of every source (or of those that the options say). A source that fails stops only itself, unless its
// on_error is "stop": then the Error is thrown after what was committed before. The rows of one pull, the cursor behind
// them, what became of accounts and what the source keeps in its state are one transaction.
CollectSummary collect(Project& project, const CollectOptions& options = {});

// The rejects of a source as a file that people can open and mend, DATA/rejects/SOURCE.jsonl: one JSON object a line.
// No file where there are none.
std::filesystem::path write_reject_file(Project& project, const std::string& source);

// When the next round of any source is due; nothing without sources. UTC microseconds.
std::optional<std::int64_t> next_collect_at(Project& project);

}  // namespace risetime::core
