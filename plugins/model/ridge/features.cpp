// The columns of features.hpp, one small function for each group of them.
#include "features.hpp"

#include <array>
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

// A row as it is written. Every column says which input it belongs to.
class Columns {
 public:
  explicit Columns(Row& row) : row_(row) {
    row.values.clear();
    if (row.inputs != nullptr) row.inputs->clear();
  }
  void add(Input input, double value, double by_size = 0, double by_horizon = 0, double bend = 0) {
    row_.values.push_back(value);
    if (row_.inputs != nullptr)
      row_.inputs->push_back({input, stat_, by_size, by_horizon, bend, ColumnInput::every, 1});
  }
  void add(Input::What what, double value, double by_size = 0) { add({what, 0}, value, by_size); }
  // What follows is of this stat's history.
  void begin(std::size_t stat) { stat_ = stat; }
  void end() { stat_ = ColumnInput::every; }
  std::size_t size() const { return row_.values.size(); }
  // Values of an absent stat are not known: the model's mean stands in for them.
  void forget(std::size_t from) {
    std::fill(row_.values.begin() + static_cast<std::ptrdiff_t>(from), row_.values.end(), kUnknown);
  }
  // The column again, times a factor.
  void add_product(std::size_t column, double factor) {
    row_.values.push_back(row_.values[column] * factor);
    if (row_.inputs == nullptr) return;
    ColumnInput input = (*row_.inputs)[column];
    input.by_size *= factor;
    input.bend *= factor;
    input.multiplied = column;
    input.factor = factor;
    row_.inputs->push_back(input);
  }

 private:
  Row& row_;
  std::size_t stat_ = ColumnInput::every;
};

void add_carried(const Carried& carried, std::size_t readings, Columns& columns) {
  const Input input = {Input::What::rate, readings};
  columns.add(input, carried.drift_gain, 1, 1);
  columns.add(input, carried.drift_growth);
  columns.add(input, carried.power_growth);
  columns.add(input, carried.power_gain, 1, 1);
  columns.add(input, carried.rate_over_mean);
}

// Gains of the windows that end at the latest reading, and gains per day between one window's start and the next's. Of
// windows that are shares of the video's life the last one is all of it.
enum class Windows { of_days, of_life };
void add_windows(const History& history, const std::vector<double>& windows, Windows kind, Columns& columns) {
  const std::int64_t end = history.last_time();
  const bool level = history.kind() == Kind::level;
  const double last = history.last();
  double newer = last, newer_days = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double window = windows[i];
    const bool whole = kind == Windows::of_life && i + 1 == windows.size();
    const Input input = whole ? Input{Input::What::mean_rate, 0} : recent(window);
    const double older = history.at(std::max(history.published_at(), end - microseconds(window)));
    if (level) {
      columns.add(input, std::log1p(older) - std::log1p(last));
      continue;
    }
    columns.add(input, std::log1p(std::max(0.0, last - older)), 1);
    columns.add(input, std::log1p(std::max(0.0, newer - older) / (window - newer_days)), 1);
    newer = older;
    newer_days = window;
  }
}

// How unsteady the last steps are: the spread of their log gains, over the last 3, 6, 12 ... of them. A level's steps
// are its values.
void add_spreads(const History& history, const FeatureSpace& space, const std::vector<std::uint64_t>& spans,
                 Columns& columns) {
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
    columns.add(Input::What::unevenness, std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count))));
  }
}

constexpr std::size_t kLogAge = 3;  // column of log(age)

void add_moment(const Moment& moment, Columns& columns) {
  columns.add(Input::What::gap, moment.gap);
  columns.add(Input::What::gap, std::log1p(moment.gap));
  columns.add(Input::What::age, std::log(moment.reading));
  columns.add(Input::What::age, std::log(moment.age));
}

void add_size(const History& history, Columns& columns) {
  const double level = std::log1p(history.last());
  columns.add(Input::What::size, level, 1);
  columns.add({Input::What::size, 0}, level * level / 10, level / 5, 0, -0.1);  // back from where it is now
}

void add_static(const VideoView& video, const FeatureSpace& space, Columns& columns) {
  for (const std::string& category : space.categories)
    columns.add(Input::What::category, video.category == category ? 1.0 : 0.0);
  const bool known = std::isfinite(video.duration_s) && video.duration_s >= 0;
  columns.add(Input::What::duration, known ? std::log1p(video.duration_s) : kUnknown);
  for (const double short_video : {61.0, 181.0})
    columns.add(Input::What::duration, known && video.duration_s < short_video ? 1.0 : 0.0);
  columns.add(Input::What::followers, video.followers >= 0 ? std::log1p(video.followers) : kUnknown);
  for (std::size_t i = 0; i < space.static_features; ++i)
    columns.add({Input::What::feature, i},
                i < video.features.size() && std::isfinite(video.features[i]) ? video.features[i] : kUnknown);
}

// How the columns for all ages and horizons change with these: each is multiplied by five factors.
struct Traits {
  Traits(double age, double horizon)
      : relative(std::log1p(horizon / age)), far(std::log(horizon)), old(std::log(age)) {}
  double relative, far, old;

  std::array<double, 5> factors() const { return {relative, far, old, relative * relative, relative * old}; }
  // Their own columns. The relative horizon tells of the age: how far one looks is asked, not learned from a video.
  static constexpr std::size_t kFar = 1;  // where log(horizon) stands among them
  std::array<std::pair<Input::What, double>, 6> columns() const {
    return {{{Input::What::age, relative},
             {Input::What::ahead, far},
             {Input::What::ahead, far * far},
             {Input::What::age, far * old},
             {Input::What::age, relative * relative},
             {Input::What::age, old * old}}};
  }
};

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
  Columns columns(row);
  const Moment moment = moment_of(histories, horizon);
  add_moment(moment, columns);
  for (std::size_t stat = 0; stat < histories.size(); ++stat) {
    const History& history = histories[stat];
    columns.begin(stat);
    const std::size_t from = columns.size();
    add_size(history, columns);
    add_windows(history, back.windows, Windows::of_days, columns);
    add_spreads(history, space, back.spans, columns);
    for (const std::size_t readings : {1U, 2U, 3U, 7U})
      add_carried(carried_on(history, moment, readings), readings, columns);
    if (history.empty()) columns.forget(from);
    columns.add(Input::What::size, history.empty() ? 1.0 : 0.0);
  }
  columns.end();
  row.moving = columns.size();
  add_static(video, space, columns);
}

void describe_anywhere(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                       std::int64_t horizon, Row& row) {
  Columns columns(row);
  const Moment moment = moment_of(histories, horizon);
  add_moment(moment, columns);
  const double span = std::max(moment.reading, least_days);
  const std::vector<double> windows = {span / 16, span / 8, span / 4, span / 2, span};
  for (std::size_t stat = 0; stat < histories.size(); ++stat) {
    columns.begin(stat);
    const std::size_t from = columns.size();
    add_size(histories[stat], columns);
    add_windows(histories[stat], windows, Windows::of_life, columns);
    for (const std::size_t back : {1U, 3U}) add_carried(carried_on(histories[stat], moment, back), back, columns);
    if (histories[stat].empty()) columns.forget(from);
  }
  columns.end();
  const std::size_t width = columns.size();
  const Traits traits(moment.age, moment.horizon);
  for (const double factor : traits.factors())
    for (std::size_t column = 0; column < width; ++column) columns.add_product(column, factor);
  for (const auto& [what, value] : traits.columns()) columns.add(what, value);
  for (std::size_t stat = 0; stat < histories.size(); ++stat) {
    columns.begin(stat);
    columns.add(Input::What::size, histories[stat].empty() ? 1.0 : 0.0);
  }
  columns.end();
  row.moving = columns.size();
  add_static(video, space, columns);
}

std::vector<double> average_anywhere(const std::vector<double>& means, const std::vector<ColumnInput>& inputs,
                                     std::size_t moving, std::size_t stats, std::int64_t horizon) {
  std::vector<double> row = means;
  const Traits traits(std::exp(means[kLogAge]), days_of(horizon));
  const std::size_t factors = traits.factors().size(), own = traits.columns().size();
  const std::size_t width = (moving - stats - own) / (1 + factors);
  const double further = traits.far - means[width * (1 + factors) + Traits::kFar];
  for (std::size_t i = 0; i < width; ++i) row[i] += inputs[i].by_horizon * further;
  std::size_t column = width;
  for (const double factor : traits.factors())
    for (std::size_t i = 0; i < width; ++i) row[column++] = row[i] * factor;
  for (const auto& [what, value] : traits.columns()) row[column++] = value;
  return row;
}

void describe_levels(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     std::int64_t horizon, Row& row) {
  Columns columns(row);
  const Moment moment = moment_of(histories, horizon);
  columns.add(Input::What::age, moment.age);
  columns.add(Input::What::age, moment.age + moment.horizon);
  columns.add(Input::What::gap, moment.gap);
  for (std::size_t stat = 0; stat < histories.size(); ++stat) {
    columns.begin(stat);
    columns.add(Input::What::size, histories[stat].empty() ? kUnknown : histories[stat].last());
  }
  columns.end();
  columns.add(Input::What::followers, video.followers >= 0 ? video.followers : kUnknown);
  row.moving = columns.size();
  add_static(video, space, columns);
}

}  // namespace risetime::ridge
