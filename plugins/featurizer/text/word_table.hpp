// A hash table that numbers words in the order in which they come: the heart of counting and of looking up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hash.hpp"

namespace risetime::text {

/// Words numbered 0, 1, 2, ... Open addressing with linear probing; the bytes of all words lie in one buffer.
class WordTable {
 public:
  static constexpr uint32_t none = 0xffffffffU;

  size_t size() const { return words_.size(); }
  std::string_view word(uint32_t id) const { return {bytes_.data() + words_[id].offset, words_[id].length}; }
  uint64_t hash(uint32_t id) const { return words_[id].hash; }

  /// The word's number, or `none`.
  uint32_t find(std::string_view word, uint64_t hash) const {
    if (slots_.empty()) return none;
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.id == none || (slot.tag == tag_of(hash) && this->word(slot.id) == word)) return slot.id;
    }
  }

  /// The word's number; a new word gets the next one, which is the old size(). Throws std::length_error beyond 4 GiB of
  /// words.
  uint32_t add(std::string_view word, uint64_t hash) {
    if (words_.size() * 2 >= slots_.size()) grow();
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.id == none) return slot = {append(word, hash), tag_of(hash)}, slot.id;
      if (slot.tag == tag_of(hash) && this->word(slot.id) == word) return slot.id;
    }
  }

  void clear();

 private:
  struct Slot {
    uint32_t id = none;
    uint32_t tag = 0;  // the hash's high half: spares most comparisons of bytes
  };
  struct Word {
    uint64_t hash;
    uint64_t offset : 40;
    uint64_t length : 24;
  };

  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  uint32_t append(std::string_view word, uint64_t hash);
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::vector<Word> words_;
  std::string bytes_;
};

}  // namespace risetime::text
