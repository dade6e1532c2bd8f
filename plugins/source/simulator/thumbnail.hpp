// Drawn thumbnails: a small PNG whose colour and shape follow the video's topic and promise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "words.hpp"

namespace risetime::simulator {

// A picture of palette indices, row by row, [height * width]; palette entries are 0xRRGGBB, at most 256.
struct Picture {
  unsigned width, height;
  std::vector<uint8_t> pixels;
  std::vector<uint32_t> palette;
};

Picture draw_thumbnail(uint64_t key, size_t topic, Promise promise);

// The bytes of a PNG file (W3C PNG, second edition). The compressor is our own, small and fixed, so that the bytes do
// not change with a library's version: DEFLATE (RFC 1951) with its fixed codes, and matches one pixel or one row back
// only.
std::string write_png(const Picture& picture);

}  // namespace risetime::simulator
