// Counts, lengths, times and spellings.
#include "values.hpp"

#include <gtest/gtest.h>

#include <risetime/error.hpp>

#include "account.hpp"

namespace risetime::tiktok {
namespace {

TEST(TiktokValues, CountsAreReadAsTheyAreWritten) {
  const std::pair<const char*, std::int64_t> counts[] = {{"0", 0},
                                                         {"454", 454},
                                                         {"541.2K", 541'200},
                                                         {"304.9k", 304'900},
                                                         {"553.63K", 553'630},
                                                         {"1.2M", 1'200'000},
                                                         {"3B", 3'000'000'000},
                                                         {"1,234,567", 1'234'567},
                                                         {"12.0", 12},
                                                         {" 7 ", 7},
                                                         {"302 videos", 302},
                                                         {"1.5M videos", 1'500'000},
                                                         {"1e6", 1'000'000},
                                                         {"1.2345K", 1235},
                                                         {"10,000.0", 10'000}};
  for (const auto& [text, value] : counts) EXPECT_EQ(parse_count(text), value) << text;
}

TEST(TiktokValues, WhatIsNoCountIsNone) {
  for (const char* text : {"", "K", "-1", "+5", "3.5", "1,23", "12,34K", "1.2.3", "nan", "inf", "0x10", "1.2 K 3",
                           "1 2", "99999999999B", "12Kx", "abc", ",123", "1,234.5", "1.000,5"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

TEST(TiktokValues, LengthsAreReadInSeconds) {
  const std::pair<const char*, double> lengths[] = {{"00:31", 31},  {"14:20", 860}, {"1:02:03", 3723}, {"31", 31},
                                                    {"12.5", 12.5}, {"PT1M2S", 62}, {"PT1H", 3600}};
  for (const auto& [text, value] : lengths) EXPECT_EQ(parse_length(text), value) << text;
  for (const char* text : {"", ":31", "1:2", "00:61", "1:2:3:4", "-1", "P1D", "PT", "PT1S1M", "PT1", "nan"})
    EXPECT_EQ(parse_length(text), std::nullopt) << text;
}

TEST(TiktokValues, TimesAreReadWithAndWithoutAZone) {
  constexpr std::int64_t second = 1'000'000, nine = 1'747'820'685 * second;  // 2025-05-21T09:44:45Z
  const auto time = [](const char* text, std::int64_t offset = 0) {
    const auto moment = parse_time(text, offset);
    return moment ? moment->time : -1;
  };
  EXPECT_EQ(time("2025-05-21T09:44:45.000Z"), nine);
  EXPECT_EQ(time("2025-05-21 09:44:45"), nine);
  EXPECT_EQ(time("2025-05-21 09:44:45", 7 * 3600 * second), nine - 7 * 3600 * second);
  EXPECT_EQ(time("2025-05-21T11:44:45+02:00", 7 * 3600 * second), nine);
  EXPECT_EQ(time("2025-05-21T09:44"), nine - 45 * second);
  EXPECT_EQ(time("2025-05-21"), nine - (9 * 3600 + 44 * 60 + 45) * second);
  for (const char* text : {"1747820685", "1747820685000", "1747820685000000", "1747820685000000000"})
    EXPECT_EQ(time(text), nine) << text;
  EXPECT_TRUE(parse_time("1747820685", 0)->has_zone);
  EXPECT_FALSE(parse_time("2025-05-21 09:44:45", 0)->has_zone);
  for (const char* text : {"", "2025-13-01", "2025-02-29", "2025-05-21T24:00:00Z", "2025-05-21T09:44:45X", "yesterday",
                           "12", "-1747820685", "9.46875e18", "2025-05-21T", "1969-12-31"})
    EXPECT_EQ(time(text), -1) << text;
}

TEST(TiktokValues, AnIdTellsWhenItsVideoWasPublished) {
  EXPECT_EQ(time_of_id("7506832682593094928"), std::int64_t{1'747'820'685} * 1'000'000);
  for (const char* id : {"", "12", "x7506832682593094928", "99999999999999999999999"})
    EXPECT_EQ(time_of_id(id), std::nullopt) << id;
}

TEST(TiktokValues, ProfilesHashtagsAndVideosHaveOneSpelling) {
  for (const char* text : {"Paper.Folds_1", "@paper.folds_1", "https://www.tiktok.com/@Paper.Folds_1?lang=en",
                           "tiktok.com/@paper.folds_1/video/1"})
    EXPECT_EQ(profile_name(text), "paper.folds_1") << text;
  EXPECT_EQ(profile_name("@m.paper"), "m.paper");
  EXPECT_EQ(profile_name("www.paper"), "www.paper");
  for (const char* text : {"", "@", "two words", "https://example.org/@a", "a\n", "/a", "é"})
    EXPECT_EQ(profile_name(text), std::nullopt) << text;
  EXPECT_EQ(parse_hashtag("#Origami", "").name(), "tag/origami");
  EXPECT_EQ(parse_search("paper crane", "").name(), "search/paper crane");
  EXPECT_EQ(video_of_url("https://www.tiktok.com/@a/video/7506832682593094928?x=1"), "7506832682593094928");
  EXPECT_EQ(video_of_url("https://m.tiktok.com/@a/photo/12"), "12");
  for (const char* text : {"7506832682593094928", "https://vm.tiktok.com/ZM/", "https://www.tiktok.com/@a",
                           "https://example.org/@a/video/12", "https://www.tiktok.com/@a/video/"})
    EXPECT_EQ(video_of_url(text), std::nullopt) << text;
  EXPECT_THROW(parse_profile("two words", "profiles[0]"), Error);
  EXPECT_THROW(parse_hashtag("#", "hashtags[0]"), Error);
  EXPECT_THROW(parse_search("", "searches[0]"), Error);
  for (const char* name : {"paper", "tag/origami", "search/paper crane", "videos/"})
    EXPECT_EQ(Target::of_name(name).name(), name);
}

TEST(TiktokValues, ATextIsNeverCutInALetter) {
  EXPECT_EQ(shortened("aé", 2), "a");
  EXPECT_EQ(shortened("aé", 3), "aé");
  EXPECT_EQ(shortened("", 2), "");
}

}  // namespace
}  // namespace risetime::tiktok
