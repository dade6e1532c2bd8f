// Fitting and answering of growth.hpp.
#include "growth.hpp"

#include <cmath>
#include <risetime/config.hpp>

#include "columns.hpp"

namespace risetime::boosted {

namespace {

constexpr std::size_t kMostKnots = 5;
constexpr std::size_t kLeastPairs = 40;  // for an age of its own
constexpr std::size_t kPairsPerVideo = 64;
constexpr double kFullWeight = 1.03;  // an age's mixture speaks alone for ages within this factor of its own,
constexpr double kNoWeight = 1.25;    // and not at all beyond this one
constexpr std::size_t kPairsPerTask = 64;
constexpr std::size_t kRowsForDepth = 50000;        // as many tell enough for one more question on the way to a leaf
constexpr std::size_t kRowsAtOnce = 100000;         // in memory; parts of fewer rows are fitted side by side
constexpr double kNeighbours[] = {0.9, 1.12, 0.8};  // ages beside a named one that its mixture also learns from,
constexpr float kNeighbourWeight = 0.8F;            // with this weight

// The octaves that pairs look ahead.
std::vector<std::int64_t> octaves_of(const std::vector<Pair>& pairs) {
  std::vector<std::int64_t> octaves;
  for (const Pair& pair : pairs) octaves.push_back(octave_of(pair.horizon));
  std::sort(octaves.begin(), octaves.end());
  octaves.erase(std::unique(octaves.begin(), octaves.end()), octaves.end());
  return octaves;
}

// The pairs of an age at all horizons; where these are more than `most`, a share of them, drawn by video and horizon.
std::vector<Pair> pairs_of_age(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                               const std::vector<std::int64_t>& horizons, std::size_t most, std::uint64_t seed) {
  std::vector<Pair> pairs;
  for (const std::int64_t horizon : horizons)
    for (Pair& pair : pairs_at(sample, space, age, horizon, sample.size())) pairs.push_back(std::move(pair));
  if (pairs.size() <= most) return pairs;
  const double share = static_cast<double>(most) / static_cast<double>(pairs.size());
  const auto is_left_out = [&](const Pair& pair) {
    const std::uint64_t draw =
        mix_64(sample[pair.video].hash ^ mix_64(seed ^ static_cast<std::uint64_t>(pair.horizon)));
    return static_cast<double>(draw >> 11) * 0x1p-53 >= share;
  };
  pairs.erase(std::remove_if(pairs.begin(), pairs.end(), is_left_out), pairs.end());
  return pairs;
}

// Pairs of the ages beside a named one: most of what they teach holds at the age as well. Older videos look at the same
// target as those of the age, which videos that were not followed for longer have too.
void add_neighbours(const TrainingSample& sample, const FeatureSpace& space, std::int64_t age,
                    const std::vector<std::int64_t>& horizons, const GrowthSettings& settings,
                    std::vector<Pair>& pairs) {
  for (const std::int64_t near : neighbours_of(age, space.step())) {
    if (pairs.size() >= settings.age_rows) return;
    std::vector<std::int64_t> ahead;
    for (const std::int64_t horizon : horizons) {
      const std::int64_t left = horizon - std::max<std::int64_t>(0, near - age);
      if (left * 4 >= horizon * 3) ahead.push_back(left);
    }
    const std::size_t most = settings.age_rows - pairs.size();
    for (Pair& pair : pairs_of_age(sample, space, near, ahead, most, settings.seed)) pairs.push_back(std::move(pair));
  }
}

// The pairs that have a target of the stat, as rows; which ones they are goes to `used`. [rows]
Lesson lesson_of(const std::vector<Pair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
                 const Channels& channels, std::size_t stat, std::int64_t age, const Parallel& parallel,
                 std::vector<std::size_t>& used) {
  Lesson lesson;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (std::isfinite(pairs[i].last[stat]) && std::isfinite(pairs[i].actual[stat])) used.push_back(i);
  if (used.empty()) return lesson;
  const std::size_t count = used.size();
  lesson.targets.resize(count);
  lesson.folds.resize(count);
  lesson.weights.resize(count);
  const auto fill = [&](std::size_t i, std::vector<float>& row) {
    const Pair& pair = pairs[used[i]];
    const VideoView video = sample[pair.video];
    const std::vector<History> histories = histories_of(video, space, pair.origin);
    describe(video, histories, space, channels, stat, pair.horizon, row);
    lesson.targets[i] = static_cast<float>(growth_between(space.kind(stat), pair.last[stat], pair.actual[stat]) -
                                           carried_week(histories[stat], pair.horizon));
    lesson.folds[i] = fold_of(video, fold_count);
    lesson.weights[i] = age == 0 || pair.origin == video.published_at + age ? 1.0F : kNeighbourWeight;
  };
  std::vector<float> first;
  fill(0, first);
  lesson.rows.columns = first.size();
  lesson.rows.values.resize(count * first.size());
  parallel((count + kPairsPerTask - 1) / kPairsPerTask, [&](std::size_t task) {
    std::vector<float> row;
    for (std::size_t i = task * kPairsPerTask; i < std::min(count, (task + 1) * kPairsPerTask); ++i) {
      fill(i, row);
      std::copy(row.begin(), row.end(), lesson.rows.row(i));
    }
  });
  return lesson;
}

// What is said at the knots, at any horizon: the line between them in the logarithm of the horizon, the end's value
// before the first. Beyond the last a total goes on rising as it did over the last octave, no faster than the carried
// rate and never down.
double at_horizon(const std::vector<std::int64_t>& knots, const std::vector<double>& values, std::int64_t horizon,
                  Kind kind) {
  const double inside = between(knots, values, horizon);
  if (kind == Kind::level || horizon <= knots.back() || knots.size() < 2) return inside;
  const double octave = std::log(2.0);
  const double before = between(knots, values, knots.back() / 2);
  return inside + std::clamp((inside - before) / octave, -1.0, 0.0) * (log_of(horizon) - log_of(knots.back()));
}

// The same of what was taken apart.
Attribution at_horizon(const std::vector<std::int64_t>& knots, const std::vector<Attribution>& values,
                       std::int64_t horizon, Kind kind) {
  Attribution inside = between(knots, values, horizon);
  if (kind == Kind::level || horizon <= knots.back() || knots.size() < 2) return inside;
  const double octave = std::log(2.0), further = log_of(horizon) - log_of(knots.back());
  const Attribution last = inside, before = between(knots, values, knots.back() / 2);
  const double slope = (last.sum() - before.sum()) / octave;
  if (slope < -1) {
    inside.base -= further;
  } else if (slope < 0) {
    inside.add(last, further / octave);
    inside.add(before, -further / octave);
  }
  return inside;
}

}  // namespace

std::vector<std::int64_t> neighbours_of(std::int64_t age, std::int64_t step) {
  std::vector<std::int64_t> neighbours;
  for (const double factor : kNeighbours) {
    const auto moved = static_cast<std::int64_t>((factor - 1) * static_cast<double>(age));
    const std::int64_t steps = std::llround(static_cast<double>(moved) / static_cast<double>(step));
    const std::int64_t near = age + (steps == 0 ? moved : steps * step);
    const bool is_near = near * 4 >= age * 3 && near * 4 <= age * 5;
    if (is_near && std::find(neighbours.begin(), neighbours.end(), near) == neighbours.end())
      neighbours.push_back(near);
  }
  return neighbours;
}

std::size_t GrowthModel::Draft::rows() const {
  std::size_t rows = 0;
  for (const Lesson& lesson : lessons) rows += lesson.targets.size();
  return rows;
}

GrowthModel::Draft GrowthModel::draft(std::int64_t age, std::vector<Pair> pairs, const TrainingSample& sample,
                                      const FeatureSpace& space, std::vector<std::int64_t> knots,
                                      const GrowthSettings& settings, const Parallel& parallel) const {
  Draft draft;
  draft.part.age = age;
  draft.part.knots = std::move(knots);
  draft.pairs = std::move(pairs);
  draft.pair_of.resize(space.stats.size());
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    Lesson& lesson = draft.lessons.emplace_back(
        lesson_of(draft.pairs, sample, space, channels_, stat, age, parallel, draft.pair_of[stat]));
    lesson.trees = settings.trees;
    if (lesson.targets.size() >= kRowsForDepth) ++lesson.trees.depth;
    lesson.seed = settings.seed;
  }
  return draft;
}

void GrowthModel::fit_parts(std::vector<Draft>& drafts, const Parallel& parallel, const std::function<void()>& stop) {
  std::vector<Lesson> lessons;
  for (Draft& draft : drafts)
    for (Lesson& lesson : draft.lessons) lessons.push_back(std::move(lesson));
  std::vector<Learned> learned = fit_mixtures(lessons, parallel, stop);
  std::size_t next = 0;
  for (Draft& draft : drafts) {
    Part& part = draft.part;
    for (std::size_t stat = 0; stat < draft.pair_of.size(); ++stat, ++next) {
      const Lesson& lesson = lessons[next];
      const std::vector<Prediction>& out = learned[next].out_of_fold;
      for (std::size_t i = 0; i < out.size(); ++i) {
        if (!lesson.is_asked(i)) continue;
        const std::int64_t horizon = draft.pairs[draft.pair_of[stat][i]].horizon;
        const bool is_knot = std::binary_search(part.knots.begin(), part.knots.end(), horizon);
        part.intervals.add(stat, is_knot ? horizon : octave_of(horizon), out[i].log_error,
                           static_cast<double>(lesson.targets[i]) - out[i].value);
      }
      part.mixtures.push_back(std::move(learned[next].mixture));
    }
    part.intervals.calibrate();
    if (part.age == 0)
      pooled_ = std::move(part);
    else
      ages_.push_back(std::move(part));
  }
  drafts.clear();
}

void GrowthModel::fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                      Span<const std::int64_t> ages, const GrowthSettings& settings, const Parallel& parallel,
                      const std::function<void()>& stop, const Progress& progress) {
  ages_.clear();
  set_ = ColumnSet::newest;
  channels_ = Channels::learn(sample, space);
  std::vector<std::int64_t> stands(ages.begin(), ages.end());
  std::sort(stands.begin(), stands.end());
  stands.erase(std::unique(stands.begin(), stands.end()), stands.end());
  const double total = 1 + static_cast<double>(stands.size());
  double done = 0;

  progress("all ages and horizons", done++, total);
  PairChoice choice;
  choice.ages = stands;
  choice.horizons.assign(horizons.begin(), horizons.end());
  choice.per_video = kPairsPerVideo;
  choice.most = settings.pooled_rows;
  choice.seed = settings.seed;
  std::vector<Pair> anywhere = pairs_anywhere(sample, space, choice);
  if (anywhere.empty())
    throw Error(Code::input, "training",
                "no video has two readings of a stat, so nothing can be learned; collect for longer and train again");
  GrowthSettings coarser = settings;  // it has the most rows and is asked where nobody said they would look
  coarser.trees.trees = std::max(1, settings.trees.trees / 2);
  coarser.trees.rate = std::min(1.0, settings.trees.rate * 2);
  std::vector<std::int64_t> octaves = octaves_of(anywhere);
  std::vector<Draft> drafts;
  drafts.push_back(draft(0, std::move(anywhere), sample, space, std::move(octaves), coarser, parallel));
  std::size_t rows = drafts.back().rows();

  const std::vector<std::int64_t> knots = spread(horizons, kMostKnots);
  for (const std::int64_t age : stands) {
    progress("age " + Duration{age}.text(), done++, total);
    std::vector<Pair> pairs = pairs_of_age(sample, space, age, knots, settings.age_rows, settings.seed);
    if (pairs.size() < kLeastPairs) continue;
    std::vector<std::int64_t> seen;
    for (const Pair& pair : pairs) seen.push_back(pair.horizon);
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    add_neighbours(sample, space, age, knots, settings, pairs);
    if (rows > kRowsAtOnce) {
      fit_parts(drafts, parallel, stop);
      rows = 0;
    }
    drafts.push_back(draft(age, std::move(pairs), sample, space, std::move(seen), settings, parallel));
    rows += drafts.back().rows();
  }
  fit_parts(drafts, parallel, stop);
  rhythm_.fit(sample, space, horizons, settings.trees, settings.seed, settings.age_rows, parallel, stop);
  channels_.keep_latest();
}

GrowthModel::Said GrowthModel::ask(const Part& part, const VideoView& video, const std::vector<History>& now,
                                   const FeatureSpace& space, const std::vector<std::int64_t>& knots) const {
  Said said;
  said.value.resize(space.stats.size());
  said.log_error.resize(space.stats.size());
  std::vector<float> row;
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    if (now[stat].empty() || !part.mixtures[stat].is_fitted()) continue;
    for (const std::int64_t knot : knots) {
      describe(video, now, space, channels_, stat, knot, row, set_);
      if (row.size() != part.mixtures[stat].columns())
        throw Error(Code::state, "features", "the model learned from other columns; train it again");
      const Prediction prediction = part.mixtures[stat].predict(row.data());
      said.value[stat].push_back(prediction.value);
      said.log_error[stat].push_back(prediction.log_error);
    }
  }
  return said;
}

std::pair<const GrowthModel::Part*, double> GrowthModel::part_for(std::int64_t age) const {
  const Part* nearest = nullptr;
  double distance = 0;
  for (const Part& part : ages_) {
    const double away = std::abs(log_of(age) - log_of(part.age));
    if (nearest != nullptr && away >= distance) continue;
    nearest = &part;
    distance = away;
  }
  if (nearest == nullptr) return {nullptr, 0};
  const double full = std::log(kFullWeight), none = std::log(kNoWeight);
  return {nearest, std::clamp((none - distance) / (none - full), 0.0, 1.0)};
}

GrowthPaths GrowthModel::forecast(const VideoView& video, const std::vector<History>& now, const FeatureSpace& space,
                                  Horizons horizons) const {
  GrowthPaths out(space.stats.size());
  for (auto& path : out) path.resize(horizons.size());
  const Said pooled = ask(pooled_, video, now, space, pooled_.knots);
  const auto [part, weight] = part_for(now.front().origin() - video.published_at);
  Said here;
  if (part != nullptr && weight > 0) here = ask(*part, video, now, space, part->knots);

  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    if (pooled.value[stat].empty()) continue;
    const Kind kind = space.kind(stat);
    // What the age's own mixture says more than the pooled one is carried over to the horizons between its knots.
    std::vector<double> more;
    if (!here.value.empty() && !here.value[stat].empty())
      for (std::size_t knot = 0; knot < part->knots.size(); ++knot)
        more.push_back(here.value[stat][knot] - at_horizon(pooled_.knots, pooled.value[stat], part->knots[knot], kind));
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      Growth growth;
      growth.value =
          carried_week(now[stat], horizons[h]) + at_horizon(pooled_.knots, pooled.value[stat], horizons[h], kind);
      growth.interval =
          pooled_.intervals.at(stat, horizons[h], between(pooled_.knots, pooled.log_error[stat], horizons[h]));
      if (!more.empty()) {
        growth.value += weight * between(part->knots, more, horizons[h]);
        const double key = between(part->knots, here.log_error[stat], horizons[h]);
        growth.interval = blended(growth.interval, part->intervals.at(stat, horizons[h], key), weight);
      }
      out[stat][h] = growth;
    }
    rhythm_.forecast(now[stat], stat, horizons, out[stat]);
  }
  return out;
}

std::vector<Attribution> GrowthModel::ask_parts(const Part& part, const VideoView& video,
                                                const std::vector<History>& now, const FeatureSpace& space,
                                                std::size_t stat, const std::vector<std::int64_t>& knots) const {
  std::vector<Attribution> said;
  const Mixture& mixture = part.mixtures[stat];
  std::vector<float> row;
  std::vector<Input> inputs;
  for (const std::int64_t knot : knots) {
    describe(video, now, space, channels_, stat, knot, row, set_, &inputs);
    if (row.size() != mixture.columns())
      throw Error(Code::state, "features", "the model learned from other columns; train it again");
    const Average average = average_at(mixture.means(), space.kind(stat), knot);
    Attribution& here = said.emplace_back();
    here.base = mixture.predict(average.row.data()).value;
    attribute(inputs, mixture.explain(row.data(), average.row.data()), here);
  }
  return said;
}

std::vector<AttributionPath> GrowthModel::explain(const VideoView& video, const std::vector<History>& now,
                                                  const FeatureSpace& space, Horizons horizons) const {
  std::vector<AttributionPath> out(space.stats.size());
  const GrowthPaths forecasts = forecast(video, now, space, horizons);
  const auto [part, weight] = part_for(now.front().origin() - video.published_at);
  for (std::size_t stat = 0; stat < out.size(); ++stat) {
    out[stat].resize(horizons.size());
    if (now[stat].empty() || !pooled_.mixtures[stat].is_fitted()) continue;
    const Kind kind = space.kind(stat);
    const std::vector<Attribution> pooled = ask_parts(pooled_, video, now, space, stat, pooled_.knots);
    std::vector<Attribution> more;
    if (part != nullptr && weight > 0 && part->mixtures[stat].is_fitted()) {
      more = ask_parts(*part, video, now, space, stat, part->knots);
      for (std::size_t knot = 0; knot < more.size(); ++knot)
        more[knot].add(at_horizon(pooled_.knots, pooled, part->knots[knot], kind), -1);
    }
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      Attribution& said = out[stat][h].emplace(at_horizon(pooled_.knots, pooled, horizons[h], kind));
      double usual = average_at(pooled_.mixtures[stat].means(), kind, horizons[h]).carried;
      if (!more.empty()) {
        said.add(between(part->knots, more, horizons[h]), weight);
        usual += weight * (average_at(part->mixtures[stat].means(), kind, horizons[h]).carried - usual);
      }
      const double even = carried_evenly(now[stat], horizons[h]);
      said.base += usual;
      said.add({Input::What::week_rate, 0}, even - usual);
      said.add({Input::What::weekdays, 0}, carried_week(now[stat], horizons[h]) - even);
    }
    rhythm_.explain(now[stat], stat, horizons, out[stat]);
    for (std::size_t h = 0; h < horizons.size(); ++h)
      out[stat][h]->add({Input::What::error, 0}, forecasts[stat][h]->interval.offsets[quantile_levels.size() / 2]);
  }
  return out;
}

void GrowthModel::save(Writer& to) const {
  to.write(static_cast<std::uint64_t>(set_));
  to.write(static_cast<std::uint64_t>(ages_.size()));
  const auto write = [&](const Part& part) {
    to.write(part.age);
    to.write(part.knots);
    to.write(static_cast<std::uint64_t>(part.mixtures.size()));
    for (const Mixture& mixture : part.mixtures) mixture.save(to);
    part.intervals.save(to);
  };
  channels_.save(to);
  write(pooled_);
  for (const Part& part : ages_) write(part);
  rhythm_.save(to);
}

void GrowthModel::load(Reader& from, std::size_t stats, Layout layout) {
  const std::uint64_t set = layout.with_set ? from.read<std::uint64_t>() : static_cast<std::uint64_t>(ColumnSet::first);
  set_ = static_cast<ColumnSet>(set);
  if (set_ != ColumnSet::first && set_ != ColumnSet::newest)
    throw Error(Code::input, "saved state", "it has columns that are not known; train the model again");
  const auto count = from.read<std::uint64_t>();
  const auto read = [&] {
    Part part;
    part.age = from.read<std::int64_t>();
    part.knots = from.read<std::vector<std::int64_t>>();
    check_times(part.knots);
    if (part.knots.empty()) throw Error(Code::input, "saved state", "it has no horizons; train the model again");
    if (from.read<std::uint64_t>() != stats)
      throw Error(Code::input, "saved state", "it is of another number of stats; train the model again");
    for (std::size_t stat = 0; stat < stats; ++stat) part.mixtures.emplace_back().load(from);
    part.intervals.load(from);
    return part;
  };
  channels_.load(from, stats);
  pooled_ = read();
  ages_.clear();
  for (std::uint64_t i = 0; i < count; ++i) ages_.push_back(read());
  rhythm_ = RhythmModel();
  if (layout.with_rhythm) rhythm_.load(from);
}

}  // namespace risetime::boosted
