// What a report on a backtest is made of, and its two forms: a leaderboard for a terminal and a page for a browser.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
  bool against_baseline = false;  // whether the second one is a baseline
};

// What one input more does to a model's error, over all stats and horizons together.
struct AblationStep {
  std::string model, input;
  double mae_log2 = 0;
  std::optional<Difference> change;  // from the step before; nothing for the first
};

// A forecast of the first stat with what came of it, to be drawn.
struct Example {
  VideoReport video;
  std::vector<Reading> came;  // after the time of issue
  double error = 0;           // MAE-log2 at the longest horizon
};

// What was judged standing at one place: an age ("7d" after publication) or a date.
struct BacktestSection {
  std::string origin;
  std::vector<Score> scores;
  std::vector<Calibration> calibrations;
  std::vector<SizeCoverage> sizes;
  std::vector<PathScore> paths;              // where the horizons are steps of a path
  std::vector<ModelDifference> differences;  // by MAE-log2; may be empty
  std::vector<AblationStep> ablation;        // where asked for
  std::vector<Example> best, worst;          // of the model that won; may be empty
};

struct BacktestReport {
  std::string project;
  std::int64_t generated_at = 0;
  std::vector<std::string> stats;  // in the order to show; others follow in that of the alphabet
  std::vector<BacktestSection> sections;
  std::vector<Fact> provenance;
};

struct JudgeOptions {
  ScoreOptions score;
  std::vector<std::string> baselines;  // of the models
  std::vector<Ablation> ablations;
  std::uint64_t seed = 1;  // of the bootstrap
  // Runs body(0) ... body(count - 1), in any order; empty: one after the other.
  std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)> side_by_side;
};

// Scores, calibration and coverage of forecasts, and by a paired bootstrap of 2,000 resamples: each model against each
// baseline, and the one with the smallest MAE-log2 over all groups against every other.
BacktestSection judge(std::string origin, std::span<const ScoredForecast> forecasts, const JudgeOptions& options = {});

// The model with the smallest MAE-log2 over all groups, of those that were asked everything; empty where there is none.
std::string best_model(const std::vector<Score>& scores);

// Which forecasts of the model and stat at its longest horizon came closest, and which missed by most: places in
// `forecasts`, each video once.
struct Extremes {
  std::vector<std::size_t> best, worst;
};
Extremes find_extremes(std::span<const ScoredForecast> forecasts, const std::string& model, const std::string& stat,
                       std::size_t count);

// A line per stat, horizon and model, the smallest MAE-log2 first within each stat and horizon.
std::string print_leaderboard(const BacktestSection& section, const std::vector<std::string>& stats,
                              const TableStyle& style);

// Paths by stat and sMAPE; empty where the horizons are no path.
std::string print_paths(const BacktestSection& section, const TableStyle& style);

// What each input does for each model; empty where it was not asked for.
std::string print_ablation(const BacktestSection& section, const TableStyle& style);

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
