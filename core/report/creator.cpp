// Order statistics, windows and crossings.
#include "core/report/creator.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/html.hpp"

namespace risetime::core {

namespace {

// The share p of sorted values, between the two nearest.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// The largest k for which the k-th smallest and the k-th largest of n values hold the true median with 80 %: both tails
// of the binomial distribution together are 20 % at most. 0: not even the outermost do.
std::size_t order_of_interval(std::size_t n) {
  double term = std::pow(0.5, static_cast<double>(n)), tail = 0;
  std::size_t k = 0;
  while (2 * (tail + term) <= 0.2 && k < n) {
    tail += term;
    ++k;
    term *= static_cast<double>(n - k + 1) / static_cast<double>(k);
  }
  return k;
}

// When the course of a quantile first reaches a count; nothing if it does not within the horizons.
std::optional<std::int64_t> crossing(double now, std::int64_t issued_at, const std::vector<ForecastPoint>& points,
                                     std::size_t level, double count) {
  double before = now;
  std::int64_t time = 0;
  for (const ForecastPoint& point : points) {
    const double after = point.q[level];
    if (after >= count) {
      const double share = after > before ? (count - before) / (after - before) : 1.0;
      return issued_at + time + static_cast<std::int64_t>(share * static_cast<double>(point.horizon - time));
    }
    before = after;
    time = point.horizon;
  }
  return std::nullopt;
}

// The share of outcomes at a horizon that reach a count, off the line between its quantiles.
double share_above(const ForecastPoint& point, double count) {
  constexpr std::array<double, 7> levels = {.025, .1, .25, .5, .75, .9, .975};
  if (count <= point.q.front()) return 1 - levels.front();
  for (std::size_t k = 0; k + 1 < levels.size(); ++k) {
    if (count > point.q[k + 1]) continue;
    const double width = point.q[k + 1] - point.q[k];
    const double share = width > 0 ? (count - point.q[k]) / width : 1.0;
    return 1 - (levels[k] + share * (levels[k + 1] - levels[k]));
  }
  return 1 - levels.back();
}

std::vector<double> round_numbers_above(double now, std::size_t count) {
  std::vector<double> numbers;
  double power = std::pow(10, std::floor(std::log10(std::max(now, 1.0))));
  while (numbers.size() < count) {
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power > now && numbers.size() < count) numbers.push_back(factor * power);
    power *= 10;
  }
  return numbers;
}

}  // namespace

std::optional<Multiple> multiple_of_median(double now, std::vector<double> others, std::size_t fewest) {
  if (others.size() < fewest || others.empty()) return std::nullopt;
  std::sort(others.begin(), others.end());
  const double median = quantile(others, 0.5);
  if (!(median > 0)) return std::nullopt;
  const std::size_t k = std::max<std::size_t>(order_of_interval(others.size()), 1);
  const double low = others[k - 1], high = others[others.size() - k];
  return Multiple{now / median, now / high, low > 0 ? now / low : INFINITY, others.size()};
}

std::optional<Rank> rank_among_last(double now, std::int64_t published_at, std::int64_t age,
                                    std::span<const AgedHistory> others, std::size_t most) {
  std::vector<std::pair<std::int64_t, double>> earlier;  // published, value
  for (const AgedHistory& other : others) {
    if (other.published_at > published_at) continue;
    if (const auto value = value_at(other, other.published_at + age)) earlier.emplace_back(other.published_at, *value);
  }
  std::sort(earlier.begin(), earlier.end(), std::greater<>());
  if (earlier.size() > most - 1) earlier.resize(most - 1);
  if (earlier.size() < 2) return std::nullopt;
  Rank rank{1, earlier.size() + 1};
  for (const auto& [time, value] : earlier) rank.place += value > now;
  return rank;
}

std::vector<TypicalBand> typical_band(std::span<const AgedHistory> others, std::int64_t published_at,
                                      std::int64_t until, std::size_t count, std::size_t fewest) {
  std::vector<TypicalBand> band;
  const double whole = static_cast<double>(until - published_at);
  for (std::size_t i = 0; i < count; ++i) {
    const auto age = static_cast<std::int64_t>(whole * static_cast<double>(i + 1) / static_cast<double>(count));
    const std::vector<double> values = values_at_age(others, age);
    if (values.size() >= fewest) band.push_back({published_at + age, quantile(values, .25), quantile(values, .75)});
  }
  return band;
}

Velocity velocity_of(const std::vector<Reading>& history) {
  std::vector<Reading> known;
  for (const Reading& reading : history)
    if (!std::isnan(reading.value)) known.push_back(reading);
  Velocity gains;
  if (known.empty()) return gains;
  for (std::size_t i = 0; i < velocity_windows.size(); ++i) {
    const std::int64_t begin = known.back().time - velocity_windows[i];
    const auto after = std::lower_bound(known.begin(), known.end(), begin,
                                        [](const Reading& reading, std::int64_t time) { return reading.time < time; });
    if (after == known.begin() && after->time != begin) continue;
    const auto before = after->time == begin ? after : after - 1;
    const std::int64_t gap = after->time - before->time;
    if (gap > velocity_windows[i]) continue;
    const double share = gap == 0 ? 0 : static_cast<double>(begin - before->time) / static_cast<double>(gap);
    gains[i] = known.back().value - (before->value + share * (after->value - before->value));
  }
  return gains;
}

std::vector<Milestone> milestones_of(double now, std::int64_t issued_at, const std::vector<ForecastPoint>& points,
                                     std::size_t most) {
  std::vector<Milestone> milestones;
  if (points.empty() || !std::isfinite(points.back().q[3])) return milestones;
  for (const double count : round_numbers_above(now, most)) {
    Milestone milestone;
    milestone.count = count;
    milestone.likely = share_above(points.back(), count);
    if (milestone.likely < 0.1) break;
    milestone.early = crossing(now, issued_at, points, 5, count);
    milestone.middle = crossing(now, issued_at, points, 3, count);
    milestone.late = crossing(now, issued_at, points, 1, count);
    milestones.push_back(milestone);
  }
  return milestones;
}

std::string words_of(const Milestone& milestone, std::int64_t last_target) {
  const std::string count = short_number(milestone.count);
  const std::string early = format_day(milestone.early.value_or(last_target));
  if (milestone.early && milestone.late) {
    const std::string late = format_day(*milestone.late);
    if (early == late) return count + " on " + early + " (80 %)";
    const std::size_t blank = early.find(' ');
    const bool same_month = early.substr(blank) == late.substr(late.find(' '));
    return count + " between " + (same_month ? early.substr(0, blank) : early) + " and " + late + " (80 %)";
  }
  return count + " not before " + early + "; " + format_percent(milestone.likely) + " by " + format_day(last_target);
}

}  // namespace risetime::core
