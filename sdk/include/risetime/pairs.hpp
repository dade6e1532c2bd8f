// What a model over many videos learns from: pairs of times in a video's life, an origin to stand at and a target to
// look at, and what is common to the training videos.
//
// pairs_at() gives every video's pair at a named age and horizon; pairs_anywhere() draws pairs over whole lives, so
// that one fitted model can answer any age and horizon. Draws depend on a video's hash and the seed alone: not on the
// order of the videos, nor on threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <risetime/serial.hpp>
#include <risetime/training_sample.hpp>
#include <string>
#include <vector>

namespace risetime {

// What is common to the training videos; saved with the model.
struct FeatureSpace {
  std::vector<std::string> stats;
  std::vector<std::string> categories;  // sorted; the commonest ones
  std::size_t static_features = 0;      // length of the featurizers' vector
  double step_days = 1;                 // usual time between readings

  Kind kind(std::size_t stat) const { return stats[stat] == "viewers" ? Kind::level : Kind::total; }
  std::int64_t step() const {  // microseconds
    return static_cast<std::int64_t>(step_days * static_cast<double>(microseconds_per_day));
  }
  void save(Writer& to) const {
    to.write(stats);
    to.write(categories);
    to.write(static_cast<std::uint64_t>(static_features));
    to.write(step_days);
  }
  void load(Reader& from) {
    stats = from.read<std::vector<std::string>>();
    categories = from.read<std::vector<std::string>>();
    static_features = static_cast<std::size_t>(from.read<std::uint64_t>());
    step_days = from.read<double>();
    if (static_features > 1'000'000 || !(step_days > 0 && step_days < 1e6))
      throw Error(Code::input, "saved state", "its features or its step are out of any range; train again");
  }
};

// Finds categories (the `most` commonest), the length of the vectors and the usual step.
inline FeatureSpace find_space(const TrainingSample& sample, std::vector<std::string> stats, std::size_t most = 32) {
  FeatureSpace space;
  space.stats = std::move(stats);
  std::map<std::string, std::size_t> counts;
  std::vector<double> steps;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const VideoView video = sample[i];
    if (!video.category.empty()) ++counts[std::string(video.category)];
    space.static_features = std::max(space.static_features, video.features.size());
    if (video.times.size() > 1)
      steps.push_back(static_cast<double>(video.times.back() - video.times.front()) /
                      static_cast<double>(microseconds_per_day) / static_cast<double>(video.times.size() - 1));
  }
  if (!steps.empty()) {
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    space.step_days = std::clamp(*middle, 1.0 / 1440, 365.0);
  }
  std::vector<std::pair<std::size_t, std::string>> commonest;
  for (const auto& [category, count] : counts) commonest.emplace_back(count, category);
  std::sort(commonest.begin(), commonest.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  for (std::size_t i = 0; i < std::min(most, commonest.size()); ++i) space.categories.push_back(commonest[i].second);
  std::sort(space.categories.begin(), space.categories.end());
  return space;
}

// Throws Error(Code::input) unless the times of a saved state (ages, horizons; microseconds) are positive and increase,
// the last no further than a century: sums with them then stay far from the ends of the numbers.
inline void check_times(const std::vector<std::int64_t>& times) {
  bool sound = true;
  for (std::size_t i = 0; i < times.size(); ++i)
    sound = sound && times[i] > (i == 0 ? 0 : times[i - 1]) && times[i] <= 36525 * microseconds_per_day;
  if (!sound)
    throw Error(Code::input, "saved state", "its ages or horizons are not increasing times; train the model again");
}

// One history per stat, seen from the origin. [stats]
inline std::vector<History> histories_of(const VideoView& video, const FeatureSpace& space, std::int64_t origin) {
  std::vector<History> histories;
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat)
    histories.emplace_back(video.times, video.values[stat], video.published_at, origin, space.kind(stat));
  return histories;
}

struct Pair {
  std::size_t video = 0;             // index in the sample
  std::int64_t origin = 0;           // UTC microseconds
  std::int64_t horizon = 0;          // microseconds
  std::vector<double> last, actual;  // [stats] at the origin and at origin + horizon; NaN where not known
};

// How far apart two readings may be for a value between them to be read off the line, microseconds.
inline std::int64_t widest_gap(const FeatureSpace& space, std::int64_t horizon) {
  const std::int64_t usual = space.step() * 3 / 2;
  return std::max(usual, std::min(microseconds_per_hour * 36, horizon / 4));
}

// The pair at an origin and horizon; nothing where no stat is known at both ends.
inline std::optional<Pair> pair_at(const VideoView& video, std::size_t index, const FeatureSpace& space,
                                   std::int64_t origin, std::int64_t horizon) {
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

// The pair of every video that has readings at this age and horizon, in the order of the sample; `most` at most.
inline std::vector<Pair> pairs_at(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                                  std::int64_t horizon, std::size_t most) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < sample.size() && pairs.size() < most; ++i) {
    const VideoView video = sample[i];
    if (auto pair = pair_at(video, i, space, video.published_at + age, horizon)) pairs.push_back(std::move(*pair));
  }
  return pairs;
}

// Ages beside a named one, by whole steps and no further than a quarter of it: the nearest younger one, an older one,
// another younger one.
inline std::vector<std::int64_t> ages_near(const FeatureSpace& space, std::int64_t age) {
  const auto steps_of = [&](double time) { return std::llround(time / static_cast<double>(space.step())); };
  std::vector<std::int64_t> ages;
  for (const double factor : {0.9, 1.12, 0.8}) {
    const auto away = steps_of(factor * static_cast<double>(age)) - steps_of(static_cast<double>(age));
    const std::int64_t near = age + away * space.step();
    const bool is_near = away != 0 && near * 4 >= age * 3 && near * 4 <= age * 5;
    if (is_near && std::find(ages.begin(), ages.end(), near) == ages.end()) ages.push_back(near);
  }
  return ages;
}

struct PairChoice {
  std::vector<std::int64_t> ages, horizons;  // where users stand and look: half of the pairs are drawn there
  std::size_t per_video = 64;
  std::size_t most = 60000;  // in all: with many videos each has fewer
  std::uint64_t seed = 0;
};

namespace pairs_detail {

constexpr std::size_t tries_per_pair = 3;

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

inline std::optional<Pair> drawn(const VideoView& video, std::size_t index, const FeatureSpace& space,
                                 const PairChoice& choice, Draws& draws) {
  const auto step = static_cast<double>(space.step());
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

}  // namespace pairs_detail

// Pairs anywhere in the videos' lives, spread evenly over the logarithms of age and horizon.
inline std::vector<Pair> pairs_anywhere(const TrainingSample& sample, const FeatureSpace& space,
                                        const PairChoice& choice) {
  std::vector<Pair> pairs;
  if (sample.size() == 0) return pairs;
  const std::size_t each = std::clamp<std::size_t>(choice.most / sample.size(), 1, choice.per_video);
  for (std::size_t i = 0; i < sample.size() && pairs.size() < choice.most; ++i) {
    const VideoView video = sample[i];
    pairs_detail::Draws draws(mix_64(video.hash ^ choice.seed));
    for (std::size_t wanted = 0; wanted < each; ++wanted) {
      for (std::size_t tries = 0; tries < pairs_detail::tries_per_pair; ++tries) {
        auto pair = pairs_detail::drawn(video, i, space, choice, draws);
        if (!pair) continue;
        pairs.push_back(std::move(*pair));
        break;
      }
    }
  }
  return pairs;
}

// Which of `folds` folds a video is in.
inline std::size_t fold_of(const VideoView& video, std::size_t folds) {
  return static_cast<std::size_t>(mix_64(video.hash) % folds);
}

}  // namespace risetime
