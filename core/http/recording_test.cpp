// Recordings: their text form, and that what was recorded is replayed, without secrets.
#include "core/http/recording.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/http/client.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::TestServer;

constexpr std::string_view canary = "kanarie-4711";

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class RecordingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("risetime-recording-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  HttpOptions options() const {
    const auto replace = [](std::string_view text, std::string_view from, std::string_view to) {
      std::string out(text);
      for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
        out.replace(at, from.size(), to);
      return out;
    };
    HttpOptions options;
    options.proxy = "";
    options.policy.rate = {1000.0, 1000.0};
    options.policy.jitter = 0;
    options.policy.autothrottle = false;
    options.substitute = [replace](std::string_view text) { return replace(text, "@{secret:0}", canary); };
    options.redact = [replace](std::string_view text) {
      return replace(replace(replace(text, canary, "***"), "@{secret:0}", "@{env:KEY}"), "@{secret:7}", "@{env:KEY}");
    };
    return options;
  }
  HttpOptions recording() const {
    HttpOptions with = options();
    with.record = folder_;
    return with;
  }
  HttpOptions replaying() const {
    HttpOptions with = options();
    with.replay = folder_;
    with.substitute = [](std::string_view) -> std::string { throw Error(Code::config, "", "no secret is needed"); };
    return with;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
  FixedClock clock_{1'767'268'800'000'000};
};

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

void expect_same(const HttpResponse& a, const HttpResponse& b) {
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.url, b.url);
  EXPECT_EQ(a.body, b.body);
  ASSERT_EQ(a.headers.size(), b.headers.size());
  for (std::size_t i = 0; i < a.headers.size(); ++i) {
    EXPECT_EQ(a.headers[i].name, b.headers[i].name);
    EXPECT_EQ(a.headers[i].value, b.headers[i].value);
  }
}

TEST(Recording, ReadsBackWhatItWrites) {
  Exchange exchange;
  exchange.request = get("https://a.example/x?y");
  exchange.request.method = "POST";
  exchange.request.headers = {{"accept", "*/*"}, {"x-empty", ""}};
  exchange.request.body = "one\n\n| two\n";
  exchange.response.status = 200;
  exchange.response.url = "https://b.example/";
  exchange.response.headers = {{"content-type", "text/plain; a: b"}};
  exchange.response.body = std::string("\n\nbinary \0 and\r\nlines\n", 22);
  const Exchange read = parse_exchange(format_exchange(exchange), "x.http");
  EXPECT_EQ(read.request.method, "POST");
  EXPECT_EQ(read.request.url, exchange.request.url);
  EXPECT_EQ(read.request.body, exchange.request.body);
  EXPECT_EQ(read.request.headers.size(), 2U);
  expect_same(read.response, exchange.response);
}

TEST(Recording, ReadsWhatAPersonWrote) {
  const Exchange read =
      parse_exchange("GET https://a.example/\r\n\r\n404\r\nContent-Type:text/html\r\n\r\nno\r\n", "x.http");
  EXPECT_EQ(read.response.status, 404);
  EXPECT_EQ(read.response.url, "https://a.example/");
  EXPECT_EQ(read.response.header("content-type"), "text/html");
  EXPECT_EQ(read.response.body, "no\r\n");
  EXPECT_EQ(parse_exchange("GET https://a.example/\n\n204\n", "x.http").response.body, "");
}

TEST(Recording, SaysWhichLineIsWrong) {
  const auto where = [](std::string_view text) {
    try {
      parse_exchange(text, "dir/x.http");
    } catch (const Error& error) {
      return error.where();
    }
    return std::string("nothing");
  };
  EXPECT_EQ(where(""), "dir/x.http:0");
  EXPECT_EQ(where("# note\nGET\n"), "dir/x.http:2");
  EXPECT_EQ(where("GET https://a/\nnonsense\n"), "dir/x.http:2");
  EXPECT_EQ(where("GET https://a/\n\nok\n"), "dir/x.http:3");
  EXPECT_EQ(where("GET https://a/\n\n777\n"), "dir/x.http:3");
}

TEST(Recording, IsNamedByWhatWasAsked) {
  const std::string name = exchange_name(get("https://a.example/?k=a"));
  EXPECT_EQ(name, "a.example-" + sha256_hex("GET\nhttps://a.example/?k=a\n").substr(0, 16));
  EXPECT_NE(name, exchange_name(get("https://a.example/?k=b")));
  HttpRequest post = get("https://a.example/?k=a");
  post.method = "POST";
  EXPECT_NE(name, exchange_name(post));
  post.method = "GET";
  post.body = "b";
  EXPECT_NE(name, exchange_name(post));
  EXPECT_EQ(exchange_name(get("https://a/../../x")).find('/'), std::string::npos);
}

TEST_F(RecordingTest, FindsARecordingThoughTheHandlesOfSecretsAreOthersInEachRun) {
  std::string url;
  {
    TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK", "mine"); });
    url = server.url();
    HttpClient client(recording(), clock_);
    client.fetch(get(url + "?k=@{secret:0}"));
  }
  HttpClient client(replaying(), clock_);
  EXPECT_EQ(client.fetch(get(url + "?k=@{secret:7}")).body, "mine");
}

TEST_F(RecordingTest, RecordsAndReplaysTheSameAnswers) {
  std::vector<HttpResponse> live;
  std::vector<HttpRequest> requests;
  {
    TestServer server([](Connection& to, const std::string& request, std::size_t earlier) {
      if (contains(request, "GET /moved")) return to.answer("302 Found", "", "Location: /there\r\n");
      to.answer(contains(request, "GET /gone") ? "410 Gone" : "200 OK", "answer " + std::to_string(earlier) + "\n",
                "X-A: b\r\n");
    });
    requests = {get(server.url("/a")), get(server.url("/moved")), get(server.url("/gone")), get(server.url("/a"))};
    requests.push_back(requests[0]);
    requests.back().method = "POST";
    requests.back().body = "question";
    HttpClient client(recording(), clock_);
    for (const HttpRequest& request : requests) live.push_back(client.fetch(request));
    EXPECT_NE(live[0].body, live[3].body);
  }
  EXPECT_EQ(files().size(), 5U);
  HttpClient client(replaying(), clock_);  // the server is gone
  for (std::size_t i = 0; i < requests.size(); ++i) expect_same(client.fetch(requests[i]), live[i]);
  expect_same(client.fetch(requests[0]), live[3]);  // the last answer stays
}

TEST_F(RecordingTest, ReplaysARefusalAsTheSameErrorWithoutWaiting) {
  const auto refused = [&](HttpClient& client, const std::string& url) {
    try {
      client.fetch(get(url));
    } catch (const Error& error) {
      return std::to_string(static_cast<int>(error.code())) + " " + std::to_string(error.retry_after_ms()) + " " +
             error.what();
    }
    return std::string("an answer");
  };
  std::string live;
  std::string url;
  {
    TestServer server([](Connection& to, const std::string&, std::size_t) {
      to.answer("429 Too Many Requests", "", "Retry-After: 5\r\n");
    });
    url = server.url();
    HttpClient client(recording(), clock_);
    live = refused(client, url);
  }
  const std::int64_t before = clock_.now();
  HttpClient client(replaying(), clock_);
  EXPECT_EQ(refused(client, url), live);
  EXPECT_EQ(clock_.now(), before);
}

TEST_F(RecordingTest, WritesNoSecretIntoAnyFile) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    to.answer("200 OK", request.substr(0, request.find("\r\n")) + std::string(canary),
              "X-Echo: kanarie-4711\r\nSet-Cookie: session=cookie-99\r\n");
  });
  HttpRequest request = get(server.url("/?key=@{secret:0}"));
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer @{secret:0}"}, {"Cookie", "sid=cookie-77"}};
  request.body = "{\"key\": \"@{secret:0}\"}";
  HttpClient client(recording(), clock_);
  client.fetch(request);
  ASSERT_TRUE(contains(server.requests().at(0), canary));
  ASSERT_EQ(files().size(), 1U);
  const std::string text = read_file(folder_ / files()[0]);
  EXPECT_FALSE(contains(text, "kanarie")) << text;
  EXPECT_FALSE(contains(text, "cookie-")) << text;
  EXPECT_TRUE(contains(text, "| {\"key\": \"@{env:KEY}\"}")) << text;
  EXPECT_TRUE(contains(text, "authorization: Bearer @{env:KEY}")) << text;
  EXPECT_FALSE(contains(files()[0], "kanarie"));
}

TEST_F(RecordingTest, LeavesOutTheTokensThatAServerGives) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.answer("200 OK",
              "{\"access_token\" : \"tok-\\\"1\", \"expires_in\": 9, \"refresh_token\":\"tok-2\", "
              "\"access_tokens\": 3, \"id_token\": null, \"note\": \"access_token\"}");
  });
  HttpClient client(recording(), clock_);
  EXPECT_TRUE(contains(client.fetch(get(server.url("/token"))).body, "tok-2"));
  const std::string text = read_file(folder_ / files().at(0));
  EXPECT_TRUE(contains(text,
                       "{\"access_token\" : \"(left out)\", \"expires_in\": 9, \"refresh_token\":\"(left out)\", "
                       "\"access_tokens\": 3, \"id_token\": null, \"note\": \"access_token\"}"))
      << text;
}

TEST_F(RecordingTest, SaysWhichFileIsMissing) {
  make_folders(folder_);
  HttpClient client(replaying(), clock_);
  try {
    client.fetch(get("https://www.example.org/feed"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::io);
    EXPECT_EQ(error.where(), "https://www.example.org/feed");
    const std::string file = (folder_ / (exchange_name(get("https://www.example.org/feed")) + ".http")).string();
    EXPECT_TRUE(contains(error.what(), file)) << error.what();
  }
}

TEST_F(RecordingTest, ReplacesWhatAnEarlierRunRecorded) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK"); });
  for (int run = 0; run < 2; ++run) {
    HttpClient client(recording(), clock_);
    for (int i = 0; i < 3 - run; ++i) client.fetch(get(server.url()));
    EXPECT_EQ(files().size(), run == 0 ? 3U : 2U);
  }
}

TEST_F(RecordingTest, RefusesToRecordAndReplayAtOnceOrFromNowhere) {
  HttpOptions both = recording();
  both.replay = folder_;
  EXPECT_THROW(HttpClient(both, clock_), Error);
  EXPECT_THROW(HttpClient(replaying(), clock_), Error);
}

}  // namespace
}  // namespace risetime::core
