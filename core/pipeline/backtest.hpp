// Backtests: models fitted on some videos, judged on others, standing where the configuration says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/pipeline/project.hpp"
#include "core/pipeline/score.hpp"
#include "core/pipeline/series_library.hpp"

namespace risetime::core {

struct BacktestOptions {
  std::vector<std::string> models;       // ids of the configuration or names of plugins; empty: as configured
  std::vector<std::int64_t> only_folds;  // of a backtest by folds; empty: all
  RowRange range;                        // later rows are as if they were not there
  bool ablate = false;                   // each model that is no baseline also with fewer inputs
};

struct StandingForecasts {
  std::string origin;                     // "7d" after publication, or a date
  std::vector<ScoredForecast> forecasts;  // those without an actual value have NaN there
};

struct BacktestResult {
  std::vector<StandingForecasts> standings;  // an origin each, in the order of the configuration
  std::vector<std::string> models;           // in the order of asking
  std::vector<std::string> baselines;        // those of the models that call themselves so
  std::vector<Ablation> ablations;           // a model each, where asked for
  std::vector<std::string> failures;         // "model, fold: why"; the others went on
  std::uint64_t videos = 0;                  // that were judged, each counted once per fit
  std::uint64_t rounds = 0;                  // fits of each model
  std::uint64_t found = 0;                   // of all fits: those whose outcomes an earlier run had kept
  std::shared_ptr<const SeriesLibrary> library;
};

// Each round fits featurizers and models anew, on its training rows alone. Readings after an origin are used for
// nothing but the actual values. What a model answered in a round is kept as an artifact, named by the hash of what it
// was made from, so a backtest that was stopped goes on where it was; those made from other rows are erased at the end.
// Throws Error(Code::config) where there is nothing to test.
BacktestResult backtest(Project& project, const BacktestOptions& options = {});

}  // namespace risetime::core
