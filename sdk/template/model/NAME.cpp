// A model: every count goes on as a power of the video's age, as the videos that it learned from did.
#include <algorithm>
#include <cmath>
#include <risetime/plugin.hpp>

using namespace risetime;

struct Options {
  double exponent = 0.5;
  static constexpr auto fields = risetime::fields(
      field("exponent", &Options::exponent, "The power until there is something to learn from.", range(0.0, 3.0)));
};

struct MyModel {
  static constexpr Info info{"@NAME@", "1.0.0", "Counts grow as a power of age."};
  using Config = Options;
  MyModel(Context, Options options) : powers_{options.exponent} {}

  // The power between the first and the last reading of every video and stat.
  void fit(Training& training) {
    std::vector<double> seen;
    while (const auto series = training.next())
      for (std::size_t video = 0; video < series->size(); ++video)
        for (std::size_t stat = 0; stat < series->stats().size(); ++stat) {
          const auto times = series->times(video);
          const auto values = series->values(stat, video);
          if (times.size() < 2 || times[0] <= series->published_at(video)) continue;
          const double power = std::log((values[values.size() - 1] + 1) / (values[0] + 1)) /
                               std::log(age(*series, video, times[times.size() - 1]) / age(*series, video, times[0]));
          if (std::isfinite(power)) seen.push_back(std::clamp(power, 0.0, 3.0));  // NaN: a reading lacks the stat
        }
    if (!seen.empty()) powers_ = std::move(seen);
    std::sort(powers_.begin(), powers_.end());
  }

  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    for (std::size_t video = 0; video < now.size(); ++video)
      for (std::size_t stat = 0; stat < now.stats().size(); ++stat) {
        const auto values = now.values(stat, video);
        if (values.empty() || !std::isfinite(values[values.size() - 1])) continue;  // no answer for this one
        const double last = values[values.size() - 1];
        const std::int64_t origin = now.origin(video).value_or(now.times(video)[values.size() - 1]);
        const double before = std::max(age(now, video, origin), 3.6e9);
        for (std::size_t horizon = 0; horizon < horizons.size(); ++horizon) {
          const double growth = (before + static_cast<double>(horizons[horizon])) / before;
          Quantiles quantiles{};
          for (std::size_t level = 0; level < quantiles.size(); ++level)
            quantiles[level] = last * std::pow(growth, power_at(quantile_levels[level]));
          out.set(video, stat, horizon, quantiles[3], quantiles);
        }
      }
  }

  void save(Writer& to) const { to.write(powers_); }
  void load(Reader& from) { powers_ = from.read<std::vector<double>>(); }

 private:
  static double age(const Series& series, std::size_t video, std::int64_t at) {  // microseconds
    return static_cast<double>(at - series.published_at(video));
  }
  double power_at(double level) const {
    return powers_[static_cast<std::size_t>(level * static_cast<double>(powers_.size() - 1) + 0.5)];
  }

  std::vector<double> powers_;  // of the videos that were learned from, sorted
};

RISETIME_PLUGINS(MyModel);
