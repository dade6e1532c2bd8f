// Which days of the week bring a video more than others, from its own last weeks.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <risetime/history.hpp>

namespace risetime {

class Week {
 public:
  // Needs a total with three weeks of readings about a day apart; otherwise all days are alike. Each day's gain is
  // compared with the (geometric) mean of its week, after the trend is taken out; the mean over up to six weeks is
  // drawn in as far as it could be chance.
  explicit Week(const History& history) : last_time_(history.last_time()) {
    const auto days = static_cast<std::size_t>(std::max<std::int64_t>(0, history.last_time() - history.published_at()) /
                                               microseconds_per_day);
    const std::size_t weeks = std::min<std::size_t>(6, days / 7);
    if (history.kind() != Kind::total || weeks < 3 || history.size() < weeks * 7 ||
        history.step() > microseconds_per_day * 3 / 2)
      return;
    learn(history, weeks);
  }

  // How much the time from the last reading to `target` brings, for one at the mean rate: 1 where all days are alike.
  double over(std::int64_t target) const {
    if (target <= last_time_) return 1;
    const double length = static_cast<double>(target - last_time_) / static_cast<double>(microseconds_per_day);
    const double whole_weeks = std::floor(length / 7);
    double sum = 7 * whole_weeks, left = length - 7 * whole_weeks;
    for (std::size_t day = 0; day < 7 && left > 0; ++day, left -= 1) sum += days_[day] * std::min(left, 1.0);
    return std::max(sum / length, 1e-3);
  }

 private:
  using Days = std::array<double, 7>;

  void learn(const History& history, std::size_t weeks) {
    std::vector<Days> logs(weeks);  // [weeks] the oldest first, each day's log gain less the week's mean
    std::vector<double> means(weeks, 0.0);
    for (std::size_t week = 0; week < weeks; ++week) {
      for (std::size_t day = 0; day < 7; ++day) {
        const auto back = static_cast<std::int64_t>((weeks - week) * 7 - day) * microseconds_per_day;
        const std::int64_t from = last_time_ - back;
        logs[week][day] = std::log1p(history.gained(from, from + microseconds_per_day));
        means[week] += logs[week][day] / 7;
      }
    }
    const double trend = (means.back() - means.front()) / static_cast<double>(7 * (weeks - 1));
    Days mean{}, squares{};
    for (std::size_t week = 0; week < weeks; ++week) {
      for (std::size_t day = 0; day < 7; ++day) {
        const double log = logs[week][day] - means[week] - trend * (static_cast<double>(day) - 3);
        mean[day] += log / static_cast<double>(weeks);
        squares[day] += log * log;
      }
    }
    // What differs between days, less what would do so by chance.
    double between = 0, chance = 0;
    for (std::size_t day = 0; day < 7; ++day) {
      const auto count = static_cast<double>(weeks);
      between += mean[day] * mean[day] / 7;
      chance += (squares[day] / count - mean[day] * mean[day]) / (count - 1) / 7;
    }
    const double trust = between > 0 ? std::clamp(1 - chance / between, 0.0, 1.0) : 0.0;
    double total = 0;
    for (std::size_t day = 0; day < 7; ++day) {
      days_[day] = std::exp(trust * mean[day]);
      total += days_[day] / 7;
    }
    for (double& day : days_) day /= total;
  }

  std::int64_t last_time_;
  Days days_{1, 1, 1, 1, 1, 1, 1};  // of the day after the last reading, and so on
};

}  // namespace risetime
