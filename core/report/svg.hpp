// Charts as inline SVG, drawn here: axes, fans of quantiles, sparklines, lines. Colours come from the page's style
// sheet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/report/forecast_report.hpp"

namespace risetime::core {

// From values to places on the paper. A logarithmic axis needs low > 0; what lies below it is drawn at its edge.
struct Axis {
  double low = 0, high = 1;  // values
  double from = 0, to = 1;   // places, in pixels; from > to for an axis that points up
  bool logarithmic = false;

  double at(double value) const;
};

// Round values inside [low, high], about `count` of them: 1, 2 or 5 times a power of ten. On a logarithmic axis over
// more than two decades: powers of ten.
std::vector<double> round_values(const Axis& axis, int count);

// A path through points that rises where they rise and bends smoothly between them (monotone cubic of Fritsch and
// Carlson 1980, as Bezier curves). x must rise, or fall, throughout. Begins with "M", or with "L" to continue a path.
std::string smooth_path(const std::vector<std::pair<double, double>>& points, char begin = 'M');

// History, the fan of its forecast (95, 80 and 50 %), and the channel's usual course. `description` is for those who
// listen to the page instead of looking; both are plain text and are escaped here.
struct FanChart {
  double width = 560, height = 260;
  bool logarithmic = false;
  std::size_t readings = 240;
  std::vector<Reading> came = {};  // what came after the time of issue, where that is known
};
std::string draw_fan(const StatReport& stat, std::int64_t published_at, std::int64_t issued_at,
                     const std::string& description, const FanChart& chart);

// The same in the size of a word, without axes.
std::string draw_sparkline(const StatReport& stat, std::int64_t issued_at, const std::string& description);

// Lines by name over a common x, with markers and a legend by the page. `colour` counts from 0 and picks the page's
// colours in turn.
struct ChartLine {
  std::string name;
  std::size_t colour = 0;
  std::vector<std::pair<double, double>> points;
};
struct LineChart {
  std::string description, x_title;
  double width = 350, height = 240;
  std::vector<ChartLine> lines;
  bool x_logarithmic = false;
  std::optional<double> y_low, y_high;
  std::vector<std::pair<double, std::string>> x_ticks;  // empty: round values
  bool y_percent = false, x_percent = false;
  bool diagonal = false;           // the line y = x, for calibration
  std::optional<double> promised;  // a horizontal line at this value
};
std::string draw_lines(const LineChart& chart);

}  // namespace risetime::core
