// For tests of model plugins: invented videos, and a model in a fake host of its own.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <risetime/testing.hpp>

namespace risetime::testkit {

constexpr std::int64_t one_day = 86'400'000'000;
inline const std::vector<std::string> invented_stats = {"views", "likes"};

// A video that grows as a power of its age, with a little noise; likes are a twentieth of the views.
inline SeriesRow video(std::size_t index, std::size_t readings = 20) {
  std::mt19937_64 random(index + 1);
  std::normal_distribution<double> normal;
  SeriesRow row;
  row.video_id = "v" + std::to_string(index);
  row.published_at = static_cast<std::int64_t>(index) * one_day / 7;
  row.category = index % 2 == 0 ? "Music" : "Gaming";
  row.duration_s = 60.0 + static_cast<double>(index);
  row.features = {static_cast<float>(normal(random)), static_cast<float>(normal(random))};
  const double size = std::exp(8 + normal(random)), power = 0.3 + 0.5 / (1 + std::exp(-normal(random)));
  std::vector<double> views, likes;
  for (std::size_t day = 1; day <= readings; ++day) {
    row.times.push_back(row.published_at + static_cast<std::int64_t>(day) * one_day);
    const double before = views.empty() ? 0 : views.back();
    views.push_back(std::floor(
        std::max(before, size * std::pow(static_cast<double>(day), power) * std::exp(0.02 * normal(random)))));
    likes.push_back(std::floor(views.back() / 20));
  }
  row.values = {views, likes};
  return row;
}

inline std::vector<SeriesRow> videos(std::size_t count) {
  std::vector<SeriesRow> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(video(i));
  return rows;
}

// The video as it was known at an age.
inline SeriesRow standing_at(SeriesRow row, std::int64_t age) {
  row.origin = row.published_at + age;
  std::size_t seen = 0;
  while (seen < row.times.size() && row.times[seen] <= *row.origin) ++seen;
  row.times.resize(seen);
  for (auto& values : row.values) values.resize(seen);
  return row;
}

inline const std::vector<std::string> level_stats = {"viewers"};

// Viewers of a channel that is always on, hour by hour: a daily and a weekly rhythm of its own, with a little noise.
inline SeriesRow hourly_level(std::size_t index, std::size_t hours) {
  std::mt19937_64 random(index + 1);
  std::normal_distribution<double> normal;
  SeriesRow row;
  row.video_id = "level" + std::to_string(index);
  row.published_at = static_cast<std::int64_t>(index % 168) * one_day / 24;
  const double size = std::exp(8 + normal(random)), swing = 0.3 + 0.2 * std::abs(normal(random)),
               weekend = normal(random) / 2;
  std::vector<double> viewers;
  for (std::size_t hour = 0; hour < hours; ++hour) {
    const std::int64_t time = row.published_at + static_cast<std::int64_t>(hour) * one_day / 24;
    const auto of_week = static_cast<double>(time / (one_day / 24) % 168);
    const double log = swing * std::sin(of_week * 0.2617993877991494) + (of_week >= 120 ? weekend : 0.0);
    row.times.push_back(time);
    viewers.push_back(std::floor(size * std::exp(log + 0.03 * normal(random))));
  }
  row.values = {viewers};
  return row;
}

inline std::vector<SeriesRow> hourly_levels(std::size_t count, std::size_t hours) {
  std::vector<SeriesRow> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(hourly_level(i, hours));
  return rows;
}

// Mean absolute log errors two days ahead of levels number `first` to `first` + `count` from hour `hours`: the model's
// and those of repeating the last day; and what is wrong with its answers.
struct LevelErrors {
  double model = 0, last_day = 0;
  std::vector<std::string> faults;
};
template <class Model>
LevelErrors level_errors(Model& fitted, std::size_t first, std::size_t count, std::size_t hours) {
  std::vector<std::int64_t> horizons;
  for (std::int64_t hour = 1; hour <= 48; ++hour) horizons.push_back(hour * one_day / 24);
  std::vector<SeriesRow> whole, rows;
  for (std::size_t i = 0; i < count; ++i) {
    whole.push_back(hourly_level(first + i, hours + 48));
    rows.push_back(standing_at(whole.back(), static_cast<std::int64_t>(hours - 1) * one_day / 24));
  }
  const Forecast forecast = fitted.ask(rows, horizons, level_stats);
  LevelErrors errors;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      const double actual = std::log1p(whole[i].values[0][hours + h]);
      const Quantiles& quantiles = forecast.quantiles(i, 0, h);
      errors.model += std::abs(std::log1p(quantiles[3]) - actual) / static_cast<double>(count * horizons.size());
      errors.last_day += std::abs(std::log1p(whole[i].values[0][hours - 24 + h % 24]) - actual) /
                         static_cast<double>(count * horizons.size());
      if (!std::is_sorted(quantiles.begin(), quantiles.end()) || !std::isfinite(quantiles.back()) || quantiles[0] < 0 ||
          !std::isfinite(forecast.mean(i, 0, h)))
        errors.faults.push_back("video " + std::to_string(i) + ", hour " + std::to_string(h + 1));
    }
  return errors;
}

// A model in a fake host of its own; `plugins` is what risetime_plugin_v1() returns.
struct Fitted {
  FakeHost host;
  std::unique_ptr<client::Instance> instance;
  std::unique_ptr<client::Model> model;

  Fitted(const risetime_plugins* plugins, const char* name, std::string_view config = "{}", std::size_t threads = 1) {
    host.set_threads(threads);
    instance = host.load(plugins, name, config);
    model = std::make_unique<client::Model>(*instance);
  }
  void fit(std::vector<SeriesRow> rows, const std::vector<std::int64_t>& horizons,
           const std::vector<std::int64_t>& ages, std::size_t batch = 64,
           const std::vector<std::string>& stats = invented_stats) {
    BatchList batches([rows = std::move(rows), batch, &stats](std::size_t index) -> std::optional<Batch> {
      if (index * batch >= rows.size()) return std::nullopt;
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(index * batch);
      const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), (index + 1) * batch));
      return series_batch({first, last}, stats);
    });
    model->fit(batches, stats, horizons, ages);
  }
  Forecast ask(const std::vector<SeriesRow>& rows, const std::vector<std::int64_t>& horizons,
               const std::vector<std::string>& stats = invented_stats) {
    return model->forecast(series_batch(rows, stats), stats, horizons);
  }
  Contributions explain(const std::vector<SeriesRow>& rows, const std::vector<std::int64_t>& horizons,
                        const std::vector<std::string>& stats = invented_stats) {
    return model->explain(series_batch(rows, stats), stats, horizons);
  }
};

// What is wrong with a forecast, a sentence each: quantiles that cross, are not finite, fall with the horizon or begin
// below the last reading.
inline std::vector<std::string> faults_of(const Forecast& forecast, const std::vector<SeriesRow>& rows) {
  std::vector<std::string> faults;
  for (std::size_t v = 0; v < forecast.videos(); ++v) {
    for (std::size_t stat = 0; stat < forecast.stats(); ++stat) {
      Quantiles before{};
      for (const double value : rows[v].values[stat])
        if (std::isfinite(value)) before.front() = value;
      for (std::size_t h = 0; h < forecast.horizons(); ++h) {
        if (!forecast.has(v, stat, h)) continue;
        const Quantiles& quantiles = forecast.quantiles(v, stat, h);
        const auto blame = [&](bool sound, const char* what) {
          if (!sound)
            faults.push_back("video " + std::to_string(v) + ", stat " + std::to_string(stat) + ", horizon " +
                             std::to_string(h) + ": " + what);
        };
        blame(std::is_sorted(quantiles.begin(), quantiles.end()), "quantiles cross");
        blame(std::isfinite(forecast.mean(v, stat, h)) && std::isfinite(quantiles.back()), "not finite");
        blame(quantiles.front() >= before.front(), "below what was before");
        blame(quantiles[3] >= before[3], "the median falls");
        before = quantiles;
      }
    }
  }
  return faults;
}

// What is wrong with what a model says of its forecasts, a sentence each: an answer that it does not explain, and
// contributions that do not add up to the median. `levels`: the stats are no running totals.
inline std::vector<std::string> faults_of(const Contributions& said, const Forecast& forecast,
                                          const std::vector<SeriesRow>& rows, bool levels = false) {
  std::vector<std::string> faults;
  for (std::size_t v = 0; v < forecast.videos(); ++v) {
    for (std::size_t stat = 0; stat < forecast.stats(); ++stat) {
      double last = 0;
      for (const double value : rows[v].values[stat])
        if (std::isfinite(value)) last = value;
      for (std::size_t h = 0; h < forecast.horizons(); ++h) {
        const std::string where =
            "video " + std::to_string(v) + ", stat " + std::to_string(stat) + ", horizon " + std::to_string(h) + ": ";
        if (said.has(v, stat, h) != forecast.has(v, stat, h))
          faults.push_back(where + (said.has(v, stat, h) ? "explained without an answer" : "not explained"));
        if (!said.has(v, stat, h) || !forecast.has(v, stat, h)) continue;
        const double median = forecast.quantiles(v, stat, h)[3];
        const double log = levels ? std::log((median + 1) / (last + 1)) : std::log1p(median - last);
        const double sum = said.sum(v, stat, h);
        // A gain that is small beside the count has lost its last digits in it.
        const double rounding = 1e-15 * (median + 1) / (levels ? last + 1 : median - last + 1);
        if (!(std::abs(sum - log) <= 1e-9 + rounding))
          faults.push_back(where + "adds up to " + std::to_string(sum) + " instead of " + std::to_string(log));
      }
    }
  }
  return faults;
}

// How many of `count` states, each with one byte changed in its second half, were loaded and asked for forecasts of the
// row; the others were refused. The states come without their envelope, which would refuse every one of them.
template <class Fresh>
std::size_t loaded_though_damaged(const std::string& saved, const SeriesRow& row,
                                  const std::vector<std::int64_t>& horizons, const std::vector<std::string>& stats,
                                  std::size_t count, const Fresh& fresh) {
  const std::string state(envelope::open(saved));
  std::mt19937 random(1);
  std::size_t loaded = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::string damaged = state;
    damaged[state.size() - 1 - random() % (state.size() / 2)] = static_cast<char>(random());
    auto target = fresh();
    try {
      target->model->load(damaged);
      ++loaded;
      (void)target->ask({row}, horizons, stats);
    } catch (const Error&) {  // refused; otherwise the byte was a number's, and the forecast is another one
    }
  }
  return loaded;
}

}  // namespace risetime::testkit
