#include "feed.hpp"

#include <gtest/gtest.h>

#include <risetime/arrow.hpp>

namespace risetime::youtube {
namespace {

constexpr const char* url = "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrst-_";

std::string feed_with(const std::string& entries) {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
 <yt:channelId>abcdefghijklmnopqrst-_</yt:channelId>
 <title>Paper &amp; Glue</title>)" +
         entries + "</feed>";
}

Error failure_of(const std::string& text) {
  try {
    parse_feed(text, url);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "accepted: " << text.substr(0, 100);
  return Error(Code::internal, "", "");
}

TEST(Feed, GivesChannelAndVideosWithTheirCounts) {
  const Feed feed = parse_feed(feed_with(R"(<entry>
    <yt:videoId>video-00001</yt:videoId><yt:channelId>UCabcdefghijklmnopqrst-_</yt:channelId>
    <title>Folding a boat &lt;3</title><link rel="alternate" href="https://www.youtube.com/shorts/video-00001"/>
    <published>2026-01-22T15:01:42+00:00</published>
    <media:group><media:thumbnail url="https://i3.ytimg.com/vi/video-00001/hqdefault.jpg" width="480" height="360"/>
     <media:description>First line
second line</media:description>
     <media:community><media:starRating count="58" average="5.00" min="1" max="5"/><media:statistics views="1086"/></media:community>
    </media:group></entry>
    <entry><yt:videoId>video-00002</yt:videoId><title>Soon</title><published>2026-01-23T16:00:00+01:00</published></entry>)"),
                               url);
  EXPECT_EQ(feed.channel_id, "UCabcdefghijklmnopqrst-_");
  EXPECT_EQ(feed.channel_name, "Paper & Glue");
  ASSERT_EQ(feed.entries.size(), 2U);
  const Entry& first = feed.entries[0];
  EXPECT_EQ(first.video_id, "video-00001");
  EXPECT_EQ(first.title, "Folding a boat <3");
  EXPECT_EQ(first.published_at, 1'769'094'102'000'000);
  EXPECT_EQ(first.description, "First line\nsecond line");
  EXPECT_EQ(first.thumbnail_url, "https://i3.ytimg.com/vi/video-00001/hqdefault.jpg");
  EXPECT_TRUE(first.is_short);
  EXPECT_EQ(first.views, 1086);
  EXPECT_EQ(first.likes, 58);
  const Entry& second = feed.entries[1];
  EXPECT_EQ(second.channel_id, feed.channel_id);
  EXPECT_FALSE(second.is_short);
  EXPECT_EQ(second.description, std::nullopt);
  EXPECT_EQ(second.views, std::nullopt);
  EXPECT_EQ(second.likes, std::nullopt);
  EXPECT_TRUE(feed.bad.empty());
}

TEST(Feed, KeepsABadEntryAsideAndGoesOn) {
  const Feed feed =
      parse_feed(feed_with("<entry><title>no id</title></entry>"
                           "<entry><yt:videoId>a</yt:videoId><published>yesterday</published></entry>"
                           "<entry><yt:videoId>b</yt:videoId><published>2026-01-01T00:00:00Z</published></entry>"),
                 url);
  ASSERT_EQ(feed.bad.size(), 2U);
  EXPECT_EQ(feed.bad[0].number, 1U);
  EXPECT_NE(feed.bad[0].raw.find("no id"), std::string::npos);
  EXPECT_NE(feed.bad[1].reason.find("publication"), std::string::npos);
  ASSERT_EQ(feed.entries.size(), 1U);
  EXPECT_EQ(feed.entries[0].video_id, "b");
}

TEST(Feed, TakesCountsThatAreNoneForMissing) {
  const auto views = [](const std::string& count) {
    return parse_feed(
               feed_with("<entry><yt:videoId>a</yt:videoId><published>2026-01-01T00:00:00Z</published><media:group>"
                         "<media:community><media:statistics views=\"" +
                         count + "\"/></media:community></media:group></entry>"),
               url)
        .entries.at(0)
        .views;
  };
  EXPECT_EQ(views("0"), 0);
  EXPECT_EQ(views("9223372036854775807"), INT64_MAX);
  for (const char* count : {"", "-1", "1.5", "1,000", "9223372036854775808", "12 views"})
    EXPECT_EQ(views(count), std::nullopt) << count;
}

TEST(Feed, SaysThatAWebPageIsNoFeedAndToComeLater) {
  const Error error = failure_of("\n<!DOCTYPE html><html><body>Before you continue</body></html>");
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_EQ(error.where(), url);
  EXPECT_GT(error.retry_after_ms(), 0);
}

TEST(Feed, RefusesBrokenAndForeignTexts) {
  for (const std::string& text : {std::string(), std::string("{}"), std::string("<rss version=\"2.0\"></rss>"),
                                  feed_with("<entry>"), feed_with("").substr(0, 200),
                                  std::string("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title></feed>"),
                                  std::string("\0\0\0\0", 4)}) {
    const Error error = failure_of(text);
    EXPECT_EQ(error.code(), Code::input);
    EXPECT_EQ(error.where(), url);
    EXPECT_TRUE(arrow::is_utf8(error.what()));
  }
}

TEST(Feed, ExpandsNoEntities) {
  const std::string text =
      "<!DOCTYPE feed [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY f SYSTEM "
      "\"file:///etc/passwd\">]>" +
      feed_with("").substr(feed_with("").find("<feed"));
  std::string with = text;
  with.replace(with.find("Paper"), 5, "&b;&f;");
  EXPECT_EQ(parse_feed(with, url).channel_name, "&b;&f; & Glue");
}

TEST(Feed, GivesValidTextsForBrokenOnes) {
  const Feed feed = parse_feed(feed_with("<entry><yt:videoId>a</yt:videoId><published>2026-01-01T00:00:00Z</published>"
                                         "<title>a\xFF&#xD800;b\xC3\xA4</title></entry>"),
                               url);
  ASSERT_EQ(feed.entries.size(), 1U);
  EXPECT_TRUE(arrow::is_utf8(feed.entries[0].title));
  EXPECT_NE(feed.entries[0].title.find("b\xC3\xA4"), std::string::npos);
}

}  // namespace
}  // namespace risetime::youtube
