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

/// A 64-bit hash of bytes, from which a word's row of the projection is drawn. Not for secrets.
inline uint64_t hash_bytes(std::string_view bytes) noexcept {
  uint64_t hash = 0x2545f4914f6cdd1dU ^ (bytes.size() * 0x9e3779b97f4a7c15U);
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) hash = scramble(hash ^ load<uint64_t>(at));
  return scramble(hash ^ load_tail(at, left));
}

/// A product of 128 bits, drawn together: each bit of the number moves about half of the answer's.
constexpr uint64_t fold(uint64_t number, uint64_t by) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{number} * by;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// 64 bits that stand for a text. Nothing that is saved depends on them.
inline uint64_t digest_of(std::string_view text) noexcept {
  uint64_t digest = text.size();
  const auto add = [&](uint64_t a, uint64_t b) {
    digest = fold(digest ^ a, 0x9e3779b97f4a7c15U) ^ fold(digest + b, 0xc2b2ae3d27d4eb4fU);
  };
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 16; at += 16, left -= 16) add(load<uint64_t>(at), load<uint64_t>(at + 8));
  if (left >= 8) {
    add(load<uint64_t>(at), load_tail(at + 8, left - 8));
  } else {
    add(load_tail(at, left), 0);
  }
  return digest;
}

}  // namespace risetime::text
