// For models that say which inputs moved their forecasts: a number taken apart by inputs, and what the inputs are
// called. Columns say which input they belong to where they are written, so that names cannot drift from columns.
#pragma once

#include <map>
#include <risetime/contributions.hpp>
#include <risetime/growth.hpp>
#include <string>
#include <utility>
#include <vector>

namespace risetime {

// What a column tells of a video. Many columns are one input: people ask about the last week, not about a window.
struct Input {
  enum class What {
    age,
    gap,    // since the last reading
    ahead,  // how far
    size,   // the stat itself, now
    readings,
    week_rate,  // of the last week, going on
    weekdays,
    lately,      // gains (values, of a level) up to `which` days back, as recent() counts them
    mean_rate,   // since upload
    trend,       // whether gains rise or fall,
    unevenness,  // differ from one another,
    peak,        // and when and how high they were at most
    rate,        // since `which` readings back, going on
    other,       // stat number `which` beside this one
    channel,
    category,
    duration,
    followers,
    feature,       // number `which` of the featurizers' vectors
    day_before,    // of a level with a rhythm: the same hour the day before,
    days_before,   // on earlier days,
    week_before,   // and a week or two before,
    hours_beside,  // and the hours beside it
    last_hours,    // beside those of a day and a week before
    daily_means,
    regularity,  // how large the rhythm is, and how far days differ
    error,       // what such forecasts were off by
    bounds,      // no total falls, nor its forecast over the horizons
  };
  What what = What::age;
  std::size_t which = 0;

  bool operator<(const Input& other_input) const {
    return std::pair(what, which) < std::pair(other_input.what, other_input.which);
  }
  bool operator==(const Input& other_input) const { return what == other_input.what && which == other_input.which; }
  bool operator!=(const Input& other_input) const { return !(*this == other_input); }
};

// Gains or values that far back, in days, with what else is as recent: up to a day, three, a week, a month, longer.
inline Input recent(double days) {
  for (const std::size_t most : {1U, 3U, 7U, 30U})
    if (days <= static_cast<double>(most) * 1.01) return {Input::What::lately, most};
  return {Input::What::lately, 0};
}

// As people call it, for one of the stats.
inline std::string name_of(const Input& input, const FeatureSpace& space, std::size_t stat) {
  const std::string& its = space.stats[stat];
  const bool level = space.kind(stat) == Kind::level;
  const auto readings = std::to_string(input.which) + " readings";
  switch (input.what) {
    case Input::What::age:
      return "age of the video";
    case Input::What::gap:
      return "time since its last reading";
    case Input::What::ahead:
      return "how far ahead";
    case Input::What::size:
      return its + (level ? " now" : " so far");
    case Input::What::readings:
      return "number of readings";
    case Input::What::week_rate:
      return "the last week's rate, going on";
    case Input::What::weekdays:
      return "days of the week";
    case Input::What::lately:
      if (input.which == 1) return its + " of the last day";
      if (input.which == 7) return its + " of the last week";
      if (input.which == 30) return its + " of the last month";
      return input.which == 0 ? its + " of earlier months" : its + " of the last 3 days";
    case Input::What::mean_rate:
      return "mean rate since upload";
    case Input::What::trend:
      return "trend of its " + its;
    case Input::What::unevenness:
      return "ups and downs of its " + its;
    case Input::What::peak:
      return "its start and its peak";
    case Input::What::rate:
      return input.which == 1 ? "rate since the reading before" : "rate over the last " + readings;
    case Input::What::other:
      return space.stats[input.which] + " beside " + its;
    case Input::What::channel:
      return "the channel's earlier videos";
    case Input::What::category:
      return "category";
    case Input::What::duration:
      return "length of the video";
    case Input::What::followers:
      return "followers of the channel";
    case Input::What::feature:
      return "features";
    case Input::What::day_before:
      return "the same hour the day before";
    case Input::What::days_before:
      return "the same hour of earlier days";
    case Input::What::week_before:
      return "the same hour a week before";
    case Input::What::hours_beside:
      return "the hours beside it";
    case Input::What::last_hours:
      return "the last hours";
    case Input::What::daily_means:
      return "means of the last days";
    case Input::What::regularity:
      return "how regular its rhythm is";
    case Input::What::error:
      return "what such forecasts were off by";
    case Input::What::bounds:
      return level ? "no level is below zero" : "no total falls";
  }
  return "";
}

// A number as what it is for a reference, and what each input adds to that.
struct Attribution {
  double base = 0;
  std::map<Input, double> parts;

  double sum() const {
    double sum = base;
    for (const auto& [input, value] : parts) sum += value;
    return sum;
  }
  // As numbers are added: another one, `factor` times.
  void add(const Attribution& other, double factor = 1) {
    base += factor * other.base;
    for (const auto& [input, value] : other.parts) parts[input] += factor * value;
  }
  void add(Input input, double value) { parts[input] += value; }
  // Becomes what a function that bends says of it: of its reference `at_base`, of itself `at_sum`; the inputs share the
  // difference as they did before.
  void bend(double at_base, double at_sum) {
    const double before = sum() - base, after = at_sum - at_base;
    base = at_base;
    if (before != 0) {
      for (auto& [input, value] : parts) value *= after / before;
    } else {
      base = at_sum;
      parts.clear();
    }
  }
};

// Columns of a line: what each adds to `out`, beside a reference's.
inline void attribute(const std::vector<Input>& inputs, const std::vector<double>& added, Attribution& out) {
  for (std::size_t column = 0; column < inputs.size(); ++column) out.add(inputs[column], added[column]);
}

// Read off the line through (log horizons, values), as numbers are.
inline Attribution between(const std::vector<std::int64_t>& horizons, const std::vector<Attribution>& values,
                           std::int64_t horizon) {
  Attribution out;
  std::vector<double> unit(values.size(), 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    unit[i] = 1;
    const double weight = between(horizons, unit, horizon);
    if (weight != 0) out.add(values[i], weight);
    unit[i] = 0;
  }
  return out;
}

// Nothing where there is no answer. [horizons]
using AttributionPath = std::vector<std::optional<Attribution>>;

// Writes one stat of one video, as write_path() writes its forecast: what must not be is no part of the model's sum,
// but an input of its own.
inline void write_attributions(const AttributionPath& path, const FeatureSpace& space, std::size_t learned, double last,
                               std::size_t video, std::size_t stat, Contributions& out) {
  constexpr double most = 36;  // as grown() has it
  const bool total = space.kind(learned) == Kind::total;
  double least = total ? 0 : std::max(-most, -std::log1p(last));
  for (std::size_t h = 0; h < path.size(); ++h) {
    if (!path[h]) continue;
    const double sum = path[h]->sum(), possible = std::min(std::max(sum, least), std::max(most, least));
    if (total) least = possible;
    out.set_base(video, stat, h, path[h]->base);
    for (const auto& [input, value] : path[h]->parts) {
      if (input.what == Input::What::feature)
        out.add_feature(video, stat, h, input.which, value);
      else
        out.add(video, stat, h, name_of(input, space, learned), value);
    }
    if (possible != sum) out.add(video, stat, h, name_of({Input::What::bounds, 0}, space, learned), possible - sum);
  }
}

}  // namespace risetime
