// Fits the network with libtorch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fitted.hpp"

namespace risetime::lstm {

struct Settings {
  int hidden = 64, blocks = 2, members = 1;
  int epochs = 12, batch = 64;
  double learning_rate = 3e-3;
  int max_steps = 240;
  std::string device = "auto";
};

// One video to learn from.
struct Example {
  std::int64_t published_at = 0;
  std::vector<std::int64_t> times;          // UTC microseconds, strictly increasing
  std::vector<std::vector<double>> values;  // [stats][times]; NaN where a reading lacks the stat
  std::vector<float> statics;               // NaN where missing
  bool held_out = false;                    // not learnt from: tells when to stop, and calibrates the intervals

  Readings readings() const;
};

// Where the user will stand and look, in microseconds; either may be empty: any age, `max_steps` steps ahead.
struct Purpose {
  std::vector<std::int64_t> ages, horizons;
};

// Host services that fitting needs.
struct Services {
  Tape::ParallelFor parallel_for;
  std::function<void(double done)> progress;  // 0 .. 1; may throw to stop
  std::function<void(const std::string&)> log;
};

// Fits the members one after the other. The result depends on the examples, their order, the settings, the seed and the
// processor's arithmetic, not on the number of threads. Throws Error(Code::input) when there is nothing to learn
// from or the device is unknown.
Fitted fit_network(const std::vector<Example>& examples, const std::vector<Kind>& kinds, std::int64_t step,
                   const Settings& settings, const Purpose& purpose, std::uint64_t seed, const Services& services);

// Steps that a network is taught to generate: enough for the furthest horizon, at most `max_steps`.
int steps_to_learn(const Purpose& purpose, std::int64_t step, int max_steps);

// The reading where one stands at `age` microseconds after publication: the last at or before. Returns times.size()
// when there is none.
std::size_t reading_at_age(const Example& example, std::int64_t age);

}  // namespace risetime::lstm
