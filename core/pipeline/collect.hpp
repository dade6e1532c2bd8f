// The collect stage: asks every source for rows and keeps them, exactly once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/pipeline/project.hpp"

namespace risetime::core {

struct SourceSummary {
  std::string id;
  std::map<std::string, std::uint64_t> new_rows;  // by table; rows that were there already do not count
  std::uint64_t rows = 0;                         // handed over, new or not
  std::uint64_t rejects = 0;
  std::vector<std::string> failed_accounts;  // "youtube:@x: why"
  std::string error;                         // of the source as a whole; empty when the round was completed
};

struct CollectSummary {
  std::vector<SourceSummary> sources;
  bool all_well() const;
};

// One round of every source (or of those named). A source that fails stops only itself, unless its on_error is "stop":
// then the Error is thrown after what was committed before. The rows of one pull, the cursor behind them and what the
// source keeps in its state are one transaction.
CollectSummary collect(Project& project, const std::vector<std::string>& only = {});

}  // namespace risetime::core
