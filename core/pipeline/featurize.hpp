// The featurize stage: fits featurizers that learn, and gives every video its vector.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/project.hpp"
#include "core/pipeline/series.hpp"

namespace risetime::core {

struct FeaturizeSummary {
  std::vector<FeatureSet> sets;                             // in the order of the configuration
  std::map<std::string, std::uint64_t> described, missing;  // rows, by featurizer id, in this run
  std::map<std::string, bool> fitted;                       // whether it had to learn in this run
};

// Learns from rows of the range that are before each featurizer's training cutoff, once per set of rows and settings,
// and describes the rows whose vectors are missing or whose inputs have changed. Vectors of sets that are no longer
// current are erased.
FeaturizeSummary featurize(Project& project, RowRange range = {});

// Everything before this time is what models and featurizers learn from: the latest multiple of `every` that is not
// after the last reading, so that a model is trained once in that time and not at every run. Where no reading is before
// it: just after the last reading.
// Rows outside the range are as if they were not there.
std::int64_t training_cutoff(Catalog& catalog, std::int64_t every, RowRange range = {});

// The sets of these featurizer ids among all.
std::vector<FeatureSet> select_sets(const std::vector<FeatureSet>& all, const std::vector<std::string>& ids);

}  // namespace risetime::core
