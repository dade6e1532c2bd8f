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
#include <risetime/span.hpp>
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
  /// The only ones, made when first asked for. Throws Error(Code::internal) if ICU's data is missing.
  static const WordRules& shared();

  WordClass ascii(unsigned char byte) const { return ascii_[byte]; }
  WordClass of(uint32_t code_point) const {
    return code_point < basic_plane_.size() ? basic_plane_[code_point] : WordClass::beyond;
  }
  const icu::Normalizer2& fold() const { return *fold_; }
  /// What this character is folded to, if that is one character of the basic plane whatever stands around it; else 0.
  uint32_t folded(uint32_t code_point) const { return code_point < folded_.size() ? folded_[code_point] : 0; }
  std::unique_ptr<icu::BreakIterator> boundaries() const;
  /// The Unicode version of ICU's tables: words found under another may differ.
  static std::string unicode_version();

 private:
  WordRules();

  std::array<WordClass, 256> ascii_{};  // bytes of 0x80 and above are `beyond`
  std::vector<WordClass> basic_plane_;  // [65536]
  std::vector<uint16_t> folded_;        // [12288], up to Thai and beyond; ideographs come to ICU anyway
  const icu::Normalizer2* fold_;        // NFKC_Casefold; ICU's own, never freed
  std::unique_ptr<icu::BreakIterator> boundaries_;
};

/// Splits texts into folded words and numbers the words as they come. What it has met once it knows again by a look-up:
/// the same words and names come all the time. One for each thread.
class WordBreaker {
 public:
  explicit WordBreaker(const WordRules& rules) : rules_(rules) {}

  /// The words of a UTF-8 text, in order, as indices into words(), until the next call. Words are folded
  /// (NFKC_Casefold) and have a letter, a digit or an emoji. Bytes that are not UTF-8 count as U+FFFD, which is no
  /// word. Throws Error(Code::input) for a text of 1 GiB or more.
  Span<const uint32_t> words_of(std::string_view text);
  /// The same, and keeps the words for when the same texts come again in the same order, as they do when the videos
  /// that were learnt from are described.
  Span<const uint32_t> words_of_and_keep(std::string_view text);
  /// All words met so far, and pieces of text that are several words or other ones.
  const WordTable& words() const { return words_; }
  /// Begins anew: all indices are void.
  void forget();
  /// Room for the words and texts of so many videos.
  void reserve(size_t videos);

 private:
  enum class Need { nothing, boundaries, folding };  // of ICU
  struct Character {
    WordClass kind;
    uint32_t end;  // byte offset behind it
  };

  WordClass class_at(std::string_view text, size_t at) const {
    return rules_.ascii(static_cast<unsigned char>(text[at]));
  }

  static bool is_joiner(WordClass c) {
    return c == WordClass::letter || c == WordClass::digit || c == WordClass::connector;
  }
  /// Whether `mid` between two characters of class `side` holds them together.
  static bool joins(WordClass side, WordClass mid) {
    if (side == WordClass::letter) return mid == WordClass::mid_letter || mid == WordClass::mid_either;
    return side == WordClass::digit && (mid == WordClass::mid_number || mid == WordClass::mid_either);
  }

  /// Fills `memory_` with the text, ASCII folded, `inside_` and `special_`.
  void scan(std::string_view text);
  void keep_marks_inside_words();
  void break_text(std::string_view text);
  void find_pieces();
  void add_piece(size_t begin, size_t end);
  bool is_plain_word(std::string_view piece) const;
  void break_piece(const Key& piece);
  void remember(const Key& piece, size_t first_word);
  static bool is_ascii(std::string_view piece) {
    unsigned char bits = 0;
    for (const char c : piece) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
    return bits < 0x80;
  }

  /// UAX #29 where every character is ASCII.
  void add_ascii_words(std::string_view piece);
  void add_unicode_words(std::string_view piece);
  void add_word(std::string_view folded) { found_.push_back(words_.add(Key(folded)).index); }
  Need fold_by_table(std::string_view piece);
  void fold_by_icu(std::string_view piece);
  bool classify();
  void break_by_rules();
  bool makes_word(UChar32 c) const;
  void break_by_icu();

  static constexpr uint32_t unknown = 0, is_itself = 1, first_list = 2;

  const WordRules& rules_;
  WordTable words_;  // value: how the piece of these bytes breaks: unknown, is_itself, or first_list + place in lists_
  std::vector<uint32_t> lists_;  // one behind the other: how many words a piece is, then their indices
  std::vector<uint32_t> found_;
  std::vector<uint64_t> texts_;           // digests of those that were kept
  size_t next_text_ = 0;                  // which of them is expected: a text is taken for that one only
  std::vector<size_t> text_begin_ = {0};  // [texts + 1] into text_words_
  std::vector<uint32_t> text_words_;
  std::string memory_;             // the text, readable beyond its end as far as keys need it
  std::vector<uint64_t> inside_;   // a bit a byte of the text: belongs to a piece
  std::vector<uint64_t> special_;  // the same: a class that needs a closer look
  std::vector<Key> pieces_;        // what stands between bytes of class `other`, in memory_
  std::string folded_;
  std::vector<Character> characters_;
  icu::UnicodeString wide_;
  std::unique_ptr<icu::BreakIterator> boundaries_;  // made when first needed
};

}  // namespace risetime::text
