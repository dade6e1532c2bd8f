// The plugins: one frame for all baselines, with intervals from their errors on videos they did not learn from.
#include <cmath>
#include <risetime/conformal.hpp>
#include <risetime/plugin.hpp>

#include "methods.hpp"

namespace risetime::baselines {

namespace {

constexpr std::uint64_t kStateVersion = 1;
constexpr std::size_t kMegabyte = 1024 * 1024;

struct Options {
  std::int64_t sample_mb = 256;
  static constexpr auto fields = risetime::fields(risetime::field(
      "sample_mb", &Options::sample_mb,
      "Memory for the training videos, MiB; beyond it a share of them is learned from.", risetime::range(1, 65536)));
};

struct WindowOptions {
  std::int64_t sample_mb = 256;
  Duration window{7 * microseconds_per_day};
  static constexpr auto fields = risetime::fields(
      risetime::field("sample_mb", &WindowOptions::sample_mb,
                      "Memory for the training videos, MiB; beyond it a share of them is learned from.",
                      risetime::range(1, 65536)),
      risetime::field("window", &WindowOptions::window, "The time whose mean rate goes on."));
};

template <class Given>
void set_up(const Given&, Naive&) {}
template <class Given, class Method>
void set_up(const Given&, Method&) {}
inline void set_up(const WindowOptions& options, WindowMean& method) {
  if (options.window.us <= 0) throw Error(Code::config, "window", "it must be longer than nothing, such as \"7d\"");
  method.window = options.window.us;
}

// A baseline with what it learned at each age of the grid, per stat.
template <class Method, class Given>
class Baseline {
 public:
  static constexpr bool baseline = true;

  Baseline(Context host, Given options) : host_(host), options_(std::move(options)) { set_up(options_, method_); }

  void fit(Training& training) {
    const TrainingSample sample(training, static_cast<std::size_t>(options_.sample_mb) * kMegabyte);
    if (sample.size() == 0) throw Error(Code::input, "training", "there are no readings to learn from; collect first");
    stats_.assign(training.stats().begin(), training.stats().end());
    grid_ = make_grid(sample, training.horizons(), training.ages());
    learned_.assign(stats_.size() * grid_.ages.size(), {});
    intervals_.assign(grid_.ages.size(), Conformal());
    for (std::size_t age = 0; age < grid_.ages.size(); ++age) {
      host_.check_cancelled();
      host_.parallel_for(stats_.size(), [&](std::size_t stat) { learn_at(sample, age, stat); });
      for (std::size_t stat = 0; stat < stats_.size(); ++stat) calibrate_at(sample, age, stat);
      intervals_[age].calibrate(Conformal::Middle::point);
    }
  }

  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    for (std::size_t video = 0; video < now.size(); ++video)
      for (std::size_t asked = 0; asked < now.stats().size(); ++asked)
        for (std::size_t stat = 0; stat < stats_.size(); ++stat)
          if (stats_[stat] == now.stats()[asked]) forecast_one(now, video, asked, stat, horizons, out);
  }

  void save(Writer& to) const {
    to.write(kStateVersion);
    to.write(stats_);
    to.write(grid_.ages);
    to.write(grid_.horizons);
    for (const auto& by_horizon : learned_) to.write(by_horizon);
    for (const Conformal& intervals : intervals_) intervals.save(to);
  }

  void load(Reader& from) {
    read_version(from, kStateVersion);
    stats_ = from.read<std::vector<std::string>>();
    grid_.ages = from.read<std::vector<std::int64_t>>();
    grid_.horizons = from.read<std::vector<std::int64_t>>();
    if (grid_.ages.empty() || grid_.horizons.empty())
      throw Error(Code::input, "saved state", "it has no ages or horizons; train the baseline again");
    learned_.clear();
    for (std::size_t i = 0; i < stats_.size() * grid_.ages.size(); ++i) {
      learned_.push_back(from.read<std::vector<Learned>>());
      if (learned_.back().size() != grid_.horizons.size())
        throw Error(Code::input, "saved state", "what was learned does not fit the horizons; train the baseline again");
    }
    intervals_.assign(grid_.ages.size(), Conformal());
    for (Conformal& intervals : intervals_) intervals.load(from);
  }

 private:
  std::vector<Learned>& learned(std::size_t age, std::size_t stat) { return learned_[age * stats_.size() + stat]; }
  const std::vector<Learned>& learned(std::size_t age, std::size_t stat) const {
    return learned_[age * stats_.size() + stat];
  }

  void learn_at(const TrainingSample& sample, std::size_t age, std::size_t stat) {
    const std::vector<Life> lives = lives_at(sample, stat, kind_of(stats_[stat]), grid_.ages[age], grid_);
    learned(age, stat).assign(grid_.horizons.size(), {});
    for (std::size_t h = 0; h < grid_.horizons.size(); ++h)
      learned(age, stat)[h] = method_.learn(lives, h, grid_.horizons[h], kFolds);
  }

  // Errors of each fold's videos by what the other folds teach.
  void calibrate_at(const TrainingSample& sample, std::size_t age, std::size_t stat) {
    const std::vector<Life> lives = lives_at(sample, stat, kind_of(stats_[stat]), grid_.ages[age], grid_);
    for (std::size_t h = 0; h < grid_.horizons.size(); ++h) {
      for (std::size_t fold = 0; fold < kFolds; ++fold) {
        const Learned without = method_.learn(lives, h, grid_.horizons[h], fold);
        for (const Life& life : lives) {
          if (life.fold != fold || !std::isfinite(life.actual[h])) continue;
          const double value = method_.forecast(without, life.history, grid_.horizons[h]);
          intervals_[age].add(stat, grid_.horizons[h], key_of(life.history),
                              std::log1p(std::max(0.0, life.actual[h])) - std::log1p(value));
        }
      }
    }
  }

  // Small counts are harder to foretell, in proportion, than large ones.
  static double key_of(const History& history) { return std::log1p(history.last()); }

  void forecast_one(const Series& now, std::size_t video, std::size_t asked, std::size_t stat, Horizons horizons,
                    Forecast& out) const {
    const Span<const std::int64_t> times = now.times(video);
    if (times.empty()) return;
    const History history(times, now.values(asked, video), now.published_at(video),
                          now.origin(video).value_or(times.back()), kind_of(stats_[stat]));
    if (history.empty()) return;
    const std::size_t age = known_age(history.origin() - history.published_at(), stat);
    double before = 0;
    Quantiles quantiles_before{};
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      const double value = std::max(before, value_at(age, stat, history, horizons[h]));
      Quantiles quantiles = quantiles_of(age, stat, history, horizons[h], value);
      if (history.kind() == Kind::total) {
        for (std::size_t level = 0; level < quantiles.size(); ++level)
          quantiles[level] = std::max({quantiles[level], quantiles_before[level], history.last()});
        before = value;
      }
      out.set(video, asked, h, value, quantiles);
      quantiles_before = quantiles;
    }
  }

  // The nearest age at which errors of this stat are known; the nearest of all where none is.
  std::size_t known_age(std::int64_t wanted, std::size_t stat) const {
    std::vector<std::int64_t> ages;
    std::vector<std::size_t> indices;
    for (std::size_t age = 0; age < grid_.ages.size(); ++age) {
      if (!intervals_[age].has(stat)) continue;
      ages.push_back(grid_.ages[age]);
      indices.push_back(age);
    }
    return ages.empty() ? nearest(grid_.ages, wanted) : indices[nearest(ages, wanted)];
  }

  // Between two horizons of the grid the logarithm of the growth is read off the line.
  double value_at(std::size_t age, std::size_t stat, const History& history, std::int64_t horizon) const {
    const std::vector<std::int64_t>& grid = grid_.horizons;
    const std::vector<Learned>& at = learned(age, stat);
    const auto above = static_cast<std::size_t>(std::lower_bound(grid.begin(), grid.end(), horizon) - grid.begin());
    const auto value = [&](std::size_t index) { return method_.forecast(at[index], history, horizon); };
    const std::size_t end = last_learned(at);
    if (above >= end) return value(end);
    if (grid[above] == horizon || at[above].empty()) return value(above);
    const double low = above == 0 ? history.last() : value(above - 1), high = value(above);
    const auto from = static_cast<double>(above == 0 ? 0 : grid[above - 1]);
    const double share = (static_cast<double>(horizon) - from) / (static_cast<double>(grid[above]) - from);
    return std::expm1(std::log1p(low) + share * (std::log1p(high) - std::log1p(low)));
  }

  // The furthest horizon at which something was learned; the last one for methods that learn nothing.
  static std::size_t last_learned(const std::vector<Learned>& at) {
    for (std::size_t h = at.size(); h-- > 0;)
      if (!at[h].empty()) return h;
    return at.size() - 1;
  }

  Quantiles quantiles_of(std::size_t age, std::size_t stat, const History& history, std::int64_t horizon,
                         double value) const {
    Quantiles quantiles{};
    quantiles.fill(value);
    if (!intervals_[age].has(stat)) return quantiles;
    const Conformal::Answer answer = intervals_[age].at(stat, horizon, key_of(history));
    const std::size_t middle = quantiles.size() / 2;
    for (std::size_t level = 0; level < quantiles.size(); ++level) {
      if (level == middle) continue;
      const double moved = std::max(0.0, std::expm1(std::min(40.0, std::log1p(value) + answer.offsets[level])));
      // Rounding must not carry a quantile past the forecast.
      quantiles[level] = level < middle ? std::min(moved, value) : std::max(moved, value);
    }
    return quantiles;
  }

  Context host_;
  Given options_;
  Method method_;
  std::vector<std::string> stats_;
  Grid grid_;
  std::vector<std::vector<Learned>> learned_;  // [ages * stats][horizons]
  std::vector<Conformal> intervals_;           // [ages]
};

class NaiveModel : public Baseline<Naive, Options> {
 public:
  static constexpr Info info{"naive", "1.0.0", "The last value, unchanged."};
  using Config = Options;
  using Baseline::Baseline;
};
class DriftModel : public Baseline<Drift, Options> {
 public:
  static constexpr Info info{"drift", "1.0.0", "The rate between the last two readings goes on."};
  using Config = Options;
  using Baseline::Baseline;
};
class SeasonalNaiveModel : public Baseline<SeasonalNaive, Options> {
 public:
  static constexpr Info info{"seasonal-naive", "1.0.0", "The last day's or week's gains come again."};
  using Config = Options;
  using Baseline::Baseline;
};
class WindowMeanModel : public Baseline<WindowMean, WindowOptions> {
 public:
  static constexpr Info info{"window-mean", "1.0.0", "The mean rate of the last days goes on."};
  using Config = WindowOptions;
  using Baseline::Baseline;
};
class MedianGrowthModel : public Baseline<MedianGrowth, Options> {
 public:
  static constexpr Info info{"median-growth", "1.0.0", "Each video grows as the median video did at its age."};
  using Config = Options;
  using Baseline::Baseline;
};
class LogLinearModel : public Baseline<LogLinear, Options> {
 public:
  static constexpr Info info{"log-linear", "1.0.0", "The mean log growth at its age (Szabo and Huberman)."};
  using Config = Options;
  using Baseline::Baseline;
};
class MultivariateLinearModel : public Baseline<MultivariateLinear, Options> {
 public:
  static constexpr Info info{"multivariate-linear", "1.0.0", "Linear in the gains so far, relative errors (Pinto)."};
  using Config = Options;
  using Baseline::Baseline;
};

}  // namespace

RISETIME_PLUGINS(NaiveModel, DriftModel, SeasonalNaiveModel, WindowMeanModel, MedianGrowthModel, LogLinearModel,
                 MultivariateLinearModel);

}  // namespace risetime::baselines
