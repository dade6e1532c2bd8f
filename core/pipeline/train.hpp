// The train stage: one fitted model per model of the configuration that some channel uses.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/choose.hpp"
#include "core/pipeline/featurize.hpp"

namespace risetime::core {

struct TrainedModel {
  std::string id;            // in the configuration
  std::string hash;          // of the artifact
  bool is_new = false;       // fitted in this run, not found
  double seconds = 0;        // that fitting took
  std::uint64_t videos = 0;  // it learnt from; 0 where it was found
  std::string error;         // why there is none; empty where there is one
  std::vector<FeatureSet> features;
};

struct TrainSummary {
  ModelChoice choice;
  std::vector<TrainedModel> models;
};

// Ids of the models that channels use: the default one, those that channels name or were chosen for them, and their
// shadows.
std::vector<std::string> models_in_use(const Settings& settings, const ModelChoice& choice);

// Chooses models for channels that say "auto", and fits what is in use. A model whose rows, settings, features and
// plugin have not changed is found by its hash and not fitted again. One that fails stops only itself. Rows outside the
// range are as if they were not there. Of each model the last few artifacts are kept: see retention.hpp.
TrainSummary train(Project& project, const std::vector<FeatureSet>& sets, RowRange range = {});

// Column widths joined.
std::size_t total_width(const std::vector<FeatureSet>& sets);

}  // namespace risetime::core
