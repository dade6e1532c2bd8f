// What a report on forecasts is made of, and its two forms: a table for a terminal and a page for a browser.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/report/table.hpp"

namespace risetime::core {

// A count at a time (UTC microseconds); NaN where the reading lacks this stat.
struct Reading {
  std::int64_t time = 0;
  double value = 0;
};

struct ForecastPoint {
  std::int64_t horizon = 0;  // microseconds after the time of issue, rising from point to point
  double mean = 0;
  std::array<double, 7> q{};         // quantiles .025 .1 .25 .5 .75 .9 .975; NaN: no forecast
  std::optional<double> usual = {};  // the channel's median at the age of then; nothing with too few other videos
};

// How many times the channel's median at the same age, with the 80 % interval that comes from the median being that of
// a few videos (order statistics; with fewer than four others all of them).
struct Multiple {
  double value = 0, low = 0, high = 0;
  std::size_t others = 0;
};
// Its place by value at equal age among the channel's last videos.
struct Rank {
  std::size_t place = 0, of = 0;
};
// The middle half of the channel's videos at a time of this video's own life.
struct TypicalBand {
  std::int64_t time = 0;
  double low = 0, high = 0;  // 25 % and 75 %
};

// What was gained in the last hour, day and week before the last reading. Nothing where the video is younger, or where
// readings at the window's begin lie further apart than the window is long: a rate is not made up.
inline constexpr std::array<std::int64_t, 3> velocity_windows = {
    std::int64_t{3'600'000'000}, 24 * std::int64_t{3'600'000'000}, 168 * std::int64_t{3'600'000'000}};
using Velocity = std::array<std::optional<double>, velocity_windows.size()>;

// A round number to come, and when: read off the line between the last reading and the horizons.
struct Milestone {
  double count = 0;
  double likely = 0;                                // that it is reached by the last horizon, 0 to 1
  std::optional<std::int64_t> early, middle, late;  // when 10, 50 and 90 % of outcomes have reached it
};
struct StatReport {
  std::string stat, model;
  std::vector<Reading> history;  // in order of time, up to the time of issue
  std::vector<ForecastPoint> points;
  std::vector<Reading> usual;  // the channel's median at the same age, moved onto this video's times; may be empty
  std::optional<Multiple> versus_channel = {};  // the last value over that median; nothing with too few other videos
  std::optional<Rank> rank = {};                // by the last value, among the channel's last ten at this age
  std::vector<TypicalBand> typical = {};        // the channel's middle half at the same ages; may be empty
  Velocity velocity = {};
  std::vector<Milestone> milestones = {};
};

// A video outside the 95 % interval of an earlier forecast.
struct BandAlert {
  std::string stat, model;
  std::int64_t issued_at = 0, target_at = 0;
  double actual = 0, low = 0, high = 0;
  std::optional<double> false_alarms;  // how often that happens by chance, as a backtest found; 0 to 1
};

struct VideoReport {
  std::string platform, video_id, channel_id, channel, title;  // channel: its name
  std::int64_t published_at = 0, issued_at = 0;
  std::vector<StatReport> stats;
  std::vector<BandAlert> alerts = {};
};

// A line of the footer: "model", "ridge 1.0.0, artifact 3f9a..., trained on 5,120 videos".
using Fact = std::pair<std::string, std::string>;

struct ForecastReport {
  std::string project;
  std::int64_t generated_at = 0;
  std::vector<VideoReport> videos;
  std::vector<Fact> provenance;
  std::size_t forecast_videos = 0;  // in all, where `videos` holds the largest of them only; 0: `videos` is all
};

// How much is shown. Videos come in the order of the gain that is forecast for the first stat at the longest horizon;
// what is left out is said below.
struct ReportLimits {
  std::size_t rows = 300;      // of the table
  std::size_t charts = 24;     // videos with charts of their own
  std::size_t readings = 240;  // of a history in a chart: thinned out evenly in time
};

// A line per video and stat: age, the last value, each horizon's median with its 80 % interval, and how the video
// stands against its channel's median at the same age. Horizons are those of the first forecast.
std::string print_forecasts(const ForecastReport& report, const TableStyle& style, const ReportLimits& limits = {});

// A line per video, of the first stat: what it gained in the last hour, day and week, how it stands among the channel's
// other videos at the same age, the round numbers to come; then the alerts.
std::string print_figures(const ForecastReport& report, const TableStyle& style, const ReportLimits& limits = {});

// One page that needs nothing else: no script, no link, no font from elsewhere. All texts are escaped.
std::string render_forecasts(const ForecastReport& report, const ReportLimits& limits = {});

// ---- parts that both forms share

// The last value that is a number; nothing in an empty history.
std::optional<double> last_value(const std::vector<Reading>& history);

// "20 of 5,000 videos, those that are forecast to gain most"; nothing if all are shown.
std::string left_out(const ForecastReport& report, std::size_t shown);

// A count for people: "12.3K"; below a thousand without decimals, as nothing is viewed half.
std::string short_count(double value);

// A length of time in its greatest unit alone: "29 d".
std::string short_age(std::int64_t microseconds);

// "+1.2K"; "-40".
std::string signed_count(double gain);

// "1.4x (1.1x to 1.9x)" of the channel's median at the same age; "-" where that is not known.
std::string multiple_words(const StatReport& stat);

// The channel's middle half at the video's age; null where that is not known.
const TypicalBand* typical_now(const VideoReport& video, const StatReport& stat);

// "views at 12K above the 3K to 9K (95 %) that quick forecast 3 d earlier (by chance in 4.8 % of videos)".
std::string words_of(const BandAlert& alert);

// Indices of the videos, greatest forecast gain first; those without a forecast come last, in their own order.
std::vector<std::size_t> order_by_gain(const ForecastReport& report);

}  // namespace risetime::core
