// Growth by trees and lines: a mixture for each age where users stand, with the horizon as a column, and one for all
// ages and horizons.
#pragma once

#include <risetime/growth.hpp>

#include "channels.hpp"
#include "mixture.hpp"
#include "rhythm.hpp"

namespace risetime::boosted {

struct GrowthSettings {
  GrowSettings trees;
  std::uint64_t seed = 0;
  std::size_t age_rows = 60000;     // for one age, over all its horizons
  std::size_t pooled_rows = 20000;  // for all ages together
};

// Ages a little below and above one, within a quarter of it, from which its mixture learns as well; all in
// microseconds. They are whole steps (times between readings) away, so that readings lie alike; where the age has too
// few steps for that, parts of one: the video then has the same readings, but is asked sooner or later after the last
// of them.
std::vector<std::int64_t> neighbours_of(std::int64_t age, std::int64_t step);

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

  // The medians of forecast() taken apart by inputs, beside those of an average video of the model's training.
  // [stats][horizons]
  std::vector<AttributionPath> explain(const VideoView& video, const std::vector<History>& now,
                                       const FeatureSpace& space, Horizons horizons) const;

  // What is saved: with the set of columns, or as before there were sets; with a rhythm, or as before there were any.
  struct Layout {
    bool with_set = true, with_rhythm = true;
  };
  // In the newest layout.
  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that are not a model of as many stats.
  void load(Reader& from, std::size_t stats, Layout layout);

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

  // A part and what it is to learn from.
  struct Draft {
    Part part;
    std::vector<Pair> pairs;
    std::vector<std::vector<std::size_t>> pair_of;  // [stats][rows] index of the pair
    std::vector<Lesson> lessons;                    // [stats]
    std::size_t rows() const;
  };
  Draft draft(std::int64_t age, std::vector<Pair> pairs, const TrainingSample& sample, const FeatureSpace& space,
              std::vector<std::int64_t> knots, const GrowthSettings& settings, const Parallel& parallel) const;
  // Fits the drafts' parts, all at once, and takes them.
  void fit_parts(std::vector<Draft>& drafts, const Parallel& parallel, const std::function<void()>& stop);
  Said ask(const Part& part, const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
           const std::vector<std::int64_t>& knots) const;
  // What it says of one stat, taken apart. [knots]
  std::vector<Attribution> ask_parts(const Part& part, const VideoView& video, const std::vector<History>& now,
                                     const FeatureSpace& space, std::size_t stat,
                                     const std::vector<std::int64_t>& knots) const;
  // The part whose age is nearest, and how much it has to say (0 to 1).
  std::pair<const Part*, double> part_for(std::int64_t age) const;

  ColumnSet set_ = ColumnSet::newest;
  Channels channels_;
  std::vector<Part> ages_;
  Part pooled_;
  RhythmModel rhythm_;
};

}  // namespace risetime::boosted
