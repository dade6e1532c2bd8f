// What boosted sees of one stat of a video at an origin. The same columns for every age and horizon, NaN where there is
// nothing to say; sizes are taken relative to the recent rate, so that small and large videos are alike.
#pragma once

#include <risetime/attribution.hpp>
#include <risetime/pairs.hpp>
#include <vector>

#include "channels.hpp"

namespace risetime::boosted {

// log(gain + 1) of a total if its mean rate over the last week (or since upload) goes on until the horizon, more on the
// days of the week that brought more before; of a level
// nothing is gained. The trees and the linear model learn what comes on top of it.
double carried_week(const History& history, std::int64_t horizon);
// The same if all days of the week are alike.
double carried_evenly(const History& history, std::int64_t horizon);

// Writes the columns of a stat; all rows of one space have equally many. Where it is wanted, which input each is of as
// well: [columns].
void describe(const VideoView& video, const std::vector<History>& histories, const FeatureSpace& space,
              const Channels& channels, std::size_t stat, std::int64_t horizon, std::vector<float>& row,
              ColumnSet set = ColumnSet::newest, std::vector<Input>* inputs = nullptr);

// The row of an average video that is asked at this horizon, from the means of rows at all horizons, and what its rate
// of the last week carries on: log(gain + 1).
struct Average {
  std::vector<float> row;
  double carried = 0;
};
Average average_at(const std::vector<float>& means, Kind kind, std::int64_t horizon);

}  // namespace risetime::boosted
