// Growth by trees and lines: a mixture for each age where users stand, with the horizon as a column, and one for all
// ages and horizons.
#pragma once

#include <risetime/growth.hpp>

#include "channels.hpp"
#include "mixture.hpp"
#include "rhythm.hpp"

namespace risetime::boosted {

struct GrowthSettings {
  MixtureSettings mixture;
  std::size_t age_rows = 40000;     // for one age, over all its horizons
  std::size_t pooled_rows = 20000;  // for all ages together
};

class GrowthModel {
 public:
  // Called before each part with what comes next and how much is done; may throw to stop.
  using Progress = std::function<void(const std::string& what, double done, double total)>;

  // Throws Error(Code::input) where no video has two readings of a stat.
  void fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons, Span<const std::int64_t> ages,
           const GrowthSettings& settings, const Parallel& parallel, const std::function<void()>& stop,
           const Progress& progress);

  // Growth of each stat at each horizon (microseconds after the origin, increasing).
  GrowthPaths forecast(const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
                       Horizons horizons) const;

  // Saved since version 2 of the plugin's state, and only then: models without a rhythm are saved as before.
  bool has_rhythm() const { return !rhythm_.empty(); }
  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that are not a model of as many stats.
  void load(Reader& from, std::size_t stats, bool with_rhythm);

 private:
  // The mixtures of one age, or of all.
  struct Part {
    std::int64_t age = 0;             // 0: all
    std::vector<std::int64_t> knots;  // horizons at which it is asked, increasing; between them the line
    std::vector<Mixture> mixtures;    // [stats]
    Conformal intervals;
  };
  // What a part says on top of the carried rate. [stats][knots], empty for a stat that it has not learned
  struct Said {
    std::vector<std::vector<double>> value, log_error;
  };

  Part fit_part(std::int64_t age, const std::vector<Pair>& pairs, const TrainingSample& sample,
                const FeatureSpace& space, const std::vector<std::int64_t>& knots, const GrowthSettings& settings,
                const Parallel& parallel, const std::function<void()>& stop) const;
  Said ask(const Part& part, const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
           const std::vector<std::int64_t>& knots) const;
  // The part whose age is nearest, and how much it has to say (0 to 1).
  std::pair<const Part*, double> part_for(std::int64_t age) const;

  Channels channels_;
  std::vector<Part> ages_;
  Part pooled_;
  RhythmModel rhythm_;
};

}  // namespace risetime::boosted
