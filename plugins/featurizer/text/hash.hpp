// Hashes bytes and counters the same way on every machine: the one source of randomness of this plugin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "hashes are of little-endian numbers");

/// The bytes at `bytes` as a number.
template <class Number>
uint64_t load(const char* bytes) noexcept {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

/// Fewer than 8 bytes as a little-endian number, by loads of fixed size that may overlap.
inline uint64_t load_tail(const char* bytes, size_t count) noexcept {
  if (count >= 4) return load<uint32_t>(bytes) | load<uint32_t>(bytes + count - 4) << (8 * (count - 4));
  if (count == 0) return 0;
  const size_t middle = count / 2;
  return load<uint8_t>(bytes) | load<uint8_t>(bytes + middle) << (8 * middle) |
         load<uint8_t>(bytes + count - 1) << (8 * (count - 1));
}

/// Whether two runs of `count` bytes are equal: memcmp without the call, for words.
inline bool same_bytes(const char* a, const char* b, size_t count) noexcept {
  if (count < 8) return load_tail(a, count) == load_tail(b, count);
  for (size_t at = 0; at + 8 < count; at += 8)
    if (load<uint64_t>(a + at) != load<uint64_t>(b + at)) return false;
  return load<uint64_t>(a + count - 8) == load<uint64_t>(b + count - 8);
}

/// A 64-bit hash of bytes. Not for secrets.
inline uint64_t hash_bytes(std::string_view bytes) noexcept {
  uint64_t hash = 0x2545f4914f6cdd1dU ^ (bytes.size() * 0x9e3779b97f4a7c15U);
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) hash = scramble(hash ^ load<uint64_t>(at));
  return scramble(hash ^ load_tail(at, left));
}

}  // namespace risetime::text
