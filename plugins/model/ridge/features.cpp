// The columns of features.hpp, one small function for each group of them.
#include "features.hpp"

#include <cmath>
#include <risetime/carried.hpp>

namespace risetime::ridge {

namespace {

constexpr double kMicrosecondsPerDay = static_cast<double>(microseconds_per_day);
constexpr std::uint64_t kMostSpan = 96;  // steps
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::int64_t microseconds(double from_days) {
  return static_cast<std::int64_t>(std::llround(from_days * kMicrosecondsPerDay));
}

// The latest reading of any stat, to have one gap for all.
Moment moment_of(const std::vector<History>& histories, std::int64_t horizon) {
  const History* latest = &histories.front();
  for (const History& history : histories)
    if (history.last_time() > latest->last_time()) latest = &history;
  return moment_of(*latest, horizon);
}

void add_carried(const Carried& carried, std::vector<double>& row) {
  row.insert(row.end(), {carried.drift_gain, carried.drift_growth, carried.power_growth, carried.power_gain,
                         carried.rate_over_mean});
}

// Gains of the windows that end at the latest reading, and gains per day between one window's start and the next's.
void add_windows(const History& history, const std::vector<double>& windows, std::vector<double>& row) {
  const std::int64_t end = history.last_time();
  const bool level = history.kind() == Kind::level;
  const double last = history.last();
  double newer = last, newer_days = 0;
  for (const double window : windows) {
    const double older = history.at(std::max(history.published_at(), end - microseconds(window)));
    if (level) {
      row.push_back(std::log1p(older) - std::log1p(last));
      continue;
    }
    row.push_back(std::log1p(std::max(0.0, last - older)));
    row.push_back(std::log1p(std::max(0.0, newer - older) / (window - newer_days)));
    newer = older;
    newer_days = window;
  }
}

// How unsteady the last steps are: the spread of their log gains, over the last 3, 6, 12 ... of them. A level's steps
// are its values.
void add_spreads(const History& history, const FeatureSpace& space, const std::vector<std::uint64_t>& spans,
                 std::vector<double>& row) {
  double sum = 0, squares = 0, newer = history.last();
  std::int64_t time = history.last_time();
  std::uint64_t steps = 0;
  for (const std::uint64_t span : spans) {
    for (; steps < span; ++steps) {
      time = std::max(history.published_at(), time - space.step());
      const double older = history.at(time);
      const double log = std::log1p(history.kind() == Kind::level ? older : std::max(0.0, newer - older));
      sum += log;
      squares += log * log;
      newer = older;
    }
    const auto count = static_cast<double>(span);
    row.push_back(std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count))));
  }
}

void add_moment(const Moment& moment, std::vector<double>& row) {
  row.insert(row.end(), {moment.gap, std::log1p(moment.gap), std::log(moment.reading), std::log(moment.age)});
}

void add_static(const VideoView& video, const FeatureSpace& space, std::vector<double>& row) {
  for (const std::string& category : space.categories) row.push_back(video.category == category ? 1.0 : 0.0);
  const bool known = std::isfinite(video.duration_s) && video.duration_s >= 0;
  row.push_back(known ? std::log1p(video.duration_s) : kUnknown);
  for (const double short_video : {61.0, 181.0}) row.push_back(known && video.duration_s < short_video ? 1.0 : 0.0);
  row.push_back(video.followers >= 0 ? std::log1p(video.followers) : kUnknown);
  for (std::size_t i = 0; i < space.static_features; ++i)
    row.push_back(i < video.features.size() && std::isfinite(video.features[i]) ? video.features[i] : kUnknown);
}

// Values of an absent stat are not known: the model's mean stands in for them.
void forget_if_empty(const History& history, std::size_t from, std::vector<double>& row) {
  if (!history.empty()) return;
  std::fill(row.begin() + static_cast<std::ptrdiff_t>(from), row.end(), kUnknown);
}

}  // namespace

Lookback lookback_for(const FeatureSpace& space, double age_days) {
  constexpr double candidates[] = {1.0 / 24, 2.0 / 24, 3.0 / 24, 6.0 / 24, 0.5, 1,   1.5, 2,   2.5, 3,  4,  5,
                                   6,        7,        8,        9,        10,  12,  14,  17,  21,  25, 30, 37,
                                   45,       52,       60,       75,       90,  120, 150, 180, 240, 365};
  Lookback back;
  for (const double window : candidates)
    if (window >= 0.9 * std::min(space.step_days, age_days) && window <= age_days) back.windows.push_back(window);
  for (std::uint64_t span = 3; span <= kMostSpan && static_cast<double>(span) * space.step_days <= age_days; span *= 2)
    back.spans.push_back(span);
  return back;
}

void describe_at_age(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     const Lookback& back, std::int64_t horizon, Row& row) {
  row.values.clear();
  const Moment moment = moment_of(histories, horizon);
  add_moment(moment, row.values);
  for (const History& history : histories) {
    const std::size_t from = row.values.size();
    const double level = std::log1p(history.last());
    row.values.insert(row.values.end(), {level, level * level / 10});
    add_windows(history, back.windows, row.values);
    add_spreads(history, space, back.spans, row.values);
    for (const std::size_t readings : {1U, 2U, 3U, 7U}) add_carried(carried_on(history, moment, readings), row.values);
    forget_if_empty(history, from, row.values);
    row.values.push_back(history.empty() ? 1.0 : 0.0);
  }
  row.moving = row.values.size();
  add_static(video, space, row.values);
}

void describe_anywhere(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                       std::int64_t horizon, Row& row) {
  std::vector<double> base;
  const Moment moment = moment_of(histories, horizon);
  add_moment(moment, base);
  for (const History& history : histories) {
    const std::size_t from = base.size();
    const double level = std::log1p(history.last());
    base.insert(base.end(), {level, level * level / 10});
    const double span = std::max(moment.reading, least_days);
    add_windows(history, {span / 16, span / 8, span / 4, span / 2, span}, base);
    for (const std::size_t back : {1U, 3U}) add_carried(carried_on(history, moment, back), base);
    forget_if_empty(history, from, base);
  }
  const double relative = std::log1p(moment.horizon / moment.age), far = std::log(moment.horizon);
  const double old = std::log(moment.age);
  row.values = base;
  for (const double factor : {relative, far, old, relative * relative, relative * old})
    for (const double value : base) row.values.push_back(value * factor);
  row.values.insert(row.values.end(), {relative, far, far * far, far * old, relative * relative, old * old});
  for (const History& history : histories) row.values.push_back(history.empty() ? 1.0 : 0.0);
  row.moving = row.values.size();
  add_static(video, space, row.values);
}

void describe_levels(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     std::int64_t horizon, Row& row) {
  row.values.clear();
  const Moment moment = moment_of(histories, horizon);
  row.values.insert(row.values.end(), {moment.age, moment.age + moment.horizon, moment.gap});
  for (const History& history : histories) row.values.push_back(history.empty() ? kUnknown : history.last());
  row.values.push_back(video.followers >= 0 ? video.followers : kUnknown);
  row.moving = row.values.size();
  add_static(video, space, row.values);
}

}  // namespace risetime::ridge
