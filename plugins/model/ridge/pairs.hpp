// Pairs of times as rows of features.
#pragma once

#include "features.hpp"
#include "system.hpp"

namespace risetime::ridge {

// Fills rows.features by describe(video, histories, horizon, row) for each pair, and rows.folds; targets are left to
// the caller. Throws what describe throws.
using Describe = std::function<void(const VideoView&, const std::vector<History>&, std::int64_t horizon, Row&)>;
Rows rows_of(const std::vector<Pair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
             const Describe& describe, const Parallel& parallel);

}  // namespace risetime::ridge
