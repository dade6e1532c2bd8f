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

// What was judged standing at one place: an age ("7d" after publication) or a date.
struct BacktestSection {
  std::string origin;
  std::vector<Score> scores;
  std::vector<Calibration> calibrations;
  std::vector<SizeCoverage> sizes;
  std::vector<ModelDifference> differences;  // by MAE-log2; may be empty
};

struct BacktestReport {
  std::string project;
  std::int64_t generated_at = 0;
  std::vector<std::string> stats;  // in the order to show; others follow in that of the alphabet
  std::vector<BacktestSection> sections;
  std::vector<Fact> provenance;
};

// Scores, calibration and coverage of forecasts, and each other model against the one with the smallest MAE-log2 over
// all groups (a paired bootstrap of 2,000 resamples with this seed).
BacktestSection judge(std::string origin, std::span<const ScoredForecast> forecasts, const ScoreOptions& options,
                      std::uint64_t seed);

// A line per stat, horizon and model, the smallest MAE-log2 first within each stat and horizon.
std::string print_leaderboard(const BacktestSection& section, const std::vector<std::string>& stats,
                              const TableStyle& style);

// One page that needs nothing else: leaderboard, error over horizon, calibration, coverage by size, differences.
std::string render_backtest(const BacktestReport& report);

// ---- parts that both forms share

// Scores by stat, then horizon, then MAE-log2. Of paths with many steps, the tables show this many horizons: the first,
// the last, and those evenly between.
inline constexpr std::size_t horizons_in_tables = 8;
std::vector<const Score*> rank_scores(const BacktestSection& section, const std::vector<std::string>& stats);
std::set<std::int64_t> horizons_to_show(const BacktestSection& section);
std::vector<std::string> stats_to_show(const BacktestSection& section, const std::vector<std::string>& stats);

// "6 h", "3 d"; hours that are no whole days stay hours.
std::string horizon_text(std::int64_t hours);

}  // namespace risetime::core
