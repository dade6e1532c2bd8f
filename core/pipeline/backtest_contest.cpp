// Fits, stands, forecasts and looks up what came.
#include "core/pipeline/backtest_contest.hpp"

#include <limits>
#include <risetime/serial.hpp>

#include "core/pipeline/actual.hpp"
#include "core/pipeline/answers.hpp"

namespace risetime::core {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// The horizons as a path of equal steps, the first of them one step ahead; 0 where they are none.
std::int64_t path_step(const std::vector<std::int64_t>& horizons) {
  for (std::size_t i = 0; i < horizons.size(); ++i)
    if (horizons[i] != horizons[0] * static_cast<std::int64_t>(i + 1)) return 0;
  return horizons.size() > 1 ? horizons[0] : 0;
}

class Contest {
 public:
  Contest(const Arena& arena, const BacktestRound& round, const Contestant& contestant, const client::Instance& plugin,
          const std::vector<const VectorFile*>& vectors)
      : arena_(arena),
        round_(round),
        contestant_(contestant),
        model_(plugin),
        vectors_(vectors),
        step_(path_step(arena.horizons)) {
    for (const VectorFile* file : vectors) width_ += file->width();
  }

  std::vector<Outcome> run() {
    fit();
    for (const Stand& stand : round_.stands)
      for (const Origin& origin : stand.origins) answer(stand, origin);
    return std::move(outcomes_);
  }

 private:
  VideoSeries read(std::size_t index) const {
    VideoSeries series = arena_.library.read(index);
    for (const VectorFile* file : vectors_) file->append_to(index, series.features);
    if (!contestant_.knows_channel) {
      series.channel_id.clear();
      series.title.clear();
      series.category.reset();
      series.language.reset();
      series.duration_s.reset();
    }
    return series;
  }

  std::optional<double> followers(const SeriesLibrary::Entry& entry, std::int64_t at) const {
    if (!contestant_.knows_channel) return std::nullopt;
    return arena_.followers.at(entry.platform, entry.channel_id, at);
  }

  void fit() {
    SeriesBatches training(arena_.stats, width_, [&] {
      auto at = std::make_shared<std::size_t>(0);
      auto current = std::make_shared<VideoSeries>();
      return [this, at, current]() -> const VideoSeries* {
        while (*at < arena_.library.size()) {
          const std::size_t index = (*at)++;
          const SeriesLibrary::Entry& entry = arena_.library.entry(index);
          if (!round_.trains(entry) || entry.published_at >= round_.until) continue;
          arena_.check_stop();
          *current = read(index);
          if (round_.until != INT64_MAX) current->stand_at(round_.until - 1);
          current->origin.reset();
          current->followers = followers(entry, round_.until - 1);
          if (!current->times.empty()) return current.get();
        }
        return nullptr;
      };
    });
    std::vector<std::int64_t> ages;
    for (const Stand& stand : round_.stands)
      for (const Origin& origin : stand.origins)
        if (origin.kind == Origin::Kind::age && std::find(ages.begin(), ages.end(), origin.value) == ages.end())
          ages.push_back(origin.value);
    model_.fit(training, arena_.stats, arena_.horizons, ages);
  }

  // A video as it is at an origin, and as it came to be.
  struct Waiting {
    std::uint32_t index;
    VideoSeries known, whole;
  };

  void answer(const Stand& stand, const Origin& origin) {
    const auto place = static_cast<std::uint32_t>(std::find(arena_.origins.begin(), arena_.origins.end(), origin) -
                                                  arena_.origins.begin());
    std::vector<Waiting> waiting;
    std::size_t readings = 0;
    for (std::size_t index = 0; index < arena_.library.size(); ++index) {
      const SeriesLibrary::Entry& entry = arena_.library.entry(index);
      if (!stand.tests(entry)) continue;
      const std::int64_t at = origin.kind == Origin::Kind::age ? entry.published_at + origin.value : origin.value;
      if (at < entry.published_at) continue;
      Waiting video{static_cast<std::uint32_t>(index), read(index), {}};
      video.whole = video.known;
      video.known.stand_at(at);
      if (video.known.times.empty()) continue;
      video.known.followers = followers(entry, at);
      readings += video.whole.times.size() + 1;
      waiting.push_back(std::move(video));
      if (readings >= readings_per_batch) {
        ask(waiting, place);
        readings = 0;
      }
    }
    ask(waiting, place);
  }

  void ask(std::vector<Waiting>& waiting, std::uint32_t origin) {
    if (waiting.empty()) return;
    arena_.check_stop();
    BatchBuilder rows(series_fields(arena_.stats, static_cast<std::int32_t>(width_)));
    for (const Waiting& video : waiting) append_series_row(rows, video.known, arena_.stats.size(), width_);
    const Forecast forecast = model_.forecast(rows.finish(), arena_.stats, arena_.horizons);
    for (std::size_t row = 0; row < waiting.size(); ++row) keep(waiting[row], forecast, row, origin);
    waiting.clear();
  }

  void keep(const Waiting& video, const Forecast& forecast, std::size_t row, std::uint32_t origin) {
    for (std::size_t stat = 0; stat < arena_.stats.size(); ++stat) {
      const auto last = last_value(video.known, stat);
      if (!last) continue;
      const bool is_total = is_running_total(arena_.stats[stat]);
      const auto answers = tidy(forecast, row, stat, is_total, *last);
      const double scale = step_ > 0 ? naive_scale(video.known, stat, step_, is_total) : nothing;
      for (std::size_t horizon = 0; horizon < answers.size(); ++horizon) {
        if (!answers[horizon]) continue;
        Outcome outcome{video.index, origin, static_cast<std::uint32_t>(stat), static_cast<std::uint32_t>(horizon)};
        outcome.issued_at = *video.known.origin;
        outcome.last = *last;
        outcome.mean = answers[horizon]->mean;
        outcome.q = answers[horizon]->quantiles;
        outcome.actual = value_at(video.whole, stat, outcome.issued_at + arena_.horizons[horizon]).value_or(nothing);
        outcome.scale = scale;
        outcomes_.push_back(outcome);
      }
    }
  }

  const Arena& arena_;
  const BacktestRound& round_;
  const Contestant& contestant_;
  client::Model model_;
  const std::vector<const VectorFile*>& vectors_;
  std::int64_t step_;
  std::size_t width_ = 0;
  std::vector<Outcome> outcomes_;
};

constexpr std::uint64_t outcomes_version = 1;

}  // namespace

std::vector<Outcome> contest(const Arena& arena, const BacktestRound& round, const Contestant& contestant,
                             const client::Instance& plugin, const std::vector<const VectorFile*>& vectors) {
  return Contest(arena, round, contestant, plugin, vectors).run();
}

std::string pack(const std::vector<Outcome>& outcomes) {
  Writer to;
  to.write(outcomes_version);
  to.write(static_cast<std::uint64_t>(outcomes.size()));
  for (const Outcome& outcome : outcomes) {
    for (const std::uint32_t place : {outcome.video, outcome.origin, outcome.stat, outcome.horizon}) to.write(place);
    to.write(outcome.issued_at);
    for (const double value : {outcome.last, outcome.mean, outcome.actual, outcome.scale}) to.write(value);
    for (const double value : outcome.q) to.write(value);
  }
  return to.bytes();
}

std::vector<Outcome> unpack(std::string_view bytes) {
  Reader from(bytes);
  if (from.read<std::uint64_t>() != outcomes_version)
    throw Error(Code::input, "backtest", "the outcomes were kept by another version");
  std::vector<Outcome> outcomes(static_cast<std::size_t>(from.read<std::uint64_t>()));
  for (Outcome& outcome : outcomes) {
    for (std::uint32_t* place : {&outcome.video, &outcome.origin, &outcome.stat, &outcome.horizon})
      *place = from.read<std::uint32_t>();
    outcome.issued_at = from.read<std::int64_t>();
    for (double* value : {&outcome.last, &outcome.mean, &outcome.actual, &outcome.scale}) *value = from.read<double>();
    for (double& value : outcome.q) value = from.read<double>();
  }
  from.finish();
  return outcomes;
}

ScoredForecast scored(const Arena& arena, const Outcome& outcome, const std::string& model) {
  const SeriesLibrary::Entry& entry = arena.library.entry(outcome.video);
  ScoredForecast row;
  row.platform = entry.platform;
  row.video_id = entry.video_id;
  row.channel_id = entry.channel_id;
  row.category = entry.category;
  row.model = model;
  row.stat = arena.stats[outcome.stat];
  row.issued_at = outcome.issued_at;
  row.target_at = outcome.issued_at + arena.horizons[outcome.horizon];
  row.last = outcome.last;
  row.mean = outcome.mean;
  row.q = outcome.q;
  row.actual = outcome.actual;
  row.scale = outcome.scale;
  return row;
}

}  // namespace risetime::core
