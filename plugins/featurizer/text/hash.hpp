// Hashes bytes and counters the same way on every machine: the one source of randomness of this plugin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace risetime::text {

/// Spreads every input bit over all 64 output bits; a bijection, so that different counters give different numbers.
constexpr uint64_t scramble(uint64_t value) noexcept {
  value ^= value >> 31;
  value *= 0xd6e8feb86659fd93U;
  value ^= value >> 32;
  value *= 0xa0761d6478bd642fU;
  value ^= value >> 29;
  return value;
}

/// The `counter`-th number of the stream `key`: any number of it can be asked for, in any order, on any thread.
constexpr uint64_t random_at(uint64_t key, uint64_t counter) noexcept {
  return scramble(scramble(key + 0x9e3779b97f4a7c15U) ^ (counter * 0xc2b2ae3d27d4eb4fU + 0x165667b19e3779f9U));
}

/// Up to 8 bytes as a little-endian number, whatever the machine's own order.
inline uint64_t little_endian(const char* bytes, size_t count) noexcept {
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

/// A 64-bit hash of bytes. Not for secrets.
inline uint64_t hash_bytes(std::string_view bytes) noexcept {
  uint64_t hash = 0x2545f4914f6cdd1dU ^ (bytes.size() * 0x9e3779b97f4a7c15U);
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) hash = scramble(hash ^ little_endian(at, 8));
  return scramble(hash ^ little_endian(at, left));
}

}  // namespace risetime::text
