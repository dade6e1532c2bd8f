// The few SVG elements that the charts are made of. `kind` is a class of the page's style sheet.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace risetime::core::svg {

std::string number(double value);  // a place on the paper, to a tenth of a pixel
std::string open(double width, double height, const std::string& kind, const std::string& description);
std::string line(double x1, double y1, double x2, double y2, const std::string& kind);
std::string text(double x, double y, const std::string& kind, const std::string& words);
std::string dot(double x, double y, double radius, const std::string& kind);
std::string path(const std::string& curve, const std::string& kind);
std::string straight_path(const std::vector<std::pair<double, double>>& points);

}  // namespace risetime::core::svg
