// The plugin through the real boundary: it learns, keeps what it learned, and bears whatever history it is given.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <risetime/plugin.hpp>
#include <risetime/testing_models.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::boosted {
namespace {

constexpr std::int64_t kDay = testkit::one_day;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::int64_t> kHorizons = {kDay, 3 * kDay, 7 * kDay};
const std::vector<std::int64_t> kAges = {5 * kDay};
using testkit::faults_of;
using testkit::standing_at;
using testkit::video;
using testkit::videos;

struct Fitted : testkit::Fitted {
  explicit Fitted(std::string_view config = "{}", std::size_t threads = 1)
      : testkit::Fitted(risetime_plugin_v1(), "boosted", config, threads) {}
  void fit(std::vector<testkit::SeriesRow> rows, const std::vector<std::int64_t>& ages = kAges,
           std::size_t batch = 64) {
    testkit::Fitted::fit(std::move(rows), kHorizons, ages, batch);
  }
  Forecast ask(const std::vector<testkit::SeriesRow>& rows, const std::vector<std::int64_t>& horizons = kHorizons) {
    return testkit::Fitted::ask(rows, horizons);
  }
};

double mean_error(const Forecast& forecast, std::size_t first, std::size_t count, std::size_t h) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto whole = video(first + i);
    const double actual = whole.values[0][4 + static_cast<std::size_t>(kHorizons[h] / kDay)];
    sum += std::abs(std::log2((forecast.quantiles(i, 0, h)[3] + 1) / (actual + 1)));
  }
  return sum / static_cast<double>(count);
}

constexpr const char* kFew = R"({"trees": 25, "rate": 0.2, "pooled_rows": 1200})";

TEST(Boosted, AnswersTheSameAfterSavingAndLoading) {
  Fitted fitted(kFew), loaded(kFew);
  fitted.fit(videos(150));
  const std::string saved = fitted.model->save();
  loaded.model->load(saved);
  EXPECT_EQ(loaded.model->save(), saved);
  const auto row = standing_at(video(900), 5 * kDay);
  const Forecast first = fitted.ask({row}), second = loaded.ask({row});
  for (std::size_t h = 0; h < kHorizons.size(); ++h) EXPECT_EQ(first.quantiles(0, 0, h), second.quantiles(0, 0, h));
}

TEST(Boosted, LearnsTheSameBytesWhateverTheThreadsTheOrderAndTheBatches) {
  Fitted one(kFew), three(kFew, 3);
  auto rows = videos(120);
  one.fit(rows);
  std::reverse(rows.begin(), rows.end());
  three.fit(rows, kAges, 7);
  EXPECT_EQ(one.model->save(), three.model->save());
}

TEST(Boosted, IsSoundForOddHistories) {
  Fitted fitted(kFew);
  fitted.fit(videos(150));
  std::vector<testkit::SeriesRow> odd;
  odd.push_back(standing_at(video(901), 5 * kDay));
  odd.push_back(standing_at(video(902, 1), 5 * kDay));  // one reading
  odd.push_back(standing_at(video(903), 5 * kDay));     // constant
  odd.back().values = {std::vector<double>(5, 1000.0), std::vector<double>(5, 0.0)};
  odd.push_back(standing_at(video(904), 5 * kDay));  // no likes at all
  odd.back().values[1].assign(5, kMissing);
  odd.push_back(standing_at(video(905), 5 * kDay));  // counts beyond any
  odd.back().values = {{1e12, 2e12, 4e12, 8e12, 9e15}, {1e11, 1e11, 1e11, 1e11, 1e11}};
  odd.push_back(standing_at(video(906), 5 * kDay));  // taken back
  odd.back().values[0] = {5000, 9000, 9500, 4000, 4100};
  odd.push_back(standing_at(video(907, 19), 19 * kDay));  // an age that was not named
  odd.push_back(video(908, 0));                           // nothing seen yet
  odd.back().origin = odd.back().published_at;
  odd.push_back(standing_at(video(909), 5 * kDay));  // missing values between
  odd.back().values[0][2] = kMissing;
  odd.push_back(standing_at(video(910), 5 * kDay));  // a vector that is missing
  odd.back().features = {std::nanf(""), std::nanf("")};
  const std::vector<std::int64_t> horizons = {1, kDay / 24, kDay, 2 * kDay, 5 * kDay, 7 * kDay, 90 * kDay, 4000 * kDay};
  const Forecast forecast = fitted.ask(odd, horizons);
  EXPECT_EQ(faults_of(forecast, odd), std::vector<std::string>());
  EXPECT_EQ(faults_of(fitted.explain(odd, horizons), forecast, odd), std::vector<std::string>());
  EXPECT_TRUE(forecast.has(0, 0, 0));
  EXPECT_TRUE(forecast.has(3, 0, 2));
  EXPECT_FALSE(forecast.has(3, 1, 2));  // likes were never seen
  EXPECT_FALSE(forecast.has(7, 0, 2));
}

TEST(Boosted, LearnsGrowthThatFollowsFromTheHistory) {
  Fitted fitted(kFew);
  fitted.fit(videos(400));
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < 100; ++i) rows.push_back(standing_at(video(2000 + i), 5 * kDay));
  const Forecast forecast = fitted.ask(rows);
  EXPECT_LT(mean_error(forecast, 2000, 100, 2), 0.06);  // naive: 0.6
  int inside = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double actual = video(2000 + i).values[0][11];
    inside += forecast.quantiles(i, 0, 2)[1] <= actual && actual <= forecast.quantiles(i, 0, 2)[5] ? 1 : 0;
  }
  EXPECT_GE(inside, 68);  // 80 promised, three standard errors
  EXPECT_LE(inside, 92);
}

TEST(Boosted, AnswersAgesThatWereNotNamed) {
  Fitted fitted(kFew);
  fitted.fit(videos(400), {});
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < 100; ++i) rows.push_back(standing_at(video(2000 + i), 5 * kDay));
  EXPECT_LT(mean_error(fitted.ask(rows), 2000, 100, 2), 0.08);
}

TEST(Boosted, ForecastsALevelThatMayFall) {
  testkit::FakeHost host;
  const auto instance = host.load(risetime_plugin_v1(), "boosted", "{}");
  client::Model model(*instance);
  const std::vector<std::string> stats = {"viewers"};
  std::vector<testkit::SeriesRow> rows = videos(100);
  for (auto& row : rows)
    for (std::size_t day = 0; day < row.times.size(); ++day)
      row.values[0][day] = 1000 * std::exp(-0.3 * static_cast<double>(day));
  for (auto& row : rows) row.values.resize(1);
  testkit::BatchList batches([&](std::size_t index) -> std::optional<Batch> {
    if (index > 0) return std::nullopt;
    return testkit::series_batch(rows, stats);
  });
  model.fit(batches, stats, kHorizons, kAges);
  const auto row = standing_at(rows.front(), 5 * kDay);
  const Forecast forecast = model.forecast(testkit::series_batch({row}, stats), stats, kHorizons);
  EXPECT_NEAR(forecast.quantiles(0, 0, 1)[3] / row.values[0].back(), std::exp(-0.9), 0.05);
  const Contributions said = model.explain(testkit::series_batch({row}, stats), stats, kHorizons);
  EXPECT_EQ(faults_of(said, forecast, {row}, true), std::vector<std::string>());
}

TEST(Boosted, LearnsFromOneVideoAndSaysWhenThereIsNothingToLearnFrom) {
  Fitted fitted(kFew);
  fitted.fit(videos(1));
  const std::vector<testkit::SeriesRow> rows = {standing_at(video(950), 5 * kDay)};
  const Forecast forecast = fitted.ask(rows);
  EXPECT_TRUE(forecast.has(0, 0, 0));
  EXPECT_EQ(faults_of(forecast, rows), std::vector<std::string>());
  Fitted empty(kFew);
  try {
    empty.fit({video(0, 1), video(1, 1)});
    FAIL() << "it learned from single readings";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::input);
    EXPECT_NE(error.message().find("two readings"), std::string::npos);
  }
}

TEST(Boosted, RefusesAStateThatEndsEarlyOrIsAnotherModels) {
  Fitted fitted(kFew);
  fitted.fit(videos(40));
  std::string saved(envelope::open(fitted.model->save()));  // the envelope alone would refuse all of these
  Fitted target(kFew);
  for (std::size_t size = 0; size < saved.size(); size += saved.size() / 200)
    EXPECT_THROW(target.model->load(std::string_view(saved).substr(0, size)), Error) << size;
  saved[0] = 99;
  EXPECT_THROW(target.model->load(saved), Error);
}

TEST(Boosted, StopsWhenTheHostAsks) {
  Fitted fitted(kFew);
  fitted.host.cancel();
  try {
    fitted.fit(videos(50));
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

// One model for viewers, hour by hour; most levels are known for three weeks, some for three days.
struct Rhythmic : testkit::Fitted {
  explicit Rhythmic(std::size_t threads = 1) : testkit::Fitted(risetime_plugin_v1(), "boosted", kFew, threads) {}
  void fit(std::vector<testkit::SeriesRow> rows, std::size_t batch = 64) {
    testkit::Fitted::fit(std::move(rows), {kHour, 24 * kHour, 48 * kHour}, {}, batch, testkit::level_stats);
  }
  static constexpr std::int64_t kHour = kDay / 24;
};

TEST(BoostedRhythm, IsLearnedFromOtherLevelsAndBeatsRepeatingTheLastDay) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(60, 30 * 24));
  const testkit::LevelErrors known = testkit::level_errors(fitted, 100, 40, 21 * 24);
  EXPECT_LT(known.model, 0.8 * known.last_day);
  EXPECT_EQ(known.faults, std::vector<std::string>{});
  const testkit::LevelErrors young = testkit::level_errors(fitted, 200, 40, 3 * 24);
  EXPECT_LT(young.model, 1.3 * young.last_day);
  EXPECT_EQ(young.faults, std::vector<std::string>{});
  const testkit::LevelErrors newborn = testkit::level_errors(fitted, 300, 5, 30);  // no rhythm is seen in 30 hours
  EXPECT_EQ(newborn.faults, std::vector<std::string>{});
}

TEST(BoostedRhythm, IsTheSameInAnyOrderOnAnyThreadsAndAfterLoading) {
  Rhythmic one, two(2), loaded;
  auto rows = testkit::hourly_levels(40, 24 * 24);
  one.fit(rows);
  std::reverse(rows.begin(), rows.end());
  two.fit(rows, 7);
  const std::string saved = one.model->save();
  EXPECT_EQ(two.model->save(), saved);
  loaded.model->load(saved);
  EXPECT_EQ(loaded.model->save(), saved);
  const testkit::LevelErrors first = testkit::level_errors(one, 100, 5, 15 * 24);
  EXPECT_EQ(testkit::level_errors(loaded, 100, 5, 15 * 24).model, first.model);
  const std::string_view state = envelope::open(saved);
  EXPECT_THROW(Rhythmic().model->load(state.substr(0, state.size() - 9)), Error);
}

TEST(BoostedRhythm, AnswersAnyHorizonFromAnOriginBehindTheLastReading) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(40, 24 * 24));
  testkit::SeriesRow row = testkit::hourly_level(100, 20 * 24);
  row.origin = row.times.back() + Rhythmic::kHour / 3;
  const std::vector<std::int64_t> horizons = {1, Rhythmic::kHour / 2, 5 * kDay, 7 * kDay, 30 * kDay + 1};
  const Forecast forecast = fitted.ask({row}, horizons, testkit::level_stats);
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    const auto then = static_cast<std::size_t>((*row.origin + horizons[h] - row.times.front()) / Rhythmic::kHour);
    const double actual = testkit::hourly_level(100, then + 1).values[0].back();
    EXPECT_NEAR(std::log(forecast.quantiles(0, 0, h)[3] / actual), 0, 0.6) << h;
  }
}

TEST(BoostedRhythm, SurvivesDamagedBytesBehindTheEnvelope) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(20, 20 * 24));
  const std::size_t loaded = testkit::loaded_though_damaged(
      fitted.model->save(), testkit::hourly_level(100, 15 * 24), {Rhythmic::kHour, 30 * Rhythmic::kHour},
      testkit::level_stats, 150, [] { return std::make_unique<Rhythmic>(); });
  EXPECT_GT(loaded, 0U);
}

}  // namespace
}  // namespace risetime::boosted
