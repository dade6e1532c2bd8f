// Cells in the spellings that exports and scrapes use.
#include "values.hpp"

#include <gtest/gtest.h>

namespace risetime::file {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t may_1 = 1'777'617'000 * second;  // 2026-05-01T06:30:00Z
const TimeRules utc{};

TEST(Values, ReadsTimesWithAndWithoutZone) {
  for (const char* text :
       {"2026-05-01T06:30:00Z", "2026-05-01 06:30:00", "2026-05-01t06:30:00z", "2026-05-01T06:30",
        " 2026-05-01T06:30Z ", "2026-05-01T08:30:00+02:00", "2026-05-01 03:00:00-0330",
        "2026-05-01T06:30:00.000000+00:00", "2026-05-01 06:30:00 UTC", "2026/05/01 06:30:00", "2026-05-01T06:29:60Z",
        "1777617000", "1777617000.0", "1777617000000", "1777617000000000", "1777617000000000000", "1.777617e9"})
    EXPECT_EQ(parse_time(text, utc), may_1) << text;
  EXPECT_EQ(parse_time("2026-05-01T06:30:00.25Z", utc), may_1 + second / 4);
  EXPECT_EQ(parse_time("2026-05-01T06:30:00.1234567891Z", utc), may_1 + 123'456);
  EXPECT_EQ(parse_time("2026-05-01", utc), may_1 - 6 * 3600 * second - 1800 * second);
  EXPECT_EQ(parse_time("1969-12-31T23:59:59Z", utc), -second);
  EXPECT_EQ(parse_time("-1", utc), -second);
  EXPECT_EQ(parse_time("2024-02-29", utc), 1'709'164'800 * second);
}

TEST(Values, ReadsTimesWithoutZoneInTheZoneOfTheRules) {
  TimeRules hanoi;
  hanoi.zone_us = *parse_zone("+07:00");
  EXPECT_EQ(parse_time("2026-05-01 13:30:00", hanoi), may_1);
  EXPECT_EQ(parse_time("2026-05-01T06:30:00Z", hanoi), may_1);
  TimeRules seconds;
  seconds.epoch = EpochUnit::milliseconds;
  EXPECT_EQ(parse_time("1777617000", seconds), 1'777'617'000'000);
}

TEST(Values, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "x", "2026", "2026-13-01", "2026-02-30", "2025-02-29", "2026-05-01T25:00:00Z", "2026-05-01T06:60:00Z",
        "2026-05-01T06:30:00.Z", "2026-05-01T06:30:00+25:00", "2026-05-01T", "2026-05-01X06:30:00", "2026-05/01",
        "0000-01-01", "yesterday", "1,777,617,000", "1e40", "2026-05-01T06:30:00Z and more", "--5"}) {
    if (std::string_view(text) == "2026") continue;  // 2026 seconds after 1970: a number is a time
    EXPECT_EQ(parse_time(text, utc), std::nullopt) << text;
  }
}

TEST(Values, ReadsCountsAsPeopleAndPagesWriteThem) {
  const std::pair<const char*, std::int64_t> cases[] = {{"0", 0},
                                                        {"812906", 812'906},
                                                        {"812906.0", 812'906},
                                                        {"1,234,567", 1'234'567},
                                                        {"541.2K", 541'200},
                                                        {"1.2M", 1'200'000},
                                                        {"3B", 3'000'000'000},
                                                        {"1.5 M", 1'500'000},
                                                        {"2k", 2'000},
                                                        {"1e6", 1'000'000},
                                                        {"1.25E+3", 1'250},
                                                        {"+7", 7},
                                                        {" 42 ", 42},
                                                        {"007", 7},
                                                        {"9223372036854775807", INT64_MAX},
                                                        {"1,234.0", 1'234},
                                                        {"1.23456K", 1'235},
                                                        {"0.0", 0},
                                                        {"12,345", 12'345}};
  for (const auto& [text, count] : cases) EXPECT_EQ(parse_count(text), count) << text;
}

TEST(Values, RefusesWhatIsNoCount) {
  for (const char* text : {"",
                           "-1",
                           "-0",
                           "abc",
                           "3.5",
                           "1,23",
                           "1,2345",
                           ",123",
                           "12,34,567",
                           "1.2X",
                           "1.2KM",
                           "1e",
                           "9223372036854775808",
                           "1e19",
                           "1.2.3",
                           ".",
                           "K",
                           "0x10",
                           "1 2",
                           "1e-3"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

TEST(Values, ReadsDurationsInSecondsClockFormAndIso) {
  const std::pair<const char*, double> cases[] = {
      {"242", 242},       {"242.5", 242.5},  {"00:31", 31},     {"1:02:03", 3723},  {"00:07.5", 7.5}, {"PT1M2S", 62},
      {"PT1M2.5S", 62.5}, {"P1DT2H", 93600}, {"PT15H", 54'000}, {"P2W", 1'209'600}, {"100:00", 6000}, {"0", 0}};
  for (const auto& [text, seconds] : cases) EXPECT_EQ(parse_duration(text), seconds) << text;
  for (const char* text :
       {"", "-3", "1:60", "1:2:3:4:5", "P", "PT", "P1M", "PT5", "abc", "1.5:30", ":30", "nan", "inf"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Values, SplitsTagsAtBarsElseAtCommas) {
  using Tags = std::vector<std::string>;
  EXPECT_EQ(split_tags("a, b ,c", ""), (Tags{"a", "b", "c"}));
  EXPECT_EQ(split_tags("a, b|c", ""), (Tags{"a, b", "c"}));
  EXPECT_EQ(split_tags("\"a\"|\"b c\"", ""), (Tags{"a", "b c"}));
  EXPECT_EQ(split_tags("a;b,c", ";"), (Tags{"a", "b,c"}));
  EXPECT_EQ(split_tags("a,b\x1f"
                       "c\x1f",
                       ";"),
            (Tags{"a,b", "c"}));
  EXPECT_EQ(split_tags("", ""), Tags{});
  EXPECT_EQ(split_tags(" , ,", ""), Tags{});
}

TEST(Values, KnowsTheWordsForNoValue) {
  for (const char* text : {"", " ", "NA", "n/a", "null", "None", "NaN", "-", "\\N"})
    EXPECT_TRUE(is_missing(text)) << text;
  for (const char* text : {"0", "no", "nil", "--", "nano"}) EXPECT_FALSE(is_missing(text)) << text;
}

}  // namespace
}  // namespace risetime::file
