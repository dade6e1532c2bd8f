// Rhythms of invented levels, worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <risetime/rhythm.hpp>

namespace risetime {
namespace {

constexpr std::int64_t hour = microseconds_per_hour;

// Hourly values of a day that comes again and again, twice as large on the sixth and seventh day of each week.
double value_at(std::int64_t hours) {
  const double of_day = 100 + 10 * static_cast<double>(hours % 24);
  return hours / 24 % 7 >= 5 ? 2 * of_day : of_day;
}

History level(std::int64_t hours, std::int64_t origin, std::int64_t every = 1, Kind kind = Kind::level) {
  std::vector<std::int64_t> times;
  std::vector<double> values;
  for (std::int64_t k = 0; k < hours; k += every) {
    times.push_back(k * hour);
    values.push_back(value_at(k));
  }
  return {times, values, 0, origin, kind};
}

std::vector<double> columns(const Rhythm& rhythm, std::int64_t horizon) {
  std::vector<double> row;
  rhythm.describe(horizon, row);
  return row;
}

TEST(Rhythm, NeedsALevelWithTwoDaysOfHourlyReadings) {
  EXPECT_TRUE(Rhythm::of(level(49, 48 * hour)));
  EXPECT_FALSE(Rhythm::of(level(48, 48 * hour)));
  EXPECT_FALSE(Rhythm::of(level(400, 400 * hour, 2)));
  EXPECT_FALSE(Rhythm::of(level(400, 400 * hour, 1, Kind::total)));
  EXPECT_FALSE(Rhythm::of(level(400, -1)));
}

TEST(Rhythm, BeginsFromTheSameHourOfTheLastDayThatHasIt) {
  const std::int64_t last = 3 * 168 + 30;
  const auto rhythm = Rhythm::of(level(last + 1, last * hour));
  ASSERT_TRUE(rhythm);
  for (const std::int64_t ahead : {1, 5, 23, 24}) {
    EXPECT_NEAR(rhythm->base(ahead * hour), std::log1p(value_at(last + ahead - 24)), 1e-12) << ahead;
    EXPECT_NEAR(rhythm->base((ahead + 24) * hour), std::log1p(value_at(last + ahead - 24)), 1e-12) << ahead;
    EXPECT_NEAR(rhythm->base((ahead + 168) * hour), rhythm->base(ahead * hour), 1e-12) << ahead;
  }
  // Between two hours it is read off the line.
  EXPECT_NEAR(rhythm->base(hour * 3 / 2), (rhythm->base(hour) + rhythm->base(2 * hour)) / 2, 1e-12);
}

TEST(Rhythm, CountsFromTheLastReadingWhereTheOriginIsLater) {
  const std::int64_t last = 400;
  const auto now = Rhythm::of(level(last + 1, last * hour)), later = Rhythm::of(level(last + 1, (last + 5) * hour));
  EXPECT_EQ(later->base(2 * hour), now->base(7 * hour));
  EXPECT_EQ(columns(*later, 2 * hour), columns(*now, 7 * hour));
}

TEST(Rhythm, SaysWhatTheWeekBeforeBroughtInUnitsOfTheUsualDifferenceOfDays) {
  const std::int64_t last = 4 * 168 + 5 * 24 - 1;  // the last hour before a weekend
  const auto rhythm = Rhythm::of(level(last + 1, last * hour));
  const std::vector<double> row = columns(*rhythm, 3 * hour);
  ASSERT_EQ(row.size(), Rhythm::differences + Rhythm::traits);
  const double weekend = std::log1p(value_at(last + 3)) - rhythm->base(3 * hour);
  EXPECT_NEAR(weekend, std::log(2), 0.01);
  EXPECT_NEAR(row[7] * rhythm->scale(), weekend, 1e-9);  // a week before the target
  EXPECT_NEAR(row[8] * rhythm->scale(), weekend, 1e-9);  // two weeks before
  // Days differ by log 2 on two days of seven.
  EXPECT_NEAR(rhythm->scale(), std::log(2) * 2 / 7, 0.05);
  for (const double value : row) EXPECT_TRUE(std::isfinite(value));
}

TEST(Rhythm, TakesDaysBeforeTheFirstReadingToBeLikeTheFirst) {
  const auto rhythm = Rhythm::of(level(60, 59 * hour));  // days are all alike here
  const std::vector<double> row = columns(*rhythm, hour);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(row[i], 0, 1e-9) << i;
  EXPECT_NEAR(row.back(), 59.0 / 24, 1e-9);
}

TEST(Rhythm, BearsALevelThatNeverMoves) {
  std::vector<std::int64_t> times;
  for (std::int64_t k = 0; k < 400; ++k) times.push_back(k * hour);
  const std::vector<double> zeros(400, 0.0);
  const auto rhythm = Rhythm::of({times, zeros, 0, 399 * hour, Kind::level});
  EXPECT_GT(rhythm->scale(), 0);
  for (const double value : columns(*rhythm, hour)) EXPECT_TRUE(std::isfinite(value));
}

TEST(Rhythm, SeesNothingAfterTheOrigin) {
  const auto shorter = Rhythm::of(level(401, 400 * hour)), longer = Rhythm::of(level(900, 400 * hour));
  EXPECT_EQ(columns(*shorter, 30 * hour), columns(*longer, 30 * hour));
}

}  // namespace
}  // namespace risetime
