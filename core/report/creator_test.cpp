// Creators' figures against cases worked out by hand.
#include "core/report/creator.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/time.hpp"

namespace risetime::core {
namespace {

constexpr std::int64_t start = 1'778'371'200'000'000;  // 2026-05-10

std::vector<Reading> line(std::int64_t published_at, double per_day, std::int64_t days) {
  std::vector<Reading> readings;
  for (std::int64_t d = 1; d <= days; ++d)
    readings.push_back({published_at + d * day, per_day * static_cast<double>(d)});
  return readings;
}

TEST(MultipleOfMedian, HasTheIntervalOfTheMediansOrderStatistics) {
  // Of nine values the 3rd and the 7th hold the median with 1 - 2 * (1 + 9 + 36) / 512 = 82 %.
  const auto multiple = multiple_of_median(100, {90, 10, 80, 20, 70, 30, 60, 40, 50});
  ASSERT_TRUE(multiple);
  EXPECT_DOUBLE_EQ(multiple->value, 2.0);
  EXPECT_DOUBLE_EQ(multiple->low, 100.0 / 70);
  EXPECT_DOUBLE_EQ(multiple->high, 100.0 / 30);
  EXPECT_EQ(multiple->others, 9U);
}

TEST(MultipleOfMedian, IsNotMadeUpFromTwoVideosOrFromZero) {
  EXPECT_FALSE(multiple_of_median(100, {10, 20}));
  EXPECT_FALSE(multiple_of_median(100, {0, 0, 0, 5}));
  EXPECT_TRUE(std::isinf(multiple_of_median(100, {0, 10, 20})->high));
}

TEST(Rank, CountsTheTenVideosPublishedLastAtTheSameAge) {
  std::vector<std::vector<Reading>> readings;
  std::vector<AgedHistory> others;
  for (std::int64_t i = 0; i < 12; ++i)
    readings.push_back(line(start - (i + 1) * week, static_cast<double>(10 + i), 30));
  for (std::int64_t i = 0; i < 12; ++i)
    others.push_back({start - (i + 1) * week, readings[static_cast<std::size_t>(i)]});
  const auto later = line(start + day, 1000, 30);
  others.push_back({start + day, later});
  // The nine before it gain 10 to 18 a day: four of them gain more than 14.5.
  const auto rank = rank_among_last(14.5 * 3, start, 3 * day, others);
  ASSERT_TRUE(rank);
  EXPECT_EQ(rank->place, 5U);
  EXPECT_EQ(rank->of, 10U);
  EXPECT_FALSE(rank_among_last(1, start, 3 * day, std::span(others).first(1)));
}

TEST(TypicalBand, HoldsTheMiddleHalfAtTheVideosOwnTimes) {
  std::vector<std::vector<Reading>> readings;
  std::vector<AgedHistory> others;
  for (int i = 1; i <= 5; ++i) readings.push_back(line(0, i, 10));
  for (const auto& each : readings) others.push_back({0, each});
  const auto band = typical_band(others, start, start + 20 * day, 4);
  ASSERT_EQ(band.size(), 2U);  // nobody got to the ages of 15 and 20 days
  EXPECT_EQ(band[0].time, start + 5 * day);
  EXPECT_DOUBLE_EQ(band[0].low, 10);
  EXPECT_DOUBLE_EQ(band[0].high, 20);
}

TEST(Velocity, IsWhatReadingsSayAndNothingWhereTheyAreTooFarApart) {
  const auto daily = velocity_of(line(start, 100, 9));
  EXPECT_FALSE(daily[0]);  // daily readings do not tell of the last hour
  EXPECT_DOUBLE_EQ(daily[1].value(), 100);
  EXPECT_DOUBLE_EQ(daily[2].value(), 700);
  EXPECT_FALSE(velocity_of(line(start, 100, 5))[2]);  // younger than a week
  EXPECT_FALSE(velocity_of({})[1]);
  std::vector<Reading> odd = {{start, 0}, {start + 40 * minute, 40}, {start + 100 * minute, 160}};
  EXPECT_DOUBLE_EQ(velocity_of(odd)[0].value(), 120);  // from 40 minutes on, exactly an hour
  odd.back().time += 30 * minute;
  EXPECT_FALSE(velocity_of(odd)[0]);
}

std::vector<ForecastPoint> fan(double median, double spread) {
  std::vector<ForecastPoint> points;
  for (const std::int64_t days : {1, 10}) {
    ForecastPoint point{days * day, 0, {}};
    for (std::size_t k = 0; k < 7; ++k)
      point.q[k] = 90'000 + static_cast<double>(days) * (median + spread * (static_cast<double>(k) - 3));
    points.push_back(point);
  }
  return points;
}

TEST(Milestones, AreRoundNumbersWithDatesOffTheQuantiles) {
  const auto milestones = milestones_of(90'000, start, fan(5000, 1000));
  ASSERT_EQ(milestones.size(), 1U);  // 200,000 is far beyond
  EXPECT_EQ(milestones[0].count, 100'000);
  EXPECT_NEAR(milestones[0].likely, 0.975, 1e-12);
  EXPECT_EQ(milestones[0].middle, start + 2 * day);
  EXPECT_EQ(words_of(milestones[0], start + 10 * day), "100K between 11 and 13 May (80 %)");
}

TEST(Milestones, SayHowLikelyWhatIsNotCertainIs) {
  const auto milestones = milestones_of(90'000, start, fan(1000, 300));
  ASSERT_EQ(milestones.size(), 1U);
  EXPECT_NEAR(milestones[0].likely, 0.5, 1e-12);
  EXPECT_FALSE(milestones[0].late);
  EXPECT_EQ(words_of(milestones[0], start + 10 * day), "100K not before 16 May; 50 % by 20 May");
  EXPECT_TRUE(milestones_of(90'000, start, fan(10, 1)).empty());
  EXPECT_TRUE(milestones_of(90'000, start, {}).empty());
}

}  // namespace
}  // namespace risetime::core
