// The parts of the word table that run seldom.
#include "word_table.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

namespace risetime::text {

void WordTable::clear() {
  slots_.clear();
  words_.clear();
  records_.clear();
}

WordTable::Slot WordTable::append(std::string_view word, uint64_t hash) {
  constexpr size_t unit = sizeof(uint64_t);
  const size_t place = records_.size();
  const size_t units = (sizeof(Record) + word.size() + unit - 1) / unit;
  if (place + units >= none) throw std::length_error("word table is full");
  if (place + units + 1 > records_.capacity()) records_.reserve(2 * (place + units) + 1024);
  records_.resize(place + units);
  auto* record = new (&records_[place]) Record{0, static_cast<uint32_t>(word.size()), static_cast<uint32_t>(size())};
  if (!word.empty()) std::memcpy(record + 1, word.data(), word.size());
  words_.push_back({hash, static_cast<uint32_t>(place)});
  return {static_cast<uint32_t>(place), tag_of(hash)};
}

void WordTable::reserve(size_t words, size_t bytes) {
  words_.reserve(words);
  records_.reserve(words * (sizeof(Record) / sizeof(uint64_t) + 1) + bytes / sizeof(uint64_t));
  size_t slots = 1024;
  while (slots * 2 < words * 3) slots *= 2;
  if (slots > slots_.size()) spread_over(slots);
}

void WordTable::spread_over(size_t slots) {
  slots_.assign(slots, Slot{});
  mask_ = slots_.size() - 1;
  for (const Word& word : words_) {
    size_t i = word.hash & mask_;
    while (slots_[i].place != none) i = (i + 1) & mask_;
    slots_[i] = {word.place, tag_of(word.hash)};
  }
}

}  // namespace risetime::text
