// Finds the words of a text: NFKC, case folding and the word boundaries of UAX #29, with a short way for ASCII.
#pragma once

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

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

/// Splits texts into folded words. Holds scratch memory: one for each thread.
class WordBreaker {
 public:
  explicit WordBreaker(const WordRules& rules) : rules_(rules) {}

  /// Calls `sink(std::string_view word)` for each word of a UTF-8 text, in order, folded (NFKC_Casefold). A word has a
  /// letter, a digit or an emoji. Bytes that are not UTF-8 count as U+FFFD, which is no word. The view lives until
  /// `sink` returns.
  template <class Sink>
  void each(std::string_view text, Sink&& sink) {
    size_t at = 0;
    while (true) {
      while (at < text.size() && class_at(text, at) == WordClass::other) ++at;
      if (at == text.size()) return;
      const size_t begin = at;
      unsigned char bits = 0;
      for (; at < text.size() && class_at(text, at) != WordClass::other; ++at)
        bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(text[at]));
      const std::string_view piece = text.substr(begin, at - begin);
      if (bits < 0x80) {
        each_ascii(piece, sink);
      } else {
        for (const std::string_view word : words_of(piece)) sink(word);
      }
    }
  }

 private:
  struct Character {
    WordClass kind;
    uint32_t end;  // byte offset behind it
  };

  WordClass class_at(std::string_view text, size_t at) const {
    return rules_.ascii(static_cast<unsigned char>(text[at]));
  }

  /// UAX #29 where every character is ASCII; `piece` has no character of class `other`.
  template <class Sink>
  void each_ascii(std::string_view piece, Sink&& sink) {
    if (lower_.size() < piece.size()) lower_.resize(piece.size());
    for (size_t i = 0; i < piece.size(); ++i) {
      const char c = piece[i];
      lower_[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    const auto is_joiner = [](WordClass c) {
      return c == WordClass::letter || c == WordClass::digit || c == WordClass::connector;
    };
    size_t at = 0;
    while (at < piece.size()) {
      WordClass last = class_at(piece, at);
      const size_t begin = at++;
      if (!is_joiner(last)) continue;
      bool is_word = last != WordClass::connector;
      for (; at < piece.size(); ++at) {
        const WordClass next = class_at(piece, at);
        if (!is_joiner(next)) {
          if (at + 1 == piece.size() || class_at(piece, at + 1) != last || !joins(last, next)) break;
          ++at;
          continue;
        }
        last = next;
        is_word = is_word || next != WordClass::connector;
      }
      if (is_word) sink(std::string_view(lower_.data() + begin, at - begin));
    }
  }

  /// Whether `mid` between two characters of class `side` holds them together.
  static bool joins(WordClass side, WordClass mid) {
    if (side == WordClass::letter) return mid == WordClass::mid_letter || mid == WordClass::mid_either;
    return side == WordClass::digit && (mid == WordClass::mid_number || mid == WordClass::mid_either);
  }

  /// The words of a piece that is not ASCII; remembered, because the same names come again and again.
  const std::vector<std::string_view>& words_of(std::string_view piece);
  void remember(std::string_view piece);
  bool classify();
  void break_by_rules();
  bool is_word(int32_t begin, int32_t end) const;
  void break_by_icu();

  const WordRules& rules_;
  std::string lower_;
  std::string folded_;
  std::vector<Character> characters_;
  std::vector<std::string_view> found_;
  std::vector<std::string> icu_words_;
  icu::UnicodeString wide_;
  std::unique_ptr<icu::BreakIterator> boundaries_;  // made when first needed
  WordTable pieces_;                                // pieces seen before
  struct Range {
    uint32_t begin, end;
  };
  std::vector<Range> piece_words_;  // [pieces] into word_ids_
  WordTable piece_vocabulary_;      // their words
  std::vector<uint32_t> word_ids_;
};

}  // namespace risetime::text
