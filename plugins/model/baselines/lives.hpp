// What baselines learn from: at each age of a grid, every training video's history and what became of it.
#pragma once

#include <risetime/training_sample.hpp>
#include <string>
#include <vector>

namespace risetime::baselines {

// Ages (after publication) and horizons (after the origin), microseconds, increasing.
struct Grid {
  std::vector<std::int64_t> ages, horizons;
};

// The named ages and horizons, and octaves over what the sample spans, so that any other finds a near one.
Grid make_grid(const TrainingSample& sample, Horizons horizons, Span<const std::int64_t> ages);

// One stat of one video at one age, with the actual values at the grid's horizons (NaN where not known).
struct Life {
  std::size_t fold = 0;
  History history;
  std::vector<double> actual;  // [horizons]
};

constexpr std::size_t kFolds = 5;

// The videos that have a reading of the stat at this age.
std::vector<Life> lives_at(const TrainingSample& sample, std::size_t stat, Kind kind, std::int64_t age,
                           const Grid& grid);

Kind kind_of(const std::string& stat);

// The index of the age or horizon that is nearest in the logarithm; the list must not be empty.
std::size_t nearest(const std::vector<std::int64_t>& sorted, std::int64_t wanted);

}  // namespace risetime::baselines
