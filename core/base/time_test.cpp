// Times and durations: their text forms and the clock.
#include "core/base/time.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace risetime::core {
namespace {

TEST(Time, WritesRfc3339InUtc) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(1'777'617'000 * second), "2026-05-01T06:30:00Z");
  EXPECT_EQ(format_time(1'500'000), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, ClampsYearsThatRfc3339CannotWrite) {
  EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00Z");
}

TEST(Time, ReadsOffsetsFractionsAndDates) {
  EXPECT_EQ(parse_time("2026-05-01T06:30:00Z"), 1'777'617'000 * second);
  EXPECT_EQ(parse_time("2026-05-01T08:30:00.25+02:00"), 1'777'617'000 * second + 250'000);
  EXPECT_EQ(parse_time("2026-05-01 01:00:00-05:30"), 1'777'617'000 * second);
  EXPECT_EQ(parse_time("2026-05-01"), 1'777'593'600 * second);
  EXPECT_EQ(parse_time("2016-12-31T23:59:60Z"), parse_time("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parse_time("2024-02-29t00:00:00.1234567z"), *parse_time("2024-02-29") + 123'456);
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-02-29", "2026-05-01T", "2026-05-01T06:30:00", "2026-5-1",
                           "2026-05-01T24:00:00Z", "2026-05-01T06:30:00.Z", "2026-05-01T06:30:00Zx", "yesterday",
                           "2026-05-01T06:30:00+0200"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, ReadsBackWhatItWrote) {
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'777'617'000'000'001},
                                  std::int64_t{1'777'617'000'120'000}, -62'167'219'200 * second}) {
    EXPECT_EQ(parse_time(format_time(time)), time);
  }
}

TEST(Duration, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500 * millisecond);
  EXPECT_EQ(parse_duration("90s"), 90 * second);
  EXPECT_EQ(parse_duration("15m"), 15 * minute);
  EXPECT_EQ(parse_duration("1h"), hour);
  EXPECT_EQ(parse_duration("7d"), 7 * day);
  EXPECT_EQ(parse_duration("2w"), 14 * day);
  EXPECT_EQ(parse_duration("1.5h"), 90 * minute);
  EXPECT_EQ(parse_duration("1h30m"), 90 * minute);
  EXPECT_EQ(parse_duration("12us"), 12);
}

TEST(Duration, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "1", "h", "1 h", "-1h", "1y", "1mo", "30m1h", "1h1h", "1.h", ".5h", "1H",
                           "99999999999999w", "9223372036854775808us", "15250w1000w"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, WritesTheShortestExactForm) {
  EXPECT_EQ(format_duration(hour), "1h");
  EXPECT_EQ(format_duration(36 * hour), "36h");
  EXPECT_EQ(format_duration(14 * day), "14d");
  EXPECT_EQ(format_duration(1500 * millisecond), "1500ms");
  EXPECT_EQ(format_duration(0), "0s");
  for (const std::int64_t length : {std::int64_t{1}, 61 * second, 3 * day + 1, 90 * minute}) {
    EXPECT_EQ(parse_duration(format_duration(length)), length);
  }
}

TEST(Duration, IsDescribedForPeopleByItsTwoGreatestUnits) {
  EXPECT_EQ(describe_duration(3 * day + 4 * hour + 59 * minute), "3 d 4 h");
  EXPECT_EQ(describe_duration(12 * minute), "12 min");
  EXPECT_EQ(describe_duration(7 * second + 1), "7 s");
  EXPECT_EQ(describe_duration(40 * millisecond), "40 ms");
  EXPECT_EQ(describe_duration(-2 * hour), "-2 h");
  EXPECT_EQ(describe_duration(5), "0 s");
  EXPECT_FALSE(describe_duration(std::numeric_limits<std::int64_t>::min()).empty());
}

TEST(Clock, AFixedClockMovesOnlyBySleeping) {
  FixedClock clock(10 * hour);
  EXPECT_EQ(clock.now(), 10 * hour);
  clock.sleep(minute);
  clock.sleep(-5);
  EXPECT_EQ(clock.now(), 10 * hour + minute);
  EXPECT_EQ(clock.age(10 * hour), minute);
  EXPECT_EQ(clock.age(20 * hour), 0);
}

TEST(Clock, TheSystemClockIsPast2025) { EXPECT_GT(SystemClock().now(), *parse_time("2025-01-01")); }

}  // namespace
}  // namespace risetime::core
