// Saliency by the spectral residual: what a picture has beyond the usual falling spectrum stands out.
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "measures.hpp"

namespace risetime::thumbnail {

SaliencyMeter::SaliencyMeter() {
  const double turn = 2 * std::acos(-1.0) / static_cast<double>(side);
  for (size_t k = 0; k < roots_.size(); ++k)
    roots_[k] = {std::cos(turn * static_cast<double>(k)), -std::sin(turn * static_cast<double>(k))};
}

/// Fast Fourier transform of `side` numbers in place, by halves (Cooley and Tukey).
void SaliencyMeter::transform_line(std::complex<double>* line, size_t stride, bool inverse) const {
  for (size_t i = 1, reversed = 0; i < side; ++i) {
    size_t bit = side >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (i < reversed) std::swap(line[i * stride], line[reversed * stride]);
  }
  for (size_t half = 1; half < side; half *= 2) {
    for (size_t begin = 0; begin < side; begin += 2 * half) {
      for (size_t i = 0; i < half; ++i) {
        const std::complex<double> root = roots_[i * (side / (2 * half))];
        std::complex<double>& low = line[(begin + i) * stride];
        std::complex<double>& high = line[(begin + i + half) * stride];
        // Written out: the library's product checks for infinities.
        const double sine = inverse ? -root.imag() : root.imag();
        const std::complex<double> turned(high.real() * root.real() - high.imag() * sine,
                                          high.real() * sine + high.imag() * root.real());
        high = low - turned;
        low += turned;
      }
    }
  }
}

void SaliencyMeter::transform(Field& field, bool inverse) const {
  for (size_t row = 0; row < side; ++row) transform_line(&field[row * side], 1, inverse);
  for (size_t column = 0; column < side; ++column) transform_line(&field[column], side, inverse);
}

/// Mean over a square of 2 radius + 1 a side, wrapping around the edges.
std::vector<double> SaliencyMeter::smooth(const std::vector<double>& field, int radius) {
  const auto wrap = [](size_t at, int step) {
    return (at + side + static_cast<size_t>(step + static_cast<int>(side))) % side;
  };
  std::vector<double> across(field.size()), result(field.size());
  for (size_t row = 0; row < side; ++row)
    for (size_t column = 0; column < side; ++column)
      for (int step = -radius; step <= radius; ++step)
        across[row * side + column] += field[row * side + wrap(column, step)];
  const double scale = 1.0 / ((2 * radius + 1) * (2 * radius + 1));
  for (size_t row = 0; row < side; ++row)
    for (size_t column = 0; column < side; ++column) {
      for (int step = -radius; step <= radius; ++step)
        result[row * side + column] += across[wrap(row, step) * side + column];
      result[row * side + column] *= scale;
    }
  return result;
}

Saliency SaliencyMeter::measure(const cv::Mat& grey) const {
  cv::Mat small;
  cv::resize(grey, small, {static_cast<int>(side), static_cast<int>(side)}, 0, 0, cv::INTER_AREA);
  double lowest = 0, highest = 0;
  cv::minMaxLoc(small, &lowest, &highest);
  if (lowest == highest) return {0.5, 0.5, 0.1};  // nothing stands out
  Field field(side * side);
  for (size_t i = 0; i < field.size(); ++i)
    field[i] = static_cast<double>(small.at<uint8_t>(static_cast<int>(i / side), static_cast<int>(i % side)));
  transform(field, false);
  std::vector<double> amplitude(field.size()), log_amplitude(field.size());
  for (size_t i = 0; i < field.size(); ++i) {
    amplitude[i] = std::sqrt(std::norm(field[i]));
    log_amplitude[i] = std::log(amplitude[i] + 1);  // + 1: amplitudes of rounding noise must not count
  }
  const std::vector<double> usual = smooth(log_amplitude, 1);
  for (size_t i = 0; i < field.size(); ++i)
    field[i] = amplitude[i] > 1e-6 ? field[i] * (std::exp(log_amplitude[i] - usual[i]) / amplitude[i]) : 0;
  transform(field, true);
  std::vector<double> map(field.size());
  for (size_t i = 0; i < field.size(); ++i) map[i] = std::norm(field[i]);
  map = smooth(map, 2);

  double sum = 0;
  for (const double value : map) sum += value;
  if (!(sum > 0)) return {0.5, 0.5, 0.1};
  const double mean = sum / static_cast<double>(map.size());
  double excess = 0, x = 0, y = 0;  // below the mean nothing stands out
  for (size_t i = 0; i < map.size(); ++i) {
    const double above = std::max(0.0, map[i] - mean);
    excess += above;
    x += above * (static_cast<double>(i % side) + 0.5);
    y += above * (static_cast<double>(i / side) + 0.5);
  }
  const auto tenth = map.begin() + static_cast<std::ptrdiff_t>(map.size() / 10);
  std::nth_element(map.begin(), tenth, map.end(), std::greater<>());
  std::sort(map.begin(), tenth);  // a fixed order of adding
  double strongest = 0;
  for (auto at = map.begin(); at != tenth; ++at) strongest += *at;
  if (!(excess > 0)) return {0.5, 0.5, 0.1};
  return {x / excess / static_cast<double>(side), y / excess / static_cast<double>(side), strongest / sum};
}

}  // namespace risetime::thumbnail
