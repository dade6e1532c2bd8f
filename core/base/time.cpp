// The text forms of times and durations.
#include "core/base/time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

namespace risetime::core {
namespace {

constexpr std::int64_t first_time = -62'167'219'200 * second;     // 0000-01-01T00:00:00Z
constexpr std::int64_t last_time = 253'402'300'800 * second - 1;  // 9999-12-31T23:59:59.999999Z

// Reads a text from the left; every function says whether what it looked for was there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool take(char c) {
    if (peek() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view choices) {
    if (text_.empty() || choices.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_digits(std::size_t count, int& out) {
    if (text_.size() < count) return false;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return false;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    out = value;
    return true;
  }
  // Decimals after a point, as microseconds; what is finer is cut off.
  bool take_fraction(int& out) {
    int value = 0;
    std::size_t digits = 0;
    for (; peek() >= '0' && peek() <= '9'; text_.remove_prefix(1), ++digits) {
      if (digits < 6) value = value * 10 + (peek() - '0');
    }
    for (std::size_t i = digits; i < 6; ++i) value *= 10;
    out = value;
    return digits > 0;
  }

 private:
  std::string_view text_;
};

bool take_date(Scanner& scan, std::int64_t& out) {
  int year = 0;
  int month = 0;
  int day_of_month = 0;
  if (!scan.take_digits(4, year) || !scan.take('-') || !scan.take_digits(2, month) || !scan.take('-') ||
      !scan.take_digits(2, day_of_month))
    return false;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day_of_month))};
  if (!date.ok()) return false;
  out = std::chrono::sys_days(date).time_since_epoch().count() * day;
  return true;
}

bool take_clock(Scanner& scan, std::int64_t& out) {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  int fraction = 0;
  if (!scan.take_digits(2, hours) || !scan.take(':') || !scan.take_digits(2, minutes) || !scan.take(':') ||
      !scan.take_digits(2, seconds))
    return false;
  if (scan.take('.') && !scan.take_fraction(fraction)) return false;
  if (hours > 23 || minutes > 59 || seconds > 60) return false;
  out = hours * hour + minutes * minute + seconds * second + fraction;
  return true;
}

bool take_offset(Scanner& scan, std::int64_t& out) {
  out = 0;
  if (scan.take_any("Zz")) return true;
  const bool west = scan.peek() == '-';
  int hours = 0;
  int minutes = 0;
  if (!scan.take_any("+-") || !scan.take_digits(2, hours) || !scan.take(':') || !scan.take_digits(2, minutes))
    return false;
  if (hours > 23 || minutes > 59) return false;
  out = (hours * hour + minutes * minute) * (west ? -1 : 1);
  return true;
}

struct Unit {
  std::string_view name;
  std::int64_t length;  // microseconds
};
constexpr std::array<Unit, 7> units = {Unit{"w", week},   Unit{"d", day},          Unit{"h", hour}, Unit{"m", minute},
                                       Unit{"s", second}, Unit{"ms", millisecond}, Unit{"us", 1}};

const Unit* unit_named(std::string_view name) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : &*found;
}

std::size_t span_of(std::string_view text, bool (*belongs)(char)) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin());
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// number * length + decimals * length, in whole microseconds; nothing where it does not fit.
std::optional<std::int64_t> scaled(std::string_view whole, std::string_view decimals, std::int64_t length) {
  std::int64_t value = 0;
  for (const char c : whole) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
        __builtin_add_overflow(value, std::int64_t{c - '0'}, &value))
      return std::nullopt;
  }
  if (__builtin_mul_overflow(value, length, &value)) return std::nullopt;
  double share = 0;
  double scale = 1;
  for (const char c : decimals) share += (scale /= 10) * (c - '0');
  if (__builtin_add_overflow(value, std::llround(share * static_cast<double>(length)), &value)) return std::nullopt;
  return value;
}

}  // namespace

std::string format_time(std::int64_t microseconds) {
  const std::int64_t clamped = std::clamp(microseconds, first_time, last_time);
  std::int64_t days = clamped / day;
  std::int64_t rest = clamped % day;
  if (rest < 0) {
    rest += day;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(rest / hour),
                static_cast<int>(rest / minute % 60), static_cast<int>(rest / second % 60));
  std::string out = buffer;
  const auto fraction = static_cast<int>(rest % second);
  if (fraction % 1000 != 0) {
    std::snprintf(buffer, sizeof buffer, ".%06d", fraction);
    out += buffer;
  } else if (fraction != 0) {
    std::snprintf(buffer, sizeof buffer, ".%03d", fraction / 1000);
    out += buffer;
  }
  return out + "Z";
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  Scanner scan(text);
  std::int64_t date = 0;
  if (!take_date(scan, date)) return std::nullopt;
  if (scan.done()) return date;
  std::int64_t clock = 0;
  std::int64_t offset = 0;
  if (!scan.take_any("Tt ") || !take_clock(scan, clock) || !take_offset(scan, offset) || !scan.done())
    return std::nullopt;
  return date + clock - offset;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::int64_t previous = 2 * week;
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, span_of(text, is_digit));
    text.remove_prefix(whole.size());
    std::string_view decimals;
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      decimals = text.substr(0, span_of(text, is_digit));
      if (decimals.empty()) return std::nullopt;
      text.remove_prefix(decimals.size());
    }
    const std::string_view name = text.substr(0, span_of(text, is_letter));
    text.remove_prefix(name.size());
    const Unit* unit = unit_named(name);
    if (whole.empty() || unit == nullptr || unit->length >= previous) return std::nullopt;
    previous = unit->length;
    const auto part = scaled(whole, decimals, unit->length);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  return total;
}

std::string format_duration(std::int64_t microseconds) {
  if (microseconds == 0) return "0s";
  // Weeks are read but not written: "7d" is what people say, and "14d" compares better with "10d" than "2w" does.
  const auto unit = std::find_if(units.begin() + 1, units.end(),
                                 [&](const Unit& candidate) { return microseconds % candidate.length == 0; });
  return std::to_string(microseconds / unit->length) + std::string(unit->name);
}

std::string describe_duration(std::int64_t microseconds) {
  struct Word {
    const char* name;
    std::int64_t length;
  };
  constexpr std::array<Word, 5> words = {Word{"d", day}, Word{"h", hour}, Word{"min", minute}, Word{"s", second},
                                         Word{"ms", millisecond}};
  const bool negative = microseconds < 0;
  const auto size = negative ? 0 - static_cast<std::uint64_t>(microseconds) : static_cast<std::uint64_t>(microseconds);
  if (size < static_cast<std::uint64_t>(millisecond)) return "0 s";
  std::size_t first = 0;
  while (size < static_cast<std::uint64_t>(words[first].length)) ++first;
  const auto greatest = static_cast<std::uint64_t>(words[first].length);
  std::string out = (negative ? "-" : "") + std::to_string(size / greatest) + " " + words[first].name;
  if (first + 1 < words.size() && words[first].length > second) {
    const std::uint64_t rest = size % greatest / static_cast<std::uint64_t>(words[first + 1].length);
    if (rest > 0) out += " " + std::to_string(rest) + " " + words[first + 1].name;
  }
  return out;
}

std::int64_t Clock::age(std::int64_t then) const { return std::max<std::int64_t>(0, now() - then); }

std::int64_t SystemClock::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void SystemClock::sleep(std::int64_t microseconds) const {
  if (microseconds > 0) std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
}

}  // namespace risetime::core
