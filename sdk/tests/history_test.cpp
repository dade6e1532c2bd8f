// History and observed_at: what a model may know of a stat at an origin, and what it is judged by.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <risetime/growth.hpp>
#include <risetime/history.hpp>
#include <risetime/week.hpp>

namespace risetime {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Readings {
  std::vector<std::int64_t> times;
  std::vector<double> values;
  History seen_from(std::int64_t origin, Kind kind = Kind::total) const { return {times, values, 0, origin, kind}; }
};

TEST(History, ReadsTotalsOffTheLineFromZeroAtPublication) {
  const Readings readings{{100, 200, 400}, {50, 80, 100}};
  const History history = readings.seen_from(1000);
  EXPECT_DOUBLE_EQ(history.at(-5), 0);
  EXPECT_DOUBLE_EQ(history.at(50), 25);
  EXPECT_DOUBLE_EQ(history.at(100), 50);
  EXPECT_DOUBLE_EQ(history.at(300), 90);
  EXPECT_DOUBLE_EQ(history.at(5000), 100);
  EXPECT_DOUBLE_EQ(history.gained(50, 300), 65);
  EXPECT_EQ(history.step(), 200);
}

TEST(History, DoesNotLookPastItsOrigin) {
  Readings readings{{100, 200, 300}, {10, 20, 30}};
  const History before = readings.seen_from(250);
  readings.values[2] = 5;
  const History after = readings.seen_from(250);
  EXPECT_DOUBLE_EQ(before.last(), 20);
  EXPECT_DOUBLE_EQ(after.last(), 20);
  EXPECT_DOUBLE_EQ(after.at(300), 20);
}

TEST(History, LeavesOutMissingValuesAndASingleDipAndTakesBackWhatWasCorrected) {
  const History missing = Readings{{100, 200, 300}, {10, kMissing, 30}}.seen_from(400);
  EXPECT_EQ(missing.size(), 2U);
  EXPECT_DOUBLE_EQ(missing.at(200), 20);
  const History dip = Readings{{100, 200, 300}, {10, 0, 30}}.seen_from(400);
  EXPECT_DOUBLE_EQ(dip.at(100), 10);
  EXPECT_DOUBLE_EQ(dip.at(200), 20);
  const History corrected = Readings{{100, 200, 300}, {90, 60, 70}}.seen_from(400);
  EXPECT_DOUBLE_EQ(corrected.at(100), 60);
  EXPECT_DOUBLE_EQ(corrected.last(), 70);
}

TEST(History, LetsLevelsFallAndStandBeforeTheFirstReading) {
  const History history = Readings{{100, 200}, {50, 10}}.seen_from(400, Kind::level);
  EXPECT_DOUBLE_EQ(history.at(20), 50);
  EXPECT_DOUBLE_EQ(history.at(150), 30);
  EXPECT_DOUBLE_EQ(history.gained(100, 200), -40);
}

TEST(History, IsZeroWithoutReadings) {
  const History history = Readings{{}, {}}.seen_from(400);
  EXPECT_TRUE(history.empty());
  EXPECT_DOUBLE_EQ(history.last(), 0);
  EXPECT_DOUBLE_EQ(history.at(300), 0);
  EXPECT_EQ(history.step(), 0);
}

TEST(ObservedAt, GivesNothingAcrossAWideGapOrPastAnEnd) {
  const std::vector<std::int64_t> times{100, 200, 300, 900};
  const std::vector<double> values{10, kMissing, 30, 90};
  EXPECT_DOUBLE_EQ(*observed_at(times, values, 100, 250), 10);
  EXPECT_DOUBLE_EQ(*observed_at(times, values, 200, 250), 20);
  EXPECT_FALSE(observed_at(times, values, 200, 150).has_value());
  EXPECT_FALSE(observed_at(times, values, 600, 250).has_value());
  EXPECT_FALSE(observed_at(times, values, 50, 250).has_value());
  EXPECT_FALSE(observed_at(times, values, 901, 250).has_value());
  EXPECT_DOUBLE_EQ(*observed_at(times, values, 900, 250), 90);
}

// Daily readings whose gains come again each week; `by_day` is [7], the first for the first day after upload.
struct Weeks {
  Weeks(std::size_t days, const std::vector<double>& by_day) {
    double total = 0;
    for (std::size_t day = 0; day < days; ++day) {
      total += by_day[day % 7];
      times.push_back(static_cast<std::int64_t>(day + 1) * microseconds_per_day);
      values.push_back(total);
    }
  }
  History history() const { return History(times, values, 0, times.back()); }
  std::vector<std::int64_t> times;
  std::vector<double> values;
};

TEST(Week, FindsTheDaysThatBringMore) {
  const Weeks weeks(28, {100, 100, 100, 100, 100, 200, 300});
  const Week week(weeks.history());
  const auto after = [&](double days) {
    return weeks.times.back() + static_cast<std::int64_t>(days * static_cast<double>(microseconds_per_day));
  };
  EXPECT_NEAR(week.over(after(1)), 0.7, 5e-3);
  EXPECT_NEAR(week.over(after(0.5)), 0.7, 5e-3);
  EXPECT_NEAR(week.over(after(6)), 0.7 * 7.0 / 6, 5e-3);
  EXPECT_NEAR(week.over(after(7)), 1, 1e-9);
  EXPECT_NEAR(week.over(after(14)), 1, 1e-9);
  EXPECT_EQ(week.over(weeks.times.back()), 1);
}

TEST(Week, IsNotTakenInByChanceNorByTwoWeeks) {
  EXPECT_EQ(Week(Weeks(20, {100, 100, 100, 100, 100, 200, 300}).history()).over(21 * microseconds_per_day), 1);
  std::vector<double> uneven;
  for (std::size_t day = 0; day < 28; ++day) uneven.push_back(day % 5 == 0 ? 300 : 100);
  Weeks weeks(0, {});
  double total = 0;
  for (std::size_t day = 0; day < uneven.size(); ++day) {
    weeks.times.push_back(static_cast<std::int64_t>(day + 1) * microseconds_per_day);
    weeks.values.push_back(total += uneven[day]);
  }
  EXPECT_NEAR(Week(weeks.history()).over(29 * microseconds_per_day), 1, 0.15);
}

TEST(Growth, IsUnknownWhereAnEndIs) {
  for (const Kind kind : {Kind::total, Kind::level}) {
    EXPECT_TRUE(std::isnan(growth_between(kind, 10, kMissing)));
    EXPECT_TRUE(std::isnan(growth_between(kind, kMissing, 10)));
    EXPECT_NEAR(grown(kind, 10, growth_between(kind, 10, 25)), 25, 1e-9);
  }
  EXPECT_EQ(growth_between(Kind::total, 10, 7), 0);  // a total that was corrected downwards
  EXPECT_NEAR(grown(Kind::level, 10, growth_between(Kind::level, 10, 7)), 7, 1e-9);
}

}  // namespace
}  // namespace risetime
