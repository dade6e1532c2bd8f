// A recent rate carried on to a horizon: what a stat would gain if it went on as it did over the last readings.
#pragma once

#include <algorithm>
#include <cmath>
#include <risetime/history.hpp>

namespace risetime {

constexpr double least_days = 1.0 / 24;  // ages and times below an hour count as an hour

inline double days_of(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / static_cast<double>(microseconds_per_day);
}

// When and how far: all in days.
struct Moment {
  double age = 0;      // of the video at the origin
  double reading = 0;  // its age at the latest reading
  double gap = 0;      // from that reading to the origin
  double horizon = 0;
};

// horizon in microseconds.
inline Moment moment_of(const History& history, std::int64_t horizon) {
  Moment moment;
  moment.age = std::max(least_days, days_of(history.origin() - history.published_at()));
  moment.reading = std::clamp(days_of(history.last_time() - history.published_at()), least_days, moment.age);
  moment.gap = moment.age - moment.reading;
  moment.horizon = days_of(horizon);
  return moment;
}

// Logarithms of what a total gains until the horizon if the rate over its last readings goes on: as it is (drift), and
// as the power of the age that it amounts to (which slows down as videos do).
struct Carried {
  double drift_gain = 0, power_gain = 0;      // log(gain + 1)
  double drift_growth = 0, power_growth = 0;  // log((last + gain + 1) / (last + 1))
  double rate_over_mean = 0;                  // log of the rate over the mean rate since upload
};

// The rate from `back` readings before the latest one, or from upload where there are not so many.
inline Carried carried_on(const History& history, const Moment& moment, std::size_t back) {
  const double last = history.last();
  const bool from_upload = back >= history.size();
  const double before = from_upload ? 0.0 : history.value_back(back);
  const double before_age =
      from_upload ? 0.0 : std::max(0.0, days_of(history.time_back(back) - history.published_at()));
  const double rate = std::max(0.0, (last - before) / std::max(least_days, moment.reading - before_age));
  const double ahead = moment.gap + moment.horizon;
  const double floor_age = std::max(before_age, 0.02);
  double power = 0;
  if (moment.reading > floor_age * 1.001)
    power = std::clamp((std::log1p(last) - std::log1p(before)) / std::log(moment.reading / floor_age), 0.0, 3.0);
  Carried carried;
  carried.drift_gain = std::log1p(rate * ahead);
  carried.drift_growth = std::log1p(rate * ahead / (last + 1));
  carried.power_growth = power * std::log((moment.age + moment.horizon) / moment.reading);
  carried.power_gain = std::log1p((last + 1) * std::expm1(std::min(carried.power_growth, 8.0)));
  carried.rate_over_mean = std::log(rate / (last / moment.reading + 1e-9) + 0.01);
  return carried;
}

}  // namespace risetime
