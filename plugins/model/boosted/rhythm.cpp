// Fitting and answering of rhythm.hpp.
#include "rhythm.hpp"

#include <cmath>

namespace risetime::boosted {

namespace {

constexpr std::size_t kColumns = Rhythm::differences + Rhythm::traits;
constexpr std::size_t kLeastPairs = 200;
constexpr std::size_t kPairsPerTask = 96;

void describe(const Rhythm& rhythm, std::int64_t horizon, std::vector<double>& known, std::vector<float>& row) {
  known.clear();
  rhythm.describe(horizon, known);
  row.assign(known.begin(), known.end());
}

Lesson lesson_of(const std::vector<RhythmPair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
                 std::size_t stat, const Parallel& parallel) {
  Lesson lesson;
  lesson.rows.columns = kColumns;
  lesson.rows.values.resize(pairs.size() * kColumns);
  for (const RhythmPair& pair : pairs) {
    lesson.targets.push_back(static_cast<float>(pair.target));
    lesson.folds.push_back(fold_of(sample[pair.video], fold_count));
    lesson.weights.push_back(1);
  }
  parallel((pairs.size() + kPairsPerTask - 1) / kPairsPerTask, [&](std::size_t task) {
    std::vector<double> known;
    std::vector<float> row;
    std::optional<Rhythm> rhythm;
    const std::size_t begin = task * kPairsPerTask, end = std::min(pairs.size(), begin + kPairsPerTask);
    for (std::size_t i = begin; i < end; ++i) {
      const RhythmPair& pair = pairs[i];
      if (i == begin || pair.video != pairs[i - 1].video || pair.origin != pairs[i - 1].origin) {
        const VideoView video = sample[pair.video];
        rhythm = Rhythm::of({video.times, video.values[stat], video.published_at, pair.origin, space.kind(stat)});
      }
      describe(*rhythm, pair.horizon, known, row);
      std::copy(row.begin(), row.end(), lesson.rows.row(i));
    }
  });
  return lesson;
}

}  // namespace

void RhythmModel::fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                      const GrowSettings& trees, std::uint64_t seed, std::size_t most, const Parallel& parallel,
                      const std::function<void()>& stop) {
  parts_.clear();
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    if (space.kind(stat) != Kind::level) continue;
    const std::vector<RhythmPair> pairs = rhythm_pairs(sample, space, stat, horizons, most, seed);
    if (pairs.size() < kLeastPairs) continue;
    Part part;
    part.stat = stat;
    std::vector<Lesson> lessons = {lesson_of(pairs, sample, space, stat, parallel)};
    lessons[0].trees = trees;
    lessons[0].seed = seed;
    Learned learned = std::move(fit_mixtures(lessons, parallel, stop).front());
    const std::vector<Prediction>& out = learned.out_of_fold;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      part.intervals.add(0, octave_of(pairs[i].horizon), out[i].log_error, pairs[i].target - out[i].value);
    part.intervals.calibrate();
    part.mixture = std::move(learned.mixture);
    parts_.push_back(std::move(part));
  }
}

void RhythmModel::forecast(const History& history, std::size_t stat, Horizons horizons,
                           std::vector<std::optional<Growth>>& path) const {
  for (const Part& part : parts_) {
    if (part.stat != stat) continue;
    const std::optional<Rhythm> rhythm = Rhythm::of(history);
    if (!rhythm) return;
    std::vector<double> known;
    std::vector<float> row;
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      describe(*rhythm, horizons[h], known, row);
      const Prediction said = part.mixture.predict(row.data());
      path[h] = growth_of(*rhythm, history, horizons[h], said.value, part.intervals.at(0, horizons[h], said.log_error));
    }
  }
}

void RhythmModel::explain(const History& history, std::size_t stat, Horizons horizons, AttributionPath& path) const {
  for (const Part& part : parts_) {
    if (part.stat != stat) continue;
    const std::optional<Rhythm> rhythm = Rhythm::of(history);
    if (!rhythm) return;
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      std::vector<double> known;
      std::vector<Input> inputs;
      rhythm->describe(horizons[h], known, &inputs);
      const std::vector<float> row(known.begin(), known.end());
      std::vector<float> average = part.mixture.means();  // of a level that is asked the same
      for (std::size_t column = 0; column < row.size(); ++column)
        if (inputs[column].what == Input::What::ahead) average[column] = row[column];
      Attribution said;
      said.base = part.mixture.predict(average.data()).value;
      attribute(inputs, part.mixture.explain(row.data(), average.data()), said);
      path[h] = growth_of(*rhythm, history, horizons[h], said);
    }
  }
}

void RhythmModel::save(Writer& to) const {
  to.write(static_cast<std::uint64_t>(parts_.size()));
  for (const Part& part : parts_) {
    to.write(static_cast<std::uint64_t>(part.stat));
    part.mixture.save(to);
    part.intervals.save(to);
  }
}

void RhythmModel::load(Reader& from) {
  parts_.clear();
  const auto count = from.read<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i) {
    Part& part = parts_.emplace_back();
    part.stat = static_cast<std::size_t>(from.read<std::uint64_t>());
    part.mixture.load(from);
    part.intervals.load(from);
    if (part.mixture.columns() != kColumns || !part.intervals.has(0))
      throw Error(Code::input, "saved state", "what was learned of a rhythm is not whole; train the model again");
  }
}

}  // namespace risetime::boosted
