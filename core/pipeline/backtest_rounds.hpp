// How a backtest divides videos and time: rounds of one fit each, and what is forecast with it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/config/settings.hpp"
#include "core/pipeline/series_library.hpp"

namespace risetime::core {

using Chooser = std::function<bool(const SeriesLibrary::Entry&)>;

// Videos that are stood at the same origins.
struct Stand {
  std::string name;  // "fold 3", "cutoff 2026-04-15T00:00:00Z"
  std::vector<Origin> origins;
  Chooser tests;
};

// One fit: the videos that `trains` takes, their readings before `until`. Nobody stands before the fit's `until`, or it
// is the end of time and no test video is among those learnt from.
struct BacktestRound {
  std::string name;
  std::int64_t fold = 0;  // 0 where there is only one
  std::int64_t until = INT64_MAX;
  Chooser trains;
  std::vector<Stand> stands;
};

// In the order in which they are to be judged. Rounds that nothing would be learnt from, or nobody judged in, are left
// out. Throws Error(Code::io) where the list of test videos cannot be read.
std::vector<BacktestRound> make_rounds(const BacktestSettings& settings, const SeriesLibrary& library);

}  // namespace risetime::core
