// Pairs of times to learn from: stand at an origin in a video's life, look at a target time, both inside its readings.
#pragma once

#include "features.hpp"
#include "system.hpp"

namespace risetime::ridge {

struct Pair {
  std::size_t video = 0;             // index in the sample
  std::int64_t origin = 0;           // UTC microseconds
  std::int64_t horizon = 0;          // microseconds
  std::vector<double> last, actual;  // [stats] at the origin and at origin + horizon; NaN where not known
};

// How far apart two readings may be for a value between them to be read off the line, microseconds.
std::int64_t widest_gap(const FeatureSpace& space, std::int64_t horizon);

// The pair of every video that has readings at this age and horizon, in the order of the sample; `most` at most.
std::vector<Pair> pairs_at(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                           std::int64_t horizon, std::size_t most);

struct PairChoice {
  std::vector<std::int64_t> ages, horizons;  // where users stand and look: half of the pairs are drawn there
  std::size_t per_video = 64;
  std::size_t most = 60000;  // in all: with many videos each has fewer
  std::uint64_t seed = 0;
};

// Pairs anywhere in the videos' lives, spread evenly over the logarithms of age and horizon; each video's draws depend
// on its hash and the seed alone.
std::vector<Pair> pairs_anywhere(const TrainingSample& sample, const FeatureSpace& space, const PairChoice& choice);

// Which of `folds` folds a video is in.
std::size_t fold_of(const VideoView& video, std::size_t folds);

// Fills rows.features by describe(video, histories, horizon, row) for each pair, and rows.folds; targets are left to
// the caller. Throws what describe throws.
using Describe = std::function<void(const VideoView&, const std::vector<History>&, std::int64_t horizon, Row&)>;
Rows rows_of(const std::vector<Pair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
             const Describe& describe, const Parallel& parallel);

}  // namespace risetime::ridge
