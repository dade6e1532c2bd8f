// Resamples a video's readings.
#include "steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace risetime::lstm {

Steps resample(const Readings& readings, std::size_t used, const std::vector<Kind>& kinds, std::int64_t step,
               int max_steps) {
  const std::size_t stats = kinds.size();
  Steps steps;
  steps.anchor = readings.times[used - 1];
  const std::int64_t begin = std::min(readings.published_at, readings.times[0]);
  const std::int64_t span = std::max<std::int64_t>(steps.anchor - begin, 1);
  steps.count = static_cast<int>(std::min<std::int64_t>((span + step - 1) / step, max_steps));
  const auto count = static_cast<std::size_t>(steps.count);
  steps.moves.assign(count * stats, 0.0f);
  steps.levels.assign(count * stats, 0.0f);
  steps.last.assign(stats, std::numeric_limits<double>::quiet_NaN());
  const auto end_of = [&](std::size_t k) { return steps.anchor - static_cast<std::int64_t>(count - 1 - k) * step; };

  for (std::size_t stat = 0; stat < stats; ++stat) {
    const History history({readings.times, used}, {readings.values[stat], used}, readings.published_at, steps.anchor,
                          kinds[stat]);
    if (history.empty()) continue;
    steps.last[stat] = history.last();
    for (std::size_t k = 0; k < count; ++k) {
      const double value = history.at(end_of(k));
      const double moved = kinds[stat] == Kind::total ? history.gained(end_of(k) - step, end_of(k)) : value;
      steps.moves[k * stats + stat] = static_cast<float>(std::log1p(moved));
      steps.levels[k * stats + stat] = static_cast<float>(std::log1p(value));
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
  std::vector<double> values;
  for (int k = 1; k <= count; ++k)
    for (std::size_t stat = 0; stat < stats; ++stat)
      values.push_back(observed_at({readings.times, readings.count}, {readings.values[stat], readings.count},
                                   anchor + k * step, widest_gap)
                           .value_or(std::numeric_limits<double>::quiet_NaN()));
  return values;
}

}  // namespace risetime::lstm
