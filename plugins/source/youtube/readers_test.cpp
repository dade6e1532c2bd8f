// The readers of pages, lists, players, API answers, times and cursors, on answers that were written for the tests.
#include <gtest/gtest.h>

#include "api.hpp"
#include "listing.hpp"
#include "mode.hpp"
#include "page.hpp"
#include "test_rows.hpp"
#include "times.hpp"
#include "watch.hpp"

namespace risetime::youtube {
namespace {

const std::string url = "https://www.youtube.com/x";
const std::string channel_id = "UCaaaaaaaaaaaaaaaaaaaaaa";

bool says(const Error& error, std::string_view words) {
  return std::string_view(error.what()).find(words) != std::string_view::npos;
}

// ---- pages ----

TEST(YouTubePage, FindsItsDataHoweverItIsAssigned) {
  for (const char* page :
       {R"(<script>var ytInitialData = {"a":"}{\"","b":{}};</script>)",
        R"(<script>window["ytInitialData"] = {"a":"}{\"","b":{}};</script>)", R"(ytInitialData={"a":"}{\"","b":{}})",
        R"(if (ytInitialData) f(); ytInitialData = {"a":"}{\"","b":{}};)",
        R"(var ytInitialData = JSON.parse('\x7b\x22a\x22:\x22}{\\\x22\x22,\x22b\x22:{}\x7d');)"})
    EXPECT_EQ(assigned_object(page, "ytInitialData"), R"({"a":"}{\"","b":{}})") << page;
  for (const char* page : {"", "ytInitialData", "ytInitialData = ", "ytInitialData = {", "ytInitialData = [1]",
                           R"(var other = {"ytInitialData":1};)"})
    EXPECT_EQ(assigned_object(page, "ytInitialData"), "") << page;
}

TEST(YouTubePage, WithoutDataSaysWhyAndWhenToComeBack) {
  for (const auto& [page, words] : std::vector<std::pair<std::string, std::string>>{
           {"<form action=\"https://consent.youtube.com/save\">", "cookies"},
           {"Our systems have detected unusual traffic", "robot"},
           {"<html>nothing</html>", "without its data"},
           {"", "without its data"}}) {
    const Error error = error_from([&, text = page] { parse_listing(text, url); });
    EXPECT_EQ(error.code(), Code::limited);
    EXPECT_EQ(error.where(), url);
    EXPECT_TRUE(says(error, words)) << error.what();
    EXPECT_GT(error.retry_after_ms(), 0);
  }
}

TEST(YouTubePage, RefusesBrokenAndDeepDataByName) {
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "{\"a\":";
  for (const std::string& answer : {std::string("{\"a\":"), deep, std::string("{\"a\":\"\xFF\"}")}) {
    const Error error = error_from([&] { parse_listing(answer, url); });
    EXPECT_EQ(error.code(), Code::input) << error.what();
    EXPECT_EQ(error.where(), url);
  }
}

// ---- lists ----

std::string moved(const std::string& items) {
  return R"({"somewhere":{"else":[{"list":{"contents":[)" + items + "]}}]}}";
}

TEST(YouTubeListing, FindsVideosWhereverTheyStand) {
  const Listing listing =
      parse_listing(moved(
                        R"({"videoRenderer":{"videoId":"aaaaaaaaaaa","title":{"runs":[{"text":"A "},{"text":"b"}]},
             "viewCountText":{"simpleText":"1,234 views"},"lengthText":{"simpleText":"1:02:03"},
             "ownerText":{"runs":[{"text":"x","navigationEndpoint":{"browseEndpoint":{"browseId":"UCaaaaaaaaaaaaaaaaaaaaaa"}}}]}}},
         {"newGridVideoRenderer":{"videoId":"bbbbbbbbbbb","title":{"simpleText":"B"},"shortViewCountText":{"simpleText":"1.2M views"}}},
         {"lockupViewModel":{"contentId":"ccccccccccc","contentType":"LOCKUP_CONTENT_TYPE_VIDEO",
             "contentImage":{"thumbnailViewModel":{"overlays":[{"thumbnailBottomOverlayViewModel":{"badges":[{"thumbnailBadgeViewModel":{"text":"17:31"}}]}}]}},
             "metadata":{"lockupMetadataViewModel":{"title":{"content":"C"},"metadata":{"contentMetadataViewModel":{"metadataRows":[
               {"metadataParts":[{"text":{"content":"Studio 54"}}]},
               {"metadataParts":[{"text":{"content":"15m views"}},{"text":{"content":"1 year ago"}}]}]}}}}}},
         {"lockupViewModel":{"contentId":"PLxyz","contentType":"LOCKUP_CONTENT_TYPE_PLAYLIST"}},
         {"shortsLockupViewModel":{"entityId":"shorts-shelf-item-ddddddddddd","overlayMetadata":{"primaryText":{"content":"D"},"secondaryText":{"content":"895k views"}}}},
         {"videoRenderer":{"videoId":"aaaaaaaaaaa","title":{"simpleText":"again"}}},
         {"continuationItemRenderer":{"continuationEndpoint":{"continuationCommand":{"token":"more"}}}})"),
                    url);
  ASSERT_EQ(listing.videos.size(), 4U);
  EXPECT_EQ(listing.videos[0].title, "A b");
  EXPECT_EQ(listing.videos[0].channel_id, channel_id);
  EXPECT_EQ(listing.videos[0].views, 1234);
  EXPECT_TRUE(listing.videos[0].views_exact);
  EXPECT_EQ(listing.videos[0].duration_s, 3723.0);
  EXPECT_EQ(listing.videos[1].views, 1'200'000);
  EXPECT_FALSE(listing.videos[1].views_exact);
  EXPECT_EQ(listing.videos[2].views, 15'000'000);
  EXPECT_EQ(listing.videos[2].duration_s, 1051.0);
  EXPECT_EQ(listing.videos[3].kind, Kind::short_video);
  EXPECT_EQ(listing.others, 1U);
  EXPECT_EQ(listing.continuation, "more");
}

TEST(YouTubeListing, KnowsStreamsPremieresShortsAndMembersVideosByTheirBadges) {
  const Listing listing = parse_listing(
      moved(
          R"({"videoRenderer":{"videoId":"aaaaaaaaaaa","title":{"simpleText":"live"},"viewCountText":{"runs":[{"text":"9,221"},{"text":" watching"}]},
               "badges":[{"metadataBadgeRenderer":{"style":"BADGE_STYLE_TYPE_LIVE_NOW"}}]}},
             {"videoRenderer":{"videoId":"bbbbbbbbbbb","title":{"simpleText":"premiere"},"viewCountText":{"simpleText":"12 waiting"},
               "thumbnailOverlays":[{"thumbnailOverlayTimeStatusRenderer":{"style":"UPCOMING"}}]}},
             {"videoRenderer":{"videoId":"ccccccccccc","title":{"simpleText":"members"},"badges":[{"metadataBadgeRenderer":{"style":"BADGE_STYLE_TYPE_MEMBERS_ONLY"}}]}},
             {"videoRenderer":{"videoId":"ddddddddddd","title":{"simpleText":"short"},"thumbnailOverlays":[{"thumbnailOverlayTimeStatusRenderer":{"style":"SHORTS"}}]}})"),
      url);
  ASSERT_EQ(listing.videos.size(), 4U);
  EXPECT_EQ(listing.videos[0].kind, Kind::live);
  EXPECT_EQ(listing.videos[0].viewers, 9221);
  EXPECT_FALSE(listing.videos[0].views);
  EXPECT_EQ(listing.videos[1].kind, Kind::upcoming);
  EXPECT_FALSE(listing.videos[1].views);
  EXPECT_TRUE(listing.videos[2].members_only);
  EXPECT_EQ(listing.videos[3].kind, Kind::short_video);
}

TEST(YouTubeListing, TellsAChannelWithoutVideosFromOneThatIsGone) {
  const std::string channel =
      R"("metadata":{"channelMetadataRenderer":{"externalId":"UCaaaaaaaaaaaaaaaaaaaaaa","title":"Name"}})";
  const Listing empty =
      parse_listing("{" + channel + R"(,"contents":[{"messageRenderer":{"text":{"simpleText":"No videos."}}}]})", url);
  EXPECT_TRUE(empty.videos.empty());
  EXPECT_EQ(empty.channel->name, "Name");
  EXPECT_EQ(empty.notice, "No videos.");
  const Error gone = error_from([&] {
    parse_listing(
        R"({"alerts":[{"alertRenderer":{"type":"ERROR","text":{"simpleText":"This channel does not exist."}}}]})", url);
  });
  EXPECT_EQ(gone.code(), Code::input);
  EXPECT_TRUE(says(gone, "This channel does not exist.")) << gone.what();
  EXPECT_EQ(error_from([&] { parse_listing("{}", url); }).code(), Code::limited);
  EXPECT_EQ(error_from([&] { parse_listing("{" + channel + R"(,"x":{"channelAgeGateRenderer":{}}})", url); }).code(),
            Code::unsupported);
}

TEST(YouTubeListing, TakesFollowersFromTheHeadAndNeverTheNumberOfVideos) {
  const auto head = [](const std::string& parts) {
    return R"({"m":{"channelMetadataRenderer":{"externalId":"UCaaaaaaaaaaaaaaaaaaaaaa","title":"N"}},
              "h":{"pageHeaderViewModel":{"metadata":{"contentMetadataViewModel":{"metadataRows":[
                {"metadataParts":[{"text":{"content":"@n7"}}]},{"metadataParts":[)" +
           parts + "]}]}}}}}";
  };
  const std::string videos = R"({"text":{"content":"337 videos"}})";
  EXPECT_EQ(parse_listing(head(R"({"text":{"content":"25m subscribers"}},)" + videos), url).channel->followers,
            25'000'000);
  EXPECT_EQ(parse_listing(head(R"({"text":{"content":"25 Mio. Abonnenten"}},)" + videos), url, "de").channel->followers,
            25'000'000);
  EXPECT_EQ(parse_listing(head(videos), url).channel->followers, std::nullopt);
}

// ---- a video's page ----

std::string player(const std::string& status, const std::string& details = "", const std::string& microformat = "") {
  return R"({"playabilityStatus":)" + status +
         (details.empty() ? ""
                          : R"(,"videoDetails":{"videoId":"aaaaaaaaaaa","title":"T","channelId":")" + channel_id +
                                R"(","viewCount":"12",)" + details + "}") +
         (microformat.empty() ? "" : R"(,"microformat":{"playerMicroformatRenderer":{)" + microformat + "}}") + "}";
}
const std::string published = R"("publishDate":"2025-10-25T08:33:05-07:00","likeCount":"7","category":"Music")";

TEST(YouTubeWatch, ReadsTheWholePage) {
  const std::string next =
      R"({"contents":{"twoColumnWatchNextResults":{"r":[
        {"videoPrimaryInfoRenderer":{"title":{"runs":[{"text":"T"}]},"viewCount":{"videoViewCountRenderer":{"viewCount":{"simpleText":"13 views"}}},
          "b":{"likeButtonViewModel":{"x":{"defaultButtonViewModel":{"buttonViewModel":{"title":"1.2K","accessibilityText":"like this video along with 1,234 other people"}}}}}}},
        {"videoSecondaryInfoRenderer":{"owner":{"videoOwnerRenderer":{"title":{"runs":[{"text":"N"}]},"subscriberCountText":{"simpleText":"23.2k subscribers"}}}}}]}},
        "engagementPanels":[{"engagementPanelSectionListRenderer":{"panelIdentifier":"engagement-panel-comments-section",
          "header":{"engagementPanelTitleHeaderRenderer":{"contextualInfo":{"runs":[{"text":"4.9k"}]}}}}}]})";
  const std::string page = "<script>var ytInitialPlayerResponse = " +
                           player(R"({"status":"OK"})",
                                  R"("lengthSeconds":"61","keywords":["a","b"],"shortDescription":"D","author":"N",
                                     "thumbnail":{"thumbnails":[{"url":"https://i/s.jpg?x=1","width":10},{"url":"https://i/l.jpg?x=1","width":20}]})",
                                  R"("publishDate":"2025-10-25T08:33:05-07:00","category":"Music")") +
                           ";</script><script>var ytInitialData = " + next + ";</script>";
  const WatchPage watch = parse_watch_page(page, url);
  const VideoFacts& facts = watch.facts;
  ASSERT_TRUE(watch.complete());
  EXPECT_EQ(facts.published_at, 1'761'406'385'000'000);
  EXPECT_TRUE(facts.published_exact);
  EXPECT_EQ(facts.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(facts.description, "D");
  EXPECT_EQ(facts.category, "Music");
  EXPECT_EQ(facts.duration_s, 61.0);
  EXPECT_EQ(facts.thumbnail_url, "https://i/l.jpg");
  EXPECT_EQ(facts.views, 12);  // the player's own count
  EXPECT_EQ(facts.likes, 1234);
  EXPECT_EQ(facts.comments, 4900);
  EXPECT_EQ(facts.followers, 23'200);
  EXPECT_EQ(facts.channel_name, "N");
}

struct Case {
  const char* what;
  std::string player;
  Access access;
  bool complete;
  Kind kind;
};

TEST(YouTubeWatch, HasADefinedOutcomeForEveryKindOfVideo) {
  const Case cases[] = {
      {"short", player(R"({"status":"OK"})", R"("a":1)", published + R"(,"isShortsEligible":true)"), Access::open, true,
       Kind::short_video},
      {"live", player(R"({"status":"OK"})", R"("isLiveContent":true,"isLive":true)", published), Access::open, true,
       Kind::live},
      {"stream that is over", player(R"({"status":"OK"})", R"("isLiveContent":true)", published), Access::open, true,
       Kind::ended},
      {"premiere",
       player(R"({"status":"LIVE_STREAM_OFFLINE","reason":"Premieres in 3 hours"})", R"("isUpcoming":true)", published),
       Access::offline, true, Kind::upcoming},
      {"members only",
       player(R"({"status":"UNPLAYABLE","reason":"Join this channel to get access to members-only content"})",
              R"("a":1)", published),
       Access::members_only, true, Kind::video},
      {"members only, not shown", player(R"({"status":"UNPLAYABLE","reason":"This video is members-only"})"),
       Access::members_only, false, Kind::video},
      {"age-limited",
       player(R"({"status":"LOGIN_REQUIRED","reason":"Sign in to confirm your age"})", R"("a":1)", published),
       Access::age_limited, true, Kind::video},
      {"private", player(R"({"status":"LOGIN_REQUIRED","reason":"This video is private"})"), Access::private_video,
       false, Kind::video},
      {"deleted", player(R"({"status":"ERROR","reason":"This video has been removed by the uploader"})"),
       Access::removed, false, Kind::video},
      {"blocked",
       player(R"({"status":"UNPLAYABLE","reason":"The uploader has not made this video available in your country"})"),
       Access::unavailable, false, Kind::video}};
  for (const Case& one : cases) {
    const WatchPage watch = parse_player(one.player, url);
    EXPECT_EQ(watch.access, one.access) << one.what;
    EXPECT_EQ(watch.complete(), one.complete) << one.what;
    EXPECT_EQ(watch.facts.kind, one.kind) << one.what;
    if (!one.complete) {
      EXPECT_NE(watch.why_skipped().find(watch.reason), std::string::npos) << one.what;
    }
  }
}

TEST(YouTubeWatch, TakesAQuestionToSignInForARefusal) {
  const Error error = error_from([&] {
    parse_player(player(R"({"status":"LOGIN_REQUIRED","reason":"Sign in to confirm you’re not a bot"})"), url);
  });
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_TRUE(says(error, "not a bot")) << error.what();
  EXPECT_EQ(error_from([&] { parse_player("{}", url); }).code(), Code::limited);
  EXPECT_EQ(error_from([&] { parse_watch_page("<html></html>", url); }).code(), Code::limited);
}

TEST(YouTubeWatch, SaysWhereATimeIsKnownByTheDayOnly) {
  const WatchPage watch = parse_player(player(R"({"status":"OK"})", R"("a":1)", R"("publishDate":"2015-01-28")"), url);
  EXPECT_EQ(watch.facts.published_at, 1'422'403'200'000'000);
  EXPECT_FALSE(watch.facts.published_exact);
  EXPECT_EQ(video_row(watch.facts).extra, R"({"kind":"video","published":"day"})");
}

// ---- the Data API ----

TEST(YouTubeApi, CostsWhatTheDocumentationSays) {
  EXPECT_EQ(api::units_of(api::Method::search), 100);
  for (const auto method : {api::Method::channels, api::Method::playlist_items, api::Method::videos})
    EXPECT_EQ(api::units_of(method), 1);
  const Quota quota = api::quota_of(api::Method::search, "handle", 10'000);
  EXPECT_EQ(quota.cost, 100);
  EXPECT_EQ(quota.key, "handle");
  EXPECT_EQ(quota.day, Quota::Day::pacific);
}

TEST(YouTubeApi, AsksByIdHandleOrOldName) {
  const auto address = [](const std::string& name) { return api::channel_url(Account::parse(name, "")); };
  EXPECT_NE(address("@name").find("&forHandle=%40name"), std::string::npos);
  EXPECT_NE(address("user/Old").find("&forUsername=Old"), std::string::npos);
  EXPECT_NE(address(channel_id).find("&id=" + channel_id), std::string::npos);
  EXPECT_EQ(error_from([&] { address("c/x"); }).code(), Code::unsupported);
  EXPECT_NE(api::search_url("a b&c", 500, "t=").find("&q=a%20b%26c&maxResults=50&pageToken=t%3D"), std::string::npos);
}

TEST(YouTubeApi, NamesEachErrorAndWhatToDo) {
  struct Expected {
    std::int64_t status;
    const char* body;
    Code code;
    const char* where;
    const char* words;
  };
  const Expected all[] = {
      {403,
       R"({"error":{"code":403,"message":"The request cannot be completed because you have exceeded your <a href=\"/q\">quota</a>.","errors":[{"reason":"quotaExceeded"}]}})",
       Code::limited, "https://a/", "midnight Pacific"},
      {403, R"({"error":{"errors":[{"reason":"rateLimitExceeded"}]}})", Code::limited, "https://a/", "minute"},
      {400,
       R"({"error":{"message":"API key not valid.","errors":[{"reason":"badRequest"}],"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})",
       Code::config, "api_key", "does not know this key"},
      {400, R"({"error":{"errors":[{"reason":"keyInvalid"}]}})", Code::config, "api_key", "does not know this key"},
      {403, R"({"error":{"errors":[{"reason":"accessNotConfigured"}]}})", Code::config, "api_key", "enable it"},
      {404, R"({"error":{"errors":[{"reason":"playlistNotFound"}]}})", Code::input, "https://a/", "no such playlist"},
      {403, R"({"error":{"errors":[{"reason":"forbidden"}]}})", Code::unsupported, "https://a/", "may not read"},
      {403, R"({"error":{"errors":[{"reason":"unheardOf"}]}})", Code::unsupported, "https://a/", "status 403"},
      {400, R"({"error":{"errors":[{"reason":"invalidPageToken"}]}})", Code::state, "https://a/", "begun again"},
      {503, "<html>", Code::io, "https://a/", "out of order"},
      {429, "", Code::limited, "https://a/", "too many"},
      {401, "{}", Code::config, "api_key", "does not accept the key"},
      {400, R"({"error":{"message":"odd"}})", Code::input, "https://a/", "odd"}};
  for (const Expected& one : all) {
    const Error error = api::error_of(one.status, one.body, "https://a/");
    EXPECT_EQ(error.code(), one.code) << error.what();
    EXPECT_EQ(error.where(), one.where) << error.what();
    EXPECT_TRUE(says(error, one.words)) << error.what();
    EXPECT_FALSE(says(error, "<a")) << error.what();
  }
}

TEST(YouTubeApi, ReadsAVideoWithAllItsParts) {
  const auto list = api::parse_videos(
      R"({"kind":"youtube#videoListResponse","items":[
        {"id":"aaaaaaaaaaa","snippet":{"publishedAt":"2026-01-01T00:00:00Z","channelId":"UCaaaaaaaaaaaaaaaaaaaaaa","title":"T",
          "tags":["x"],"categoryId":"28","defaultAudioLanguage":"en","liveBroadcastContent":"live","thumbnails":{"default":{"url":"d"},"high":{"url":"h"}}},
         "contentDetails":{"duration":"P0D","contentRating":{"ytRating":"ytAgeRestricted"}},
         "statistics":{"viewCount":"12","commentCount":"3"},"liveStreamingDetails":{"concurrentViewers":"5"}},
        {"id":"bbbbbbbbbbb","snippet":{"publishedAt":"soon","channelId":"UCaaaaaaaaaaaaaaaaaaaaaa"}},
        {"id":"ccccccccccc"}]})",
      url);
  ASSERT_EQ(list.videos.size(), 1U);
  const VideoFacts& facts = list.videos[0];
  EXPECT_EQ(facts.category, "Science & Technology");
  EXPECT_EQ(facts.language, "en");
  EXPECT_EQ(facts.kind, Kind::live);
  EXPECT_EQ(facts.access, "age");
  EXPECT_EQ(facts.duration_s, std::nullopt);
  EXPECT_EQ(facts.thumbnail_url, "h");
  EXPECT_EQ(facts.views, 12);
  EXPECT_EQ(facts.likes, std::nullopt);  // hidden
  EXPECT_EQ(facts.comments, 3);
  EXPECT_EQ(facts.viewers, 5);
  ASSERT_EQ(list.bad.size(), 2U);
  EXPECT_EQ(list.bad[0].number, 2U);
  EXPECT_EQ(list.bad[0].reason, "its publishedAt is missing or is no time");
  EXPECT_NE(list.bad[1].raw.find("ccccccccccc"), std::string::npos);
}

TEST(YouTubeApi, HidesFollowersThatTheChannelHides) {
  const auto channels = api::parse_channels(
      R"({"kind":"youtube#channelListResponse","items":[{"id":"UCaaaaaaaaaaaaaaaaaaaaaa","snippet":{"title":"N"},
          "statistics":{"subscriberCount":"0","hiddenSubscriberCount":true}}]})",
      url);
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_EQ(channels[0].followers, std::nullopt);
  EXPECT_TRUE(api::parse_channels(R"({"kind":"youtube#channelListResponse"})", url).empty());
}

// ---- times, cursors ----

TEST(YouTubeTimes, KnowOffsetsLeapYearsAndFractions) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("2026-01-22T15:01:42+00:00"), 1'769'094'102'000'000);
  EXPECT_EQ(parse_time("2026-01-22T17:31:42.25+02:30"), 1'769'094'102'250'000);
  EXPECT_EQ(parse_time("2024-02-29T00:00:00-01:00"), 1'709'168'400'000'000);
  for (const char* text :
       {"", "2026-01-22", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "20x6-01-01T00:00:00Z"})
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

TEST(YouTubeTimes, KnowDaysInEnglish) {
  for (const char* text : {"28 Jan 2015", "Jan 28, 2015", "Premiered 28 Jan 2015", "Streamed live on Jan 28, 2015",
                           "2015-01-28", "28 January 2015"})
    EXPECT_EQ(parse_day(text), 1'422'403'200'000'000) << text;
  EXPECT_EQ(parse_day("9 Sept 2010"), 1'283'990'400'000'000);
  for (const char* text : {"", "3 days ago", "2015", "32 Jan 2015", "29 Feb 2015", "28 Foo 2015", "2015-13-01"})
    EXPECT_EQ(parse_day(text), std::nullopt) << text;
}

TEST(YouTubeTimes, KnowDurations) {
  EXPECT_EQ(parse_clock("47:20"), 2840.0);
  EXPECT_EQ(parse_clock("1:02:03"), 3723.0);
  EXPECT_EQ(parse_iso_duration("PT1H2M3S"), 3723.0);
  EXPECT_EQ(parse_iso_duration("P1DT2H"), 93'600.0);
  EXPECT_EQ(parse_iso_duration("P0D"), 0.0);
  for (const char* text : {"", "47", "1:2:3:4", "a:b", "1:99", "LIVE"})
    EXPECT_EQ(parse_clock(text), std::nullopt) << text;
  for (const char* text : {"", "P", "PT", "1H", "PT1X", "P1H", "PTT1S"}) {
    const auto seconds = parse_iso_duration(text);
    EXPECT_TRUE(!seconds || *seconds == 0.0) << text;
  }
}

TEST(YouTubeCursor, ReadsBackWhatItWrote) {
  RoundCursor cursor;
  EXPECT_EQ(cursor.text(), "");
  cursor.at = "search/a \"b\"";
  cursor.page = "CAUQAA";
  cursor.seen = 50;
  cursor.units = 7;
  const RoundCursor back = RoundCursor::parse(cursor.text());
  EXPECT_EQ(back.at, cursor.at);
  EXPECT_EQ(back.page, cursor.page);
  EXPECT_EQ(back.seen, 50);
  EXPECT_EQ(back.units, 7);
  EXPECT_EQ(RoundCursor::parse("@name").at, "@name");  // of mode "feed"
  EXPECT_EQ(RoundCursor::parse("{broken").at, "");
}

}  // namespace
}  // namespace risetime::youtube
