// How lives.hpp spans its grid and gathers lives.
#include "lives.hpp"

#include <cmath>

namespace risetime::baselines {

namespace {

constexpr std::int64_t kLeast = microseconds_per_hour / 2;

void sort_out(std::vector<std::int64_t>& times) {
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
}

// Octaves between two times that are not within a tenth of a named one.
void add_octaves(std::int64_t low, std::int64_t high, std::vector<std::int64_t>& times) {
  const std::vector<std::int64_t> named = times;
  for (std::int64_t time = std::max(low, kLeast); time <= high; time *= 2) {
    const bool is_named = std::any_of(named.begin(), named.end(), [&](std::int64_t other) {
      return std::abs(std::log(static_cast<double>(time) / static_cast<double>(other))) < 0.1;
    });
    if (!is_named) times.push_back(time);
    if (time > high / 2) break;
  }
  if (times.empty()) times.push_back(std::max(low, kLeast));
  sort_out(times);
}

std::int64_t median(std::vector<std::int64_t>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Grid make_grid(const TrainingSample& sample, Horizons horizons, Span<const std::int64_t> ages) {
  Grid grid;
  for (const std::int64_t age : ages)
    if (age > 0) grid.ages.push_back(age);
  for (const std::int64_t horizon : horizons)
    if (horizon > 0) grid.horizons.push_back(horizon);
  std::int64_t oldest = kLeast;
  std::vector<std::int64_t> steps = {};
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const VideoView video = sample[i];
    oldest = std::max(oldest, video.times.back() - video.published_at);
    if (video.times.size() > 1)
      steps.push_back((video.times.back() - video.times.front()) / static_cast<std::int64_t>(video.times.size() - 1));
  }
  const std::int64_t step = steps.empty() ? microseconds_per_day : std::max(kLeast, median(steps));
  add_octaves(step, oldest, grid.ages);
  add_octaves(step, oldest, grid.horizons);
  return grid;
}

std::vector<Life> lives_at(const TrainingSample& sample, std::size_t stat, Kind kind, std::int64_t age,
                           const Grid& grid) {
  std::vector<Life> lives;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const VideoView video = sample[i];
    const std::int64_t origin = video.published_at + age;
    if (video.times.front() > origin || video.times.back() <= origin) continue;
    Life life{static_cast<std::size_t>(mix_64(video.hash) % kFolds),
              History(video.times, video.values[stat], video.published_at, origin, kind),
              {}};
    if (life.history.empty()) continue;
    const std::int64_t usual = (video.times.back() - video.times.front()) /
                               static_cast<std::int64_t>(std::max<std::size_t>(1, video.times.size() - 1));
    for (const std::int64_t horizon : grid.horizons) {
      const std::int64_t gap = std::max(usual * 3 / 2, std::min(36 * microseconds_per_hour, horizon / 4));
      life.actual.push_back(observed_at(video.times, video.values[stat], origin + horizon, gap)
                                .value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    lives.push_back(std::move(life));
  }
  return lives;
}

Kind kind_of(const std::string& stat) { return stat == "viewers" ? Kind::level : Kind::total; }

std::size_t nearest(const std::vector<std::int64_t>& sorted, std::int64_t wanted) {
  const auto distance = [&](std::int64_t time) {
    return std::abs(std::log(static_cast<double>(std::max<std::int64_t>(time, 1)) /
                             static_cast<double>(std::max<std::int64_t>(wanted, 1))));
  };
  const auto found = std::min_element(sorted.begin(), sorted.end(),
                                      [&](std::int64_t a, std::int64_t b) { return distance(a) < distance(b); });
  return static_cast<std::size_t>(found - sorted.begin());
}

}  // namespace risetime::baselines
