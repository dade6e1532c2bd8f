// The level formulation: the stats themselves at the target time, linear in the stats at the source time, the times
// since upload at both, followers and what does not change. It is what a first ridge regression on counts looks like;
// its errors are those of the largest videos, so that it is poor on all others: see README.md for how poor.
#pragma once

#include "growth.hpp"

namespace risetime::ridge {

struct Level {
  double value = 0;            // counts
  Conformal::Answer interval;  // for log(count + 1)
};

class LevelModel {
 public:
  // Throws Error(Code::input) where no video has two readings of a stat.
  void fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons, Span<const std::int64_t> ages,
           const GrowthSettings& settings, const Parallel& parallel);
  // [stats][horizons]
  std::vector<std::vector<std::optional<Level>>> forecast(const VideoView& video, const std::vector<History>& now,
                                                          const FeatureSpace& space, Horizons horizons) const;
  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that are not a model of as many stats.
  void load(Reader& from, std::size_t stats);

 private:
  System system_;
  Conformal intervals_;
};

}  // namespace risetime::ridge
