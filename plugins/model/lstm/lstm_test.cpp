// The model through the real C boundary: what it learns, how it is saved, and what odd input does to it.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <cmath>
#include <limits>
#include <random>
#include <risetime/plugin.hpp>
#include <risetime/testing_models.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::lstm {
namespace {

using testkit::FakeHost;
using testkit::SeriesRow;

constexpr std::int64_t day = 86'400'000'000;
const double missing = std::numeric_limits<double>::quiet_NaN();
const char* const quick = R"({"hidden": 16, "blocks": 1, "epochs": 12, "batch": 16, "learning_rate": 0.01})";

// A video whose daily views fall by `decay` each day; likes are a tenth.
SeriesRow falling(int number, double first, double decay, int days) {
  SeriesRow row;
  row.video_id = "video" + std::to_string(number);
  row.category = number % 2 == 0 ? "Music" : "News";
  row.duration_s = 60.0 + number;
  row.published_at = 1'700'000'000'000'000 + number * day / 7;
  row.values.resize(2);
  double total = 0;
  for (int d = 1; d <= days; ++d) {
    total += first;
    first *= decay;
    row.times.push_back(row.published_at + d * day);
    row.values[0].push_back(std::floor(total));
    row.values[1].push_back(std::floor(total / 10));
  }
  return row;
}

std::vector<SeriesRow> world() {
  std::vector<SeriesRow> rows;
  for (int i = 0; i < 200; ++i)
    rows.push_back(falling(i, 50.0 * (1 + i % 37) * (1 + i % 11), 0.5 + 0.045 * (i % 10), 14));
  return rows;
}

const std::vector<std::string> stats{"views", "likes"};
const std::vector<std::int64_t> horizons{1 * day, 3 * day, 7 * day};
const std::vector<std::int64_t> ages{3 * day, 5 * day};

std::unique_ptr<client::Instance> fitted(const FakeHost& host, const std::vector<SeriesRow>& rows,
                                         const char* config = quick) {
  auto instance = host.load(risetime_plugin_v1(), "lstm", config);
  testkit::BatchList batches([&](std::size_t index) -> std::optional<Batch> {
    const std::size_t first = index * 64;
    if (first >= rows.size()) return std::nullopt;
    return testkit::series_batch({rows.begin() + static_cast<std::ptrdiff_t>(first),
                                  rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), first + 64))},
                                 stats);
  });
  client::Model(*instance).fit(batches, stats, horizons, ages);
  return instance;
}

Forecast ask(const client::Instance& instance, const std::vector<SeriesRow>& rows) {
  return client::Model(instance).forecast(testkit::series_batch(rows, stats), stats, horizons);
}

SeriesRow until(SeriesRow row, std::size_t readings) {
  row.times.resize(readings);
  for (auto& values : row.values) values.resize(readings);
  return row;
}

std::vector<double> all_of(const Forecast& forecast) {
  std::vector<double> numbers;
  for (std::size_t video = 0; video < forecast.videos(); ++video)
    for (std::size_t stat = 0; stat < forecast.stats(); ++stat)
      for (std::size_t horizon = 0; horizon < forecast.horizons(); ++horizon) {
        if (!forecast.has(video, stat, horizon)) continue;
        numbers.push_back(forecast.mean(video, stat, horizon));
        for (const double quantile : forecast.quantiles(video, stat, horizon)) numbers.push_back(quantile);
      }
  return numbers;
}

// One fitted instance for the tests that only ask.
class Fitted : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    host = new FakeHost;
    model = fitted(*host, world()).release();
  }
  static void TearDownTestSuite() {
    delete model;
    delete host;
  }
  static FakeHost* host;
  static client::Instance* model;
};
FakeHost* Fitted::host = nullptr;
client::Instance* Fitted::model = nullptr;

TEST_F(Fitted, ForecastsAWorldOfFallingViewsBetterThanRepeatingTheLastDay) {
  double error = 0, naive = 0;
  int inside = 0, all = 0;
  for (int i = 0; i < 60; ++i) {
    const SeriesRow whole = falling(1000 + i, 70.0 * (1 + i % 23) * (1 + i % 7), 0.5 + 0.045 * (i % 9), 14);
    const Forecast forecast = ask(*model, {until(whole, 4)});
    const double actual = whole.values[0][10], last = whole.values[0][3];
    const Quantiles& quantiles = forecast.quantiles(0, 0, 2);
    error += std::abs(std::log2((quantiles[3] + 1) / (actual + 1)));
    naive += std::abs(std::log2((last + 7 * (last - whole.values[0][2]) + 1) / (actual + 1)));
    inside += quantiles[1] <= actual && actual <= quantiles[5];
    ++all;
  }
  EXPECT_LT(error, 0.35 * naive);
  EXPECT_GT(inside, all * 6 / 10);
}

TEST_F(Fitted, GivesOrderedQuantilesThatStartAtTheLastValueAndGrowWithTheHorizon) {
  const SeriesRow row = until(falling(7, 1000, 0.7, 14), 5);
  const Forecast forecast = ask(*model, {row});
  for (std::size_t stat = 0; stat < 2; ++stat)
    for (std::size_t horizon = 0; horizon < 3; ++horizon) {
      const Quantiles& quantiles = forecast.quantiles(0, stat, horizon);
      EXPECT_GE(quantiles[0], row.values[stat].back());
      EXPECT_TRUE(std::is_sorted(quantiles.begin(), quantiles.end()));
      EXPECT_GE(quantiles[3], horizon > 0 ? forecast.quantiles(0, stat, horizon - 1)[3] : 0.0);
    }
}

TEST_F(Fitted, SurvivesSavingAndLoadingToTheLastBit) {
  const std::string saved = client::Model(*model).save();
  const auto again = host->load(risetime_plugin_v1(), "lstm", quick);
  client::Model(*again).load(saved);
  const std::vector<SeriesRow> rows{until(falling(1, 500, 0.8, 14), 4), until(falling(2, 9000, 0.6, 14), 6)};
  EXPECT_EQ(all_of(ask(*model, rows)), all_of(ask(*again, rows)));
  EXPECT_EQ(client::Model(*again).save(), saved);
}

TEST_F(Fitted, RefusesSavedBytesThatAreCutOrForeign) {
  const std::string saved(
      envelope::open(client::Model(*model).save()));  // the envelope alone would refuse all of these
  for (const std::string& bytes :
       {saved.substr(0, saved.size() / 2), std::string("no model"), std::string(), saved + "x"}) {
    const auto again = host->load(risetime_plugin_v1(), "lstm", quick);
    EXPECT_THROW(client::Model(*again).load(bytes), Error);
  }
}

TEST_F(Fitted, AnswersTheSameWhateverElseIsInTheBatch) {
  const SeriesRow row = until(falling(3, 700, 0.75, 14), 5);
  std::vector<SeriesRow> many;
  for (int i = 0; i < 40; ++i)
    many.push_back(until(falling(i, 100 + i, 0.8, 14), static_cast<std::size_t>(1 + i % 12)));
  many.push_back(row);
  const Forecast alone = ask(*model, {row}), together = ask(*model, many);
  EXPECT_EQ(alone.quantiles(0, 1, 2), together.quantiles(40, 1, 2));
}

TEST_F(Fitted, AnswersForOneReadingGapsZerosCorrectionsAndOldVideos) {
  SeriesRow one = until(falling(1, 500, 0.8, 14), 1);
  SeriesRow gaps = falling(2, 500, 0.8, 14);
  gaps.times = {gaps.times[0], gaps.times[4], gaps.times[13]};
  for (auto& values : gaps.values) values = {values[0], values[4], values[13]};
  SeriesRow zeros = falling(3, 0, 0.8, 5), corrected = falling(4, 500, 0.8, 5), old = falling(5, 500, 0.8, 5);
  corrected.values[0][3] = 1;
  corrected.values[0][4] = 2;
  for (auto& time : old.times) time += 4000 * day;
  for (const SeriesRow& row : {one, gaps, zeros, corrected, old}) {
    const Forecast forecast = ask(*model, {row});
    const std::vector<double> numbers = all_of(forecast);
    EXPECT_EQ(numbers.size(), 2U * 3 * 8) << row.video_id;
    for (const double number : numbers) EXPECT_TRUE(std::isfinite(number) && number >= 0) << row.video_id;
    EXPECT_GE(forecast.quantiles(0, 0, 0)[0], row.values[0].back()) << row.video_id;
  }
}

TEST_F(Fitted, ForecastsNothingForAStatWithoutValuesAndTheOtherAsUsual) {
  SeriesRow row = until(falling(1, 500, 0.8, 14), 5);
  std::fill(row.values[1].begin(), row.values[1].end(), missing);
  SeriesRow empty = until(row, 0);
  const Forecast forecast = ask(*model, {row, empty});
  EXPECT_TRUE(forecast.has(0, 0, 0));
  EXPECT_FALSE(forecast.has(0, 1, 0));
  EXPECT_FALSE(forecast.has(1, 0, 0)) << "a video without readings";
}

TEST_F(Fitted, AnswersHorizonsBetweenAndBeyondTheSteps) {
  const std::vector<SeriesRow> rows{until(falling(1, 500, 0.8, 14), 5)};
  const std::vector<std::int64_t> odd{day / 5, day, 36 * day / 24, 2 * day, 4000 * day};
  const Forecast forecast = client::Model(*model).forecast(testkit::series_batch(rows, stats), stats, odd);
  double before = rows[0].values[0].back();
  for (std::size_t horizon = 0; horizon < odd.size(); ++horizon) {
    EXPECT_GE(forecast.quantiles(0, 0, horizon)[3], before);
    before = forecast.quantiles(0, 0, horizon)[3];
  }
}

TEST_F(Fitted, CountsTheHorizonFromTheOriginNotFromTheLastReading) {
  SeriesRow at_reading = until(falling(1, 5000, 0.9, 14), 5), later = at_reading;
  at_reading.origin = at_reading.times.back();
  later.origin = later.times.back() + 2 * day;
  const Forecast a = ask(*model, {at_reading}), b = ask(*model, {later});
  EXPECT_EQ(b.quantiles(0, 0, 0)[3], a.quantiles(0, 0, 1)[3]) << "a day after, two days late, is three days after";
}

TEST_F(Fitted, SaysWhichFeaturesItWasTrainedWithout) {
  SeriesRow row = until(falling(1, 500, 0.8, 14), 5);
  row.features = {1, 2};
  try {
    ask(*model, {row});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::input);
    EXPECT_NE(error.message().find("2 features"), std::string::npos) << error.message();
  }
}

TEST(Lstm, MakesTheSameBytesWhateverTheNumberOfLibtorchThreads) {
  const FakeHost host;
  std::vector<SeriesRow> rows = world();
  rows.resize(60);
  const char* config = R"({"hidden": 16, "blocks": 1, "epochs": 2, "batch": 16})";
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const std::string one = client::Model(*fitted(host, rows, config)).save();
  at::set_num_threads(3);
  const std::string three = client::Model(*fitted(host, rows, config)).save();
  EXPECT_EQ(at::get_num_threads(), 3) << "left as it was found";
  at::set_num_threads(threads);
  EXPECT_EQ(one, three);
}

TEST(Lstm, LearnsFromVideosThatLackAStatAltogether) {
  const FakeHost host;
  std::vector<SeriesRow> rows = world();
  rows.resize(40);
  for (SeriesRow& row : rows) std::fill(row.values[1].begin(), row.values[1].end(), missing);
  const auto model = fitted(host, rows, R"({"hidden": 16, "blocks": 1, "epochs": 1})");
  EXPECT_TRUE(ask(*model, {until(rows[0], 4)}).has(0, 0, 0));
}

TEST(Lstm, RefusesToLearnFromNothing) {
  const FakeHost host;
  try {
    fitted(host, {until(falling(1, 10, 0.5, 3), 1)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::input);
    EXPECT_NE(error.message().find("two readings"), std::string::npos);
  }
}

TEST(Lstm, SaysThatThereIsNoGpuWhereOneIsAskedFor) {
  if (torch::cuda::is_available()) GTEST_SKIP() << "there is a GPU here";
  const FakeHost host;
  try {
    fitted(host, world(), R"({"device": "cuda"})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_EQ(error.where(), "device");
  }
}

TEST(Lstm, RefusesSettingsThatMakeNoNetwork) {
  const FakeHost host;
  EXPECT_THROW(host.load(risetime_plugin_v1(), "lstm", R"({"hidden": 20})"), Error);
  EXPECT_THROW(host.load(risetime_plugin_v1(), "lstm", R"({"step": "1s"})"), Error);
  EXPECT_THROW(host.load(risetime_plugin_v1(), "lstm", R"({"hiden": 16})"), Error);
}

TEST(Lstm, StopsWhenTheHostAsksTo) {
  FakeHost host;
  host.cancel();
  try {
    fitted(host, world());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

// One model for viewers, hour by hour; most levels are known for three weeks, some for three days.
struct Rhythmic : testkit::Fitted {
  explicit Rhythmic(std::size_t threads = 1)
      : testkit::Fitted(
            risetime_plugin_v1(), "lstm",
            R"({"hidden": 16, "blocks": 1, "epochs": 12, "batch": 16, "learning_rate": 0.01, "max_steps": 48})",
            threads) {}
  void fit(std::vector<testkit::SeriesRow> rows, std::size_t batch = 64) {
    testkit::Fitted::fit(std::move(rows), {kHour, 24 * kHour, 48 * kHour}, {}, batch, testkit::level_stats);
  }
  static constexpr std::int64_t kHour = day / 24;
};

TEST(LstmRhythm, IsLearnedFromOtherLevelsAndBeatsRepeatingTheLastDay) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(60, 30 * 24));
  const testkit::LevelErrors known = testkit::level_errors(fitted, 100, 40, 21 * 24);
  EXPECT_LT(known.model, 0.9 * known.last_day);
  EXPECT_EQ(known.faults, std::vector<std::string>{});
  const testkit::LevelErrors young = testkit::level_errors(fitted, 200, 40, 3 * 24);
  EXPECT_LT(young.model, 1.3 * young.last_day);
  EXPECT_EQ(young.faults, std::vector<std::string>{});
  const testkit::LevelErrors newborn = testkit::level_errors(fitted, 300, 5, 30);  // no rhythm is seen in 30 hours
  EXPECT_EQ(newborn.faults, std::vector<std::string>{});
}

TEST(LstmRhythm, IsTheSameOnAnyThreadsInAnyBatchesAndAfterLoading) {
  Rhythmic one, two(2), loaded;
  auto rows = testkit::hourly_levels(40, 24 * 24);
  one.fit(rows);
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

TEST(LstmRhythm, AnswersAnyHorizonFromAnOriginBehindTheLastReading) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(40, 24 * 24));
  testkit::SeriesRow row = testkit::hourly_level(100, 20 * 24);
  row.origin = row.times.back() + Rhythmic::kHour / 3;
  const std::vector<std::int64_t> anywhere = {1, Rhythmic::kHour / 2, 5 * day, 7 * day, 30 * day + 1};
  const Forecast forecast = fitted.ask({row}, anywhere, testkit::level_stats);
  for (std::size_t h = 0; h < anywhere.size(); ++h) {
    const auto then = static_cast<std::size_t>((*row.origin + anywhere[h] - row.times.front()) / Rhythmic::kHour);
    const double actual = testkit::hourly_level(100, then + 1).values[0].back();
    EXPECT_NEAR(std::log(forecast.quantiles(0, 0, h)[3] / actual), 0, 0.6) << h;
  }
}

TEST(LstmRhythm, SurvivesDamagedBytesBehindTheEnvelope) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(20, 20 * 24));
  const std::size_t loaded = testkit::loaded_though_damaged(
      fitted.model->save(), testkit::hourly_level(100, 15 * 24), {Rhythmic::kHour, 30 * Rhythmic::kHour},
      testkit::level_stats, 150, [] { return std::make_unique<Rhythmic>(); });
  EXPECT_GT(loaded, 0U);
}

}  // namespace
}  // namespace risetime::lstm
