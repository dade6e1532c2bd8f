// Fitting and answering of level.hpp.
#include "level.hpp"

#include <cmath>

namespace risetime::ridge {

namespace {

// A total is never below its last reading; nothing is below zero.
double possible(double value, Kind kind, double last) { return std::max(value, kind == Kind::total ? last : 0.0); }

// Errors of counts are in proportion to the count: its logarithm sorts the intervals.
double key_of(double value) { return std::log1p(std::max(0.0, value)); }

std::int64_t octave_of(std::int64_t horizon) {
  return static_cast<std::int64_t>(3.6e9 * std::exp2(std::round(std::log2(static_cast<double>(horizon) / 3.6e9))));
}

}  // namespace

void LevelModel::fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                     Span<const std::int64_t> ages, const GrowthSettings& settings, const Parallel& parallel) {
  PairChoice choice;
  choice.ages.assign(ages.begin(), ages.end());
  choice.horizons.assign(horizons.begin(), horizons.end());
  choice.per_video = settings.pairs_per_video;
  choice.most = std::max<std::size_t>(256, settings.design_bytes / ((64 + space.static_features) * sizeof(double)));
  choice.seed = settings.seed;
  const std::vector<Pair> pairs = pairs_anywhere(sample, space, choice);
  if (pairs.empty())
    throw Error(Code::input, "training",
                "no video has two readings of a stat, so nothing can be learned; collect for longer and train again");
  const Describe describe = [&](const VideoView& video, const std::vector<History>& histories, std::int64_t horizon,
                                Row& row) { describe_levels(video, histories, space, horizon, row); };
  const Target counts = [](const Pair& pair, std::size_t stat, const History&) { return pair.actual[stat]; };
  Rows rows = rows_of(pairs, sample, space, describe, counts, parallel);
  const System::OutOfFold out = system_.fit(rows, settings.system, parallel);
  intervals_ = Conformal();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
      const double value = possible(out.value(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(stat)),
                                    space.kind(stat), pairs[i].last[stat]);
      intervals_.add(stat, octave_of(pairs[i].horizon), key_of(value),
                     std::log1p(pairs[i].actual[stat]) - std::log1p(value));
    }
  }
  intervals_.calibrate();
}

std::vector<std::vector<std::optional<Level>>> LevelModel::forecast(const VideoView& video,
                                                                    const std::vector<History>& now,
                                                                    const FeatureSpace& space,
                                                                    Horizons horizons) const {
  std::vector<std::vector<std::optional<Level>>> out(space.stats.size());
  for (auto& path : out) path.resize(horizons.size());
  Row row;
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    describe_levels(video, now, space, horizons[h], row);
    const std::vector<Prediction> predictions = system_.predict(row.values);
    for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
      if (now[stat].empty() || !predictions[stat].known) continue;
      const double value = possible(predictions[stat].value, space.kind(stat), now[stat].last());
      out[stat][h] = Level{value, intervals_.at(stat, horizons[h], key_of(value))};
    }
  }
  return out;
}

void LevelModel::save(Writer& to) const {
  system_.save(to);
  intervals_.save(to);
}

void LevelModel::load(Reader& from, std::size_t stats) {
  system_.load(from, stats);
  intervals_.load(from);
}

}  // namespace risetime::ridge
