// How long what was derived is kept.
//
// Models and choices: of each id the last three that were used. Forecast runs: all of the last day with readings, of
// each day before it the first run, and none whose last reading is older than the configuration's `forecast.keep`.
// Backtests: those of the rows as they are (see backtest.hpp). Everything is reckoned from readings, not from the
// clock.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/catalog/catalog.hpp"

namespace risetime::core {

inline constexpr std::size_t artifacts_kept = 3;  // of each id

// Notes that these artifacts of a kind (id, hash) are in use, and erases those of that kind that are not kept.
void keep_used(Catalog& catalog, const std::string& kind, const std::vector<std::pair<std::string, std::string>>& used);

// Notes that a run's rows are about to be written, and erases the rows of runs that are not kept. `at` is the time of
// the last reading that the run looked at, UTC microseconds; `keep` is microseconds.
void keep_run(Catalog& catalog, const std::string& run_id, std::int64_t at, std::int64_t keep);

// The runs whose rows are in the store, oldest first.
std::vector<std::string> kept_runs(Catalog& catalog);

// Of runs by time, those to erase when `current` is made. Exposed for its test.
std::vector<std::string> runs_to_erase(std::vector<std::pair<std::int64_t, std::string>> runs,
                                       const std::string& current, std::int64_t keep);

}  // namespace risetime::core
