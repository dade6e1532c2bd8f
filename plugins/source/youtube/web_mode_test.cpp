// Mode "web" through the C boundary, on pages that were written for the tests.
#include <gtest/gtest.h>

#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

#include "test_rows.hpp"

namespace risetime::youtube {
namespace {

using testkit::FakeHost;
using testkit::Pulled;

const std::string site = "https://www.youtube.com/";
const std::string channel = "UCaaaaaaaaaaaaaaaaaaaaaa";

std::string video_id(int number) {
  std::string text = std::to_string(number);
  return std::string(11 - text.size(), 'v') + text;
}

std::string list_items(int from, int to) {
  std::string items;
  for (int i = from; i < to; ++i)
    items += std::string(items.empty() ? "" : ",") + R"({"richItemRenderer":{"content":{"videoRenderer":{"videoId":")" +
             video_id(i) + R"(","title":{"simpleText":"V"},"viewCountText":{"simpleText":"1.2K views"}}}}})";
  return items;
}

std::string continuation(const std::string& token) {
  return R"(,{"continuationItemRenderer":{"continuationEndpoint":{"continuationCommand":{"token":")" + token +
         R"("}}}})";
}

// A tab of a channel's page.
std::string tab_page(const std::string& tab, const std::string& items) {
  return R"(<script>ytcfg.set({"INNERTUBE_CLIENT_VERSION":"2.1"});var ytInitialData = {"metadata":{"channelMetadataRenderer":{"externalId":")" +
         channel + R"(","title":"Paper"}},"header":{"subscriberCountText":{"simpleText":"1.5K subscribers"}},
         "tabs":[{"tabRenderer":{"selected":true,"endpoint":{"commandMetadata":{"webCommandMetadata":{"url":"/@paper/)" +
         tab + R"("}}},"content":{"richGridRenderer":{"contents":[)" + items + "]}}}}]};</script>";
}

std::string watch_page(const std::string& id, const std::string& more = R"("a":1)",
                       const std::string& status = R"({"status":"OK"})") {
  return R"(<script>var ytInitialPlayerResponse = {"playabilityStatus":)" + status + R"(,"videoDetails":{"videoId":")" +
         id + R"(","title":"V","channelId":")" + channel + R"(","author":"Paper","viewCount":"1234",)" + more +
         R"(},"microformat":{"playerMicroformatRenderer":{"publishDate":"2026-01-01T00:00:00Z","likeCount":"7"}}};</script>)";
}

void serve_videos(FakeHost& host, int from, int to) {
  for (int i = from; i < to; ++i) host.answer(site + "watch?v=" + video_id(i), 200, watch_page(video_id(i)));
}

std::string config(const std::string& more = "") {
  return R"({"channels":["@paper"],"mode":"web","tabs":["videos"],"thumbnails":false)" + more + "}";
}

Pulled pull(FakeHost& host, const std::string& settings, const std::string& cursor = "") {
  const auto plugin = host.load(risetime_plugin_v1(), "youtube", settings);
  return testkit::pull_all(*plugin, 10000, cursor);
}

std::vector<std::string> ids(int from, int to) {
  std::vector<std::string> all;
  for (int i = from; i < to; ++i) all.push_back(video_id(i));
  return all;
}

TEST(YouTubeWebMode, ReadsTheListAndThenEachVideosPage) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 3)));
  serve_videos(host, 0, 3);
  const Pulled pulled = pull(host, config());
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"@paper"});
  EXPECT_EQ(numbers(pulled, "channel", "followers"), std::vector<std::int64_t>{1500});
  EXPECT_EQ(texts(pulled, "video", "video_id"), ids(0, 3));
  EXPECT_EQ(numbers(pulled, "video", "published_at").front(), 1'767'225'600'000'000);
  EXPECT_EQ(numbers(pulled, "observation", "views"), (std::vector<std::int64_t>{1234, 1234, 1234}));  // not "1.2K"
  EXPECT_EQ(numbers(pulled, "observation", "likes"), (std::vector<std::int64_t>{7, 7, 7}));
  EXPECT_EQ(host.done, std::vector<std::string>{"youtube:@paper"});
  for (const HttpRequest& request : host.requests) EXPECT_EQ(request.purpose, Purpose::page);  // robots.txt decides
}

TEST(YouTubeWebMode, FollowsTheListOnlyWhereMoreIsWantedThanThePageShows) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 30) + continuation("t1")));
  host.answer("POST " + site + "youtubei/v1/browse?prettyPrint=false", 200,
              R"({"onResponseReceivedActions":[{"appendContinuationItemsAction":{"continuationItems":[)" +
                  list_items(30, 40) + "]}}]}");
  serve_videos(host, 0, 40);
  EXPECT_EQ(pull(host, config()).rows("video"), 15U);
  EXPECT_EQ(host.requests.size(), 16U);
  host.requests.clear();
  EXPECT_EQ(pull(host, config(R"(,"videos_per_account":40)")).rows("video"), 40U);
  EXPECT_EQ(host.requests[1].method, "POST");
  EXPECT_EQ(host.requests[1].body,
            R"({"context":{"client":{"clientName":"WEB","clientVersion":"2.1","hl":"en"}},"continuation":"t1"})");
}

TEST(YouTubeWebMode, TakesTabsInTurnAndSkipsThoseThatTheChannelHasNot) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 10)));
  host.answer(site + "@paper/shorts", 200, tab_page("shorts", list_items(20, 30)));
  host.answer(site + "@paper/streams", 200, tab_page("featured", list_items(40, 50)));  // has no streams
  serve_videos(host, 0, 50);
  const std::string settings =
      R"({"channels":["@paper"],"mode":"web","tabs":["videos","shorts","streams"],"thumbnails":false,"videos_per_account":5})";
  EXPECT_EQ(texts(pull(host, settings), "video", "video_id"),
            (std::vector<std::string>{video_id(0), video_id(20), video_id(1), video_id(21), video_id(2)}));
}

TEST(YouTubeWebMode, ResumesInTheMidstOfAChannel) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 60)));
  serve_videos(host, 0, 60);
  const std::string settings = config(R"(,"videos_per_account":60)");
  const auto plugin = host.load(risetime_plugin_v1(), "youtube", settings);
  client::Source source(*plugin);
  Pulled first;
  EXPECT_TRUE(source.pull("", 10000, first));
  EXPECT_EQ(first.rows("video"), 25U);
  EXPECT_TRUE(host.done.empty());
  const Pulled same = testkit::pull_all(*plugin, 10000, first.last_cursor);
  EXPECT_EQ(texts(same, "video", "video_id"), ids(25, 60));
  EXPECT_EQ(host.requests.size(), 61U);  // the list was kept
  const Pulled other = pull(host, settings, first.last_cursor);
  EXPECT_EQ(texts(other, "video", "video_id"), ids(25, 60));
  EXPECT_EQ(other.rows("channel"), 0U);
}

TEST(YouTubeWebMode, GivesEveryKindOfVideoItsOutcome) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 6)));
  const auto serve = [&](int number, const std::string& page) {
    host.answer(site + "watch?v=" + video_id(number), 200, page);
  };
  serve(0, watch_page(video_id(0), R"("isLiveContent":true,"isLive":true)"));
  serve(1, watch_page(video_id(1), R"("isUpcoming":true)", R"({"status":"LIVE_STREAM_OFFLINE"})"));
  serve(2, watch_page(video_id(2), R"("a":1)", R"({"status":"UNPLAYABLE","reason":"members-only content"})"));
  serve(3,
        watch_page(video_id(3), R"("a":1)", R"({"status":"LOGIN_REQUIRED","reason":"Sign in to confirm your age"})"));
  const auto closed = [](const std::string& status, const std::string& reason) {
    return R"(var ytInitialPlayerResponse = {"playabilityStatus":{"status":")" + status + R"(","reason":")" + reason +
           "\"}};";
  };
  serve(4, closed("LOGIN_REQUIRED", "This video is private"));
  serve(5, closed("ERROR", "This video has been removed by the uploader"));
  const Pulled pulled = pull(host, config());
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "video", "extra"),
            (std::vector<std::string>{R"({"kind":"live"})", R"({"kind":"upcoming"})",
                                      R"({"kind":"video","access":"members"})", R"({"kind":"video","access":"age"})"}));
  EXPECT_EQ(texts(pulled, "observation", "video_id"),
            (std::vector<std::string>{video_id(0), video_id(2), video_id(3)}));  // none before a premiere
  ASSERT_EQ(pulled.rejects.size(), 2U);
  EXPECT_EQ(pulled.rejects[0].reason, "the video is private: This video is private");
  EXPECT_EQ(pulled.rejects[1].reason, "the video is deleted: This video has been removed by the uploader");
}

TEST(YouTubeWebMode, NamesEachChannelThatFailsAndGoesOnWithTheOthers) {
  FakeHost host;
  host.answer(site + "@gone/videos", 404, "");
  host.answer(site + "@consent/videos", 200, "<form action=\"https://consent.youtube.com/save\">");
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 1)));
  serve_videos(host, 0, 1);
  const Pulled pulled =
      pull(host, R"({"channels":["@gone","@consent","@paper"],"mode":"web","tabs":["videos"],"thumbnails":false})");
  EXPECT_EQ(pulled.rows("video"), 1U);
  ASSERT_EQ(pulled.failures.size(), 2U);
  EXPECT_EQ(pulled.failures[0].first, "youtube:@gone");
  EXPECT_EQ(pulled.failures[0].second.code(), Code::input);
  EXPECT_EQ(pulled.failures[1].first, "youtube:@consent");
  EXPECT_EQ(pulled.failures[1].second.code(), Code::limited);
  EXPECT_EQ(pulled.failures[1].second.where(), site + "@consent/videos");
}

TEST(YouTubeWebMode, StopsAskingForAChannelsVideosWhenYouTubeRefuses) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 4)));
  serve_videos(host, 0, 1);
  host.answer(site + "watch?v=" + video_id(1), 503, "");
  host.answer(site + "watch?v=" + video_id(2), 200, "<html>unusual traffic</html>");
  const Pulled pulled = pull(host, config());
  EXPECT_EQ(pulled.rows("video"), 1U);
  EXPECT_EQ(host.requests.size(), 4U);  // the last video was not asked for
  ASSERT_EQ(pulled.failures.size(), 1U);
  const Error& why = pulled.failures[0].second;
  EXPECT_EQ(why.code(), Code::limited);
  EXPECT_NE(std::string(why.what()).find("2 of 4 videos could not be read"), std::string::npos) << why.what();
  EXPECT_TRUE(host.done.empty());
}

TEST(YouTubeWebMode, AsksTheScheduleByTheTimeThatAVideosPageGaveBefore) {
  FakeHost host;
  host.answer(site + "@paper/videos", 200, tab_page("videos", list_items(0, 2)));
  serve_videos(host, 0, 2);
  pull(host, config());
  EXPECT_EQ(host.state.at("publication of " + video_id(0)), "1767225600000000");
  host.refuse(video_id(0));
  host.requests.clear();
  const Pulled pulled = pull(host, config());
  EXPECT_EQ(texts(pulled, "video", "video_id"), ids(1, 2));
  EXPECT_EQ(host.requests.size(), 2U);
}

TEST(YouTubeWebMode, SearchesAndTellsTheChannelsOfWhatItFound) {
  FakeHost host;
  host.answer(site + "results?search_query=paper%20planes&sp=CAISAhAB", 200,
              R"(var ytInitialData = {"x":[)" + list_items(0, 2) + "]};");
  serve_videos(host, 0, 2);
  const Pulled pulled = pull(host, R"({"search":["paper planes"],"mode":"web","thumbnails":false})");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(pulled.rows("video"), 2U);
  EXPECT_EQ(texts(pulled, "channel", "name"), std::vector<std::string>{"Paper"});
  EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"null"});
}

}  // namespace
}  // namespace risetime::youtube
