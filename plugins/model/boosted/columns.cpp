// The columns of columns.hpp, one small function for each group of them.
#include "columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <risetime/carried.hpp>
#include <risetime/week.hpp>

namespace risetime::boosted {

namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
constexpr double kWeek = 7;
constexpr double kWindows[] = {1.0 / 24, 0.125, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 42, 60, 90, 180, 365};
constexpr std::size_t kSteps = 14;  // last readings' gains, one step each
constexpr std::size_t kSpans[] = {7, 14, 30, 90};

std::int64_t microseconds(double days) {
  return static_cast<std::int64_t>(std::llround(days * static_cast<double>(microseconds_per_day)));
}

// Log of a rate or of a level, at any window back from the latest reading.
class Pace {
 public:
  Pace(const History& history, double reading_days)
      : history_(history), reading_(reading_days), week_(std::min(kWeek, reading_days)) {}

  bool reaches(double window) const { return window <= reading_ * 1.001; }
  double reading() const { return reading_; }
  // Of the last week, or since upload.
  double recent() const { return is_level() ? std::log1p(history_.last()) : mean(week_); }
  // Since `window` days before the latest reading.
  double mean(double window) const {
    if (is_level()) return std::log1p(value(window));
    return std::log1p(gain(window, 0)) - std::log(window);
  }
  // Between two times before the latest reading, in days, as log(gain a day + 1).
  double between(double from, double to) const {
    if (is_level()) return std::log1p(value(from));
    return std::log1p(gain(from, to) / (from - to));
  }
  double gain(double from, double to) const { return std::max(0.0, value(to) - value(from)); }

 private:
  bool is_level() const { return history_.kind() == Kind::level; }
  double value(double days_back) const {
    if (days_back <= 0) return history_.last();
    return history_.at(std::max(history_.published_at(), history_.last_time() - microseconds(days_back)));
  }
  const History& history_;
  double reading_, week_;
};

class Columns {
 public:
  explicit Columns(std::vector<float>& row) : row_(row) { row_.clear(); }
  void add(double value) { row_.push_back(std::isfinite(value) ? static_cast<float>(value) : kUnknown); }
  void add_unknown(std::size_t count = 1) { row_.insert(row_.end(), count, kUnknown); }

 private:
  std::vector<float>& row_;
};

void add_moment(const Moment& moment, const History& history, double carried, double recent, Columns& columns) {
  for (const double value : {std::log(moment.age), moment.gap, std::log(std::max(moment.horizon, least_days)),
                             std::log1p(moment.horizon / moment.age), carried, std::log1p(history.last()), recent,
                             carried - std::log1p(history.last()), std::log(static_cast<double>(history.size()))})
    columns.add(value);
}

void add_windows(const Pace& pace, const FeatureSpace& space, double recent, Columns& columns) {
  double newer = 0;
  for (const double window : kWindows) {
    if (window < 0.9 * space.step_days) continue;
    if (pace.reaches(window)) {
      columns.add(pace.mean(window) - recent);
      columns.add(pace.between(window, newer) - recent);
    } else {
      columns.add_unknown(2);
    }
    newer = window;
  }
  columns.add(pace.mean(pace.reading()) - recent);
}

// Gains step by step: the last ones as they are; over longer spans slope, spread, peak and median.
void add_steps(const Pace& pace, const FeatureSpace& space, double recent, Columns& columns) {
  std::vector<double> steps;  // the latest first
  for (std::size_t k = 1; k <= kSpans[std::size(kSpans) - 1] && pace.reaches(space.step_days * static_cast<double>(k));
       ++k)
    steps.push_back(
        pace.between(space.step_days * static_cast<double>(k), space.step_days * static_cast<double>(k - 1)) - recent);
  for (std::size_t k = 0; k < kSteps; ++k) k < steps.size() ? columns.add(steps[k]) : columns.add_unknown();
  for (const std::size_t span : kSpans) {
    if (steps.size() < span) {
      columns.add_unknown(4);
      continue;
    }
    std::vector<double> part(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(span));
    const double middle = static_cast<double>(span - 1) / 2;
    double sum = 0, squares = 0, product = 0, around = 0;
    for (std::size_t k = 0; k < span; ++k) {
      const double at = middle - static_cast<double>(k);
      sum += part[k];
      squares += part[k] * part[k];
      product += at * part[k];
      around += at * at;
    }
    const double mean = sum / static_cast<double>(span);
    std::sort(part.begin(), part.end());
    columns.add(product / around);
    columns.add(std::sqrt(std::max(0.0, squares / static_cast<double>(span) - mean * mean)));
    columns.add(part.back());
    columns.add(part[span / 2]);
  }
  if (steps.empty()) {
    columns.add_unknown(3);
    return;
  }
  const auto peak = std::max_element(steps.begin(), steps.end());
  columns.add(static_cast<double>(peak - steps.begin()));
  columns.add(*peak);
  columns.add(steps.back());
}

void add_carried(const History& history, const Moment& moment, double carried, Columns& columns) {
  for (const std::size_t back : {1U, 2U, 3U, 7U}) {
    if (history.kind() == Kind::level) {
      columns.add_unknown(5);
      continue;
    }
    const Carried on = carried_on(history, moment, back);
    for (const double value :
         {on.drift_gain - carried, on.power_gain - carried, on.drift_growth, on.power_growth, on.rate_over_mean})
      columns.add(value);
  }
}

// The other stats of the video: how large they are beside this one, and whether they rise faster.
void add_others(const std::vector<History>& histories, std::size_t stat, const Pace& pace, std::int64_t horizon,
                double step, Columns& columns) {
  const double size = std::log1p(histories[stat].last()), recent = pace.recent();
  for (std::size_t other = 0; other < histories.size(); ++other) {
    if (other == stat) continue;
    if (histories[other].empty()) {
      columns.add_unknown(4);
      continue;
    }
    const Moment moment = moment_of(histories[other], horizon);
    const Pace there(histories[other], moment.reading);
    columns.add(std::log1p(histories[other].last()) - size);
    columns.add(there.recent() - recent);
    columns.add(there.reaches(step) ? there.between(step, 0) - there.recent() : std::nan(""));
    columns.add(std::log1p(histories[other].last()));
  }
}

// What the other stats gain if they go on rising as they did since the reading before, beside this one.
void add_others_carried(const std::vector<History>& histories, std::size_t stat, std::int64_t horizon,
                        Columns& columns) {
  const auto carried = [&](std::size_t of) { return carried_on(histories[of], moment_of(histories[of], horizon), 1); };
  for (std::size_t other = 0; other < histories.size(); ++other) {
    if (other == stat) continue;
    if (histories[other].empty() || histories[other].kind() == Kind::level || histories[stat].kind() == Kind::level) {
      columns.add_unknown(4);
      continue;
    }
    const Carried here = carried(stat), there = carried(other);
    for (const double value : {there.drift_growth, there.power_growth, there.drift_growth - here.drift_growth,
                               there.power_growth - here.power_growth})
      columns.add(value);
  }
}

// How this video compares with the channel's earlier ones, and what it would gain if it grew as they did.
void add_channel(const Channels::Earlier& earlier, const History& history, double carried, Columns& columns) {
  const double size = std::log1p(history.last());
  columns.add(earlier.count);
  columns.add(size - earlier.size);
  columns.add(earlier.growth);
  columns.add(earlier.spread);
  columns.add(earlier.latest_growth);
  columns.add(std::isfinite(earlier.growth)
                  ? std::log1p(std::exp(size) * std::expm1(std::max(0.0, earlier.growth))) - carried
                  : earlier.growth);
}

void add_static(const VideoView& video, const FeatureSpace& space, Columns& columns) {
  const auto category = std::find(space.categories.begin(), space.categories.end(), video.category);
  for (auto known = space.categories.begin(); known != space.categories.end(); ++known)
    columns.add(known == category ? 1 : 0);
  columns.add(video.duration_s >= 0 ? std::log1p(video.duration_s) : std::nan(""));
  columns.add(video.duration_s >= 0 && video.duration_s < 181 ? 1 : 0);
  columns.add(video.followers >= 0 ? std::log1p(video.followers) : std::nan(""));
  for (std::size_t i = 0; i < space.static_features; ++i)
    columns.add(i < video.features.size() ? static_cast<double>(video.features[i]) : std::nan(""));
}

}  // namespace

double carried_week(const History& history, std::int64_t horizon) {
  if (history.kind() == Kind::level) return 0;
  const Moment moment = moment_of(history, horizon);
  const double week = std::min(kWeek, moment.reading);
  const Pace pace(history, moment.reading);
  const double even = pace.gain(week, 0) / week * std::max(moment.gap + moment.horizon, 1e-6);
  return std::log1p(even * Week(history).over(history.origin() + horizon));
}

void describe(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
              const Channels& channels, std::size_t stat, std::int64_t horizon, std::vector<float>& row,
              ColumnSet set) {
  const History& history = histories[stat];
  const Moment moment = moment_of(history, horizon);
  const Pace pace(history, moment.reading);
  const double carried = carried_week(history, horizon), recent = pace.recent();
  Columns columns(row);
  add_moment(moment, history, carried, recent, columns);
  add_windows(pace, space, recent, columns);
  add_steps(pace, space, recent, columns);
  add_carried(history, moment, carried, columns);
  add_others(histories, stat, pace, horizon, space.step_days, columns);
  if (!channels.empty())
    add_channel(channels.before(video, stat, history.origin(), moment.reading, moment.gap + moment.horizon, set),
                history, carried, columns);
  add_static(video, space, columns);
  if (set != ColumnSet::first) add_others_carried(histories, stat, horizon, columns);
}

}  // namespace risetime::boosted
