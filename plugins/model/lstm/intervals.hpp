// Prediction intervals: split conformal, from videos that the network did not learn from.
//
// The residual of a path is taken on log(1 + increment) (levels: log(1 + value)), divided by a scale that grows with
// what makes a video hard to forecast, and ranked among those of the same age and the same step ahead. The quantiles of
// these ranks, with the correction for a finite sample, are what a forecast carries (Papadopoulos et al. 2002; Lei et
// al. 2018).
#pragma once

#include <array>
#include <cstdint>
#include <risetime/conformal.hpp>
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
  // `ages` are where users stand; where there are none, ages are taken from the residuals. `step` in microseconds.
  void calibrate(const std::vector<Residual>& residuals, const std::vector<std::int64_t>& ages, std::size_t stats,
                 std::int64_t step);

  // How far the quantiles are from the path, in logs, `horizon` > 0 microseconds after the anchor; the middle one is
  // the path itself. Zero when there was nothing to calibrate from.
  Quantiles around(std::int64_t age, std::size_t stat, std::int64_t horizon, const Difficulty& difficulty) const;

  void save(Writer& to) const;
  // Throws Error(Code::input) unless the bytes are intervals for `stats` stats.
  void load(Reader& from, std::size_t stats);

 private:
  double log_scale(std::size_t stat, const Difficulty& difficulty) const;
  std::size_t place(std::size_t stat, std::int64_t age) const;

  std::vector<std::int64_t> ages_;  // centre of each group of ages, increasing
  std::vector<std::vector<double>>
      coefficients_;     // for each stat: of log(residual size) on the difficulty; then the mean
  Conformal conformal_;  // one stat of it for each stat and group of ages
};

}  // namespace risetime::lstm
