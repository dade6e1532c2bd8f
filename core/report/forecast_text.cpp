// The table of forecasts for a terminal, and what both forms of the report share.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/creator.hpp"
#include "core/report/forecast_report.hpp"
#include "core/report/html.hpp"

namespace risetime::core {
namespace {

double gain(const VideoReport& video) {
  if (video.stats.empty() || video.stats[0].points.empty()) return -1;
  const double median = video.stats[0].points.back().q[3];
  return std::isfinite(median) ? median - last_value(video.stats[0].history).value_or(0) : -1;
}

// Those of the first forecast in the report.
std::vector<std::int64_t> horizons_of(const ForecastReport& report) {
  std::vector<std::int64_t> horizons;
  for (const VideoReport& video : report.videos) {
    for (const StatReport& stat : video.stats) {
      for (const ForecastPoint& point : stat.points) horizons.push_back(point.horizon);
      if (!horizons.empty()) return horizons;
    }
  }
  return horizons;
}

std::string times(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, ratio < 9.95 ? "%.1fx" : "%.0fx", ratio);
  return text;
}

Tone tone_of(double ratio) { return ratio >= 1.25 ? Tone::good : ratio <= 0.8 ? Tone::bad : Tone::plain; }

// "39.7-40.9M": a unit that both ends share is written once.
std::string short_interval(double low, double high) {
  std::string from = short_count(low), to = short_count(high);
  if (from == to) return from;
  const char unit = to.empty() ? '\0' : to.back();
  if (unit > '9' && !from.empty() && from.back() == unit) from.pop_back();
  return from + "-" + to;
}

void add_horizon(std::vector<Cell>& row, const StatReport& stat, std::int64_t horizon) {
  const auto point = std::find_if(stat.points.begin(), stat.points.end(),
                                  [&](const ForecastPoint& each) { return each.horizon == horizon; });
  if (point == stat.points.end() || !std::isfinite(point->q[3])) {
    row.emplace_back("-", Tone::dim);
    row.emplace_back("");
    return;
  }
  row.emplace_back(short_count(point->q[3]), Tone::strong);
  row.emplace_back(short_interval(point->q[1], point->q[5]), Tone::dim);
}

}  // namespace

std::string left_out(const ForecastReport& report, std::size_t shown) {
  const auto count = [](std::size_t number) { return group_digits(static_cast<std::int64_t>(number)); };
  const std::size_t all = std::max(report.forecast_videos, report.videos.size());
  if (shown >= all) return {};
  const std::string of = count(shown) + " of " + count(all) + " videos";
  if (shown == report.videos.size()) return of + ", the largest";
  const std::string large = all > report.videos.size() ? "of the " + count(report.videos.size()) + " largest, " : "";
  return of + ", " + large + "those that are forecast to gain most";
}

std::string short_age(std::int64_t microseconds) {
  const std::string words = describe_duration(microseconds);
  return words.substr(0, words.find(' ', words.find(' ') + 1));
}

std::string short_count(double value) { return short_number(std::abs(value) < 1000 ? std::round(value) : value); }

std::optional<double> last_value(const std::vector<Reading>& history) {
  for (auto reading = history.rbegin(); reading != history.rend(); ++reading) {
    if (!std::isnan(reading->value)) return reading->value;
  }
  return std::nullopt;
}

std::vector<std::size_t> order_by_gain(const ForecastReport& report) {
  std::vector<std::size_t> order(report.videos.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> gains;
  for (const VideoReport& video : report.videos) gains.push_back(gain(video));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gains[a] > gains[b]; });
  return order;
}

namespace {

struct Shape {
  bool channel = true;
  bool all_intervals = true;  // or only that of the longest horizon
};

TextTable lay_out(const ForecastReport& report, const std::vector<std::size_t>& order, std::size_t shown,
                  const Shape& shape) {
  std::vector<TableColumn> columns = {{"Video", Align::left, 48, true}};
  if (shape.channel) columns.push_back({"Channel", Align::left, 24, true});
  columns.insert(columns.end(), {{"Age", Align::right}, {"Stat"}, {"Now", Align::right}});
  const std::vector<std::int64_t> horizons = horizons_of(report);
  const auto has_interval = [&](std::int64_t horizon) { return shape.all_intervals || horizon == horizons.back(); };
  for (const std::int64_t horizon : horizons) {
    columns.push_back({"+" + format_duration(horizon), Align::right});
    if (has_interval(horizon)) columns.push_back({"80 %"});
  }
  columns.push_back({"vs usual", Align::right});

  TextTable table(columns);
  for (std::size_t place = 0; place < shown; ++place) {
    const VideoReport& video = report.videos[order[place]];
    bool first = true;
    for (const StatReport& stat : video.stats) {
      std::vector<Cell> row = {first ? Cell(video.title.empty() ? video.video_id : video.title) : Cell()};
      if (shape.channel) row.push_back(first ? Cell(video.channel.empty() ? video.channel_id : video.channel) : Cell());
      row.push_back(first ? Cell(short_age(video.issued_at - video.published_at)) : Cell());
      row.emplace_back(stat.stat, Tone::dim);
      const auto now = last_value(stat.history);
      row.emplace_back(now ? short_count(*now) : "-");
      for (const std::int64_t horizon : horizons) {
        add_horizon(row, stat, horizon);
        if (!has_interval(horizon)) row.pop_back();
      }
      if (stat.versus_channel) row.emplace_back(times(stat.versus_channel->value), tone_of(stat.versus_channel->value));
      table.add(std::move(row));
      first = false;
    }
  }
  return table;
}

// Of the first stat: how it goes now, how it stands among the channel's others, what it will reach.
TextTable lay_out_figures(const ForecastReport& report, const std::vector<std::size_t>& order, std::size_t shown) {
  TextTable table({{"Video", Align::left, 40, true},
                   {"last 1 h", Align::right},
                   {"24 h", Align::right},
                   {"7 d", Align::right},
                   {"vs usual (80 %)"},
                   {"Rank", Align::right},
                   {"usual range now"},
                   {"Milestones", Align::left, 60, true}});
  for (std::size_t place = 0; place < shown; ++place) {
    const VideoReport& video = report.videos[order[place]];
    if (video.stats.empty()) continue;
    const StatReport& stat = video.stats.front();
    std::vector<Cell> row = {Cell(video.title.empty() ? video.video_id : video.title)};
    for (const auto& gain : stat.velocity) row.emplace_back(gain ? signed_count(*gain) : "-");
    row.emplace_back(multiple_words(stat), stat.versus_channel ? tone_of(stat.versus_channel->value) : Tone::dim);
    row.emplace_back(stat.rank ? std::to_string(stat.rank->place) + " of " + std::to_string(stat.rank->of) : "-");
    const TypicalBand* band = typical_now(video, stat);
    row.emplace_back(band == nullptr ? "-" : short_interval(band->low, band->high));
    std::string milestones;
    for (const Milestone& milestone : stat.milestones)
      milestones +=
          (milestones.empty() ? "" : ", ") + words_of(milestone, video.issued_at + stat.points.back().horizon);
    row.emplace_back(milestones);
    table.add(std::move(row));
  }
  return table;
}

std::string print_alerts(const ForecastReport& report, bool colour) {
  std::string text;
  for (const VideoReport& video : report.videos)
    for (const BandAlert& alert : video.alerts)
      text += in_tone(terminal_safe((video.title.empty() ? video.video_id : video.title) + ": " + words_of(alert)),
                      alert.actual > alert.high ? Tone::good : Tone::bad, colour) +
              "\n";
  return text.empty() ? text : "\nOutside of what was forecast:\n" + text;
}

}  // namespace

std::string signed_count(double gain) { return (gain < 0 ? "-" : "+") + short_count(std::abs(gain)); }

std::string multiple_words(const StatReport& stat) {
  if (!stat.versus_channel) return "-";
  const Multiple& multiple = *stat.versus_channel;
  return times(multiple.value) + " (" + times(multiple.low) + " to " +
         (std::isfinite(multiple.high) ? times(multiple.high) : "any") + ")";
}

const TypicalBand* typical_now(const VideoReport& video, const StatReport& stat) {
  const TypicalBand* latest = nullptr;
  for (const TypicalBand& band : stat.typical)
    if (band.time <= video.issued_at) latest = &band;
  return latest;
}

std::string words_of(const BandAlert& alert) {
  const bool above = alert.actual > alert.high;
  std::string words = alert.stat + " at " + short_count(alert.actual) + " " + (above ? "above" : "below") + " the " +
                      short_count(alert.low) + " to " + short_count(alert.high) + " (95 %) that " + alert.model +
                      " forecast " + short_age(alert.target_at - alert.issued_at) + " earlier";
  if (!alert.false_alarms) return words + " (`risetime backtest` tells how often that is chance)";
  char share[32];
  std::snprintf(share, sizeof share, "%.1f", 100 * *alert.false_alarms);
  return words + " (by chance in " + share + " % of videos)";
}

std::string print_figures(const ForecastReport& report, const TableStyle& style, const ReportLimits& limits) {
  if (report.videos.empty()) return {};
  const std::vector<std::size_t> order = order_by_gain(report);
  const VideoReport& first = report.videos[order.front()];
  const std::string stat = first.stats.empty() ? "" : first.stats.front().stat;
  return stat + " gained, how they stand in their channel, and what they will reach:\n" +
         lay_out_figures(report, order, std::min(order.size(), limits.rows)).print(style) +
         print_alerts(report, style.colour);
}

std::string print_forecasts(const ForecastReport& report, const TableStyle& style, const ReportLimits& limits) {
  if (report.videos.empty()) return "No forecasts: no video has readings yet.\n";
  const std::vector<std::size_t> order = order_by_gain(report);
  const std::size_t shown = std::min(order.size(), limits.rows);
  // A narrow terminal gets fewer columns before it gets titles that nobody can read.
  TextTable table = lay_out(report, order, shown, {});
  for (const Shape& shape : {Shape{true, false}, Shape{false, false}}) {
    if (style.width > 0 && table.least_width(20) > style.width) table = lay_out(report, order, shown, shape);
  }
  std::string text = table.print(style);
  const std::string rest = left_out(report, shown);
  if (!rest.empty()) text += "\nShown: " + rest + ".\n";
  return text;
}

}  // namespace risetime::core
