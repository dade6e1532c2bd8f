// The plugin: gradient-boosted trees and a line over many videos, with calibrated intervals.
#include <risetime/plugin.hpp>

#include "growth.hpp"

namespace risetime::boosted {

namespace {

// Versions of the saved state: 1; 2, with a rhythm behind it; and this one, with a rhythm and the set of columns.
constexpr std::uint64_t kRhythmVersion = 2;
constexpr std::uint64_t kStateVersion = 3;
constexpr std::size_t kMegabyte = 1024 * 1024;

struct Options {
  std::int64_t trees = 300;
  std::int64_t depth = 6;
  double rate = 0.05;
  std::int64_t age_rows = 60000;
  std::int64_t pooled_rows = 20000;
  std::int64_t sample_mb = 256;
  static constexpr auto fields = risetime::fields(
      risetime::field("trees", &Options::trees, "Trees of each fold.", risetime::range(1, 10000)),
      risetime::field("depth", &Options::depth,
                      "Questions from the root of a tree to a leaf; one more where there are 50,000 rows.",
                      risetime::range(1, 12)),
      risetime::field("rate", &Options::rate,
                      "How much of each tree's answer is taken over; with a smaller one more trees are needed.",
                      risetime::range(0.001, 1.0)),
      risetime::field("age_rows", &Options::age_rows,
                      "Most pairs of times learned from for each age that the configuration names.",
                      risetime::range(100, 10000000)),
      risetime::field("pooled_rows", &Options::pooled_rows,
                      "Most pairs of times learned from for all other ages and horizons.",
                      risetime::range(100, 10000000)),
      risetime::field("sample_mb", &Options::sample_mb,
                      "Memory for the training videos, MiB; beyond it a share of them is learned from.",
                      risetime::range(1, 65536)));
};

class Boosted {
 public:
  static constexpr Info info{"boosted", "1.3.0",
                             "Gradient-boosted trees and a line over many videos: growth from history, text and "
                             "channel, with calibrated intervals."};
  static constexpr const char* needs[] = {RISETIME_RANDOM_ID};
  using Config = Options;

  Boosted(Context host, Options options) : host_(host), options_(options) {}

  void fit(Training& training) {
    const TrainingSample sample(training, static_cast<std::size_t>(options_.sample_mb) * kMegabyte);
    if (sample.size() < sample.seen())
      host_.info("learning from " + std::to_string(sample.size()) + " of " + std::to_string(sample.seen()) +
                 " videos, as sample_mb allows");
    space_ = find_space(sample, {training.stats().begin(), training.stats().end()});
    growth_.fit(
        sample, space_, training.horizons(), training.ages(), settings(),
        [this](std::size_t count, const std::function<void(std::size_t)>& body) { host_.parallel_for(count, body); },
        [this] { host_.check_cancelled(); },
        [this](const std::string& what, double done, double total) {
          host_.check_cancelled();
          host_.progress("boosted: " + what, done, total);
        });
  }

  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    if (now.size() == 0 || horizons.empty()) return;
    const std::vector<std::size_t> learned = stats_among(space_.stats, now.stats());
    host_.parallel_for(now.size(), [&](std::size_t video) { forecast_one(now, video, learned, horizons, out); });
  }

  void explain(const Series& now, Horizons horizons, Contributions& out) const {
    if (now.size() == 0 || horizons.empty()) return;
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
    space_.save(to);
    growth_.save(to);
  }

  void load(Reader& from) {
    const std::uint64_t version = read_version(from, kStateVersion);
    space_.load(from);
    growth_.load(from, space_.stats.size(), {version >= kStateVersion, version >= kRhythmVersion});
  }

 private:
  GrowthSettings settings() const {
    GrowthSettings settings;
    settings.trees.trees = static_cast<int>(options_.trees);
    settings.trees.depth = static_cast<int>(options_.depth);
    settings.trees.rate = options_.rate;
    settings.seed = host_.seed("trees");
    settings.age_rows = static_cast<std::size_t>(options_.age_rows);
    settings.pooled_rows = static_cast<std::size_t>(options_.pooled_rows);
    return settings;
  }

  void forecast_one(const Series& now, std::size_t video, const std::vector<std::size_t>& learned, Horizons horizons,
                    Forecast& out) const {
    std::vector<double> nothing;
    const VideoView view = arranged(now, video, learned, nothing);
    if (view.times.empty()) return;
    const std::vector<History> histories = histories_of(view, space_, now.origin(video).value_or(view.times.back()));
    const GrowthPaths paths = growth_.forecast(view, histories, space_, horizons);
    for (std::size_t stat = 0; stat < paths.size(); ++stat) {
      if (learned[stat] >= out.stats()) continue;
      const Kind kind = space_.kind(stat);
      const auto to_counts = [&](const Growth& growth) { return counts_of(growth, kind, histories[stat].last()); };
      write_path(paths[stat], kind, to_counts, video, learned[stat], out);
    }
  }

  Context host_;
  Options options_;
  FeatureSpace space_;
  GrowthModel growth_;
};

}  // namespace

RISETIME_PLUGINS(Boosted);

}  // namespace risetime::boosted
