// Pairs of times as rows of features.
#pragma once

#include "features.hpp"
#include "system.hpp"

namespace risetime::ridge {

// Rows of pairs: features by describe(video, histories, horizon, row), targets by target(pair, stat, history of the
// stat). Throws what these throw.
using Describe = std::function<void(const VideoView&, const std::vector<History>&, std::int64_t horizon, Row&)>;
using Target = std::function<double(const Pair&, std::size_t stat, const History&)>;
Rows rows_of(const std::vector<Pair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
             const Describe& describe, const Target& target, const Parallel& parallel);

}  // namespace risetime::ridge
