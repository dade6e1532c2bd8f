// How a video stands against its channel's other videos at the same age.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/report/forecast_report.hpp"

namespace risetime::core {

struct AgedHistory {
  std::int64_t published_at = 0;
  std::span<const Reading> readings;  // in order of time
};

// The value at a time, off the line between the readings on either side; before the first reading, off the line from
// nothing at publication. Nothing after the last reading, or where one of the two is NaN.
std::optional<double> value_at(const AgedHistory& history, std::int64_t time);

// The values of the videos that have one at this age (microseconds), smallest first.
std::vector<double> values_at_age(std::span<const AgedHistory> others, std::int64_t age);

// The median over the videos that have a value at this age (microseconds); nothing with fewer than `fewest`.
std::optional<double> median_at_age(std::span<const AgedHistory> others, std::int64_t age, std::size_t fewest = 3);

// The channel's median at the ages that a video had at `count` times, even in age from publication to `until`, moved
// onto the video's own times. Ages that fewer than `fewest` others have reached are left out.
std::vector<Reading> usual_course(std::span<const AgedHistory> others, std::int64_t published_at, std::int64_t until,
                                  std::size_t count = 48, std::size_t fewest = 5);

}  // namespace risetime::core
