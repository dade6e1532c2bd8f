// Backtests: models fitted on some videos, judged on others, standing where the configuration says.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/project.hpp"
#include "core/pipeline/score.hpp"
#include "core/pipeline/series.hpp"

namespace risetime::core {

struct BacktestOptions {
  std::vector<std::string> models;       // ids of the configuration or names of plugins; empty: as configured
  std::vector<std::int64_t> only_folds;  // of a backtest by folds; empty: all
};

struct StandingForecasts {
  std::string origin;                     // "7d" after publication, or a date
  std::vector<ScoredForecast> forecasts;  // those without an actual value have NaN there
};

struct BacktestResult {
  std::vector<StandingForecasts> standings;  // an origin each, in the order of the configuration
  std::vector<std::string> models;
  std::vector<std::string> failures;  // "model, split: why"; the others went on
  std::uint64_t videos = 0;           // that were judged, each counted once per split
  std::uint64_t splits = 0;
};

// Each split fits featurizers and models anew, on its training rows alone. Readings after an origin are used for
// nothing but the actual values. Throws Error(Code::config) where there is nothing to test.
BacktestResult backtest(Project& project, const BacktestOptions& options = {});

// The value at a time, off the line between the readings on either side; nothing where there is none on one side or
// they are further apart than 1.5 times the series' own step (36 hours for daily series).
std::optional<double> value_at(const VideoSeries& series, std::size_t stat, std::int64_t time);

}  // namespace risetime::core
