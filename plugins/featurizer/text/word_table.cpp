// The parts of the word table that run seldom.
#include "word_table.hpp"

#include <algorithm>
#include <stdexcept>

namespace risetime::text {

void WordTable::clear() {
  std::fill(slots_.begin(), slots_.end(), Slot{});
  words_.clear();
  bytes_.clear();
}

uint32_t WordTable::append(std::string_view word, uint64_t hash) {
  constexpr uint64_t most_bytes = (uint64_t{1} << 40) - 1;
  constexpr uint64_t longest = (uint64_t{1} << 24) - 1;
  if (words_.size() >= none || word.size() > longest || bytes_.size() + word.size() > most_bytes)
    throw std::length_error("word table is full");
  words_.push_back({hash, bytes_.size() & most_bytes, word.size() & longest});
  bytes_.append(word);
  return static_cast<uint32_t>(words_.size() - 1);
}

void WordTable::grow() {
  slots_.assign(std::max<size_t>(1024, slots_.size() * 2), Slot{});
  const size_t mask = slots_.size() - 1;
  for (uint32_t id = 0; id < words_.size(); ++id) {
    size_t at = words_[id].hash & mask;
    while (slots_[at].id != none) at = (at + 1) & mask;
    slots_[at] = {id, tag_of(words_[id].hash)};
  }
}

}  // namespace risetime::text
