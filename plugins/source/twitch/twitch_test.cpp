// The source through the C boundary, over a stand-in of Helix: its answers written for the tests, faults included.
#include <gtest/gtest.h>

#include <algorithm>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

namespace {

using risetime::Code;
using risetime::Error;
using risetime::HttpHeader;
using risetime::HttpRequest;
using risetime::Json;
using risetime::testkit::FakeHost;
using risetime::testkit::Pulled;

const std::string helix = "https://api.twitch.tv/helix/";
const std::string token_url = "https://id.twitch.tv/oauth2/token";
const std::string secret_handle = "@{secret:aa}";
constexpr std::int64_t second = 1'000'000;

std::string page(const std::vector<std::string>& items, const std::string& cursor = "") {
  std::string text = R"({"data":[)";
  for (const std::string& item : items) text += (text.back() == '[' ? "" : ",") + item;
  return text + R"(],"pagination":{)" + (cursor.empty() ? "" : R"("cursor":")" + cursor + "\"") + "}}";
}
std::string user(int number) {
  const std::string id = std::to_string(number);
  return R"({"id":")" + id + R"(","login":"chan)" + id + R"(","display_name":"Chan)" + id + "\"}";
}
std::string stream(int number, int viewers) {
  const std::string id = std::to_string(number);
  return R"({"id":"9)" + id + R"(","user_id":")" + id + R"(","user_login":"chan)" + id + R"(","user_name":"Chan)" + id +
         R"(","game_id":"5","game_name":"Chess","title":"t)" + id + R"(","viewer_count":)" + std::to_string(viewers) +
         R"(,"started_at":"2025-12-31T20:00:00Z","language":"en","thumbnail_url":"https://t/{width}x{height}.jpg"})";
}
std::string counted(const std::string& id, int views, const char* time_name, const char* who_name) {
  return R"({"id":")" + id + R"(","title":"t","view_count":)" + std::to_string(views) + ",\"" + who_name +
         R"(":"1",")" + time_name + R"(":"2025-12-30T20:00:00Z","duration":)" +
         (std::string(time_name) == "created_at" ? "12.5" : R"("1h")") + "}";
}

// A host whose Twitch gives tokens. Addresses of Helix are written without their common beginning.
struct Stand {
  Stand() { host.answer("POST " + token_url, 200, R"({"access_token":"tok1","expires_in":5000000})"); }

  void answer(const std::string& query, std::int64_t status, const std::string& body,
              std::vector<HttpHeader> headers = {}) {
    host.answer(helix + query, status, body, std::move(headers));
  }
  // Channels 1 ... count, of which the first `live` are live.
  void answer_channels(int count, int live) {
    std::string users = "users", streams = "streams?type=live";
    std::vector<std::string> known, now_live;
    std::set<std::string> ids;  // in the order in which they are asked for
    for (int i = 1; i <= count; ++i) {
      users += (i == 1 ? "?login=chan" : "&login=chan") + std::to_string(i);
      known.push_back(user(i));
      if (i <= live) now_live.push_back(stream(i, 100 * i));
      ids.insert(std::to_string(i));
    }
    for (const std::string& id : ids) streams += "&user_id=" + id;
    answer(users, 200, page(known));
    answer(streams + "&first=100", 200, page(now_live));
  }
  Pulled pull(const std::string& settings, const std::string& cursor = "") {
    const auto plugin = host.load(risetime_plugin_v1(), "twitch", config(settings));
    return risetime::testkit::pull_all(*plugin, 10000, cursor);
  }
  static std::string config(const std::string& settings) {
    return R"({"client_id":"me","client_secret":")" + secret_handle + "\"" + (settings.empty() ? "" : "," + settings) +
           "}";
  }
  std::size_t asked(const std::string& beginning) const {
    return static_cast<std::size_t>(std::count_if(
        host.requests.begin(), host.requests.end(),
        [&](const HttpRequest& request) { return request.url.compare(0, beginning.size(), beginning) == 0; }));
  }
  std::string header(std::size_t request, const std::string& name) const {
    for (const HttpHeader& header : host.requests.at(request).headers)
      if (header.name == name) return header.value;
    return "none";
  }

  FakeHost host;
};

// Reads nothing but what is asked for.
const std::string plain = R"("followers":false,"archives":0)";

std::vector<std::string> texts(const Pulled& pulled, const std::string& table, const std::string& column) {
  std::vector<std::string> values;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return values;
  for (const risetime::Batch& batch : found->second)
    for (std::size_t row = 0; row < batch.rows(); ++row)
      values.push_back(batch.find(column)->is_null(row) ? "null" : std::string(batch.find(column)->text(row)));
  return values;
}
// -1 in the place of null.
std::vector<std::int64_t> numbers(const Pulled& pulled, const std::string& table, const std::string& column) {
  std::vector<std::int64_t> values;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return values;
  for (const risetime::Batch& batch : found->second)
    for (std::size_t row = 0; row < batch.rows(); ++row)
      values.push_back(batch.find(column)->is_null(row) ? -1 : batch.find(column)->int64(row));
  return values;
}

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

TEST(Twitch, HandsOverTheLiveStreamsOfItsChannelsWithViewersAsALevel) {
  Stand stand;
  stand.answer_channels(3, 2);
  const Pulled pulled = stand.pull(plain + R"(,"channels":["Chan1","@chan2","https://twitch.tv/chan3","chan1"])");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), (Texts{"1", "2", "3"}));
  EXPECT_EQ(texts(pulled, "channel", "account"), (Texts{"chan1", "chan2", "chan3"}));
  EXPECT_EQ(texts(pulled, "channel", "name"), (Texts{"Chan1", "Chan2", "Chan3"}));
  EXPECT_EQ(texts(pulled, "video", "video_id"), (Texts{"91", "92"}));
  EXPECT_EQ(texts(pulled, "video", "category"), (Texts{"Chess", "Chess"}));
  EXPECT_EQ(texts(pulled, "video", "thumbnail_url"), (Texts{"https://t/1280x720.jpg", "https://t/1280x720.jpg"}));
  EXPECT_EQ(texts(pulled, "video", "extra").front(), R"({"game_id":"5","kind":"stream"})");
  EXPECT_EQ(numbers(pulled, "observation", "viewers"), (Numbers{100, 200}));
  EXPECT_EQ(numbers(pulled, "observation", "views"), (Numbers{-1, -1}));
  EXPECT_EQ(stand.host.done, (Texts{"twitch:chan1", "twitch:chan2", "twitch:chan3"}));
  EXPECT_EQ(stand.host.requests.size(), 3U);  // a token, users, streams
}

TEST(Twitch, AsksAsTheApplicationForProgramsAndKeepsItsTokenToItself) {
  Stand stand;
  stand.answer_channels(1, 1);
  stand.pull(plain + R"(,"channels":["chan1"])");
  const HttpRequest& token = stand.host.requests.at(0);
  EXPECT_EQ(token.url, token_url);
  EXPECT_EQ(token.body, "client_id=me&client_secret=" + secret_handle + "&grant_type=client_credentials");
  EXPECT_EQ(stand.header(1, "Client-Id"), "me");
  EXPECT_EQ(stand.header(1, "Authorization"), "Bearer tok1");
  for (const HttpRequest& request : stand.host.requests) EXPECT_EQ(request.purpose, risetime::Purpose::interface);
  for (const auto& [key, value] : stand.host.state) EXPECT_EQ((key + value).find("tok1"), std::string::npos);
  for (const std::string& line : stand.host.log) EXPECT_EQ(line.find("tok1"), std::string::npos);
}

TEST(Twitch, ReadsTheMostWatchedStreamsOfALanguageOrAGamePageByPage) {
  Stand stand;
  std::vector<std::string> first, rest;
  for (int i = 1; i <= 100; ++i) first.push_back(stream(i, 1000 - i));
  for (int i = 100; i <= 130; ++i) rest.push_back(stream(i, 1000 - i));  // the 100th moved down meanwhile
  stand.answer("streams?language=en&first=100", 200, page(first, "a=="));
  stand.answer("streams?language=en&first=50&after=a%3D%3D", 200, page(rest, "b"));
  stand.answer("streams?language=en&first=19&after=b", 200, page({}));
  stand.answer("games?name=Just%20Chatting", 200, page({R"({"id":"509","name":"Just Chatting"})"}));
  stand.answer("streams?game_id=509&first=100", 200, page({stream(1, 999), stream(200, 5)}));
  const std::string settings = plain + R"(,"top":150,"top_languages":["en"],"top_games":["Just Chatting"])";
  const Pulled pulled = stand.pull(settings);
  ASSERT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  EXPECT_EQ(pulled.rows("observation"), 131U);  // each stream once, though it stands on two pages or lists
  EXPECT_EQ(pulled.rows("channel"), 131U);
  EXPECT_EQ(texts(pulled, "channel", "account").front(), "chan1");
  EXPECT_EQ(stand.host.announced, (Texts{"twitch:top/en", "twitch:game/Just Chatting"}));
  stand.pull(settings);
  EXPECT_EQ(stand.asked(helix + "games"), 1U);  // the game's id is remembered
}

TEST(Twitch, ReadsRecordingsAndClipsWithViewsAsRunningTotals) {
  Stand stand;
  stand.host.set_now(1'767'261'600 * second);  // 2026-01-01T10:00:00Z
  stand.answer_channels(1, 0);
  stand.answer("channels/followers?first=1&broadcaster_id=1", 200, R"({"total":321,"data":[]})");
  stand.answer("videos?type=archive&user_id=1&first=20", 200,
               page({counted("11", 700, "published_at", "user_id"), counted("12", 50, "published_at", "user_id")}));
  stand.answer("clips?broadcaster_id=1&started_at=2025-12-25T00%3A00%3A00Z&ended_at=2026-01-02T00%3A00%3A00Z&first=5",
               200, page({counted("FunnyClip-x", 90, "created_at", "broadcaster_id")}));
  stand.host.refuse("v12");
  const Pulled pulled = stand.pull(R"("channels":["chan1"],"clips":5,"clip_days":7)");
  ASSERT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  EXPECT_EQ(numbers(pulled, "channel", "followers"), Numbers{321});
  EXPECT_EQ(texts(pulled, "video", "video_id"), (Texts{"v11", "FunnyClip-x"}));  // v12 is not wanted at its age
  EXPECT_EQ(numbers(pulled, "observation", "views"), (Numbers{700, 90}));
  EXPECT_EQ(numbers(pulled, "observation", "viewers"), (Numbers{-1, -1}));
}

TEST(Twitch, LeavesFollowersOutWhereTwitchDoesNotTellThem) {
  Stand stand;
  stand.answer_channels(2, 0);
  stand.answer("channels/followers?first=1&broadcaster_id=1", 403, R"({"message":"not for you"})");
  const Pulled pulled = stand.pull(R"("archives":0,"channels":["chan1","chan2"])");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(numbers(pulled, "channel", "followers"), (Numbers{-1, -1}));
  EXPECT_EQ(stand.asked(helix + "channels/followers"), 1U);
}

TEST(Twitch, NamesAChannelThatTwitchDoesNotKnowAndGoesOn) {
  Stand stand;
  stand.answer("users?login=chan1&login=gone&id=3", 200, page({user(1), user(3)}));
  stand.answer("streams?type=live&user_id=1&user_id=3&first=100", 200, page({}));
  const Pulled pulled = stand.pull(plain + R"(,"channels":["chan1","gone","id:3"])");
  EXPECT_EQ(texts(pulled, "channel", "account"), (Texts{"chan1", "id:3"}));
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].first, "twitch:gone");
  EXPECT_NE(std::string(pulled.failures[0].second.what()).find("knows no channel gone"), std::string::npos);
}

TEST(Twitch, ReadsOnlyWhatTheScheduleWants) {
  Stand stand;
  stand.answer("users?login=chan1", 200, page({user(1)}));
  stand.answer("streams?type=live&user_id=1&first=100", 200, page({}));
  stand.host.refuse("twitch:chan2");
  stand.host.refuse("twitch:top/all");
  const Pulled pulled = stand.pull(plain + R"(,"top_languages":["all"],"channels":["chan1","chan2"])");
  EXPECT_EQ(texts(pulled, "channel", "account"), Texts{"chan1"});
  EXPECT_TRUE(pulled.failures.empty());
}

TEST(Twitch, PullsAFewAccountsAtATimeAndResumesAtTheCursor) {
  Stand stand;
  stand.host.set_accounts_per_pull(2);
  stand.answer("streams?first=100", 200, page({stream(1, 10), stream(4, 5)}));
  for (const int i : {1, 2, 3, 4})
    stand.answer("channels/followers?first=1&broadcaster_id=" + std::to_string(i), 200, R"({"total":1})");
  stand.answer("users?login=chan1&login=chan2", 200, page({user(1), user(2)}));
  stand.answer("users?login=chan3&login=chan4", 200, page({user(3), user(4)}));
  stand.answer("streams?type=live&user_id=1&user_id=2&first=100", 200, page({stream(1, 11)}));
  stand.answer("streams?type=live&user_id=3&user_id=4&first=100", 200, page({stream(3, 7), stream(4, 6)}));
  const std::string settings = R"("archives":0,"top_languages":["all"],"channels":["chan1","chan2","chan3","chan4"])";
  const auto plugin = stand.host.load(risetime_plugin_v1(), "twitch", Stand::config(settings));
  risetime::client::Source source(*plugin);
  Pulled first;
  EXPECT_TRUE(source.pull("", 10000, first));
  EXPECT_EQ(first.last_cursor, "chan3");
  EXPECT_EQ(first.rows("observation"), 2U);
  Pulled rest;
  EXPECT_FALSE(source.pull("chan3", 10000, rest));
  EXPECT_EQ(texts(rest, "video", "video_id"), Texts{"93"});  // chan4's stream came with the list
  Pulled again;                                              // the host dropped that pull
  EXPECT_FALSE(source.pull("chan3", 10000, again));
  EXPECT_EQ(texts(again, "video", "video_id"), Texts{"93"});
  EXPECT_EQ(again.rows("channel"), rest.rows("channel"));
  EXPECT_EQ(texts(stand.pull(settings, "chan3"), "video", "video_id"),
            (Texts{"93", "94"}));  // another process: it does not know
  Pulled anew;
  EXPECT_TRUE(source.pull("", 10000, anew));
  EXPECT_EQ(anew.rows("observation"), 2U);
}

TEST(Twitch, AsksForManyChannelsTogetherWhereNothingElseIsAsked) {
  Stand stand;
  std::string names;
  for (int i = 1; i <= 100; ++i) names += (i == 1 ? "\"chan" : ",\"chan") + std::to_string(i) + "\"";
  std::vector<std::string> known;
  std::string users = "users", streams = "streams?type=live";
  std::set<std::string> ids;
  for (int i = 1; i <= 100; ++i) {
    users += (i == 1 ? "?login=chan" : "&login=chan") + std::to_string(i);
    known.push_back(user(i));
    ids.insert(std::to_string(i));
  }
  for (const std::string& id : ids) streams += "&user_id=" + id;
  stand.answer(users, 200, page(known));
  stand.answer(streams + "&first=100", 200, page({}));
  EXPECT_EQ(stand.pull(plain + ",\"channels\":[" + names + "]").rows("channel"), 100U);
  EXPECT_EQ(stand.host.requests.size(), 3U);
}

// ---- faults ----

TEST(TwitchFaults, ATokenThatIsRefusedIsRenewedOnce) {
  Stand stand;
  stand.host.answer("POST " + token_url, 200, R"({"access_token":"tok2","expires_in":5000000})");
  stand.answer("streams?first=100", 401, R"({"message":"Invalid OAuth token"})");
  stand.answer("streams?first=100", 200, page({stream(1, 10)}));
  const std::string settings = plain + R"(,"top_languages":["all"])";
  EXPECT_EQ(stand.pull(settings).rows("observation"), 1U);
  EXPECT_EQ(stand.header(3, "Authorization"), "Bearer tok2");

  Stand refused;
  refused.answer("streams?first=100", 401, R"({"message":"Invalid OAuth token tok1"})");
  const Pulled pulled = refused.pull(settings);
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].second.code(), Code::config);
  EXPECT_EQ(pulled.failures[0].second.where(), "client_secret");
  EXPECT_EQ(std::string(pulled.failures[0].second.what()).find("tok1"), std::string::npos);
  EXPECT_EQ(refused.host.requests.size(), 4U);
}

TEST(TwitchFaults, ATokenIsRenewedBeforeItEnds) {
  Stand stand;
  stand.host.answer("POST " + token_url, 200, R"({"access_token":"tok2","expires_in":5000000})");
  stand.answer_channels(1, 0);
  const auto plugin =
      stand.host.load(risetime_plugin_v1(), "twitch", Stand::config(plain + R"(,"channels":["chan1"])"));
  risetime::testkit::pull_all(*plugin);
  stand.host.set_now(stand.host.context().now() + 5'000'000 * second);
  risetime::testkit::pull_all(*plugin);
  EXPECT_EQ(stand.asked(token_url), 2U);
}

TEST(TwitchFaults, CredentialsThatAreWrongAreNamedWithoutTheSecret) {
  FakeHost host;
  host.answer("POST " + token_url, 403, R"({"status":403,"message":"invalid client secret"})");
  const auto plugin = host.load(risetime_plugin_v1(), "twitch", Stand::config(plain + R"(,"channels":["chan1"])"));
  const Pulled pulled = risetime::testkit::pull_all(*plugin);
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].second.code(), Code::config);
  EXPECT_EQ(pulled.failures[0].second.where(), "client_secret");
  EXPECT_NE(std::string(pulled.failures[0].second.what()).find("invalid client secret"), std::string::npos);
}

TEST(TwitchFaults, WaitsForTheNextMinuteWhenTheAllowanceIsUsedUp) {
  Stand stand;
  const std::int64_t now = stand.host.context().now();
  const std::string reset = std::to_string(now / second + 40);
  stand.answer("streams?first=100", 200, page({stream(1, 10)}, "a"),
               {{"Ratelimit-Remaining", "0"}, {"ratelimit-reset", reset}});
  stand.answer("streams?first=99&after=a", 200, page({stream(2, 10)}), {{"Ratelimit-Remaining", "799"}});
  EXPECT_EQ(stand.pull(plain + R"(,"top_languages":["all"])").rows("observation"), 2U);
  const std::int64_t waited = stand.host.context().now() - now;
  EXPECT_GE(waited, 40 * second);
  EXPECT_LT(waited, 42 * second);
}

TEST(TwitchFaults, A429IsWaitedForAndThenGivenUp) {
  Stand stand;
  const std::int64_t now = stand.host.context().now();
  stand.answer("streams?first=100", 429, "{}",
               {{"Ratelimit-Remaining", "0"}, {"Ratelimit-Reset", std::to_string(now / second + 7)}});
  stand.answer("streams?first=100", 200, page({stream(1, 10)}));
  const std::string settings = plain + R"(,"top_languages":["all"])";
  EXPECT_EQ(stand.pull(settings).rows("observation"), 1U);
  EXPECT_GE(stand.host.context().now() - now, 7 * second);
  EXPECT_LT(stand.host.context().now() - now, 9 * second);

  Stand forever;
  forever.answer("streams?first=100", 429, "{}", {{"Ratelimit-Reset", "99999999999999999999"}});
  const Pulled pulled = forever.pull(settings);
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].second.code(), Code::limited);
  EXPECT_GT(pulled.failures[0].second.retry_after_ms(), 0);
  EXPECT_EQ(forever.host.requests.size(), 5U);  // a token and four times the page
}

TEST(TwitchFaults, EachFaultFailsItsOwnAccountAndIsNamed) {
  const std::string whole = page({stream(1, 10)});
  const struct {
    std::int64_t status;
    std::string body;
    Code code;
    std::string says;
  } faults[] = {{500, "oops", Code::io, "status 500"},
                {200, whole.substr(0, whole.size() / 2), Code::input, "no JSON"},
                {200, "", Code::input, "no JSON"},
                {200, "<html>captcha</html>", Code::input, "no JSON"},
                {200, R"({"data":{}})", Code::input, "no list"},
                {400, R"({"error":"Bad Request","message":"bad language"})", Code::input, "bad language"},
                {404, "", Code::input, "status 404"},
                {418, "", Code::input, "status 418"}};
  for (const auto& fault : faults) {
    Stand stand;
    stand.answer("streams?language=xx&first=100", fault.status, fault.body);
    stand.answer("streams?language=en&first=100", 200, whole);
    const Pulled pulled = stand.pull(plain + R"(,"top_languages":["xx","en"])");
    EXPECT_EQ(pulled.rows("observation"), 1U) << fault.says;
    ASSERT_EQ(pulled.failures.size(), 1U) << fault.says;
    EXPECT_EQ(pulled.failures[0].first, "twitch:top/xx");
    EXPECT_EQ(pulled.failures[0].second.code(), fault.code) << pulled.failures[0].second.what();
    EXPECT_NE(std::string(pulled.failures[0].second.what()).find(fault.says), std::string::npos)
        << pulled.failures[0].second.what();
  }
}

TEST(TwitchFaults, WhenUsersCannotBeReadAllTheirChannelsFailAndListsDoNot) {
  Stand stand;
  stand.answer("streams?first=100", 200, page({stream(1, 10)}));
  stand.host.fail(helix + "users?login=chan1&login=chan2", Error(Code::limited, "x", "slow down", 5000));
  const Pulled pulled = stand.pull(plain + R"(,"top_languages":["all"],"channels":["chan1","chan2"])");
  EXPECT_EQ(pulled.rows("observation"), 1U);
  ASSERT_EQ(pulled.failures.size(), 2U);
  EXPECT_EQ(pulled.failures[1].first, "twitch:chan2");
  EXPECT_EQ(pulled.failures[1].second.retry_after_ms(), 5000);
}

TEST(TwitchFaults, PagesThatLeadInACircleEnd) {
  Stand stand;
  stand.answer("streams?first=100", 200, page({stream(1, 10)}, "a"));
  stand.answer("streams?first=100&after=a", 200, page({stream(2, 9)}, "b"));
  stand.answer("streams?first=100&after=b", 200, page({stream(3, 8)}, "a"));
  const Pulled pulled = stand.pull(plain + R"(,"top":5000,"top_languages":["all"])");
  EXPECT_EQ(pulled.rows("observation"), 3U);  // what was read before stays
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_NE(std::string(pulled.failures[0].second.what()).find("lead in a circle"), std::string::npos);
  EXPECT_EQ(stand.host.requests.size(), 4U);
}

TEST(TwitchFaults, BadItemsAreKeptAsideAndTheOthersGoOn) {
  Stand stand;
  stand.answer("streams?first=100", 200, page({R"({"id":"1"})", stream(1, 10)}));
  const Pulled pulled = stand.pull(plain + R"(,"top_languages":["all"])");
  EXPECT_EQ(pulled.rows("observation"), 1U);
  ASSERT_EQ(pulled.rejects.size(), 1U);
  EXPECT_EQ(pulled.rejects[0].where, helix + "streams?first=100 item 1");
  EXPECT_EQ(pulled.rejects[0].raw, R"({"id":"1"})");
}

TEST(TwitchFaults, StopsOnRequest) {
  Stand stand;
  stand.host.cancel();
  try {
    stand.pull(plain + R"(,"channels":["chan1"])");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
  EXPECT_TRUE(stand.host.requests.empty());
}

// ---- who is there ----

const std::string chatting = R"("channels":["chan1","chan2"],"chatters":["chan1","chan2"])";
const std::string user_handle = "@{secret:bb}", refresh_handle = "@{secret:cc}", key_handle = "@{secret:dd}";

std::string chatter(const std::string& login) {
  return R"({"user_id":"8","user_login":")" + login + R"(","user_name":"X"})";
}

TEST(TwitchChatters, AreStoredUnderPseudonymsOfLiveChannelsOnly) {
  Stand stand;
  stand.host.set_secret(key_handle, "key");
  stand.answer_channels(2, 1);
  stand.answer("users", 200, page({user(77)}));
  stand.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000", 200,
               page({chatter("paper"), chatter("alice")}, "p"));
  stand.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000&after=p", 200,
               page({chatter("Paper"), R"({"user_id":"9"})"}));
  const Pulled pulled = stand.pull(plain + "," + chatting + R"(,"user_token":")" + user_handle +
                                   R"(","pseudonym_key":")" + key_handle + "\"");
  ASSERT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  ASSERT_EQ(pulled.rows("presence"), 2U);
  EXPECT_EQ(texts(pulled, "presence", "video_id"), (Texts{"91", "91"}));
  EXPECT_EQ(texts(pulled, "presence", "person")[0], "06d02970968d4fbda260c839067e307d71dc9675b622f1d0bf50258c97512863");
  EXPECT_EQ(texts(pulled, "presence", "person")[1].size(), 64U);
  EXPECT_EQ(stand.header(3, "Authorization"), "Bearer " + user_handle);
  ASSERT_EQ(pulled.rejects.size(), 1U);
  EXPECT_EQ(pulled.rejects[0].raw, "");  // of people nothing is kept as it came
}

TEST(TwitchChatters, AreStoredByNameIfSoConfigured) {
  Stand stand;
  stand.answer_channels(2, 1);
  stand.answer("users", 200, page({user(77)}));
  stand.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000", 200, page({chatter("Paper")}));
  const Pulled pulled = stand.pull(plain + "," + chatting + R"(,"names":"plain","user_token":")" + user_handle + "\"");
  EXPECT_EQ(texts(pulled, "presence", "person"), Texts{"paper"});
}

TEST(TwitchChatters, AUsersTokenIsRenewedByItsRefreshToken) {
  Stand stand;
  stand.answer_channels(2, 1);
  stand.host.answer("POST " + token_url, 200,
                    R"({"access_token":"usertok","expires_in":14000,"refresh_token":"other"})");
  stand.answer("users", 401, R"({"message":"Invalid OAuth token"})");
  stand.answer("users", 200, page({user(77)}));
  stand.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000", 200, page({chatter("paper")}));
  const Pulled pulled = stand.pull(plain + "," + chatting + R"(,"names":"plain","user_token":")" + user_handle +
                                   R"(","user_refresh_token":")" + refresh_handle + "\"");
  EXPECT_EQ(pulled.rows("presence"), 1U);
  const HttpRequest& renewal = stand.host.requests.at(4);
  EXPECT_EQ(renewal.body, "client_id=me&client_secret=" + secret_handle +
                              "&grant_type=refresh_token&refresh_token=" + refresh_handle);
  EXPECT_EQ(stand.header(5, "Authorization"), "Bearer usertok");
}

TEST(TwitchChatters, WithoutTheRightToSeeThemTheChannelFailsWithTheReasonAndItsViewersStay) {
  Stand stand;
  stand.answer_channels(2, 1);
  stand.answer("users", 200, page({user(77)}));
  stand.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000", 403, R"({"message":"not a moderator"})");
  const Pulled pulled = stand.pull(plain + "," + chatting + R"(,"names":"plain","user_token":")" + user_handle + "\"");
  EXPECT_EQ(numbers(pulled, "observation", "viewers"), Numbers{100});
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_NE(std::string(pulled.failures[0].second.what()).find("not a moderator"), std::string::npos);
}

// ---- who is there, by the chat ----

const std::string chat_url = "tls://irc.chat.twitch.tv:6697";
const std::string listening = R"("channels":["chan1","chan2"],"chat":["chan1","chan2"],"names":"plain")";

std::string from(const std::string& login, const std::string& rest) {
  return ":" + login + "!" + login + "@" + login + ".tmi.example " + rest;
}

TEST(TwitchChat, WhoIsListedComesGoesAndWritesIsStoredForTheLiveStream) {
  Stand stand;
  stand.answer_channels(2, 1);
  stand.host.answer_lines(
      chat_url, {":x 001 me :Welcome", "PING :abc", ":x 353 me = #chan1 :ann bob", ":x 353 me = #chan1 :bob carl",
                 ":x 366 me #chan1 :End", from("dora", "JOIN #chan1"), from("ann", "PART #chan1"),
                 "@color= " + from("emil", "PRIVMSG #chan1 :hello"), from("fred", "JOIN #other"), "", "\x01 nonsense"});
  const Pulled pulled = stand.pull(plain + "," + listening);
  ASSERT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  EXPECT_EQ(texts(pulled, "presence", "person"), (Texts{"ann", "bob", "carl", "dora", "emil"}));
  EXPECT_EQ(texts(pulled, "presence", "video_id"), (Texts{"91", "91", "91", "91", "91"}));
  ASSERT_EQ(stand.host.connections.size(), 1U);
  EXPECT_EQ(stand.host.connections[0].topic, "#chan1");  // the other is not live
  EXPECT_EQ(stand.host.connections[0].listen_ms, 60'000);
  ASSERT_EQ(stand.host.sent.size(), 4U);
  EXPECT_EQ(stand.host.sent[0], "CAP REQ :twitch.tv/membership twitch.tv/commands");
  EXPECT_EQ(stand.host.sent[1].substr(0, 14), "NICK justinfan");
  EXPECT_EQ(stand.host.sent[2], "JOIN #chan1");
  EXPECT_EQ(stand.host.sent[3], "PONG :abc");
  EXPECT_EQ(stand.host.done.size(), 2U);
  for (const std::string& line : stand.host.log)
    for (const char* name : {"ann", "bob", "nonsense"}) EXPECT_EQ(line.find(name), std::string::npos) << line;
}

TEST(TwitchChat, ManyChannelsAreJoinedAtTwitchsPace) {
  Stand stand;
  stand.host.set_accounts_per_pull(100);
  stand.answer_channels(45, 45);
  std::string names;
  for (int i = 1; i <= 45; ++i) names += (i == 1 ? "\"chan" : ",\"chan") + std::to_string(i) + "\"";
  std::vector<std::string> lines;
  for (int i = 1; i <= 45; ++i) lines.push_back(":x 366 me #chan" + std::to_string(i) + " :End");
  stand.host.answer_lines(chat_url, lines);
  const Pulled pulled = stand.pull(plain + R"(,"names":"plain","channels":[)" + names + R"(],"chat":[)" + names + "]");
  EXPECT_TRUE(pulled.failures.empty());
  std::size_t joins = 0;
  for (const std::string& line : stand.host.sent) {
    EXPECT_LE(line.size(), 500U);
    joins += line.compare(0, 4, "JOIN") == 0 ? 1 : 0;
  }
  EXPECT_EQ(joins, 5U);
  EXPECT_EQ(stand.host.connections.at(0).pace_cost, 20);
  EXPECT_GT(stand.host.connections.at(0).pace_ms, 10'000);
}

TEST(TwitchChat, ConnectsAnewWhereItBreaksOffAndKeepsWhoWasSeen) {
  Stand stand;
  stand.answer_channels(2, 1);
  stand.host.answer_lines(chat_url, {":x 353 me = #chan1 :ann"}, Error(Code::io, chat_url, "broke off", 0));
  stand.host.answer_lines(chat_url, {":x 353 me = #chan1 :ann bob", ":x RECONNECT"});
  stand.host.answer_lines(chat_url, {":x 353 me = #chan1 :carl"});
  const Pulled pulled = stand.pull(plain + "," + listening);
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "presence", "person"), (Texts{"ann", "bob", "carl"}));

  Stand forever;
  forever.answer_channels(2, 1);
  for (int i = 0; i < 5; ++i)
    forever.host.answer_lines(chat_url, {":x 353 me = #chan1 :ann"}, Error(Code::io, chat_url, "broke off", 0));
  const Pulled broken = forever.pull(plain + "," + listening);
  EXPECT_EQ(forever.host.connections.size(), 3U);
  EXPECT_EQ(texts(broken, "presence", "person"), Texts{"ann"});
  EXPECT_EQ(numbers(broken, "observation", "viewers"), Numbers{100});
  ASSERT_EQ(broken.failures.size(), 1U);
  EXPECT_EQ(broken.failures[0].first, "twitch:chan1");
}

TEST(TwitchChat, AChatThatLetsNobodyInFailsItsChannelOnly) {
  Stand stand;
  stand.answer_channels(2, 2);
  stand.host.answer_lines(chat_url,
                          {":x 353 me = #chan2 :ann", "@msg-id=msg_channel_suspended :x NOTICE #chan1 :gone"});
  const Pulled pulled = stand.pull(plain + "," + listening);
  EXPECT_EQ(texts(pulled, "presence", "video_id"), Texts{"92"});
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].first, "twitch:chan1");

  Stand refused;
  refused.answer_channels(2, 1);
  refused.host.answer_lines(chat_url, {":x NOTICE * :no, ann"});
  const Pulled nobody = refused.pull(plain + "," + listening);
  ASSERT_EQ(nobody.failures.size(), 1U);
  EXPECT_EQ(std::string(nobody.failures[0].second.what()).find("ann"), std::string::npos);
  EXPECT_EQ(refused.host.connections.size(), 1U);
}

TEST(TwitchChat, TakesThePlaceOfTheListWhereTheTokenMayNotSeeIt) {
  Stand stand;
  stand.answer_channels(2, 1);
  stand.answer("users", 200, page({user(77)}));
  stand.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000", 403, R"({"message":"not a moderator"})");
  stand.host.answer_lines(chat_url, {":x 353 me = #chan1 :ann"});
  const Pulled pulled =
      stand.pull(plain + "," + listening + R"(,"chatters":["chan1"],"user_token":")" + user_handle + "\"");
  EXPECT_TRUE(pulled.failures.empty());
  EXPECT_EQ(texts(pulled, "presence", "person"), Texts{"ann"});

  Stand listed;
  listed.answer_channels(2, 1);
  listed.answer("users", 200, page({user(77)}));
  listed.answer("chat/chatters?broadcaster_id=1&moderator_id=77&first=1000", 200, page({chatter("bob")}));
  EXPECT_EQ(texts(listed.pull(plain + "," + listening + R"(,"chatters":["chan1"],"user_token":")" + user_handle + "\""),
                  "presence", "person"),
            Texts{"bob"});
  EXPECT_TRUE(listed.host.connections.empty());
}

// ---- people who are looked for ----

TEST(TwitchPeople, AreFoundByPseudonymAndByName) {
  Stand stand;
  stand.host.set_secret(key_handle, "key");
  const auto ids = [&](const std::string& settings, const std::string& name) {
    const auto plugin =
        stand.host.load(risetime_plugin_v1(), "twitch", Stand::config(plain + R"(,"channels":["chan1"])" + settings));
    return risetime::client::People(*plugin).ids(name);
  };
  const std::string key = R"(,"pseudonym_key":")" + key_handle + "\"";
  const std::string pseudonym = "twitch:06d02970968d4fbda260c839067e307d71dc9675b622f1d0bf50258c97512863";
  EXPECT_EQ(ids(key, "paper"), (Texts{"twitch:paper", pseudonym}));
  EXPECT_EQ(ids(key, "@Paper"), (Texts{"twitch:paper", pseudonym}));
  EXPECT_EQ(ids(R"(,"names":"plain")", "Paper"), Texts{"twitch:paper"});
  EXPECT_TRUE(ids("", "paper").empty());  // stores nobody
  for (const char* name : {"Pa per", "", "id:77", "\xC3\x84nn"}) {
    try {
      ids(key, name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::input);
      EXPECT_EQ(std::string(error.what()).find("Pa per"), std::string::npos);
    }
  }
}

TEST(TwitchSettings, AreRefusedWhereTheyMakeNoSense) {
  const FakeHost host;
  const std::vector<std::pair<std::string, std::string>> settings = {
      {R"({"client_secret":"@{secret:aa}","channels":["a"]})", "client_id"},
      {R"({"client_id":"me","channels":["a"]})", "client_secret"},
      {Stand::config(""), "channels"},
      {Stand::config(R"("channels":["ok","not ok"])"), "channels[1]"},
      {Stand::config(R"("channels":["a"],"top":0)"), "top"},
      {Stand::config(R"("channels":["a"],"names":"hash")"), "names"},
      {Stand::config(R"("channels":["a"],"chatters":["b"])"), "chatters[0]"},
      {Stand::config(R"("channels":["a"],"chatters":["a"])"), "chatters"},
      {Stand::config(R"("channels":["a"],"chatters":["a"],"user_token":"@{secret:bb}")"), "pseudonym_key"},
      {Stand::config(R"("channels":["a"],"chat":["b"])"), "chat[0]"},
      {Stand::config(R"("channels":["a"],"chat":["a"])"), "pseudonym_key"},
      {Stand::config(R"("channels":["a"],"listen":"500ms")"), "listen"},
      {Stand::config(R"("channels":["a"],"chat_url":"https://example.org")"), "chat_url"},
      {Stand::config(R"("channels":["a"],"api_url":"http://example.org/helix")"), "api_url"},
      {Stand::config(R"("channels":["a"],"token_url":"ftp://localhost/")"), "token_url"}};
  for (const auto& [text, where] : settings) {
    try {
      host.load(risetime_plugin_v1(), "twitch", text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config) << text;
      EXPECT_EQ(error.where(), where) << text;
    }
  }
  EXPECT_NO_THROW(host.load(risetime_plugin_v1(), "twitch",
                            Stand::config(R"("channels":["a"],"api_url":"http://127.0.0.1:9/x/")")));
}

}  // namespace
