// How pairs become rows.
#include "pairs.hpp"

namespace risetime::ridge {

namespace {

constexpr std::size_t kFolds = 5;
constexpr std::size_t kRowsPerTask = 64;

}  // namespace

Rows rows_of(const std::vector<Pair>& pairs, const TrainingSample& sample, const FeatureSpace& space,
             const Describe& describe, const Target& target, const Parallel& parallel) {
  Rows rows;
  rows.fold_count = kFolds;
  if (pairs.empty()) return rows;
  Row first;
  const VideoView video = sample[pairs.front().video];
  describe(video, histories_of(video, space, pairs.front().origin), pairs.front().horizon, first);
  rows.moving = first.moving;
  rows.features = Matrix(pairs.size(), first.values.size());
  rows.targets = Matrix(pairs.size(), space.stats.size());
  for (const Pair& pair : pairs) rows.folds.push_back(fold_of(sample[pair.video], kFolds));
  parallel((pairs.size() + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task) {
    Row row;
    const std::size_t begin = task * kRowsPerTask, end = std::min(pairs.size(), begin + kRowsPerTask);
    for (std::size_t i = begin; i < end; ++i) {
      const Pair& pair = pairs[i];
      const VideoView view = sample[pair.video];
      const std::vector<History> histories = histories_of(view, space, pair.origin);
      describe(view, histories, pair.horizon, row);
      std::copy(row.values.begin(), row.values.end(), rows.features.row(i));
      for (std::size_t stat = 0; stat < histories.size(); ++stat)
        rows.targets.row(i)[stat] = target(pair, stat, histories[stat]);
    }
  });
  return rows;
}

}  // namespace risetime::ridge
