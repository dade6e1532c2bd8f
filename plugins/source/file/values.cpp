// What a cell says: times, counts, durations and tags.
#include "values.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace risetime::file {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool same_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (upper(text[i]) != word[i]) return false;
  return true;
}

// Days since 1970-01-01 of a day of the Gregorian calendar, counted from 1 March so that leap days come last.
constexpr std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t from_march = (month + 9) % 12;
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t century_days = y * 365 + y / 4 - y / 100 + y / 400;
  return century_days + (from_march * 306 + 5) / 10 + day - 1 - 719'468;
}
static_assert(days_since_1970(1970, 1, 1) == 0 && days_since_1970(2000, 3, 1) == 11'017);

std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
  constexpr std::array<std::int64_t, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

// Exactly `count` digits at `at`, or -1.
std::int64_t digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  std::int64_t value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// The fraction behind a decimal point in microseconds, digits past the sixth left out; moves `at` behind it.
std::optional<std::int64_t> fraction(std::string_view text, std::size_t& at) {
  std::int64_t value = 0;
  std::int64_t unit = second / 10;
  const std::size_t begin = ++at;
  for (; at < text.size() && is_digit(text[at]); ++at, unit /= 10) value += (text[at] - '0') * unit;
  if (at == begin) return std::nullopt;
  return value;
}

// "hh:mm", "hh:mm:ss" or "hh:mm:ss.f" at `at`, which moves behind it; microseconds since midnight.
std::optional<std::int64_t> time_of_day(std::string_view text, std::size_t& at) {
  const std::int64_t hour = digits(text, at, 2);
  const std::int64_t minute = at + 2 < text.size() && text[at + 2] == ':' ? digits(text, at + 3, 2) : -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  at += 5;
  std::int64_t since = (hour * 60 + minute) * 60 * second;
  if (at >= text.size() || text[at] != ':') return since;
  const std::int64_t seconds = digits(text, at + 1, 2);
  if (seconds < 0 || seconds > 60) return std::nullopt;
  at += 3;
  since += seconds * second;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    const auto part = fraction(text, at);
    if (!part) return std::nullopt;
    since += *part;
  }
  return since;
}

std::optional<std::int64_t> calendar_time(std::string_view text, const TimeRules& rules) {
  const std::int64_t year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (text[7] != text[4] || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
    return std::nullopt;
  std::int64_t time = days_since_1970(year, month, day) * 86'400 * second;
  if (text.size() == 10) return time - rules.zone_us;
  if (text[10] != 'T' && text[10] != ' ' && text[10] != 't') return std::nullopt;
  std::size_t at = 11;
  const auto since_midnight = time_of_day(text, at);
  if (!since_midnight) return std::nullopt;
  time += *since_midnight;
  if (at < text.size() && text[at] == ' ') ++at;
  if (at == text.size()) return time - rules.zone_us;
  const auto zone = parse_zone(text.substr(at));
  return zone ? std::optional<std::int64_t>(time - *zone) : std::nullopt;
}

// A decimal number as digits * 10^exponent; at most 18 digits are kept, what is behind them counts as zero.
struct Decimal {
  std::int64_t mantissa = 0;
  int exponent = 0;
  bool inexact = false;  // digits other than zero were left out
};

// Reads sign-free digits with an optional point, thousands groups and exponent; `rest` is what follows.
std::optional<Decimal> read_decimal(std::string_view text, std::string_view& rest) {
  Decimal number;
  std::size_t at = 0, digits_seen = 0;
  bool point = false;
  const auto take = [&](char c) {
    ++digits_seen;
    if (number.mantissa < largest / 100) {
      number.mantissa = number.mantissa * 10 + (c - '0');
      if (point) --number.exponent;
    } else {
      number.inexact = number.inexact || c != '0';
      if (!point) ++number.exponent;
    }
  };
  bool grouped = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      take(c);
    } else if (c == '.' && !point) {
      point = true;
    } else if (c == ',' && !point) {
      // Thousands: up to three digits first, then exactly three in each group.
      const bool first_fits = grouped || (at >= 1 && at <= 3);
      const bool group_fits = digits(text, at + 1, 3) >= 0 && (at + 4 >= text.size() || !is_digit(text[at + 4]));
      if (!first_fits || !group_fits) return std::nullopt;
      grouped = true;
    } else {
      break;
    }
  }
  if (digits_seen == 0) return std::nullopt;
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    int power = 0;
    const char* from = text.data() + at + 1 + (text[at + 1] == '+' ? 1 : 0);
    const auto [end, failure] = std::from_chars(from, text.data() + text.size(), power);
    if (failure != std::errc() || power > 400 || power < -400) return std::nullopt;
    number.exponent += power;
    at = static_cast<std::size_t>(end - text.data());
  }
  rest = text.substr(at);
  return number;
}

// mantissa * 10^exponent as a whole number. What is lost below the point is rounded where that is allowed.
std::optional<std::int64_t> whole(Decimal number, bool may_round) {
  std::int64_t value = number.mantissa;
  if (value == 0) return 0;
  for (; number.exponent > 0; --number.exponent) {
    if (value > largest / 10) return std::nullopt;
    value *= 10;
  }
  if (number.exponent == 0) return number.inexact && !may_round ? std::nullopt : std::optional<std::int64_t>(value);
  std::int64_t scale = 1;
  for (; number.exponent < 0 && scale <= largest / 10; ++number.exponent) scale *= 10;
  if (number.exponent < 0) return may_round ? std::optional<std::int64_t>(0) : std::nullopt;
  const std::int64_t remainder = value % scale;
  if (!may_round && (remainder != 0 || number.inexact)) return std::nullopt;
  return value / scale + (remainder >= scale - remainder ? 1 : 0);
}

std::optional<std::int64_t> epoch_time(std::string_view text, EpochUnit unit) {
  std::string_view rest;
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.find(',') != std::string_view::npos) return std::nullopt;
  auto number = read_decimal(text, rest);
  if (!number || !rest.empty()) return std::nullopt;
  if (unit == EpochUnit::automatic) {
    const auto value = whole(*number, true);
    if (!value) return std::nullopt;
    number->exponent += *value < 100'000'000'000           ? 6
                        : *value < 100'000'000'000'000     ? 3
                        : *value < 100'000'000'000'000'000 ? 0
                                                           : -3;
  } else {
    number->exponent += unit == EpochUnit::seconds ? 6 : unit == EpochUnit::milliseconds ? 3 : 0;
  }
  const auto time = whole(*number, true);
  constexpr std::int64_t year_10000 = days_since_1970(10'000, 1, 1) * 86'400 * second;
  constexpr std::int64_t year_1 = -days_since_1970(1, 1, 1) * 86'400 * second;
  if (!time || *time >= (negative ? year_1 : year_10000)) return std::nullopt;
  return negative ? -*time : *time;
}

std::optional<double> seconds_of(std::string_view text) {
  double value = 0;
  if (text.empty() || (!is_digit(text.front()) && text.front() != '.')) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// "mm:ss", "hh:mm:ss", the last part with decimals.
std::optional<double> clock_duration(std::string_view text) {
  double total = 0;
  for (int parts = 1;; ++parts) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const auto value = seconds_of(part);
    if (!value || parts > 4 || (parts > 1 && *value >= 60)) return std::nullopt;
    if (colon != std::string_view::npos && *value != std::floor(*value)) return std::nullopt;
    total = total * 60 + *value;
    if (colon == std::string_view::npos) return total;
    text.remove_prefix(colon + 1);
  }
}

// "P1DT2H3M4.5S", "P2W"; months and years have no fixed length and are refused.
std::optional<double> iso_duration(std::string_view text) {
  text.remove_prefix(1);
  double total = 0;
  bool in_time = false, any = false;
  while (!text.empty()) {
    if (upper(text.front()) == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    std::size_t length = 0;
    while (length < text.size() && (is_digit(text[length]) || text[length] == '.')) ++length;
    const auto value = seconds_of(text.substr(0, length));
    if (!value || length == text.size()) return std::nullopt;
    const char unit = upper(text[length]);
    const double scale = !in_time && unit == 'W'   ? 604'800
                         : !in_time && unit == 'D' ? 86'400
                         : in_time && unit == 'H'  ? 3'600
                         : in_time && unit == 'M'  ? 60
                         : in_time && unit == 'S'  ? 1
                                                   : 0;
    if (scale == 0) return std::nullopt;
    total += *value * scale;
    any = true;
    text.remove_prefix(length + 1);
  }
  return any ? std::optional<double>(total) : std::nullopt;
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_missing(std::string_view text) {
  text = trim(text);
  if (text.empty()) return true;
  if (text.size() > 4 || is_digit(text.front())) return false;
  for (const std::string_view word : {"NA", "N/A", "NULL", "NONE", "NAN", "-", "\\N"})
    if (same_word(text, word)) return true;
  return false;
}

std::optional<std::int64_t> parse_zone(std::string_view text) {
  if (same_word(text, "Z") || same_word(text, "UTC") || same_word(text, "GMT")) return 0;
  if (text.size() < 2 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const std::int64_t sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  std::int64_t hours = -1, minutes = 0;
  if (text.size() <= 2) {
    hours = digits(text, 0, text.size());
  } else {
    hours = digits(text, 0, 2);
    const std::size_t at = text[2] == ':' ? 3 : 2;
    minutes = text.size() == at + 2 ? digits(text, at, 2) : -1;
  }
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes) * 60 * second;
}

std::optional<std::int64_t> parse_time(std::string_view text, const TimeRules& rules) {
  text = trim(text);
  if (text.size() >= 10 && (text[4] == '-' || text[4] == '/')) return calendar_time(text, rules);
  return epoch_time(text, rules.epoch);
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, failure] = std::from_chars(text.data(), end, value);
  if (failure == std::errc() && at == end)
    return value < 0 || text.front() == '-' ? std::nullopt : std::optional(value);
  text = trim(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::string_view rest;
  auto number = read_decimal(text, rest);
  if (!number) return std::nullopt;
  rest = trim(rest);
  if (rest.empty()) return whole(*number, false);
  if (rest.size() != 1) return std::nullopt;
  switch (upper(rest.front())) {
    case 'K':
      number->exponent += 3;
      break;
    case 'M':
      number->exponent += 6;
      break;
    case 'B':
      number->exponent += 9;
      break;
    case 'T':
      number->exponent += 12;
      break;
    default:
      return std::nullopt;
  }
  return whole(*number, true);
}

std::optional<double> parse_duration(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (upper(text.front()) == 'P') return iso_duration(text);
  if (text.find(':') != std::string_view::npos) return clock_duration(text);
  return seconds_of(text);
}

std::vector<std::string> split_tags(std::string_view text, std::string_view separator) {
  constexpr std::string_view mark(&list_mark, 1);
  if (text.find(list_mark) != std::string_view::npos) {
    separator = mark;
  } else if (separator.empty()) {
    separator = text.find('|') != std::string_view::npos ? "|" : ",";
  }
  std::vector<std::string> tags;
  for (;;) {
    const std::size_t end = text.find(separator);
    std::string_view tag = trim(text.substr(0, end));
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = trim(tag.substr(1, tag.size() - 2));
    if (!tag.empty()) tags.emplace_back(tag);
    if (end == std::string_view::npos) return tags;
    text.remove_prefix(end + separator.size());
  }
}

}  // namespace risetime::file
