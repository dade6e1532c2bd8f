// Fitting and answering of rhythm.hpp.
#include "rhythm.hpp"

#include <cmath>

namespace risetime::ridge {

namespace {

constexpr std::size_t kFolds = 5;
constexpr std::size_t kLeastPairs = 200;
constexpr std::size_t kMostPairs = 60000;
constexpr std::size_t kPairsPerTask = 96;
constexpr double kMostTarget = 3;  // in units of the level's own scale: squares would let a few outages rule

// How far a difference is to be trusted depends on what kind of level it is and how far ahead one looks: the
// differences, also multiplied by these traits.
constexpr std::size_t kModerators[] = {0, 1, 2, 4, 5, 6, 8};
constexpr std::size_t kColumns = Rhythm::differences * (1 + std::size(kModerators)) + Rhythm::traits;

// Behind differences and traits: what each difference is, times traits. `each` takes (difference, product's value).
template <class Each>
void multiply(const std::vector<double>& row, const Each& each) {
  const double* traits = row.data() + Rhythm::differences;
  for (const std::size_t trait : kModerators)
    for (std::size_t i = 0; i < Rhythm::differences; ++i) each(i, row[i] * traits[trait]);
}

void describe(const Rhythm& rhythm, std::int64_t horizon, std::vector<double>& row) {
  row.clear();
  rhythm.describe(horizon, row);
  std::vector<double> products;
  multiply(row, [&](std::size_t, double product) { products.push_back(product); });
  row.insert(row.end(), products.begin(), products.end());
}
Rows rows_of(const std::vector<RhythmPair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
             std::size_t stat, const Parallel& parallel) {
  Rows rows;
  rows.fold_count = kFolds;
  rows.moving = kColumns;
  rows.features = Matrix(pairs.size(), kColumns);
  rows.targets = Matrix(pairs.size(), 1);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    rows.folds.push_back(fold_of(sample[pairs[i].video], kFolds));
    rows.targets.row(i)[0] = std::clamp(pairs[i].target, -kMostTarget, kMostTarget);
  }
  parallel((pairs.size() + kPairsPerTask - 1) / kPairsPerTask, [&](std::size_t task) {
    std::vector<double> row;
    std::optional<Rhythm> rhythm;
    const std::size_t begin = task * kPairsPerTask, end = std::min(pairs.size(), begin + kPairsPerTask);
    for (std::size_t i = begin; i < end; ++i) {
      const RhythmPair& pair = pairs[i];
      if (i == begin || pair.video != pairs[i - 1].video || pair.origin != pairs[i - 1].origin) {
        const VideoView video = sample[pair.video];
        rhythm = Rhythm::of({video.times, video.values[stat], video.published_at, pair.origin, space.kind(stat)});
      }
      describe(*rhythm, pair.horizon, row);
      std::copy(row.begin(), row.end(), rows.features.row(i));
    }
  });
  return rows;
}

}  // namespace

void RhythmModel::fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons,
                      const Settings& settings, std::size_t design_bytes, std::uint64_t seed,
                      const Parallel& parallel) {
  parts_.clear();
  const std::size_t most = std::clamp<std::size_t>(design_bytes / (kColumns * sizeof(double)), 256, kMostPairs);
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    if (space.kind(stat) != Kind::level) continue;
    const std::vector<RhythmPair> pairs = rhythm_pairs(sample, space, stat, horizons, most, seed);
    if (pairs.size() < kLeastPairs) continue;
    Rows rows = rows_of(pairs, sample, space, stat, parallel);
    Part& part = parts_.emplace_back();
    part.stat = stat;
    const System::OutOfFold out = part.system.fit(rows, settings, parallel);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      part.intervals.add(0, octave_of(pairs[i].horizon), out.log_error(row, 0), pairs[i].target - out.value(row, 0));
    }
    part.intervals.calibrate();
  }
}

void RhythmModel::forecast(const History& history, std::size_t stat, Horizons horizons,
                           std::vector<std::optional<Growth>>& path) const {
  for (const Part& part : parts_) {
    if (part.stat != stat) continue;
    const std::optional<Rhythm> rhythm = Rhythm::of(history);
    if (!rhythm) return;
    std::vector<double> row;
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      describe(*rhythm, horizons[h], row);
      const Prediction said = part.system.predict(row).front();
      path[h] = growth_of(*rhythm, history, horizons[h], said.value, part.intervals.at(0, horizons[h], said.log_error));
    }
  }
}

void RhythmModel::explain(const History& history, std::size_t stat, Horizons horizons, AttributionPath& path) const {
  for (const Part& part : parts_) {
    if (part.stat != stat) continue;
    const std::optional<Rhythm> rhythm = Rhythm::of(history);
    if (!rhythm) return;
    std::vector<double> row;
    std::vector<Input> plain;
    rhythm->describe(1, row, &plain);
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      describe(*rhythm, horizons[h], row);
      // An average level, asked the same: its products are those of the means.
      std::vector<double> average = part.system.means();
      std::vector<ColumnInput> inputs;
      for (const Input& input : plain) inputs.emplace_back().input = input;
      average.resize(inputs.size());
      for (std::size_t column = 0; column < inputs.size(); ++column)
        if (inputs[column].input.what == Input::What::ahead) average[column] = row[column];
      multiply(std::vector<double>(average), [&](std::size_t difference, double product) {
        average.push_back(product);
        inputs.push_back(ColumnInput(inputs[difference]));
      });
      path[h] = growth_of(*rhythm, history, horizons[h], part.system.explain(row, inputs, average, 0));
    }
  }
}

void RhythmModel::save(Writer& to) const {
  to.write(static_cast<std::uint64_t>(parts_.size()));
  for (const Part& part : parts_) {
    to.write(static_cast<std::uint64_t>(part.stat));
    part.system.save(to);
    part.intervals.save(to);
  }
}

void RhythmModel::load(Reader& from) {
  parts_.clear();
  const auto count = from.read<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i) {
    Part& part = parts_.emplace_back();
    part.stat = static_cast<std::size_t>(from.read<std::uint64_t>());
    part.system.load(from, 1);
    part.intervals.load(from);
    if (!part.system.knows(0) || !part.intervals.has(0))
      throw Error(Code::input, "saved state", "what was learned of a rhythm is not whole; train the model again");
  }
}

}  // namespace risetime::ridge
