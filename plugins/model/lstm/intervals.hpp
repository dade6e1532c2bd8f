// Prediction intervals: split conformal, from videos that the network did not learn from.
//
// The residual of a path is taken on log(1 + increment) (levels: log(1 + value)), divided by a scale that grows with
// what makes a video hard to forecast, and ranked among those of the same age and the same step ahead. The quantiles of
// these ranks, with the correction for a finite sample, are what a forecast carries (Papadopoulos et al. 2002; Lei et
// al. 2018).
#pragma once

#include <array>
#include <cstdint>
#include <risetime/model.hpp>
#include <vector>

#include "fitted.hpp"

namespace risetime::lstm {

// What a residual's size is expected to depend on.
using Difficulty = std::array<double, 6>;

// `path` is log(1 + increment) at `ahead` steps. The spread is that of the last moves before the anchor.
Difficulty difficulty_of(const Steps& steps, std::size_t stat, std::size_t stats, double path, int ahead);

// One residual: truth minus path, in logs.
struct Residual {
  std::int64_t age = 0;  // of the anchor, microseconds
  std::size_t stat = 0;
  int ahead = 0;  // steps, from 1
  double value = 0;
  Difficulty difficulty{};
};

class Intervals {
 public:
  // `ages` are where users stand; where there are none, ages are taken from the residuals. Steps 1 .. `ahead`.
  void calibrate(const std::vector<Residual>& residuals, const std::vector<std::int64_t>& ages, std::size_t stats,
                 int ahead);

  // How far the quantiles are from the path, in logs, `position` > 0 steps ahead (also between steps). Zero when there
  // was nothing to calibrate from.
  Quantiles around(std::int64_t age, std::size_t stat, double position, const Difficulty& difficulty) const;

  void save(Writer& to) const;
  void load(Reader& from);

 private:
  double scale(std::size_t stat, const Difficulty& difficulty) const;
  Quantiles at_step(std::size_t bin, std::size_t stat, int step) const;
  std::size_t bin_of(std::int64_t age) const;

  std::uint64_t stats_ = 0;
  std::int64_t ahead_ = 0;
  std::vector<std::int64_t> ages_;  // centre of each bin, increasing
  std::vector<std::vector<double>>
      coefficients_;               // for each stat: of log(residual size) on the difficulty; then its limits
  std::vector<double> quantiles_;  // [ages, stats, ahead, 7]
};

}  // namespace risetime::lstm
