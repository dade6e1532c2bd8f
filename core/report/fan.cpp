// Fan charts and sparklines: what was seen, and what is expected.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/html.hpp"
#include "core/report/svg.hpp"
#include "core/report/svg_parts.hpp"

namespace risetime::core {
namespace {

using Places = std::vector<std::pair<double, double>>;

constexpr double left = 50, right = 64, top = 14, bottom = 26;

// What of a stat is drawn: the part of the history that the horizon makes worth seeing, and points with a forecast.
struct View {
  std::vector<Reading> history, usual, came;
  std::vector<ForecastPoint> points;
  std::vector<TypicalBand> typical;
  std::int64_t from = 0, to = 0;
};

// At most `count` of them, even in time, the first and the last always.
std::vector<Reading> thin_out(const std::vector<Reading>& readings, std::size_t count) {
  if (readings.size() <= count || count < 2) return readings;
  std::vector<Reading> kept = {readings.front()};
  const double step =
      static_cast<double>(readings.back().time - readings.front().time) / static_cast<double>(count - 1);
  double next = static_cast<double>(readings.front().time) + step;
  for (std::size_t i = 1; i + 1 < readings.size(); ++i) {
    if (static_cast<double>(readings[i].time) < next) continue;
    kept.push_back(readings[i]);
    while (next <= static_cast<double>(readings[i].time)) next += step;
  }
  kept.push_back(readings.back());
  return kept;
}

View make_view(const StatReport& stat, const std::vector<Reading>& came, std::int64_t published_at,
               std::int64_t issued_at, std::size_t readings) {
  View view;
  for (const ForecastPoint& point : stat.points) {
    if (point.horizon > 0 && std::all_of(point.q.begin(), point.q.end(), [](double q) { return std::isfinite(q); }))
      view.points.push_back(point);
  }
  const std::int64_t ahead = view.points.empty() ? 0 : view.points.back().horizon;
  const std::int64_t first = stat.history.empty() ? issued_at : std::min(stat.history.front().time, issued_at);
  view.from = std::clamp(published_at, std::min(first - day, issued_at), first);
  if (ahead > 0) view.from = std::max(view.from, issued_at - 3 * std::max(ahead, day));
  view.to = issued_at + ahead;
  for (const auto& [from, to] :
       {std::pair{&stat.history, &view.history}, std::pair{&stat.usual, &view.usual}, std::pair{&came, &view.came}}) {
    for (const Reading& reading : *from) {
      if (reading.time >= view.from && reading.time <= view.to && std::isfinite(reading.value)) to->push_back(reading);
    }
    *to = thin_out(*to, readings);
  }
  for (const TypicalBand& band : stat.typical)
    if (band.time >= view.from && band.time <= view.to) view.typical.push_back(band);
  if (view.to <= view.from) view.to = view.from + hour;
  return view;
}

// `highest` is the quantile that must find room.
Axis value_axis(const View& view, bool logarithmic, std::size_t highest, double from, double to) {
  double high = 1, low = INFINITY;
  for (const auto* readings : {&view.history, &view.usual, &view.came}) {
    for (const Reading& reading : *readings) {
      high = std::max(high, reading.value);
      if (reading.value > 0) low = std::min(low, reading.value);
    }
  }
  const double most = 2 * high;  // a channel of larger videos does not flatten this one
  for (const TypicalBand& band : view.typical) high = std::max(high, std::min(band.high, most));
  // An upper tail far above everything else is cut off on a linear axis rather than flattening the rest.
  double middle = high;
  for (const ForecastPoint& point : view.points) middle = std::max(middle, point.q[5]);
  for (const ForecastPoint& point : view.points)
    high = std::max(high, logarithmic ? point.q[highest] : std::min(point.q[highest], middle * 1.6));
  high = std::max(high, middle);
  if (!logarithmic) return {0, high * 1.06, from, to, false};
  low = std::isfinite(low) ? std::clamp(low, high / 1e5, high / 10) : high / 10;
  return {low * 0.8, high * 1.25, from, to, true};
}

Axis time_axis(const View& view, double from, double to) {
  return {static_cast<double>(view.from), static_cast<double>(view.to), from, to, false};
}

Places place(const std::vector<Reading>& readings, const Axis& x, const Axis& y) {
  Places places;
  for (const Reading& reading : readings)
    places.emplace_back(x.at(static_cast<double>(reading.time)), y.at(reading.value));
  return places;
}

// One quantile from now on, beginning at the last reading.
Places course(const View& view, std::int64_t issued_at, std::size_t quantile, const Axis& x, const Axis& y) {
  Places places;
  if (!view.history.empty()) places.emplace_back(x.at(static_cast<double>(issued_at)), y.at(view.history.back().value));
  for (const ForecastPoint& point : view.points)
    places.emplace_back(x.at(static_cast<double>(issued_at + point.horizon)), y.at(point.q[quantile]));
  return places;
}

std::string band(const View& view, std::int64_t issued_at, std::size_t low, const Axis& x, const Axis& y,
                 const std::string& kind) {
  Places upper = course(view, issued_at, 6 - low, x, y);
  for (auto& place : upper) place.second = std::max(place.second, top - 4);
  Places lower = course(view, issued_at, low, x, y);
  std::reverse(lower.begin(), lower.end());
  return svg::path(smooth_path(upper) + smooth_path(lower, 'L') + "Z", kind);
}

// Midnights (or hours, of a short view) with room for their labels.
std::string time_ticks(const View& view, const Axis& x, double base) {
  constexpr std::array<std::int64_t, 13> steps = {hour,    3 * hour, 6 * hour, 12 * hour, day,       2 * day,  3 * day,
                                                  7 * day, 14 * day, 30 * day, 90 * day,  180 * day, 365 * day};
  std::int64_t step = steps.back();
  const double per_label = 62 / (x.to - x.from) * static_cast<double>(view.to - view.from);
  for (auto candidate = steps.rbegin(); candidate != steps.rend(); ++candidate) {
    if (static_cast<double>(*candidate) >= per_label) step = *candidate;
  }
  std::string drawn;
  for (std::int64_t time = view.from / step * step; time <= view.to; time += step) {
    if (time < view.from) continue;
    const double place = x.at(static_cast<double>(time));
    drawn += svg::line(place, base, place, base + 4, "axis");
    drawn +=
        svg::text(place, base + 17, "tick middle", step < day ? format_time(time).substr(11, 5) : format_day(time));
  }
  return drawn;
}

}  // namespace

std::string draw_fan(const StatReport& stat, std::int64_t published_at, std::int64_t issued_at,
                     const std::string& description, const FanChart& chart) {
  const View view = make_view(stat, chart.came, published_at, issued_at, chart.readings);
  const double base = chart.height - bottom;
  const Axis x = time_axis(view, left, chart.width - right);
  const Axis y = value_axis(view, chart.logarithmic, 6, base, top);
  std::string drawn = svg::open(chart.width, chart.height, "chart", description);
  for (const double value : round_values(y, 4)) {
    drawn += svg::line(x.from, y.at(value), x.to, y.at(value), "grid");
    drawn += svg::text(x.from - 8, y.at(value) + 4, "tick end", short_number(value));
  }
  drawn += time_ticks(view, x, base) + svg::line(x.from, base, x.to, base, "axis");
  if (!view.points.empty()) {
    if (!view.history.empty()) {
      drawn += band(view, issued_at, 0, x, y, "fan f95") + band(view, issued_at, 1, x, y, "fan f80") +
               band(view, issued_at, 2, x, y, "fan f50");
    }
    const double now = x.at(static_cast<double>(issued_at));
    drawn += svg::line(now, top - 4, now, base, "now");
  }
  if (view.typical.size() > 1) {
    Places outline;
    const auto corner = [&](std::int64_t time, double value) {
      outline.emplace_back(x.at(static_cast<double>(time)), std::max(y.at(value), top - 4));
    };
    for (const TypicalBand& each : view.typical) corner(each.time, each.high);
    for (auto each = view.typical.rbegin(); each != view.typical.rend(); ++each) corner(each->time, each->low);
    drawn += svg::path(svg::straight_path(outline) + "Z", "typical");
  }
  if (view.usual.size() > 1) drawn += svg::path(svg::straight_path(place(view.usual, x, y)), "usual");
  const Places seen = place(view.history, x, y);
  if (seen.size() > 1) drawn += svg::path(svg::straight_path(seen), "seen");
  if (!seen.empty()) drawn += svg::dot(seen.back().first, seen.back().second, 3, "now-dot");
  Places later = place(view.came, x, y);
  if (!later.empty() && !seen.empty()) later.insert(later.begin(), seen.back());
  if (later.size() > 1) drawn += svg::path(svg::straight_path(later), "came");
  const Places middle = course(view, issued_at, 3, x, y);
  if (!view.points.empty()) {
    drawn += svg::path(smooth_path(middle), "median");
    for (std::size_t i = middle.size() - view.points.size(); i < middle.size(); ++i)
      drawn += svg::dot(middle[i].first, middle[i].second, 2.5, "median-dot");
    drawn +=
        svg::text(middle.back().first + 8, middle.back().second + 4, "value", short_count(view.points.back().q[3]));
  }
  return drawn + "</svg>";
}

std::string draw_sparkline(const StatReport& stat, std::int64_t issued_at, const std::string& description) {
  constexpr double width = 132, height = 30;
  const std::int64_t first = stat.history.empty() ? issued_at : stat.history.front().time;
  View view = make_view(stat, {}, first, issued_at, 48);
  view.usual.clear();
  view.typical.clear();
  const Axis x = time_axis(view, 2, width - 4);
  const Axis y = value_axis(view, false, 5, height - 2, 3);
  std::string drawn = svg::open(width, height, "spark", description);
  if (!view.points.empty() && !view.history.empty())
    drawn +=
        band(view, issued_at, 1, x, y, "fan f80") + svg::path(smooth_path(course(view, issued_at, 3, x, y)), "median");
  const Places seen = place(view.history, x, y);
  if (seen.size() > 1) drawn += svg::path(svg::straight_path(seen), "seen");
  if (!seen.empty()) drawn += svg::dot(seen.back().first, seen.back().second, 2, "now-dot");
  return drawn + "</svg>";
}

}  // namespace risetime::core
