// What ridge sees of a video at an origin: its history in logarithms, rates carried on to the horizon, and what does
// not change (category, length, followers, the featurizers' vectors).
#pragma once

#include <risetime/pairs.hpp>
#include <string>
#include <vector>

namespace risetime::ridge {

// A row is first the columns that change with the origin, then the static ones; NaN where a value is not known.
struct Row {
  std::vector<double> values;
  std::size_t moving = 0;  // how many columns change with the origin or horizon
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

// The columns of the level formulation: the stats themselves at the source, times since upload at source and target.
void describe_levels(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
                     std::int64_t horizon, Row& row);

}  // namespace risetime::ridge
