// Finds the words of a text: NFKC, case folding and the word boundaries of UAX #29, with a short way for ASCII.
#pragma once

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "word_table.hpp"

namespace risetime::text {

/// How a character takes part in the boundary rules of UAX #29, section 4.1.
enum class WordClass : uint8_t {
  other,       // stands alone and is no word: punctuation, symbols, space
  letter,      // ALetter
  digit,       // Numeric
  connector,   // ExtendNumLet: underscores
  mid_letter,  // MidLetter: between letters only
  mid_number,  // MidNum: between digits only
  mid_either,  // MidNumLet and the apostrophe: between two letters or two digits
  quote,       // the double quote: between Hebrew letters only, so it ends no piece
  extend,      // Extend, Format: belongs to the character before it
  beyond,      // needs ICU's own rules: dictionaries (Thai, Chinese, Japanese), Hebrew, emoji
};

/// The tables that all breakers share. Immutable once made, so any number of threads may read it.
class WordRules {
 public:
  /// Throws Error(Code::internal) if ICU's data is missing.
  WordRules();

  WordClass ascii(unsigned char byte) const { return ascii_[byte]; }
  WordClass of(uint32_t code_point) const {
    return code_point < basic_plane_.size() ? basic_plane_[code_point] : WordClass::beyond;
  }
  const icu::Normalizer2& fold() const { return *fold_; }
  std::unique_ptr<icu::BreakIterator> boundaries() const;
  /// The Unicode version of ICU's tables: words found under another may differ.
  static std::string unicode_version();

 private:
  std::array<WordClass, 256> ascii_{};  // bytes of 0x80 and above are `beyond`
  std::vector<WordClass> basic_plane_;  // [65536]
  const icu::Normalizer2* fold_;        // NFKC_Casefold; ICU's own, never freed
  std::unique_ptr<icu::BreakIterator> boundaries_;
};

/// A word of a text; its bytes are WordBreaker::text_of(word).
struct Word {
  uint64_t hash;    // hash_bytes() of the bytes
  uint32_t offset;  // into the breaker's memory
  uint32_t length;  // bytes
};

/// Splits texts into folded words. Holds scratch memory: one for each thread.
class WordBreaker {
 public:
  explicit WordBreaker(const WordRules& rules) : rules_(rules) {}

  /// The words of a UTF-8 text, in order, folded (NFKC_Casefold), until the next call. A word has a letter, a digit or
  /// an emoji. Bytes that are not UTF-8 count as U+FFFD, which is no word. Throws Error(Code::input) for a text of 1
  /// GiB or more.
  const std::vector<Word>& words_of(std::string_view text);
  std::string_view text_of(const Word& word) const { return {memory_.data() + word.offset, word.length}; }

 private:
  struct Character {
    WordClass kind;
    uint32_t end;  // byte offset behind it
  };

  WordClass class_at(std::string_view text, size_t at) const {
    return rules_.ascii(static_cast<unsigned char>(text[at]));
  }

  /// UAX #29 where every character is ASCII; the piece of the text has no character of class `other`.
  void add_ascii_words(std::string_view text, size_t begin, size_t end);
  void add_word(size_t begin, size_t end) {
    words_.push_back({hash_bytes({memory_.data() + begin, end - begin}), static_cast<uint32_t>(begin),
                      static_cast<uint32_t>(end - begin)});
  }

  static bool is_joiner(WordClass c) {
    return c == WordClass::letter || c == WordClass::digit || c == WordClass::connector;
  }
  /// Whether `mid` between two characters of class `side` holds them together.
  static bool joins(WordClass side, WordClass mid) {
    if (side == WordClass::letter) return mid == WordClass::mid_letter || mid == WordClass::mid_either;
    return side == WordClass::digit && (mid == WordClass::mid_number || mid == WordClass::mid_either);
  }

  /// Fills `memory_` with the folded ASCII, and the two masks, a bit a byte of the text.
  void scan(std::string_view text);
  void keep_marks_inside_words();
  /// The first byte from `at` on that belongs to a piece, and the first behind it that does not; the text's size if
  /// there is none.
  size_t next_inside(size_t at) const { return next_bit(at, 0); }
  size_t next_outside(size_t at) const { return next_bit(at, ~uint64_t{0}); }
  size_t next_bit(size_t at, uint64_t flip) const {
    size_t block = at / 64;
    if (at >= size_) return size_;
    uint64_t bits = (inside_[block] ^ flip) >> (at % 64);
    if (bits != 0) return std::min(size_, at + static_cast<size_t>(__builtin_ctzll(bits)));
    for (++block; block < inside_.size(); ++block)
      if ((bits = inside_[block] ^ flip) != 0)
        return std::min(size_, block * 64 + static_cast<size_t>(__builtin_ctzll(bits)));
    return size_;
  }
  bool any_special(size_t begin, size_t end) const {
    for (size_t block = begin / 64; block <= (end - 1) / 64; ++block) {
      uint64_t bits = special_[block];
      if (block == begin / 64) bits &= ~uint64_t{0} << (begin % 64);
      if (block == (end - 1) / 64) bits &= ~uint64_t{0} >> (63 - (end - 1) % 64);
      if (bits != 0) return true;
    }
    return false;
  }
  static bool is_ascii(std::string_view piece) {
    unsigned char bits = 0;
    for (const char c : piece) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
    return bits < 0x80;
  }

  /// Adds the words of a piece that is not ASCII. They are remembered, because the same names come again and again.
  void add_unicode_words(std::string_view piece);
  void remember(std::string_view piece, size_t first_word);
  void append_word(std::string_view folded);
  bool classify();
  void break_by_rules();
  bool is_word(int32_t begin, int32_t end) const;
  void break_by_icu();

  const WordRules& rules_;
  size_t size_ = 0;     // of the text
  std::string memory_;  // the text with ASCII's capitals folded, then words that were folded otherwise
  std::vector<Word> words_;
  std::vector<uint64_t> inside_;   // bytes that belong to pieces
  std::vector<uint64_t> special_;  // bytes of classes that need a closer look
  std::string folded_;
  std::vector<Character> characters_;
  icu::UnicodeString wide_;
  std::string icu_word_;
  std::unique_ptr<icu::BreakIterator> boundaries_;  // made when first needed
  WordTable pieces_;                                // seen before; the value is the range of their words in remembered_
  std::vector<Word> remembered_;                    // offsets into remembered_bytes_
  std::string remembered_bytes_;
};

}  // namespace risetime::text
