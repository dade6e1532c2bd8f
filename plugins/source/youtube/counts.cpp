// Reading of counts: the text is brought to one form (ASCII digits, one kind of blank, lower case), the number is taken
// off, then the unit behind it.
#include "counts.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "count_words.hpp"

namespace risetime::youtube {
namespace {

// Separators whose meaning is certain, unlike that of "." and ",".
constexpr char32_t decimal_mark = U'٫';
constexpr char32_t group_mark = U'٬';

// Where the ten digits of a script begin.
constexpr char32_t zeros[] = {U'٠', U'۰', U'०', U'০', U'੦', U'૦', U'௦', U'౦',
                              U'೦', U'൦', U'๐', U'໐', U'၀', U'០', U'０'};

char32_t plain_digit(char32_t c) {
  for (const char32_t zero : zeros)
    if (c >= zero && c < zero + 10) return U'0' + (c - zero);
  return c;
}

bool is_direction_mark(char32_t c) {  // invisible marks of Arabic and Hebrew texts, and joiners
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
         c == 0x061C;
}

char32_t plain(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if ((c >= U'А' && c <= U'Я') || (c >= U'À' && c <= U'Þ' && c != U'×')) return c + 32;
  if (c == 0xA0 || c == 0x202F || (c >= 0x2000 && c <= 0x200A) || c == U'\t' || c == U'\n' || c == U'\r') return U' ';
  if (c == U'，') return U',';
  if (c == U'．') return U'.';
  if (c == U'’') return U'\'';
  return plain_digit(c);
}

// Bytes that are no UTF-8 become blanks.
std::u32string normalized(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (i + length > text.size()) break;
    char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) code = code << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    i += length;
    if (!is_direction_mark(code)) out += plain(code);
  }
  return out;
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

// Of scripts that put no blanks between words, a unit may be followed by anything.
bool joins_words(char32_t c) { return c >= 0x2E80 || (c >= 0x0E00 && c <= 0x0EFF); }

bool is_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') ||
         (c >= 0xC0 && c < 0x2000 && c != U'×' && c != U'÷' && c != group_mark && c != decimal_mark && !joins_words(c));
}

struct Number {
  std::string digits;        // of the whole number and the fraction
  std::size_t fraction = 0;  // how many of them are the fraction's
  std::size_t end = 0;       // where it ends in the text
};

// The groups of digits from `at`, with the separators before them.
struct Groups {
  std::vector<std::string> digits;
  std::u32string separators;
  std::size_t end = 0;
};

std::size_t digits_at(std::u32string_view text, std::size_t at) {
  std::size_t length = 0;
  while (at + length < text.size() && is_digit(text[at + length])) ++length;
  return length;
}

Groups groups_at(std::u32string_view text, std::size_t at) {
  constexpr std::u32string_view marks = U".,' ٫٬";
  Groups groups;
  while (true) {
    const std::size_t length = digits_at(text, at);
    std::string digits;
    for (std::size_t i = 0; i < length; ++i) digits += static_cast<char>(text[at + i]);
    groups.digits.push_back(std::move(digits));
    at += length;
    groups.end = at;
    if (at + 1 >= text.size() || marks.find(text[at]) == std::u32string_view::npos) return groups;
    const std::size_t next = digits_at(text, at + 1);
    // A blank is a separator only between groups of three: "3 2024" are two numbers.
    if (next == 0 || (text[at] == U' ' && (next != 3 || groups.digits.back().size() > 3))) return groups;
    groups.separators += text[at];
    ++at;
  }
}

// Whether the last group is a fraction: "1.2", "1,2", "1,234.5", but not "1.234" nor "12,34,567".
bool ends_in_fraction(const Groups& groups) {
  const std::u32string& marks = groups.separators;
  if (marks.empty() || marks.back() == group_mark || marks.back() == U' ' || marks.back() == U'\'') return false;
  if (marks.back() == decimal_mark) return true;
  if (marks.size() > 1) return marks.back() != marks[marks.size() - 2];
  return groups.digits.back().size() != 3 || groups.digits.front() == "0";
}

std::optional<Number> number_at(std::u32string_view text, std::size_t at) {
  const Groups groups = groups_at(text, at);
  Number number;
  number.end = groups.end;
  const bool fraction = ends_in_fraction(groups);
  const std::size_t whole = groups.digits.size() - (fraction ? 1 : 0);
  for (std::size_t i = 0; i < whole; ++i) {
    const std::size_t length = groups.digits[i].size();
    const bool last = i + 1 == whole;
    // Groups have three digits, in India two before the last three; the first may be shorter.
    if (whole > 1 && i > 0 && length != 3 && (last || length != 2)) return std::nullopt;
    number.digits += groups.digits[i];
  }
  if (fraction) {
    number.digits += groups.digits.back();
    number.fraction = groups.digits.back().size();
  }
  return number;
}

bool names_language(std::string_view languages, std::string_view language) {
  while (!languages.empty() && !language.empty()) {
    const std::size_t blank = languages.find(' ');
    const std::string_view one = languages.substr(0, blank);
    if (one == language || (language.size() > one.size() && language.substr(0, one.size()) == one &&
                            (language[one.size()] == '-' || language[one.size()] == '_')))
      return true;
    languages = blank == std::string_view::npos ? std::string_view() : languages.substr(blank + 1);
  }
  return false;
}

// The unit at `at`; the longest that fits and ends with its word.
const CountUnit* unit_at(std::u32string_view text, std::size_t at, std::string_view language) {
  const CountUnit* best = nullptr;
  for (const CountUnit& unit : count_units) {
    if (text.substr(at, unit.text.size()) != unit.text) continue;
    const bool ours = names_language(unit.languages, language);
    if (!unit.languages.empty() && !ours) continue;
    const std::size_t end = at + unit.text.size();
    if (end < text.size() && is_letter(text[end]) && !joins_words(unit.text.back())) continue;
    if (best == nullptr || unit.text.size() > best->text.size() || (unit.text.size() == best->text.size() && ours))
      best = &unit;
  }
  return best;
}

std::string_view guessed_language(std::u32string_view text) {
  for (const LanguageSign& sign : language_signs)
    if (text.find(sign.text) != std::u32string_view::npos) return sign.language;
  return {};
}

// digits, shifted by the unit's exponent, as a whole number; further digits of the fraction are dropped.
std::optional<std::int64_t> scaled(const Number& number, int exponent) {
  std::string digits = number.digits;
  const auto shift = static_cast<std::ptrdiff_t>(exponent) - static_cast<std::ptrdiff_t>(number.fraction);
  if (shift >= 0) {
    digits.append(static_cast<std::size_t>(shift), '0');
  } else {
    digits.resize(digits.size() - std::min(digits.size(), static_cast<std::size_t>(-shift)));
  }
  std::int64_t value = 0;
  for (const char c : digits) {
    const int digit = c - '0';
    if (value > (std::numeric_limits<std::int64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::size_t behind_blanks(std::u32string_view text, std::size_t at) {
  while (at < text.size() && text[at] == U' ') ++at;
  return at;
}

std::optional<Count> count_at(std::u32string_view text, std::size_t at, std::string_view language) {
  const auto number = number_at(text, at);
  if (!number) return std::nullopt;
  const std::size_t behind = behind_blanks(text, number->end);
  const CountUnit* unit = unit_at(text, behind, language);
  if (unit == nullptr && number->fraction > 0) return std::nullopt;  // "1.5": no count of anything
  const auto value = scaled(*number, unit == nullptr ? 0 : unit->exponent);
  if (!value) return std::nullopt;
  Count count{*value, unit == nullptr};
  // "1억 2,345만", "1億2345万": the smaller unit is added.
  if (unit != nullptr && unit->text.front() >= 0x2E80) {
    const std::size_t next = behind_blanks(text, behind + unit->text.size());
    if (next < text.size() && is_digit(text[next])) {
      const auto smaller = number_at(text, next);
      const CountUnit* below = smaller ? unit_at(text, behind_blanks(text, smaller->end), language) : nullptr;
      const auto more = below != nullptr && below->exponent < unit->exponent && smaller->fraction == 0
                            ? scaled(*smaller, below->exponent)
                            : std::nullopt;
      if (more && *more <= std::numeric_limits<std::int64_t>::max() - count.value) count.value += *more;
    }
  }
  return count;
}

bool says_none(std::u32string_view text) {
  return std::any_of(std::begin(words_of_none), std::end(words_of_none),
                     [&](std::u32string_view words) { return text.find(words) != std::u32string_view::npos; });
}

}  // namespace

std::optional<Count> parse_count(std::string_view text, std::string_view language) {
  constexpr std::size_t longest = 4000;  // a count stands near the beginning of its text
  const std::u32string plain_text = normalized(text.substr(0, longest));
  const auto first = std::find_if(plain_text.begin(), plain_text.end(), is_digit);
  if (first == plain_text.end()) return says_none(plain_text) ? std::optional<Count>(Count{}) : std::nullopt;
  const auto at = static_cast<std::size_t>(first - plain_text.begin());
  if (at > 0 && (plain_text[at - 1] == U'-' || plain_text[at - 1] == U'−')) return std::nullopt;
  return count_at(plain_text, at, language.empty() ? guessed_language(plain_text) : language);
}

}  // namespace risetime::youtube
