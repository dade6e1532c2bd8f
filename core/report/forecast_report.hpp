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
  std::array<double, 7> q{};  // quantiles .025 .1 .25 .5 .75 .9 .975; NaN: no forecast
};

struct StatReport {
  std::string stat, model;
  std::vector<Reading> history;  // in order of time, up to the time of issue
  std::vector<ForecastPoint> points;
  std::vector<Reading> usual;  // the channel's median at the same age, moved onto this video's times; may be empty
  std::optional<double> versus_channel;  // the last value over that median; nothing with too few other videos
};

struct VideoReport {
  std::string platform, video_id, channel_id, channel, title;  // channel: its name
  std::int64_t published_at = 0, issued_at = 0;
  std::vector<StatReport> stats;
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

// Indices of the videos, greatest forecast gain first; those without a forecast come last, in their own order.
std::vector<std::size_t> order_by_gain(const ForecastReport& report);

}  // namespace risetime::core
