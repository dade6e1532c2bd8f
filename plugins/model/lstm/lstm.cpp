// The plugin: forecasts by a residual stack of LSTM layers that is primed with what was observed and then generates
// step by step.
#include <algorithm>
#include <cmath>
#include <limits>
#include <risetime/hash.hpp>
#include <risetime/plugin.hpp>

#include "fitted.hpp"
#include "intervals.hpp"
#include "rhythm_training.hpp"
#include "statics.hpp"
#include "training.hpp"

namespace risetime::lstm {
namespace {

struct Options {
  std::int64_t hidden = 32;
  std::int64_t blocks = 2;
  std::int64_t members = 1;
  std::int64_t epochs = 16;
  std::int64_t batch = 64;
  double learning_rate = 3e-3;
  std::optional<Duration> step;
  std::int64_t max_steps = 336;
  double held_out = 0.2;
  std::string device = "auto";
  std::string kernel = "auto";

  static constexpr auto fields = risetime::fields(
      field("hidden", &Options::hidden, "Units of each LSTM layer; a multiple of 16.", range(16, 512)),
      field("blocks", &Options::blocks, "Residual blocks, each of two LSTM layers.", range(1, 8)),
      field("members", &Options::members, "Networks whose paths are averaged; each takes as long to train.",
            range(1, 10)),
      field("epochs", &Options::epochs, "Passes over the training videos.", range(1, 1000)),
      field("batch", &Options::batch, "Videos that are learnt from together.", range(1, 4096)),
      field("learning_rate", &Options::learning_rate, "Of Adam, at its peak; it falls to zero along a cosine.",
            range(1e-6, 1)),
      field("step", &Options::step,
            "Length of a step, as in \"1h\". Left out: the usual distance between readings, but no less than the "
            "furthest "
            "horizon / 168."),
      field("max_steps", &Options::max_steps, "Steps of history that are looked at.", range(2, 10000)),
      field("held_out", &Options::held_out,
            "Share of the videos kept aside to stop training and to calibrate the intervals.", range(0.05, 0.5)),
      field("device", &Options::device, "Where to train.", one_of("auto", "cpu", "cuda")),
      field("kernel", &Options::kernel, "Instruction set for forecasting; one that the processor lacks is an error.",
            one_of("auto", "avx512", "avx2", "baseline")));
};

constexpr std::uint64_t saved_version = 1;
constexpr std::uint64_t rhythm_version = 2;  // the same, and levels with a rhythm behind it
constexpr std::int64_t hour = microseconds_per_hour, minute = hour / 60;
constexpr std::size_t least_rhythms = 100;  // readings stood at, a tenth of them held out
constexpr int most_steps_ahead = 2000;      // beyond, a path goes on as it last did

// Viewers are a number at a time, the others running totals.
Kind kind_of(const std::string& stat) { return stat == "viewers" ? Kind::level : Kind::total; }

// The usual distance between readings, to the minute.
std::int64_t usual_distance(const std::vector<Example>& examples) {
  std::vector<std::int64_t> distances;
  for (const Example& example : examples)
    for (std::size_t i = 1; i < example.times.size(); ++i) distances.push_back(example.times[i] - example.times[i - 1]);
  if (distances.empty()) return hour;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  std::int64_t distance = std::max(minute, (*middle + minute / 2) / minute * minute);
  for (const std::int64_t round : {hour, 24 * hour, 168 * hour})  // readings a little off the round hour or day
    if (std::abs(distance - round) <= round / 20) distance = round;
  return distance;
}

// The readings of one video, with the stats in the order of the model; a stat that the series lacks is NaN throughout.
void read_video(const Series& series, std::size_t video, const std::vector<std::string>& stats, Example& to) {
  const Span<const std::int64_t> times = series.times(video);
  to.published_at = series.published_at(video);
  to.times.assign(times.begin(), times.end());
  for (const std::string& stat : stats) {
    const auto found = std::find(series.stats().begin(), series.stats().end(), stat);
    if (found == series.stats().end()) {
      to.values.emplace_back(times.size(), std::numeric_limits<double>::quiet_NaN());
    } else {
      const Span<const double> values = series.values(static_cast<std::size_t>(found - series.stats().begin()), video);
      to.values.emplace_back(values.begin(), values.end());
    }
  }
}

// A path [ahead] of log(1 + increment) at any position in steps; straight lines between steps, on from the last two.
double on_path(const std::vector<float>& path, std::size_t stat, std::size_t stats, Kind kind, double now,
               double position) {
  const auto ahead = path.size() / stats;
  const auto value = [&](std::size_t k) {
    if (k == 0) return kind == Kind::total ? 0.0 : now;
    return std::expm1(static_cast<double>(path[(k - 1) * stats + stat]));
  };
  const std::size_t before = std::min(static_cast<std::size_t>(position), ahead - 1);
  const double slope = value(before + 1) - value(before);
  const bool beyond = position > static_cast<double>(ahead);
  if (beyond && kind == Kind::level) return value(ahead);
  return value(before) + (position - static_cast<double>(before)) * slope;
}

// The mean of the distribution whose quantiles these are, straight between them in logs as the residuals are; its tails
// end at the outermost.
double mean_of(const Quantiles& quantiles, double base) {
  const auto logarithm = [&](std::size_t i) { return std::log1p(quantiles[i] - base); };
  double sum = quantile_levels[0] * quantiles[0] + (1 - quantile_levels.back()) * quantiles.back();
  for (std::size_t i = 1; i < quantiles.size(); ++i) {
    const double growth = logarithm(i) - logarithm(i - 1), gain = quantiles[i] - quantiles[i - 1];
    const double between = growth > 1e-9 ? base - 1 + gain / growth : quantiles[i];
    sum += (quantile_levels[i] - quantile_levels[i - 1]) * between;
  }
  return sum;
}

class Lstm {
 public:
  static constexpr Info info{"lstm", "1.1.0",
                             "A residual stack of LSTM layers over equal steps; forecasts step by step."};
  using Config = Options;

  Lstm(Context host, Options options) : host_(host), options_(std::move(options)) {
    if (options_.hidden % 16 != 0)
      throw Error(Code::config, "hidden", std::to_string(options_.hidden) + " is not a multiple of 16");
    if (options_.step && options_.step->us < minute)
      throw Error(Code::config, "step", "a step is at least a minute long");
    kernel_ = &choose_kernel(options_.kernel);
  }

  void fit(Training& training) {
    stats_.assign(training.stats().begin(), training.stats().end());
    const std::vector<Example> examples = read(training);
    const Purpose purpose{{training.ages().begin(), training.ages().end()},
                          {training.horizons().begin(), training.horizons().end()}};
    std::int64_t step = options_.step ? options_.step->us : usual_distance(examples);
    if (!options_.step && !purpose.horizons.empty()) step = std::max(step, purpose.horizons.back() / 168);
    std::vector<Kind> kinds;
    for (const std::string& stat : stats_) kinds.push_back(kind_of(stat));

    Services services;
    services.parallel_for = parallel();
    services.progress = [this](double done) {
      host_.check_cancelled();
      host_.progress("fit", done, 1);
    };
    services.log = [this](const std::string& text) { host_.debug(text); };
    fitted_ = fit_network(examples, kinds, step, settings(), purpose, host_.seed("fit"), services);
    calibrate(examples, purpose);
    services.progress = [this](double done) {
      host_.check_cancelled();
      host_.progress("fit, levels with a rhythm", done, 1);
    };
    fit_rhythms(examples, purpose, services);
  }

  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    std::vector<Present> series;
    std::vector<std::size_t> videos;
    for (std::size_t video = 0; video < now.size(); ++video) {
      Example example;
      read_video(now, video, stats_, example);
      if (example.times.empty() || horizons.empty()) continue;
      Present present = stand(example, example.times.size() - 1);
      present.statics = statics_.of(now, video);
      present.ahead = static_cast<int>(
          std::min(std::ceil(position(now, video, present, horizons[horizons.size() - 1])), double{most_steps_ahead}));
      present.ahead = std::max(present.ahead, 1);
      series.push_back(std::move(present));
      videos.push_back(video);
    }
    const auto paths = generate(fitted_, *kernel_, series, parallel());
    for (std::size_t i = 0; i < series.size(); ++i)
      for (std::size_t stat = 0; stat < stats_.size(); ++stat)
        answer(now, videos[i], series[i], paths[i], stat, horizons, out);
    for (const RhythmPart& part : rhythms_) answer_rhythm(now, part, horizons, out);
  }

  void save(Writer& to) const {
    to.write(rhythms_.empty() ? saved_version : rhythm_version);
    to.write(stats_);
    save_fitted(to, fitted_);
    statics_.save(to);
    intervals_.save(to);
    if (rhythms_.empty()) return;
    to.write(static_cast<std::uint64_t>(rhythms_.size()));
    for (const RhythmPart& part : rhythms_) {
      to.write(static_cast<std::uint64_t>(part.stat));
      save_rhythm(to, part.network);
      part.intervals.save(to);
    }
  }

  void load(Reader& from) {
    const std::uint64_t version = read_version(from, rhythm_version);
    stats_ = from.read<std::vector<std::string>>();
    fitted_ = load_fitted(from);
    if (fitted_.kinds.size() != stats_.size())
      throw Error(Code::input, "saved state", "its parts do not fit together; train again");
    statics_.load(from);
    if (fitted_.statics.size() != statics_.columns())
      throw Error(Code::input, "saved state", "its parts do not fit together; train again");
    intervals_.load(from, stats_.size());
    rhythms_.clear();
    if (version == rhythm_version) load_rhythms(from);
    from.finish();
  }

 private:
  Tape::ParallelFor parallel() const {
    return [this](std::size_t count, const std::function<void(std::size_t)>& body) { host_.parallel_for(count, body); };
  }

  Settings settings() const {
    Settings settings;
    settings.hidden = static_cast<int>(options_.hidden);
    settings.blocks = static_cast<int>(options_.blocks);
    settings.members = static_cast<int>(options_.members);
    settings.epochs = static_cast<int>(options_.epochs);
    settings.batch = static_cast<int>(options_.batch);
    settings.learning_rate = options_.learning_rate;
    settings.max_steps = static_cast<int>(options_.max_steps);
    settings.device = options_.device;
    return settings;
  }

  // One stat that is a level with a rhythm.
  struct RhythmPart {
    std::size_t stat = 0;
    RhythmNetwork network;
    Conformal intervals;
  };

  void load_rhythms(Reader& from) {
    const auto count = from.read<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
      RhythmPart& part = rhythms_.emplace_back();
      part.stat = static_cast<std::size_t>(from.read<std::uint64_t>());
      part.network = load_rhythm(from);
      part.intervals.load(from);
      if (part.stat >= stats_.size() || !part.intervals.has(0))
        throw Error(Code::input, "saved state", "what was learned of a rhythm does not fit; train again");
    }
  }

  // Levels that are read about every hour have a network of their own, which sees the days and weeks before.
  void fit_rhythms(const std::vector<Example>& examples, const Purpose& purpose, const Services& services) {
    rhythms_.clear();
    const int hours = hours_to_learn(purpose.horizons);
    for (std::size_t stat = 0; stat < stats_.size(); ++stat) {
      if (kind_of(stats_[stat]) != Kind::level) continue;
      const std::uint64_t seed = host_.seed("rhythm");
      const std::vector<HoursAfter> lessons = hours_after(examples, stat, hours, seed, services);
      std::size_t held_out = 0;
      for (const HoursAfter& lesson : lessons) held_out += examples[lesson.example].held_out ? 1 : 0;
      if (lessons.size() < least_rhythms || held_out < least_rhythms / 10) continue;
      RhythmPart part{stat, fit_rhythm(lessons, examples, hours, settings(), seed, services), {}};
      std::vector<std::vector<float>> columns;
      std::vector<const HoursAfter*> whose;
      for (const HoursAfter& lesson : lessons) {
        if (!examples[lesson.example].held_out) continue;
        columns.push_back(lesson.columns);
        normalize(part.network, columns.back());
        whose.push_back(&lesson);
      }
      const auto paths = go_over_hours(part.network, *kernel_, columns, parallel());
      for (std::size_t i = 0; i < paths.size(); ++i)
        for (std::size_t k = 0; k < paths[i].size(); ++k)
          part.intervals.add(0, octave_of(static_cast<std::int64_t>(k + 1) * microseconds_per_hour), whose[i]->chance,
                             static_cast<double>(whose[i]->target[k] - paths[i][k]));
      part.intervals.calibrate();
      if (part.intervals.has(0)) rhythms_.push_back(std::move(part));
    }
  }

  // Writes over what the other network answered for the videos whose history has a rhythm.
  void answer_rhythm(const Series& now, const RhythmPart& part, Horizons horizons, Forecast& out) const {
    const auto found = std::find(now.stats().begin(), now.stats().end(), stats_[part.stat]);
    if (found == now.stats().end()) return;
    const auto asked = static_cast<std::size_t>(found - now.stats().begin());
    std::vector<std::size_t> videos;
    std::vector<History> histories;
    std::vector<Rhythm> rhythms;
    std::vector<std::vector<float>> columns;
    std::vector<double> chances;
    for (std::size_t video = 0; video < now.size(); ++video) {
      const Span<const std::int64_t> times = now.times(video);
      if (times.empty()) continue;
      const History history(times, now.values(asked, video), now.published_at(video),
                            now.origin(video).value_or(times.back()), Kind::level);
      const std::optional<Rhythm> rhythm = Rhythm::of(history);
      if (!rhythm) continue;
      columns.push_back(columns_of_hours(*rhythm, history, part.network.hours));
      chances.push_back(chance_of(columns.back()));
      normalize(part.network, columns.back());
      videos.push_back(video);
      histories.push_back(history);
      rhythms.push_back(*rhythm);
    }
    const auto paths = go_over_hours(part.network, *kernel_, columns, parallel());
    for (std::size_t i = 0; i < videos.size(); ++i)
      for (std::size_t h = 0; h < horizons.size(); ++h) {
        const Growth growth =
            growth_of(rhythms[i], histories[i], horizons[h], on_hours(paths[i], histories[i], horizons[h]),
                      part.intervals.at(0, horizons[h], chances[i]));
        const CountForecast counts = counts_of(growth, Kind::level, histories[i].last());
        out.set(videos[i], asked, h, counts.mean, counts.quantiles);
      }
  }

  // Reads the training data twice: for the columns of the static features, then the videos themselves.
  std::vector<Example> read(Training& training) {
    statics_ = {};
    while (const auto series = training.next()) statics_.see(*series);
    statics_.choose();
    training.rewind();
    std::vector<Example> examples;
    const std::uint64_t seed = host_.seed("held-out");
    const auto share = static_cast<std::uint64_t>(options_.held_out * 1e6);
    while (const auto series = training.next())
      for (std::size_t video = 0; video < series->size(); ++video) {
        if (series->times(video).size() < 2) continue;
        Example& example = examples.emplace_back();
        read_video(*series, video, stats_, example);
        example.statics = statics_.of(*series, video);
        example.held_out = video_hash(series->platform(video), series->video_id(video), seed) % 1'000'000 < share;
      }
    return examples;
  }

  Present stand(const Example& example, std::size_t origin) const {
    Present present;
    present.steps = resample(example.readings(), origin + 1, fitted_.kinds, fitted_.step, fitted_.max_steps);
    present.statics = example.statics;
    return present;
  }

  // Steps from the last reading to `horizon` microseconds after the origin.
  double position(const Series& now, std::size_t video, const Present& present, std::int64_t horizon) const {
    const std::int64_t origin = std::max(now.origin(video).value_or(present.steps.anchor), present.steps.anchor);
    return static_cast<double>(origin + horizon - present.steps.anchor) / static_cast<double>(fitted_.step);
  }

  void answer(const Series& now, std::size_t video, const Present& present, const std::vector<float>& path,
              std::size_t stat, Horizons horizons, Forecast& out) const {
    const auto asked = std::find(now.stats().begin(), now.stats().end(), stats_[stat]);
    const double last = present.steps.last[stat];
    if (asked == now.stats().end() || std::isnan(last)) return;
    const bool total = fitted_.kinds[stat] == Kind::total;
    const std::int64_t age = present.steps.anchor - now.published_at(video);
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      const double at = position(now, video, present, horizons[h]);
      const double log_path =
          std::log1p(std::max(0.0, on_path(path, stat, stats_.size(), fitted_.kinds[stat], last, at)));
      const Quantiles around = intervals_.around(
          age, stat, std::max<std::int64_t>(1, std::llround(at * static_cast<double>(fitted_.step))),
          difficulty_of(present.steps, stat, stats_.size(), log_path, std::max(1, static_cast<int>(std::lround(at)))));
      const double base = total ? last : 0.0;
      Quantiles quantiles{};
      for (std::size_t i = 0; i < quantiles.size(); ++i)
        quantiles[i] = base + std::expm1(std::max(0.0, std::min(log_path + around[i], 60.0)));
      out.set(video, static_cast<std::size_t>(asked - now.stats().begin()), h, mean_of(quantiles, base), quantiles);
    }
  }

  // Forecasts the videos held out from where users stand, and keeps how far off that was.
  void calibrate(const std::vector<Example>& examples, const Purpose& purpose) {
    const int ahead = steps_to_learn(purpose, fitted_.step, fitted_.max_steps);
    std::vector<Present> series;
    std::vector<const Example*> whose;
    for (const bool only_held_out : {true, false}) {
      for (const Example& example : examples) {
        if (only_held_out && !example.held_out) continue;
        for (const std::size_t origin : places_to_stand(example, purpose.ages)) {
          series.push_back(stand(example, origin));
          series.back().ahead = ahead;
          whose.push_back(&example);
        }
      }
      if (whose.size() >= 60) break;
      if (only_held_out) {
        host_.warn(
            "only " + std::to_string(whose.size()) +
            " forecasts could be held out: the intervals are calibrated on the training videos, and may be too narrow");
        series.clear();
        whose.clear();
      }
    }
    const auto paths = generate(fitted_, *kernel_, series, parallel());
    std::vector<Residual> residuals;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const Steps& steps = series[i].steps;
      const auto after = values_after(whose[i]->readings(), steps.anchor, fitted_.step, ahead, 2 * fitted_.step);
      for (std::size_t stat = 0; stat < stats_.size(); ++stat)
        for (int k = 1; k <= ahead; ++k) {
          const std::size_t at = static_cast<std::size_t>(k - 1) * stats_.size() + stat;
          if (std::isnan(steps.last[stat]) || !std::isfinite(after[at])) continue;
          const double base = fitted_.kinds[stat] == Kind::total ? steps.last[stat] : 0.0;
          const auto path = static_cast<double>(paths[i][at]);
          residuals.push_back({steps.anchor - whose[i]->published_at, stat, k,
                               std::log1p(std::max(0.0, after[at] - base)) - path,
                               difficulty_of(steps, stat, stats_.size(), path, k)});
        }
    }
    intervals_.calibrate(residuals, purpose.ages, stats_.size(), fitted_.step);
  }

  // Readings to stand at: the last at or before each age; where there are no ages, five spread over the video's
  // readings.
  static std::vector<std::size_t> places_to_stand(const Example& example, const std::vector<std::int64_t>& ages) {
    std::vector<std::size_t> places;
    const std::size_t last = example.times.size() - 1;  // from there nothing follows
    if (ages.empty())
      for (std::size_t i = 0; i < 5; ++i) places.push_back(last * i / 5);
    for (const std::int64_t age : ages) {
      const std::size_t origin = reading_at_age(example, age);
      if (origin < last) places.push_back(origin);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
  }

  Context host_;
  Options options_;
  const Kernel* kernel_ = nullptr;
  std::vector<std::string> stats_;
  Statics statics_;
  Fitted fitted_;
  Intervals intervals_;
  std::vector<RhythmPart> rhythms_;
};

}  // namespace
}  // namespace risetime::lstm

RISETIME_PLUGINS(risetime::lstm::Lstm);
