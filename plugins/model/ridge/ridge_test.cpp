// The plugin through the real boundary: it learns, keeps what it learned, and bears whatever history it is given.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <risetime/plugin.hpp>
#include <risetime/testing_models.hpp>

#include "features.hpp"

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::ridge {
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
      : testkit::Fitted(risetime_plugin_v1(), "ridge", config, threads) {}
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

class BothForms : public testing::TestWithParam<const char*> {};

TEST_P(BothForms, AnswersTheSameAfterSavingAndLoading) {
  Fitted fitted(GetParam()), loaded(GetParam());
  fitted.fit(videos(150));
  const std::string saved = fitted.model->save();
  loaded.model->load(saved);
  EXPECT_EQ(loaded.model->save(), saved);
  const auto row = standing_at(video(900), 5 * kDay);
  const Forecast first = fitted.ask({row}), second = loaded.ask({row});
  for (std::size_t h = 0; h < kHorizons.size(); ++h) EXPECT_EQ(first.quantiles(0, 0, h), second.quantiles(0, 0, h));
}

TEST_P(BothForms, LearnsTheSameBytesWhateverTheThreadsTheOrderAndTheBatches) {
  Fitted one(GetParam()), two(GetParam(), 2);
  auto rows = videos(120);
  one.fit(rows);
  std::reverse(rows.begin(), rows.end());
  two.fit(rows, kAges, 7);
  EXPECT_EQ(one.model->save(), two.model->save());
}

TEST_P(BothForms, IsSoundForOddHistories) {
  Fitted fitted(GetParam());
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
  const Contributions said = fitted.explain(odd, horizons);
  if (std::string_view(GetParam()).find("growth") != std::string_view::npos)
    EXPECT_EQ(faults_of(said, forecast, odd), std::vector<std::string>());
  else
    EXPECT_FALSE(said.has(0, 0, 0)) << "counts do not add up as logarithms do";
  EXPECT_TRUE(forecast.has(0, 0, 0));
  EXPECT_TRUE(forecast.has(3, 0, 2));
  EXPECT_FALSE(forecast.has(3, 1, 2));  // likes were never seen
  EXPECT_FALSE(forecast.has(7, 0, 2));
}

INSTANTIATE_TEST_SUITE_P(Ridge, BothForms, testing::Values(R"({"form": "growth"})", R"({"form": "level"})"));

TEST(Ridge, LearnsGrowthThatFollowsFromTheHistory) {
  Fitted fitted;
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

TEST(Ridge, SeesHowUnsteadyTheLastStepsAre) {
  FeatureSpace space;
  space.stats = {"views"};
  EXPECT_EQ(lookback_for(space, 2.5).spans, std::vector<std::uint64_t>{});
  EXPECT_EQ(lookback_for(space, 24.0).spans, (std::vector<std::uint64_t>{3, 6, 12, 24}));
  testkit::SeriesRow row = video(0, 6);
  const double e = std::exp(1.0);  // log gains 0, 0, 0, then 1, 3, 2
  std::vector<double> totals, gains = {1, 1, 1, e, e * e * e, e * e};
  for (const double gain : gains) totals.push_back((totals.empty() ? 0.0 : totals.back()) + gain - 1);
  VideoView view;
  view.published_at = row.published_at;
  view.times = Span<const std::int64_t>(row.times);
  view.values = {Span<const double>(totals)};
  Row described;
  describe_at_age(view, histories_of(view, space, row.times.back()), space, {{}, {3, 6}}, kDay, described);
  // Behind the four columns of the moment and two of the size.
  EXPECT_NEAR(described.values[6], std::sqrt(2.0 / 3), 1e-9);
  EXPECT_NEAR(described.values[7], std::sqrt(14.0 / 6 - 1), 1e-9);
}

TEST(Ridge, LooksForNeighboursOfAnAgeByWholeSteps) {
  FeatureSpace space;
  using Ages = std::vector<std::int64_t>;
  EXPECT_EQ(ages_near(space, 90 * kDay), (Ages{81 * kDay, 101 * kDay, 72 * kDay}));
  EXPECT_EQ(ages_near(space, 7 * kDay), (Ages{6 * kDay, 8 * kDay}));
  EXPECT_EQ(ages_near(space, 2 * kDay), Ages{});
  space.step_days = 1.0 / 24;
  EXPECT_EQ(ages_near(space, 2 * kDay), (Ages{43 * kDay / 24, 54 * kDay / 24, 38 * kDay / 24}));
}

// As many views every day; a video about games that has three times as many from its tenth day on.
testkit::SeriesRow steady(std::size_t index, std::size_t readings, bool is_game) {
  auto row = video(index, readings);
  row.category = is_game ? "Gaming" : "Music";
  const double size = row.values[0].front();
  double total = 0;
  for (std::size_t day = 0; day < readings; ++day) {
    total += size * (is_game && day >= 9 ? 3.0 : 1.0);
    row.values[0][day] = row.values[1][day] = std::floor(total);
  }
  return row;
}

TEST(Ridge, LearnsForAnAgeFromVideosALittleYounger) {
  // Of games no reading is a week after the age that is named, but some are a week after the day before.
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < 200; ++i) rows.push_back(steady(i, i % 2 == 0 ? 16 : 20, i % 2 == 0));
  testkit::Fitted fitted(risetime_plugin_v1(), "ridge");
  fitted.fit(rows, {7 * kDay}, {10 * kDay});
  for (const bool is_game : {false, true}) {
    testkit::SeriesRow row = steady(300, 10, false);
    if (is_game) row.category = "Gaming";
    row.origin = row.times.back();
    const double gain = fitted.ask({row}, {7 * kDay}).quantiles(0, 0, 0)[3] - row.values[0].back();
    EXPECT_NEAR(gain / (row.values[0].back() / 10), is_game ? 20 : 7, is_game ? 4 : 0.7);
  }
}

double part_of(const Contributions& said, std::size_t video, std::size_t horizon, std::string_view input) {
  double sum = 0;
  for (const Contribution& part : said.parts(video, 0, horizon)) sum += part.input == input ? part.value : 0;
  return sum;
}

TEST(Ridge, SaysWhichInputsMovedItsForecasts) {
  // Games have three times as many views from their tenth day on.
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < 200; ++i) rows.push_back(steady(i, 20, i % 2 == 0));
  testkit::Fitted fitted(risetime_plugin_v1(), "ridge");
  fitted.fit(rows, {7 * kDay}, {8 * kDay});
  const auto music = standing_at(steady(300, 20, false), 8 * kDay), game = standing_at(steady(300, 20, true), 8 * kDay);
  const auto small = standing_at(steady(301, 20, false), 8 * kDay);
  const Forecast forecast = fitted.ask({music, game, small}, {7 * kDay});
  const Contributions said = fitted.explain({music, game, small}, {7 * kDay});
  EXPECT_EQ(faults_of(said, forecast, {music, game, small}), std::vector<std::string>());
  EXPECT_EQ(said.base(0, 0, 0), said.base(1, 0, 0)) << "the average video is the same whoever asks";
  EXPECT_EQ(said.base(0, 0, 0), said.base(2, 0, 0));
  // The two differ in their category alone, which is between them in the average.
  const double apart = std::log1p(forecast.quantiles(1, 0, 0)[3] - game.values[0].back()) -
                       std::log1p(forecast.quantiles(0, 0, 0)[3] - music.values[0].back());
  EXPECT_GT(apart, 0.5);
  EXPECT_GT(part_of(said, 1, 0, "category"), 0.2);
  EXPECT_LT(part_of(said, 0, 0, "category"), -0.2);
  const double correction =
      part_of(said, 1, 0, "what such forecasts were off by") - part_of(said, 0, 0, "what such forecasts were off by");
  EXPECT_NEAR(part_of(said, 1, 0, "category") - part_of(said, 0, 0, "category") + correction, apart, 1e-6);
  // The size of a video is what its gains are: both are told by its history.
  double by_history = 0;
  for (const Contribution& part : said.parts(2, 0, 0))
    by_history += part.feature || part.input == "category" ? 0 : part.value;
  EXPECT_NEAR(said.base(2, 0, 0) + by_history + part_of(said, 2, 0, "category"), said.sum(2, 0, 0), 0.05);
}

TEST(Ridge, EveryColumnSaysWhichInputItIsOf) {
  FeatureSpace space;
  space.stats = {"views", "likes"};
  space.categories = {"Gaming", "Music"};
  space.static_features = 2;
  const testkit::SeriesRow made = video(3);
  VideoView view;
  view.published_at = made.published_at;
  view.times = Span<const std::int64_t>(made.times);
  for (const auto& values : made.values) view.values.emplace_back(values);
  view.features = Span<const float>(made.features);
  std::vector<ColumnInput> inputs;
  Row row, again;
  row.inputs = &inputs;
  const auto histories = histories_of(view, space, made.times.back());
  describe_at_age(view, histories, space, lookback_for(space, 20), kDay, row);
  EXPECT_EQ(inputs.size(), row.values.size());
  describe_levels(view, histories, space, kDay, row);
  EXPECT_EQ(inputs.size(), row.values.size());
  describe_anywhere(view, histories, space, 3 * kDay, row);
  EXPECT_EQ(inputs.size(), row.values.size());
  EXPECT_EQ(inputs.back().input, (Input{Input::What::feature, 1}));
  for (const ColumnInput& each : inputs) EXPECT_FALSE(name_of(each.asked_for(1), space, 1).empty());
  // A row that is average in all but the horizon: nearly its own row again.
  describe_anywhere(view, histories, space, 2 * kDay, again);
  const auto average = average_anywhere(again.values, inputs, again.moving, space.stats.size(), 3 * kDay);
  ASSERT_EQ(average.size(), row.values.size());
  for (std::size_t column = 0; column < average.size(); ++column) {
    if (!std::isfinite(row.values[column])) continue;
    EXPECT_NEAR(average[column], row.values[column], 0.08 * (1 + std::abs(row.values[column]))) << column;
  }
}

TEST(Ridge, TellsOfAVideoThatIsLargerInAllAsLarger) {
  FeatureSpace space;
  space.stats = {"views", "likes"};
  std::vector<ColumnInput> inputs;
  Row row, larger;
  row.inputs = larger.inputs = &inputs;
  testkit::SeriesRow made = video(3);
  const auto describe = [&](double times, Row& into) {
    testkit::SeriesRow scaled = made;
    for (auto& values : scaled.values)
      for (double& value : values) value = (value + 1) * 1000 * times - 1;
    VideoView view;
    view.published_at = scaled.published_at;
    view.times = Span<const std::int64_t>(scaled.times);
    for (const auto& values : scaled.values) view.values.emplace_back(values);
    describe_anywhere(view, histories_of(view, space, scaled.times.back()), space, 2 * kDay, into);
  };
  describe(1, row);
  describe(1.1, larger);
  for (std::size_t column = 0; column < inputs.size(); ++column) {
    if (!std::isfinite(row.values[column])) continue;
    EXPECT_NEAR(larger.values[column] - row.values[column], inputs[column].moved(std::log(1.1)),
                0.02 * std::abs(inputs[column].by_size) + 1e-4)
        << column;
  }
}

TEST(Ridge, AnswersAgesThatWereNotNamed) {
  Fitted fitted;
  fitted.fit(videos(400), {});
  std::vector<testkit::SeriesRow> rows;
  for (std::size_t i = 0; i < 100; ++i) rows.push_back(standing_at(video(2000 + i), 5 * kDay));
  EXPECT_LT(mean_error(fitted.ask(rows), 2000, 100, 2), 0.08);
}

TEST(Ridge, ForecastsALevelThatMayFall) {
  testkit::FakeHost host;
  const auto instance = host.load(risetime_plugin_v1(), "ridge", "{}");
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

TEST(Ridge, LearnsFromOneVideoAndSaysWhenThereIsNothingToLearnFrom) {
  Fitted fitted;
  fitted.fit(videos(1));
  const std::vector<testkit::SeriesRow> rows = {standing_at(video(950), 5 * kDay)};
  const Forecast forecast = fitted.ask(rows);
  EXPECT_TRUE(forecast.has(0, 0, 0));
  EXPECT_EQ(faults_of(forecast, rows), std::vector<std::string>());
  Fitted empty;
  try {
    empty.fit({video(0, 1), video(1, 1)});
    FAIL() << "it learned from single readings";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::input);
    EXPECT_NE(error.message().find("two readings"), std::string::npos);
  }
}

TEST(Ridge, RefusesAStateOfAnotherFormOrThatEndsEarly) {
  Fitted growth, level(R"({"form": "level"})");
  growth.fit(videos(60));
  const std::string saved = growth.model->save();
  EXPECT_THROW(level.model->load(saved), Error);
  for (std::size_t size = 0; size < saved.size(); size += 97) {
    Fitted target;
    EXPECT_THROW(target.model->load(std::string_view(saved).substr(0, size)), Error) << size;
  }
}

TEST(Ridge, RefusesStrengthsInTheWrongOrder) {
  testkit::FakeHost host;
  EXPECT_THROW(host.load(risetime_plugin_v1(), "ridge", R"({"least_strength": 10.0, "most_strength": 1.0})"), Error);
}

TEST(Ridge, StopsWhenTheHostAsks) {
  Fitted fitted;
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
  explicit Rhythmic(std::size_t threads = 1) : testkit::Fitted(risetime_plugin_v1(), "ridge", "{}", threads) {}
  void fit(std::vector<testkit::SeriesRow> rows, std::size_t batch = 64) {
    testkit::Fitted::fit(std::move(rows), {kHour, 24 * kHour, 48 * kHour}, {}, batch, testkit::level_stats);
  }
  static constexpr std::int64_t kHour = kDay / 24;
};

TEST(RidgeRhythm, IsLearnedFromOtherLevelsAndBeatsRepeatingTheLastDay) {
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

TEST(RidgeRhythm, IsTheSameInAnyOrderOnAnyThreadsAndAfterLoading) {
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

TEST(RidgeRhythm, AnswersAnyHorizonFromAnOriginBehindTheLastReading) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(40, 24 * 24));
  testkit::SeriesRow row = testkit::hourly_level(100, 20 * 24);
  row.origin = row.times.back() + Rhythmic::kHour / 3;
  const std::vector<std::int64_t> horizons = {1, Rhythmic::kHour / 2, 5 * kDay, 7 * kDay, 30 * kDay + 1};
  const Forecast forecast = fitted.ask({row}, horizons, testkit::level_stats);
  EXPECT_EQ(faults_of(fitted.explain({row}, horizons, testkit::level_stats), forecast, {row}, true),
            std::vector<std::string>());
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    const auto then = static_cast<std::size_t>((*row.origin + horizons[h] - row.times.front()) / Rhythmic::kHour);
    const double actual = testkit::hourly_level(100, then + 1).values[0].back();
    EXPECT_NEAR(std::log(forecast.quantiles(0, 0, h)[3] / actual), 0, 0.6) << h;
  }
}

TEST(RidgeRhythm, SurvivesDamagedBytesBehindTheEnvelope) {
  Rhythmic fitted;
  fitted.fit(testkit::hourly_levels(20, 20 * 24));
  const std::size_t loaded = testkit::loaded_though_damaged(
      fitted.model->save(), testkit::hourly_level(100, 15 * 24), {Rhythmic::kHour, 30 * Rhythmic::kHour},
      testkit::level_stats, 150, [] { return std::make_unique<Rhythmic>(); });
  EXPECT_GT(loaded, 0U);
}

}  // namespace
}  // namespace risetime::ridge
