// Medians over a channel's videos at equal age.
#include "core/report/standing.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::core {

std::optional<double> value_at(const AgedHistory& history, std::int64_t time) {
  const auto after = std::lower_bound(history.readings.begin(), history.readings.end(), time,
                                      [](const Reading& reading, std::int64_t at) { return reading.time < at; });
  if (after == history.readings.end() || std::isnan(after->value)) return std::nullopt;
  const Reading before = after == history.readings.begin() ? Reading{history.published_at, 0.0} : *(after - 1);
  if (std::isnan(before.value) || time < before.time) return std::nullopt;
  if (after->time == before.time) return after->value;
  const double share = static_cast<double>(time - before.time) / static_cast<double>(after->time - before.time);
  return before.value + (after->value - before.value) * share;
}

std::vector<double> values_at_age(std::span<const AgedHistory> others, std::int64_t age) {
  std::vector<double> values;
  for (const AgedHistory& other : others)
    if (const auto value = value_at(other, other.published_at + age)) values.push_back(*value);
  std::sort(values.begin(), values.end());
  return values;
}

std::optional<double> median_at_age(std::span<const AgedHistory> others, std::int64_t age, std::size_t fewest) {
  const std::vector<double> values = values_at_age(others, age);
  if (values.empty() || values.size() < fewest) return std::nullopt;
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<Reading> usual_course(std::span<const AgedHistory> others, std::int64_t published_at, std::int64_t until,
                                  std::size_t count, std::size_t fewest) {
  std::vector<Reading> course;
  const double whole = static_cast<double>(until - published_at);
  for (std::size_t i = 0; i < count; ++i) {
    const auto age = static_cast<std::int64_t>(whole * static_cast<double>(i + 1) / static_cast<double>(count));
    if (const auto median = median_at_age(others, age, fewest)) course.push_back({published_at + age, *median});
  }
  return course;
}

}  // namespace risetime::core
