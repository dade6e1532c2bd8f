// What a report on a backtest is made of, and its two forms: a leaderboard for a terminal and a page for a browser.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/pipeline/score.hpp"
#include "core/report/forecast_report.hpp"
#include "core/report/table.hpp"

namespace risetime::core {

struct ModelDifference {
  std::string first, second;  // models
  Difference difference;
};

struct BacktestReport {
  std::string project;
  std::int64_t generated_at = 0;
  std::vector<std::string> stats;  // in the order to show; others follow in that of the alphabet
  std::vector<Score> scores;
  std::vector<Calibration> calibrations;
  std::vector<SizeCoverage> sizes;
  std::vector<ModelDifference> differences;  // by MAE-log2; may be empty
  std::vector<Fact> provenance;
};

// Scores, calibration and coverage of all forecasts, and each other model against the one with the smallest MAE-log2
// over all groups (2,000 resamples, this seed). Project, time and provenance are left to the caller.
BacktestReport judge_backtest(std::span<const ScoredForecast> forecasts, std::uint64_t seed);

// A line per stat, horizon and model, the smallest MAE-log2 first within each stat and horizon.
std::string print_leaderboard(const BacktestReport& report, const TableStyle& style);

// One page that needs nothing else: leaderboard, error over horizon, calibration, coverage by size, differences.
std::string render_backtest(const BacktestReport& report);

// ---- parts that both forms share

// Scores by stat, then horizon, then MAE-log2. Of paths with many steps, the tables show this many horizons: the first,
// the last, and those evenly between.
inline constexpr std::size_t horizons_in_tables = 8;
std::vector<const Score*> rank_scores(const BacktestReport& report);
std::set<std::int64_t> horizons_to_show(const BacktestReport& report);
std::vector<std::string> stats_to_show(const BacktestReport& report);

// "6 h", "3 d"; hours that are no whole days stay hours.
std::string horizon_text(std::int64_t hours);

}  // namespace risetime::core
