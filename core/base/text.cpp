// Edit distance, numbers for people, and UTF-8 as a terminal shows it.
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace risetime::core {
namespace {

std::string plain(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else
      out += c == '-' || c == ' ' ? '_' : c;
  }
  return out;
}

struct Decoded {
  char32_t letter = 0;
  std::size_t size = 0;  // bytes; 0 where the bytes are no UTF-8
};

// The letter at the front of a text that is not empty. Overlong forms, surrogates and what is above U+10FFFF are no
// UTF-8.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return {};
  char32_t letter = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    letter = letter << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  if (letter < smallest[size] || letter > 0x10FFFF || (letter >= 0xD800 && letter <= 0xDFFF)) return {};
  return {letter, size};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t Count>
bool within(const std::array<Range, Count>& ranges, char32_t letter) {
  const auto found =
      std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) { return letter <= range.last; });
  return found != ranges.end() && letter >= found->first;
}

// The marks that terminals draw over the letter before (Unicode categories Mn, Me and Cf), in the blocks seen in
// titles.
constexpr std::array<Range, 24> zero_width = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},   Range{0x064B, 0x065F},
    Range{0x06D6, 0x06DC}, Range{0x0900, 0x0902}, Range{0x093C, 0x093C}, Range{0x0941, 0x0948},   Range{0x094D, 0x094D},
    Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E}, Range{0x1AB0, 0x1AFF},   Range{0x1DC0, 0x1DFF},
    Range{0x200B, 0x200F}, Range{0x202A, 0x202E}, Range{0x2060, 0x2064}, Range{0x2066, 0x2069},   Range{0x20D0, 0x20FF},
    Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0xE0100, 0xE01EF},
};
// East Asian Width W and F (UAX #11), and the pictures that terminals draw over two columns.
constexpr std::array<Range, 15> double_width = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},   Range{0x2E80, 0x303E},
    Range{0x3041, 0xA4CF},   Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
    Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};
constexpr std::array<Range, 3> direction_marks = {Range{0x200E, 0x200F}, Range{0x202A, 0x202E}, Range{0x2066, 0x2069}};

std::size_t columns(char32_t letter) {
  if (letter < 0x300) return 1;
  if (within(zero_width, letter)) return 0;
  return within(double_width, letter) ? 2 : 1;
}

void append_escaped_byte(std::string& out, char byte) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  out += buffer;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::optional<std::string> did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest =
      100;  // nobody misspells a name of this length by a letter, and the distance is quadratic
  if (word.empty() || word.size() > longest) return std::nullopt;
  const std::string sought = plain(word);
  const std::string* nearest = nullptr;
  std::size_t smallest = 0;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::size_t distance = edit_distance(sought, plain(candidate));
    const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
    if (distance > allowed || distance >= std::max(word.size(), candidate.size())) continue;
    if (nearest == nullptr || distance < smallest) {
      nearest = &candidate;
      smallest = distance;
    }
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::string join_words(const std::vector<std::string>& words, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
    out += words[i];
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 100;
  return "\"" + shorten(text, longest) + "\"";
}

std::string group_digits(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t sign = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string exact_number(double value) {
  constexpr double whole_below = 1e15;
  if (std::fabs(value) < whole_below && value == std::floor(value))
    return group_digits(static_cast<std::int64_t>(value));
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string short_number(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  constexpr std::array<const char*, 5> names = {"", "K", "M", "B", "T"};
  double size = std::fabs(value);
  std::size_t unit = 0;
  // What would be rounded up to 1000 takes the next unit: 999,999 is "1M", not "1000K".
  while (size >= 999.5 && unit + 1 < names.size()) {
    size /= 1000;
    ++unit;
  }
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", size < 99.95 && (unit > 0 || size != std::floor(size)) ? 1 : 0, size);
  std::string out = buffer;
  if (out.size() > 2 && out.ends_with(".0")) out.resize(out.size() - 2);
  return (value < 0 && out != "0" ? "-" : "") + out + names[unit];
}

bool mentions(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto is_part_of_a_word = [&](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (word.empty()) return false;
  const auto same = [&](char a, char b) { return lower(a) == lower(b); };
  for (auto at = text.begin();; ++at) {
    at = std::search(at, text.end(), word.begin(), word.end(), same);
    if (at == text.end()) return false;
    const auto behind = at + static_cast<std::ptrdiff_t>(word.size());
    if ((at == text.begin() || !is_part_of_a_word(*(at - 1))) && (behind == text.end() || !is_part_of_a_word(*behind)))
      return true;
  }
}

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = decode(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string terminal_safe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    const std::size_t size = std::max<std::size_t>(1, next.size);
    if (text.front() == '\n') {
      out += "\\n";
    } else if (text.front() == '\t') {
      out += "\\t";
    } else if (next.size == 0 || next.letter < 0x20 || (next.letter >= 0x7F && next.letter < 0xA0)) {
      for (const char byte : text.substr(0, size)) append_escaped_byte(out, byte);
    } else if (within(direction_marks, next.letter)) {
      char buffer[16];
      std::snprintf(buffer, sizeof buffer, "\\u{%04x}", static_cast<unsigned>(next.letter));
      out += buffer;
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Decoded next = decode(text);
    width += next.size == 0 ? 1 : columns(next.letter);
    text.remove_prefix(std::max<std::size_t>(1, next.size));
  }
  return width;
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(text) + std::string(width > taken ? width - taken : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(width > taken ? width - taken : 0, ' ') + std::string(text);
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t taken = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const Decoded next = decode(rest);
    const std::size_t needed = next.size == 0 ? 1 : columns(next.letter);
    if (taken + needed > width - 1) break;
    taken += needed;
    rest.remove_prefix(std::max<std::size_t>(1, next.size));
  }
  return std::string(text.substr(0, text.size() - rest.size())) + "\u2026";
}

}  // namespace risetime::core
