// Saliency by the spectral residual: what a picture has beyond the usual falling spectrum stands out.
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "measures.hpp"

namespace risetime::thumbnail {
namespace {

constexpr size_t side = SaliencyMeter::side;

/// One step of the transform for a whole row of columns: `high` is turned by the root, then sum and difference.
/// __restrict, for without the promise the compiler takes one number at a time.
void turn_and_add(double* __restrict low_real, double* __restrict low_imaginary, double* __restrict high_real,
                  double* __restrict high_imaginary, double cosine, double sine) {
  for (size_t column = 0; column < side; ++column) {
    const double real = high_real[column] * cosine - high_imaginary[column] * sine;
    const double imaginary = high_real[column] * sine + high_imaginary[column] * cosine;
    high_real[column] = low_real[column] - real;
    high_imaginary[column] = low_imaginary[column] - imaginary;
    low_real[column] += real;
    low_imaginary[column] += imaginary;
  }
}

void transpose(std::vector<double>& square) {
  for (size_t row = 1; row < side; ++row)
    for (size_t column = 0; column < row; ++column) std::swap(square[row * side + column], square[column * side + row]);
}

/// Mean over a square of 2 radius + 1 a side, wrapping around the edges.
std::vector<double> smooth(const std::vector<double>& square, size_t radius) {
  std::vector<double> across(square.size()), result(square.size());
  std::vector<double> padded(side + 2 * radius);
  for (size_t row = 0; row < side; ++row) {
    const double* line = &square[row * side];
    std::copy(line, line + side, padded.begin() + static_cast<std::ptrdiff_t>(radius));
    std::copy(line + side - radius, line + side, padded.begin());
    std::copy(line, line + radius, padded.end() - static_cast<std::ptrdiff_t>(radius));
    for (size_t column = 0; column < side; ++column)
      for (size_t step = 0; step <= 2 * radius; ++step) across[row * side + column] += padded[column + step];
  }
  const double scale = 1.0 / static_cast<double>((2 * radius + 1) * (2 * radius + 1));
  for (size_t row = 0; row < side; ++row) {
    for (size_t step = 0; step <= 2 * radius; ++step) {
      const double* line = &across[(row + side + step - radius) % side * side];
      for (size_t column = 0; column < side; ++column) result[row * side + column] += line[column];
    }
    for (size_t column = 0; column < side; ++column) result[row * side + column] *= scale;
  }
  return result;
}

}  // namespace

SaliencyMeter::SaliencyMeter() {
  const double turn = 2 * std::acos(-1.0) / static_cast<double>(side);
  for (size_t k = 0; k < roots_.size(); ++k)
    roots_[k] = {std::cos(turn * static_cast<double>(k)), -std::sin(turn * static_cast<double>(k))};
}

/// Fast Fourier transform of every column in place, by halves (Cooley and Tukey).
void SaliencyMeter::transform_columns(Field& field, bool inverse) const {
  double* real = field.real.data();
  double* imaginary = field.imaginary.data();
  for (size_t i = 1, reversed = 0; i < side; ++i) {
    size_t bit = side >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (i >= reversed) continue;
    std::swap_ranges(real + i * side, real + (i + 1) * side, real + reversed * side);
    std::swap_ranges(imaginary + i * side, imaginary + (i + 1) * side, imaginary + reversed * side);
  }
  for (size_t half = 1; half < side; half *= 2) {
    for (size_t begin = 0; begin < side; begin += 2 * half) {
      for (size_t i = 0; i < half; ++i) {
        const std::complex<double> root = roots_[i * (side / (2 * half))];
        const size_t low = (begin + i) * side, high = low + half * side;
        turn_and_add(real + low, imaginary + low, real + high, imaginary + high, root.real(),
                     inverse ? -root.imag() : root.imag());
      }
    }
  }
}

/// The field comes out transposed; the inverse turns it back.
void SaliencyMeter::transform(Field& field, bool inverse) const {
  transform_columns(field, inverse);
  transpose(field.real);
  transpose(field.imaginary);
  transform_columns(field, inverse);
}

Saliency SaliencyMeter::measure(const cv::Mat& grey) const {
  cv::Mat small;
  cv::resize(grey, small, {static_cast<int>(side), static_cast<int>(side)}, 0, 0, cv::INTER_AREA);
  double lowest = 0, highest = 0;
  cv::minMaxLoc(small, &lowest, &highest);
  if (lowest == highest) return {0.5, 0.5, 0.1};  // nothing stands out
  Field field;
  for (size_t i = 0; i < field.real.size(); ++i)
    field.real[i] = static_cast<double>(small.at<uint8_t>(static_cast<int>(i / side), static_cast<int>(i % side)));
  transform(field, false);
  std::vector<double> amplitude(side * side), log_amplitude(side * side);
  for (size_t i = 0; i < amplitude.size(); ++i) {
    amplitude[i] = std::sqrt(field.real[i] * field.real[i] + field.imaginary[i] * field.imaginary[i]);
    log_amplitude[i] = std::log(amplitude[i] + 1);  // + 1: amplitudes of rounding noise must not count
  }
  const std::vector<double> usual = smooth(log_amplitude, 1);
  for (size_t i = 0; i < amplitude.size(); ++i) {
    const double factor = amplitude[i] > 1e-6 ? std::exp(log_amplitude[i] - usual[i]) / amplitude[i] : 0;
    field.real[i] *= factor;
    field.imaginary[i] *= factor;
  }
  transform(field, true);
  std::vector<double> map(side * side);
  for (size_t i = 0; i < map.size(); ++i)
    map[i] = field.real[i] * field.real[i] + field.imaginary[i] * field.imaginary[i];
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
