// Axes, curves and line charts.
#include "core/report/svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/base/text.hpp"
#include "core/report/html.hpp"
#include "core/report/svg_parts.hpp"

namespace risetime::core {
namespace svg {

std::string number(double value) {
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), "%.1f", std::isfinite(value) ? std::clamp(value, -1e5, 1e5) : 0.0);
  std::string text = digits.data();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string open(double width, double height, const std::string& kind, const std::string& description) {
  return "<svg class=\"" + kind + "\" viewBox=\"0 0 " + number(width) + " " + number(height) + "\" width=\"" +
         number(width) + "\" height=\"" + number(height) + "\" role=\"img\" aria-label=\"" + escape_html(description) +
         "\">";
}

std::string line(double x1, double y1, double x2, double y2, const std::string& kind) {
  return "<line class=\"" + kind + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
         "\" y2=\"" + number(y2) + "\"/>";
}

std::string text(double x, double y, const std::string& kind, const std::string& words) {
  return "<text class=\"" + kind + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\">" + escape_html(words) +
         "</text>";
}

std::string dot(double x, double y, double radius, const std::string& kind) {
  return "<circle class=\"" + kind + "\" cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" + number(radius) +
         "\"/>";
}

std::string path(const std::string& curve, const std::string& kind) {
  return "<path class=\"" + kind + "\" d=\"" + curve + "\"/>";
}

std::string straight_path(const std::vector<std::pair<double, double>>& points) {
  std::string curve;
  for (const auto& [x, y] : points) curve += (curve.empty() ? "M" : "L") + number(x) + " " + number(y);
  return curve;
}

}  // namespace svg

double Axis::at(double value) const {
  double share = 0;
  if (logarithmic) {
    share = std::log(std::max(value, low) / low) / std::log(high / low);
  } else {
    share = (value - low) / (high - low);
  }
  return from + (to - from) * share;
}

std::vector<double> round_values(const Axis& axis, int count) {
  std::vector<double> values;
  if (!(axis.high > axis.low)) return values;
  if (axis.logarithmic) {
    const double decades = std::log10(axis.high / axis.low);
    const double stride = std::max(1.0, std::ceil(decades / count));
    const bool between = decades < 2;
    for (double power = std::floor(std::log10(axis.low)); power <= std::log10(axis.high); power += stride) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double value = factor * std::pow(10, power);
        if ((factor == 1.0 || between) && value >= axis.low * 0.999 && value <= axis.high * 1.001)
          values.push_back(value);
      }
    }
    return values;
  }
  const double rough = (axis.high - axis.low) / count, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough) step = factor * power;
  }
  for (double tick = std::ceil(axis.low / step); tick * step <= axis.high + step * 1e-9; ++tick)
    values.push_back(tick * step);
  return values;
}

std::string smooth_path(const std::vector<std::pair<double, double>>& points, char begin) {
  using svg::number;
  if (points.empty()) return {};
  const std::size_t n = points.size();
  std::vector<double> slope(n, 0.0), secant(n, 0.0);
  for (std::size_t i = 0; i + 1 < n; ++i)
    secant[i] = (points[i + 1].second - points[i].second) / (points[i + 1].first - points[i].first);
  for (std::size_t i = 0; i < n; ++i) {
    if (i == 0 || i + 1 == n) {
      slope[i] = n > 1 ? secant[i == 0 ? 0 : n - 2] : 0;
    } else if (secant[i - 1] * secant[i] > 0) {  // the harmonic mean keeps the curve monotone
      slope[i] = 2 * secant[i - 1] * secant[i] / (secant[i - 1] + secant[i]);
    }
  }
  std::string curve = begin + number(points[0].first) + " " + number(points[0].second);
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const double third = (points[i + 1].first - points[i].first) / 3;
    curve += "C" + number(points[i].first + third) + " " + number(points[i].second + slope[i] * third) + " " +
             number(points[i + 1].first - third) + " " + number(points[i + 1].second - slope[i + 1] * third) + " " +
             number(points[i + 1].first) + " " + number(points[i + 1].second);
  }
  return curve;
}

namespace {

constexpr double left = 46, right = 24, top = 12, bottom = 40;

struct Extent {
  double low = INFINITY, high = -INFINITY;
  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return !(low <= high); }
};

std::string label(double value, bool percent) { return percent ? format_percent(value) : short_number(value); }

std::string frame(const LineChart& chart, const Axis& x, const Axis& y) {
  std::string drawn;
  for (const double value : round_values(y, 5)) {
    drawn += svg::line(x.from, y.at(value), x.to, y.at(value), "grid");
    drawn += svg::text(x.from - 8, y.at(value) + 4, "tick end", label(value, chart.y_percent));
  }
  auto ticks = chart.x_ticks;
  if (ticks.empty()) {
    for (const double value : round_values(x, 6)) ticks.emplace_back(value, label(value, chart.x_percent));
  }
  for (const auto& [value, words] : ticks) {
    drawn += svg::line(x.at(value), y.from, x.at(value), y.from + 4, "axis");
    drawn += svg::text(x.at(value), y.from + 17, "tick middle", words);
  }
  drawn += svg::line(x.from, y.from, x.to, y.from, "axis");
  drawn += svg::text((x.from + x.to) / 2, chart.height - 4, "tick middle", chart.x_title);
  return drawn;
}

}  // namespace

std::string draw_lines(const LineChart& chart) {
  Extent wide, tall;
  for (const ChartLine& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      wide.take(x);
      tall.take(y);
    }
  }
  if (wide.empty() || tall.empty()) return "<p class=\"note\">Nothing to draw.</p>";
  for (const auto& [value, words] : chart.x_ticks) wide.take(value);
  if (wide.low == wide.high) {
    wide.low *= chart.x_logarithmic ? 0.5 : 1.0;
    wide.high = chart.x_logarithmic ? wide.high * 2 : wide.high + 1;
  }
  if (chart.promised) tall.take(*chart.promised);
  const double low = chart.y_low.value_or(std::min(tall.low, 0.0));
  const double high = std::max(chart.y_high.value_or(tall.high * 1.05), low + 1e-9);

  const Axis x{wide.low, wide.high, left, chart.width - right, chart.x_logarithmic};
  const Axis y{low, high, chart.height - bottom, top, false};
  std::string drawn = svg::open(chart.width, chart.height, "chart", chart.description) + frame(chart, x, y);
  if (chart.diagonal) {
    const double a = std::max(x.low, y.low), b = std::min(x.high, y.high);
    drawn += svg::line(x.at(a), y.at(a), x.at(b), y.at(b), "reference");
  }
  if (chart.promised) drawn += svg::line(x.from, y.at(*chart.promised), x.to, y.at(*chart.promised), "reference");
  for (const ChartLine& line : chart.lines) {
    const std::string colour = "c" + std::to_string(line.colour % 8);
    std::vector<std::pair<double, double>> places;
    for (const auto& [at, value] : line.points) {
      if (std::isfinite(at) && std::isfinite(value)) places.emplace_back(x.at(at), y.at(std::clamp(value, low, high)));
    }
    drawn += svg::path(svg::straight_path(places), "line " + colour);
    for (const auto& [px, py] : places) drawn += svg::dot(px, py, 3, "mark " + colour);
  }
  return drawn + "</svg>";
}

}  // namespace risetime::core
