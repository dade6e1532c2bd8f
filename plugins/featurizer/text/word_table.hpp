// A hash table from words to numbers: the heart of counting and of looking up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "hash.hpp"

namespace risetime::text {

/// Words, each with a value, in the order in which they were added. Open addressing with linear probing. A slot leads
/// to a record that has all that a comparison needs, so a look-up touches two places of memory; both can be asked for
/// ahead of time.
class WordTable {
 public:
  size_t size() const { return words_.size(); }
  std::string_view word(size_t index) const { return at(words_[index].place)->word(); }
  uint64_t hash(size_t index) const { return words_[index].hash; }
  uint64_t value(size_t index) const { return at(words_[index].place)->value; }
  uint64_t& value(size_t index) { return at(words_[index].place)->value; }

  struct Record {  // the word's bytes follow it, up to a multiple of 8
    uint64_t value = 0;
    uint32_t length = 0;
    uint32_t index = 0;  // how many words were added before it
    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
    std::string_view word() const { return {bytes(), length}; }
  };

  /// The word's record, or null; valid until the next word is added.
  const Record* find(std::string_view word, uint64_t hash) const { return find<same_bytes>(word, hash); }
  /// The same for bytes that are readable up to a count that 8 divides.
  const Record* find_padded(std::string_view word, uint64_t hash) const { return find<same_padded_bytes>(word, hash); }

  /// The word's record, whose value is 0 if it is new. Throws std::length_error when full.
  Record& add(std::string_view word, uint64_t hash) {
    if (words_.size() * 3 >= slots_.size() * 2) grow();
    for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
      Slot& slot = slots_[i];
      if (slot.place == none) slot = append(word, hash);
      if (holds<same_bytes>(slot, word, hash)) return *at(slot.place);
    }
  }

  /// Two steps of asking memory for what find() and add() will touch.
  void fetch_slot(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask_]);
  }
  void fetch_record(uint64_t hash) const {
    if (slots_.empty()) return;
    const Slot& slot = slots_[hash & mask_];
    if (slot.place != none) __builtin_prefetch(&records_[slot.place]);
  }

  void clear();
  /// Room for so many words of so many bytes: growing step by step would copy them again and again.
  void reserve(size_t words, size_t bytes);

 private:
  static constexpr uint32_t none = 0xffffffffU;
  struct Slot {
    uint32_t place = none;  // of the record, in units of 8 bytes
    uint32_t tag = 0;       // the hash's high half: spares most comparisons of bytes
  };
  struct Word {
    uint64_t hash;
    uint32_t place;
  };

  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  const Record* at(uint32_t place) const { return reinterpret_cast<const Record*>(records_.data() + place); }
  Record* at(uint32_t place) { return reinterpret_cast<Record*>(records_.data() + place); }
  template <bool (*same)(const char*, const char*, size_t) noexcept>
  bool holds(const Slot& slot, std::string_view word, uint64_t hash) const {
    if (slot.tag != tag_of(hash)) return false;
    const Record& held = *at(slot.place);
    return held.length == word.size() && same(held.bytes(), word.data(), word.size());
  }
  template <bool (*same)(const char*, const char*, size_t) noexcept>
  const Record* find(std::string_view word, uint64_t hash) const {
    if (slots_.empty()) return nullptr;
    for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.place == none) return nullptr;
      if (holds<same>(slot, word, hash)) return at(slot.place);
    }
  }
  Slot append(std::string_view word, uint64_t hash);
  void grow() { spread_over(slots_.empty() ? 1024 : slots_.size() * 2); }
  void spread_over(size_t slots);

  std::vector<Slot> slots_;  // a power of two, at most two thirds full
  size_t mask_ = 0;
  std::vector<Word> words_;
  std::vector<uint64_t> records_;
};

}  // namespace risetime::text
