// Times as UTC microseconds, durations as microseconds, their text forms, and the clock that is handed to whoever needs
// one.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace risetime::core {

inline constexpr std::int64_t millisecond = 1'000;
inline constexpr std::int64_t second = 1'000 * millisecond;
inline constexpr std::int64_t minute = 60 * second;
inline constexpr std::int64_t hour = 60 * minute;
inline constexpr std::int64_t day = 24 * hour;
inline constexpr std::int64_t week = 7 * day;

// RFC 3339 in UTC: "2026-05-01T06:30:00Z", with three or six decimals where the time has a fraction. Years outside 0 to
// 9999, which RFC 3339 cannot write, are clamped to its first or last microsecond.
std::string format_time(std::int64_t microseconds);

// RFC 3339 with any offset ("2026-05-01T08:30:00.25+02:00"), a blank instead of the T, or a date alone (its midnight in
// UTC). A leap second (":60") is the second that follows. Nothing where the text is no such time.
std::optional<std::int64_t> parse_time(std::string_view text);

// "500ms", "90s", "15m", "1h", "7d", "2w", "1.5h" or several in falling order ("1h30m"); never negative. Units: us, ms,
// s, m (minutes), h, d (24 hours), w. Nothing where the text is no duration or does not fit.
std::optional<std::int64_t> parse_duration(std::string_view text);

// The shortest exact form in one unit, which parse_duration reads back: "1h", "36h", "7d", "1500ms".
std::string format_duration(std::int64_t microseconds);

// A rounded form for people, of the two greatest units: "3 d 4 h", "12 min", "0 s"; a minus stands before a negative
// one.
std::string describe_duration(std::int64_t microseconds);

// Where the time comes from. Calls may come from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual std::int64_t now() const = 0;                     // UTC microseconds
  virtual void sleep(std::int64_t microseconds) const = 0;  // returns at once for zero and less

  // How long ago `then` was; zero for a time that is still to come.
  std::int64_t age(std::int64_t then) const;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now() const override;
  void sleep(std::int64_t microseconds) const override;
};

// Stands still; sleeping moves it, so that code that waits is tested without waiting.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::int64_t now) : now_(now) {}

  std::int64_t now() const override { return now_; }
  void sleep(std::int64_t microseconds) const override {
    if (microseconds > 0) now_ += microseconds;
  }
  void set(std::int64_t now) { now_ = now; }

 private:
  mutable std::atomic<std::int64_t> now_;
};

}  // namespace risetime::core
