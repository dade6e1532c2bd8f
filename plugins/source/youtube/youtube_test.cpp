// The source through the C boundary, with answers that were written for the tests and with recorded ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>
#include <set>
#include <sstream>

#include "options.hpp"
#include "test_rows.hpp"

namespace {

using risetime::Code;
using risetime::Error;
using risetime::Json;
using risetime::testkit::FakeHost;
using risetime::testkit::Pulled;
using risetime::youtube::numbers;
using risetime::youtube::texts;

const std::string site = "https://www.youtube.com/";

std::string id_of(int number) {
  const std::string digits = std::to_string(number);
  return "UC" + std::string(22 - digits.size(), 'x') + digits;
}
std::string feed_url(const std::string& id) { return site + "feeds/videos.xml?channel_id=" + id; }

std::string feed_of(const std::string& id, int videos) {
  std::string text = "<feed xmlns:yt=\"y\" xmlns:media=\"m\" xmlns=\"http://www.w3.org/2005/Atom\"><yt:channelId>" +
                     id.substr(2) + "</yt:channelId><title>Channel " + id.substr(22) + "</title>";
  for (int i = 0; i < videos; ++i)
    text += "<entry><yt:videoId>v" + id.substr(20) + "-" + std::to_string(i) + "</yt:videoId><title>Video " +
            std::to_string(i) +
            "</title><published>2026-01-01T00:00:00Z</published><media:group><media:community><media:starRating "
            "count=\"7\"/><media:statistics views=\"" +
            std::to_string(1000 * (i + 1)) + "\"/></media:community></media:group></entry>";
  return text + "</feed>";
}

std::string config(const std::vector<std::string>& channels) {
  Json json = Json::object();
  json["channels"] = Json::array();
  for (const std::string& channel : channels) json["channels"].push_back(channel);
  return json.dump();
}

Pulled pull(FakeHost& host, const std::vector<std::string>& channels, const std::string& cursor = "") {
  const auto plugin = host.load(risetime_plugin_v1(), "youtube", config(channels));
  return risetime::testkit::pull_all(*plugin, 10000, cursor);
}

TEST(YouTube, HandsOverChannelVideosAndReadingsAtTheHostsTime) {
  FakeHost host;
  host.set_now(1'767'300'000'000'000);
  host.answer(feed_url(id_of(1)), 200, feed_of(id_of(1), 2));
  const Pulled pulled = pull(host, {id_of(1)});
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), std::vector<std::string>{id_of(1)});
  EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"null"});
  EXPECT_EQ(texts(pulled, "video", "platform"), (std::vector<std::string>{"youtube", "youtube"}));
  EXPECT_EQ(texts(pulled, "video", "title"), (std::vector<std::string>{"Video 0", "Video 1"}));
  EXPECT_EQ(numbers(pulled, "observation", "views"), (std::vector<std::int64_t>{1000, 2000}));
  EXPECT_EQ(numbers(pulled, "observation", "likes"), (std::vector<std::int64_t>{7, 7}));
  EXPECT_EQ(numbers(pulled, "observation", "observed_at"),
            (std::vector<std::int64_t>{1'767'300'000'000'000, 1'767'300'000'000'000}));
  EXPECT_EQ(pulled.last_cursor, "");
}

TEST(YouTube, LooksAHandleUpOnceAndRemembersIt) {
  FakeHost host;
  host.answer(site + "@paper", 200, "<link rel=\"canonical\" href=\"" + site + "channel/" + id_of(4) + "\">");
  host.answer(feed_url(id_of(4)), 200, feed_of(id_of(4), 1));
  for (int round = 0; round < 3; ++round) {
    const Pulled pulled = pull(host, {site + "@paper/videos"});
    EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"@paper"});
  }
  EXPECT_EQ(host.requests.size(), 4U);  // the page, and the feed three times
}

TEST(YouTube, LooksAHandleUpAgainWhenItsChannelIsGone) {
  FakeHost host;
  host.state["channel id of @paper"] = id_of(4);
  host.answer(feed_url(id_of(4)), 404, "");
  host.answer(site + "@paper", 200, "\"externalId\":\"" + id_of(5) + "\"");
  host.answer(feed_url(id_of(5)), 200, feed_of(id_of(5), 1));
  EXPECT_EQ(pull(host, {"@paper"}).failures.size(), 1U);
  EXPECT_EQ(texts(pull(host, {"@paper"}), "channel", "channel_id"), std::vector<std::string>{id_of(5)});
}

TEST(YouTube, NamesEachChannelThatFailsAndGoesOnWithTheOthers) {
  FakeHost host;
  host.answer(feed_url(id_of(1)), 404, "<html>");
  host.answer(feed_url(id_of(2)), 200, "<!DOCTYPE html><html>Our systems have detected unusual traffic</html>");
  host.answer(feed_url(id_of(3)), 200, feed_of(id_of(3), 1));
  host.fail(feed_url(id_of(4)), Error(Code::limited, "x", "slow down", 5000));
  host.answer(feed_url(id_of(5)), 418, "");
  host.answer(site + "@nobody", 404, "");
  host.answer(site + "@vague", 200, "<html>nothing</html>");
  host.answer(feed_url(id_of(6)), 200, feed_of(id_of(6), 1));
  const Pulled pulled = pull(host, {id_of(1), id_of(2), id_of(3), id_of(4), id_of(5), "@nobody", "@vague", id_of(6)});
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), (std::vector<std::string>{id_of(3), id_of(6)}));
  ASSERT_EQ(pulled.failures.size(), 6U);
  const auto expect = [&](std::size_t at, const std::string& account, Code code, const std::string& url,
                          const std::string& says) {
    const auto& [name, why] = pulled.failures[at];
    EXPECT_EQ(name, "youtube:" + account);
    EXPECT_EQ(why.code(), code) << why.what();
    EXPECT_EQ(why.where(), url);
    EXPECT_NE(std::string(why.what()).find(says), std::string::npos) << why.what();
  };
  expect(0, id_of(1), Code::input, feed_url(id_of(1)), "status 404");
  expect(1, id_of(2), Code::limited, feed_url(id_of(2)), "instead of the feed");
  expect(2, id_of(4), Code::limited, "x", "slow down");
  expect(3, id_of(5), Code::io, feed_url(id_of(5)), "status 418");
  expect(4, "@nobody", Code::input, site + "@nobody", "knows no channel @nobody");
  expect(5, "@vague", Code::input, site + "@vague", "give the channel's id");
}

TEST(YouTube, PullsAFewChannelsAtATimeAndResumesAtTheCursor) {
  FakeHost host;
  std::vector<std::string> channels;
  for (int i = 0; i < 12; ++i) {
    channels.push_back(id_of(10 + i));
    host.answer(feed_url(id_of(10 + i)), 200, feed_of(id_of(10 + i), 1));
  }
  const auto plugin = host.load(risetime_plugin_v1(), "youtube", config(channels));
  risetime::client::Source source(*plugin);
  Pulled first;
  EXPECT_TRUE(source.pull("", 10000, first));
  EXPECT_EQ(first.rows("channel"), 5U);
  EXPECT_EQ(first.last_cursor, id_of(15));
  const Pulled rest = pull(host, channels, first.last_cursor);  // another process
  EXPECT_EQ(rest.rows("channel"), 7U);
  EXPECT_EQ(host.requests.size(), 12U);

  Pulled small;
  EXPECT_TRUE(source.pull("", 1, small));  // one channel at least
  EXPECT_EQ(small.rows("channel"), 1U);
  EXPECT_EQ(pull(host, channels, "@gone").rows("channel"), 12U);
}

TEST(YouTube, ReadsAChannelThatIsListedTwiceOnce) {
  FakeHost host;
  host.answer(feed_url(id_of(1)), 200, feed_of(id_of(1), 1));
  EXPECT_EQ(pull(host, {id_of(1), site + "channel/" + id_of(1)}).rows("channel"), 1U);
}

TEST(YouTube, RefusesAListThatNamesNoChannels) {
  const FakeHost host;
  for (const auto& [text, where] :
       std::vector<std::pair<std::string, std::string>>{{"{}", "channels"},
                                                        {R"({"channels": []})", "channels"},
                                                        {R"({"channels": ["@a", "vsauce"]})", "channels[1]"},
                                                        {R"({"channels": ["@a"], "mode": "guess"})", "mode"}}) {
    try {
      host.load(risetime_plugin_v1(), "youtube", text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config);
      EXPECT_EQ(error.where(), where);
    }
  }
}

TEST(YouTube, AsksForNoMoreThanTheFeedAndStopsOnRequest) {
  FakeHost host;
  host.cancel();
  try {
    pull(host, {id_of(1)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
  EXPECT_TRUE(host.requests.empty());
}

// ---- the plugin's own documentation ----

std::string file_text(const std::string& name) {
  std::ifstream file("plugins/source/youtube/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(YouTubeDocumentation, ShowsTheSampleAndTheSampleShowsEverySetting) {
  std::istringstream sample(file_text("sample.toml"));
  const std::string readme = file_text("README.md");
  std::set<std::string> shown;
  std::size_t at = 0;
  for (std::string line; std::getline(sample, line);) {
    at = readme.find(line.empty() ? "\n" : "    " + line + "\n", at);
    ASSERT_NE(at, std::string::npos) << "README.md lacks, or has elsewhere: " << line;
    std::string name = line.substr(line.rfind("# ", 0) == 0 ? 2 : 0);
    name = name.substr(0, name.find(" ="));
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) shown.insert(name);
  }
  for (const char* of_the_host : {"id", "plugin", "every", ""}) shown.erase(of_the_host);
  std::set<std::string> settings;
  const Json schema = risetime::config::object_schema<risetime::youtube::Options>();
  for (const auto& [name, property] : *schema.find("properties")->if_object()) settings.insert(name);
  EXPECT_EQ(shown, settings);
}

// ---- recorded answers (youtube-innertube, see the data's own README) ----

// The folder of the recordings; empty where there is none.
std::string recordings() {
  const char* data = std::getenv("RISETIME_TEST_DATA");
  const std::string folder = std::string(data != nullptr ? data : "../shared/data") + "/youtube-innertube";
  return std::ifstream(folder + "/youtubefeedextractor/kurzgesagt/generated_mock_0.json") ? folder : "";
}

Json read_json(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str());
}

std::string text_at(const Json& json, const char* first, const char* second) {
  const Json* outer = json.find(first);
  const Json* inner = outer == nullptr ? nullptr : outer->find(second);
  if (inner == nullptr || inner->if_string() == nullptr) throw Error(Code::input, second, "missing in the recording");
  return *inner->if_string();
}

// Makes the host answer as it is recorded; returns the recorded URL.
std::string replay(FakeHost& host, const std::string& path) {
  const Json exchange = read_json(path);
  std::string url = text_at(exchange, "request", "url");
  host.answer(url, *exchange.find("response")->find("responseCode")->if_integer(),
              text_at(exchange, "response", "responseBody"));
  return url;
}

#define NEED_RECORDINGS(folder)                                                                              \
  if ((folder).empty()) {                                                                                    \
    if (std::getenv("CI") != nullptr) FAIL() << "the recordings of youtube-innertube are not there";         \
    GTEST_SKIP() << "the recordings of youtube-innertube are not there; set RISETIME_TEST_DATA to see them"; \
  }

TEST(YouTubeRecorded, ReadsARealFeed) {
  const std::string folder = recordings();
  NEED_RECORDINGS(folder);
  FakeHost host;
  const std::string url = replay(host, folder + "/youtubefeedextractor/kurzgesagt/generated_mock_0.json");
  const Pulled pulled = pull(host, {url});
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_TRUE(pulled.rejects.empty());
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), std::vector<std::string>{"UCsXVk37bltHxD1rDPwtNM8Q"});
  EXPECT_EQ(texts(pulled, "channel", "account"), std::vector<std::string>{"user/Kurzgesagt"});
  EXPECT_EQ(pulled.rows("video"), 15U);
  EXPECT_EQ(pulled.rows("observation"), 15U);
  EXPECT_EQ(texts(pulled, "video", "video_id").front(), "zg40FHOAqC0");
  EXPECT_EQ(texts(pulled, "video", "extra").front(), R"({"kind":"short"})");
  EXPECT_EQ(numbers(pulled, "video", "published_at").front(), 1'769'094'102'000'000);
  EXPECT_EQ(numbers(pulled, "observation", "views").front(), 1'086'938);
  EXPECT_EQ(numbers(pulled, "observation", "likes").front(), 58'314);
  EXPECT_EQ(numbers(pulled, "observation", "views").back(), 5'439'095);
}

TEST(YouTubeRecorded, SaysWhyAChannelThatIsGoneHasNoFeed) {
  const std::string folder = recordings();
  NEED_RECORDINGS(folder);
  FakeHost host;
  const std::string url = replay(host, folder + "/youtubefeedextractor/notavailable/generated_mock_0.json");
  const Pulled pulled = pull(host, {url});
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].first, "youtube:UCTGjY2I-ZUGnwVoWAGRd7XQ");
  EXPECT_EQ(pulled.failures[0].second.where(), url);
  EXPECT_NE(std::string(pulled.failures[0].second.what()).find("404"), std::string::npos);
}

TEST(YouTubeRecorded, FindsTheIdInARealAnswerAboutAChannel) {
  const std::string folder = recordings();
  NEED_RECORDINGS(folder);
  FakeHost host;
  const Json page = read_json(folder + "/youtubechannelextractor/kurzgesagt/generated_mock_2.json");
  host.answer(site + "@kurzgesagt", 200, text_at(page, "response", "responseBody"));
  const Json feed = read_json(folder + "/youtubefeedextractor/kurzgesagt/generated_mock_0.json");
  host.answer(feed_url("UCsXVk37bltHxD1rDPwtNM8Q"), 200, text_at(feed, "response", "responseBody"));
  const Pulled pulled = pull(host, {"@kurzgesagt"});
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(pulled.rows("video"), 15U);
  EXPECT_EQ(host.state.at("channel id of @kurzgesagt"), "UCsXVk37bltHxD1rDPwtNM8Q");
}

}  // namespace
