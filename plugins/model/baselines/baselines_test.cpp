// Each baseline against numbers worked out by hand, and all of them on histories that are odd.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

#include "methods.hpp"

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::baselines {
namespace {

constexpr std::int64_t kDay = microseconds_per_day;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> kStats = {"views"};
const std::vector<std::int64_t> kHorizons = {kDay, 2 * kDay, 4 * kDay};
const std::vector<const char*> kAll = {"naive",         "drift",      "seasonal-naive",     "window-mean",
                                       "median-growth", "log-linear", "multivariate-linear"};

History history_of(const std::vector<double>& daily_totals, std::int64_t origin, Kind kind = Kind::total) {
  std::vector<std::int64_t> times;
  for (std::size_t day = 1; day <= daily_totals.size(); ++day) times.push_back(static_cast<std::int64_t>(day) * kDay);
  return {times, daily_totals, 0, origin, kind};
}

TEST(Naive, RepeatsTheLastValue) { EXPECT_EQ(Naive().forecast({}, history_of({10, 30}, 2 * kDay), kDay), 30); }

TEST(Drift, GoesOnFromTheLastReadingNotFromTheOrigin) {
  EXPECT_DOUBLE_EQ(Drift().forecast({}, history_of({10, 30}, 2 * kDay), 3 * kDay), 90);
  EXPECT_DOUBLE_EQ(Drift().forecast({}, history_of({10, 30}, 2 * kDay + kDay / 2), 3 * kDay), 100);
  EXPECT_DOUBLE_EQ(Drift().forecast({}, history_of({10}, kDay), kDay), 20);  // one reading: since publication
  EXPECT_DOUBLE_EQ(Drift().forecast({}, history_of({30, 10}, 2 * kDay, Kind::level), 5 * kDay), 0);
}

TEST(SeasonalNaive, RepeatsTheSameDaysOfTheLastWeek) {
  const History history = history_of({1, 2, 3, 4, 5, 6, 7, 107, 117, 118, 119, 120, 121, 122}, 14 * kDay);
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, kDay), 222);       // 100 as a week ago
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, 2 * kDay), 232);   // and 10
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, 14 * kDay), 352);  // two whole weeks
}

TEST(SeasonalNaive, RepeatsTheLastWeekOfALevelAndTheLastValueAWeekAhead) {
  const History history = history_of({9, 1, 2, 3, 4, 5, 6, 7}, 8 * kDay, Kind::level);
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, kDay), 1);
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, 6 * kDay), 6);
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, 7 * kDay), 7);
  EXPECT_DOUBLE_EQ(SeasonalNaive().forecast({}, history, 8 * kDay), 1);
}

TEST(WindowMean, CarriesOnTheMeanRateOfTheWindow) {
  const History history = history_of({100, 200, 210, 220, 230, 240, 250, 260, 270}, 9 * kDay);
  EXPECT_DOUBLE_EQ(WindowMean().forecast({}, history, 7 * kDay), 340);
  EXPECT_DOUBLE_EQ(WindowMean{2 * kDay}.forecast({}, history, kDay), 280);
}

Life life(std::vector<double> daily_totals, double actual, std::size_t fold = 0) {
  const auto age = static_cast<std::int64_t>(daily_totals.size()) * kDay;
  return {fold, history_of(daily_totals, age), {actual}};
}

TEST(MedianGrowth, TakesTheMedianRatioOfTheOtherFolds) {
  const std::vector<Life> lives = {life({99}, 199), life({99}, 399), life({99}, 799), life({99}, 1e9, 3),
                                   life({99}, kMissing)};
  const Learned learned = MedianGrowth().learn(lives, 0, kDay, 3);
  EXPECT_NEAR(MedianGrowth().forecast(learned, history_of({999}, kDay), kDay), 3999, 1e-6);
}

TEST(LogLinear, TakesTheMeanOfTheLogRatio) {
  const std::vector<Life> lives = {life({99}, 199), life({99}, 799)};
  const Learned learned = LogLinear().learn(lives, 0, kDay, kFolds);
  EXPECT_NEAR(LogLinear().forecast(learned, history_of({999}, kDay), kDay), 3999, 1e-6);
}

TEST(MultivariateLinear, FindsTheWeightsThatMadeTheData) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> draw(100, 1000);
  std::vector<Life> lives;
  for (int i = 0; i < 60; ++i) {
    const double first = draw(random), second = draw(random);
    lives.push_back(life({first, first + second}, 2 * second + first - 1));
  }
  const Learned learned = MultivariateLinear().learn(lives, 0, kDay, kFolds);
  ASSERT_EQ(learned.size(), 2U);
  EXPECT_NEAR(learned[0], 2, 1e-3);  // the latest part first
  EXPECT_NEAR(learned[1], 1, 1e-3);
}

testkit::SeriesRow video(std::size_t index, std::size_t readings = 20) {
  std::mt19937_64 random(index + 1);
  std::normal_distribution<double> normal;
  testkit::SeriesRow row;
  row.video_id = "v" + std::to_string(index);
  row.published_at = static_cast<std::int64_t>(index) * kDay / 3;
  const double size = std::exp(8 + normal(random)), power = 0.3 + 0.1 * normal(random);
  std::vector<double> views;
  for (std::size_t day = 1; day <= readings; ++day) {
    row.times.push_back(row.published_at + static_cast<std::int64_t>(day) * kDay);
    views.push_back(std::max(views.empty() ? 0.0 : views.back(),
                             std::floor(size * std::pow(static_cast<double>(day), std::max(0.05, power)))));
  }
  row.values = {views};
  return row;
}

testkit::SeriesRow standing_at(testkit::SeriesRow row, std::int64_t age) {
  row.origin = row.published_at + age;
  std::size_t seen = 0;
  while (seen < row.times.size() && row.times[seen] <= *row.origin) ++seen;
  row.times.resize(seen);
  row.values[0].resize(seen);
  return row;
}

struct Fitted {
  testkit::FakeHost host;
  std::unique_ptr<client::Instance> instance;
  std::unique_ptr<client::Model> model;

  explicit Fitted(const char* id, std::size_t threads = 1) {
    host.set_threads(threads);
    instance = host.load(risetime_plugin_v1(), id, "{}");
    model = std::make_unique<client::Model>(*instance);
  }
  void fit(std::vector<testkit::SeriesRow> rows) {
    testkit::BatchList batches([rows = std::move(rows)](std::size_t index) -> std::optional<Batch> {
      if (index * 64 >= rows.size()) return std::nullopt;
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(index * 64);
      const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), (index + 1) * 64));
      return testkit::series_batch({first, last}, kStats);
    });
    const std::vector<std::int64_t> ages = {5 * kDay};
    model->fit(batches, kStats, kHorizons, ages);
  }
  Forecast ask(const std::vector<testkit::SeriesRow>& rows, const std::vector<std::int64_t>& horizons = kHorizons) {
    return model->forecast(testkit::series_batch(rows, kStats), kStats, horizons);
  }
};

std::vector<testkit::SeriesRow> videos(std::size_t count) {
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(video(i));
  return rows;
}

class AllBaselines : public testing::TestWithParam<const char*> {};

TEST_P(AllBaselines, GivesTheSameBytesInAnyOrderOnAnyThreadsAndAfterLoading) {
  Fitted one(GetParam()), two(GetParam(), 2), loaded(GetParam());
  auto rows = videos(150);
  one.fit(rows);
  std::reverse(rows.begin(), rows.end());
  two.fit(rows);
  const std::string saved = one.model->save();
  EXPECT_EQ(two.model->save(), saved);
  loaded.model->load(saved);
  EXPECT_EQ(loaded.model->save(), saved);
  const auto now = standing_at(video(900), 5 * kDay);
  EXPECT_EQ(loaded.ask({now}).quantiles(0, 0, 1), one.ask({now}).quantiles(0, 0, 1));
}

TEST_P(AllBaselines, CoversEightyPercentOfVideosItHasNotSeen) {
  Fitted fitted(GetParam());
  fitted.fit(videos(600));
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < 400; ++i) rows.push_back(standing_at(video(3000 + i), 5 * kDay));
  const Forecast forecast = fitted.ask(rows);
  int inside = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double actual = video(3000 + i).values[0][8];
    inside += forecast.quantiles(i, 0, 2)[1] <= actual && actual <= forecast.quantiles(i, 0, 2)[5] ? 1 : 0;
  }
  EXPECT_NEAR(inside / 400.0, 0.8, 0.07);
}

TEST_P(AllBaselines, IsSoundForOddHistoriesAgesAndHorizons) {
  Fitted fitted(GetParam());
  fitted.fit(videos(150));
  std::vector<testkit::SeriesRow> odd = {standing_at(video(901), 5 * kDay), standing_at(video(902, 1), 5 * kDay),
                                         standing_at(video(903), 19 * kDay)};
  odd.push_back(standing_at(video(904), 5 * kDay));
  odd.back().values[0] = {0, 0, 0, 0, 0};
  odd.push_back(standing_at(video(905), 5 * kDay));
  odd.back().values[0] = {1e12, 2e12, kMissing, 8e12, 9e15};
  odd.push_back(standing_at(video(906), 5 * kDay));
  odd.back().values[0] = {5000, 9000, 9500, 4000, 4100};
  odd.push_back(standing_at(video(907), 5 * kDay));
  odd.back().values[0].assign(5, kMissing);
  const std::vector<std::int64_t> horizons = {1, kDay / 24, kDay, 3 * kDay, 100 * kDay, 4000 * kDay};
  const Forecast forecast = fitted.ask(odd, horizons);
  for (std::size_t v = 0; v + 1 < odd.size(); ++v) {
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      ASSERT_TRUE(forecast.has(v, 0, h));
      const Quantiles& quantiles = forecast.quantiles(v, 0, h);
      EXPECT_TRUE(std::is_sorted(quantiles.begin(), quantiles.end())) << v << " " << h;
      EXPECT_TRUE(std::isfinite(quantiles.back()));
      EXPECT_GE(quantiles.front(), h == 0 ? odd[v].values[0].back() : forecast.quantiles(v, 0, h - 1).front());
      EXPECT_GE(forecast.mean(v, 0, h), h == 0 ? 0 : forecast.mean(v, 0, h - 1));
    }
  }
  EXPECT_FALSE(forecast.has(odd.size() - 1, 0, 0));  // no view was ever seen
}

TEST_P(AllBaselines, LearnsFromOneVideoAndRefusesNoneOrHalfAState) {
  Fitted fitted(GetParam()), empty(GetParam());
  fitted.fit(videos(1));
  EXPECT_TRUE(fitted.ask({standing_at(video(1), 5 * kDay)}).has(0, 0, 0));
  EXPECT_THROW(empty.fit({video(0, 0)}), Error);
  const std::string saved = fitted.model->save();
  for (std::size_t size = 0; size < saved.size(); size += 41)
    EXPECT_THROW(empty.model->load(std::string_view(saved).substr(0, size)), Error) << size;
}

INSTANTIATE_TEST_SUITE_P(Baselines, AllBaselines, testing::ValuesIn(kAll));

}  // namespace
}  // namespace risetime::baselines
