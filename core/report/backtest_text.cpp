// The leaderboard for a terminal, and what both forms of the report share.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>

#include "core/base/text.hpp"
#include "core/report/backtest_report.hpp"
#include "core/report/html.hpp"

namespace risetime::core {
namespace {

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
  return digits;
}

// An 80 % interval that is off by more than two points is marked, as the promise is 80.
Tone coverage_tone(double cover, double promised) {
  return std::abs(cover - promised) <= 0.02 ? Tone::plain : Tone::warn;
}

std::string best_model(const std::vector<Score>& scores) {
  std::map<std::string, std::pair<double, double>> sums;  // of MAE-log2 over groups, and how many
  for (const Score& score : scores) {
    sums[score.model].first += score.mae_log2;
    ++sums[score.model].second;
  }
  double most = 0;  // models that were not asked everything are no reference
  for (const auto& [model, sum] : sums) most = std::max(most, sum.second);
  std::string best;
  double least = INFINITY;
  for (const auto& [model, sum] : sums) {
    if (sum.second == most && sum.first / sum.second < least) {
      least = sum.first / sum.second;
      best = model;
    }
  }
  return best;
}

}  // namespace

BacktestSection judge(std::string origin, std::span<const ScoredForecast> forecasts, const ScoreOptions& options,
                      std::uint64_t seed) {
  BacktestSection section;
  section.origin = std::move(origin);
  section.scores = score(forecasts, options);
  section.calibrations = calibrate(forecasts);
  section.sizes = cover_by_size(forecasts);
  const std::string best = best_model(section.scores);
  std::set<std::string> others;
  for (const Score& each : section.scores) others.insert(each.model);
  others.erase(best);
  CompareOptions how;
  how.increments = options.increments;
  how.seed = seed;
  for (const std::string& other : others) {
    for (const Difference& difference : compare(forecasts, best, other, how))
      section.differences.push_back({best, other, difference});
  }
  return section;
}

std::vector<std::string> stats_to_show(const BacktestSection& section, const std::vector<std::string>& stats) {
  std::set<std::string> scored;
  for (const Score& score : section.scores) scored.insert(score.stat);
  std::vector<std::string> order;
  for (const std::string& stat : stats) {
    if (scored.erase(stat) > 0) order.push_back(stat);
  }
  order.insert(order.end(), scored.begin(), scored.end());
  return order;
}

std::set<std::int64_t> horizons_to_show(const BacktestSection& section) {
  std::set<std::int64_t> all;
  for (const Score& score : section.scores) all.insert(score.hours);
  if (all.size() <= horizons_in_tables) return all;
  const std::vector<std::int64_t> sorted(all.begin(), all.end());
  std::set<std::int64_t> shown;
  for (std::size_t i = 0; i < horizons_in_tables; ++i)
    shown.insert(sorted[i * (sorted.size() - 1) / (horizons_in_tables - 1)]);
  return shown;
}

std::vector<const Score*> rank_scores(const BacktestSection& section, const std::vector<std::string>& stats) {
  std::map<std::string, std::size_t> place;
  for (const std::string& stat : stats_to_show(section, stats)) place.emplace(stat, place.size());
  std::vector<const Score*> order;
  for (const Score& score : section.scores) order.push_back(&score);
  std::stable_sort(order.begin(), order.end(), [&](const Score* a, const Score* b) {
    return std::tuple(place.at(a->stat), a->hours, a->mae_log2) < std::tuple(place.at(b->stat), b->hours, b->mae_log2);
  });
  return order;
}

std::string horizon_text(std::int64_t hours) {
  return hours != 0 && hours % 24 == 0 ? std::to_string(hours / 24) + " d" : std::to_string(hours) + " h";
}

std::string print_leaderboard(const BacktestSection& section, const std::vector<std::string>& stats,
                              const TableStyle& style) {
  if (section.scores.empty()) return "Nothing to score: no forecast has an actual value.\n";
  TextTable table({{"Stat"},
                   {"Horizon", Align::right},
                   {"Model", Align::left, 32, true},
                   {"Forecasts", Align::right},
                   {"MAE-log2", Align::right},
                   {"APE %", Align::right},
                   {"SRC", Align::right},
                   {"mRSE", Align::right},
                   {"sMAPE", Align::right},
                   {"WQL", Align::right},
                   {"in 80 %", Align::right},
                   {"factor", Align::right},
                   {"in 95 %", Align::right}});
  const std::set<std::int64_t> shown = horizons_to_show(section);
  const Score* before = nullptr;
  for (const Score* score : rank_scores(section, stats)) {
    if (!shown.contains(score->hours)) continue;
    const bool first = before == nullptr || before->stat != score->stat || before->hours != score->hours;
    if (first && before != nullptr) table.add_rule();
    const Tone tone = first ? Tone::strong : Tone::plain;
    table.add({first ? Cell(score->stat) : Cell(), first ? Cell("+" + horizon_text(score->hours)) : Cell(),
               Cell(score->model, tone), Cell(group_digits(static_cast<std::int64_t>(score->videos)), Tone::dim),
               Cell(fixed(score->mae_log2, 3), tone), Cell(fixed(score->ape, 2)), Cell(fixed(score->src, 3)),
               Cell(fixed(score->mrse, 3)), Cell(fixed(score->smape, 1)), Cell(fixed(score->wql, 3)),
               Cell(format_percent(score->cover80, 1), coverage_tone(score->cover80, .8)),
               Cell(fixed(score->factor80, 2)),
               Cell(format_percent(score->cover95, 1), coverage_tone(score->cover95, .95))});
    before = score;
  }
  std::string text = table.print(style);
  text += "\nMAE-log2: 1 is wrong by a factor of two. factor: half the width of the 80 % interval, as a factor.\n";
  return text;
}

}  // namespace risetime::core
