// Counts as YouTube writes them for people: "1.2M views", "1,2 Mio. Aufrufe", "120 万", "١٫٢ مليون", "12,34,567".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace risetime::youtube {

struct Count {
  std::int64_t value = 0;  // never negative
  bool exact = true;       // false where it was written in thousands, millions, ... and is rounded
};

// The first count in a text of valid UTF-8, in the digits of any script; 0 for "No views" and its translations; nothing
// where there is none, or where it does not fit 64 bits.
//
// `language` is what the page was asked for ("en", "pt-PT"). A few abbreviations mean different things in different
// languages (Turkish "B" is a thousand, Indonesian "M" a billion); without the language it is guessed from the words
// around the number, and English is meant where they say nothing. The forms are those of Unicode's CLDR, version 42.
std::optional<Count> parse_count(std::string_view text, std::string_view language = {});

}  // namespace risetime::youtube
