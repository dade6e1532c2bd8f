// Drawing thumbnails and writing them as PNG.
#include "thumbnail.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "random.hpp"

namespace risetime::simulator {
namespace {

constexpr unsigned width = 160, height = 90;
constexpr unsigned shades = 32;  // of the background, palette entries 0 .. 31
enum Ink : uint8_t { body = shades, shadow, white, black, alarm };

// Hue in degrees, saturation and value in [0, 1].
uint32_t colour(double hue, double saturation, double value) {
  const auto channel = [&](double offset) {
    const double place = std::fmod(offset + hue / 60, 6.0);
    const double part = std::max(0.0, std::min({place, 4 - place, 1.0}));
    return static_cast<uint32_t>(std::floor((value - value * saturation * part) * 255 + 0.5));
  };
  return channel(5) << 16 | channel(3) << 8 | channel(1);
}

using Inside = bool (*)(double x, double y);  // a shape in coordinates where its size is 1 around the origin

bool disc(double x, double y) { return x * x + y * y < 1; }
bool bowl(double x, double y) { return y > -0.1 && x * x + y * y < 1; }
bool diamond(double x, double y) { return std::abs(x) + std::abs(y) < 1; }
bool note(double x, double y) {
  const double u = x + 0.3, v = y - 0.6;
  return u * u + v * v < 0.14 || (x > 0 && x < 0.14 && y > -0.9 && y < 0.6) ||
         (x > 0 && x < 0.6 && y > -0.9 && y < -0.65);
}
bool bars(double x, double y) { return std::abs(x) < 1 && std::abs(y) < 0.8 && std::fmod(y + 2, 0.4) < 0.22; }
bool wrench(double x, double y) {
  return std::abs(x - y) < 0.25 && std::abs(x + y) < 1.4 && !(x * x + y * y > 0.7 && std::abs(x - y) < 0.1);
}
bool mountain(double x, double y) {
  return y < 0.7 && (y > std::abs(x) * 1.4 - 0.8 || y > std::abs(x - 0.6) * 1.4 - 0.3);
}

constexpr std::array<Inside, topic_count> shapes = {disc, bowl, diamond, note, bars, wrench, mountain};

struct Box {
  double left, top, right, bottom;
};

// Inks the pixels of the box for which `where` holds.
template <class Where>
void paint(Picture& picture, uint8_t ink, const Box& box, Where where) {
  const auto from_y = static_cast<unsigned>(std::clamp(box.top, 0.0, double{height}));
  const auto to_y = static_cast<unsigned>(std::clamp(box.bottom + 1, 0.0, double{height}));
  const auto from_x = static_cast<unsigned>(std::clamp(box.left, 0.0, double{width}));
  const auto to_x = static_cast<unsigned>(std::clamp(box.right + 1, 0.0, double{width}));
  for (unsigned y = from_y; y < to_y; ++y) {
    for (unsigned x = from_x; x < to_x; ++x) {
      if (where(static_cast<double>(x), static_cast<double>(y))) picture.pixels[y * width + x] = ink;
    }
  }
}

void paint_shape(Picture& picture, Inside shape, double centre_x, double centre_y, double size) {
  for (const double aside : {3.0, 0.0}) {
    const double x0 = centre_x + aside, y0 = centre_y + aside;
    paint(picture, aside > 0 ? shadow : body, {x0 - size, y0 - size, x0 + size, y0 + size},
          [=](double x, double y) { return shape((x - x0) / size, (y - y0) / size); });
  }
}

// Blocks like letters on a dark ground: what a sensation's thumbnail shouts.
void paint_shout(Picture& picture, Stream& random) {
  const double left = std::floor(random.uniform(6, 20)), letters = 5 + std::floor(random.uniform() * 4);
  const double right = left + letters * 11;
  const auto anywhere = [](double, double) { return true; };
  paint(picture, black, {left - 3, 64, right, 83}, anywhere);
  paint(picture, white, {left, 67, right - 1, 80}, [=](double x, double y) {
    const double inside = std::fmod(x - left, 11);
    return inside < 8 && !(inside > 3 && inside < 5 && y > 72);
  });
  paint(picture, alarm, {132, 11, 140, 43}, anywhere);
  paint(picture, alarm, {129, 49, 143, 63}, [](double x, double y) { return disc((x - 136) / 6, (y - 56) / 6); });
}

// A figure beside lines of writing: what a lesson's thumbnail looks like.
void paint_board(Picture& picture) {
  paint(picture, white, {93, 15, 151, 75}, [](double, double) { return true; });
  paint(picture, black, {99, 21, 145, 69},
        [](double x, double y) { return x < 146 - std::fmod(y * 7, 20) && std::fmod(y - 20, 10) < 3; });
}

// ---- PNG

class Bits {  // least significant bit first, as DEFLATE has them
 public:
  explicit Bits(std::string& bytes) : bytes_(&bytes) {}
  void add(uint32_t value, unsigned count) {
    waiting_ |= static_cast<uint64_t>(value) << held_;
    for (held_ += count; held_ >= 8; held_ -= 8, waiting_ >>= 8) bytes_->push_back(static_cast<char>(waiting_ & 255));
  }
  void add_code(uint32_t code, unsigned count) {  // Huffman codes go in from their most significant bit
    for (unsigned bit = count; bit-- > 0;) add(code >> bit & 1, 1);
  }
  void finish() {
    if (held_ > 0) add(0, 8 - held_);
  }

 private:
  std::string* bytes_;
  uint64_t waiting_ = 0;
  unsigned held_ = 0;
};

// RFC 1951, 3.2.6: the fixed literal and length codes.
void add_symbol(Bits& bits, unsigned symbol) {
  if (symbol < 144) return bits.add_code(0x30 + symbol, 8);
  if (symbol < 256) return bits.add_code(0x190 + symbol - 144, 9);
  if (symbol < 280) return bits.add_code(symbol - 256, 7);
  bits.add_code(0xC0 + symbol - 280, 8);
}

// RFC 1951, 3.2.5: codes of lengths 3 .. 258 and of distances, found by walking over the ranges.
void add_match(Bits& bits, unsigned length, unsigned distance) {
  if (length == 258) {
    add_symbol(bits, 285);
  } else {
    unsigned symbol = 257, first = 3, extra = 0;
    for (unsigned step = 1; length >= first + (1U << extra); ++step, ++symbol) {
      first += 1U << extra;
      if (step >= 8 && step % 4 == 0) ++extra;
    }
    add_symbol(bits, symbol);
    bits.add(length - first, extra);
  }
  unsigned symbol = 0, first = 1, extra = 0;
  for (unsigned step = 1; distance >= first + (1U << extra); ++step, ++symbol) {
    first += 1U << extra;
    if (step >= 4 && step % 2 == 0) ++extra;
  }
  bits.add_code(symbol, 5);
  bits.add(distance - first, extra);
}

size_t match_length(const std::string& data, size_t at, size_t distance) {
  if (at < distance) return 0;
  size_t length = 0;
  while (length < 258 && at + length < data.size() && data[at + length] == data[at + length - distance]) ++length;
  return length;
}

std::string deflate_rows(const std::string& data, size_t row) {
  std::string bytes;
  Bits bits(bytes);
  bits.add(1, 1);  // the last block
  bits.add(1, 2);  // fixed codes
  for (size_t at = 0; at < data.size();) {
    const size_t along = match_length(data, at, 1), above = match_length(data, at, row);
    const size_t length = std::max(along, above);
    if (length < 3) {
      add_symbol(bits, static_cast<uint8_t>(data[at++]));
      continue;
    }
    add_match(bits, static_cast<unsigned>(length), static_cast<unsigned>(above >= along ? row : 1));
    at += length;
  }
  add_symbol(bits, 256);
  bits.finish();
  return bytes;
}

std::string big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16 & 255), static_cast<char>(value >> 8 & 255),
          static_cast<char>(value & 255)};
}

uint32_t adler32(const std::string& data) {
  uint64_t low = 1, high = 0;
  for (size_t at = 0; at < data.size();) {
    for (const size_t end = std::min(data.size(), at + 4096); at < end; ++at) {
      low += static_cast<uint8_t>(data[at]);
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return static_cast<uint32_t>(high << 16 | low);
}

uint32_t crc32(const std::string& data) {
  uint32_t remainder = 0xFFFFFFFFU;
  for (const char byte : data) {
    remainder ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1 ? 0xEDB88320U : 0);
  }
  return ~remainder;
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string checked = type + data;
  return big_endian(static_cast<uint32_t>(data.size())) + checked + big_endian(crc32(checked));
}

}  // namespace

Picture draw_thumbnail(uint64_t key, size_t topic, Promise promise) {
  Stream random(key_of(key, 100));
  const bool loud = promise == Promise::sensation;
  const double hue = topics()[topic].hue + random.uniform(-14, 14) + 360;
  const double saturation = loud ? 0.85 : promise == Promise::routine ? 0.25 : 0.55;
  const double light = (loud ? 0.95 : 0.75) - random.uniform(0, 0.2);

  Picture picture{width, height, std::vector<uint8_t>(size_t{width} * height), {}};
  for (unsigned shade = 0; shade < shades; ++shade)
    picture.palette.push_back(colour(hue, saturation, light * (1 - 0.6 * shade / shades)));
  for (const uint32_t ink : {colour(hue + 180, 0.7, 0.95), colour(hue, 0.6, 0.15), 0xF8F8F8U, 0x141414U, 0xE62020U})
    picture.palette.push_back(ink);

  for (unsigned y = 0; y < height; ++y)
    std::fill_n(picture.pixels.begin() + y * width, width, static_cast<uint8_t>(y * shades / height));
  const double size = random.uniform(loud ? 30 : 18, loud ? 38 : 28);
  const double centre_x = random.uniform(40, promise == Promise::lesson ? 60 : 105);
  const double centre_y = random.uniform(36, 50);
  paint_shape(picture, shapes[topic], centre_x, centre_y, size);
  if (loud) paint_shout(picture, random);
  if (promise == Promise::lesson) paint_board(picture);
  return picture;
}

std::string write_png(const Picture& picture) {
  std::string rows;
  for (unsigned y = 0; y < picture.height; ++y) {
    rows.push_back('\0');  // no filter
    rows.append(reinterpret_cast<const char*>(picture.pixels.data()) + size_t{y} * picture.width, picture.width);
  }
  std::string colours;
  for (const uint32_t rgb : picture.palette) colours += big_endian(rgb << 8).substr(0, 3);

  const std::string header =
      big_endian(picture.width) + big_endian(picture.height) + std::string("\x08\x03\x00\x00\x00", 5);
  const std::string stream = "\x78\x01" + deflate_rows(rows, picture.width + 1) + big_endian(adler32(rows));
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("PLTE", colours) + chunk("IDAT", stream) +
         chunk("IEND", "");
}

}  // namespace risetime::simulator
