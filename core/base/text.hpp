// Text for people: suggestions for misspelt names, numbers, and strings that are safe and straight in a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

// How many letters must be inserted, deleted, changed or swapped with their neighbour to turn one word into the other
// (optimal string alignment). Bytes, not letters, of what is not ASCII. O(a * b) time, O(b) memory.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that `word` was probably meant to be: the nearest one that differs in at most a third of its letters
// (one letter at least); upper case, '-', '_' and ' ' make no difference. Nothing where none is near.
std::optional<std::string> did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// "a", "a or b", "a, b or c".
std::string join_words(const std::vector<std::string>& words, std::string_view last = "or");

// The text between double quotes, for a message; what is longer than 100 columns is shortened.
std::string in_quotes(std::string_view text);

// 1234567 -> "1,234,567".
std::string group_digits(std::int64_t value);
// Whole numbers as above, others in the shortest form that reads back the same: 1e6 -> "1,000,000", 0.1 -> "0.1".
std::string exact_number(double value);
// 1234567 -> "1.2M", 999 -> "999", 0.5 -> "0.5"; three digits at most, units K M B T. "-" for NaN.
std::string short_number(double value);

bool valid_utf8(std::string_view text);

// Whether the word stands in the text by itself: letters without their case (of ASCII), and neither a letter, a digit
// nor "_" before or behind it. An empty word stands nowhere.
bool mentions(std::string_view text, std::string_view word);

// What a terminal cannot misunderstand: control characters as \xNN (a newline as \n, a tab as \t), bytes that are no
// UTF-8 as \xNN, and the marks that reverse the direction of text as \u{NNNN}.
std::string terminal_safe(std::string_view text);

// Columns of a terminal that valid UTF-8 takes: 0 for combining marks, 2 for East Asian wide letters and pictures,
// else 1.
std::size_t display_width(std::string_view text);
// Fills up with blanks to `width` columns, on the right or on the left; longer texts stay as they are.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);
// At most `width` columns; a cut is marked by an ellipsis. Never cuts a letter from its combining marks.
std::string shorten(std::string_view text, std::size_t width);

}  // namespace risetime::core
