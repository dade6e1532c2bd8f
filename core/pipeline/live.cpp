// Joins the forecast table with the readings, and counts.
#include "core/pipeline/live.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_set>

#include "core/base/hash.hpp"
#include "core/pipeline/actual.hpp"

namespace risetime::core {

namespace {

constexpr std::array<const char*, 7> quantile_names = {"q025", "q100", "q250", "q500", "q750", "q900", "q975"};

// The last value of a stat at or before a time; NaN where there is none.
double known_at(const VideoSeries& series, std::size_t stat, std::int64_t time) {
  double last = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < series.times.size() && series.times[i] <= time; ++i)
    if (!std::isnan(series.values[stat][i])) last = series.values[stat][i];
  return last;
}

// The series of the last video asked for: rows come in the order of videos.
class LastSeries {
 public:
  explicit LastSeries(const SeriesLibrary& library) : library_(library) {}
  // Null for a video that is not in the library.
  const VideoSeries* of(std::string_view platform, std::string_view video_id) {
    if (series_.platform != platform || series_.video_id != video_id) {
      place_ = library_.find(platform, video_id);
      series_ = place_ ? library_.read(*place_) : VideoSeries();
      series_.platform = platform;
      series_.video_id = video_id;
    }
    return place_ ? &series_ : nullptr;
  }
  std::uint32_t place() const { return static_cast<std::uint32_t>(place_.value_or(0)); }

 private:
  const SeriesLibrary& library_;
  VideoSeries series_;
  std::optional<std::size_t> place_;
};

std::uint64_t identity_of(const ScoredForecast& forecast) {
  std::uint64_t hash = fnv1a_64(forecast.platform);
  for (const std::string* text : {&forecast.video_id, &forecast.model, &forecast.stat})
    hash = fnv1a_64(*text, hash * 31);
  for (const std::int64_t time : {forecast.issued_at, forecast.target_at})
    hash = fnv1a_64({reinterpret_cast<const char*>(&time), sizeof time}, hash);
  return hash;
}

ScoredForecast row_of(const Batch& batch, std::size_t row) {
  const auto text = [&](const char* name) { return std::string(batch.column(name, Type::utf8).text(row)); };
  ScoredForecast forecast;
  forecast.platform = text("platform");
  forecast.video_id = text("video_id");
  forecast.model = text("model");
  forecast.stat = text("stat");
  forecast.issued_at = batch.column("issued_at", Type::timestamp).int64(row);
  forecast.target_at = batch.column("target_at", Type::timestamp).int64(row);
  forecast.mean = batch.column("mean", Type::float64).float64(row);
  for (std::size_t level = 0; level < quantile_names.size(); ++level)
    forecast.q[level] = batch.column(quantile_names[level], Type::float64).float64(row);
  return forecast;
}

}  // namespace

std::shared_ptr<const SeriesLibrary> open_library(Project& project) {
  client::Store& store = project.catalog().store();
  const Followers followers(store, {});
  return std::make_shared<SeriesLibrary>(store, SeriesQuery{project.settings().forecast.stats, {}, {}}, followers,
                                         project.settings().project.data, [&] { project.check_stop(); });
}

void for_each_due(Project& project, const SeriesLibrary& library, const std::function<void(LiveForecast&&)>& take) {
  const auto observed = project.catalog().observed();
  if (!observed) return;
  const std::vector<std::string>& stats = project.settings().forecast.stats;
  LastSeries last(library);
  std::unordered_set<std::uint64_t> seen;
  for_each_batch(project.catalog().store(), {"forecast", {}, {Filter::below("target_at", observed->last + 1)}},
                 [&](const Batch& batch) {
                   project.check_stop();
                   for (std::size_t row = 0; row < batch.rows(); ++row) {
                     LiveForecast live;
                     live.forecast = row_of(batch, row);
                     const auto stat = std::find(stats.begin(), stats.end(), live.forecast.stat);
                     if (stat == stats.end()) continue;
                     const VideoSeries* series = last.of(live.forecast.platform, live.forecast.video_id);
                     if (series == nullptr) continue;
                     const auto place = static_cast<std::size_t>(stat - stats.begin());
                     const auto actual = value_at(*series, place, live.forecast.target_at);
                     if (!actual || !seen.insert(identity_of(live.forecast)).second) continue;
                     live.forecast.actual = *actual;
                     live.forecast.last = known_at(*series, place, live.forecast.issued_at);
                     live.forecast.channel_id = series->channel_id;
                     live.is_shadow = batch.column("shadow", Type::int64).int64(row) != 0;
                     live.video = last.place();
                     take(std::move(live));
                   }
                 });
}

// ---- calibration

void CoverageCount::add(const LiveForecast& live) {
  const ScoredForecast& forecast = live.forecast;
  const std::int64_t hours = (forecast.target_at - forecast.issued_at + hour / 2) / hour;
  Count& count = counts_[{{forecast.platform, forecast.channel_id}, forecast.model, forecast.stat, hours}][live.video];
  ++count.forecasts;
  count.inside80 += forecast.q[1] <= forecast.actual && forecast.actual <= forecast.q[5];
  count.inside95 += forecast.q[0] <= forecast.actual && forecast.actual <= forecast.q[6];
  count.loss += std::abs(std::log2((forecast.q[3] + 1) / (forecast.actual + 1)));
}

std::map<CalibrationKey, ObservedCoverage> CoverageCount::totals(bool detailed) const {
  std::map<CalibrationKey, std::map<std::uint32_t, Count>> joined;
  for (const auto& [key, videos] : counts_) {
    auto& to = joined[detailed ? key : CalibrationKey{key.channel, key.model, "", 0}];
    for (const auto& [video, count] : videos) {
      Count& sum = to[video];
      sum.forecasts += count.forecasts;
      sum.inside80 += count.inside80;
      sum.inside95 += count.inside95;
      sum.loss += count.loss;
    }
  }
  std::map<CalibrationKey, ObservedCoverage> totals;
  for (const auto& [key, videos] : joined) {
    Count sum;
    for (const auto& [video, count] : videos) {
      sum.forecasts += count.forecasts;
      sum.inside80 += count.inside80;
      sum.inside95 += count.inside95;
      sum.loss += count.loss;
    }
    ObservedCoverage& made = totals[key];
    made.forecasts = static_cast<std::uint64_t>(sum.forecasts);
    made.videos = videos.size();
    made.inside80 = sum.inside80 / sum.forecasts;
    made.inside95 = sum.inside95 / sum.forecasts;
    made.mae_log2 = sum.loss / sum.forecasts;
    // The share is a ratio of sums over videos: its variance is that of the sums' residuals.
    double squares = 0;
    for (const auto& [video, count] : videos) {
      const double residual = count.inside80 - made.inside80 * count.forecasts;
      squares += residual * residual;
    }
    const auto n = static_cast<double>(videos.size());
    made.give80 =
        n < 2 ? std::numeric_limits<double>::quiet_NaN() : 1.96 * std::sqrt(squares * n / (n - 1)) / sum.forecasts;
  }
  return totals;
}

CoverageVerdict verdict_of(const ObservedCoverage& coverage) {
  constexpr double promised = 0.8;
  if (coverage.videos < fewest_videos_to_judge) return CoverageVerdict::too_few;
  if (coverage.inside80 + coverage.give80 < promised) return CoverageVerdict::too_narrow;
  if (coverage.inside80 - coverage.give80 > promised) return CoverageVerdict::too_wide;
  return CoverageVerdict::as_promised;
}

const char* words_of(CoverageVerdict verdict) {
  switch (verdict) {
    case CoverageVerdict::too_few:
      return "too few videos to say";
    case CoverageVerdict::as_promised:
      return "as promised";
    case CoverageVerdict::too_narrow:
      return "too narrow";
    case CoverageVerdict::too_wide:
      return "too wide";
  }
  return "";
}

// ---- champions and challengers

std::vector<Contender> compare_shadows(const std::vector<LiveForecast>& forecasts) {
  struct Channel {
    std::string champion;
    std::int64_t champion_since = std::numeric_limits<std::int64_t>::min();
    std::set<std::string> challengers;
    std::vector<ScoredForecast> all;
  };
  std::map<ChannelKey, Channel> channels;
  for (const LiveForecast& live : forecasts)
    if (live.is_shadow) channels[{live.forecast.platform, live.forecast.channel_id}];
  for (const LiveForecast& live : forecasts) {
    const auto found = channels.find({live.forecast.platform, live.forecast.channel_id});
    if (found == channels.end()) continue;
    Channel& channel = found->second;
    channel.all.push_back(live.forecast);
    if (live.is_shadow) {
      channel.challengers.insert(live.forecast.model);
    } else if (live.forecast.issued_at > channel.champion_since) {
      channel.champion_since = live.forecast.issued_at;
      channel.champion = live.forecast.model;
    }
  }
  std::vector<Contender> contenders;
  for (const auto& [key, channel] : channels) {
    for (const std::string& challenger : channel.challengers) {
      if (challenger == channel.champion || channel.champion.empty()) continue;
      if (const auto difference = compare_overall(channel.all, challenger, channel.champion))
        contenders.push_back({key, channel.champion, challenger, *difference});
    }
  }
  return contenders;
}

}  // namespace risetime::core
