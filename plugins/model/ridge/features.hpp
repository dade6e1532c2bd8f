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
// ones: products of columns are those of the means.
std::vector<double> average_anywhere(const std::vector<double>& means, std::size_t moving, std::size_t stats,
                                     std::int64_t horizon);

// The columns of the level formulation: the stats themselves at the source, times since upload at source and target.
void describe_levels(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     std::int64_t horizon, Row& row);

}  // namespace risetime::ridge
