// The plugin: ridge regression over many videos, in its growth and its level formulation.
#include <cmath>
#include <risetime/plugin.hpp>

#include "growth.hpp"
#include "level.hpp"

namespace risetime::ridge {

namespace {

constexpr std::uint64_t kStateVersion = 3;  // 2 had no spans, 1 no rhythm either
constexpr std::size_t kMegabyte = 1024 * 1024;
constexpr double kMostLog = 40;  // e^40: above any count

struct Options {
  std::string form = "growth";
  std::int64_t pairs = 64;
  std::int64_t strengths = 50;
  double least_strength = 0.01;
  double most_strength = 1e5;
  std::int64_t sample_mb = 256;
  std::int64_t design_mb = 160;
  static constexpr auto fields = risetime::fields(
      risetime::field("form", &Options::form,
                      "What is learned: growth (the logarithm of what is gained between two times) or level (the "
                      "counts themselves, far worse).",
                      risetime::one_of("growth", "level")),
      risetime::field("pairs", &Options::pairs,
                      "Pairs of times drawn from each video for ages and horizons that the configuration does not "
                      "name; fewer where many videos fill design_mb.",
                      risetime::range(1, 1000)),
      risetime::field("strengths", &Options::strengths, "How many L2 strengths leave-one-out tries.",
                      risetime::range(1, 1000)),
      risetime::field("least_strength", &Options::least_strength, "The smallest L2 strength.",
                      risetime::range(1e-9, 1e12)),
      risetime::field("most_strength", &Options::most_strength, "The largest L2 strength.",
                      risetime::range(1e-9, 1e12)),
      risetime::field("sample_mb", &Options::sample_mb,
                      "Memory for the training videos, MiB; beyond it a share of them is learned from.",
                      risetime::range(1, 65536)),
      risetime::field("design_mb", &Options::design_mb,
                      "Memory for one table of features, MiB; it is needed about twice.", risetime::range(1, 65536)));
};

CountForecast counts_of(const Level& forecast, Kind kind, double last) {
  const double middle = std::log1p(forecast.value), least = kind == Kind::total ? last : 0.0;
  const auto at = [&](double offset) {
    return std::max(least, std::expm1(std::clamp(middle + offset, 0.0, kMostLog)));
  };
  CountForecast counts;
  for (std::size_t level = 0; level < counts.quantiles.size(); ++level)
    counts.quantiles[level] = at(forecast.interval.offsets[level]);
  counts.mean = at(std::log(forecast.interval.mean_factor));
  return counts;
}

class Ridge {
 public:
  static constexpr Info info{"ridge", "1.2.0",
                             "One ridge regression over many videos: growth from history, text and channel, with "
                             "calibrated intervals."};
  static constexpr const char* needs[] = {RISETIME_RANDOM_ID};
  using Config = Options;

  Ridge(Context host, Options options) : host_(host), options_(std::move(options)) {
    if (options_.most_strength < options_.least_strength)
      throw Error(Code::config, "most_strength", "it is below least_strength; swap the two");
  }

  void fit(Training& training) {
    const TrainingSample sample(training, static_cast<std::size_t>(options_.sample_mb) * kMegabyte);
    if (sample.size() < sample.seen())
      host_.info("learning from " + std::to_string(sample.size()) + " of " + std::to_string(sample.seen()) +
                 " videos, as sample_mb allows");
    space_ = find_space(sample, {training.stats().begin(), training.stats().end()});
    const Parallel parallel = [this](std::size_t count, const std::function<void(std::size_t)>& body) {
      host_.parallel_for(count, body);
    };
    if (options_.form == "level") {
      host_.check_cancelled();
      level_.fit(sample, space_, training.horizons(), training.ages(), settings(), parallel);
    } else {
      growth_.fit(sample, space_, training.horizons(), training.ages(), settings(), parallel,
                  [this](const std::string& what, double done, double total) {
                    host_.check_cancelled();
                    host_.progress("ridge: " + what, done, total);
                  });
    }
  }

  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    if (now.size() == 0 || horizons.empty()) return;
    const std::vector<std::size_t> learned = stats_among(space_.stats, now.stats());
    host_.parallel_for(now.size(), [&](std::size_t video) { forecast_one(now, video, learned, horizons, out); });
  }

  // The level formulation adds up counts, not logarithms: it says nothing, and is asked again.
  void explain(const Series& now, Horizons horizons, Contributions& out) const {
    if (now.size() == 0 || horizons.empty() || options_.form == "level") return;
    const std::vector<std::size_t> learned = stats_among(space_.stats, now.stats());
    host_.parallel_for(now.size(), [&](std::size_t video) {
      std::vector<double> nothing;
      const VideoView view = arranged(now, video, learned, nothing);
      if (view.times.empty()) return;
      const std::vector<History> histories = histories_of(view, space_, now.origin(video).value_or(view.times.back()));
      const std::vector<AttributionPath> paths = growth_.explain(view, histories, space_, horizons);
      for (std::size_t stat = 0; stat < paths.size(); ++stat)
        if (learned[stat] < out.stats())
          write_attributions(paths[stat], space_, stat, histories[stat].last(), video, learned[stat], out);
    });
  }

  void save(Writer& to) const {
    to.write(kStateVersion);
    to.write(options_.form);
    space_.save(to);
    if (options_.form == "level")
      level_.save(to);
    else
      growth_.save(to);
  }

  void load(Reader& from) {
    const std::uint64_t version = read_version(from, kStateVersion);
    const auto form = from.read<std::string>();
    if (form != options_.form)
      throw Error(Code::input, "form", "the saved model is of form \"" + form + "\"; train the model again");
    space_.load(from);
    if (form == "level")
      level_.load(from, space_.stats.size());
    else
      growth_.load(from, space_.stats.size(), version);
  }

 private:
  GrowthSettings settings() const {
    GrowthSettings settings;
    settings.system.strengths = strengths_between(options_.least_strength, options_.most_strength,
                                                  static_cast<std::size_t>(options_.strengths));
    settings.pairs_per_video = static_cast<std::size_t>(options_.pairs);
    settings.design_bytes = static_cast<std::size_t>(options_.design_mb) * kMegabyte;
    settings.seed = host_.seed("pairs");
    return settings;
  }

  void forecast_one(const Series& now, std::size_t video, const std::vector<std::size_t>& learned, Horizons horizons,
                    Forecast& out) const {
    std::vector<double> nothing;
    const VideoView view = arranged(now, video, learned, nothing);
    if (view.times.empty()) return;
    const std::vector<History> histories = histories_of(view, space_, now.origin(video).value_or(view.times.back()));
    if (options_.form == "level")
      write(level_.forecast(view, histories, space_, horizons), histories, video, learned, out);
    else
      write(growth_.forecast(view, histories, space_, horizons), histories, video, learned, out);
  }

  template <class Paths>
  void write(const Paths& paths, const std::vector<History>& histories, std::size_t video,
             const std::vector<std::size_t>& learned, Forecast& out) const {
    for (std::size_t stat = 0; stat < paths.size(); ++stat) {
      if (learned[stat] >= out.stats()) continue;
      const Kind kind = space_.kind(stat);
      const auto to_counts = [&](const auto& answer) { return counts_of(answer, kind, histories[stat].last()); };
      write_path(paths[stat], kind, to_counts, video, learned[stat], out);
    }
  }

  Context host_;
  Options options_;
  FeatureSpace space_;
  GrowthModel growth_;
  LevelModel level_;
};

}  // namespace

RISETIME_PLUGINS(Ridge);

}  // namespace risetime::ridge
