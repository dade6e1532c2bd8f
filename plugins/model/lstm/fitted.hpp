// A fitted network with all that it needs to forecast: weights, normalizers, the step; and the forecasting itself.
//
// Forecasting runs on our kernels alone: libtorch is only needed to fit.
#pragma once

#include <cstdint>
#include <risetime/serial.hpp>
#include <vector>

#include "network.hpp"
#include "steps.hpp"

namespace risetime::lstm {

// x -> (x - mean) / scale, bounded to +-8 so that a value far outside of what was seen cannot throw the network off.
struct Normalizer {
  float mean = 0, scale = 1;
  float operator()(float x) const;
  float back(float z) const { return mean + scale * z; }
};

// The normalizer of the finite values. A constant column, or none, gets the scale 1.
Normalizer normalizer_of(const std::vector<float>& values);

// Sizes of the two linear layers that static features go through.
constexpr int static_width = 32, static_out = 10;

// Weights of one network. Static features: first [static_width, statics], its bias, second [static_out, static_width],
// its bias, then start [hidden, static_out] and its bias, which is that of the linear layer in.
struct Member {
  std::vector<float> core;  // Shape::weights()
  std::vector<float> first, first_bias, second, second_bias, start, start_bias;
};

struct Fitted {
  Shape shape;
  std::int64_t step = 0;  // microseconds
  int max_steps = 0;      // of history
  std::vector<Kind> kinds;
  std::vector<Normalizer> statics, moves, levels;
  Normalizer age;
  std::vector<Member> members;

  // Numbers known beforehand at each step: age, three flags or counters, and three for each stat.
  static int known_inputs(int stats) { return 4 + 3 * stats; }
};

// Fills known [known_inputs] for step `t` of a series: t < steps.count is observed; after it come the generated ones.
// Only what stands in `steps` is used, so nothing after the anchor can be.
void fill_known(const Fitted& fitted, const Steps& steps, int t, float* known);

// Fills fed [stats] with the normalized moves of observed step t.
void fill_observed(const Fitted& fitted, const Steps& steps, int t, float* fed);

// The static features, normalized; a missing one (NaN) becomes the mean.
std::vector<float> normalize_statics(const Fitted& fitted, const std::vector<float>& statics);

// A series to forecast.
struct Present {
  Steps steps;
  std::vector<float> statics;  // as given
  int ahead = 0;               // steps to generate
};

// For each series, [ahead, stats]: log(1 + increment since the anchor) of totals, log(1 + value) of levels, at 1, 2,
// ... steps after the anchor; the mean over the members. A missing stat is generated from its mean, and means nothing.
std::vector<std::vector<float>> generate(const Fitted& fitted, const Kernel& kernel, const std::vector<Present>& series,
                                         const Tape::ParallelFor& parallel_for);

void save_fitted(Writer& to, const Fitted& fitted);
// Throws Error(Code::input) on bytes that are not a whole fitted network.
Fitted load_fitted(Reader& from);

// The same of the answers [ahead, stats] of the network, for one series.
std::vector<float> accumulate(const Fitted& fitted, const std::vector<float>& answers);

}  // namespace risetime::lstm
