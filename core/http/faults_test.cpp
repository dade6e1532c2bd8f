// Answers that break off: at every byte, by reset and by a mere end, with and without a length, for every framing of
// HTTP.
#include <gtest/gtest.h>

#include "core/http/client.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::TestServer;

HttpOptions quick_options() {
  HttpOptions options;
  options.proxy = "";
  options.limits.total_ms = 5'000;
  options.policy.rate = {1e6, 1e6};
  options.policy.jitter = 0;
  options.policy.autothrottle = false;
  return options;
}

struct Framing {
  const char* name;
  std::string answer;
  bool ends_by_closing = false;  // only a reset shows then that something is missing
  std::size_t dispensable = 0;   // bytes at the end without which the body is known to be whole
};

std::vector<Framing> framings() {
  return {
      {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 26\r\nX-Some: thing\r\n\r\nabcdefghijklmnopqrstuvwxyz"},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n15\r\nfghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
       false, 2},
      {"the end of the connection", "HTTP/1.0 200 OK\r\nX-Some: thing\r\n\r\nabcdefghijklmnopqrstuvwxyz", true}};
}

// Each offset is tried once, and answered whole when it is asked for again: whatever broke off, the caller gets the
// whole body, after exactly one repetition.
void break_off_everywhere(const Framing& framing, bool by_reset) {
  const std::string& answer = framing.answer;
  TestServer server([&](Connection& to, const std::string&, std::size_t earlier) {
    const std::size_t offset = earlier / 2;
    if (earlier % 2 == 1) {
      to.send(answer);
      return;
    }
    to.send(std::string_view(answer).substr(0, offset));
    if (by_reset) to.reset();
  });
  const FixedClock clock(1'767'268'800'000'000);
  HttpClient client(quick_options(), clock);
  HttpRequest request;
  request.url = server.url("/page");
  for (std::size_t offset = 0; offset + framing.dispensable < answer.size(); ++offset) {
    const HttpResponse response = client.fetch(request);
    EXPECT_EQ(response.body, "abcdefghijklmnopqrstuvwxyz") << framing.name << " at byte " << offset;
    EXPECT_EQ(server.requests().size(), 2 * (offset + 1)) << framing.name << " at byte " << offset;
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(HttpFaults, AResetAtEveryByteOfAnAnswerIsMadeGoodByOneRepetition) {
  for (const Framing& framing : framings()) break_off_everywhere(framing, true);
}

TEST(HttpFaults, AnEndAtEveryByteOfAnAnswerIsMadeGoodWhereItsFramingTells) {
  for (const Framing& framing : framings())
    if (!framing.ends_by_closing) break_off_everywhere(framing, false);
}

TEST(HttpFaults, AnAnswerThatBreaksOffEveryTimeIsANamedErrorThatMayPass) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabc");
    to.reset();
  });
  const FixedClock clock(1'767'268'800'000'000);
  HttpClient client(quick_options(), clock);
  HttpRequest request;
  request.url = server.url("/page");
  try {
    client.fetch(request);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::io);
    EXPECT_EQ(error.where(), request.url);
    EXPECT_GE(error.retry_after_ms(), 0);
  }
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(HttpFaults, ABodyLongerThanItSaysIsTakenAsLongAsItSays) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  });
  const FixedClock clock(1'767'268'800'000'000);
  HttpClient client(quick_options(), clock);
  HttpRequest request;
  request.url = server.url("/page");
  EXPECT_EQ(client.fetch(request).body, "abc");
  EXPECT_EQ(client.fetch(request).body, "abc");  // what followed is nobody's answer
}

TEST(HttpFaults, AClockThatJumpsNeitherEndsARequestNorItsWaiting) {
  FixedClock clock(1'767'268'800'000'000);
  TestServer server([&](Connection& to, const std::string&, std::size_t earlier) {
    clock.set(clock.now() + (earlier % 2 == 0 ? 1 : -1) * 400 * day);
    earlier == 2 ? to.answer("503 Busy", "", "Retry-After: 5\r\n") : to.answer("200 OK", "data");
  });
  HttpClient client(quick_options(), clock);
  HttpRequest request;
  request.url = server.url("/page");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.fetch(request).body, "data");
  EXPECT_EQ(server.requests().size(), 5U);
}

}  // namespace
}  // namespace risetime::core
