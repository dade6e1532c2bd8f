// Fitting and answering of growth.hpp.
#include "growth.hpp"

#include <cmath>
#include <risetime/config.hpp>
#include <risetime/week.hpp>

namespace risetime::ridge {

namespace {

constexpr std::size_t kMostHorizons = 5;  // fitted for an age; those between are read off
constexpr std::size_t kLeastPairs = 40;   // for an age and horizon of its own
constexpr double kFullWeight = 1.03;      // an expert speaks alone for ages within this factor of its own,
constexpr double kNoWeight = 1.25;        // and not at all beyond this one

// The same videos a little younger and older: most of what they teach holds at the age as well.
void add_neighbours(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age, std::int64_t horizon,
                    std::size_t most, std::vector<Pair>& pairs) {
  for (const std::int64_t near : ages_near(space, age))
    if (pairs.size() < most)
      for (Pair& pair : pairs_at(sample, space, near, horizon, most - pairs.size())) pairs.push_back(std::move(pair));
}

// Learned is what comes beside the days of the week: these are put back into the answer.
double target_of(const Pair& pair, std::size_t stat, const History& history) {
  return growth_between(history.kind(), pair.last[stat], pair.actual[stat]) -
         std::log(Week(history).over(pair.origin + pair.horizon));
}

// Residuals of one fitted system, to the intervals; cell(i) is the horizon that pair i counts for.
template <class CellOf>
void add_residuals(const Rows& rows, const System::OutOfFold& out, std::size_t count, const CellOf& cell,
                   Conformal& intervals) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t stat = 0; stat < rows.targets.columns(); ++stat) {
      const auto row = static_cast<Eigen::Index>(i), column = static_cast<Eigen::Index>(stat);
      intervals.add(stat, cell(i), out.log_error(row, column), rows.targets.row(i)[stat] - out.value(row, column));
    }
  }
}

std::size_t rows_within(const GrowthSettings& settings, std::size_t columns) {
  return std::max<std::size_t>(256, settings.design_bytes / (columns * sizeof(double)));
}

}  // namespace

void GrowthModel::fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                      Span<const std::int64_t> ages, const GrowthSettings& settings, const Parallel& parallel,
                      const Progress& progress) {
  experts_.clear();
  const std::vector<std::int64_t> fitted = spread(horizons, kMostHorizons);
  std::vector<std::int64_t> stands(ages.begin(), ages.end());
  std::sort(stands.begin(), stands.end());
  stands.erase(std::unique(stands.begin(), stands.end()), stands.end());
  const double total = 1 + static_cast<double>(stands.size() * fitted.size());
  double done = 0;
  progress("all ages and horizons", done++, total);
  fit_pooled(sample, space, horizons, ages, settings, parallel);
  rhythm_.fit(sample, space, horizons, settings.system, settings.design_bytes, settings.seed, parallel);
  for (const std::int64_t age : stands)
    fit_expert(sample, space, age, fitted, settings, parallel, [&](std::int64_t horizon) {
      progress("age " + Duration{age}.text() + ", horizon " + Duration{horizon}.text(), done++, total);
    });
}

void GrowthModel::fit_expert(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                             const std::vector<std::int64_t>& horizons, const GrowthSettings& settings,
                             const Parallel& parallel, const std::function<void(std::int64_t)>& progress) {
  Expert expert;
  expert.age = age;
  expert.back = lookback_for(space, static_cast<double>(age) / static_cast<double>(microseconds_per_day));
  const Describe describe = [&](const VideoView& video, const std::vector<History>& histories, std::int64_t horizon,
                                Row& row) { describe_at_age(video, histories, space, expert.back, horizon, row); };
  for (const std::int64_t horizon : horizons) {
    progress(horizon);
    const std::size_t columns = 64 + space.static_features +
                                space.stats.size() * (2 * expert.back.windows.size() + expert.back.spans.size() + 24);
    const std::size_t most = rows_within(settings, columns);
    std::vector<Pair> pairs = pairs_at(sample, space, age, horizon, most);
    if (pairs.size() < kLeastPairs) continue;
    const std::size_t own = pairs.size();
    add_neighbours(sample, space, age, horizon, most, pairs);
    Rows rows = rows_of(pairs, sample, space, describe, target_of, parallel);
    expert.systems.emplace_back();
    expert.horizons.push_back(horizon);
    const System::OutOfFold out = expert.systems.back().fit(rows, settings.system, parallel);
    add_residuals(
        rows, out, own, [&](std::size_t) { return horizon; }, expert.intervals);
  }
  expert.intervals.calibrate();
  if (!expert.systems.empty()) experts_.push_back(std::move(expert));
}

void GrowthModel::fit_pooled(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                             Span<const std::int64_t> ages, const GrowthSettings& settings, const Parallel& parallel) {
  PairChoice choice;
  choice.ages.assign(ages.begin(), ages.end());
  choice.horizons.assign(horizons.begin(), horizons.end());
  choice.per_video = settings.pairs_per_video;
  choice.most = rows_within(settings, 80 + space.static_features + 150 * space.stats.size());
  choice.seed = settings.seed;
  const std::vector<Pair> pairs = pairs_anywhere(sample, space, choice);
  if (pairs.empty())
    throw Error(Code::input, "training",
                "no video has two readings of a stat, so nothing can be learned; collect for longer and train again");
  const Describe describe = [&](const VideoView& video, const std::vector<History>& histories, std::int64_t horizon,
                                Row& row) { describe_anywhere(video, histories, space, horizon, row); };
  Rows rows = rows_of(pairs, sample, space, describe, target_of, parallel);
  pooled_ = Pooled();
  pooled_.least_horizon = pooled_.most_horizon = pairs.front().horizon;
  for (const Pair& pair : pairs) {
    pooled_.least_horizon = std::min(pooled_.least_horizon, pair.horizon);
    pooled_.most_horizon = std::max(pooled_.most_horizon, pair.horizon);
  }
  const System::OutOfFold out = pooled_.system.fit(rows, settings.system, parallel);
  const auto octave = [&](std::size_t i) {
    const double octaves = std::round(std::log2(static_cast<double>(pairs[i].horizon) / 3.6e9));
    return static_cast<std::int64_t>(3.6e9 * std::exp2(octaves));
  };
  add_residuals(rows, out, pairs.size(), octave, pooled_.intervals);
  pooled_.intervals.calibrate();
}

std::vector<GrowthModel::Path> GrowthModel::pooled_paths(const VideoView& video, const std::vector<History>& now,
                                                         const FeatureSpace& space,
                                                         const std::vector<std::int64_t>& horizons) const {
  std::vector<Path> paths(space.stats.size());
  Row row;
  const auto at = [&](std::int64_t horizon) {
    describe_anywhere(video, now, space, horizon, row);
    return pooled_.system.predict(row.values);
  };
  for (const std::int64_t horizon : horizons) {
    const std::int64_t inside = std::clamp(horizon, pooled_.least_horizon, pooled_.most_horizon);
    const std::vector<Prediction> here = at(inside);
    std::vector<Prediction> half;
    if (horizon > inside) half = at(std::max(pooled_.least_horizon, inside / 2));
    for (std::size_t stat = 0; stat < paths.size(); ++stat) {
      double value = here[stat].value;
      const double further = log_of(horizon) - log_of(inside);
      if (space.kind(stat) == Kind::total && further > 0) {
        const double slope = (value - half[stat].value) / std::log(2.0);
        value += std::clamp(slope, 0.0, 1.0) * further;
      } else if (space.kind(stat) == Kind::total && further < 0) {  // a share of what the shortest horizon brings
        value = std::log1p(std::expm1(std::max(0.0, value)) * std::exp(further));
      }
      paths[stat].value.push_back(value);
      paths[stat].log_error.push_back(here[stat].log_error);
    }
  }
  return paths;
}

std::pair<const GrowthModel::Expert*, double> GrowthModel::expert_for(std::int64_t age) const {
  const Expert* nearest = nullptr;
  double distance = 0;
  for (const Expert& expert : experts_) {
    const double away = std::abs(log_of(age) - log_of(expert.age));
    if (nearest != nullptr && away >= distance) continue;
    nearest = &expert;
    distance = away;
  }
  if (nearest == nullptr) return {nullptr, 0};
  const double full = std::log(kFullWeight), none = std::log(kNoWeight);
  return {nearest, std::clamp((none - distance) / (none - full), 0.0, 1.0)};
}

void GrowthModel::add_expert(const Expert& expert, double weight, const VideoView& video,
                             const std::vector<History>& now, const FeatureSpace& space, Horizons horizons,
                             const std::vector<Path>& pooled, GrowthPaths& out) const {
  // What each of the expert's systems says, less what the pooled model says there: this difference is carried over to
  // the horizons between.
  const std::vector<Path> base = pooled_paths(video, now, space, expert.horizons);
  std::vector<std::vector<double>> difference(space.stats.size()), log_error(space.stats.size());
  std::vector<std::vector<std::int64_t>> at(space.stats.size());
  Row row;
  for (std::size_t h = 0; h < expert.horizons.size(); ++h) {
    describe_at_age(video, now, space, expert.back, expert.horizons[h], row);
    const std::vector<Prediction> predictions = expert.systems[h].predict(row.values);
    for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
      if (!predictions[stat].known) continue;
      at[stat].push_back(expert.horizons[h]);
      difference[stat].push_back(predictions[stat].value - base[stat].value[h]);
      log_error[stat].push_back(predictions[stat].log_error);
    }
  }
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    if (at[stat].empty()) continue;
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      if (!out[stat][h]) continue;
      Growth& growth = *out[stat][h];
      growth.value = pooled[stat].value[h] + weight * between(at[stat], difference[stat], horizons[h]);
      const double key = between(at[stat], log_error[stat], horizons[h]);
      growth.interval = blended(growth.interval, expert.intervals.at(stat, horizons[h], key), weight);
    }
  }
}

GrowthPaths GrowthModel::forecast(const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
                                  Horizons horizons) const {
  GrowthPaths out(space.stats.size());
  for (auto& path : out) path.resize(horizons.size());
  const std::vector<Path> pooled = pooled_paths(video, now, space, {horizons.begin(), horizons.end()});
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    if (now[stat].empty() || !pooled_.system.knows(stat)) continue;
    for (std::size_t h = 0; h < horizons.size(); ++h)
      out[stat][h] = Growth{pooled[stat].value[h], pooled_.intervals.at(stat, horizons[h], pooled[stat].log_error[h])};
  }
  const auto [expert, weight] = expert_for(now.front().origin() - video.published_at);
  if (expert != nullptr && weight > 0) add_expert(*expert, weight, video, now, space, horizons, pooled, out);
  for (std::size_t stat = 0; stat < out.size(); ++stat) {
    const Week week(now[stat]);
    for (std::size_t h = 0; h < horizons.size(); ++h)
      if (out[stat][h]) out[stat][h]->value += std::log(week.over(now[stat].origin() + horizons[h]));
    rhythm_.forecast(now[stat], stat, horizons, out[stat]);
  }
  return out;
}

std::vector<Attribution> GrowthModel::pooled_parts(const VideoView& video, const std::vector<History>& now,
                                                   const FeatureSpace& space, const std::vector<std::int64_t>& horizons,
                                                   std::size_t stat) const {
  std::vector<ColumnInput> inputs;
  Row row;
  row.inputs = &inputs;
  const auto at = [&](std::int64_t horizon) {
    describe_anywhere(video, now, space, horizon, row);
    std::vector<double> average = pooled_.system.means();
    if (average.size() == row.values.size())
      average = average_anywhere(average, inputs, row.moving, space.stats.size(), horizon);
    return pooled_.system.explain(row.values, inputs, average, stat);
  };
  std::vector<Attribution> path;
  for (const std::int64_t horizon : horizons) {
    const std::int64_t inside = std::clamp(horizon, pooled_.least_horizon, pooled_.most_horizon);
    Attribution& here = path.emplace_back(at(inside));
    const double further = log_of(horizon) - log_of(inside);
    if (space.kind(stat) != Kind::total || further == 0) continue;
    if (further < 0) {
      const auto share = [&](double value) { return std::log1p(std::expm1(std::max(0.0, value)) * std::exp(further)); };
      here.bend(share(here.base), share(here.sum()));
      continue;
    }
    const Attribution half = at(std::max(pooled_.least_horizon, inside / 2));
    const double slope = (here.sum() - half.sum()) / std::log(2.0);
    if (slope > 1) {
      here.base += further;
    } else if (slope > 0) {
      const double octaves = further / std::log(2.0);
      const Attribution last = here;
      here.add(last, octaves);
      here.add(half, -octaves);
    }
  }
  return path;
}

void GrowthModel::add_expert_parts(const Expert& expert, double weight, const VideoView& video,
                                   const std::vector<History>& now, const FeatureSpace& space, Horizons horizons,
                                   std::size_t stat, AttributionPath& out) const {
  const std::vector<Attribution> base = pooled_parts(video, now, space, expert.horizons, stat);
  std::vector<std::int64_t> at;
  std::vector<Attribution> difference;
  std::vector<ColumnInput> inputs;
  Row row;
  row.inputs = &inputs;
  for (std::size_t h = 0; h < expert.horizons.size(); ++h) {
    if (!expert.systems[h].knows(stat)) continue;
    describe_at_age(video, now, space, expert.back, expert.horizons[h], row);
    at.push_back(expert.horizons[h]);
    difference.push_back(expert.systems[h].explain(row.values, inputs, expert.systems[h].means(), stat));
    difference.back().add(base[h], -1);
  }
  if (at.empty()) return;
  for (std::size_t h = 0; h < horizons.size(); ++h)
    if (out[h]) out[h]->add(between(at, difference, horizons[h]), weight);
}

std::vector<AttributionPath> GrowthModel::explain(const VideoView& video, const std::vector<History>& now,
                                                  const FeatureSpace& space, Horizons horizons) const {
  std::vector<AttributionPath> out(space.stats.size());
  const GrowthPaths said = forecast(video, now, space, horizons);
  const auto [expert, weight] = expert_for(now.front().origin() - video.published_at);
  for (std::size_t stat = 0; stat < out.size(); ++stat) {
    out[stat].resize(horizons.size());
    if (now[stat].empty() || !pooled_.system.knows(stat)) continue;
    const std::vector<Attribution> pooled = pooled_parts(video, now, space, {horizons.begin(), horizons.end()}, stat);
    std::copy(pooled.begin(), pooled.end(), out[stat].begin());
    if (expert != nullptr && weight > 0)
      add_expert_parts(*expert, weight, video, now, space, horizons, stat, out[stat]);
    const Week week(now[stat]);
    for (std::size_t h = 0; h < horizons.size(); ++h)
      out[stat][h]->add({Input::What::weekdays, 0}, std::log(week.over(now[stat].origin() + horizons[h])));
    rhythm_.explain(now[stat], stat, horizons, out[stat]);
    for (std::size_t h = 0; h < horizons.size(); ++h)
      out[stat][h]->add({Input::What::error, 0}, said[stat][h]->interval.offsets[quantile_levels.size() / 2]);
  }
  return out;
}

void GrowthModel::save(Writer& to) const {
  pooled_.system.save(to);
  pooled_.intervals.save(to);
  to.write(pooled_.least_horizon);
  to.write(pooled_.most_horizon);
  to.write(static_cast<std::uint64_t>(experts_.size()));
  for (const Expert& expert : experts_) {
    to.write(expert.age);
    to.write(expert.back.windows);
    to.write(expert.back.spans);
    to.write(expert.horizons);
    for (const System& system : expert.systems) system.save(to);
    expert.intervals.save(to);
  }
  rhythm_.save(to);
}

void GrowthModel::load(Reader& from, std::size_t stats, std::uint64_t version) {
  pooled_ = Pooled();
  experts_.clear();
  pooled_.system.load(from, stats);
  pooled_.intervals.load(from);
  pooled_.least_horizon = from.read<std::int64_t>();
  pooled_.most_horizon = from.read<std::int64_t>();
  check_times({pooled_.least_horizon});
  if (pooled_.most_horizon != pooled_.least_horizon) check_times({pooled_.least_horizon, pooled_.most_horizon});
  const auto count = from.read<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i) {
    Expert expert;
    expert.age = from.read<std::int64_t>();
    expert.back.windows = from.read<std::vector<double>>();
    if (version >= 3) expert.back.spans = from.read<std::vector<std::uint64_t>>();
    expert.horizons = from.read<std::vector<std::int64_t>>();
    check_times(expert.horizons);
    bool sound = true;
    for (const double window : expert.back.windows) sound = sound && window > 0 && window < 36525;
    for (const std::uint64_t span : expert.back.spans) sound = sound && span > 0 && span < 10000;
    if (!sound) throw Error(Code::input, "saved state", "its windows are no lengths of time; train the model again");
    for (std::size_t h = 0; h < expert.horizons.size(); ++h) expert.systems.emplace_back().load(from, stats);
    expert.intervals.load(from);
    experts_.push_back(std::move(expert));
  }
  rhythm_ = RhythmModel();
  if (version >= 2) rhythm_.load(from);
}

}  // namespace risetime::ridge
