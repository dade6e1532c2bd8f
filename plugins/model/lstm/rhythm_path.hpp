// Levels with a daily and a weekly rhythm (viewers, hour by hour): a network that goes over the hours to come and says
// what each brings beside the same hour of the last day. It reads what is known of each hour, and not its own answers.
#pragma once

#include <risetime/rhythm.hpp>
#include <vector>

#include "fitted.hpp"

namespace risetime::lstm {

constexpr std::size_t rhythm_columns = Rhythm::differences + Rhythm::traits;

struct RhythmNetwork {
  Shape shape;                     // inputs: rhythm_columns; one stat
  int hours = 0;                   // after the last reading, that it learned to look
  std::vector<Normalizer> known;   // [rhythm_columns]
  std::vector<float> core, start;  // [shape.weights()], [shape.hidden]
};

// What is known of the hours 1, 2, ... after the last reading of the history. [hours, rhythm_columns]
std::vector<float> columns_of_hours(const Rhythm& rhythm, const History& history, int hours);

// The same, normalized in place.
void normalize(const RhythmNetwork& network, std::vector<float>& columns);

// For each series of columns [network.hours, rhythm_columns], normalized: what comes beside Rhythm::base, in units of
// Rhythm::scale. [series][hours]
std::vector<std::vector<float>> go_over_hours(const RhythmNetwork& network, const Kernel& kernel,
                                              const std::vector<std::vector<float>>& series,
                                              const Tape::ParallelFor& parallel_for);

// Of a path [hours] the answer at a horizon (microseconds after the origin), off the line between hours; beyond the
// last hour that of the same time of day before.
double on_hours(const std::vector<float>& path, const History& history, std::int64_t horizon);

void save_rhythm(Writer& to, const RhythmNetwork& network);
// Throws Error(Code::input) on bytes that are not a whole network.
RhythmNetwork load_rhythm(Reader& from);

}  // namespace risetime::lstm
