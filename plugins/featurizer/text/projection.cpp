// Draws the projection's rows by jumping from one entry that is not 0 to the next.
#include "projection.hpp"

#include <algorithm>
#include <cmath>
#include <risetime/error.hpp>

#include "hash.hpp"

namespace risetime::text {
namespace {

/// a * b / 2^63, rounded down; exact on every machine.
uint64_t fraction_product(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((Wide{a} * b) >> 63);
}

}  // namespace

Projection::Projection(uint64_t seed, uint64_t dimension, uint32_t components) : seed_(seed), components_(components) {
  if (components == 0 || components > most_components)
    throw Error(
        Code::config, "project_to",
        std::to_string(components) + " components cannot be made; give 1 to " + std::to_string(most_components));
  // sqrt and division round correctly everywhere (IEEE 754), so these are the same numbers on every machine.
  const double inverse_density = std::sqrt(static_cast<double>(std::max<uint64_t>(dimension, 1)));
  scale_ = std::sqrt(inverse_density / static_cast<double>(components));
  constexpr uint64_t one = uint64_t{1} << 63;
  const uint64_t zero_chance = one - static_cast<uint64_t>(static_cast<double>(one) / inverse_density);
  uint64_t chance = one;
  for (uint32_t i = 0; i < components; ++i) none_within_.push_back(chance = fraction_product(chance, zero_chance));
}

/// How many zeros stand before the next entry. Geometric: the chance of more than i zeros is none_within_[i], so it is
/// the number of chances above a random number below 2^63. A binary search without branches that could be mispredicted.
size_t Projection::zeros_before(uint64_t random) const {
  size_t at = 0;
  for (size_t left = none_within_.size(); left > 0;) {
    const size_t half = (left + 1) / 2;
    at += random < none_within_[at + half - 1] ? half : 0;
    left -= half;
  }
  return at;
}

void Projection::append_row(uint64_t key, std::vector<Entry>& entries) const {
  const uint64_t stream = scramble(key ^ scramble(seed_));
  uint64_t counter = 0;
  for (size_t at = 0; at < components_; ++at) {
    const uint64_t random = random_at(stream, counter++);
    at += zeros_before(random >> 1);  // the lowest bit is left for the sign
    if (at < components_) entries.push_back(static_cast<Entry>(at << 1 | (random & 1)));
  }
}

}  // namespace risetime::text
