// The parts of the word table that run seldom.
#include "word_table.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace risetime::text {

void WordTable::clear() {
  slots_.clear();
  words_.clear();
  records_.clear();
}

WordTable::Slot WordTable::append(std::string_view word, uint64_t hash) {
  constexpr size_t unit = sizeof(uint32_t);
  const size_t place = records_.size();
  const size_t units = (sizeof(Record) + word.size() + unit - 1) / unit;
  if (words_.size() >= none || place + units >= none) throw std::length_error("word table is full");
  const Record record{static_cast<uint32_t>(words_.size()), static_cast<uint32_t>(word.size())};
  records_.resize(place + units);
  std::memcpy(&records_[place], &record, sizeof record);
  std::memcpy(&records_[place] + sizeof record / unit, word.data(), word.size());
  words_.push_back({hash, static_cast<uint32_t>(place)});
  return {static_cast<uint32_t>(place), tag_of(hash)};
}

void WordTable::grow() {
  slots_.assign(std::max<size_t>(1024, slots_.size() * 2), Slot{});
  const size_t mask = slots_.size() - 1;
  for (const Word& word : words_) {
    size_t i = word.hash & mask;
    while (slots_[i].place != none) i = (i + 1) & mask;
    slots_[i] = {word.place, tag_of(word.hash)};
  }
}

}  // namespace risetime::text
