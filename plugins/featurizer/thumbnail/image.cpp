// Reads the structure of JPEG, PNG and WebP, so that OpenCV is only given whole images of a known size.
#include "image.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace risetime::thumbnail {
namespace {

/// Big- and little-endian numbers out of bytes, never behind their end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  size_t size() const { return bytes_.size(); }
  bool has(size_t at, size_t count) const { return at <= size() && count <= size() - at; }
  uint32_t byte(size_t at) const { return number(at, 1, true); }
  uint32_t big(size_t at, size_t count) const { return number(at, count, true); }
  uint32_t little(size_t at, size_t count) const { return number(at, count, false); }
  bool starts(size_t at, std::string_view text) const {
    return has(at, text.size()) && bytes_.substr(at, text.size()) == text;
  }

 private:
  uint32_t number(size_t at, size_t count, bool is_big) const {
    if (!has(at, count)) throw Broken("cut short at byte " + std::to_string(size()));
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto next = static_cast<uint32_t>(static_cast<unsigned char>(bytes_[at + i]));
      value |= next << (8 * (is_big ? count - 1 - i : i));
    }
    return value;
  }
  std::string_view bytes_;
};

bool is_start_of_frame(uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// From the start of a scan's data to the next marker that ends it.
size_t behind_scan(const Bytes& bytes, size_t at) {
  for (; bytes.has(at, 2); ++at) {
    if (bytes.byte(at) != 0xFF) continue;
    const uint32_t next = bytes.byte(at + 1);
    const bool is_data = next == 0x00 || next == 0xFF || (next >= 0xD0 && next <= 0xD7);  // stuffing, fill, restarts
    if (!is_data) return at;
  }
  throw Broken("a JPEG cut short at byte " + std::to_string(bytes.size()));
}

Header inspect_jpeg(const Bytes& bytes) {
  Header header{Format::jpeg, 0, 0};
  size_t at = 2;
  while (true) {
    if (!bytes.has(at, 2)) throw Broken("a JPEG cut short at byte " + std::to_string(bytes.size()));
    if (bytes.byte(at) != 0xFF) throw Broken("a JPEG with no marker at byte " + std::to_string(at));
    const uint32_t marker = bytes.byte(at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    if (marker == 0xD9) break;  // end of image
    const uint32_t length = bytes.big(at + 2, 2);
    if (length < 2 || !bytes.has(at + 2, length))
      throw Broken("a JPEG cut short at byte " + std::to_string(bytes.size()));
    if (is_start_of_frame(marker)) {
      header.height = bytes.big(at + 5, 2);
      header.width = bytes.big(at + 7, 2);
    }
    at += 2 + length;
    if (marker == 0xDA) at = behind_scan(bytes, at);
  }
  if (header.width == 0 || header.height == 0) throw Broken("a JPEG without a size");
  return header;
}

Header inspect_png(const Bytes& bytes) {
  if (!bytes.starts(12, "IHDR")) throw Broken("a PNG without a header");
  const Header header{Format::png, bytes.big(16, 4), bytes.big(20, 4)};
  for (size_t at = 8;;) {
    const uint32_t length = bytes.big(at, 4);
    if (!bytes.has(at + 8, size_t{length} + 4)) throw Broken("a PNG cut short at byte " + std::to_string(bytes.size()));
    if (bytes.starts(at + 4, "IEND")) return header;
    at += 12 + size_t{length};
  }
}

Header inspect_webp(const Bytes& bytes) {
  if (!bytes.has(8, bytes.little(4, 4))) throw Broken("a WebP cut short at byte " + std::to_string(bytes.size()));
  if (bytes.starts(12, "VP8X")) return {Format::webp, bytes.little(24, 3) + 1, bytes.little(27, 3) + 1};
  if (bytes.starts(12, "VP8 ")) return {Format::webp, bytes.little(26, 2) & 0x3FFF, bytes.little(28, 2) & 0x3FFF};
  if (bytes.starts(12, "VP8L")) {
    const uint32_t bits = bytes.little(21, 4);
    return {Format::webp, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  throw Broken("a WebP without a size");
}

}  // namespace

Header inspect(std::string_view raw) {
  const Bytes bytes(raw);
  if (raw.empty()) throw Broken("no bytes");
  if (bytes.starts(0, "\xFF\xD8\xFF")) return inspect_jpeg(bytes);
  if (bytes.starts(0, "\x89PNG\r\n\x1A\n")) return inspect_png(bytes);
  if (bytes.starts(0, "RIFF") && bytes.starts(8, "WEBP")) return inspect_webp(bytes);
  if (bytes.starts(0, "GIF8")) throw Broken("a GIF; only JPEG, PNG and WebP are read");
  throw Broken("neither JPEG nor PNG nor WebP");
}

cv::Mat decode(std::string_view bytes, int64_t most_pixels, int64_t enough_pixels) {
  const Header header = inspect(bytes);
  if (header.width <= 0 || header.height <= 0) throw Broken("an image without a size");
  const std::string size = std::to_string(header.width) + " x " + std::to_string(header.height) + " pixels";
  if (header.height > most_pixels / header.width)
    throw Broken(size + "; at most " + std::to_string(most_pixels) + " are decoded");
  int flags = cv::IMREAD_COLOR;
  if (header.format == Format::jpeg) {
    const int64_t pixels = header.width * header.height;
    if (pixels / 64 >= enough_pixels) {
      flags = cv::IMREAD_REDUCED_COLOR_8;
    } else if (pixels / 16 >= enough_pixels) {
      flags = cv::IMREAD_REDUCED_COLOR_4;
    } else if (pixels / 4 >= enough_pixels) {
      flags = cv::IMREAD_REDUCED_COLOR_2;
    }
  }
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));  // only read
  cv::Mat pixels;
  try {
    pixels = cv::imdecode(raw, flags | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    throw Broken("OpenCV cannot decode it: " + error.err);
  }
  if (pixels.empty() || pixels.type() != CV_8UC3) throw Broken(size + " that OpenCV cannot decode");
  return pixels;
}

cv::Mat shrink(const cv::Mat& picture, int64_t pixels) {
  const double scale = std::sqrt(static_cast<double>(pixels) / static_cast<double>(picture.total()));
  if (scale >= 1) return picture;
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
  cv::Mat smaller;
  cv::resize(picture, smaller, {scaled(picture.cols), scaled(picture.rows)}, 0, 0, cv::INTER_AREA);
  return smaller;
}

}  // namespace risetime::thumbnail
