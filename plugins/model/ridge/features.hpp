// What ridge sees of a video at an origin: its history in logarithms, rates carried on to the horizon, and what does
// not change (category, length, followers, the featurizers' vectors).
#pragma once

#include <risetime/attribution.hpp>
#include <risetime/pairs.hpp>
#include <string>
#include <vector>

namespace risetime::ridge {

// What a column tells of a video, for whichever stat is asked about.
struct ColumnInput {
  static constexpr std::size_t every = static_cast<std::size_t>(-1);
  Input input;
  std::size_t stat = every;  // whose history it is of; every: of none
  // By how much it moves where all counts of the video are e times as large, and where one looks e times as far. The
  // columns of a history all tell of the video's size as well; an input shall tell of what it says beside that.
  // With `bend` times the square of that logarithm on top, for squares.
  double by_size = 0, by_horizon = 0, bend = 0;
  // Of a column that is another one times a factor of age and horizon: which, and the factor.
  std::size_t multiplied = every;
  double factor = 1;

  double moved(double larger) const { return (by_size + bend * larger) * larger; }

  Input asked_for(std::size_t target) const {
    return stat == every || stat == target ? input : Input{Input::What::other, stat};
  }
};

// A row is first the columns that change with the origin, then the static ones; NaN where a value is not known.
struct Row {
  std::vector<double> values;
  std::size_t moving = 0;                      // how many columns change with the origin or horizon
  std::vector<ColumnInput>* inputs = nullptr;  // [columns] written where it is wanted
};

// What the columns of a model for one age look back on.
struct Lookback {
  std::vector<double> windows;       // days, increasing: gains since then
  std::vector<std::uint64_t> spans;  // steps, increasing: how unsteady the gains of so many last steps are
};
// All that fits into the age.
Lookback lookback_for(const FeatureSpace& space, double age_days);

// The columns of a model for one age and horizon.
void describe_at_age(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     const Lookback& back, std::int64_t horizon, Row& row);

// The columns of the model for all ages and horizons: fewer, each also multiplied by the relative horizon and the age.
void describe_anywhere(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                       std::int64_t horizon, Row& row);

// The row of an average video at this horizon, from the means of such rows, `moving` columns of which are no static
// ones: rates go on until the horizon, and products of columns are those of the means.
std::vector<double> average_anywhere(const std::vector<double>& means, const std::vector<ColumnInput>& inputs,
                                     std::size_t moving, std::size_t stats, std::int64_t horizon);

// The columns of the level formulation: the stats themselves at the source, times since upload at source and target.
void describe_levels(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     std::int64_t horizon, Row& row);

}  // namespace risetime::ridge
