// The arithmetic of methods.hpp.
#include "methods.hpp"

#include <Eigen/Dense>
#include <cmath>

namespace risetime::baselines {

namespace {

double to_target(const History& history, std::int64_t horizon) {
  return static_cast<double>(history.origin() + horizon - history.last_time());
}

// The rate (counts a microsecond) since a time, carried on from the last reading to the target.
double carried_on(const History& history, std::int64_t since, double value_then, std::int64_t horizon) {
  const auto took = static_cast<double>(std::max(history.last_time() - since, microseconds_per_hour));
  const double value = history.last() + (history.last() - value_then) / took * to_target(history, horizon);
  return std::max(history.kind() == Kind::total ? history.last() : 0.0, value);
}

// log((actual + 1) / (last + 1)) of every life that has an actual value.
std::vector<double> log_ratios(const std::vector<Life>& lives, std::size_t index, std::size_t without_fold) {
  std::vector<double> ratios;
  for (const Life& life : lives)
    if (life.fold != without_fold && std::isfinite(life.actual[index]))
      ratios.push_back(std::log1p(std::max(0.0, life.actual[index])) - std::log1p(life.history.last()));
  return ratios;
}

double times_ratio(const Learned& learned, const History& history) {
  if (learned.empty()) return history.last();
  const double value = (history.last() + 1) * std::exp(learned.front()) - 1;
  return std::max(history.kind() == Kind::total ? history.last() : 0.0, value);
}

// Gains (of a level: values) in equal parts of the life up to the last reading, the latest first.
Eigen::VectorXd parts_of(const History& history, std::size_t parts) {
  Eigen::VectorXd gains(static_cast<Eigen::Index>(parts));
  const auto life = static_cast<double>(history.last_time() - history.published_at());
  const auto time = [&](std::size_t part) {
    return history.last_time() -
           static_cast<std::int64_t>(life * static_cast<double>(part) / static_cast<double>(parts));
  };
  for (std::size_t part = 0; part < parts; ++part)
    gains[static_cast<Eigen::Index>(part)] =
        history.kind() == Kind::total ? history.gained(time(part + 1), time(part)) : history.at(time(part));
  return gains;
}

}  // namespace

double Naive::forecast(const Learned&, const History& history, std::int64_t) const { return history.last(); }

double Drift::forecast(const Learned&, const History& history, std::int64_t horizon) const {
  if (history.size() > 1) return carried_on(history, history.time_back(1), history.value_back(1), horizon);
  if (history.kind() == Kind::level) return history.last();
  return carried_on(history, history.published_at(), 0, horizon);
}

double SeasonalNaive::forecast(const Learned&, const History& history, std::int64_t horizon) const {
  const std::int64_t step = history.step();
  const bool daily = step > 0 && step < microseconds_per_day / 2;
  const std::int64_t season = daily ? microseconds_per_day : 7 * microseconds_per_day;
  const std::int64_t ahead = history.origin() + horizon - history.last_time();
  const std::int64_t whole = ahead / season, rest = ahead % season, begin = history.last_time() - season;
  // A whole season ahead is as it is now, not as it was a season ago.
  if (history.kind() == Kind::level) return rest == 0 ? history.last() : history.at(begin + rest);
  // A video that is younger than a season has gained all it has since publication: carry that rate on.
  if (begin < history.published_at()) return carried_on(history, history.published_at(), 0, horizon);
  return history.last() + static_cast<double>(whole) * history.gained(begin, history.last_time()) +
         history.gained(begin, begin + rest);
}

double WindowMean::forecast(const Learned&, const History& history, std::int64_t horizon) const {
  if (history.kind() == Kind::level) {  // the mean value, off the line at the ends and the middle of twelve parts
    double sum = 0;
    for (std::int64_t part = 0; part < 12; ++part)
      sum += history.at(history.last_time() - window * (2 * part + 1) / 24);
    return sum / 12;
  }
  const std::int64_t since = std::max(history.published_at(), history.last_time() - window);
  return carried_on(history, since, history.at(since), horizon);
}

Learned MedianGrowth::learn(const std::vector<Life>& lives, std::size_t index, std::int64_t,
                            std::size_t without_fold) const {
  std::vector<double> ratios = log_ratios(lives, index, without_fold);
  if (ratios.empty()) return {};
  std::sort(ratios.begin(), ratios.end());
  return {(ratios[(ratios.size() - 1) / 2] + ratios[ratios.size() / 2]) / 2};
}

double MedianGrowth::forecast(const Learned& learned, const History& history, std::int64_t) const {
  return times_ratio(learned, history);
}

Learned LogLinear::learn(const std::vector<Life>& lives, std::size_t index, std::int64_t,
                         std::size_t without_fold) const {
  const std::vector<double> ratios = log_ratios(lives, index, without_fold);
  if (ratios.empty()) return {};
  double sum = 0;
  for (const double ratio : ratios) sum += ratio;
  return {sum / static_cast<double>(ratios.size())};
}

double LogLinear::forecast(const Learned& learned, const History& history, std::int64_t) const {
  return times_ratio(learned, history);
}

Learned MultivariateLinear::learn(const std::vector<Life>& lives, std::size_t index, std::int64_t,
                                  std::size_t without_fold) const {
  std::size_t known = 0, parts = 1;
  for (const Life& life : lives) {
    if (life.fold == without_fold || !std::isfinite(life.actual[index])) continue;
    ++known;
    parts = std::max(parts, life.history.size());
  }
  parts = std::min({parts, most_parts, std::max<std::size_t>(1, known / 10)});
  const auto width = static_cast<Eigen::Index>(parts);
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(width, width);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(width);
  for (const Life& life : lives) {
    if (life.fold == without_fold || !std::isfinite(life.actual[index])) continue;
    // Relative errors: each row is divided by its own target, so that the target is 1.
    const Eigen::VectorXd row = parts_of(life.history, parts) / (life.actual[index] + 1);
    products += row * row.transpose();
    right += row;
  }
  products.diagonal().array() += 1e-9 * (products.trace() / static_cast<double>(parts) + 1e-300);
  const Eigen::VectorXd weights = products.ldlt().solve(right);
  if (known == 0 || !weights.allFinite()) return {};
  return {weights.data(), weights.data() + weights.size()};
}

double MultivariateLinear::forecast(const Learned& learned, const History& history, std::int64_t) const {
  if (learned.empty()) return history.last();
  const Eigen::Map<const Eigen::VectorXd> weights(learned.data(), static_cast<Eigen::Index>(learned.size()));
  const double value = weights.dot(parts_of(history, learned.size()));
  return std::max(history.kind() == Kind::total ? history.last() : 0.0, value);
}

}  // namespace risetime::baselines
