// The client against a server on loopback that misbehaves; waiting is on a clock that stands still.
#include "core/http/client.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::TestServer;

constexpr std::int64_t noon = 1'767'268'800'000'000;  // 2026-01-01T12:00:00Z
constexpr const char* canary = "kanarie-7f/3&=+ x";

HttpOptions quick_options() {
  HttpOptions options;
  options.product = "risetime/9.9";
  options.contact = "post@example.org";
  options.proxy = "";
  options.limits.total_ms = 5'000;
  options.policy.rate = {1000.0, 1000.0};
  options.policy.jitter = 0;
  options.policy.autothrottle = false;
  return options;
}

HttpOptions with_secret(HttpOptions options) {
  const auto replace = [](std::string_view text, std::string_view from, std::string_view to) {
    std::string out(text);
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
      out.replace(at, from.size(), to);
    return out;
  };
  options.substitute = [replace](std::string_view text) { return replace(text, "@{secret:0}", canary); };
  options.redact = [replace](std::string_view text) {
    return replace(replace(text, canary, "***"), percent_encode(canary), "***");
  };
  return options;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

Error failure_of(HttpClient& client, const HttpRequest& request, const Cancelled& cancelled = {}) {
  try {
    const HttpResponse response = client.fetch(request, cancelled);
    ADD_FAILURE() << "an answer with status " << response.status << " where an error was due";
  } catch (const Error& error) {
    return error;
  }
  return Error(Code::internal, "", "no error");
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class HttpClientTest : public ::testing::Test {
 protected:
  FixedClock clock_{noon};
  double waited_s() const { return static_cast<double>(clock_.now() - noon) / 1e6; }
};

TEST_F(HttpClientTest, GivesStatusHeadersAndBodyAndSaysHonestlyWhoAsks) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.answer("404 Not Found", "nothing here", "Content-Type: text/plain\r\nX-Twice: a\r\nX-Twice: b\r\n");
  });
  HttpClient client(quick_options(), clock_);
  HttpRequest request = get(server.url("/a?b=c#fragment"));
  request.headers = {{"Accept-Language", "en"}};
  const HttpResponse response = client.fetch(request);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "nothing here");
  EXPECT_EQ(response.header("CONTENT-TYPE"), "text/plain");
  EXPECT_EQ(response.header("content-length"), "");
  EXPECT_EQ(response.headers.size(), 3U);
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(contains(sent, "GET /a?b=c HTTP/1.1\r\n")) << sent;
  EXPECT_TRUE(contains(sent, "User-Agent: risetime/9.9 (contact: post@example.org)\r\n")) << sent;
  EXPECT_TRUE(contains(sent, "Accept-Language: en\r\n")) << sent;
  EXPECT_TRUE(contains(sent, "gzip")) << sent;
}

TEST_F(HttpClientTest, SendsBodiesWithoutInventingAType) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK"); });
  HttpClient client(quick_options(), clock_);
  HttpRequest request = get(server.url());
  request.method = "POST";
  request.body = "{\"a\": 1}";
  client.fetch(request);
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(contains(sent, "POST / HTTP/1.1")) << sent;
  EXPECT_TRUE(contains(sent, "\r\n\r\n{\"a\": 1}")) << sent;
  EXPECT_FALSE(contains(sent, "urlencoded")) << sent;
}

TEST_F(HttpClientTest, RefusesRequestsThatAreNotWellFormed) {
  HttpClient client(quick_options(), clock_);
  for (const char* url : {"", "example.org/x", "ftp://example.org/", "file:///etc/passwd", "https://", "http://a b/",
                          "https://user:word@example.org/"})
    EXPECT_EQ(failure_of(client, get(url)).code(), Code::input) << url;
  EXPECT_FALSE(contains(failure_of(client, get("https://user:word@example.org/")).what(), "word"));
  HttpRequest request = get("http://127.0.0.1:9/");
  request.headers = {{"X-Bad", "a\r\nHost: other"}};
  EXPECT_EQ(failure_of(client, request).code(), Code::input);
  request.headers = {{"User-Agent", "Mozilla"}};
  EXPECT_TRUE(contains(failure_of(client, request).what(), "set by the host"));
  request.headers = {};
  request.method = "get";
  EXPECT_EQ(failure_of(client, request).code(), Code::input);
}

TEST_F(HttpClientTest, TriesAgainAfter429AsLongAsRetryAfterSays) {
  TestServer server([](Connection& to, const std::string&, std::size_t earlier) {
    earlier == 0 ? to.answer("429 Too Many Requests", "", "Retry-After: 17\r\n") : to.answer("200 OK", "at last");
  });
  std::vector<std::string> notes;
  HttpOptions options = quick_options();
  options.note = [&](std::string_view note) { notes.emplace_back(note); };
  HttpClient client(options, clock_);
  EXPECT_EQ(client.fetch(get(server.url())).body, "at last");
  EXPECT_NEAR(waited_s(), 17.0, 0.01);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(contains(notes[0], "status 429")) << notes[0];
}

TEST_F(HttpClientTest, UnderstandsRetryAfterAsADate) {
  TestServer server([](Connection& to, const std::string&, std::size_t earlier) {
    earlier == 0 ? to.answer("503 Busy", "", "Retry-After: Thu, 01 Jan 2026 12:00:40 GMT\r\n") : to.answer("200 OK");
  });
  HttpClient client(quick_options(), clock_);
  EXPECT_EQ(client.fetch(get(server.url())).status, 200);
  EXPECT_NEAR(waited_s(), 40.0, 0.01);
}

TEST_F(HttpClientTest, WaitsUntilAnAllowanceIsRenewed) {
  TestServer server([](Connection& to, const std::string& request, std::size_t earlier) {
    if (earlier % 2 == 1) return to.answer("200 OK");
    // 2026-01-01T12:00:25Z, and 7 seconds from now
    to.answer("429 Too Many Requests", "",
              contains(request, "/unix") ? "Ratelimit-Reset: 1767268825\r\n" : "X-RateLimit-Reset: 7\r\n");
  });
  HttpClient client(quick_options(), clock_);
  EXPECT_EQ(client.fetch(get(server.url("/unix"))).status, 200);
  EXPECT_NEAR(waited_s(), 25.0, 0.01);
  EXPECT_EQ(client.fetch(get(server.url("/seconds"))).status, 200);
  EXPECT_NEAR(waited_s(), 32.0, 0.01);
}

TEST_F(HttpClientTest, HandsALongRestToTheCallerAndHoldsEverybodyElseBack) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.answer("429 Too Many Requests", "", "Retry-After: 3600\r\n");
  });
  HttpClient client(quick_options(), clock_);
  const Error error = failure_of(client, get(server.url("/a")));
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_EQ(error.retry_after_ms(), 3'600'000);
  EXPECT_EQ(error.where(), server.url("/a"));
  const Error other = failure_of(client, get(server.url("/b")));
  EXPECT_EQ(other.code(), Code::limited);
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(waited_s(), 0.0);
}

TEST_F(HttpClientTest, GivesUpOnABusyServerAfterItsAttempts) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("503 Busy"); });
  HttpClient client(quick_options(), clock_);
  const Error error = failure_of(client, get(server.url()));
  EXPECT_EQ(error.code(), Code::limited);
  EXPECT_GE(error.retry_after_ms(), 0);
  EXPECT_EQ(server.requests().size(), 4U);
  // 0.5, 1 and 2 seconds, of each of which a random half.
  EXPECT_GE(waited_s(), 1.75);
  EXPECT_LE(waited_s(), 3.5);
}

TEST_F(HttpClientTest, RepeatsNoPost) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("500 Oh"); });
  HttpClient client(quick_options(), clock_);
  HttpRequest request = get(server.url());
  request.method = "POST";
  EXPECT_EQ(failure_of(client, request).code(), Code::io);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, TriesAgainWhenTheConnectionIsResetInTheMiddle) {
  TestServer server([](Connection& to, const std::string&, std::size_t earlier) {
    if (earlier > 0) return to.answer("200 OK", "0123456789");
    to.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
    to.reset();
  });
  HttpClient client(quick_options(), clock_);
  EXPECT_EQ(client.fetch(get(server.url())).body, "0123456789");
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, TakesAnAnswerThatIsShorterThanItSaysForNoAnswer) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  });
  HttpClient client(quick_options(), clock_);
  const Error error = failure_of(client, get(server.url()));
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_EQ(error.where(), server.url());
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(HttpClientTest, TakesAGarbageStatusLineForNoHttpAndDoesNotInsist) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.send("SSH-2.0-OpenSSH\r\n\r\nhello"); });
  HttpClient client(quick_options(), clock_);
  EXPECT_EQ(failure_of(client, get(server.url())).code(), Code::input);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, StopsABodyThatIsLargerThanAllowed) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    const std::string block(65536, 'x');
    while (to.send(block)) continue;
  });
  HttpClient client(quick_options(), clock_);
  HttpRequest request = get(server.url());
  request.max_bytes = 1'000'000;
  const Error error = failure_of(client, request);
  EXPECT_EQ(error.code(), Code::input);
  EXPECT_TRUE(contains(error.what(), "1000000 bytes")) << error.what();
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, UndoesGzipAndStopsABombOfIt) {
  const std::string bomb = gzip(std::string(64'000'000, '\0'));
  ASSERT_LT(bomb.size(), 100'000U);
  TestServer server([&](Connection& to, const std::string&, std::size_t earlier) {
    to.answer("200 OK", earlier == 0 ? gzip("small") : bomb, "Content-Encoding: gzip\r\n");
  });
  HttpClient client(quick_options(), clock_);
  const HttpResponse response = client.fetch(get(server.url()));
  EXPECT_EQ(response.body, "small");
  EXPECT_EQ(response.header("content-encoding"), "");
  HttpRequest request = get(server.url());
  request.max_bytes = 1'000'000;
  EXPECT_EQ(failure_of(client, request).code(), Code::input);
}

TEST_F(HttpClientTest, RefusesACompressedBodyThatIsBrokenOrGoesOnBehindItsEnd) {
  const std::string whole = gzip("data");
  std::string body;
  TestServer server([&](Connection& to, const std::string&, std::size_t) {
    to.answer("200 OK", body, "Content-Encoding: gzip\r\n");
  });
  HttpClient client(quick_options(), clock_);
  std::size_t asked = 0;
  for (const std::string& bad : {whole + whole, whole + "x", std::string("x") + whole}) {
    body = bad;
    const Error error = failure_of(client, get(server.url()));
    EXPECT_EQ(error.code(), Code::input) << error.what();
    EXPECT_LT(error.retry_after_ms(), 0);
    EXPECT_EQ(server.requests().size(), ++asked);  // it would come the same way again
  }
}

TEST_F(HttpClientTest, StopsHeadersWithoutEnd) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1000 && to.send("X-H" + std::to_string(i) + ": " + std::string(1000, 'h') + "\r\n"); ++i)
      continue;
  });
  HttpClient client(quick_options(), clock_);
  const Error error = failure_of(client, get(server.url()));
  EXPECT_EQ(error.code(), Code::input) << error.what();
}

TEST_F(HttpClientTest, GivesUpOnAnAnswerThatDrips) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (!to.stopping() && to.send("x")) to.pause(100);
  });
  HttpOptions options = quick_options();
  options.attempts = 1;
  options.limits.slow_seconds = 1;
  options.limits.slow_bytes_per_second = 100;
  options.limits.total_ms = 60'000;
  HttpClient client(options, clock_);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of(client, get(server.url())).code(), Code::io);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

TEST_F(HttpClientTest, EndsAtTheTimeLimitOfTheRequest) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.pause(5'000); });
  HttpOptions options = quick_options();
  options.attempts = 1;
  HttpClient client(options, clock_);
  HttpRequest request = get(server.url());
  request.timeout_ms = 200;
  const Error error = failure_of(client, request);
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_TRUE(contains(error.what(), "in time")) << error.what();
  EXPECT_GE(error.retry_after_ms(), 0);
}

TEST_F(HttpClientTest, SaysSoWhenNobodyListens) {
  std::string url;
  {
    TestServer gone([](Connection&, const std::string&, std::size_t) {});
    url = gone.url();
  }
  HttpClient client(quick_options(), clock_);
  const Error error = failure_of(client, get(url));
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_EQ(error.where(), url);
}

TEST_F(HttpClientTest, StopsOnRequestBeforeWhileWaitingAndInTheMiddle) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!to.stopping() && to.send(std::string(5000, 'x'))) to.pause(20);
  });
  HttpClient client(quick_options(), clock_);
  EXPECT_EQ(failure_of(client, get(server.url()), [] { return true; }).code(), Code::cancelled);
  EXPECT_EQ(server.requests().size(), 0U);
  std::atomic<int> asked{0};
  EXPECT_EQ(failure_of(client, get(server.url()), [&] { return ++asked > 4; }).code(), Code::cancelled);

  TestServer busy([](Connection& to, const std::string&, std::size_t) {
    to.answer("429 Too Many Requests", "", "Retry-After: 50\r\n");
  });
  EXPECT_EQ(failure_of(client, get(busy.url()), [&] { return clock_.now() > noon + 2 * second; }).code(),
            Code::cancelled);
  EXPECT_LT(waited_s(), 3.0);
}

TEST_F(HttpClientTest, AsksRobotsTxtForEachStepOfARedirect) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    if (contains(request, "GET /robots.txt")) return to.answer("200 OK", "User-agent: *\nDisallow: /forbidden");
    to.answer("302 Found", "", "Location: /forbidden?x\r\n");
  });
  HttpOptions options = quick_options();
  options.policy.robots = true;
  HttpClient client(options, clock_);
  const Error error = failure_of(client, get(server.url()));
  EXPECT_EQ(error.code(), Code::unsupported);
  EXPECT_TRUE(contains(error.what(), "\"Disallow: /forbidden\"")) << error.what();
  EXPECT_TRUE(contains(error.what(), "[http.hosts.\"" + server.site() + "\"]")) << error.what();
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(HttpClientTest, KeepsPagesAsFarApartAsRobotsTxtAsksAndChargesTheWaitToNobody) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    if (contains(request, "GET /robots.txt")) return to.answer("200 OK", "User-agent: *\nCrawl-delay: 20");
    if (contains(request, "GET /moved")) return to.answer("302 Found", "", "Location: /here\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // more than is left where waiting counts
    to.answer("200 OK", "data");
  });
  HttpOptions options = quick_options();
  options.policy.robots = true;
  std::vector<std::string> notes;
  options.note = [&](std::string_view note) { notes.emplace_back(note); };
  HttpClient client(options, clock_);
  HttpRequest interface = get(server.url("/api"));
  interface.purpose = Purpose::interface;
  client.fetch(get(server.url("/page")));
  client.fetch(interface);
  EXPECT_EQ(waited_s(), 0);
  // Two steps, each behind a wait of 20 s; the limit of both is 5 s.
  EXPECT_EQ(client.fetch(get(server.url("/moved"))).body, "data");
  EXPECT_EQ(waited_s(), 40);
  EXPECT_EQ(server.requests().size(), 5U);  // nothing was asked twice
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(contains(notes[0], server.site() + " asks for 20 s between two pages")) << notes[0];
}

TEST_F(HttpClientTest, LimitsEachHostForAllRequestsTogether) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK"); });
  HttpOptions options = quick_options();
  options.policy.rate = {2.0, 3.0};
  HttpClient client(options, clock_);
  for (int i = 0; i < 7; ++i) client.fetch(get(server.url("/" + std::to_string(i))));
  EXPECT_NEAR(waited_s(), 2.0, 0.01);  // three at once, then one each half second
}

TEST_F(HttpClientTest, ServesManyThreadsAtOnce) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    to.answer("200 OK", request.substr(0, request.find(" HTTP")));
  });
  HttpClient client(quick_options(), clock_);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 10; ++i) {
        const std::string path = "/" + std::to_string(thread) + "/" + std::to_string(i);
        right += client.fetch(get(server.url(path))).body == "GET " + path ? 1 : 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

// ---- redirects ----

TEST_F(HttpClientTest, FollowsRedirectsAndSaysWhereTheAnswerCameFrom) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    if (contains(request, "GET /old")) return to.answer("301 Moved", "", "Location: ../new place?q=1\r\n");
    to.answer("200 OK", "here");
  });
  HttpClient client(quick_options(), clock_);
  const HttpResponse response = client.fetch(get(server.url("/old/x")));
  EXPECT_EQ(response.body, "here");
  EXPECT_EQ(response.url, server.url("/new%20place?q=1"));
}

TEST_F(HttpClientTest, BreaksALoopOfRedirects) {
  TestServer server(
      [](Connection& to, const std::string&, std::size_t) { to.answer("302 Found", "", "Location: /again\r\n"); });
  HttpClient client(quick_options(), clock_);
  const Error error = failure_of(client, get(server.url()));
  EXPECT_EQ(error.code(), Code::input);
  EXPECT_TRUE(contains(error.what(), "more than 8 times")) << error.what();
  EXPECT_EQ(server.requests().size(), 9U);
}

TEST_F(HttpClientTest, FollowsNoRedirectToAnotherScheme) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.answer("302 Found", "", "Location: file:///etc/passwd\r\n");
  });
  HttpClient client(quick_options(), clock_);
  EXPECT_EQ(failure_of(client, get(server.url())).code(), Code::input);
}

TEST_F(HttpClientTest, TurnsAPostThatIsSeenElsewhereIntoAGet) {
  TestServer server([](Connection& to, const std::string&, std::size_t earlier) {
    earlier == 0 ? to.answer("303 See Other", "", "Location: /result\r\n") : to.answer("200 OK");
  });
  HttpClient client(quick_options(), clock_);
  HttpRequest request = get(server.url());
  request.method = "POST";
  request.body = "question";
  request.headers = {{"Content-Type", "text/plain"}};
  client.fetch(request);
  const std::string second_request = server.requests().at(1);
  EXPECT_TRUE(contains(second_request, "GET /result HTTP")) << second_request;
  EXPECT_FALSE(contains(second_request, "question")) << second_request;
  EXPECT_FALSE(contains(second_request, "text/plain")) << second_request;
}

TEST_F(HttpClientTest, KeepsCredentialsFromOtherHosts) {
  TestServer other([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK"); });
  TestServer server([&](Connection& to, const std::string& request, std::size_t) {
    to.answer("307 Elsewhere", "", "Location: " + (contains(request, "GET /1") ? "/2" : other.url()) + "\r\n");
  });
  HttpClient client(with_secret(quick_options()), clock_);
  HttpRequest request = get(server.url("/1"));
  request.headers = {{"Authorization", "Bearer plain"}, {"X-Key", "@{secret:0}"}, {"X-Harmless", "yes"}};
  client.fetch(request);
  EXPECT_TRUE(contains(server.requests().at(1), "Bearer plain"));
  EXPECT_TRUE(contains(server.requests().at(1), canary));
  const std::string leaked = other.requests().at(0);
  EXPECT_FALSE(contains(leaked, "Bearer")) << leaked;
  EXPECT_FALSE(contains(leaked, "kanarie")) << leaked;
  EXPECT_TRUE(contains(leaked, "X-Harmless: yes")) << leaked;

  request = get(server.url("/3"));
  request.method = "POST";
  request.body = "key=@{secret:0}";
  EXPECT_EQ(failure_of(client, request).code(), Code::input);
  EXPECT_EQ(other.requests().size(), 1U);
}

// ---- secrets ----

TEST_F(HttpClientTest, PutsSecretsIntoTheRequestAndTakesThemOutOfTheAnswer) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    to.answer("200 OK", "you sent " + request + " and " + std::string(canary),
              "X-Echo: " + std::string(canary) + "\r\n");
  });
  HttpClient client(with_secret(quick_options()), clock_);
  HttpRequest request = get(server.url("/?key=@{secret:0}&b=2"));
  request.headers = {{"Authorization", "Bearer @{secret:0}"}};
  const HttpResponse response = client.fetch(request);
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(contains(sent, "GET /?key=kanarie-7f%2F3%26%3D%2B%20x&b=2 HTTP")) << sent;
  EXPECT_TRUE(contains(sent, "Authorization: Bearer " + std::string(canary))) << sent;
  EXPECT_FALSE(contains(response.body, "kanarie")) << response.body;
  EXPECT_FALSE(contains(response.header("x-echo"), "kanarie"));
  EXPECT_EQ(response.url, request.url);
}

TEST_F(HttpClientTest, NamesNoSecretInErrorsAndNotes) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.answer("302 Found", "", "Location: gopher://x/?k=" + percent_encode(canary) + "\r\n");
  });
  std::string notes;
  HttpOptions options = with_secret(quick_options());
  options.note = [&](std::string_view note) { notes += note; };
  HttpClient client(options, clock_);
  const Error error = failure_of(client, get(server.url("/?k=@{secret:0}")));
  EXPECT_FALSE(contains(error.what(), "kanarie")) << error.what();
  EXPECT_TRUE(contains(error.where(), "@{secret:0}")) << error.where();
  EXPECT_FALSE(contains(notes, "kanarie")) << notes;
}

TEST_F(HttpClientTest, SendsNoSecretUnencryptedToAnotherMachine) {
  HttpClient client(with_secret(quick_options()), clock_);
  HttpRequest request = get("http://192.0.2.1/");
  request.headers = {{"Authorization", "Bearer @{secret:0}"}};
  EXPECT_EQ(failure_of(client, request).code(), Code::config);
  EXPECT_EQ(failure_of(client, get("http://127.0.0.1.example.org/?k=@{secret:0}")).code(), Code::config);
}

}  // namespace
}  // namespace risetime::core
