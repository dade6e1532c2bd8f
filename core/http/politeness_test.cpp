// What the client keeps between requests and processes: pages to ask for by halves, quotas, robots.txt, rests.
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/files.hpp"
#include "core/http/client.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::TestServer;

constexpr std::int64_t noon = 1'767'268'800'000'000;  // 2026-01-01T12:00:00Z

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class PolitenessTest : public ::testing::Test {
 protected:
  PolitenessTest()
      : folder_(std::filesystem::temp_directory_path() / ("politeness-test-" + std::to_string(::getpid()))) {
    options_.proxy = "";
    options_.folder = folder_;
    options_.policy.rate = {1000.0, 1000.0};
    options_.policy.jitter = 0;
    options_.policy.autothrottle = false;
  }
  ~PolitenessTest() override { std::filesystem::remove_all(folder_); }
  PolitenessTest(const PolitenessTest&) = delete;
  PolitenessTest& operator=(const PolitenessTest&) = delete;

  static HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return request;
  }
  static Error failure_of(HttpClient& client, const HttpRequest& request) {
    try {
      client.fetch(request);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "an answer where an error was due";
    return {Code::internal, "", ""};
  }

  std::filesystem::path folder_;
  FixedClock clock_{noon};
  HttpOptions options_;
};

TEST_F(PolitenessTest, AsksWhetherAPageHasChangedAlsoInTheNextProcess) {
  TestServer server([](Connection& to, const std::string& request, std::size_t earlier) {
    if (contains(request, "If-None-Match: \"a1\"") && earlier < 3)
      return to.answer("304 Not Modified", "", "ETag: \"a1\"\r\nX-Age: new\r\n");
    to.answer("200 OK", earlier == 0 ? "first" : "changed", earlier == 0 ? "ETag: \"a1\"\r\nX-Age: old\r\n" : "");
  });
  for (int process = 0; process < 3; ++process) {
    HttpClient client(options_, clock_);
    const HttpResponse response = client.fetch(get(server.url("/page")));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "first");
    EXPECT_EQ(response.header("x-age"), process == 0 ? "old" : "new");
  }
  HttpClient client(options_, clock_);
  EXPECT_EQ(client.fetch(get(server.url("/page"))).body, "changed");
  client.fetch(get(server.url("/page")));
  EXPECT_FALSE(contains(server.requests().at(4), "If-None-Match"));  // the new page has no tag: nothing was kept
}

TEST_F(PolitenessTest, KeepsAPageForEachSetOfHeadersAndNoneThatIsDamagedOrForbidsIt) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    if (contains(request, "If-Modified-Since")) return to.answer("304 Not Modified");
    const char* language = contains(request, "Accept-Language: de") ? "deutsch" : "english";
    to.answer("200 OK", language,
              std::string("Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n") +
                  (contains(request, "/private") ? "Cache-Control: private, no-store\r\n" : ""));
  });
  HttpClient client(options_, clock_);
  HttpRequest german = get(server.url("/"));
  german.headers = {{"Accept-Language", "de"}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(client.fetch(get(server.url("/"))).body, "english");
    EXPECT_EQ(client.fetch(german).body, "deutsch");
    EXPECT_EQ(client.fetch(get(server.url("/private"))).body, "english");
  }
  const auto halves = [&] {
    std::size_t count = 0;
    for (const std::string& request : server.requests()) count += contains(request, "If-Modified-Since") ? 1U : 0U;
    return count;
  };
  EXPECT_EQ(halves(), 2U);
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder_ / "cache"))
    if (file.is_regular_file()) std::filesystem::resize_file(file.path(), file.file_size() - 1);
  EXPECT_EQ(client.fetch(german).body, "deutsch");
  EXPECT_EQ(halves(), 2U);
}

TEST_F(PolitenessTest, KeepsNoMorePagesThanItMayAndLetsTheOldestGo) {
  const std::string body(1000, 'x');
  TestServer server([&](Connection& to, const std::string& request, std::size_t) {
    contains(request, "If-None-Match") ? to.answer("304 Not Modified") : to.answer("200 OK", body, "ETag: \"a\"\r\n");
  });
  PageCache cache(folder_ / "cache", 20'000);
  for (int i = 0; i < 60; ++i) {
    cache.keep(get("http://a.example/" + std::to_string(i)), {200, "", {{"etag", "\"a\""}}, body});
    EXPECT_LE(cache.bytes(), 20'000U);
    const auto file_time = std::filesystem::file_time_type::clock::now() + std::chrono::seconds(i - 100);
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_ / "cache"))
      if (file.is_regular_file() && file.last_write_time() > file_time + std::chrono::seconds(10))
        std::filesystem::last_write_time(file.path(), file_time);
  }
  EXPECT_FALSE(cache.find(get("http://a.example/0")));
  EXPECT_TRUE(cache.find(get("http://a.example/59")));
  EXPECT_GT(cache.bytes(), 10'000U);
  EXPECT_EQ(PageCache(folder_ / "cache", 20'000).bytes(), cache.bytes());
}

TEST_F(PolitenessTest, PutsNothingOnTheDiskThatWasAskedWithASecret) {
  TestServer server(
      [](Connection& to, const std::string&, std::size_t) { to.answer("200 OK", "data", "ETag: \"a\"\r\n"); });
  options_.substitute = [](std::string_view text) {
    return text == "@{secret:0}" ? std::string("kanarie") : std::string(text);
  };
  HttpClient client(options_, clock_);
  client.fetch(get(server.url("/?key=@{secret:0}")));
  client.fetch(get(server.url("/?key=@{secret:0}")));
  EXPECT_FALSE(contains(server.requests().at(1), "If-None-Match"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "cache"));
}

TEST_F(PolitenessTest, AsksRobotsTxtOnceForPagesAndNeverForInterfaces) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    contains(request, "/robots.txt") ? to.answer("200 OK", "User-agent: risetime\nDisallow: /api/\n")
                                     : to.answer("200 OK", "data");
  });
  options_.policy.robots = true;
  HttpRequest interface = get(server.url("/api/x"));
  interface.purpose = Purpose::interface;
  for (int process = 0; process < 2; ++process) {
    HttpClient client(options_, clock_);
    EXPECT_EQ(client.fetch(interface).body, "data");
    EXPECT_EQ(client.fetch(get(server.url("/page"))).body, "data");
    EXPECT_EQ(failure_of(client, get(server.url("/api/x"))).code(), Code::unsupported);
  }
  std::size_t asked = 0;
  for (const std::string& request : server.requests()) asked += contains(request, "/robots.txt") ? 1U : 0U;
  EXPECT_EQ(asked, 1U);
  // What this machine serves to itself is not asked about, unless the settings say so.
  options_.policy.robots = std::nullopt;
  HttpClient client(options_, clock_);
  EXPECT_EQ(client.fetch(get(server.url("/api/x"))).body, "data");
}

TEST_F(PolitenessTest, TakesARobotsTxtThatNeverEndsByItsFirst500KiB) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    if (!contains(request, "/robots.txt")) return to.answer("200 OK", "data");
    to.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nUser-agent: *\nDisallow: /no\n");
    for (const std::string filler(1 << 16, '\n'); to.send(filler);) continue;
  });
  options_.policy.robots = true;
  HttpClient client(options_, clock_);
  EXPECT_EQ(failure_of(client, get(server.url("/no"))).code(), Code::unsupported);
  EXPECT_EQ(client.fetch(get(server.url("/yes"))).body, "data");
}

TEST_F(PolitenessTest, FetchesNothingFromAServerWhoseRobotsTxtIsInTrouble) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("500 Oh"); });
  options_.policy.robots = true;
  options_.attempts = 1;
  HttpClient client(options_, clock_);
  const Error error = failure_of(client, get(server.url("/page")));
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_EQ(error.retry_after_ms(), 600'000);
  EXPECT_TRUE(contains(error.what(), "robots.txt")) << error.what();
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(PolitenessTest, StopsBeforeTheDaysQuotaAlsoInTheNextProcess) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK"); });
  options_.quotas["data-api"] = 250;  // the plugin says 10,000, the user grants less
  options_.substitute = [](std::string_view) { return std::string("the-key"); };
  HttpRequest request = get(server.url("/search"));
  request.quota = {"data-api", "@{secret:0}", 100, 10'000, Quota::Day::pacific};
  for (int process = 0; process < 2; ++process) HttpClient(options_, clock_).fetch(request);
  HttpClient client(options_, clock_);
  const Error error = failure_of(client, request);
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_EQ(error.retry_after_ms(), 20 * 3'600'000);  // to midnight in California
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(client.quota_uses().at(0).used, 200);
}

TEST_F(PolitenessTest, CountsEachRepetitionOfARequest) {
  TestServer server([](Connection& to, const std::string&, std::size_t earlier) {
    earlier < 2 ? to.answer("500 Oh") : to.answer("200 OK");
  });
  HttpClient client(options_, clock_);
  HttpRequest request = get(server.url());
  request.quota = {"data-api", "", 7, 0, Quota::Day::utc};
  client.fetch(request);
  EXPECT_EQ(client.quota_uses().at(0).used, 21);
}

TEST_F(PolitenessTest, LeavesAHostAloneThatWasReportedToGiveNoData) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK", "are you a robot?"); });
  {
    HttpClient client(options_, clock_);
    client.fetch(get(server.url()));
    EXPECT_EQ(client.blocked(server.url("/page"), 15 * minute), 15 * minute);
  }
  HttpClient next(options_, clock_);
  const Error error = failure_of(next, get(server.url("/other")));
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_EQ(error.retry_after_ms(), 15 * 60'000);
  EXPECT_EQ(server.requests().size(), 1U);
}

}  // namespace
}  // namespace risetime::core
