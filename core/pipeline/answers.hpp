// What every published forecast promises, whichever model made it.
#pragma once

#include <cstddef>
#include <optional>
#include <risetime/model.hpp>
#include <string_view>
#include <vector>

#include "core/pipeline/series.hpp"

namespace risetime::core {

struct Answer {
  double mean = 0;
  Quantiles quantiles{};
};

// A level such as viewers may fall; every other stat is a running total.
bool is_running_total(std::string_view stat);

// The last reading of the stat in the series, or nothing.
std::optional<double> last_value(const VideoSeries& series, std::size_t stat);

// The answers of one video and stat, a horizon each; nothing where the model gave none or no finite number. Quantiles
// are sorted. Those of running totals are never below `last` and never decrease with the horizon.
std::vector<std::optional<Answer>> tidy(const Forecast& forecast, std::size_t video, std::size_t stat, bool total,
                                        double last);

}  // namespace risetime::core
