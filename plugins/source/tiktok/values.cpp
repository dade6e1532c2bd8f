// Reads what people write for counts, times and lengths.
#include "values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace risetime::tiktok {
namespace {

constexpr std::int64_t second = 1'000'000;  // microseconds

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// The whole text as a number of so many digits within a range, taken from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count, int low, int high) {
  if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit))
    return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + count, value);
  if (value < low || value > high) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || lower(text.front()) != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// Days since 1970 of a day of the Gregorian calendar; years are counted from March, so that a leap day is the last.
std::int64_t days_since_1970(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400, of_era = year % 400;
  const std::int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

int days_of(int year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

// ".123" in microseconds; digits behind the sixth are dropped.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (text.empty() || (text.front() != '.' && text.front() != ',')) return 0;
  text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::int64_t fraction = 0, unit = second / 10;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), unit /= 10)
    fraction += unit * (text.front() - '0');
  return fraction;
}

// "15:38", "15:38:41", "15:38:41.123" since midnight.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_digits(text, 2, 0, 23);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2, 0, 59);
  if (!minute) return std::nullopt;
  std::int64_t time = (*hour * 3600 + *minute * 60) * second;
  if (!take(text, ':')) return time;
  const auto seconds = take_digits(text, 2, 0, 60);  // 60: a leap second
  if (!seconds) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return time + *seconds * second + *fraction;
}

std::optional<Moment> parse_written_time(std::string_view text, std::int64_t offset) {
  const auto year = take_digits(text, 4, 1970, 9999);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2, 1, 12);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2, 1, days_of(*year, *month));
  if (!day) return std::nullopt;
  Moment moment{days_since_1970(*year, *month, *day) * 86'400 * second, false};
  if (!text.empty()) {
    if (!take(text, 't') && !take(text, ' ')) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock) return std::nullopt;
    moment.time += *clock;
  }
  text = trimmed(text);
  moment.has_zone = !text.empty();
  const auto zone = text.empty() ? std::optional(offset) : parse_zone(text);
  if (!zone) return std::nullopt;
  moment.time -= *zone;
  return moment.time < 0 ? std::nullopt : std::optional(moment);
}

// "PT1H2M3.5S".
std::optional<double> parse_iso_length(std::string_view text) {
  if (!take(text, 'p') || !take(text, 't') || text.empty()) return std::nullopt;
  double seconds = 0;
  std::string_view units = "hms";
  while (!text.empty()) {
    double amount = 0;
    const auto [end, failure] =
        std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
    if (failure != std::errc() || !(amount >= 0 && amount <= 1e6) || end == text.data() + text.size())
      return std::nullopt;
    const std::size_t unit = units.find(lower(*end));
    if (unit == std::string_view::npos) return std::nullopt;
    seconds += amount * (units[unit] == 'h' ? 3600 : units[unit] == 'm' ? 60 : 1);
    units.remove_prefix(unit + 1);  // each unit once, the larger first
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return seconds;
}

// "1:02:03": the parts behind the first have two digits below 60.
std::optional<double> parse_clock_length(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || seconds < 0 || seconds > 1'000'000) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  int parts = 1;
  for (; !text.empty() && parts < 3; ++parts) {
    if (!take(text, ':')) return std::nullopt;
    const auto part = take_digits(text, 2, 0, 59);
    if (!part) return std::nullopt;
    seconds = seconds * 60 + *part;
  }
  return text.empty() && parts > 1 ? std::optional(static_cast<double>(seconds)) : std::nullopt;
}

}  // namespace

bool is_blank(std::string_view text) {
  std::string small(trimmed(text));
  if (small.size() > 4) return false;
  std::transform(small.begin(), small.end(), small.begin(), lower);
  constexpr std::array<std::string_view, 8> blanks{"", "-", "na", "n/a", "nan", "null", "none", "\\n"};
  return std::find(blanks.begin(), blanks.end(), small) != blanks.end();
}

std::optional<std::int64_t> parse_count(std::string_view given) {
  std::string_view text = trimmed(given);
  // A word behind the number says only what is counted: "302 videos".
  const std::size_t blank = text.find(' ');
  if (blank != std::string_view::npos) {
    const std::string_view word = trimmed(text.substr(blank));
    const bool is_word =
        std::all_of(word.begin(), word.end(), [](char c) { return lower(c) >= 'a' && lower(c) <= 'z'; });
    if (!is_word) return std::nullopt;
    text = text.substr(0, blank);
  }
  double scale = 1;
  if (!text.empty()) {
    const char unit = lower(text.back());
    scale = unit == 'k' ? 1e3 : unit == 'm' ? 1e6 : unit == 'b' ? 1e9 : 1;
    if (scale > 1) text.remove_suffix(1);
  }
  std::string digits;
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',') {  // groups of three digits, before the point only
      const std::size_t behind = point - std::min(point, i) - 1;
      if (i == 0 || i > point || behind == 0 || behind % 4 != 3) return std::nullopt;
      continue;
    }
    digits += text[i];
  }
  if (digits.empty() || !is_digit(digits.front())) return std::nullopt;  // no sign, no "nan"
  const auto* const end = digits.data() + digits.size();
  std::int64_t whole = 0;
  const auto read = std::from_chars(digits.data(), end, whole);
  if (scale == 1 && read.ec == std::errc() && read.ptr == end) return whole;
  double value = 0;
  const auto [stop, failure] = std::from_chars(digits.data(), end, value);
  if (failure != std::errc() || stop != end) return std::nullopt;
  value *= scale;
  if (!(value < 9e15)) return std::nullopt;
  const double rounded = std::round(value);
  if (scale == 1 && value != rounded) return std::nullopt;  // "3.5" is no count; "3.5K" was rounded by who wrote it
  return static_cast<std::int64_t>(rounded);
}

std::optional<double> parse_length(std::string_view given) {
  const std::string_view text = trimmed(given);
  if (text.empty()) return std::nullopt;
  if (lower(text.front()) == 'p') return parse_iso_length(text);
  if (text.find(':') != std::string_view::npos) return parse_clock_length(text);
  double seconds = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (failure != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && seconds <= 1e9))
    return std::nullopt;
  return seconds;
}

std::optional<Moment> parse_time(std::string_view given, std::int64_t offset) {
  const std::string_view text = trimmed(given);
  if (text.size() > 4 && text[4] == '-') return parse_written_time(text, offset);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size() || !(number >= 1e8 && number < 9e18))
    return std::nullopt;
  std::int64_t whole = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
  const bool is_whole = read.ec == std::errc() && read.ptr == end;
  if (number < 1e11)
    return Moment{is_whole ? whole * second : static_cast<std::int64_t>(std::llround(number * 1e6)), true};
  if (!is_whole) whole = static_cast<std::int64_t>(number);
  if (number < 1e14) return Moment{whole * 1000, true};
  if (number < 1e17) return Moment{whole, true};
  return Moment{whole / 1000, true};
}

std::optional<std::int64_t> parse_zone(std::string_view text) {
  if (text == "UTC" || text == "Z" || text == "z" || text == "GMT") return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2, 0, 14);
  if (!hours) return std::nullopt;
  take(text, ':');
  const auto minutes = text.empty() ? std::optional(0) : take_digits(text, 2, 0, 59);
  if (!minutes || !text.empty()) return std::nullopt;
  return (west ? -1 : 1) * (*hours * 60 + *minutes) * 60 * second;
}

std::optional<std::int64_t> time_of_id(std::string_view id) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failure != std::errc() || end != id.data() + id.size()) return std::nullopt;
  const auto seconds = static_cast<std::int64_t>(number >> 32U);
  constexpr std::int64_t first = 1'388'534'400, last = 4'102'444'800;  // 2014, 2100
  if (seconds < first || seconds >= last) return std::nullopt;
  return seconds * second;
}

bool is_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t length = std::min(text.size(), most);
  while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return std::string(text.substr(0, length));
}

}  // namespace risetime::tiktok
