// What came: the value of a stat at a time, and how hard a series is to foretell for somebody who knows nothing better
// than to repeat it.
#pragma once

#include <cstdint>
#include <optional>

#include "core/pipeline/series.hpp"

namespace risetime::core {

// The value at a time, off the line between the readings on either side; nothing where there is none on one side or
// they are further apart than 1.5 times the series' own step (36 hours for daily series).
std::optional<double> value_at(const VideoSeries& series, std::size_t stat, std::int64_t time);

// The scale of MASE (Hyndman and Koehler 2006, as the M4 competition uses it): the mean of |x(t) - x(t - m)| over the
// series up to its origin, at steps of `step` microseconds; x are the gains of a running total, or the values of a
// level; m is 24 for steps of an hour and 1 for all others. NaN where fewer than 7 such differences are known, or all
// are zero.
double naive_scale(const VideoSeries& series, std::size_t stat, std::int64_t step, bool is_total);

}  // namespace risetime::core
