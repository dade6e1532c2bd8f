// What is measured of a picture: light, colour, detail, dominant colours, where the eye goes, and text.
#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace risetime::thumbnail {

/// Of the grey picture, 0 black to 1 white (luma of ITU-R BT.601).
struct Light {
  double brightness;  // mean
  double contrast;    // standard deviation
  double shadows;     // 5 % of the pixels are this dark or darker
  double highlights;  // 5 % of the pixels are this bright or brighter
  double entropy;     // of the histogram of 256 levels, bits
};
/// `grey`: 8 bits, [height, width].
Light measure_light(const cv::Mat& grey);

struct Colour {
  double saturation;         // mean of HSV's S, 0 to 1
  double saturation_spread;  // its standard deviation
  double colourfulness;      // Hasler and Suesstrunk (2003), levels: 0 grey, 109 extremely colourful
  double warmth;             // mean of red less blue, -1 to 1
};
/// `bgr`: 8 bits, [height, width, 3].
Colour measure_colour(const cv::Mat& bgr);

struct Detail {
  double sharpness;     // variance of the Laplacian (4 neighbours) of the picture from 0 to 1
  double edge_density;  // share of the pixels that Canny takes for edges
};
Detail measure_detail(const cv::Mat& grey);

struct DominantColour {
  double red, green, blue;  // 0 to 1
  double share;             // of the pixels, 0 to 1
};
/// The colour that most pixels are near to, then the one of what is left. A colour that is not there has share 0 and is
/// black.
std::array<DominantColour, 2> find_dominant_colours(const cv::Mat& bgr);

struct Saliency {
  double x, y;           // centre of what stands out, 0 left or top to 1 right or bottom
  double concentration;  // how much of it lies in its strongest tenth of the picture: 0.1 evenly spread, to 1
};
/// Spectral residual (X. Hou, L. Zhang: Saliency Detection, CVPR 2007) on a picture of 64 x 64.
class SaliencyMeter {
 public:
  static constexpr size_t side = 64;

  SaliencyMeter();
  Saliency measure(const cv::Mat& grey) const;

 private:
  struct Field {  // complex, [side, side], its parts apart so that whole rows are worked on at once
    std::vector<double> real = std::vector<double>(side * side);
    std::vector<double> imaginary = std::vector<double>(side * side);
  };
  void transform(Field& field, bool inverse) const;
  void transform_columns(Field& field, bool inverse) const;

  std::array<std::complex<double>, side / 2> roots_;  // exp(-2 pi i k / side)
};

struct TextEstimate {
  double area;   // share of the picture that looks like lines of text
  double lines;  // how many
};
/// Where strong gradients lie close together in wide, well filled boxes. An estimate: nothing is read.
TextEstimate estimate_text(const cv::Mat& grey);

/// The share of the height that is black bars, as wide pictures have them in 4:3 thumbnails; 0 unless above and below
/// are the same. `content` becomes the rows between the bars.
double cut_letterbox(const cv::Mat& bgr, cv::Mat& content);

}  // namespace risetime::thumbnail
