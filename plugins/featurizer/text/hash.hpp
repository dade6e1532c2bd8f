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

/// The lowest `count` bytes of a number, fewer than 8; the others 0.
constexpr uint64_t lowest(uint64_t number, size_t count) noexcept { return number & ~(~uint64_t{0} << (8 * count)); }

/// As same_bytes(), without a branch on the last bytes, where both are readable up to a count that 8 divides.
inline bool same_padded_bytes(const char* a, const char* b, size_t count) noexcept {
  for (; count >= 8; a += 8, b += 8, count -= 8)
    if (load<uint64_t>(a) != load<uint64_t>(b)) return false;
  return count == 0 || lowest(load<uint64_t>(a) ^ load<uint64_t>(b), count) == 0;
}

/// A 64-bit hash of bytes. Not for secrets.
inline uint64_t hash_bytes(std::string_view bytes) noexcept {
  uint64_t hash = 0x2545f4914f6cdd1dU ^ (bytes.size() * 0x9e3779b97f4a7c15U);
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) hash = scramble(hash ^ load<uint64_t>(at));
  return scramble(hash ^ load_tail(at, left));
}

/// The same hash, without a branch on the last bytes, of bytes that are readable up to a count that 8 divides.
inline uint64_t hash_padded_bytes(const char* at, size_t count) noexcept {
  uint64_t hash = 0x2545f4914f6cdd1dU ^ (count * 0x9e3779b97f4a7c15U);
  for (; count >= 8; at += 8, count -= 8) hash = scramble(hash ^ load<uint64_t>(at));
  return scramble(hash ^ (count == 0 ? 0 : lowest(load<uint64_t>(at), count)));
}

/// A 64-bit hash of a text, faster than hash_bytes() where there is much; nothing that is saved depends on it.
inline uint64_t hash_text(std::string_view text) noexcept {
  __extension__ using Wide = unsigned __int128;
  uint64_t hash = text.size();
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 16; at += 16, left -= 16) {
    const Wide product = Wide{load<uint64_t>(at) ^ 0xa0761d6478bd642fU} * (load<uint64_t>(at + 8) ^ hash);
    hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  return scramble(hash) ^ hash_bytes({at, left});
}

}  // namespace risetime::text
