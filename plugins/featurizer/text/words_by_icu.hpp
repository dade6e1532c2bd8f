// Finds words by nothing but ICU, slowly: what tests and fuzzers compare the short ways with.
#pragma once

#include <unicode/uchar.h>

#include <string>
#include <vector>

#include "words.hpp"

namespace risetime::text {

inline bool has_letter_or_digit(const icu::UnicodeString& word) {
  for (int32_t i = 0; i < word.length(); i = word.moveIndex32(i, 1)) {
    const UChar32 c = word.char32At(i);
    const int32_t kind = u_getIntPropertyValue(c, UCHAR_WORD_BREAK);
    if (u_isalnum(c) || kind == U_WB_ALETTER || kind == U_WB_NUMERIC) return true;
  }
  return false;
}

/// The same by nothing but ICU, over the whole text at once; "@" is no letter to UAX #29, though it is to ICU 72.
inline std::vector<std::string> words_by_icu(const WordRules& rules, const std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString folded = rules.fold().normalize(icu::UnicodeString::fromUTF8(text), status);
  folded.findAndReplace("@", " ");
  const auto boundaries = rules.boundaries();
  boundaries->setText(folded);
  std::vector<std::string> found;
  for (int32_t begin = boundaries->first(), end = boundaries->next(); end != icu::BreakIterator::DONE;
       begin = end, end = boundaries->next()) {
    const icu::UnicodeString word = folded.tempSubStringBetween(begin, end);
    const UChar32 first = folded.char32At(begin);
    const bool emoji = first >= 0x2000 && (u_hasBinaryProperty(first, UCHAR_EXTENDED_PICTOGRAPHIC) ||
                                           u_hasBinaryProperty(first, UCHAR_REGIONAL_INDICATOR));
    if (!has_letter_or_digit(word) && !emoji) continue;
    word.toUTF8String(found.emplace_back());
  }
  return found;
}

}  // namespace risetime::text
