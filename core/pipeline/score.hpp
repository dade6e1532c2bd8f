// How good forecasts were: errors in log and in rank, coverage and width of intervals, and whether one model beats
// another.
//
// A forecast without an actual value is counted nowhere. Groups are model x stat x horizon, the horizon in whole hours.
// Which error means what is said beside each number below; n is the number of forecasts in the group.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

// The quantiles of a forecast, in the order of ScoredForecast::q.
inline constexpr std::array<double, 7> quantile_levels = {.025, .1, .25, .5, .75, .9, .975};

// One forecast beside what came. Times are UTC microseconds; counts are in the stat's own unit.
struct ScoredForecast {
  std::string platform, video_id, model, stat;
  int64_t issued_at = 0, target_at = 0;
  double last = 0;  // the value known when the forecast was issued
  double mean = 0;
  std::array<double, 7> q{};                   // at quantile_levels; q[3], the median, is the point forecast
  double actual = 0;                           // NaN: none
  std::string channel_id = {}, category = {};  // empty where not known
  int size_tenth = 0;                          // 1 to 10, small ones first; 0: not known
  double scale = std::numeric_limits<double>::quiet_NaN();  // of MASE: naive_scale of the series known; NaN: none
};

struct ScoreOptions {
  bool increments = false;  // judge what was still to come (value - last) instead of the total
  double floor = 1000;      // mrse counts forecasts whose actual value is at least this
};

struct Score {
  std::string model, stat;
  int64_t hours = 0;
  size_t videos = 0;  // n
  double ape = 0;     // mean of 100 |P(forecast) - P(actual)|, P the share of actual values that are <= its argument
  double ape_median = 0;  // the upper median of the same
  double mae_log2 = 0;    // mean of |log2((forecast + 1) / (actual + 1))|; 1 is wrong by a factor of two
  double src = 0;         // Spearman's rank correlation, ties ranked in the middle; NaN if one side is constant
  double mrse = 0;        // mean of ((mean forecast - actual) / actual)^2; NaN if no actual reaches the floor
  double smape = 0;       // mean of 200 |forecast - actual| / (forecast + actual)
  double wql = 0;  // mean pinball loss over the seven quantiles, doubled, over the sum of |actual|; NaN if that is 0
  double cover80 = 0, cover95 = 0;    // share of actual values inside [q100, q900], [q025, q975]
  double factor80 = 0, factor95 = 0;  // geometric mean of (upper + 1) / (lower + 1), a side: its square root
  size_t crossed = 0;                 // forecasts with a quantile above the next one
  size_t below_last = 0;              // forecasts whose lowest quantile lies under the last known value
};

// One Score per model, stat and horizon, in that order. Empty input gives no scores.
std::vector<Score> score(std::span<const ScoredForecast> forecasts, const ScoreOptions& options = {});

// Gives each forecast the tenth in which its last known value lies among those of its model, stat and horizon that have
// an actual value. The forecasts should be of one origin.
void set_size_tenths(std::span<ScoredForecast> forecasts);

// The same scores of parts of each group. Percentiles are those among the part's own actual values.
enum class Part { channel, category, size_tenth };
struct PartScore {
  std::string value;  // channel id, category, or "1" to "10"; empty: not known
  Score score;
};
// By model, stat and horizon, then by value.
std::vector<PartScore> score_parts(std::span<const ScoredForecast> forecasts, Part part,
                                   const ScoreOptions& options = {});

// sMAPE and MASE over the steps of each forecast path, as the M4 competition has it: for running totals the gains
// between consecutive targets of one video and one time of issue, the first one from the last known value; for levels
// the values. Means over the paths of the mean over their steps. A path ends before its first target without an actual
// value.
struct PathScore {
  std::string model, stat;
  size_t paths = 0;
  double smape = 0;
  double mase = 0;  // mean over the paths with a scale of |step forecast - step| / scale; NaN where no path has one
};
std::vector<PathScore> score_paths(std::span<const ScoredForecast> forecasts);

// How often actual values fell at or below each forecast quantile. A model whose intervals are honest has
// observed[k] = quantile_levels[k].
struct Calibration {
  std::string model, stat;
  int64_t hours = 0;
  size_t videos = 0;
  std::array<double, 7> observed{};
};
std::vector<Calibration> calibrate(std::span<const ScoredForecast> forecasts);

// Coverage of the 80 % interval among forecasts of like size: tenths of the group by the last known value, small ones
// first. A tenth without forecasts (fewer than ten in the group) has coverage NaN.
struct SizeCoverage {
  std::string model, stat;
  int64_t hours = 0;
  std::array<double, 10> cover80{};
  std::array<double, 10> largest_last{};  // upper end of each tenth
};
std::vector<SizeCoverage> cover_by_size(std::span<const ScoredForecast> forecasts);

// ---- Is the difference between two models more than luck?

enum class Loss { mae_log2, ape, smape };

struct CompareOptions {
  Loss loss = Loss::mae_log2;
  bool increments = false;
  size_t resamples = 2000;
  uint64_t seed = 0;
};

// Over the forecasts that both models made. Resampled are videos with all their forecasts, not single forecasts,
// because those of one video err together.
struct Difference {
  std::string stat;
  int64_t hours = 0;
  size_t videos = 0, forecasts = 0;
  double first = 0, second = 0;  // mean loss of each model
  double difference = 0;         // first - second; negative: the first model is better
  double low = 0, high = 0;      // 95 % of the resamples lie between
  double first_better = 0;       // share of the resamples in which the first model has the smaller loss
};

// A model, and before it the same model with fewer inputs: each step knows one input more than the step before.
struct Ablation {
  struct Step {
    std::string model;  // under which it forecasts
    std::string input;  // what it knows more; of the first step all that it knows
  };
  std::vector<Step> steps;
};

// One Difference per stat and horizon that both models forecast. Same input and seed give the same bytes.
// Throws std::invalid_argument if one model made the same forecast twice.
std::vector<Difference> compare(std::span<const ScoredForecast> forecasts, std::string_view first_model,
                                std::string_view second_model, const CompareOptions& options = {});

// The same over all stats and horizons together (stat empty, hours 0); the loss must be one that needs no ranks, so
// Loss::ape throws std::invalid_argument. Nothing where they share no forecast.
std::optional<Difference> compare_overall(std::span<const ScoredForecast> forecasts, std::string_view first_model,
                                          std::string_view second_model, const CompareOptions& options = {});

}  // namespace risetime::core
