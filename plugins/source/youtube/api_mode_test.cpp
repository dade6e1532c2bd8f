// Mode "api" through the C boundary, against a host that answers as the Data API does.
#include <gtest/gtest.h>

#include <map>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

#include "api.hpp"
#include "test_rows.hpp"

namespace risetime::youtube {
namespace {

using testkit::FakeHost;
using testkit::Pulled;

const std::string base = "https://www.googleapis.com/youtube/v3/";

std::string channel_id(int number) {
  const std::string digits = std::to_string(number);
  return "UC" + std::string(22 - digits.size(), 'x') + digits;
}
std::string uploads_of(const std::string& id) { return "UU" + id.substr(2); }
std::string video_id(int channel, int number) {
  std::string text = std::to_string(channel) + "-" + std::to_string(number);
  return std::string(11 - text.size(), 'v') + text;
}

std::string channels_answer(const std::vector<int>& channels) {
  std::string items;
  for (const int channel : channels)
    items += std::string(items.empty() ? "" : ",") + R"({"id":")" + channel_id(channel) +
             R"(","snippet":{"title":"Channel )" + std::to_string(channel) +
             R"("},"statistics":{"subscriberCount":"700"},"contentDetails":{"relatedPlaylists":{"uploads":")" +
             uploads_of(channel_id(channel)) + R"("}}})";
  return R"({"kind":"youtube#channelListResponse","items":[)" + items + "]}";
}

std::string list_answer(int channel, int from, int to, const std::string& next = "") {
  std::string items;
  for (int i = from; i < to; ++i)
    items += std::string(items.empty() ? "" : ",") + R"({"contentDetails":{"videoId":")" + video_id(channel, i) +
             R"(","videoPublishedAt":"2026-01-01T00:00:00Z"}})";
  return R"({"kind":"youtube#playlistItemListResponse",)" +
         (next.empty() ? "" : R"("nextPageToken":")" + next + R"(",)") + R"("items":[)" + items + "]}";
}

std::string videos_answer(const std::vector<std::string>& ids, const std::string& channel) {
  std::string items;
  for (const std::string& id : ids)
    items += std::string(items.empty() ? "" : ",") + R"({"id":")" + id +
             R"(","snippet":{"publishedAt":"2026-01-01T00:00:00Z","channelId":")" + channel +
             R"(","title":"Video","liveBroadcastContent":"none"},"contentDetails":{"duration":"PT1M"},)" +
             R"("statistics":{"viewCount":"1000","likeCount":"10","commentCount":"3"}})";
  return R"({"kind":"youtube#videoListResponse","items":[)" + items + "]}";
}

std::vector<std::string> ids_of(int channel, int from, int to) {
  std::vector<std::string> ids;
  for (int i = from; i < to; ++i) ids.push_back(video_id(channel, i));
  return ids;
}

std::vector<std::string> channel_ids(const std::vector<int>& channels) {
  std::vector<std::string> ids;
  for (const int channel : channels) ids.push_back(channel_id(channel));
  return ids;
}

// A channel by itself, with so many videos on one page.
void serve_channel(FakeHost& host, int channel, int videos) {
  host.answer(api::playlist_items_url(uploads_of(channel_id(channel)), 50, ""), 200, list_answer(channel, 0, videos));
}

std::string config(const std::vector<std::string>& channels, const std::string& more = "") {
  Json json = Json::object();
  json["channels"] = Json::array();
  for (const std::string& channel : channels) json["channels"].push_back(channel);
  std::string text = json.dump();
  text.pop_back();
  return text + R"(,"api_key":"secret-1","thumbnails":false)" + more + "}";
}

Pulled pull(FakeHost& host, const std::string& settings, const std::string& cursor = "") {
  const auto plugin = host.load(risetime_plugin_v1(), "youtube", settings);
  return testkit::pull_all(*plugin, 10000, cursor);
}

Error thrown_by(FakeHost& host, const std::string& settings) {
  try {
    pull(host, settings);
  } catch (const Error& error) {
    return error;
  }
  return {Code::internal, "", "no error"};
}

std::vector<std::string> addresses(const FakeHost& host) {
  std::vector<std::string> all;
  for (const HttpRequest& request : host.requests) all.push_back(request.url);
  return all;
}

TEST(YouTubeApiMode, ReadsChannelsTheirUploadsAndTheVideosWithFewCalls) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1, 2})), 200, channels_answer({1, 2}));
  serve_channel(host, 1, 2);
  serve_channel(host, 2, 1);
  const std::vector<std::string> ids = {video_id(1, 0), video_id(1, 1), video_id(2, 0)};
  host.answer(api::videos_url(ids), 200, videos_answer(ids, channel_id(1)));
  const Pulled pulled = pull(host, config({channel_id(1), channel_id(2)}));
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "channel", "name"), (std::vector<std::string>{"Channel 1", "Channel 2"}));
  EXPECT_EQ(numbers(pulled, "channel", "followers"), (std::vector<std::int64_t>{700, 700}));
  EXPECT_EQ(texts(pulled, "video", "video_id"), ids);
  EXPECT_EQ(numbers(pulled, "observation", "likes"), (std::vector<std::int64_t>{10, 10, 10}));
  EXPECT_EQ(host.requests.size(), 4U);
  EXPECT_EQ(host.metrics["youtube.units"], 4);
  EXPECT_EQ(host.announced, (std::vector<std::string>{"youtube:" + channel_id(1), "youtube:" + channel_id(2)}));
  EXPECT_EQ(host.done, host.announced);
  EXPECT_EQ(pulled.last_cursor, "");
}

TEST(YouTubeApiMode, SendsTheKeyInAHeaderOnlyAndSaysWhatACallCosts) {
  FakeHost host;
  host.answer(api::channel_url(Account::parse("@paper", "")), 200, channels_answer({1}));
  serve_channel(host, 1, 1);
  host.answer(api::videos_url(ids_of(1, 0, 1)), 200, videos_answer(ids_of(1, 0, 1), channel_id(1)));
  const Pulled pulled = pull(host, config({"@paper"}));
  EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"@paper"});
  EXPECT_EQ(host.state.at("channel id of @paper"), channel_id(1));
  for (const HttpRequest& request : host.requests) {
    EXPECT_EQ(request.url.find("secret-1"), std::string::npos);
    ASSERT_EQ(request.headers.size(), 1U);
    EXPECT_EQ(request.headers[0].value, "secret-1");  // the handle, which the host replaces
    EXPECT_EQ(request.purpose, Purpose::interface);
    EXPECT_EQ(request.quota.cost, 1);
    EXPECT_EQ(request.quota.per_day, 10'000);
  }
}

TEST(YouTubeApiMode, ReadsLongListsInPortionsThatResumeAtTheCursor) {
  FakeHost host;
  host.state["channel id of @paper"] = channel_id(1);
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({1}));
  const std::string list = uploads_of(channel_id(1));
  host.answer(api::playlist_items_url(list, 50, ""), 200, list_answer(1, 0, 50, "p2"));
  host.answer(api::playlist_items_url(list, 50, "p2"), 200, list_answer(1, 50, 100, "p3"));
  host.answer(api::playlist_items_url(list, 20, "p3"), 200, list_answer(1, 100, 120, "p4"));
  for (int from = 0; from < 120; from += 50) {
    const auto ids = ids_of(1, from, std::min(from + 50, 120));
    host.answer(api::videos_url(ids), 200, videos_answer(ids, channel_id(1)));
  }
  const std::string settings = config({"@paper"}, R"(,"videos_per_account":120)");
  EXPECT_EQ(pull(host, settings).rows("video"), 120U);
  host.requests.clear();
  std::string cursor;
  std::size_t videos = 0, channels = 0;
  for (int i = 0; i < 3; ++i) {  // each in a process of its own, a page at a time
    const auto plugin = host.load(risetime_plugin_v1(), "youtube", settings);
    client::Source source(*plugin);
    Pulled part;
    EXPECT_EQ(source.pull(cursor, 150, part), i < 2);
    videos += part.rows("video");
    channels += part.rows("channel");
    cursor = part.last_cursor;
  }
  EXPECT_EQ(videos, 120U);
  EXPECT_EQ(channels, 1U);
  EXPECT_EQ(cursor, "");
  EXPECT_EQ(host.requests.size(), 7U);
}

TEST(YouTubeApiMode, BeginsAListAgainWhoseTokenIsNoLongerValid) {
  FakeHost host;
  const std::string list = uploads_of(channel_id(1));
  host.answer(api::playlist_items_url(list, 50, "old"), 400, R"({"error":{"errors":[{"reason":"invalidPageToken"}]}})");
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({1}));
  serve_channel(host, 1, 1);
  host.answer(api::videos_url(ids_of(1, 0, 1)), 200, videos_answer(ids_of(1, 0, 1), channel_id(1)));
  const Pulled pulled = pull(host, config({channel_id(1)}),
                             R"({"at":")" + channel_id(1) + R"(","playlist":")" + list + R"(","page":"old"})");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(pulled.rows("video"), 1U);
}

TEST(YouTubeApiMode, NamesEachChannelThatFailsAndGoesOnWithTheOthers) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1, 2, 3, 4})), 200, channels_answer({1, 2, 4}));  // 3 is gone
  host.answer(api::playlist_items_url(uploads_of(channel_id(1)), 50, ""), 404,
              R"({"error":{"errors":[{"reason":"playlistNotFound"}]}})");
  host.answer(api::playlist_items_url(uploads_of(channel_id(2)), 50, ""), 403,
              R"({"error":{"errors":[{"reason":"playlistItemsNotAccessible"}]}})");
  serve_channel(host, 4, 1);
  host.answer(api::videos_url(ids_of(4, 0, 1)), 200, videos_answer(ids_of(4, 0, 1), channel_id(4)));
  const Pulled pulled = pull(host, config(channel_ids({1, 2, 3, 4})));
  EXPECT_EQ(pulled.rows("video"), 1U);
  ASSERT_EQ(pulled.failures.size(), 3U);
  const auto expect = [&](std::size_t at, int channel, Code code, const std::string& words) {
    EXPECT_EQ(pulled.failures[at].first, "youtube:" + channel_id(channel));
    EXPECT_EQ(pulled.failures[at].second.code(), code);
    EXPECT_NE(std::string(pulled.failures[at].second.what()).find(words), std::string::npos)
        << pulled.failures[at].second.what();
  };
  expect(0, 1, Code::input, "no such playlist");
  expect(1, 2, Code::unsupported, "private");
  expect(2, 3, Code::input, "knows no channel");
  EXPECT_EQ(host.done, std::vector<std::string>{"youtube:" + channel_id(4)});
}

TEST(YouTubeApiMode, FindsNamesThatTheApiDoesNotKnowOnTheWebsite) {
  FakeHost host;
  const std::string page = "https://www.youtube.com/c/";
  host.answer(page + "Paper", 200, "\"externalId\":\"" + channel_id(1) + "\"");
  host.answer(page + "Refused", 429, "");
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({1}));
  serve_channel(host, 1, 1);
  host.answer(api::videos_url(ids_of(1, 0, 1)), 200, videos_answer(ids_of(1, 0, 1), channel_id(1)));
  const Pulled pulled = pull(host, config({"c/Refused", "c/Paper"}));
  EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"c/Paper"});
  EXPECT_EQ(host.state.at("channel id of c/Paper"), channel_id(1));
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].second.code(), Code::io);  // not limited, which would stop the others
}

TEST(YouTubeApiMode, TellsOfAllChannelsInABatchOfVideosThatFails) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1, 2})), 200, channels_answer({1, 2}));
  serve_channel(host, 1, 1);
  serve_channel(host, 2, 1);
  host.answer(api::videos_url(std::vector<std::string>{video_id(1, 0), video_id(2, 0)}), 503, "");
  const Pulled pulled = pull(host, config(channel_ids({1, 2})));
  ASSERT_EQ(pulled.failures.size(), 2U);
  EXPECT_EQ(pulled.failures[1].second.code(), Code::io);
  EXPECT_TRUE(host.done.empty());
}

TEST(YouTubeApiMode, StopsAsAWholeWhereTheKeyIsWrongOrTheQuotaIsUsedUp) {
  FakeHost wrong;
  wrong.answer(api::channels_url(channel_ids({1})), 400,
               R"({"error":{"errors":[{"reason":"badRequest"}],"details":[{"reason":"API_KEY_INVALID"}]}})");
  const Error key = thrown_by(wrong, config({channel_id(1)}));
  EXPECT_EQ(key.code(), Code::config);
  EXPECT_EQ(key.where(), "api_key");
  FakeHost used_up;
  used_up.answer(api::channels_url(channel_ids({1})), 403, R"({"error":{"errors":[{"reason":"quotaExceeded"}]}})");
  EXPECT_EQ(thrown_by(used_up, config({channel_id(1)})).code(), Code::limited);
}

TEST(YouTubeApiMode, HandsOverWhatItReadBeforeTheQuotaEnded) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1, 2})), 200, channels_answer({1, 2}));
  serve_channel(host, 1, 50);
  serve_channel(host, 2, 50);
  host.answer(api::videos_url(ids_of(1, 0, 50)), 200, videos_answer(ids_of(1, 0, 50), channel_id(1)));
  host.answer(api::videos_url(ids_of(2, 0, 50)), 403, R"({"error":{"errors":[{"reason":"quotaExceeded"}]}})");
  const auto plugin = host.load(risetime_plugin_v1(), "youtube", config(channel_ids({1, 2})));
  client::Source source(*plugin);
  Pulled pulled;
  EXPECT_TRUE(source.pull("", 10000, pulled));
  EXPECT_EQ(pulled.rows("observation"), 50U);
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(host.done, std::vector<std::string>{"youtube:" + channel_id(1)});
  EXPECT_NE(pulled.last_cursor.find(channel_id(2)), std::string::npos) << pulled.last_cursor;
}

TEST(YouTubeApiMode, EndsTheRoundAtItsUnitsAndGoesOnThereInTheNext) {
  FakeHost host;
  std::vector<int> numbers_of_channels;
  for (int channel = 1; channel <= 4; ++channel) {
    numbers_of_channels.push_back(channel);
    serve_channel(host, channel, 1);
    host.answer(api::videos_url(ids_of(channel, 0, 1)), 200, videos_answer(ids_of(channel, 0, 1), channel_id(channel)));
  }
  host.answer(api::channels_url(channel_ids({1, 2, 3, 4})), 200, channels_answer({1, 2, 3, 4}));
  host.answer(api::channels_url(channel_ids({4})), 200, channels_answer({4}));  // the third was told already
  const std::vector<std::string> first = {video_id(1, 0), video_id(2, 0)}, second = {video_id(3, 0), video_id(4, 0)};
  host.answer(api::videos_url(first), 200, videos_answer(first, channel_id(1)));
  host.answer(api::videos_url(second), 200, videos_answer(second, channel_id(3)));
  const std::string settings = config(channel_ids({1, 2, 3, 4}), R"(,"max_units":4)");
  const Pulled round = pull(host, settings);
  EXPECT_EQ(texts(round, "video", "video_id"), first);
  EXPECT_EQ(host.metrics["youtube.units"], 4);
  ASSERT_FALSE(host.log.empty());
  EXPECT_NE(host.log.back().find("4 of its 4 units"), std::string::npos) << host.log.back();
  const Pulled next = pull(host, settings, round.last_cursor);
  EXPECT_EQ(texts(next, "video", "video_id"), second);
  EXPECT_EQ(next.last_cursor, "");
}

TEST(YouTubeApiMode, SearchesAndReadsTheChannelsOfWhatItFound) {
  FakeHost host;
  host.answer(api::search_url("paper planes", 50, ""), 200,
              R"({"kind":"youtube#searchListResponse","items":[{"id":{"channelId":"x"}},{"id":{"videoId":")" +
                  video_id(9, 0) + R"("},"snippet":{"publishedAt":"2026-01-01T00:00:00Z"}}]})");
  host.answer(api::videos_url(ids_of(9, 0, 1)), 200, videos_answer(ids_of(9, 0, 1), channel_id(9)));
  host.answer(api::channels_url(channel_ids({9})), 200, channels_answer({9}));
  const Pulled pulled = pull(host, config({}, R"(,"search":["paper planes"])"));
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "channel", "name"), std::vector<std::string>{"Channel 9"});
  EXPECT_EQ(pulled.rows("video"), 1U);
  EXPECT_EQ(host.metrics["youtube.units"], 102);
  EXPECT_EQ(host.requests.front().quota.cost, 100);
  EXPECT_EQ(host.done, std::vector<std::string>{"youtube:search/paper planes"});
}

TEST(YouTubeApiMode, ReadsOnlyWhatTheScheduleWants) {
  FakeHost host;
  host.refuse("youtube:" + channel_id(1));
  host.refuse(video_id(2, 0));
  host.answer(api::channels_url(channel_ids({2})), 200, channels_answer({2}));
  serve_channel(host, 2, 2);
  host.answer(api::videos_url(ids_of(2, 1, 2)), 200, videos_answer(ids_of(2, 1, 2), channel_id(2)));
  const Pulled pulled = pull(host, config(channel_ids({1, 2})));
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "video", "video_id"), ids_of(2, 1, 2));
}

TEST(YouTubeApiMode, SetsVideosThatAreGoneAside) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({1}));
  serve_channel(host, 1, 2);
  host.answer(api::videos_url(ids_of(1, 0, 2)), 200, videos_answer(ids_of(1, 0, 1), channel_id(1)));
  const Pulled pulled = pull(host, config({channel_id(1)}));
  EXPECT_EQ(pulled.rows("video"), 1U);
  ASSERT_EQ(pulled.rejects.size(), 1U);
  EXPECT_NE(pulled.rejects[0].where.find(video_id(1, 1)), std::string::npos);
  EXPECT_NE(pulled.rejects[0].reason.find("deleted or private"), std::string::npos);
}

TEST(YouTubeApiMode, FetchesEachPictureOnceInTheBestSizeThatExists) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({1}));
  serve_channel(host, 1, 2);
  host.answer(api::videos_url(ids_of(1, 0, 2)), 200, videos_answer(ids_of(1, 0, 2), channel_id(1)));
  const std::string pictures = "https://i.ytimg.com/vi/";
  const std::string jpeg = "\xFF\xD8\xFF\xE0 a picture", grey = "\xFF\xD8\xFF\xE0 grey";
  host.answer(pictures + video_id(1, 0) + "/maxresdefault.jpg", 404, grey);
  host.answer(pictures + video_id(1, 0) + "/sddefault.jpg", 200, jpeg);
  host.answer(pictures + video_id(1, 1) + "/maxresdefault.jpg", 200, jpeg);
  std::string settings = config({channel_id(1)});
  settings.replace(settings.find("false"), 5, "true");
  const Pulled first = pull(host, settings);
  EXPECT_EQ(texts(first, "thumbnail", "video_id"), ids_of(1, 0, 2));
  EXPECT_EQ(texts(first, "thumbnail", "mime"), (std::vector<std::string>{"image/jpeg", "image/jpeg"}));
  EXPECT_EQ(host.requests.size(), 6U);
  const Pulled second = pull(host, settings);
  EXPECT_EQ(second.rows("thumbnail"), 0U);
  EXPECT_EQ(host.requests.size(), 9U);
}

TEST(YouTubeApiMode, LeavesPicturesToTheNextRoundWhereTheyCannotBeFetched) {
  FakeHost host;  // which has no answers for pictures
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({1}));
  serve_channel(host, 1, 2);
  host.answer(api::videos_url(ids_of(1, 0, 2)), 200, videos_answer(ids_of(1, 0, 2), channel_id(1)));
  std::string settings = config({channel_id(1)});
  settings.replace(settings.find("false"), 5, "true");
  const Pulled pulled = pull(host, settings);
  EXPECT_EQ(pulled.rows("observation"), 2U);
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(host.requests.size(), 4U);  // one try, not one a video
  EXPECT_NE(host.log.at(0).find("next round"), std::string::npos);
}

TEST(YouTubeApiMode, IsTheDefaultWhereThereIsAKeyAndNeedsOne) {
  FakeHost host;
  host.answer(api::channels_url(channel_ids({1})), 200, channels_answer({}));
  EXPECT_EQ(pull(host, config({channel_id(1)})).failures.size(), 1U);
  EXPECT_EQ(addresses(host), std::vector<std::string>{api::channels_url(channel_ids({1}))});
  for (const auto& [settings, where] : std::vector<std::pair<std::string, std::string>>{
           {R"({"channels":["@a"],"mode":"api"})", "api_key"},
           {R"({"channels":["@a"],"search":["x"]})", "search"},
           {R"({"search":["x"],"api_key":"k","max_units":50})", "max_units"},
           {R"({"search":[""],"api_key":"k"})", "search[0]"},
           {R"({"channels":["@a"],"mode":"web","tabs":["about"]})", "tabs[0]"}}) {
    const Error error = thrown_by(host, settings);
    EXPECT_EQ(error.code(), Code::config) << settings;
    EXPECT_EQ(error.where(), where);
  }
}

}  // namespace
}  // namespace risetime::youtube
