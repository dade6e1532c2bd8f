// What commands print with --json: one function a kind of line, so that two commands say the same thing the same way.
#pragma once

#include <risetime/json.hpp>

#include "core/pipeline/live.hpp"
#include "core/report/backtest_report.hpp"
#include "core/report/forecast_report.hpp"

namespace risetime::core {

// `origin` is where the backtest stood: "7d", or a date.
Json score_json(const std::string& origin, const Score& score);
Json difference_json(const std::string& origin, const ModelDifference& pair);
Json ablation_json(const std::string& origin, const AblationStep& step);
Json path_json(const std::string& origin, const PathScore& path);

Json coverage_json(const CalibrationKey& key, const ObservedCoverage& coverage);
Json contender_json(const Contender& contender);

// A line for each video and stat.
Json forecasts_json(const ForecastReport& report);
// A line for each video outside the band of an earlier forecast.
Json alerts_json(const ForecastReport& report);

}  // namespace risetime::core
