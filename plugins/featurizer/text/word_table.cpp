// The parts of the word table that run seldom.
#include "word_table.hpp"

#include <stdexcept>
#include <utility>

namespace risetime::text {

void WordTable::clear() {
  slots_.clear();
  words_.clear();
  bytes_.clear();
}

void WordTable::fill(Slot& slot, const Key& key) {
  const size_t begin = bytes_.size();
  if (begin + key.length_ >= none || words_.size() + 1 >= none) throw std::length_error("word table is full");
  bytes_.insert(bytes_.end(), key.bytes_, key.bytes_ + key.length_);
  slot = {key.low_, key.high_, key.length_, static_cast<uint32_t>(begin), {static_cast<uint32_t>(size()), 0}};
  words_.push_back({key.hash_, slot.begin, slot.length});
}

void WordTable::reserve(size_t words, size_t bytes) {
  words_.reserve(words);
  bytes_.reserve(bytes);
  size_t slots = 1024;
  while (slots * 2 < words * 3) slots *= 2;
  if (slots > slots_.size()) spread_over(slots);
}

void WordTable::spread_over(size_t slots) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  mask_ = slots - 1;
  for (const Slot& slot : old) {
    if (slot.entry.index == none) continue;
    size_t i = words_[slot.entry.index].hash & mask_;
    while (slots_[i].entry.index != none) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
}

}  // namespace risetime::text
