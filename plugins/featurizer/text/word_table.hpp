// A hash table that numbers words in the order in which they come: the heart of counting and of looking up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "hash.hpp"

namespace risetime::text {

/// Words numbered 0, 1, 2, ... Open addressing with linear probing. A slot leads to a record that has all that a
/// comparison needs, so that a look-up touches two places of memory.
class WordTable {
 public:
  static constexpr uint32_t none = 0xffffffffU;

  size_t size() const { return words_.size(); }
  std::string_view word(uint32_t id) const {
    const Record* record = at(words_[id].place);
    return {record->bytes(), record->length};
  }
  uint64_t hash(uint32_t id) const { return words_[id].hash; }

  /// The word's number, or `none`.
  uint32_t find(std::string_view word, uint64_t hash) const {
    if (slots_.empty()) return none;
    const size_t mask = slots_.size() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
      const Slot& slot = slots_[i];
      if (slot.place == none) return none;
      if (holds(slot, word, hash)) return at(slot.place)->id;
    }
  }

  /// The word's number; a new word gets the next one, which is the old size(). Throws std::length_error when full.
  uint32_t add(std::string_view word, uint64_t hash) {
    if (words_.size() * 3 >= slots_.size() * 2) grow();
    const size_t mask = slots_.size() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.place == none) {
        slot = append(word, hash);
        return static_cast<uint32_t>(words_.size() - 1);
      }
      if (holds(slot, word, hash)) return at(slot.place)->id;
    }
  }

  void clear();

 private:
  struct Record {  // the word's bytes follow
    uint32_t id;
    uint32_t length;
    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  };
  struct Slot {
    uint32_t place = none;  // of the record, in units of its alignment
    uint32_t tag = 0;       // the hash's high half: spares most comparisons of bytes
  };
  struct Word {
    uint64_t hash;
    uint32_t place;
  };

  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  const Record* at(uint32_t place) const { return reinterpret_cast<const Record*>(records_.data() + place); }
  bool holds(const Slot& slot, std::string_view word, uint64_t hash) const {
    if (slot.tag != tag_of(hash)) return false;
    const Record* record = at(slot.place);
    return record->length == word.size() && same_bytes(record->bytes(), word.data(), word.size());
  }
  Slot append(std::string_view word, uint64_t hash);
  void grow();

  std::vector<Slot> slots_;        // a power of two, at most two thirds full
  std::vector<Word> words_;        // [words]
  std::vector<uint32_t> records_;  // records, each in whole units
};

}  // namespace risetime::text
