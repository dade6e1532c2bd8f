// Fits the network of rhythm_path.hpp with libtorch.
#pragma once

#include "rhythm_path.hpp"
#include "training.hpp"

namespace risetime::lstm {

// The hours after one reading of one video, as they were.
struct HoursAfter {
  std::size_t example = 0;
  std::vector<float> columns;  // [hours, rhythm_columns]
  std::vector<float> target;   // [hours] beside Rhythm::base, in units of Rhythm::scale; NaN where not known
  double chance = 0;           // the trait that intervals go by
};

// How many hours to learn to look ahead: as far as the horizons within a week reach, a day at least.
int hours_to_learn(const std::vector<std::int64_t>& horizons);

// What intervals go by: how far one day of the level differs from another, in units of Rhythm::scale.
double chance_of(const std::vector<float>& columns);

// Stands at readings all over the lives of the examples that have a rhythm in this stat, which is a level, and two days
// to it; most where two weeks are known.
std::vector<HoursAfter> hours_after(const std::vector<Example>& examples, std::size_t stat, int hours,
                                    std::uint64_t seed, const Services& services);

// Learns from the hours after readings of examples that are not held out; the others tell when to stop. The result
// does not depend on the number of threads.
RhythmNetwork fit_rhythm(const std::vector<HoursAfter>& lessons, const std::vector<Example>& examples, int hours,
                         const Settings& settings, std::uint64_t seed, const Services& services);

}  // namespace risetime::lstm
