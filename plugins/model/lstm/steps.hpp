// A video's readings, resampled to equal steps that end at the reading where the forecast stands.
#pragma once

#include <cstdint>
#include <risetime/history.hpp>
#include <vector>

namespace risetime::lstm {

// A view of one video's readings. Times in UTC microseconds, strictly increasing; values[stat] has as many entries as
// times, NaN where a reading lacks the stat.
struct Readings {
  std::int64_t published_at = 0;
  const std::int64_t* times = nullptr;
  std::size_t count = 0;
  std::vector<const double*> values;
};

// The steps up to and including the anchor, oldest first; row-major [steps, stats] where there is a stat.
struct Steps {
  std::int64_t anchor = 0;  // time of the last step's end, UTC microseconds
  int count = 0;
  std::vector<float> moves;      // log(1 + increment) of a total, log(1 + value) of a level; 0 for a missing stat
  std::vector<float> levels;     // log(1 + value) at the step's end; 0 for a missing stat
  std::vector<float> age_steps;  // [steps] age at the step's end, in steps
  std::vector<float> filled;     // [steps] 1 where no reading falls into the step
  std::vector<double> last;      // [stats] the value at the anchor; NaN for a missing stat
};

// Resamples the first `used` readings (at least 1) to steps of `step` microseconds that end at the last of them, at
// most `max_steps` and at least one. Values between readings are read off the line between them, before the first off
// the line from zero at publication. A platform's correction downwards is taken to hold for the past too; a dip that
// recovers is dropped.
Steps resample(const Readings& readings, std::size_t used, const std::vector<Kind>& kinds, std::int64_t step,
               int max_steps);

// The values at anchor + 1, 2, ... `count` steps, [count, stats]; NaN where the readings on either side are further
// apart than `widest_gap` microseconds, or there is none on one side.
std::vector<double> values_after(const Readings& readings, std::int64_t anchor, std::int64_t step, int count,
                                 std::int64_t widest_gap);

}  // namespace risetime::lstm
