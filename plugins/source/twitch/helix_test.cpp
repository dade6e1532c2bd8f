// Tests of the reading of Helix's answers: their fields, items that cannot be used, texts that are no answer; real
// data.
#include "helix.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <risetime/error.hpp>
#include <sstream>

#include "account.hpp"
#include "people.hpp"

namespace risetime::twitch {
namespace {

const std::string stream_item =
    R"({"id":"40","user_id":"7","user_login":"paper","user_name":"Paper","game_id":"509658","game_name":"Just Chatting",)"
    R"("type":"live","title":"folding \u00e9","tags":["English","Origami"],"viewer_count":812,)"
    R"("started_at":"2026-01-01T10:00:00Z","language":"en","thumbnail_url":"https://t/x-{width}x{height}.jpg"})";

std::string page(const std::string& items, const std::string& cursor = "") {
  return R"({"data":[)" + items + R"(],"pagination":{)" + (cursor.empty() ? "" : R"("cursor":")" + cursor + "\"") +
         "}}";
}

TEST(Helix, ReadsAStreamWithAllItsFields) {
  const Page<Stream> streams = parse_streams(page(stream_item, "next1"), "u");
  ASSERT_EQ(streams.items.size(), 1U);
  const Stream& stream = streams.items.front();
  EXPECT_EQ(stream.id, "40");
  EXPECT_EQ(stream.user_id, "7");
  EXPECT_EQ(stream.login, "paper");
  EXPECT_EQ(stream.game, "Just Chatting");
  EXPECT_EQ(stream.title, "folding \xC3\xA9");
  EXPECT_EQ(stream.tags, (std::vector<std::string>{"English", "Origami"}));
  EXPECT_EQ(stream.viewers, 812);
  EXPECT_EQ(stream.started_at, 1'767'261'600'000'000);
  EXPECT_EQ(stream.thumbnail_url, "https://t/x-1280x720.jpg");
  EXPECT_EQ(streams.next, "next1");
}

TEST(Helix, ReadsARecordingsLengthAndItsThumbnailInTheOtherSpelling) {
  const Page<Archive> archives = parse_archives(
      page(
          R"({"id":"9","stream_id":null,"user_id":"7","title":"t","published_at":"2026-01-01T00:00:00.5Z","duration":"1h2m3s",)"
          R"("view_count":55,"thumbnail_url":"https://t/%{width}x%{height}.jpg"})"),
      "u");
  ASSERT_EQ(archives.items.size(), 1U);
  EXPECT_EQ(archives.items[0].duration_s, 3723.0);
  EXPECT_EQ(archives.items[0].thumbnail_url, "https://t/1280x720.jpg");
  EXPECT_EQ(archives.items[0].stream_id, "");
  EXPECT_EQ(archives.items[0].views, 55);
  EXPECT_EQ(archives.items[0].published_at % 1'000'000, 500'000);
}

TEST(Helix, SetsAnItemAsideThatLacksWhatItIsKnownBy) {
  const Page<Stream> streams = parse_streams(
      page(stream_item + R"(,{"id":"41"},{"id":"42","user_id":"7","started_at":"yesterday"},17,)"
                         R"({"id":"43","user_id":"7","started_at":"2026-01-01T10:00:00Z","viewer_count":-1},)"
                         R"({"id":"44","user_id":"7","started_at":"2026-01-01T10:00:00Z","viewer_count":"many"})"),
      "u");
  EXPECT_EQ(streams.items.size(), 1U);
  ASSERT_EQ(streams.bad.size(), 5U);
  EXPECT_EQ(streams.bad[0].number, 2U);
  EXPECT_EQ(streams.bad[0].reason, "\"user_id\" is missing");
  EXPECT_EQ(streams.bad[0].raw, R"({"id":"41"})");
  EXPECT_EQ(streams.bad[1].reason, "\"started_at\" is no time: yesterday");
  EXPECT_EQ(streams.bad[2].reason, "\"id\" is missing");
  EXPECT_EQ(streams.bad[3].reason, "\"viewer_count\" is -1, below zero");
  EXPECT_EQ(streams.bad[4].reason, "\"viewer_count\" is no whole number");
}

TEST(Helix, RefusesWhatIsNoPageAndSaysWhy) {
  const std::string whole = page(stream_item);
  const auto complaint = [](const std::string& text) -> std::string {
    try {
      parse_streams(text, "https://h/streams");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::input);
      EXPECT_EQ(error.where(), "https://h/streams");
      return error.message();
    }
    return "nothing";
  };
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(complaint(whole.substr(0, size)), "nothing") << "cut at " << size;
  EXPECT_EQ(complaint(R"({"error":"Unauthorized"})"), "the answer has no list \"data\"");
  EXPECT_EQ(complaint(R"([1])"), "the answer has no list \"data\"");
  EXPECT_NE(complaint("<html>").find("no JSON"), std::string::npos);
  EXPECT_NE(complaint(R"({"data":)" + std::string(100'000, '[')).find("no JSON"), std::string::npos);
  EXPECT_NE(complaint("{\"data\":[{\"id\":\"\xFF\"}]}").find("no JSON"), std::string::npos);
}

TEST(Helix, ReadsATokenAndNeverShowsIt) {
  const Token token = parse_token(R"({"access_token":"abc123","expires_in":5000000,"token_type":"bearer"})", "u");
  EXPECT_EQ(token.text, "abc123");
  EXPECT_EQ(token.lifetime_s, 5'000'000);
  for (const char* bad :
       {R"({"access_token":"","expires_in":1})", R"({"access_token":"ab\nc1"})", R"({"access_token":"ab1")"}) {
    try {
      parse_token(bad, "u");
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("ab"), std::string::npos) << error.what();
    }
  }
}

TEST(Helix, FindsWhatAnErrorSaysOfItself) {
  EXPECT_EQ(parse_complaint(R"({"error":"Bad Request","status":400,"message":"Invalid\nlanguage"})"),
            "Invalid language");
  EXPECT_EQ(parse_complaint(R"({"error":"Bad Request","message":""})"), "Bad Request");
  EXPECT_EQ(parse_complaint("<html>"), "");
  EXPECT_EQ(parse_complaint(R"({"message":")" + std::string(300, 'x') + "\"}").size(), 200U);
}

TEST(Helix, ReadsTimesAsTheyAreAndNothingElse) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("2019-03-12T12:27:47Z"), 1'552'393'667'000'000);
  EXPECT_EQ(parse_time("2024-02-29T23:59:59.25Z"), 1'709'251'199'250'000);
  EXPECT_EQ(parse_time("2000-03-01T00:00:00Z"), 951'868'800'000'000);
  for (const char* bad :
       {"", "2019", "2019-03-12T12:27:47", "2023-02-29T00:00:00Z", "2019-13-01T00:00:00Z", "2019-03-12 12:27:47Z",
        "2019-03-12T24:00:00Z", "2019-03-12T-1:00:00Z", "2019-03-12T12:27:47.Z", "2019-03-12T12:27:47ZZ"})
    EXPECT_FALSE(parse_time(bad)) << bad;
  for (const std::int64_t seconds : {0LL, 951'868'800LL, 1'709'251'199LL, 1'767'225'600LL, 4'102'444'800LL})
    EXPECT_EQ(parse_time(format_time(seconds * 1'000'000)), seconds * 1'000'000) << format_time(seconds * 1'000'000);
}

TEST(Helix, ReadsLengths) {
  EXPECT_EQ(parse_length("3h8m33s"), 11'313.0);
  EXPECT_EQ(parse_length("45s"), 45.0);
  EXPECT_EQ(parse_length("2h"), 7200.0);
  for (const char* bad : {"", "3", "h", "3x", "-3s", "3s8m", "1h1h", "99999999999999999999s"})
    EXPECT_FALSE(parse_length(bad)) << bad;
}

TEST(Account, TakesEverySpellingOfAChannel) {
  for (const char* text :
       {"paper", "Paper", "@paper", "https://www.twitch.tv/Paper", "twitch.tv/paper/videos?x=1", "m.twitch.tv/paper"})
    EXPECT_EQ(Account::parse(text, "w").text(), "paper") << text;
  EXPECT_EQ(Account::parse("id:0123", "w").key(), "0123");
  EXPECT_TRUE(Account::parse("ID:12", "w").is_id());
  for (const char* text :
       {"", "a b", "id:", "id:x", "paper!", "abcdefghijklmnopqrstuvwxyz", "https://youtube.com/@paper"})
    EXPECT_THROW(Account::parse(text, "w"), Error) << text;
}

TEST(People, AreThePseudonymsThatOpensslMakesToo) {
  // printf paper | openssl dgst -sha256 -hmac key
  const People people("key");
  EXPECT_EQ(people.person("paper"), people.person("PaPer"));
  EXPECT_NE(people.person("paper"), People("other").person("paper"));
  EXPECT_EQ(people.person("paper"), "06d02970968d4fbda260c839067e307d71dc9675b622f1d0bf50258c97512863");
  EXPECT_EQ(People().person("PaPer"), "paper");
}

// One page of Get Streams as it was in March 2019 (twitch/helix-get-streams.js of the real data), a JavaScript module
// around the answer.
TEST(HelixReal, ReadsAPageOfStreamsOf2019) {
  const char* folder = std::getenv("RISETIME_TEST_DATA");
  const std::string path = std::string(folder != nullptr ? folder : "../shared/data") + "/twitch/helix-get-streams.js";
  std::ifstream file(path);
  if (!file) {
    if (std::getenv("CI") != nullptr) FAIL() << path << " is not there, and CI must have the real data";
    GTEST_SKIP() << path << " is not there; set RISETIME_TEST_DATA to where the real data is";
  }
  std::stringstream text;
  text << file.rdbuf();
  std::string answer = text.str();
  answer.erase(0, answer.find('{'));
  answer.erase(answer.rfind('}') + 1);
  const Page<Stream> streams = parse_streams(answer, path);
  EXPECT_TRUE(streams.bad.empty()) << streams.bad.front().reason;
  ASSERT_EQ(streams.items.size(), 40U);
  EXPECT_FALSE(streams.next.empty());
  EXPECT_EQ(streams.items[0].id, "33161728128");
  EXPECT_EQ(streams.items[0].name, "Ninja");
  EXPECT_EQ(streams.items[0].login, "");
  EXPECT_EQ(streams.items[0].game_id, "33214");
  EXPECT_EQ(streams.items[0].game, "");
  EXPECT_EQ(streams.items[0].viewers, 47'725);
  EXPECT_EQ(streams.items[0].started_at, 1'552'393'667'000'000);
  EXPECT_EQ(streams.items[0].thumbnail_url, "https://static-cdn.jtvnw.net/previews-ttv/live_user_ninja-1280x720.jpg");
  for (std::size_t i = 1; i < streams.items.size(); ++i)
    EXPECT_LE(streams.items[i].viewers, streams.items[i - 1].viewers) << "Helix gives the most watched first";
}

}  // namespace
}  // namespace risetime::twitch
