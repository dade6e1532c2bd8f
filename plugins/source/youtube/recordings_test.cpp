// Every recorded exchange with YouTube's website and with its Data API has a defined outcome. The expectations are by
// the kind of the request, so that other recordings of the same kinds can be put beside these.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <risetime/json.hpp>
#include <sstream>

#include "api.hpp"
#include "feed.hpp"
#include "listing.hpp"
#include "test_rows.hpp"
#include "watch.hpp"

namespace risetime::youtube {
namespace {

namespace fs = std::filesystem;

struct Recorded {
  std::string file, method, url, sent, body;
  std::int64_t status = 0;

  bool asks(std::string_view part) const { return url.find(part) != std::string::npos; }
  bool sends(std::string_view part) const { return sent.find(part) != std::string::npos; }
  bool holds(std::string_view part) const { return body.find(part) != std::string::npos; }
};

fs::path data_folder(const std::string& name) {
  const char* data = std::getenv("RISETIME_TEST_DATA");
  const fs::path folder = fs::path(data != nullptr ? data : "../shared/data") / name;
  return fs::is_directory(folder) ? folder : fs::path();
}

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

const Json& member(const Json& json, const char* name) {
  const Json* found = json.find(name);
  if (found == nullptr) throw Error(Code::input, name, "missing in the recording");
  return *found;
}

Recorded read_exchange(const fs::path& path) {
  const Json json = Json::parse(text_of_file(path));
  const Json& request = member(json, "request");
  const Json& response = member(json, "response");
  Recorded recorded{path.string(),
                    *member(request, "httpMethod").if_string(),
                    *member(request, "url").if_string(),
                    "",
                    *member(response, "responseBody").if_string(),
                    *member(response, "responseCode").if_integer()};
  if (const Json* sent = request.find("dataToSend"); sent != nullptr && sent->if_array() != nullptr)
    for (const Json& byte : *sent->if_array()) recorded.sent += static_cast<char>(*byte.if_integer());
  return recorded;
}

#define NEED_DATA(folder, name)                                                                     \
  if ((folder).empty()) {                                                                           \
    if (std::getenv("CI") != nullptr) FAIL() << "the recordings of " name " are not there";         \
    GTEST_SKIP() << "the recordings of " name " are not there; set RISETIME_TEST_DATA to see them"; \
  }

// How much of everything was read.
struct Seen {
  std::size_t lists = 0, listed = 0, players = 0, nexts = 0, likes = 0, comments = 0, followers = 0, refused = 0;
};

void expect_refused(const Recorded& recorded) {
  const Error listing = error_from([&] { parse_listing(recorded.body, recorded.url); });
  EXPECT_EQ(listing.code(), Code::limited) << listing.what();
  EXPECT_EQ(listing.where(), recorded.url);
  EXPECT_GT(listing.retry_after_ms(), 0);
  const Error player = error_from([&] { parse_player(recorded.body, recorded.url); });
  EXPECT_EQ(player.code(), Code::limited) << player.what();
}

// How many of the videos have all that lists show of their kind.
std::size_t well_read(const Listing& listing) {
  return static_cast<std::size_t>(
      std::count_if(listing.videos.begin(), listing.videos.end(), [](const ListedVideo& video) {
        if (video.kind == Kind::upcoming || video.members_only) return true;
        return (video.views || video.viewers) && (video.duration_s || video.kind != Kind::video);
      }));
}

void expect_channel(const Recorded& recorded, const Listing& listing) {
  ASSERT_TRUE(listing.channel);
  EXPECT_TRUE(is_channel_id(listing.channel->id));
  EXPECT_FALSE(listing.channel->name.empty());
  if (recorded.holds(" subscribers\"")) {
    EXPECT_GT(listing.channel->followers.value_or(0), 0);
  }
  if (listing.tab == "videos" || listing.tab == "shorts") {
    EXPECT_GE(listing.videos.size(), 1U);
    EXPECT_EQ(listing.continuation.empty(), listing.videos.size() < 28);
  }
}

void expect_list(const Recorded& recorded, Seen& seen) {
  if (recorded.holds("\"alertRenderer\"") && !recorded.holds("\"channelMetadataRenderer\"")) {
    EXPECT_EQ(error_from([&] { parse_listing(recorded.body, recorded.url); }).code(), Code::input);
    return;
  }
  const Listing listing = parse_listing(recorded.body, recorded.url);
  for (const ListedVideo& video : listing.videos) {
    EXPECT_TRUE(is_video_id(video.id));
    EXPECT_FALSE(video.title.empty()) << video.id;
  }
  if (listing.videos.empty() && listing.others == 0 && !listing.channel) {
    EXPECT_FALSE(listing.notice.empty());
  }
  // Charts show no views in their lists.
  if (!recorded.asks("charts.youtube.com") && listing.videos.size() >= 10) {
    EXPECT_GE(well_read(listing) * 10, listing.videos.size() * 9);
  }
  if (recorded.asks("/search") && listing.videos.size() >= 15) {
    EXPECT_FALSE(listing.continuation.empty());
  }
  if (recorded.holds("\"channelMetadataRenderer\"")) expect_channel(recorded, listing);
  seen.listed += listing.videos.size();
  ++seen.lists;
}

void expect_player(const Recorded& recorded, Seen& seen) {
  ++seen.players;
  if (!recorded.holds("\"videoDetails\"") && !recorded.holds("\"playabilityStatus\"")) return expect_refused(recorded);
  const WatchPage page = parse_player(recorded.body, recorded.url);
  if (page.access == Access::open && recorded.holds("\"publishDate\"")) {
    EXPECT_TRUE(page.complete()) << page.why_skipped();
    EXPECT_TRUE(page.facts.published_exact);
    EXPECT_GT(page.facts.published_at.value_or(0), 1'100'000'000'000'000);
    EXPECT_TRUE(page.facts.views);
    EXPECT_EQ(page.facts.likes.has_value(), recorded.holds("\"likeCount\""));
    EXPECT_TRUE(page.facts.category);
  }
  if (!page.complete()) {
    EXPECT_FALSE(page.why_skipped().empty());
  }
  if (page.access != Access::open) {
    EXPECT_FALSE(page.reason.empty());
    return;
  }
  EXPECT_TRUE(is_video_id(page.facts.id));
  EXPECT_TRUE(page.facts.thumbnail_url);
  if (recorded.holds("\"shortDescription\"")) {
    EXPECT_FALSE(page.facts.title.empty());
    EXPECT_TRUE(page.facts.views);
    EXPECT_TRUE(page.facts.duration_s || page.facts.kind == Kind::live || page.facts.kind == Kind::upcoming);
  }
}

void expect_next(const Recorded& recorded, Seen& seen) {
  WatchPage page;
  if (recorded.sends("\"continuation\"")) {  // more comments, more recommendations: nothing of the video
    EXPECT_EQ(error_from([&] { add_next(page, recorded.body, recorded.url); }).code(), Code::limited);
    return;
  }
  add_next(page, recorded.body, recorded.url);
  const VideoFacts& facts = page.facts;
  EXPECT_TRUE(is_video_id(facts.id));
  EXPECT_FALSE(facts.title.empty());
  if (facts.kind == Kind::video) {
    EXPECT_TRUE(facts.views);
    EXPECT_TRUE(facts.published_at);
    EXPECT_FALSE(facts.published_exact);
  } else {
    EXPECT_TRUE(facts.viewers);
  }
  EXPECT_FALSE(parse_listing(recorded.body, recorded.url).videos.empty());  // what is recommended beside it
  ++seen.nexts;
  seen.likes += facts.likes ? 1 : 0;
  seen.comments += facts.comments ? 1 : 0;
  seen.followers += facts.followers ? 1 : 0;
}

void expect_feed(const Recorded& recorded) {
  if (recorded.status == 200) {
    const Feed feed = parse_feed(recorded.body, recorded.url);
    EXPECT_FALSE(feed.entries.empty());
    EXPECT_TRUE(feed.bad.empty());
  } else {
    EXPECT_EQ(error_from([&] { parse_feed(recorded.body, recorded.url); }).code(), Code::limited);
  }
}

TEST(YouTubeRecordings, OfTheWebsiteHaveADefinedOutcomeEach) {
  const fs::path folder = data_folder("youtube-innertube");
  NEED_DATA(folder, "youtube-innertube");
  Seen seen;
  for (const fs::path& file : json_files(folder)) {
    SCOPED_TRACE(file.string());
    const Recorded recorded = read_exchange(file);
    if (recorded.asks("/feeds/videos.xml")) {
      expect_feed(recorded);
    } else if (recorded.asks("/v1/player") || recorded.asks("/reel_item_watch")) {
      expect_player(recorded, seen);
    } else if (recorded.asks("/v1/next")) {
      expect_next(recorded, seen);
    } else if (recorded.asks("/v1/browse") || recorded.asks("/v1/search") || recorded.asks("/results?")) {
      expect_list(recorded, seen);
    } else {
      expect_refused(recorded), ++seen.refused;  // scripts, ids of visitors and the like, which hold no videos
    }
  }
  EXPECT_GE(seen.lists, 10U);
  EXPECT_GE(seen.listed, 500U);
  EXPECT_GE(seen.players, 20U);
  EXPECT_GE(seen.nexts, 7U);
  EXPECT_GE(seen.likes, 7U);
  EXPECT_GE(seen.comments, 5U);
  EXPECT_GE(seen.followers, 5U);
  EXPECT_GE(seen.refused, 20U);
}

TEST(YouTubeRecordings, OfOneVideoAgreeWithEachOther) {
  const fs::path folder = data_folder("youtube-innertube");
  NEED_DATA(folder, "youtube-innertube");
  std::map<std::string, WatchPage> players, nexts;  // by the video's id
  for (const fs::path& file : json_files(folder)) {
    const Recorded recorded = read_exchange(file);
    if (recorded.asks("/player") && recorded.holds("\"publishDate\"")) {
      const WatchPage page = parse_player(recorded.body, recorded.url);
      players[page.facts.id] = page;
    } else if (recorded.asks("/v1/next")) {
      WatchPage page;
      add_next(page, recorded.body, recorded.url);
      nexts[page.facts.id] = page;
    }
  }
  std::size_t videos = 0;
  for (const auto& [id, page] : players) {
    const auto found = nexts.find(id);
    if (found == nexts.end()) continue;
    SCOPED_TRACE(id);
    const VideoFacts& player = page.facts;
    const VideoFacts& next = found->second.facts;
    EXPECT_EQ(player.title, next.title);
    EXPECT_EQ(player.views, next.views);
    // The website shows the day of the place that it takes the reader to be in.
    EXPECT_LT(std::abs(*player.published_at - *next.published_at), std::int64_t{2} * 86'400 * 1'000'000);
    EXPECT_LE(std::abs(*player.likes - *next.likes), *player.likes / 20 + 1);
    ++videos;
  }
  EXPECT_GE(videos, 7U);
}

// ---- the Data API ----

void expect_api(const std::string& kind, const std::string& body, std::size_t items) {
  const std::string url = "https://www.googleapis.com/youtube/v3/x";
  const auto wrong = [&](const auto& parse) {
    const Error error = error_from([&] { parse(body, url); });
    EXPECT_EQ(error.code(), Code::input) << error.what();
    EXPECT_EQ(error.where(), url);
  };
  if (kind == "youtube#channelListResponse") {
    const auto channels = api::parse_channels(body, url);
    ASSERT_EQ(channels.size(), items);
    for (const ChannelFacts& channel : channels) EXPECT_TRUE(is_channel_id(channel.id) && !channel.name.empty());
  } else {
    wrong(api::parse_channels);
  }
  if (kind == "youtube#playlistItemListResponse") {
    EXPECT_EQ(api::parse_playlist_items(body, url).videos.size(), items);
  } else {
    wrong(api::parse_playlist_items);
  }
  if (kind == "youtube#searchListResponse") {
    EXPECT_LE(api::parse_search(body, url).videos.size(), items);
  } else {
    wrong(api::parse_search);
  }
  if (kind == "youtube#videoListResponse") {
    const auto list = api::parse_videos(body, url);
    EXPECT_EQ(list.videos.size() + list.bad.size(), items);
    for (const VideoFacts& video : list.videos) EXPECT_TRUE(video.published_at && !video.title.empty());
    for (const BadItem& bad : list.bad) EXPECT_EQ(bad.reason, "it has no snippet");  // recorded without that part
  } else {
    wrong(api::parse_videos);
  }
}

TEST(YouTubeRecordings, OfTheApiHaveADefinedOutcomeEach) {
  const fs::path folder = data_folder("youtube-api");
  NEED_DATA(folder, "youtube-api");
  std::size_t files = 0, videos = 0;
  for (const fs::path& file : json_files(folder)) {
    SCOPED_TRACE(file.string());
    const std::string body = text_of_file(file);
    const Json json = Json::parse(body);
    const Json* kind = json.find("kind");
    const Json* items = json.find("items");
    const std::size_t count = items != nullptr && items->if_array() != nullptr ? items->if_array()->size() : 0;
    expect_api(kind != nullptr ? *kind->if_string() : "", body, count);
    if (json.find("error") != nullptr) {
      const Error error = api::error_of(403, body, "https://www.googleapis.com/x");
      EXPECT_EQ(error.code(), Code::unsupported);
      EXPECT_NE(std::string(error.what()).find("PERMISSION_DENIED"), std::string::npos) << error.what();
    }
    if (kind != nullptr && *kind->if_string() == "youtube#videoListResponse")
      videos += api::parse_videos(body, "u").videos.size();
    ++files;
  }
  EXPECT_GE(files, 70U);
  EXPECT_GE(videos, 10U);
}

TEST(YouTubeRecordings, OfTheApiNameItsCategoriesAsWeDo) {
  const fs::path folder = data_folder("youtube-api");
  NEED_DATA(folder, "youtube-api");
  const Json json = Json::parse(text_of_file(folder / "testdata/apidata/categories/video_category_by_region.json"));
  for (const Json& item : *member(json, "items").if_array())
    EXPECT_EQ(api::category_name(*member(item, "id").if_string()),
              *member(member(item, "snippet"), "title").if_string());
}

}  // namespace
}  // namespace risetime::youtube
