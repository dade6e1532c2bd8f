// Values between readings, and the errors of repeating them.
#include "core/pipeline/actual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/time.hpp"

namespace risetime::core {

namespace {

// The median time between readings.
std::int64_t own_step(const VideoSeries& series) {
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < series.times.size(); ++i) steps.push_back(series.times[i] - series.times[i - 1]);
  if (steps.empty()) return day;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

std::int64_t widest_gap(const VideoSeries& series) {
  const std::int64_t step = own_step(series);
  const bool is_daily = step > 20 * hour && step < 28 * hour;
  return is_daily ? 36 * hour : step + step / 2;
}

std::optional<double> value_at(const VideoSeries& series, std::size_t stat, std::int64_t time, std::int64_t widest) {
  const auto& values = series.values[stat];
  const auto place =
      static_cast<std::size_t>(std::lower_bound(series.times.begin(), series.times.end(), time) - series.times.begin());
  std::size_t after = place, before = place;
  while (after < values.size() && std::isnan(values[after])) ++after;
  if (after == values.size()) return std::nullopt;
  if (series.times[after] == time) return values[after];
  while (before > 0 && std::isnan(values[before - 1])) --before;
  if (before == 0) return std::nullopt;
  --before;
  const std::int64_t gap = series.times[after] - series.times[before];
  if (gap > widest) return std::nullopt;
  const double share = static_cast<double>(time - series.times[before]) / static_cast<double>(gap);
  return values[before] + share * (values[after] - values[before]);
}

}  // namespace

std::optional<double> value_at(const VideoSeries& series, std::size_t stat, std::int64_t time) {
  return value_at(series, stat, time, widest_gap(series));
}

double naive_scale(const VideoSeries& series, std::size_t stat, std::int64_t step, bool is_total) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  if (series.times.empty() || step <= 0) return nothing;
  const std::int64_t end = std::min(series.origin.value_or(series.times.back()), series.times.back());
  const std::int64_t widest = widest_gap(series);
  std::vector<double> steps;  // latest first
  double later = nothing;
  for (std::int64_t time = end; time >= series.times.front(); time -= step) {
    const double value = value_at(series, stat, time, widest).value_or(nothing);
    if (!is_total) steps.push_back(value);
    if (is_total && time != end) steps.push_back(later - value);
    later = value;
  }
  constexpr std::size_t fewest = 7;  // one odd step would rule a mean of fewer
  const std::size_t season = step == hour ? 24 : 1;
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i + season < steps.size(); ++i) {
    const double difference = std::abs(steps[i] - steps[i + season]);
    if (std::isnan(difference)) continue;
    sum += difference;
    ++count;
  }
  return count < fewest || sum == 0 ? nothing : sum / static_cast<double>(count);
}

}  // namespace risetime::core
