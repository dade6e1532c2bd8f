// Hashes that are the same on every machine and in every release: for folds and seeds, never against adversaries.
#pragma once

#include <cstdint>
#include <string_view>

namespace risetime {

// FNV-1a, 64 bits.
constexpr std::uint64_t fnv1a_64(std::string_view bytes, std::uint64_t start = 0xcbf29ce484222325ULL) noexcept {
  std::uint64_t hash = start;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  return hash;
}

// Spreads every bit of the input over all bits of the result (the finalizer of SplitMix64): hashes of ids that differ
// in their last letter, and counters, become good seeds.
constexpr std::uint64_t mix_64(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// A video's hash: the same whatever the order in which videos come. `seed` separates uses from each other.
constexpr std::uint64_t video_hash(std::string_view platform, std::string_view video_id,
                                   std::uint64_t seed = 0) noexcept {
  return mix_64(fnv1a_64(video_id, fnv1a_64(platform) ^ 0x5fULL) + seed);
}

}  // namespace risetime
