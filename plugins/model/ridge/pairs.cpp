// How pairs.hpp draws pairs and turns them into rows.
#include "pairs.hpp"

#include <cmath>

namespace risetime::ridge {

namespace {

constexpr std::size_t kFolds = 5;
constexpr std::size_t kRowsPerTask = 64;
constexpr std::size_t kTriesPerPair = 3;

// Numbers for one video: SplitMix64, the same on every machine.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() { return mix_64(state_++); }
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)
  std::size_t index(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  // Even in the logarithm between two positive times.
  std::int64_t time_between(double low, double high) {
    return static_cast<std::int64_t>(low * std::pow(std::max(1.0, high / low), share()));
  }

 private:
  std::uint64_t state_;
};

// The pair at an origin and horizon; nothing where no stat is known at both ends.
std::optional<Pair> pair_at(const VideoView& video, std::size_t index, const FeatureSpace& space, std::int64_t origin,
                            std::int64_t horizon) {
  if (video.times.empty() || video.times.front() > origin || video.times.back() < origin + horizon) return std::nullopt;
  Pair pair{index, origin, horizon, {}, {}};
  bool any = false;
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    const Span<const double> values = video.values[stat];
    const auto seen = static_cast<std::size_t>(std::upper_bound(video.times.begin(), video.times.end(), origin) -
                                               video.times.begin());
    std::size_t latest = seen;
    while (latest > 0 && !std::isfinite(values[latest - 1])) --latest;
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    pair.last.push_back(latest > 0 ? values[latest - 1] : unknown);
    pair.actual.push_back(
        latest > 0 ? observed_at(video.times, values, origin + horizon, widest_gap(space, horizon)).value_or(unknown)
                   : unknown);
    any = any || std::isfinite(pair.actual.back());
  }
  if (!any) return std::nullopt;
  return pair;
}

std::int64_t step_of(const FeatureSpace& space) {
  return static_cast<std::int64_t>(space.step_days * static_cast<double>(microseconds_per_day));
}

std::optional<Pair> drawn(const VideoView& video, std::size_t index, const FeatureSpace& space,
                          const PairChoice& choice, Draws& draws) {
  const auto step = static_cast<double>(step_of(space));
  const auto first = static_cast<double>(std::max<std::int64_t>(video.times.front() - video.published_at, 1));
  const auto last = static_cast<double>(std::max<std::int64_t>(video.times.back() - video.published_at, 1));
  if (last <= first) return std::nullopt;
  std::int64_t age = draws.time_between(std::max(first, step / 4), last);
  if (!choice.ages.empty() && draws.share() < 0.5) age = choice.ages[draws.index(choice.ages.size())];
  std::int64_t origin = video.published_at + age;
  if (draws.share() < 0.5) {  // half of the time stand at the reading itself
    const auto after = std::upper_bound(video.times.begin(), video.times.end(), origin);
    if (after != video.times.begin()) origin = *(after - 1);
  }
  const auto left = static_cast<double>(video.times.back() - origin);
  const double nearest = std::min(step, left);
  if (nearest < 1) return std::nullopt;
  std::int64_t horizon = draws.time_between(nearest, left);
  if (!choice.horizons.empty() && draws.share() < 0.5) horizon = choice.horizons[draws.index(choice.horizons.size())];
  return pair_at(video, index, space, origin, horizon);
}

}  // namespace

std::int64_t widest_gap(const FeatureSpace& space, std::int64_t horizon) {
  const std::int64_t usual = step_of(space) * 3 / 2;
  return std::max(usual, std::min(microseconds_per_hour * 36, horizon / 4));
}

std::vector<Pair> pairs_at(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                           std::int64_t horizon, std::size_t most) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < sample.size() && pairs.size() < most; ++i) {
    const VideoView video = sample[i];
    if (auto pair = pair_at(video, i, space, video.published_at + age, horizon)) pairs.push_back(std::move(*pair));
  }
  return pairs;
}

std::vector<Pair> pairs_anywhere(const TrainingSample& sample, const FeatureSpace& space, const PairChoice& choice) {
  std::vector<Pair> pairs;
  if (sample.size() == 0) return pairs;
  const std::size_t each = std::clamp<std::size_t>(choice.most / sample.size(), 1, choice.per_video);
  for (std::size_t i = 0; i < sample.size() && pairs.size() < choice.most; ++i) {
    const VideoView video = sample[i];
    Draws draws(mix_64(video.hash ^ choice.seed));
    for (std::size_t wanted = 0; wanted < each; ++wanted) {
      for (std::size_t tries = 0; tries < kTriesPerPair; ++tries) {
        auto pair = drawn(video, i, space, choice, draws);
        if (!pair) continue;
        pairs.push_back(std::move(*pair));
        break;
      }
    }
  }
  return pairs;
}

std::size_t fold_of(const VideoView& video, std::size_t folds) {
  return static_cast<std::size_t>(mix_64(video.hash) % folds);
}

Rows rows_of(const std::vector<Pair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
             const Describe& describe, const Parallel& parallel) {
  Rows rows;
  rows.fold_count = kFolds;
  if (pairs.empty()) return rows;
  const auto fill = [&](const Pair& pair, Row& row) {
    const VideoView video = sample[pair.video];
    describe(video, histories_of(video, space, pair.origin), pair.horizon, row);
  };
  Row first;
  fill(pairs.front(), first);
  rows.moving = first.moving;
  rows.features = Matrix(pairs.size(), first.values.size());
  rows.targets = Matrix(pairs.size(), space.stats.size());
  for (const Pair& pair : pairs) rows.folds.push_back(fold_of(sample[pair.video], kFolds));
  parallel((pairs.size() + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task) {
    Row row;
    const std::size_t begin = task * kRowsPerTask, end = std::min(pairs.size(), begin + kRowsPerTask);
    for (std::size_t i = begin; i < end; ++i) {
      fill(pairs[i], row);
      std::copy(row.values.begin(), row.values.end(), rows.features.row(i));
    }
  });
  return rows;
}

}  // namespace risetime::ridge
