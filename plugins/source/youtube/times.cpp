// Reading of times and durations.
#include "times.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace risetime::youtube {
namespace {

// Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that leap days come last.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t shifted = month > 2 ? year : year - 1;
  const std::int64_t since_march = (month + 9) % 12;
  return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * since_march + 2) / 5 + day - 1 - 719468;
}

// Takes a number of exactly so many digits, and then one of the marks, off the front of a text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  std::int64_t number(std::size_t digits, std::int64_t low, std::int64_t high) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = i < rest_.size() ? rest_[i] : 'x';
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(std::min(digits, rest_.size()));
    if (value < low || value > high) ok_ = false;
    return value;
  }
  char mark(std::string_view marks) {
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (c == '\0' || marks.find(c) == std::string_view::npos) ok_ = false;
    rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
    return c;
  }
  // Fractions of a second, in microseconds; further digits are dropped.
  std::int64_t fraction() {
    if (rest_.empty() || rest_.front() != '.') return 0;
    std::int64_t value = 0;
    std::int64_t unit = 100'000;
    std::size_t used = 1;
    for (; used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9'; ++used, unit /= 10)
      value += unit * (rest_[used] - '0');
    if (used == 1) ok_ = false;
    rest_.remove_prefix(used);
    return value;
  }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool is_leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::int64_t days_in(std::int64_t year, std::int64_t month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number of at most `most` digits, taken off the front; -1 where none stands there, or a longer one.
std::int64_t take_number(std::string_view& text, std::size_t most) {
  std::size_t length = 0;
  std::int64_t value = 0;
  for (; length < text.size() && length <= most && is_digit(text[length]); ++length)
    value = value * 10 + (text[length] - '0');
  if (length == 0 || length > most) return -1;
  text.remove_prefix(length);
  return value;
}

// 1 to 12 by the first three letters of its English name, in any case; 0 for other words.
std::int64_t month_of(std::string_view word) {
  constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (word.size() < 3) return 0;
  std::string begin(word.substr(0, 3));
  std::transform(begin.begin(), begin.end(), begin.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t at = names.find(begin);
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<std::int64_t>(at / 3) + 1;
}

std::optional<std::int64_t> midnight(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
    return std::nullopt;
  return days_from_civil(year, month, day) * 86'400 * 1'000'000;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  TimeReader reader(text);
  const std::int64_t year = reader.number(4, 1970, 9999);
  reader.mark("-");
  const std::int64_t month = reader.number(2, 1, 12);
  reader.mark("-");
  const std::int64_t day = reader.number(2, 1, days_in(year, month));
  reader.mark("Tt ");
  const std::int64_t hours = reader.number(2, 0, 23);
  reader.mark(":");
  const std::int64_t minutes = reader.number(2, 0, 59);
  reader.mark(":");
  const std::int64_t seconds = reader.number(2, 0, 60);
  const std::int64_t fraction = reader.fraction();
  const char zone = reader.mark("Zz+-");
  std::int64_t offset_minutes = 0;
  if (zone == '+' || zone == '-') {
    offset_minutes = reader.number(2, 0, 23) * 60;
    reader.mark(":");
    offset_minutes += reader.number(2, 0, 59);
    if (zone == '-') offset_minutes = -offset_minutes;
  }
  if (!reader.done()) return std::nullopt;
  const std::int64_t total_minutes = (days_from_civil(year, month, day) * 24 + hours) * 60 + minutes - offset_minutes;
  return (total_minutes * 60 + seconds) * 1'000'000 + fraction;
}

std::optional<std::int64_t> parse_day(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    std::string_view rest = text;
    const std::int64_t year = take_number(rest, 4);
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    const std::int64_t month = take_number(rest, 2);
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    return midnight(year, month, take_number(rest, 2));
  }
  // The last three words with a month among the first two of them.
  std::array<std::string_view, 3> words;
  while (!text.empty()) {
    const std::size_t from = text.find_first_not_of(" ,.\t\n");
    if (from == std::string_view::npos) break;
    text.remove_prefix(from);
    const std::size_t length = std::min(text.find_first_of(" ,.\t\n"), text.size());
    words = {words[1], words[2], text.substr(0, length)};
    text.remove_prefix(length);
  }
  const bool day_first = month_of(words[1]) != 0;
  std::string_view day = words[day_first ? 0 : 1];
  std::string_view year = words[2];
  const std::int64_t month = month_of(words[day_first ? 1 : 0]);
  return midnight(take_number(year, 4), month, take_number(day, 2));
}

std::optional<double> parse_clock(std::string_view text) {
  std::int64_t seconds = 0;
  for (int part = 0; part < 4; ++part) {
    const std::int64_t number = take_number(text, 3);
    if (number < 0 || (part > 0 && number > 59)) return std::nullopt;
    seconds = seconds * 60 + number;
    if (text.empty()) return part == 0 ? std::nullopt : std::optional<double>(static_cast<double>(seconds));
    if (text.front() != ':' || part == 2) return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

std::optional<double> parse_iso_duration(std::string_view text) {
  if (text.size() < 2 || text.front() != 'P') return std::nullopt;
  text.remove_prefix(1);
  bool in_time = false;
  std::int64_t seconds = 0;
  while (!text.empty()) {
    if (text.front() == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    const std::int64_t number = take_number(text, 9);
    if (number < 0 || text.empty()) return std::nullopt;
    const char unit = text.front();
    text.remove_prefix(1);
    const std::int64_t scale = in_time ? (unit == 'H'   ? 3600
                                          : unit == 'M' ? 60
                                          : unit == 'S' ? 1
                                                        : 0)
                                       : (unit == 'W'   ? 7 * 86'400
                                          : unit == 'D' ? 86'400
                                                        : 0);
    if (scale == 0) return std::nullopt;
    seconds += number * scale;
  }
  return static_cast<double>(seconds);
}

}  // namespace risetime::youtube
