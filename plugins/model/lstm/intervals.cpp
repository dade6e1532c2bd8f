// Calibrates and applies the intervals.
#include "intervals.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::lstm {
namespace {

constexpr std::size_t least_alike = 400;  // residuals of a similar scale that are ranked together
constexpr double smallest = 0.02;         // a smaller residual counts as this when its size is modelled
constexpr double most_stretch = 4;        // of the scale, either way, against a video of usual difficulty

// Solves A x = b, A symmetric positive definite of `n` rows, by elimination.
std::vector<double> solve(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t row = i + 1; row < n; ++row) {
      const double factor = a[row * n + i] / a[i * n + i];
      for (std::size_t column = i; column < n; ++column) a[row * n + column] -= factor * a[i * n + column];
      b[row] -= factor * b[i];
    }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) b[i] -= a[i * n + j] * b[j];
    b[i] /= a[i * n + i];
  }
  return b;
}

double dot(const std::vector<double>& coefficients, const Difficulty& difficulty) {
  double sum = 0;
  for (std::size_t i = 0; i < difficulty.size(); ++i) sum += coefficients[i] * difficulty[i];
  return sum;
}

// Least squares of log(residual size) on the difficulty, then the mean of the fitted logs.
std::vector<double> fit_scale(const std::vector<const Residual*>& residuals) {
  const std::size_t n = Difficulty{}.size();
  std::vector<double> a(n * n), b(n);
  for (const Residual* residual : residuals) {
    const double size = std::log(std::max(std::abs(residual->value), smallest));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a[i * n + j] += residual->difficulty[i] * residual->difficulty[j];
      b[i] += residual->difficulty[i] * size;
    }
  }
  const double ridge = 1e-3 * static_cast<double>(residuals.size() + 1);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] += ridge;
  std::vector<double> coefficients = solve(a, b);
  double mean = 0;
  for (const Residual* residual : residuals) mean += dot(coefficients, residual->difficulty);
  coefficients.push_back(residuals.empty() ? 0.0 : mean / static_cast<double>(residuals.size()));
  return coefficients;
}

std::vector<std::int64_t> centres(const std::vector<Residual>& residuals, const std::vector<std::int64_t>& ages) {
  std::vector<std::int64_t> chosen(ages);
  if (chosen.empty() && !residuals.empty()) {
    std::vector<std::int64_t> seen;
    for (const Residual& residual : residuals) seen.push_back(residual.age);
    std::sort(seen.begin(), seen.end());
    for (const double share : {0.1, 0.3, 0.5, 0.7, 0.9})
      chosen.push_back(seen[static_cast<std::size_t>(share * static_cast<double>(seen.size() - 1))]);
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace

Difficulty difficulty_of(const Steps& steps, std::size_t stat, std::size_t stats, double path, int ahead) {
  const auto count = static_cast<std::size_t>(steps.count);
  const std::size_t from = count > 7 ? count - 7 : 0;
  double spread = 0;
  for (std::size_t k = from + 1; k < count; ++k)
    spread += std::abs(static_cast<double>(steps.moves[k * stats + stat] - steps.moves[(k - 1) * stats + stat]));
  spread = std::log(0.05 + spread / static_cast<double>(std::max<std::size_t>(count - from, 2) - 1));
  const double age = std::log1p(std::max(0.0, static_cast<double>(steps.age_steps.back())));
  return {1.0, path / 10, path * path / 100, spread, age / 5, std::log(static_cast<double>(ahead)) / 5};
}

void Intervals::calibrate(const std::vector<Residual>& residuals, const std::vector<std::int64_t>& ages,
                          std::size_t stats, std::int64_t step) {
  ages_ = centres(residuals, ages);
  coefficients_.clear();
  std::vector<std::vector<const Residual*>> of_stat(stats);
  for (const Residual& residual : residuals) of_stat[residual.stat].push_back(&residual);
  for (std::size_t stat = 0; stat < stats; ++stat) coefficients_.push_back(fit_scale(of_stat[stat]));
  conformal_ = {};
  for (const Residual& residual : residuals) {
    const double scale = log_scale(residual.stat, residual.difficulty);
    conformal_.add(place(residual.stat, residual.age), residual.ahead * step, scale, residual.value / std::exp(scale));
  }
  conformal_.calibrate(Conformal::Middle::point, least_alike);
}

double Intervals::log_scale(std::size_t stat, const Difficulty& difficulty) const {
  const std::vector<double>& coefficients = coefficients_[stat];
  const double limit = std::log(most_stretch);
  return std::clamp(dot(coefficients, difficulty) - coefficients.back(), -limit, limit);
}

std::size_t Intervals::place(std::size_t stat, std::int64_t age) const {
  const auto logarithm = [](std::int64_t time) { return std::log1p(std::max(0.0, static_cast<double>(time) * 1e-6)); };
  std::size_t nearest = 0;
  for (std::size_t group = 1; group < ages_.size(); ++group)
    if (std::abs(logarithm(ages_[group]) - logarithm(age)) < std::abs(logarithm(ages_[nearest]) - logarithm(age)))
      nearest = group;
  return stat * ages_.size() + nearest;
}

Quantiles Intervals::around(std::int64_t age, std::size_t stat, std::int64_t horizon,
                            const Difficulty& difficulty) const {
  const std::size_t at = place(stat, age);
  Quantiles out{};
  if (!conformal_.has(at)) return out;
  const double scale = log_scale(stat, difficulty);
  const Conformal::Answer answer = conformal_.at(at, horizon, scale);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = answer.offsets[i] * std::exp(scale);
  return out;
}

void Intervals::save(Writer& to) const {
  to.write(ages_);
  to.write(coefficients_);
  conformal_.save(to);
}

void Intervals::load(Reader& from, std::size_t stats) {
  ages_ = from.read<std::vector<std::int64_t>>();
  coefficients_ = from.read<std::vector<std::vector<double>>>();
  bool fits = coefficients_.size() == stats;
  for (const auto& coefficients : coefficients_) fits = fits && coefficients.size() == Difficulty{}.size() + 1;
  if (!fits) throw Error(Code::input, "saved state", "its intervals do not fit together; train the model again");
  conformal_.load(from);
}

}  // namespace risetime::lstm
