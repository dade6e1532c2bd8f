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

// A row as it is written. Every column says which input it belongs to.
class Columns {
 public:
  Columns(std::vector<float>& row, std::vector<Input>* inputs) : row_(row), inputs_(inputs) {
    row_.clear();
    if (inputs_ != nullptr) inputs_->clear();
  }
  void add(Input input, double value) {
    row_.push_back(std::isfinite(value) ? static_cast<float>(value) : kUnknown);
    if (inputs_ != nullptr) inputs_->push_back(input);
  }
  void add(Input::What what, double value) { add({what, 0}, value); }
  void add_unknown(Input input, std::size_t count = 1) {
    row_.insert(row_.end(), count, kUnknown);
    if (inputs_ != nullptr) inputs_->insert(inputs_->end(), count, input);
  }

 private:
  std::vector<float>& row_;
  std::vector<Input>* inputs_;
};

// Places of columns that change with the horizon, in the order of add_moment().
enum MomentColumn : std::size_t { kLogAge, kGap, kLogHorizon, kRelative, kCarried, kSize, kRecent, kCarriedBySize };

void add_moment(const Moment& moment, const History& history, double carried, double rate, Columns& columns) {
  using What = Input::What;
  columns.add(What::age, std::log(moment.age));
  columns.add(What::gap, moment.gap);
  columns.add(What::ahead, std::log(std::max(moment.horizon, least_days)));
  columns.add(What::age, std::log1p(moment.horizon / moment.age));
  columns.add(What::week_rate, carried);
  columns.add(What::size, std::log1p(history.last()));
  columns.add(What::week_rate, rate);
  columns.add(What::size, carried - std::log1p(history.last()));
  columns.add(What::readings, std::log(static_cast<double>(history.size())));
}

void add_windows(const Pace& pace, const FeatureSpace& space, double rate, Columns& columns) {
  double newer = 0;
  for (const double window : kWindows) {
    if (window < 0.9 * space.step_days) continue;
    if (pace.reaches(window)) {
      columns.add(recent(window), pace.mean(window) - rate);
      columns.add(recent(window), pace.between(window, newer) - rate);
    } else {
      columns.add_unknown(recent(window), 2);
    }
    newer = window;
  }
  columns.add(Input::What::mean_rate, pace.mean(pace.reading()) - rate);
}

// Gains step by step: the last ones as they are; over longer spans slope, spread, peak and median.
void add_steps(const Pace& pace, const FeatureSpace& space, double rate, Columns& columns) {
  std::vector<double> steps;  // the latest first
  for (std::size_t k = 1; k <= kSpans[std::size(kSpans) - 1] && pace.reaches(space.step_days * static_cast<double>(k));
       ++k)
    steps.push_back(
        pace.between(space.step_days * static_cast<double>(k), space.step_days * static_cast<double>(k - 1)) - rate);
  for (std::size_t k = 0; k < kSteps; ++k)
    columns.add(recent(space.step_days * static_cast<double>(k + 1)), k < steps.size() ? steps[k] : std::nan(""));
  using What = Input::What;
  for (const std::size_t span : kSpans) {
    if (steps.size() < span) {
      for (const What what : {What::trend, What::unevenness, What::peak, What::trend}) columns.add_unknown({what, 0});
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
    columns.add(What::trend, product / around);
    columns.add(What::unevenness, std::sqrt(std::max(0.0, squares / static_cast<double>(span) - mean * mean)));
    columns.add(What::peak, part.back());
    columns.add(What::trend, part[span / 2]);
  }
  if (steps.empty()) {
    columns.add_unknown({What::peak, 0}, 3);
    return;
  }
  const auto peak = std::max_element(steps.begin(), steps.end());
  for (const double value : {static_cast<double>(peak - steps.begin()), *peak, steps.back()})
    columns.add(What::peak, value);
}

void add_carried(const History& history, const Moment& moment, double carried, Columns& columns) {
  for (const std::size_t back : {1U, 2U, 3U, 7U}) {
    const Input input = {Input::What::rate, back};
    if (history.kind() == Kind::level) {
      columns.add_unknown(input, 5);
      continue;
    }
    const Carried on = carried_on(history, moment, back);
    for (const double value :
         {on.drift_gain - carried, on.power_gain - carried, on.drift_growth, on.power_growth, on.rate_over_mean})
      columns.add(input, value);
  }
}

// The other stats of the video: how large they are beside this one, and whether they rise faster.
void add_others(const std::vector<History>& histories, std::size_t stat, const Pace& pace, std::int64_t horizon,
                double step, Columns& columns) {
  const double size = std::log1p(histories[stat].last()), rate = pace.recent();
  for (std::size_t other = 0; other < histories.size(); ++other) {
    if (other == stat) continue;
    const Input input = {Input::What::other, other};
    if (histories[other].empty()) {
      columns.add_unknown(input, 4);
      continue;
    }
    const Moment moment = moment_of(histories[other], horizon);
    const Pace there(histories[other], moment.reading);
    columns.add(input, std::log1p(histories[other].last()) - size);
    columns.add(input, there.recent() - rate);
    columns.add(input, there.reaches(step) ? there.between(step, 0) - there.recent() : std::nan(""));
    columns.add(input, std::log1p(histories[other].last()));
  }
}

// What the other stats gain if they go on rising as they did since the reading before, beside this one.
void add_others_carried(const std::vector<History>& histories, std::size_t stat, std::int64_t horizon,
                        Columns& columns) {
  const auto carried = [&](std::size_t of) { return carried_on(histories[of], moment_of(histories[of], horizon), 1); };
  for (std::size_t other = 0; other < histories.size(); ++other) {
    if (other == stat) continue;
    const Input input = {Input::What::other, other};
    if (histories[other].empty() || histories[other].kind() == Kind::level || histories[stat].kind() == Kind::level) {
      columns.add_unknown(input, 4);
      continue;
    }
    const Carried here = carried(stat), there = carried(other);
    for (const double value : {there.drift_growth, there.power_growth, there.drift_growth - here.drift_growth,
                               there.power_growth - here.power_growth})
      columns.add(input, value);
  }
}

// How this video compares with the channel's earlier ones, and what it would gain if it grew as they did.
void add_channel(const Channels::Earlier& earlier, const History& history, double carried, Columns& columns) {
  const double size = std::log1p(history.last());
  const double as_they_did = std::isfinite(earlier.growth)
                                 ? std::log1p(std::exp(size) * std::expm1(std::max(0.0, earlier.growth))) - carried
                                 : earlier.growth;
  for (const double value :
       {earlier.count, size - earlier.size, earlier.growth, earlier.spread, earlier.latest_growth, as_they_did})
    columns.add(Input::What::channel, value);
}

void add_static(const VideoView& video, const FeatureSpace& space, Columns& columns) {
  using What = Input::What;
  const auto category = std::find(space.categories.begin(), space.categories.end(), video.category);
  for (auto known = space.categories.begin(); known != space.categories.end(); ++known)
    columns.add(What::category, known == category ? 1 : 0);
  columns.add(What::duration, video.duration_s >= 0 ? std::log1p(video.duration_s) : std::nan(""));
  columns.add(What::duration, video.duration_s >= 0 && video.duration_s < 181 ? 1 : 0);
  columns.add(What::followers, video.followers >= 0 ? std::log1p(video.followers) : std::nan(""));
  for (std::size_t i = 0; i < space.static_features; ++i)
    columns.add({What::feature, i}, i < video.features.size() ? static_cast<double>(video.features[i]) : std::nan(""));
}

// What a total gains until the horizon at its mean rate of the last week.
double even_gain(const History& history, std::int64_t horizon) {
  const Moment moment = moment_of(history, horizon);
  const double week = std::min(kWeek, moment.reading);
  const Pace pace(history, moment.reading);
  return pace.gain(week, 0) / week * std::max(moment.gap + moment.horizon, 1e-6);
}

}  // namespace

double carried_week(const History& history, std::int64_t horizon) {
  if (history.kind() == Kind::level) return 0;
  return std::log1p(even_gain(history, horizon) * Week(history).over(history.origin() + horizon));
}

double carried_evenly(const History& history, std::int64_t horizon) {
  return history.kind() == Kind::level ? 0 : std::log1p(even_gain(history, horizon));
}

void describe(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
              const Channels& channels, std::size_t stat, std::int64_t horizon, std::vector<float>& row, ColumnSet set,
              std::vector<Input>* inputs) {
  const History& history = histories[stat];
  const Moment moment = moment_of(history, horizon);
  const Pace pace(history, moment.reading);
  const double carried = carried_week(history, horizon), rate = pace.recent();
  Columns columns(row, inputs);
  add_moment(moment, history, carried, rate, columns);
  add_windows(pace, space, rate, columns);
  add_steps(pace, space, rate, columns);
  add_carried(history, moment, carried, columns);
  add_others(histories, stat, pace, horizon, space.step_days, columns);
  if (!channels.empty())
    add_channel(channels.before(video, stat, history.origin(), moment.reading, moment.gap + moment.horizon, set),
                history, carried, columns);
  add_static(video, space, columns);
  if (set != ColumnSet::first) add_others_carried(histories, stat, horizon, columns);
}

// A rate goes on: what it brings is in proportion to the horizon. Where the rows were all of one horizon, its mean is
// not kept, and what was carried on is what it is at that one.
Average average_at(const std::vector<float>& means, Kind kind, std::int64_t horizon) {
  Average average{means, static_cast<double>(means[kCarried])};
  const double days = days_of(horizon), log = std::log(std::max(days, least_days));
  const auto known = static_cast<double>(means[kLogHorizon]);
  if (kind == Kind::total && known != 0) average.carried = std::max(0.0, average.carried + log - known);
  average.row[kLogHorizon] = static_cast<float>(log);
  average.row[kRelative] = static_cast<float>(std::log1p(days / std::exp(static_cast<double>(means[kLogAge]))));
  average.row[kCarried] = static_cast<float>(average.carried);
  average.row[kCarriedBySize] = static_cast<float>(average.carried - static_cast<double>(means[kSize]));
  return average;
}

}  // namespace risetime::boosted
