// The baselines themselves: what each learns at one age and horizon, and what it forecasts from a history.
//
// A method is a class with
//   std::vector<double> learn(lives, horizon_index, horizon, without_fold) const   nothing learned: an empty vector
//   double forecast(learned, history, horizon) const                              a count at origin + horizon
// learn() sees the lives of one stat and age; without_fold leaves one fold out (kFolds: none). forecast() gets what was
// learned at the nearest age and horizon of the grid.
#pragma once

#include <optional>

#include "lives.hpp"

namespace risetime::baselines {

using Learned = std::vector<double>;

// The value stays where it is.
struct Naive {
  Learned learn(const std::vector<Life>&, std::size_t, std::int64_t, std::size_t) const { return {}; }
  double forecast(const Learned&, const History& history, std::int64_t horizon) const;
};

// The rate between the last two readings goes on (of one reading: since publication).
struct Drift {
  Learned learn(const std::vector<Life>&, std::size_t, std::int64_t, std::size_t) const { return {}; }
  double forecast(const Learned&, const History& history, std::int64_t horizon) const;
};

// What was gained in the last season is gained again, at the same time of the season: a day where readings are closer
// than half a day, a week otherwise.
struct SeasonalNaive {
  Learned learn(const std::vector<Life>&, std::size_t, std::int64_t, std::size_t) const { return {}; }
  double forecast(const Learned&, const History& history, std::int64_t horizon) const;
};

// The mean rate of a window that ends at the last reading goes on.
struct WindowMean {
  std::int64_t window = 7 * microseconds_per_day;
  Learned learn(const std::vector<Life>&, std::size_t, std::int64_t, std::size_t) const { return {}; }
  double forecast(const Learned&, const History& history, std::int64_t horizon) const;
};

// The median over videos of value at the target over value now.
struct MedianGrowth {
  Learned learn(const std::vector<Life>& lives, std::size_t index, std::int64_t horizon,
                std::size_t without_fold) const;
  double forecast(const Learned& learned, const History& history, std::int64_t horizon) const;
};

// The mean over videos of the logarithm of that ratio: G. Szabo and B. Huberman, "Predicting the popularity of online
// content", CACM 53(8), 2010, the log-linear model (its correction for the mean of a lognormal is left out: the
// forecast is a median).
struct LogLinear {
  Learned learn(const std::vector<Life>& lives, std::size_t index, std::int64_t horizon,
                std::size_t without_fold) const;
  double forecast(const Learned& learned, const History& history, std::int64_t horizon) const;
};

// Linear in the gains of equal parts of the video's life so far, with the smallest relative squared error: H. Pinto,
// J. Almeida, M. Goncalves, "Using early view patterns to predict the popularity of YouTube videos", WSDM 2013, the
// multivariate linear model.
struct MultivariateLinear {
  std::size_t most_parts = 30;
  Learned learn(const std::vector<Life>& lives, std::size_t index, std::int64_t horizon,
                std::size_t without_fold) const;
  double forecast(const Learned& learned, const History& history, std::int64_t horizon) const;
};

}  // namespace risetime::baselines
