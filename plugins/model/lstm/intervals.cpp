// Calibrates and applies the intervals.
#include "intervals.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::lstm {
namespace {

constexpr std::size_t fewest = 40;  // residuals that make a quantile of 2.5 %
constexpr double smallest = 0.02;   // a residual of 2 % counts as that when its size is modelled
constexpr double most_stretch = 4;  // of the scale, either way, against a video of usual difficulty

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

// The quantiles of a sample such that a new value falls below with at least (upper half) or at most (lower half) that
// probability. The middle one is the path itself: a shift of its own at each step would make it fall here and there.
Quantiles conformal(std::vector<double>& sample) {
  Quantiles out{};
  if (sample.empty()) return out;
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double level = quantile_levels[i];
    const double rank = level < 0.5   ? std::floor((n + 1) * level)
                        : level > 0.5 ? std::ceil((n + 1) * level)
                                      : (n + 1) / 2;
    const double value = sample[static_cast<std::size_t>(std::clamp(rank, 1.0, n)) - 1];
    out[i] = level < 0.5 ? std::min(value, 0.0) : level > 0.5 ? std::max(value, 0.0) : 0.0;
  }
  return out;
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
                          std::size_t stats, int ahead) {
  stats_ = stats;
  ahead_ = ahead;
  ages_ = centres(residuals, ages);
  coefficients_.clear();
  std::vector<std::vector<const Residual*>> of_stat(stats);
  for (const Residual& residual : residuals) of_stat[residual.stat].push_back(&residual);
  for (std::size_t stat = 0; stat < stats; ++stat) coefficients_.push_back(fit_scale(of_stat[stat]));

  const std::size_t bins = ages_.size(), steps = static_cast<std::size_t>(ahead);
  std::vector<std::vector<double>> scaled(bins * stats * steps), pooled(stats * steps);
  for (const Residual& residual : residuals) {
    const double value = residual.value / scale(residual.stat, residual.difficulty);
    const std::size_t cell = residual.stat * steps + static_cast<std::size_t>(residual.ahead - 1);
    scaled[bin_of(residual.age) * stats * steps + cell].push_back(value);
    pooled[cell].push_back(value);
  }
  quantiles_.clear();
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    const Quantiles found = conformal(scaled[i].size() >= fewest ? scaled[i] : pooled[i % pooled.size()]);
    quantiles_.insert(quantiles_.end(), found.begin(), found.end());
  }
}

double Intervals::scale(std::size_t stat, const Difficulty& difficulty) const {
  const std::vector<double>& coefficients = coefficients_[stat];
  const double above_usual = dot(coefficients, difficulty) - coefficients.back();
  return std::exp(std::clamp(above_usual, -std::log(most_stretch), std::log(most_stretch)));
}

std::size_t Intervals::bin_of(std::int64_t age) const {
  const auto logarithm = [](std::int64_t time) { return std::log1p(std::max(0.0, static_cast<double>(time) * 1e-6)); };
  std::size_t nearest = 0;
  for (std::size_t bin = 1; bin < ages_.size(); ++bin)
    if (std::abs(logarithm(ages_[bin]) - logarithm(age)) < std::abs(logarithm(ages_[nearest]) - logarithm(age)))
      nearest = bin;
  return nearest;
}

Quantiles Intervals::at_step(std::size_t bin, std::size_t stat, int step) const {
  Quantiles out{};
  const auto last = static_cast<std::size_t>(ahead_);
  const std::size_t at = std::min(static_cast<std::size_t>(step), last);
  if (at == 0) return out;
  const std::size_t from = ((bin * static_cast<std::size_t>(stats_) + stat) * last + at - 1) * out.size();
  std::copy_n(quantiles_.begin() + static_cast<std::ptrdiff_t>(from), out.size(), out.begin());
  // Further than was ever calibrated, the spread goes on growing as that of a random walk does.
  for (double& value : out) value *= std::sqrt(std::max(1.0, static_cast<double>(step) / static_cast<double>(last)));
  return out;
}

Quantiles Intervals::around(std::int64_t age, std::size_t stat, double position, const Difficulty& difficulty) const {
  Quantiles out{};
  if (ages_.empty()) return out;
  const std::size_t bin = bin_of(age);
  const int step = static_cast<int>(std::min(position, 1e6));
  const double share = std::min(position, 1e6) - step;
  // The first step's residuals stand for all times within it: in logs of the increment they do not shrink to zero.
  const Quantiles before = at_step(bin, stat, std::max(step, 1)), after = at_step(bin, stat, step + 1);
  const double stretch = scale(stat, difficulty);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = stretch * (before[i] + (step == 0 ? 0.0 : share) * (after[i] - before[i]));
  return out;
}

void Intervals::save(Writer& to) const {
  to.write(stats_);
  to.write(ahead_);
  to.write(ages_);
  to.write(coefficients_);
  to.write(quantiles_);
}

void Intervals::load(Reader& from) {
  stats_ = from.read<std::uint64_t>();
  ahead_ = from.read<std::int64_t>();
  ages_ = from.read<std::vector<std::int64_t>>();
  coefficients_ = from.read<std::vector<std::vector<double>>>();
  quantiles_ = from.read<std::vector<double>>();
  const std::size_t cells =
      ages_.size() * static_cast<std::size_t>(stats_) * static_cast<std::size_t>(ahead_) * Quantiles{}.size();
  const bool whole = std::all_of(coefficients_.begin(), coefficients_.end(),
                                 [](const auto& c) { return c.size() == Difficulty{}.size() + 1; });
  if (ahead_ < 0 || coefficients_.size() != stats_ || quantiles_.size() != cells || !whole)
    throw Error(Code::input, "saved state", "its intervals do not fit together; train the model again");
}

}  // namespace risetime::lstm
