// Turns the bytes of a thumbnail into pixels, or says why that cannot be done.
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace risetime::thumbnail {

/// An image that cannot be used; what() is the reason, for the user.
class Broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Format { jpeg, png, webp };

/// What the bytes say of themselves before any decoder sees them.
struct Header {
  Format format;
  int64_t width;   // pixels
  int64_t height;  // pixels
};

/// Reads the header and walks to the end of the image's own structure. Throws Broken for other formats and for bytes
/// that are cut short: decoders would fill what is missing with grey.
Header inspect(std::string_view bytes);

/// The pixels, 8 bits blue, green and red. Large JPEGs are decoded at a half, a quarter or an eighth of their size as
/// long as `enough_pixels` are left. Throws Broken if inspect() does, above `most_pixels`, or if OpenCV cannot decode
/// the bytes.
cv::Mat decode(std::string_view bytes, int64_t most_pixels, int64_t enough_pixels);

/// The picture with about `pixels` pixels and the same shape, if it has more; else itself.
cv::Mat shrink(const cv::Mat& picture, int64_t pixels);

}  // namespace risetime::thumbnail
