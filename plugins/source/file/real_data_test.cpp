// Public sets of real exports and scrapes, read whole: every row, and the values of some.
#include <chrono>
#include <cstdlib>

#include "test_support.hpp"

namespace risetime::file {
namespace {

using Rows = std::vector<std::string>;

// The folder of a set under RISETIME_TEST_DATA (../shared/data without it).
std::string data(const std::string& name) {
  const char* const root = std::getenv("RISETIME_TEST_DATA");
  const std::string folder = std::string(root != nullptr ? root : "../shared/data") + "/" + name;
  return std::filesystem::exists(folder) ? std::filesystem::absolute(folder).string() : std::string();
}

#define NEEDS_DATA(folder, name)                                                                              \
  const std::string folder = data(name);                                                                      \
  if (folder.empty() && std::getenv("CI") != nullptr)                                                         \
    FAIL() << "the data set " << name << " is not there; set RISETIME_TEST_DATA to the folder that holds it"; \
  if (folder.empty())                                                                                         \
  GTEST_SKIP() << "the data set " << name << " is not there; set RISETIME_TEST_DATA to the folder that holds it"

TEST(RealData, YoutubeTrendingIsReadWhole) {
  NEEDS_DATA(folder, "youtube-trending");
  const auto pulled = Source(folder, R"({"platform": "youtube",
      "videos": {"path": "videos.csv", "columns": {"category": "category_name", "thumbnail_url": "thumbnail",
                 "duration_s": "duration", "language": "default_language"}},
      "observations": {"path": "observations.tsv", "columns": {"observed_at": "fetched_at"}}})")
                          .round(50'000);
  EXPECT_EQ(pulled.rejects.size(), 0U);
  EXPECT_EQ(pulled.rows("video"), 17'596U);
  EXPECT_EQ(pulled.rows("observation"), 214'737U);  // the file's 214,738th line is its header
  const Rows videos = lines_of(pulled, "video"), readings = lines_of(pulled, "observation");
  EXPECT_EQ(videos[2],
            "youtube|--iw5TS7YQc|UCmbJdgu_cdpdOP2KnhZ5BVw|1767783724000000|Məsafələr|-|[Aygün Kazımova;Nəsimi "
            "Məmmədov;Məsafələr]|Music|az|210|https://i.ytimg.com/vi/--iw5TS7YQc/hqdefault.jpg|-");
  EXPECT_EQ(readings[0], "youtube|--BbS1Lw0rY|1774582786562557|52312|2479|239|-|-");
}

constexpr const char* active = R"({"platform": "youtube",
    "videos": {"path": "active-folds-0-6.tsv", "header": ["video_id", "category", "daily", "hawkes"],
               "defaults": {"published_at": "2014-01-01T00:00:00Z"}},
    "observations": {"path": "active-folds-0-6.tsv", "header": ["video_id", "category", "daily", "hawkes"],
               "defaults": {"observed_at": "2014-01-01T00:00:00Z"},
               "wide": {"columns": "daily", "separator": " ", "step": "1d", "increments": true}}})";

TEST(RealData, ActiveIsReadFromItsWideForm) {
  NEEDS_DATA(folder, "active");
  const auto pulled = Source(folder, active).round(100'000);
  EXPECT_EQ(pulled.rejects.size(), 0U);
  EXPECT_EQ(pulled.rows("video"), 9'857U);
  EXPECT_EQ(pulled.rows("observation"), 1'182'840U);
  const Rows readings = lines_of(pulled, "observation");
  EXPECT_EQ(readings[0], "youtube|00-6OyXVA0M|1388620800000000|90158|-|-|-|-");
  EXPECT_EQ(readings[2], "youtube|00-6OyXVA0M|1388793600000000|1098084|-|-|-|-");
}

TEST(RealData, TiktokIsReadFromItsTablesAndAsItWasScraped) {
  NEEDS_DATA(folder, "tiktok");
  const auto tables = Source(folder, R"({"platform": "tiktok", "timezone": "+07:00",
      "videos": {"path": "videos.csv", "columns": {"video_id": "vid_id", "channel_id": "user_name",
                 "published_at": "vid_postTime", "title": "vid_caption", "duration_s": "vid_duration",
                 "tags": "vid_hashtags"}},
      "observations": {"path": "observations.tsv", "columns": {"video_id": "vid_id", "observed_at": "scrape_time"}}})")
                          .round(5'000);
  EXPECT_EQ(tables.rejects.size(), 0U);
  EXPECT_EQ(tables.rows("video"), 3'307U);
  EXPECT_EQ(tables.rows("observation"), 13'411U);
  EXPECT_EQ(lines_of(tables, "observation")[0],
            "tiktok|7434773480547159297|1749057359000000|1000000|27000|1725|18100|-");
  EXPECT_EQ(lines_of(tables, "video")[1].substr(0, 56), "tiktok|7453757971894390024|zinh9889|1735438066000000|七");
  const auto scraped = Source(folder, R"({"platform": "tiktok", "timezone": "+07:00",
      "channels": {"path": "scrape-*.csv", "columns": {"channel_id": "user_name", "followers": "user_nfollower",
                   "observed_at": "vid_scrapeTime"}},
      "observations": {"path": "scrape-*.csv", "columns": {"video_id": "vid_id", "observed_at": "vid_scrapeTime",
                   "views": "vid_nview", "likes": "vid_nlike", "comments": "vid_ncomment", "shares": "vid_nshare"}}})")
                           .round(999);
  EXPECT_EQ(scraped.rejects.size(), 0U);
  EXPECT_EQ(scraped.rows("channel"), 5'001U);
  EXPECT_EQ(scraped.rows("observation"), 5'001U);
  EXPECT_EQ(lines_of(scraped, "channel")[0], "tiktok|lenguyentravi|1748507921000000|lenguyentravi|304900|-");
  EXPECT_EQ(lines_of(scraped, "observation")[0], "tiktok|7506832682593094928|1748507921000000|541200|21900|454|742|-");
}

TEST(RealData, AnHourlyJsonArrayIsReadWhole) {
  NEEDS_DATA(folder, "youtube-hourly");
  const auto pulled = Source(folder, R"({"platform": "youtube", "observations": {"path": "31-minutos.json",
      "columns": {"video_id": "id", "observed_at": "timestamp", "views": "viewCount", "likes": "likeCount",
                  "comments": "commentCount"}}})")
                          .round(1'000);
  EXPECT_EQ(pulled.rejects.size(), 0U);
  EXPECT_EQ(pulled.rows("observation"), 5'129U);
  EXPECT_EQ(lines_of(pulled, "observation")[0], "youtube|UEqTIwRrWvA|1759968247090000|5211318|756869|61139|-|-");
}

TEST(RealData, HourlySeriesAColumnAnHourAreRead) {
  NEEDS_DATA(folder, "m4-hourly");
  const auto pulled = Source(folder, R"({"platform": "m4", "observations": {"path": "Hourly-train.csv",
      "columns": {"video_id": "V1"}, "defaults": {"observed_at": "2020-01-01"},
      "wide": {"columns": "V*", "step": "1h"}}})")
                          .round(100'000);
  EXPECT_EQ(lines_of(pulled, "observation").front().substr(0, 3), "m4|");
  EXPECT_GT(pulled.rows("observation") + pulled.rejects.size(), 350'000U);
}

TEST(RealData, ThumbnailsOfTwoFoldersAreRead) {
  NEEDS_DATA(folder, "thumbnails");
  const auto pulled = Source(folder, R"({"platform": "youtube",
      "thumbnails": {"path": "*Clickbait", "name": "{video_id}___*"}})")
                          .round(50);
  EXPECT_EQ(pulled.rejects.size(), 0U);
  EXPECT_EQ(pulled.rows("thumbnail"), 120U);
  for (const std::string& line : lines_of(pulled, "thumbnail"))
    EXPECT_EQ(line.substr(19, 12), "|image/jpeg|") << line.substr(0, 40);
}

}  // namespace
}  // namespace risetime::file
