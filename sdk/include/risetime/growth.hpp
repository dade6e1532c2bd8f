// Growth as models learn it: the logarithm of what a stat gains between two times; and forecasts made of it again.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <risetime/conformal.hpp>
#include <risetime/history.hpp>
#include <risetime/model.hpp>
#include <risetime/pairs.hpp>
#include <string>
#include <vector>

namespace risetime {

// A forecast in the model's own logarithm: what a total gains, log(gain + 1), or log ratio of a level.
struct Growth {
  double value = 0;
  Conformal::Answer interval;
};
// Nothing where a stat was not learned or has no reading. [stats][horizons]
using GrowthPaths = std::vector<std::vector<std::optional<Growth>>>;

// log(gain + 1) of a total, log ratio of a level; NaN where an end is not known.
inline double growth_between(Kind kind, double last, double actual) {
  const double gain = actual - last;
  if (!std::isfinite(gain)) return gain;
  if (kind == Kind::level) return std::log1p(std::max(0.0, actual)) - std::log1p(std::max(0.0, last));
  return std::log1p(std::max(0.0, gain));
}

// The value at the target again.
inline double grown(Kind kind, double last, double growth) {
  constexpr double most = 36;  // e^36 is more than anything that is counted
  if (kind == Kind::level) return std::max(0.0, (last + 1) * std::exp(std::clamp(growth, -most, most)) - 1);
  return last + std::expm1(std::clamp(growth, 0.0, most));
}

// Logarithm of a time or horizon in microseconds.
inline double log_of(std::int64_t horizon) { return std::log(static_cast<double>(std::max<std::int64_t>(horizon, 1))); }

// All positive horizons, increasing; where there are more than `most`, some of them evenly spread in the logarithm with
// both ends.
inline std::vector<std::int64_t> spread(Horizons horizons, std::size_t most) {
  std::vector<std::int64_t> all(horizons.begin(), horizons.end());
  all.erase(std::remove_if(all.begin(), all.end(), [](std::int64_t horizon) { return horizon <= 0; }), all.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (all.size() <= most) return all;
  std::vector<std::int64_t> some;
  for (std::size_t i = 0; i < most; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(most - 1);
    const double wanted = log_of(all.front()) + share * (log_of(all.back()) - log_of(all.front()));
    const auto nearest = std::min_element(all.begin(), all.end(), [&](std::int64_t a, std::int64_t b) {
      return std::abs(log_of(a) - wanted) < std::abs(log_of(b) - wanted);
    });
    if (some.empty() || *nearest > some.back()) some.push_back(*nearest);
  }
  return some;
}

// Read off the line through (log horizons, values); beyond the ends the end's value.
inline double between(const std::vector<std::int64_t>& horizons, const std::vector<double>& values,
                      std::int64_t horizon) {
  const auto above =
      static_cast<std::size_t>(std::lower_bound(horizons.begin(), horizons.end(), horizon) - horizons.begin());
  if (above == horizons.size()) return values.back();
  if (above == 0 || horizons[above] == horizon) return values[above];
  const double low = log_of(horizons[above - 1]), high = log_of(horizons[above]);
  return values[above - 1] + (log_of(horizon) - low) / (high - low) * (values[above] - values[above - 1]);
}

// Part of the way from one interval to another.
inline Conformal::Answer blended(const Conformal::Answer& a, const Conformal::Answer& b, double share) {
  Conformal::Answer out = a;
  for (std::size_t level = 0; level < out.offsets.size(); ++level)
    out.offsets[level] += share * (b.offsets[level] - a.offsets[level]);
  out.mean_factor += share * (b.mean_factor - a.mean_factor);
  return out;
}

// For each of `learned` its index among `asked`; asked.size() where it is not asked for.
inline std::vector<std::size_t> stats_among(const std::vector<std::string>& learned, Span<const std::string> asked) {
  std::vector<std::size_t> at(learned.size(), asked.size());
  for (std::size_t i = 0; i < at.size(); ++i)
    for (std::size_t k = 0; k < asked.size(); ++k)
      if (asked[k] == learned[i]) at[i] = k;
  return at;
}

// A video of a question with the stats that were learned, in their order; one that is not asked for has no readings.
// `nothing` is memory for those and must live as long.
inline VideoView arranged(const Series& now, std::size_t video, const std::vector<std::size_t>& learned,
                          std::vector<double>& nothing) {
  VideoView view = view_of(now, video);
  nothing.assign(view.times.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<Span<const double>> values;
  for (const std::size_t asked : learned)
    values.push_back(asked < view.values.size() ? view.values[asked] : Span<const double>(nothing));
  view.values = std::move(values);
  return view;
}

// A forecast in counts.
struct CountForecast {
  double mean = 0;
  Quantiles quantiles{};
};

inline CountForecast counts_of(const Growth& growth, Kind kind, double last) {
  CountForecast counts;
  for (std::size_t level = 0; level < counts.quantiles.size(); ++level)
    counts.quantiles[level] = grown(kind, last, growth.value + growth.interval.offsets[level]);
  counts.mean = grown(kind, last, growth.value + std::log(growth.interval.mean_factor));
  return counts;
}

// Writes one stat of one video; horizons increase. to_counts(path[h]) is called where there is an answer. A total is
// never less than at the horizon before.
template <class Path, class ToCounts>
void write_path(const Path& path, Kind kind, const ToCounts& to_counts, std::size_t video, std::size_t stat,
                Forecast& out) {
  CountForecast before;
  for (std::size_t h = 0; h < path.size(); ++h) {
    if (!path[h]) continue;
    CountForecast counts = to_counts(*path[h]);
    if (kind == Kind::total) {
      counts.mean = std::max(counts.mean, before.mean);
      for (std::size_t level = 0; level < counts.quantiles.size(); ++level)
        counts.quantiles[level] = std::max(counts.quantiles[level], before.quantiles[level]);
    }
    out.set(video, stat, h, counts.mean, counts.quantiles);
    before = counts;
  }
}

}  // namespace risetime
