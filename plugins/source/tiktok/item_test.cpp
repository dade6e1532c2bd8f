// What an item says, in the shapes of several actors and scrapes.
#include "item.hpp"

#include <gtest/gtest.h>

#include "test_rows.hpp"

namespace risetime::tiktok {
namespace {

Item read(const std::string& text, ItemClock clock = {new_year, 0}) {
  const ListedItem listed = parse_object(text);
  EXPECT_TRUE(listed.record) << listed.problem;
  return read_item(listed.record.value_or(Record()), clock);
}

std::string why_not(const std::string& text) {
  try {
    read(text);
  } catch (const BadItem& bad) {
    return bad.what();
  }
  return "it was read";
}

TEST(TiktokItem, AnActorsItemGivesAllItHas) {
  const Item read_one = read(item("Paper", 3, 541'200));
  EXPECT_EQ(read_one.video.video_id, video_id(3));
  EXPECT_EQ(read_one.video.channel_id, "paper");
  EXPECT_EQ(read_one.video.published_at, new_year - 2 * 86'400 * second + 180 * second);
  EXPECT_EQ(read_one.video.title, "fold 3 #paper");
  EXPECT_EQ(read_one.video.tags, Texts{"paper"});
  EXPECT_EQ(read_one.video.language, "en");
  EXPECT_EQ(read_one.video.duration_s, 31.0);
  EXPECT_EQ(read_one.video.thumbnail_url, "https://c/1.jpg");
  EXPECT_EQ(read_one.video.extra,
            R"({"author_id":"77","music":{"author":"me","id":"88","original":true,"title":"hum"},"saves":4,"url":)"
            R"("https://www.tiktok.com/@Paper/video/)" +
                video_id(3) + "\"}");
  EXPECT_EQ(read_one.observation.views, 541'200);
  EXPECT_EQ(read_one.observation.likes, 12);
  EXPECT_EQ(read_one.observation.comments, 5);
  EXPECT_EQ(read_one.observation.shares, 3);
  EXPECT_EQ(read_one.observation.viewers, std::nullopt);
  EXPECT_EQ(read_one.observation.observed_at, new_year);
  EXPECT_EQ(read_one.channel.name, "N Paper");
  EXPECT_EQ(read_one.channel.followers, 1200);
}

TEST(TiktokItem, FlatKeysTikToksOwnAnswersAndOtherActorsAreUnderstood) {
  const std::string id = video_id(1);
  const Item flat =
      read(R"({"authorMeta.name":"paper","authorMeta.fans":7,"playCount":27500000,"createTime":1767052860,)"
           R"("webVideoUrl":"https://www.tiktok.com/@paper/video/)" +
           id + R"("})");
  EXPECT_EQ(flat.video.video_id, id);
  EXPECT_EQ(flat.observation.views, 27'500'000);
  EXPECT_EQ(flat.channel.followers, 7);
  const Item own =
      read(R"({"id":")" + id +
           R"(","desc":"d","createTime":"1767052860","author":{"uniqueId":"paper","nickname":"P"},)"
           R"("authorStats":{"followerCount":9},"stats":{"playCount":10,"diggCount":1,"shareCount":2,"commentCount":3,)"
           R"("collectCount":"4"},"video":{"id":"1","duration":9,"cover":"https://c"},"music":{"id":"5","title":"m"},)"
           R"("challenges":[{"title":"a"},{"title":"b"}]})");
  EXPECT_EQ(own.observation.views, 10);
  EXPECT_EQ(own.video.duration_s, 9.0);
  EXPECT_EQ(own.video.tags, (Texts{"a", "b"}));
  EXPECT_EQ(own.channel.followers, 9);
  const Item other = read(R"({"id":")" + id +
                          R"(","title":"t","views":"1.2M","likes":3,"comments":4,"shares":5,"bookmarks":6,)"
                          R"("hashtags":["x","y"],"channel":{"name":"P","username":"paper","followers":11},)"
                          R"("uploadedAt":1767052860,"song":{"title":"s"},"scrapedAt":"2026-01-01T02:00:00Z"})");
  EXPECT_EQ(other.observation.views, 1'200'000);
  EXPECT_EQ(other.observation.observed_at, new_year + 7200 * second);
  EXPECT_EQ(other.video.tags, (Texts{"x", "y"}));
}

TEST(TiktokItem, ListsStayInTheirOrder) {
  std::string text = R"({"id":")" + video_id(1) + R"(","author":"a","views":1,"hashtags":[)";
  Texts names;
  for (int i = 0; i < 12; ++i) {
    names.push_back("t" + std::to_string(i));
    text += std::string(i == 0 ? "" : ",") + R"({"id":"9","name":"t)" + std::to_string(i) + "\"}";
  }
  EXPECT_EQ(read(text + "]}").video.tags, names);
}

TEST(TiktokItem, TheIdTellsThePublicationWhereTheTimeHasNoZone) {
  const std::string rest = R"(","author":"a","views":1,"vid_postTime":"2025-12-30 00:01:00"})";
  const ItemClock east{new_year, 7 * 3600 * second};
  EXPECT_EQ(read(R"({"id":")" + video_id(1) + rest, east).video.published_at, std::int64_t{1'767'052'860} * second);
  EXPECT_EQ(read(R"({"id":"12)" + rest, east).video.published_at, (std::int64_t{1'767'052'860} - 7 * 3600) * second);
}

TEST(TiktokItem, WhatCannotBeReadIsSaid) {
  const std::string id = R"("id":")" + video_id(1) + "\"";
  EXPECT_EQ(why_not(R"({"author":"a","views":1})"), "it has no id of a video");
  EXPECT_EQ(why_not(R"({"id":"abc","author":"a","views":1})"), "the id \"abc\" is no video's");
  EXPECT_EQ(why_not("{" + id + R"(,"views":1})"), "it does not name its author");
  EXPECT_EQ(why_not("{" + id + R"(,"author":"a"})"), "it has no count of views, likes, comments or shares");
  EXPECT_EQ(why_not("{" + id + R"(,"author":"a","views":"many"})"), "views: \"many\" is no count");
  EXPECT_EQ(why_not("{" + id + R"(,"author":"a","views":-5})"), "views: \"-5\" is no count");
  EXPECT_EQ(why_not("{" + id + R"(,"author":"a","views":1,"scrapedAt":"soon"})"),
            "the time of reading \"soon\" is no time");
  EXPECT_EQ(why_not(R"({"id":"12","author":"a","views":1})"), "it does not say when it was published");
  EXPECT_EQ(read("{" + id + R"(,"author":"a","views":"N/A","likes":"7"})").observation.views, std::nullopt);
}

TEST(TiktokItem, AComplaintIsNoVideo) {
  const auto complaint = [](const std::string& text) { return complaint_of(*parse_object(text).record); };
  EXPECT_EQ(complaint(R"({"error":"Post not found or private.","errorCode":"NOT_FOUND","input":"gone"})"),
            "Post not found or private. (NOT_FOUND)");
  EXPECT_EQ(complaint(R"({"error":{"message":"blocked"}})"), "blocked");
  EXPECT_EQ(complaint(item("a", 1, 1)), "");
  EXPECT_EQ(complaint(R"({"id":"1","error":null})"), "");
}

TEST(TiktokItem, BrokenJsonIsSaidWithItsText) {
  EXPECT_NE(parse_object(R"({"id":)").problem.find("no JSON"), std::string::npos);
  EXPECT_EQ(parse_object("[1]").problem, "it is no JSON object");
  EXPECT_EQ(parse_object(R"({"id":)").raw, R"({"id":)");
  const auto items = parse_list(R"([{"a":1},2])", "here");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_TRUE(items[0].record);
  EXPECT_EQ(items[1].problem, "it is no JSON object");
  for (const std::string text : {"", "[{", "{}", "<html>", R"([{"a":1},)", "\xff"}) {
    try {
      parse_list(text, "here");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::input);
      EXPECT_EQ(error.where(), "here");
    }
  }
  const std::string deep(100'000, '[');
  EXPECT_THROW(parse_list(deep, "here"), Error);
}

}  // namespace
}  // namespace risetime::tiktok
