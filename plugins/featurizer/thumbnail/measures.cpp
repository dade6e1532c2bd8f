// Measures light, colour, detail, dominant colours and text; sums are of whole numbers wherever pixels are added up.
#include "measures.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace risetime::thumbnail {
namespace {

constexpr double levels = 255;

double variance(int64_t sum, int64_t squares, double count) {
  const double mean = static_cast<double>(sum) / count;
  return std::max(0.0, static_cast<double>(squares) / count - mean * mean);
}

/// The level that `share` of the pixels do not exceed.
double quantile(const std::array<int64_t, 256>& histogram, int64_t pixels, double share) {
  const auto wanted = static_cast<int64_t>(std::ceil(static_cast<double>(pixels) * share));
  int64_t seen = 0;
  for (size_t level = 0; level < histogram.size(); ++level)
    if ((seen += histogram[level]) >= wanted) return static_cast<double>(level) / levels;
  return 1;
}

}  // namespace

Light measure_light(const cv::Mat& grey) {
  std::array<int64_t, 256> histogram{};
  for (int row = 0; row < grey.rows; ++row) {
    const uint8_t* pixels = grey.ptr<uint8_t>(row);
    for (int column = 0; column < grey.cols; ++column) ++histogram[pixels[column]];
  }
  const auto pixels = static_cast<int64_t>(grey.total());
  const auto count = static_cast<double>(pixels);
  int64_t sum = 0, squares = 0;
  double entropy = 0;
  for (int64_t level = 0; level < 256; ++level) {
    const int64_t here = histogram[static_cast<size_t>(level)];
    sum += level * here;
    squares += level * level * here;
    if (here == 0) continue;
    const double share = static_cast<double>(here) / count;
    entropy -= share * std::log2(share);
  }
  return {static_cast<double>(sum) / count / levels, std::sqrt(variance(sum, squares, count)) / levels,
          quantile(histogram, pixels, 0.05), quantile(histogram, pixels, 0.95), std::max(0.0, entropy)};
}

Colour measure_colour(const cv::Mat& bgr) {
  constexpr int64_t unit = 1 << 12;  // saturation in whole steps
  std::array<int64_t, 256> reciprocal{};
  for (size_t level = 1; level < reciprocal.size(); ++level)
    reciprocal[level] = (unit << 16) / static_cast<int64_t>(level);
  int64_t red_green = 0, red_green_squares = 0, yellow_blue = 0, yellow_blue_squares = 0;  // yellow-blue is doubled
  int64_t saturation = 0, saturation_squares = 0, warmth = 0;
  for (int row = 0; row < bgr.rows; ++row) {
    const uint8_t* pixel = bgr.ptr<uint8_t>(row);
    for (int column = 0; column < bgr.cols; ++column, pixel += 3) {
      const int64_t blue = pixel[0], green = pixel[1], red = pixel[2];
      const int64_t rg = red - green, yb = red + green - 2 * blue;
      red_green += rg;
      red_green_squares += rg * rg;
      yellow_blue += yb;
      yellow_blue_squares += yb * yb;
      warmth += red - blue;
      const int64_t highest = std::max({blue, green, red});
      const int64_t s =
          ((highest - std::min({blue, green, red})) * reciprocal[static_cast<size_t>(highest)] + (1 << 15)) >> 16;
      saturation += s;
      saturation_squares += s * s;
    }
  }
  const auto count = static_cast<double>(bgr.total());
  const double rg_mean = static_cast<double>(red_green) / count, yb_mean = static_cast<double>(yellow_blue) / count / 2;
  const double spread =
      variance(red_green, red_green_squares, count) + variance(yellow_blue, yellow_blue_squares, count) / 4;
  return {static_cast<double>(saturation) / count / unit,
          std::sqrt(variance(saturation, saturation_squares, count)) / unit,
          std::sqrt(spread) + 0.3 * std::sqrt(rg_mean * rg_mean + yb_mean * yb_mean),
          static_cast<double>(warmth) / count / levels};
}

Detail measure_detail(const cv::Mat& grey) {
  cv::Mat laplacian, edges;
  cv::Laplacian(grey, laplacian, CV_16S, 1);
  int64_t sum = 0, squares = 0;
  for (int row = 0; row < laplacian.rows; ++row) {
    const int16_t* values = laplacian.ptr<int16_t>(row);
    for (int column = 0; column < laplacian.cols; ++column) {
      sum += values[column];
      squares += int64_t{values[column]} * values[column];
    }
  }
  cv::Canny(grey, edges, 100, 200);
  const auto count = static_cast<double>(grey.total());
  return {variance(sum, squares, count) / (levels * levels), cv::countNonZero(edges) / count};
}

std::array<DominantColour, 2> find_dominant_colours(const cv::Mat& bgr) {
  struct Cell {  // of the colour cube, 16 levels a side
    int64_t pixels = 0, blue = 0, green = 0, red = 0;
  };
  constexpr int cells_a_side = 16;
  constexpr int reach = 3;  // cells: 48 levels
  std::vector<Cell> cube(cells_a_side * cells_a_side * cells_a_side);
  for (int row = 0; row < bgr.rows; ++row) {
    const uint8_t* pixel = bgr.ptr<uint8_t>(row);
    for (int column = 0; column < bgr.cols; ++column, pixel += 3) {
      Cell& cell = cube[static_cast<size_t>((pixel[0] >> 4) << 8 | (pixel[1] >> 4) << 4 | pixel[2] >> 4)];
      ++cell.pixels;
      cell.blue += pixel[0];
      cell.green += pixel[1];
      cell.red += pixel[2];
    }
  }
  std::array<DominantColour, 2> colours{};
  for (DominantColour& colour : colours) {
    const auto fullest =
        std::max_element(cube.begin(), cube.end(), [](const Cell& a, const Cell& b) { return a.pixels < b.pixels; });
    if (fullest->pixels == 0) break;
    const auto at = static_cast<int>(fullest - cube.begin());
    const int blue = at >> 8, green = at >> 4 & 15, red = at & 15;
    Cell near;
    for (int b = std::max(0, blue - reach); b <= std::min(cells_a_side - 1, blue + reach); ++b)
      for (int g = std::max(0, green - reach); g <= std::min(cells_a_side - 1, green + reach); ++g)
        for (int r = std::max(0, red - reach); r <= std::min(cells_a_side - 1, red + reach); ++r) {
          if ((b - blue) * (b - blue) + (g - green) * (g - green) + (r - red) * (r - red) > reach * reach) continue;
          Cell& cell = cube[static_cast<size_t>(b << 8 | g << 4 | r)];
          near.pixels += cell.pixels;
          near.blue += cell.blue;
          near.green += cell.green;
          near.red += cell.red;
          cell = {};
        }
    const double scale = 1 / (static_cast<double>(near.pixels) * levels);
    colour = {static_cast<double>(near.red) * scale, static_cast<double>(near.green) * scale,
              static_cast<double>(near.blue) * scale,
              static_cast<double>(near.pixels) / static_cast<double>(bgr.total())};
  }
  return colours;
}

namespace {

/// How often a row of the box passes from nothing into a stroke, in the mean.
double strokes_a_row(const cv::Mat& strong, const cv::Rect& box) {
  int64_t strokes = 0;
  for (int row = box.y; row < box.y + box.height; ++row) {
    const uint8_t* pixels = strong.ptr<uint8_t>(row);
    for (int column = box.x + 1; column < box.x + box.width; ++column)
      strokes += pixels[column] != 0 && pixels[column - 1] == 0 ? 1 : 0;
  }
  return static_cast<double>(strokes) / box.height;
}

}  // namespace

TextEstimate estimate_text(const cv::Mat& grey) {
  cv::Mat gradient, strong, joined, labels, boxes, centres;
  cv::morphologyEx(grey, gradient, cv::MORPH_GRADIENT, cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
  const double threshold = cv::threshold(gradient, strong, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  constexpr double weakest = 40;  // levels: letters are meant to be seen
  if (threshold < weakest) cv::threshold(gradient, strong, weakest, 255, cv::THRESH_BINARY);
  cv::morphologyEx(strong, joined, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, {9, 1}));
  // Thin bridges between a line and what is above or below it fall away.
  cv::morphologyEx(joined, joined, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_RECT, {7, 3}));
  const int count = cv::connectedComponentsWithStats(joined, labels, boxes, centres, 8, CV_32S);
  TextEstimate text{0, 0};
  const auto pixels = static_cast<double>(grey.total());
  for (int i = 1; i < count; ++i) {
    const cv::Rect box(boxes.at<int>(i, cv::CC_STAT_LEFT), boxes.at<int>(i, cv::CC_STAT_TOP),
                       boxes.at<int>(i, cv::CC_STAT_WIDTH), boxes.at<int>(i, cv::CC_STAT_HEIGHT));
    const double filled = static_cast<double>(boxes.at<int>(i, cv::CC_STAT_AREA)) / static_cast<double>(box.area());
    const bool has_shape = box.height >= grey.rows / 24 && box.height <= grey.rows * 2 / 5 &&
                           box.width >= box.height * 2 && box.width >= grey.cols / 10;
    // A letter is narrower than high and has a stroke or two, each with two edges.
    const double fewest = std::max(3.0, 1.0 * box.width / box.height);
    if (!has_shape || filled < 0.5 || strokes_a_row(strong, box) < fewest) continue;
    text.area += static_cast<double>(box.area()) / pixels;
    text.lines += 1;
  }
  text.area = std::min(text.area, 1.0);
  return text;
}

double cut_letterbox(const cv::Mat& bgr, cv::Mat& content) {
  constexpr int blackest = 24;  // level of a row's brightest channel: bars survive JPEG almost black
  const auto is_black = [&](int row) {
    const uint8_t* channels = bgr.ptr<uint8_t>(row);
    return *std::max_element(channels, channels + bgr.cols * 3) <= blackest;
  };
  content = bgr;
  int above = 0, below = 0;
  const int most = bgr.rows * 3 / 10;
  while (above < most && is_black(above)) ++above;
  while (below < most && is_black(bgr.rows - 1 - below)) ++below;
  const bool is_letterbox =
      above * 25 >= bgr.rows && above < most && below < most && std::abs(above - below) <= 1 + bgr.rows / 100;
  if (!is_letterbox) return 0;
  content = bgr.rowRange(above, bgr.rows - below);
  return static_cast<double>(above + below) / bgr.rows;
}

}  // namespace risetime::thumbnail
