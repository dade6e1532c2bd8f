// The table of forecasts for a terminal, and what both forms of the report share.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/forecast_report.hpp"

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
      if (stat.versus_channel) row.emplace_back(times(*stat.versus_channel), tone_of(*stat.versus_channel));
      table.add(std::move(row));
      first = false;
    }
  }
  return table;
}

}  // namespace

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
