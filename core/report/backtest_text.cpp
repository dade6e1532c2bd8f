// The leaderboard for a terminal, and what both forms of the report share.
#include <fmt/format.h>

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

}  // namespace

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

namespace {

bool is_one_of(const std::string& model, const std::vector<std::string>& models) {
  return std::find(models.begin(), models.end(), model) != models.end();
}

// Several horizons of equal steps, the first one a step ahead.
bool is_path(const std::set<std::int64_t>& hours) {
  std::int64_t step = 0;
  for (const std::int64_t each : hours) {
    if (step == 0) step = each;
    if (step == 0 || each % step != 0) return false;
  }
  return hours.size() > 2 && *hours.rbegin() == step * static_cast<std::int64_t>(hours.size());
}

// Who is compared with whom: each model with each baseline, the best with every other.
std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<Score>& scores,
                                                          const std::vector<std::string>& baselines) {
  std::set<std::string> models;
  for (const Score& each : scores) models.insert(each.model);
  const std::string best = best_model(scores);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& first : models)
    for (const std::string& second : models)
      if (first != second && (first == best || (!is_one_of(first, baselines) && is_one_of(second, baselines))))
        pairs.emplace_back(first, second);
  return pairs;
}

}  // namespace

namespace {

void add_ablation(BacktestSection& section, std::span<const ScoredForecast> forecasts, const Ablation& ablation,
                  const CompareOptions& how) {
  const std::string& whole = ablation.steps.back().model;
  for (std::size_t i = 0; i < ablation.steps.size(); ++i) {
    AblationStep step{whole, ablation.steps[i].input, NAN, {}};
    const std::string& other = ablation.steps[i == 0 ? 1 : i - 1].model;
    if (const auto change = compare_overall(forecasts, ablation.steps[i].model, other, how)) {
      step.mae_log2 = change->first;
      if (i > 0) step.change = change;
    }
    section.ablation.push_back(std::move(step));
  }
}

}  // namespace

BacktestSection judge(std::string origin, std::span<const ScoredForecast> forecasts, const JudgeOptions& options) {
  BacktestSection section;
  section.origin = std::move(origin);
  section.scores = score(forecasts, options.score);
  section.calibrations = calibrate(forecasts);
  section.sizes = cover_by_size(forecasts);
  std::set<std::int64_t> horizons;
  for (const Score& each : section.scores) horizons.insert(each.hours);
  if (is_path(horizons)) section.paths = score_paths(forecasts);
  CompareOptions how;
  how.increments = options.score.increments;
  how.seed = options.seed;
  const auto pairs = pairs_of(section.scores, options.baselines);
  std::vector<std::vector<Difference>> differences(pairs.size());
  const auto compare_pair = [&](std::size_t i) {
    differences[i] = compare(forecasts, pairs[i].first, pairs[i].second, how);
  };
  if (options.side_by_side) {
    options.side_by_side(pairs.size(), compare_pair);
  } else {
    for (std::size_t i = 0; i < pairs.size(); ++i) compare_pair(i);
  }
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (const Difference& difference : differences[i])
      section.differences.push_back(
          {pairs[i].first, pairs[i].second, difference,
           !is_one_of(pairs[i].first, options.baselines) && is_one_of(pairs[i].second, options.baselines)});
  for (const Ablation& ablation : options.ablations) add_ablation(section, forecasts, ablation, how);
  return section;
}

Extremes find_extremes(std::span<const ScoredForecast> forecasts, const std::string& model, const std::string& stat,
                       std::size_t count) {
  std::int64_t longest = 0;
  const auto is_asked = [&](const ScoredForecast& each) { return each.model == model && each.stat == stat; };
  for (const ScoredForecast& each : forecasts)
    if (is_asked(each)) longest = std::max(longest, each.target_at - each.issued_at);
  std::vector<std::pair<double, std::size_t>> errors;
  for (std::size_t i = 0; i < forecasts.size(); ++i) {
    const ScoredForecast& each = forecasts[i];
    if (is_asked(each) && each.target_at - each.issued_at == longest && !std::isnan(each.actual))
      errors.emplace_back(std::abs(std::log2((each.q[3] + 1) / (each.actual + 1))), i);
  }
  std::sort(errors.begin(), errors.end());
  Extremes found;
  count = std::min(count, errors.size() / 2);
  for (std::size_t i = 0; i < count; ++i) {
    found.best.push_back(errors[i].second);
    found.worst.push_back(errors[errors.size() - 1 - i].second);
  }
  return found;
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

namespace {

// The difference to the baseline with the smallest error at this place, with 95 % of the resamples.
Cell against_baseline(const BacktestSection& section, const Score& score) {
  const ModelDifference* hardest = nullptr;
  for (const ModelDifference& each : section.differences) {
    if (each.first != score.model || !each.against_baseline || each.difference.stat != score.stat ||
        each.difference.hours != score.hours)
      continue;
    if (hardest == nullptr || each.difference.second < hardest->difference.second) hardest = &each;
  }
  if (hardest == nullptr) return {};
  const Difference& found = hardest->difference;
  const Tone tone = found.high < 0 ? Tone::good : found.low > 0 ? Tone::bad : Tone::plain;
  return {fmt::format("{:+.3f} ({:+.3f} to {:+.3f}) {}", found.difference, found.low, found.high, hardest->second),
          tone};
}

}  // namespace

std::string print_paths(const BacktestSection& section, const TableStyle& style) {
  if (section.paths.empty()) return {};
  std::vector<const PathScore*> order;
  for (const PathScore& path : section.paths) order.push_back(&path);
  std::stable_sort(order.begin(), order.end(), [](const PathScore* a, const PathScore* b) {
    return std::tie(a->stat, a->smape) < std::tie(b->stat, b->smape);
  });
  TextTable table({{"Stat"}, {"Model"}, {"Paths", Align::right}, {"sMAPE", Align::right}, {"MASE", Align::right}});
  for (const PathScore* path : order)
    table.add({Cell(path->stat), Cell(path->model),
               Cell(group_digits(static_cast<std::int64_t>(path->paths)), Tone::dim), Cell(fixed(path->smape, 2)),
               Cell(fixed(path->mase, 3))});
  return "\nstep by step along each path:\n" + table.print(style);
}

std::string print_ablation(const BacktestSection& section, const TableStyle& style) {
  if (section.ablation.empty()) return {};
  TextTable table({{"Model"},
                   {"Knows", Align::left, 40, true},
                   {"MAE-log2", Align::right},
                   {"change", Align::right},
                   {"95 % of resamples", Align::left},
                   {"so it"}});
  const std::string* before = nullptr;
  for (const AblationStep& step : section.ablation) {
    const bool first = before == nullptr || *before != step.model;
    if (first && before != nullptr) table.add_rule();
    before = &step.model;
    std::vector<Cell> row = {first ? Cell(step.model) : Cell(), Cell(step.input), Cell(fixed(step.mae_log2, 4))};
    if (step.change) {
      const Difference& change = *step.change;
      row.emplace_back(fmt::format("{:+.2f} %", 100 * change.difference / change.second));
      row.emplace_back(fmt::format("{:+.4f} to {:+.4f}", change.low, change.high));
      row.push_back(change.high < 0  ? Cell("helps", Tone::good)
                    : change.low > 0 ? Cell("harms", Tone::bad)
                                     : Cell("does nothing sure"));
    }
    row.resize(6);
    table.add(std::move(row));
  }
  return "\nwhat each input does (channel: category, language, duration, followers, the channel's other videos):\n" +
         table.print(style);
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
                   {"in 95 %", Align::right},
                   {"against the best baseline", Align::left}});
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
               Cell(format_percent(score->cover95, 1), coverage_tone(score->cover95, .95)),
               against_baseline(section, *score)});
    before = score;
  }
  std::string text = table.print(style);
  text += "\nMAE-log2: 1 is wrong by a factor of two. factor: half the width of the 80 % interval, as a factor.\n";
  return text;
}

}  // namespace risetime::core
