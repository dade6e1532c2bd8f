// A level (viewers at a time) that is read about every hour: its daily and weekly rhythm, and what it says of a target.
//
// The unit of all differences is the level's own: the usual difference (in logarithms) between hours a day apart. So
// one model learns from levels that swing by a factor of ten and from those that hardly move.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <risetime/attribution.hpp>
#include <risetime/growth.hpp>
#include <vector>

namespace risetime {

class Rhythm {
 public:
  static constexpr std::int64_t week = 7 * microseconds_per_day;

  // Nothing where the history is no level, or has not two days of readings about an hour apart or closer. Of longer
  // ones the last two weeks count; where these are not there, the days before are taken to be like the first one.
  static std::optional<Rhythm> of(const History& history) {
    if (history.kind() != Kind::level || history.size() < 2 * hours_a_day) return std::nullopt;
    const std::int64_t span = history.last_time() - history.time_back(history.size() - 1);
    if (span < 2 * microseconds_per_day || history.step() > microseconds_per_hour * 3 / 2) return std::nullopt;
    return Rhythm(history, span);
  }

  // log(value + 1) at the target's time of day on the last day that has it. horizon > 0, microseconds.
  double base(std::int64_t horizon) const { return day_back(ahead_of(horizon), 0); }
  // The usual difference of logarithms between hours a day apart; > 0.
  double scale() const { return scale_; }

  // What is known of the target, in units of scale() beside base(). [differences]
  static constexpr std::size_t differences = 37;
  // What kind of level it is and how far ahead the target lies. [traits]
  static constexpr std::size_t traits = 11;

  // Writes the differences and then the traits; where it is wanted, which input each is of as well.
  void describe(std::int64_t horizon, std::vector<double>& row, std::vector<Input>* inputs = nullptr) const {
    using What = Input::What;
    const Ahead ahead = ahead_of(horizon);
    const double base = day_back(ahead, 0);
    const auto add_trait = [&](What what, double value) {
      row.push_back(value);
      if (inputs != nullptr) inputs->push_back({what, 0});
    };
    const auto add = [&](What what, double difference) {
      add_trait(what, std::clamp(difference / scale_, -20.0, 20.0));
    };
    for (std::size_t day = 1; day < 8; ++day) add(What::days_before, day_back(ahead, day) - base);
    const double last_week = day_back(ahead, 7 - ahead.days);
    add(What::week_before, last_week - base);
    add(What::week_before, day_back(ahead, 14 - ahead.days) - base);
    add(What::week_before, last_week - day_back(ahead, 7));
    for (const double beside : {-2.0, -1.0, 1.0, 2.0}) {
      const double at = ahead.phase + beside;
      add(What::hours_beside, log_at(at > 0 ? at - 24 : at) - base);
    }
    for (const double back : {0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 23.0})
      add(What::last_hours, log_at(-back) - log_at(-back - 24));
    for (const double back : {0.0, 1.0, 3.0, 8.0, 23.0}) add(What::last_hours, log_at(-back) - log_at(-back - 168));
    double week_profile = 0, days_profile = 0, around = 0;
    for (std::size_t day = 0; day < 7; ++day) week_profile += (day_back(ahead, day) - means_[day]) / 7;
    for (std::size_t day = 0; day < 3; ++day) days_profile += (day_back(ahead, day) - means_[day]) / 3;
    for (std::size_t day = 0; day < 7; ++day)
      around += std::pow(day_back(ahead, day) - means_[day] - week_profile, 2) / 7;
    const double then = means_[7 - ahead.days];  // of the target's day of the week, a week ago
    add(What::last_hours, log_at(0) - base);
    add(What::days_before, week_profile + means_[0] - base);
    add(What::days_before, week_profile + week_mean_ - base);
    add(What::days_before, days_profile + means_[0] - base);
    add(What::daily_means, means_[0] - week_mean_);
    add(What::daily_means, means_[0] - means_[1]);
    add(What::daily_means, means_[0] - means_[7]);
    add(What::daily_means, means_[1] - means_[2]);
    add(What::week_before, means_[0] + last_week - then - base);
    add(What::week_before, means_[0] + then - means_[7] + week_profile - base);
    const double hours = 24 * static_cast<double>(ahead.days) + ahead.phase;
    add_trait(What::ahead, hours / 24);
    add_trait(What::ahead, static_cast<double>(ahead.days));
    add_trait(What::regularity, std::log(scale_));
    add_trait(What::regularity, std::min(swing_ / scale_, 50.0));
    add_trait(What::regularity, chance_ / scale_);
    add_trait(What::regularity, weekly_ / scale_);
    add_trait(What::regularity, std::log(swing_ / scale_ + 0.01));
    add_trait(What::size, log_at(0));
    add_trait(What::regularity, std::min(std::sqrt(around) / scale_, 3.0));
    add_trait(What::regularity, std::min(week_swing_ / scale_, 50.0));
    add_trait(What::regularity, known_days_);
  }

 private:
  static constexpr std::size_t hours_a_day = 24, days_kept = 14;

  // Where the target lies: `days` whole or begun days after the last reading (1 to 7), `phase` hours (-24 to 0, not
  // -24) before the end of the last of them. Targets more than a week ahead are as those whole weeks before.
  struct Ahead {
    std::size_t days = 1;
    double phase = 0;
  };
  Ahead ahead_of(std::int64_t horizon) const {
    const std::int64_t after = std::max<std::int64_t>(1, horizon + waited_);
    const std::int64_t ahead = (after - 1) % week + 1;
    const std::int64_t days = (ahead - 1) / microseconds_per_day + 1;
    return {static_cast<std::size_t>(days),
            static_cast<double>(ahead - days * microseconds_per_day) / static_cast<double>(microseconds_per_hour)};
  }

  Rhythm(const History& history, std::int64_t span) : waited_(history.origin() - history.last_time()) {
    for (std::size_t back = 0; back < logs_.size(); ++back) {
      const std::int64_t before = static_cast<std::int64_t>(back) * microseconds_per_hour;
      logs_[back] = before <= span ? std::log1p(history.at(history.last_time() - before)) : logs_[back - hours_a_day];
    }
    known_days_ = std::min(static_cast<double>(days_kept), days(span));
    for (std::size_t day = 0; day < days_kept; ++day)
      for (std::size_t hour = 0; hour < hours_a_day; ++hour) means_[day] += logs_[day * hours_a_day + hour] / 24;
    for (std::size_t day = 0; day < 7; ++day) week_mean_ += means_[day] / 7;
    measure();
  }

  static double days(std::int64_t span) {
    return static_cast<double>(span) / static_cast<double>(microseconds_per_day);
  }

  void measure() {
    // Only what was seen counts for the scale; the days that stand in are all alike.
    const std::size_t seen = std::min(logs_.size() - 1, static_cast<std::size_t>(known_days_ * hours_a_day));
    double daily = 0;
    for (std::size_t back = 0; back + hours_a_day <= seen; ++back)
      daily += std::abs(logs_[back] - logs_[back + hours_a_day]);
    scale_ = daily / static_cast<double>(seen - hours_a_day + 1) + 1e-3;
    for (std::size_t back = 0; back < 7 * hours_a_day; ++back) {
      weekly_ += std::abs(logs_[back] - logs_[back + 7 * hours_a_day]) / (7 * hours_a_day);
      week_swing_ += std::pow(logs_[back] - week_mean_, 2) / (7 * hours_a_day);
    }
    week_swing_ = std::sqrt(week_swing_);
    for (std::size_t hour = 0; hour < hours_a_day; ++hour) {
      double mean = 0;
      for (std::size_t day = 0; day < 7; ++day) mean += (logs_[day * hours_a_day + hour] - means_[day]) / 7;
      for (std::size_t day = 0; day < 7; ++day)
        chance_ += std::abs(logs_[day * hours_a_day + hour] - means_[day] - mean) / (7 * hours_a_day);
      swing_ += mean * mean / hours_a_day;
    }
    swing_ = std::sqrt(swing_);
  }

  // log(value + 1) at hours (0 or less) from the last reading, off the line between whole ones.
  double log_at(double hours) const {
    const double back = std::clamp(-hours, 0.0, static_cast<double>(logs_.size() - 1));
    const auto below = std::min(static_cast<std::size_t>(back), logs_.size() - 2);
    return logs_[below] + (back - static_cast<double>(below)) * (logs_[below + 1] - logs_[below]);
  }
  // At the target's time of day, `days` (0 to 13) days before the last one that has it.
  double day_back(const Ahead& ahead, std::size_t days) const {
    return log_at(ahead.phase - 24 * static_cast<double>(days));
  }

  std::int64_t waited_;                                     // from the last reading to the origin, microseconds
  std::array<double, days_kept * hours_a_day + 1> logs_{};  // log(value + 1), hour by hour, the latest first
  std::array<double, days_kept> means_{};                   // of the days that end with the last reading
  double week_mean_ = 0, scale_ = 0, known_days_ = 0;
  double swing_ = 0, week_swing_ = 0;  // spread of the hours of a day, and of those of the last week
  double chance_ = 0, weekly_ = 0;     // how far days differ from the mean day, and hours from a week before
};

// A pair of times of a level with a rhythm; the origins of one video stand together.
struct RhythmPair {
  std::size_t video = 0;    // index in the sample
  std::int64_t origin = 0;  // UTC microseconds
  std::int64_t horizon = 0;
  double target = 0;  // what happened beside Rhythm::base, in units of Rhythm::scale
};

// Pairs that stand at readings all over the videos' lives, most of them where two weeks are known, and look a week
// ahead at most, most of them as far as `horizons` do. [pairs] `per_origin` of each origin, fewer at the end of a life.
inline std::vector<RhythmPair> rhythm_pairs(const TrainingSample& sample, const FeatureSpace& space, std::size_t stat,
                                            Horizons horizons, std::size_t most, std::uint64_t seed) {
  constexpr std::size_t per_origin = 6, most_origins = 16;
  std::vector<std::int64_t> asked;
  for (const std::int64_t horizon : horizons)
    if (horizon > 0 && horizon <= Rhythm::week) asked.push_back(horizon);
  std::vector<RhythmPair> pairs;
  const std::size_t videos = std::max<std::size_t>(1, sample.size());
  const std::size_t origins = std::clamp<std::size_t>(most / videos / per_origin, 1, most_origins);
  for (std::size_t index = 0; index < sample.size() && pairs.size() + per_origin <= most; ++index) {
    const VideoView video = sample[index];
    pairs_detail::Draws draws(mix_64(video.hash ^ mix_64(seed ^ 0x72687974686dU)));
    for (std::size_t i = 0; i < origins && pairs.size() + per_origin <= most; ++i) {
      const std::int64_t first = video.times.front(), last = video.times.back();
      const bool is_young = draws.share() < 0.125 || last - first < 15 * microseconds_per_day;
      const std::int64_t from = first + (is_young ? 2 : 14) * microseconds_per_day;
      const std::int64_t to = is_young ? std::min(last, first + 14 * microseconds_per_day) : last;
      const double share = draws.share();
      if (from >= to) continue;
      const auto wanted = from + static_cast<std::int64_t>(share * static_cast<double>(to - from));
      const std::int64_t origin = *(std::upper_bound(video.times.begin(), video.times.end(), wanted) - 1);
      const History history(video.times, video.values[stat], video.published_at, origin, space.kind(stat));
      const std::optional<Rhythm> rhythm = Rhythm::of(history);
      if (!rhythm) continue;
      for (std::size_t k = 0; k < per_origin; ++k) {
        const auto left = static_cast<double>(std::min<std::int64_t>(last - origin, Rhythm::week));
        std::int64_t horizon = static_cast<std::int64_t>(draws.share() * left);
        const std::size_t choice = draws.index(std::max<std::size_t>(1, asked.size()));
        if (draws.share() < 0.75 && !asked.empty()) horizon = asked[choice];
        if (horizon <= 0) continue;
        const auto actual =
            observed_at(video.times, video.values[stat], origin + horizon, microseconds_per_hour * 3 / 2);
        if (!actual) continue;
        const double target = (std::log1p(std::max(0.0, *actual)) - rhythm->base(horizon)) / rhythm->scale();
        pairs.push_back({index, origin, horizon, target});
      }
    }
  }
  return pairs;
}

// Whole octaves above an hour, no less than a microsecond: what intervals are kept by.
inline std::int64_t octave_of(std::int64_t horizon) {
  const double hours = static_cast<double>(horizon) / static_cast<double>(microseconds_per_hour);
  const double octave = static_cast<double>(microseconds_per_hour) * std::exp2(std::round(std::log2(hours)));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(octave));
}

// A target as it was learned (beside Rhythm::base, in units of Rhythm::scale) as the log ratio to the last value.
inline Growth growth_of(const Rhythm& rhythm, const History& history, std::int64_t horizon, double value,
                        Conformal::Answer interval) {
  const double scale = rhythm.scale();
  for (double& offset : interval.offsets) offset *= scale;
  interval.mean_factor = std::pow(interval.mean_factor, scale * scale);  // as that of a lognormal goes
  return {rhythm.base(horizon) + value * scale - std::log1p(history.last()), interval};
}

// The same of a target that was taken apart by inputs; the interval is left out.
inline Attribution growth_of(const Rhythm& rhythm, const History& history, std::int64_t horizon,
                             const Attribution& value) {
  Attribution out;
  out.add(value, rhythm.scale());
  out.add({Input::What::day_before, 0}, rhythm.base(horizon) - std::log1p(history.last()));
  return out;
}

}  // namespace risetime
