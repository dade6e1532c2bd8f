// The growth formulation: the logarithm of what a stat gains between two times, by a model for each age and horizon
// where users stand and look, and one for all other ages and horizons.
#pragma once

#include <risetime/growth.hpp>

#include "pairs.hpp"
#include "rhythm.hpp"

namespace risetime::ridge {

struct GrowthSettings {
  Settings system;
  std::size_t pairs_per_video = 64;
  std::size_t design_bytes = 0;  // of the largest matrix of features
  std::uint64_t seed = 0;
};

class GrowthModel {
 public:
  // Called between systems with what comes next and how much is done; may throw to stop.
  using Progress = std::function<void(const std::string& what, double done, double total)>;

  // Throws Error(Code::input) where no video has two readings of a stat.
  void fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons, Span<const std::int64_t> ages,
           const GrowthSettings& settings, const Parallel& parallel, const Progress& progress);

  // Growth of each stat at each horizon (microseconds after the origin, increasing); nothing for a stat that is not
  // known for this video or was not in training. [stats][horizons]
  GrowthPaths forecast(const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
                       Horizons horizons) const;

  // The medians of forecast() taken apart by inputs, beside those of an average video of the model's training.
  // [stats][horizons]
  std::vector<AttributionPath> explain(const VideoView& video, const std::vector<History>& now,
                                       const FeatureSpace& space, Horizons horizons) const;

  void save(Writer& to) const;
  // The layout of this version of the plugin's state. Throws Error(Code::input) on bytes that are not a model of as
  // many stats.
  void load(Reader& from, std::size_t stats, std::uint64_t version);

 private:
  // Models for one age.
  struct Expert {
    std::int64_t age = 0;
    Lookback back;
    std::vector<std::int64_t> horizons;  // increasing
    std::vector<System> systems;         // [horizons]
    Conformal intervals;
  };
  // One model for all.
  struct Pooled {
    System system;
    Conformal intervals;
    std::int64_t least_horizon = 0, most_horizon = 0;
  };
  // What one model says of one stat at all horizons.
  struct Path {
    std::vector<double> value, log_error;  // [horizons]
  };

  void fit_expert(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                  const std::vector<std::int64_t>& horizons, const GrowthSettings& settings, const Parallel& parallel,
                  const std::function<void(std::int64_t)>& progress);
  void fit_pooled(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                  Span<const std::int64_t> ages, const GrowthSettings& settings, const Parallel& parallel);
  // The pooled model at horizons of any length: beyond those it learned from, gains go on as they ended. [stats]
  std::vector<Path> pooled_paths(const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
                                 const std::vector<std::int64_t>& horizons) const;
  // The same, one stat's, taken apart. [horizons]
  std::vector<Attribution> pooled_parts(const VideoView& video, const std::vector<History>& now,
                                        const FeatureSpace& space, const std::vector<std::int64_t>& horizons,
                                        std::size_t stat) const;
  // The expert whose age is nearest, and how much it has to say (0 to 1).
  std::pair<const Expert*, double> expert_for(std::int64_t age) const;
  void add_expert(const Expert& expert, double weight, const VideoView& video, const std::vector<History>& now,
                  const FeatureSpace& space, Horizons horizons, const std::vector<Path>& pooled,
                  GrowthPaths& out) const;

  void add_expert_parts(const Expert& expert, double weight, const VideoView& video, const std::vector<History>& now,
                        const FeatureSpace& space, Horizons horizons, std::size_t stat, AttributionPath& out) const;

  std::vector<Expert> experts_;
  Pooled pooled_;
  RhythmModel rhythm_;
};

}  // namespace risetime::ridge
