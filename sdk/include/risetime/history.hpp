// One stat of one video as it was known at an origin: values between readings, gains, and what was lost on the way.
//
// Readings come at irregular times, lack values (NaN) and go down where a platform takes counts back. For a running
// total the view of the past is made consistent with its end: a reading above a later one was partly taken back and
// counts as that later one, except that a single dip that is made good by the next reading is a glitch and is left out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <risetime/span.hpp>
#include <vector>

namespace risetime {

constexpr std::int64_t microseconds_per_hour = 3'600'000'000;
constexpr std::int64_t microseconds_per_day = 24 * microseconds_per_hour;

// A running total (views, likes: starts at zero, never falls) or a level (viewers: anything >= 0 at any time).
enum class Kind { total, level };

class History {
 public:
  // times and values are [readings], times strictly increasing UTC microseconds; readings after the origin are not
  // looked at. A total is zero at published_at.
  History(Span<const std::int64_t> times, Span<const double> values, std::int64_t published_at, std::int64_t origin,
          Kind kind = Kind::total)
      : published_at_(published_at), origin_(origin), kind_(kind) {
    for (std::size_t i = 0; i < times.size() && times[i] <= origin; ++i) {
      if (!std::isfinite(values[i])) continue;
      times_.push_back(times[i]);
      values_.push_back(std::max(0.0, values[i]));
    }
    if (kind == Kind::total) make_rising();
  }

  bool empty() const noexcept { return times_.empty(); }
  std::size_t size() const noexcept { return times_.size(); }  // readings that count
  std::int64_t published_at() const noexcept { return published_at_; }
  std::int64_t origin() const noexcept { return origin_; }
  Kind kind() const noexcept { return kind_; }

  // Of readings that count, the latest is index 0; index must be < size().
  std::int64_t time_back(std::size_t index) const { return times_[times_.size() - 1 - index]; }
  double value_back(std::size_t index) const { return values_[values_.size() - 1 - index]; }

  // The latest reading; 0 at published_at where there is none.
  double last() const noexcept { return empty() ? 0.0 : values_.back(); }
  std::int64_t last_time() const noexcept { return empty() ? published_at_ : times_.back(); }

  // The value at a time, off the line between the readings on either side. Before the first reading a total rises
  // from zero at published_at, a level stands at the first reading; after the last reading both stand still.
  double at(std::int64_t time) const {
    if (empty()) return 0.0;
    if (time >= times_.back()) return values_.back();
    const auto after = static_cast<std::size_t>(std::upper_bound(times_.begin(), times_.end(), time) - times_.begin());
    if (after > 0) return between(times_[after - 1], values_[after - 1], times_[after], values_[after], time);
    if (kind_ == Kind::level) return values_.front();
    if (time <= published_at_ || published_at_ >= times_.front()) return 0.0;
    return between(published_at_, 0.0, times_.front(), values_.front(), time);
  }

  // What a total gained from one time to another (never negative), or by how much a level differs.
  double gained(std::int64_t from, std::int64_t to) const {
    const double gain = at(to) - at(from);
    return kind_ == Kind::total ? std::max(0.0, gain) : gain;
  }

  // Median of the times between readings; 0 with fewer than two.
  std::int64_t step() const {
    if (times_.size() < 2) return 0;
    std::vector<std::int64_t> steps(times_.size() - 1);
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = times_[i + 1] - times_[i];
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return *middle;
  }

 private:
  static double between(std::int64_t from, double low, std::int64_t to, double high, std::int64_t time) {
    const double share = static_cast<double>(time - from) / static_cast<double>(to - from);
    return low + share * (high - low);
  }

  void make_rising() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const bool glitch =
          kept > 0 && i + 1 < values_.size() && values_[i] < values_[kept - 1] && values_[i + 1] >= values_[kept - 1];
      if (glitch) continue;
      times_[kept] = times_[i];
      values_[kept++] = values_[i];
    }
    times_.resize(kept);
    values_.resize(kept);
    for (std::size_t i = kept; i-- > 1;) values_[i - 1] = std::min(values_[i - 1], values_[i]);
  }

  std::int64_t published_at_;
  std::int64_t origin_;
  Kind kind_;
  std::vector<std::int64_t> times_;
  std::vector<double> values_;
};

// What was really there at a time: off the line between the readings on either side, or nothing where these are more
// than max_gap apart or one is missing. For the targets that models learn and are judged by: nothing is corrected.
inline std::optional<double> observed_at(Span<const std::int64_t> times, Span<const double> values, std::int64_t time,
                                         std::int64_t max_gap) {
  auto after = static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), time) - times.begin());
  while (after < times.size() && !std::isfinite(values[after])) ++after;
  if (after == times.size()) return std::nullopt;
  if (times[after] == time) return values[after];
  std::size_t before = after;
  while (before > 0 && (times[before - 1] >= time || !std::isfinite(values[before - 1]))) --before;
  if (before == 0 || times[after] - times[before - 1] > max_gap) return std::nullopt;
  const double share =
      static_cast<double>(time - times[before - 1]) / static_cast<double>(times[after] - times[before - 1]);
  return values[before - 1] + share * (values[after] - values[before - 1]);
}

}  // namespace risetime
