// Cleans and resamples a video's readings.
#include "history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace risetime::lstm {
namespace {

struct Point {
  std::int64_t time;
  double value;
};

// The readings that have the stat, without dips that recover, and never above a later one if the stat is a total.
std::vector<Point> clean(const Readings& readings, std::size_t used, std::size_t stat, Motion motion) {
  std::vector<Point> points;
  points.reserve(used + 1);
  for (std::size_t i = 0; i < used; ++i) {
    const double value = readings.values[stat][i];
    if (!std::isfinite(value)) continue;
    const std::size_t n = points.size();
    const bool dip =
        motion == Motion::total && n >= 2 && points[n - 1].value < points[n - 2].value && value >= points[n - 2].value;
    if (dip) points.pop_back();
    points.push_back({readings.times[i], std::max(0.0, value)});
  }
  if (motion == Motion::total)
    for (std::size_t i = points.size(); i-- > 1;) points[i - 1].value = std::min(points[i - 1].value, points[i].value);
  return points;
}

// The value at `time` on the line through the points, `at` being moved to the first point not before it. Beyond the
// last point its value holds.
double on_line(const std::vector<Point>& points, std::int64_t time, std::size_t& at) {
  while (at < points.size() && points[at].time < time) ++at;
  if (at == points.size()) return points.back().value;
  if (at == 0 || points[at].time == time) return points[at].value;
  const Point &before = points[at - 1], &after = points[at];
  const double share = static_cast<double>(time - before.time) / static_cast<double>(after.time - before.time);
  return before.value + share * (after.value - before.value);
}

}  // namespace

Steps resample(const Readings& readings, std::size_t used, const std::vector<Motion>& motions, std::int64_t step,
               int max_steps) {
  const std::size_t stats = motions.size();
  Steps steps;
  steps.anchor = readings.times[used - 1];
  const bool from_publication = readings.published_at < readings.times[0];
  const std::int64_t begin = from_publication ? readings.published_at : readings.times[0];
  const std::int64_t span = std::max<std::int64_t>(steps.anchor - begin, 1);
  steps.count = static_cast<int>(std::min<std::int64_t>((span + step - 1) / step, max_steps));
  const auto count = static_cast<std::size_t>(steps.count);
  steps.moves.assign(count * stats, 0.0f);
  steps.levels.assign(count * stats, 0.0f);
  steps.last.assign(stats, std::numeric_limits<double>::quiet_NaN());
  const auto end_of = [&](std::size_t k) { return steps.anchor - static_cast<std::int64_t>(count - 1 - k) * step; };

  for (std::size_t stat = 0; stat < stats; ++stat) {
    std::vector<Point> points = clean(readings, used, stat, motions[stat]);
    if (points.empty()) continue;
    steps.last[stat] = points.back().value;
    if (from_publication && motions[stat] == Motion::total) points.insert(points.begin(), {readings.published_at, 0.0});
    std::size_t at = 0;
    double before = on_line(points, end_of(0) - step, at);
    for (std::size_t k = 0; k < count; ++k) {
      const double value = on_line(points, end_of(k), at);
      const double moved = motions[stat] == Motion::total ? std::max(0.0, value - before) : value;
      steps.moves[k * stats + stat] = static_cast<float>(std::log1p(moved));
      steps.levels[k * stats + stat] = static_cast<float>(std::log1p(value));
      before = value;
    }
  }

  std::size_t at = 0;
  for (std::size_t k = 0; k < count; ++k) {
    steps.age_steps.push_back(
        static_cast<float>(static_cast<double>(end_of(k) - readings.published_at) / static_cast<double>(step)));
    while (at < used && readings.times[at] <= end_of(k) - step) ++at;
    steps.filled.push_back(at < used && readings.times[at] <= end_of(k) ? 0.0f : 1.0f);
  }
  return steps;
}

std::vector<double> values_after(const Readings& readings, std::int64_t anchor, std::int64_t step, int count,
                                 std::int64_t widest_gap) {
  const std::size_t stats = readings.values.size();
  std::vector<double> values(static_cast<std::size_t>(count) * stats, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t stat = 0; stat < stats; ++stat) {
    std::int64_t time_before = 0;
    double value_before = std::numeric_limits<double>::quiet_NaN();
    int k = 1;
    for (std::size_t i = 0; i < readings.count && k <= count; ++i) {
      const double value = readings.values[stat][i];
      if (!std::isfinite(value)) continue;
      const std::int64_t time = readings.times[i];
      for (; k <= count && anchor + k * step <= time; ++k) {
        const std::int64_t target = anchor + k * step;
        if (target == time)
          values[static_cast<std::size_t>(k - 1) * stats + stat] = value;
        else if (std::isfinite(value_before) && time - time_before <= widest_gap)
          values[static_cast<std::size_t>(k - 1) * stats + stat] =
              value_before + (value - value_before) * static_cast<double>(target - time_before) /
                                 static_cast<double>(time - time_before);
      }
      time_before = time;
      value_before = value;
    }
  }
  return values;
}

}  // namespace risetime::lstm
