// The metrics over groups of forecasts.
#include "core/pipeline/score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/pipeline/answers.hpp"

namespace risetime::core {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double microseconds_per_hour = 3.6e9;

// Half an hour goes to the even hour.
int64_t whole_hours(const ScoredForecast& forecast) {
  return std::llrint(static_cast<double>(forecast.target_at - forecast.issued_at) / microseconds_per_hour);
}

using Key = std::tuple<std::string_view, std::string_view, int64_t>;  // model, stat, hours
using Rows = std::vector<uint32_t>;                                   // places in the input

// The forecasts with an actual value, by group, in the order of the input. Neighbouring rows mostly belong to one group
// of a few, so the group of the last row with these hours is tried before the tree.
std::map<Key, Rows> group(std::span<const ScoredForecast> forecasts) {
  std::map<Key, Rows> groups;
  std::unordered_map<int64_t, std::pair<const Key, Rows>*> recent;
  for (size_t row = 0; row < forecasts.size(); ++row) {
    const ScoredForecast& forecast = forecasts[row];
    if (std::isnan(forecast.actual)) continue;
    const Key key{forecast.model, forecast.stat, whole_hours(forecast)};
    auto*& place = recent[std::get<2>(key)];
    if (place == nullptr || place->first != key) place = &*groups.try_emplace(key).first;
    place->second.push_back(static_cast<uint32_t>(row));
  }
  return groups;
}

// What is judged of a group, as columns of length n.
struct Columns {
  std::vector<double> base, actual, point, mean;
};

Columns judge(std::span<const ScoredForecast> forecasts, const Rows& rows, bool increments) {
  Columns columns;
  for (auto* column : {&columns.base, &columns.actual, &columns.point, &columns.mean}) column->reserve(rows.size());
  for (const uint32_t row : rows) {
    const ScoredForecast& forecast = forecasts[row];
    const double base = increments ? forecast.last : 0.0;
    columns.base.push_back(base);
    columns.actual.push_back(std::max(0.0, forecast.actual - base));
    columns.point.push_back(std::max(0.0, forecast.q[3] - base));
    columns.mean.push_back(std::max(0.0, forecast.mean - base));
  }
  return columns;
}

double log2_error(double forecast, double actual) { return std::abs(std::log2((forecast + 1) / (actual + 1))); }

double symmetric_error(double forecast, double actual) {
  const double sum = forecast + actual;
  return sum == 0 ? 0.0 : 200 * std::abs(forecast - actual) / sum;
}

// 100 |P(forecast) - P(actual)| of each, P by the sorted actual values.
std::vector<double> percentile_errors(const std::vector<double>& point, const std::vector<double>& actual) {
  std::vector<double> volume = actual;
  std::sort(volume.begin(), volume.end());
  const auto n = static_cast<double>(actual.size());
  const auto share = [&](double value) {
    return static_cast<double>(std::upper_bound(volume.begin(), volume.end(), value) - volume.begin()) / n;
  };
  std::vector<double> errors(actual.size());
  for (size_t i = 0; i < actual.size(); ++i) errors[i] = 100 * std::abs(share(point[i]) - share(actual[i]));
  return errors;
}

// Places in ascending order from 0, the middle place for ties.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::pair<double, uint32_t>> order(values.size());
  for (size_t i = 0; i < values.size(); ++i) order[i] = {values[i], static_cast<uint32_t>(i)};
  std::sort(order.begin(), order.end());
  std::vector<double> places(values.size());
  for (size_t from = 0; from < order.size();) {
    size_t to = from;
    while (to + 1 < order.size() && order[to + 1].first == order[from].first) ++to;
    for (size_t i = from; i <= to; ++i) places[order[i].second] = static_cast<double>(from + to) / 2;
    from = to + 1;
  }
  return places;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean_of(a), mean_b = mean_of(b);
  double cross = 0, square_a = 0, square_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    cross += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return square_a == 0 || square_b == 0 ? nothing : cross / std::sqrt(square_a * square_b);
}

void add_errors(const Columns& columns, double floor, Score& score) {
  const auto n = static_cast<double>(columns.actual.size());
  double logs = 0, symmetric = 0, squares = 0, large = 0;
  for (size_t i = 0; i < columns.actual.size(); ++i) {
    const double actual = columns.actual[i];
    logs += log2_error(columns.point[i], actual);
    symmetric += symmetric_error(columns.point[i], actual);
    if (actual >= floor) {
      const double relative = (columns.mean[i] - actual) / actual;
      squares += relative * relative;
      ++large;
    }
  }
  score.mae_log2 = logs / n;
  score.smape = symmetric / n;
  score.mrse = large == 0 ? nothing : squares / large;

  std::vector<double> ape = percentile_errors(columns.point, columns.actual);
  score.ape = mean_of(ape);
  const auto middle = ape.begin() + static_cast<std::ptrdiff_t>(ape.size() / 2);
  std::nth_element(ape.begin(), middle, ape.end());
  score.ape_median = *middle;
  score.src = correlation(ranks(columns.point), ranks(columns.actual));
}

void add_intervals(std::span<const ScoredForecast> forecasts, const Rows& rows, const Columns& columns, Score& score) {
  const auto n = static_cast<double>(rows.size());
  double inside80 = 0, inside95 = 0, width80 = 0, width95 = 0, pinball = 0, volume = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const ScoredForecast& forecast = forecasts[rows[i]];
    const auto& q = forecast.q;
    const double actual = forecast.actual;
    const auto width = [&](size_t low, size_t high) {
      return std::log((std::max(0.0, q[high] - columns.base[i]) + 1) / (std::max(0.0, q[low] - columns.base[i]) + 1));
    };
    inside80 += q[1] <= actual && actual <= q[5];
    inside95 += q[0] <= actual && actual <= q[6];
    width80 += width(1, 5);
    width95 += width(0, 6);
    for (size_t k = 0; k < q.size(); ++k)
      pinball += 2 * (quantile_levels[k] - (actual < q[k] ? 1.0 : 0.0)) * (actual - q[k]);
    volume += std::abs(actual);
    bool crossed = false;
    for (size_t k = 0; k + 1 < q.size(); ++k) crossed |= q[k] > q[k + 1] + 1e-9;
    score.crossed += crossed;
    score.below_last += q[0] < forecast.last - 1e-6;
  }
  score.cover80 = inside80 / n;
  score.cover95 = inside95 / n;
  score.factor80 = std::exp(width80 / n / 2);
  score.factor95 = std::exp(width95 / n / 2);
  score.wql = volume == 0 ? nothing : pinball / static_cast<double>(quantile_levels.size()) / volume;
}

// Calls visit(number of the tenth from 1, row) for the rows of a group by their last known values.
template <class Visit>
void for_each_by_size(std::span<const ScoredForecast> forecasts, const Rows& rows, const Visit& visit) {
  Rows order = rows;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return forecasts[a].last < forecasts[b].last; });
  for (size_t tenth = 0; tenth < 10; ++tenth) {
    const size_t from = order.size() * tenth / 10, to = order.size() * (tenth + 1) / 10;
    for (size_t i = from; i < to; ++i) visit(tenth + 1, order[i]);
  }
}

std::string_view value_of(const ScoredForecast& forecast, Part part) {
  static constexpr std::array<std::string_view, 11> tenths = {"", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
  switch (part) {
    case Part::channel:
      return forecast.channel_id;
    case Part::category:
      return forecast.category;
    case Part::size_tenth:
      return tenths[static_cast<size_t>(forecast.size_tenth)];
  }
  return {};
}

Score score_group(std::span<const ScoredForecast> forecasts, const Key& key, const Rows& rows,
                  const ScoreOptions& options) {
  Score made;
  std::tie(made.model, made.stat, made.hours) = key;
  made.videos = rows.size();
  const Columns columns = judge(forecasts, rows, options.increments);
  add_errors(columns, options.floor, made);
  add_intervals(forecasts, rows, columns, made);
  return made;
}

}  // namespace

std::vector<Score> score(std::span<const ScoredForecast> forecasts, const ScoreOptions& options) {
  std::vector<Score> scores;
  for (const auto& [key, rows] : group(forecasts)) scores.push_back(score_group(forecasts, key, rows, options));
  return scores;
}

void set_size_tenths(std::span<ScoredForecast> forecasts) {
  for (const auto& [key, rows] : group(forecasts)) {
    for_each_by_size(forecasts, rows,
                     [&](size_t tenth, uint32_t row) { forecasts[row].size_tenth = static_cast<int>(tenth); });
  }
}

std::vector<PartScore> score_parts(std::span<const ScoredForecast> forecasts, Part part, const ScoreOptions& options) {
  std::vector<PartScore> scores;
  for (const auto& [key, rows] : group(forecasts)) {
    std::map<std::string_view, Rows> parts;
    for (const uint32_t row : rows) parts[value_of(forecasts[row], part)].push_back(row);
    for (const auto& [value, its] : parts)
      scores.push_back({std::string(value), score_group(forecasts, key, its, options)});
  }
  return scores;
}

namespace {

// One path: the targets of one video and time of issue, in order.
struct PathErrors {
  double symmetric = 0, absolute = 0, steps = 0;
};

PathErrors follow(const std::map<int64_t, const ScoredForecast*>& targets) {
  PathErrors errors;
  const ScoredForecast& first = *targets.begin()->second;
  const bool gains = is_running_total(first.stat);
  double forecast_before = gains ? first.last : 0, actual_before = forecast_before;
  for (const auto& [time, target] : targets) {
    if (std::isnan(target->actual)) break;
    const double forecast = std::max(0.0, target->q[3] - forecast_before);
    const double actual = std::max(0.0, target->actual - actual_before);
    errors.symmetric += symmetric_error(forecast, actual);
    errors.absolute += std::abs(forecast - actual);
    ++errors.steps;
    if (!gains) continue;
    forecast_before = target->q[3];
    actual_before = target->actual;
  }
  return errors;
}

}  // namespace

std::vector<PathScore> score_paths(std::span<const ScoredForecast> forecasts) {
  using Path = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view, int64_t>;
  std::map<Path, std::map<int64_t, const ScoredForecast*>> paths;
  for (const ScoredForecast& f : forecasts)
    paths[{f.model, f.stat, f.platform, f.video_id, f.issued_at}][f.target_at] = &f;

  std::vector<PathScore> scores;
  std::vector<double> scaled;  // paths with a scale, of each score
  for (const auto& [path, targets] : paths) {
    const auto& [model, stat, platform, video, issued] = path;
    const PathErrors errors = follow(targets);
    if (errors.steps == 0) continue;
    if (scores.empty() || scores.back().model != model || scores.back().stat != stat) {
      scores.push_back({std::string(model), std::string(stat), 0, 0.0, 0.0});
      scaled.push_back(0);
    }
    ++scores.back().paths;
    scores.back().smape += errors.symmetric / errors.steps;
    const double scale = targets.begin()->second->scale;
    if (std::isnan(scale)) continue;
    scores.back().mase += errors.absolute / errors.steps / scale;
    ++scaled.back();
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i].smape /= static_cast<double>(scores[i].paths);
    scores[i].mase = scaled[i] == 0 ? nothing : scores[i].mase / scaled[i];
  }
  return scores;
}

std::vector<Calibration> calibrate(std::span<const ScoredForecast> forecasts) {
  std::vector<Calibration> all;
  for (const auto& [key, rows] : group(forecasts)) {
    Calibration& made = all.emplace_back();
    std::tie(made.model, made.stat, made.hours) = key;
    made.videos = rows.size();
    for (const uint32_t row : rows) {
      for (size_t k = 0; k < quantile_levels.size(); ++k)
        made.observed[k] += forecasts[row].actual <= forecasts[row].q[k];
    }
    for (double& observed : made.observed) observed /= static_cast<double>(rows.size());
  }
  return all;
}

std::vector<SizeCoverage> cover_by_size(std::span<const ScoredForecast> forecasts) {
  std::vector<SizeCoverage> all;
  for (auto& [key, rows] : group(forecasts)) {
    SizeCoverage& made = all.emplace_back();
    std::tie(made.model, made.stat, made.hours) = key;
    std::array<double, 10> count{};
    for_each_by_size(forecasts, rows, [&](size_t tenth, uint32_t row) {
      const ScoredForecast& forecast = forecasts[row];
      made.cover80[tenth - 1] += forecast.q[1] <= forecast.actual && forecast.actual <= forecast.q[5];
      made.largest_last[tenth - 1] = forecast.last;
      ++count[tenth - 1];
    });
    for (size_t tenth = 0; tenth < count.size(); ++tenth) {
      made.cover80[tenth] = count[tenth] == 0 ? nothing : made.cover80[tenth] / count[tenth];
      if (count[tenth] == 0) made.largest_last[tenth] = tenth == 0 ? nothing : made.largest_last[tenth - 1];
    }
  }
  return all;
}

// ---- comparison of two models

namespace {

uint64_t next_word(uint64_t& state) {  // SplitMix64 (Steele, Lea and Flood 2014)
  state += 0x9E3779B97F4A7C15U;
  uint64_t word = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9U;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBU;
  return word ^ (word >> 31);
}

using Made = std::tuple<std::string_view, std::string_view, int64_t, int64_t>;  // platform, video, issued_at, target_at

std::map<Made, uint32_t> by_forecast(std::span<const ScoredForecast> forecasts, const Rows& rows) {
  std::map<Made, uint32_t> all;
  for (const uint32_t row : rows) {
    const ScoredForecast& f = forecasts[row];
    if (!all.try_emplace(Made{f.platform, f.video_id, f.issued_at, f.target_at}, row).second)
      throw std::invalid_argument("model " + f.model + " forecast " + f.stat + " of video " + f.video_id +
                                  " twice for the same time; compare needs each forecast once");
  }
  return all;
}

std::vector<double> losses(const Columns& columns, Loss loss) {
  if (loss == Loss::ape) return percentile_errors(columns.point, columns.actual);
  std::vector<double> all(columns.actual.size());
  for (size_t i = 0; i < all.size(); ++i) {
    all[i] = loss == Loss::smape ? symmetric_error(columns.point[i], columns.actual[i])
                                 : log2_error(columns.point[i], columns.actual[i]);
  }
  return all;
}

// Of one video: the sum of both models' losses and the number of forecasts.
struct VideoLoss {
  double difference, forecasts;
};

void resample(const std::vector<VideoLoss>& videos, const CompareOptions& options, uint64_t state, Difference& made) {
  std::vector<double> drawn(options.resamples);
  for (double& difference : drawn) {
    double sum = 0, forecasts = 0;
    for (size_t i = 0; i < videos.size(); ++i) {
      const VideoLoss& video = videos[static_cast<size_t>((next_word(state) >> 32) * videos.size() >> 32)];
      sum += video.difference;
      forecasts += video.forecasts;
    }
    difference = sum / forecasts;
  }
  if (drawn.empty()) return;
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<size_t>(share * static_cast<double>(drawn.size() - 1) + .5)];
  };
  made.low = at(.025);
  made.high = at(.975);
  made.first_better = static_cast<double>(std::lower_bound(drawn.begin(), drawn.end(), 0.0) - drawn.begin()) /
                      static_cast<double>(drawn.size());
}

// first[i] and second[i] are the same forecast by two models; forecasts of a video stand together.
Difference pair_up(std::span<const ScoredForecast> forecasts, const Rows& first_rows, const Rows& second_rows,
                   const CompareOptions& options, int64_t hours) {
  const std::vector<double> first = losses(judge(forecasts, first_rows, options.increments), options.loss);
  const std::vector<double> second = losses(judge(forecasts, second_rows, options.increments), options.loss);
  std::vector<VideoLoss> videos;
  for (size_t i = 0; i < first.size(); ++i) {
    const auto video = [&](size_t at) {
      return std::tie(forecasts[first_rows[at]].platform, forecasts[first_rows[at]].video_id);
    };
    if (i == 0 || video(i) != video(i - 1)) videos.push_back({0, 0});
    videos.back().difference += first[i] - second[i];
    ++videos.back().forecasts;
  }
  Difference made;
  made.hours = hours;
  made.videos = videos.size();
  made.forecasts = first.size();
  made.first = mean_of(first);
  made.second = mean_of(second);
  made.difference = made.first - made.second;
  resample(videos, options, options.seed ^ (static_cast<uint64_t>(hours) * 0xD1B54A32D192ED03U), made);
  return made;
}

}  // namespace

std::vector<Difference> compare(std::span<const ScoredForecast> forecasts, std::string_view first_model,
                                std::string_view second_model, const CompareOptions& options) {
  const std::map<Key, Rows> groups = group(forecasts);
  std::vector<Difference> all;
  for (const auto& [key, rows] : groups) {
    const auto& [model, stat, hours] = key;
    const auto other = groups.find(Key{second_model, stat, hours});
    if (model != first_model || other == groups.end()) continue;
    const auto firsts = by_forecast(forecasts, rows), seconds = by_forecast(forecasts, other->second);
    Rows both_first, both_second;
    for (const auto& [made, row] : firsts) {
      const auto same = seconds.find(made);
      if (same == seconds.end()) continue;
      both_first.push_back(row);
      both_second.push_back(same->second);
    }
    if (both_first.empty()) continue;

    all.push_back(pair_up(forecasts, both_first, both_second, options, hours));
    all.back().stat = stat;
  }
  return all;
}

std::optional<Difference> compare_overall(std::span<const ScoredForecast> forecasts, std::string_view first_model,
                                          std::string_view second_model, const CompareOptions& options) {
  if (options.loss == Loss::ape) throw std::invalid_argument("ranks mean nothing across stats");
  using Asked = std::tuple<std::string_view, std::string_view, std::string_view, int64_t, int64_t>;
  std::map<Asked, std::array<std::optional<uint32_t>, 2>> pairs;  // in the order of videos
  for (size_t row = 0; row < forecasts.size(); ++row) {
    const ScoredForecast& each = forecasts[row];
    if (std::isnan(each.actual) || (each.model != first_model && each.model != second_model)) continue;
    pairs[{each.platform, each.video_id, each.stat, each.issued_at, each.target_at}]
         [each.model == first_model ? 0 : 1] = static_cast<uint32_t>(row);
  }
  Rows first, second;
  for (const auto& [asked, rows] : pairs) {
    if (!rows[0] || !rows[1]) continue;
    first.push_back(*rows[0]);
    second.push_back(*rows[1]);
  }
  if (first.empty()) return std::nullopt;
  return pair_up(forecasts, first, second, options, 0);
}

}  // namespace risetime::core
