// The columns of features.hpp, one small function for each group of them.
#include "features.hpp"

#include <cmath>
#include <map>

namespace risetime::ridge {

namespace {

constexpr double kMicrosecondsPerDay = static_cast<double>(microseconds_per_day);
constexpr double kLeastDays = 1.0 / 24;  // ages and times below an hour count as an hour
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double days(std::int64_t microseconds) { return static_cast<double>(microseconds) / kMicrosecondsPerDay; }
std::int64_t microseconds(double from_days) {
  return static_cast<std::int64_t>(std::llround(from_days * kMicrosecondsPerDay));
}

// When and how far: all in days.
struct Moment {
  double age;      // of the video at the origin
  double reading;  // its age at the latest reading
  double gap;      // from that reading to the origin
  double horizon;
};

Moment moment_of(const VideoView& video, const History& history, std::int64_t horizon) {
  Moment moment{};
  moment.age = std::max(kLeastDays, days(history.origin() - video.published_at));
  moment.reading = std::clamp(days(history.last_time() - video.published_at), kLeastDays, moment.age);
  moment.gap = moment.age - moment.reading;
  moment.horizon = days(horizon);
  return moment;
}

// The latest reading of any stat, to have one gap for all.
Moment moment_of(const VideoView& video, const std::vector<History>& histories, std::int64_t horizon) {
  const History* latest = &histories.front();
  for (const History& history : histories)
    if (history.last_time() > latest->last_time()) latest = &history;
  return moment_of(video, *latest, horizon);
}

// A rate over the last `back` readings, carried on to the horizon in two ways: as it is (drift), and as the power of
// the age that it amounts to (which slows down as videos do).
struct Carried {
  double drift_gain, drift_growth, power_growth, power_gain, rate_over_mean;
};

Carried carried_on(const VideoView& video, const History& history, const Moment& moment, std::size_t back) {
  const double last = history.last();
  const bool from_upload = back >= history.size();
  const double before = from_upload ? 0.0 : history.value_back(back);
  const double before_age = from_upload ? 0.0 : std::max(0.0, days(history.time_back(back) - video.published_at));
  const double rate = (last - before) / std::max(kLeastDays, moment.reading - before_age);
  const double ahead = moment.gap + moment.horizon;
  const double floor_age = std::max(before_age, 0.02);
  double power = 0;
  if (moment.reading > floor_age * 1.001)
    power = std::clamp((std::log1p(last) - std::log1p(before)) / std::log(moment.reading / floor_age), 0.0, 3.0);
  const double growth = power * std::log((moment.age + moment.horizon) / moment.reading);
  return {std::log1p(std::max(0.0, rate) * ahead), std::log1p(std::max(0.0, rate) * ahead / (last + 1)), growth,
          std::log1p((last + 1) * std::expm1(std::min(growth, 8.0))),
          std::log(std::max(0.0, rate) / (last / moment.reading + 1e-9) + 0.01)};
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

void FeatureSpace::save(Writer& to) const {
  to.write(stats);
  to.write(categories);
  to.write(static_cast<std::uint64_t>(static_features));
  to.write(step_days);
}

void FeatureSpace::load(Reader& from) {
  stats = from.read<std::vector<std::string>>();
  categories = from.read<std::vector<std::string>>();
  static_features = static_cast<std::size_t>(from.read<std::uint64_t>());
  step_days = from.read<double>();
}

FeatureSpace find_space(const TrainingSample& sample, std::vector<std::string> stats, std::size_t most) {
  FeatureSpace space;
  space.stats = std::move(stats);
  std::map<std::string, std::size_t> counts;
  std::vector<double> steps;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const VideoView video = sample[i];
    if (!video.category.empty()) ++counts[std::string(video.category)];
    space.static_features = std::max(space.static_features, video.features.size());
    if (video.times.size() > 1)
      steps.push_back(days(video.times.back() - video.times.front()) / static_cast<double>(video.times.size() - 1));
  }
  if (!steps.empty()) {
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    space.step_days = std::clamp(*middle, 1.0 / 1440, 365.0);
  }
  std::vector<std::pair<std::size_t, std::string>> commonest;
  for (const auto& [category, count] : counts) commonest.emplace_back(count, category);
  std::sort(commonest.begin(), commonest.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  for (std::size_t i = 0; i < std::min(most, commonest.size()); ++i) space.categories.push_back(commonest[i].second);
  std::sort(space.categories.begin(), space.categories.end());
  return space;
}

std::vector<History> histories_of(const VideoView& video, const FeatureSpace& space, std::int64_t origin) {
  std::vector<History> histories;
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat)
    histories.emplace_back(video.times, video.values[stat], video.published_at, origin, space.kind(stat));
  return histories;
}

std::vector<double> windows_for(const FeatureSpace& space, double age_days) {
  constexpr double candidates[] = {1.0 / 24, 2.0 / 24, 3.0 / 24, 6.0 / 24, 0.5, 1,   1.5, 2,   2.5, 3,  4,  5,
                                   6,        7,        8,        9,        10,  12,  14,  17,  21,  25, 30, 37,
                                   45,       52,       60,       75,       90,  120, 150, 180, 240, 365};
  std::vector<double> windows;
  for (const double window : candidates)
    if (window >= 0.9 * std::min(space.step_days, age_days) && window <= age_days) windows.push_back(window);
  return windows;
}

void describe_at_age(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     const std::vector<double>& windows, std::int64_t horizon, Row& row) {
  row.values.clear();
  const Moment moment = moment_of(video, histories, horizon);
  add_moment(moment, row.values);
  for (const History& history : histories) {
    const std::size_t from = row.values.size();
    const double level = std::log1p(history.last());
    row.values.insert(row.values.end(), {level, level * level / 10});
    add_windows(history, windows, row.values);
    for (const std::size_t back : {1U, 2U, 3U, 7U}) add_carried(carried_on(video, history, moment, back), row.values);
    forget_if_empty(history, from, row.values);
    row.values.push_back(history.empty() ? 1.0 : 0.0);
  }
  row.moving = row.values.size();
  add_static(video, space, row.values);
}

void describe_anywhere(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                       std::int64_t horizon, Row& row) {
  std::vector<double> base;
  const Moment moment = moment_of(video, histories, horizon);
  add_moment(moment, base);
  for (const History& history : histories) {
    const std::size_t from = base.size();
    const double level = std::log1p(history.last());
    base.insert(base.end(), {level, level * level / 10});
    const double span = std::max(moment.reading, kLeastDays);
    add_windows(history, {span / 16, span / 8, span / 4, span / 2, span}, base);
    for (const std::size_t back : {1U, 3U}) add_carried(carried_on(video, history, moment, back), base);
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
  const Moment moment = moment_of(video, histories, horizon);
  row.values.insert(row.values.end(), {moment.age, moment.age + moment.horizon, moment.gap});
  for (const History& history : histories) row.values.push_back(history.empty() ? kUnknown : history.last());
  row.values.push_back(video.followers >= 0 ? video.followers : kUnknown);
  row.moving = row.values.size();
  add_static(video, space, row.values);
}

}  // namespace risetime::ridge
