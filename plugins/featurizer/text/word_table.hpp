// A hash table from words to numbers: the heart of counting and of looking up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "hash.hpp"

namespace risetime::text {

/// Bytes as a table looks for them. They must outlive it.
class Key {
 public:
  static constexpr size_t head_size = 16;

  /// Fewer than 2^32 - 1 bytes.
  explicit Key(std::string_view bytes) : bytes_(bytes.data()), length_(static_cast<uint32_t>(bytes.size())) {
    if (length_ >= head_size) {
      low_ = load<uint64_t>(bytes_);
      high_ = load<uint64_t>(bytes_ + 8);
    } else if (length_ >= 8) {
      low_ = load<uint64_t>(bytes_);
      high_ = load_tail(bytes_ + 8, length_ - 8);
    } else {
      low_ = load_tail(bytes_, length_);
    }
    hash();
  }
  /// The same without branches, of bytes that are readable up to `head_size`.
  static Key padded(const char* bytes, size_t length) {
    const size_t in_head = length < head_size ? length : head_size;
    Key key;
    key.bytes_ = bytes;
    key.length_ = static_cast<uint32_t>(length);
    key.low_ = load<uint64_t>(bytes) & lowest_bytes[in_head + 8];
    key.high_ = load<uint64_t>(bytes + 8) & lowest_bytes[in_head];
    key.hash();
    return key;
  }

  std::string_view bytes() const { return {bytes_, length_}; }

 private:
  friend class WordTable;

  /// [n]: the lowest n - 8 bytes of a number.
  static constexpr std::array<uint64_t, head_size + 9> lowest_bytes = [] {
    std::array<uint64_t, head_size + 9> masks{};
    for (size_t n = 9; n < masks.size(); ++n) masks[n] = masks[n - 1] << 8 | 0xff;
    return masks;
  }();

  void hash() {
    constexpr uint64_t first = 0x9e3779b97f4a7c15U, second = 0xc2b2ae3d27d4eb4fU;
    hash_ = fold(low_ ^ length_, first) ^ fold(high_ + 0xd6e8feb86659fd93U, second);
    for (size_t at = head_size; at < length_; at += 16) {
      const char* block = bytes_ + (at + 16 <= length_ ? at : length_ - 16);
      hash_ = fold(load<uint64_t>(block) ^ hash_, first) ^ fold(load<uint64_t>(block + 8) + hash_, second);
    }
  }
  Key() = default;

  const char* bytes_ = nullptr;
  uint64_t low_ = 0, high_ = 0;  // the first 16 bytes, zeros behind the last
  uint64_t hash_ = 0;            // where to look; nothing that is saved depends on it
  uint32_t length_ = 0;
};

/// Different words in the order in which they were added, each with its index and a number of the user's. Open
/// addressing with linear probing. A slot holds the first 16 bytes, so that a look-up of most words touches one line of
/// memory, which can be asked for ahead of time.
class WordTable {
 public:
  struct Entry {
    uint32_t index;  // how many words were added before it
    uint32_t value;  // 0 at first
  };

  size_t size() const { return words_.size(); }
  size_t bytes() const { return bytes_.size(); }  // of all words
  std::string_view word(size_t index) const { return {bytes_.data() + words_[index].begin, words_[index].length}; }

  /// Spreads words over tables; the same for the same bytes.
  uint64_t hash(size_t index) const { return words_[index].hash; }

  /// The word's entry, or null; valid until the next word is added.
  const Entry* find(const Key& key) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[place_of(key)];
    return slot.entry.index == none ? nullptr : &slot.entry;
  }
  /// The word's entry, made if there is none. Throws std::length_error when full.
  Entry& add(const Key& key) {
    if (words_.size() * 3 >= slots_.size() * 2) grow();
    Slot& slot = slots_[place_of(key)];
    if (slot.entry.index == none) fill(slot, key);
    return slot.entry;
  }
  /// Asks memory for what find() and add() will touch, of a key or of a word with this hash in another table.
  void fetch(const Key& key) const { fetch(key.hash_); }
  void fetch(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask_]);
  }

  void clear();
  /// Room for so many words of so many bytes: growing step by step would copy them again and again.
  void reserve(size_t words, size_t bytes);

 private:
  static constexpr uint32_t none = 0xffffffffU;
  struct alignas(32) Slot {  // two to a line of memory
    uint64_t low = 0, high = 0;
    uint32_t length = none;
    uint32_t begin = 0;  // in bytes_
    Entry entry{none, 0};
  };
  struct Word {
    uint64_t hash;
    uint32_t begin, length;
  };

  bool holds(const Slot& slot, const Key& key) const {
    if (((slot.low ^ key.low_) | (slot.high ^ key.high_) | (slot.length ^ key.length_)) != 0) return false;
    constexpr size_t head = Key::head_size;
    return key.length_ <= head ||
           std::memcmp(bytes_.data() + slot.begin + head, key.bytes_ + head, key.length_ - head) == 0;
  }
  /// The slot that holds the key, or the free one where it belongs.
  size_t place_of(const Key& key) const {
    size_t i = key.hash_ & mask_;
    while (!holds(slots_[i], key) && slots_[i].entry.index != none) i = (i + 1) & mask_;
    return i;
  }
  void fill(Slot& slot, const Key& key);
  void grow() { spread_over(slots_.empty() ? 1024 : slots_.size() * 2); }
  void spread_over(size_t slots);

  std::vector<Slot> slots_;  // a power of two, at most two thirds full
  size_t mask_ = 0;
  std::vector<Word> words_;
  std::vector<char> bytes_;
};

}  // namespace risetime::text
