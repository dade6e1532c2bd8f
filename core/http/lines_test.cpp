// Lines over real sockets: TLS as strict as for HTTP, lines however they are broken, pace, recordings.
#include "core/http/lines.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/http/test_identity.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::Identity;
using testing::TestServer;
using Texts = std::vector<std::string>;

class LinesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("risetime-lines-" + std::to_string(getpid()));
    make_folders(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static HttpOptions options() {
    HttpOptions options;
    options.proxy = "";
    options.policy.rate = {1000.0, 1000.0};
    options.policy.jitter = 0;
    return options;
  }
  static LinesRequest request_to(const TestServer& server) {
    LinesRequest request;
    const std::string url = server.url("");
    request.url = url.compare(0, 5, "https") == 0 ? "tls" + url.substr(5) : "tcp" + url.substr(4);
    request.topic = "#room";
    return request;
  }
  // All that comes until the end, cut lines with "+" behind them, and how it ended. The server waits for a blank line.
  Texts hear(HttpClient& client, const LinesRequest& request) {
    Texts lines;
    try {
      const auto connection = client.open_lines(request);
      connection->send("HELLO", 0);
      connection->send("", 0);
      std::string line;
      for (LineKind kind = connection->receive(line); kind != LineKind::end; kind = connection->receive(line))
        lines.push_back(line + (kind == LineKind::cut ? "+" : ""));
      lines.push_back("(end)");
    } catch (const Error& error) {
      lines.push_back(std::string("(") + name_of(error.code()) + ")");
      last_error_ = error.what();
    }
    return lines;
  }
  Texts hear(const std::string& bytes, std::uint64_t max_line = 0) {
    TestServer server([&](Connection& to, const std::string&, std::size_t) { to.send(bytes); });
    HttpClient client(options(), clock_);
    LinesRequest request = request_to(server);
    request.max_line = max_line;
    return hear(client, request);
  }

  std::filesystem::path folder_;
  FixedClock clock_{1'767'268'800'000'000};  // stands still: what listens ends by what comes
  std::string last_error_;
};

TEST_F(LinesTest, LinesComeWithoutTheirEndsHoweverTheyAreWritten) {
  EXPECT_EQ(hear("one\r\ntwo\nthree \r\n\r\nfour\r\n"), (Texts{"one", "two", "three ", "", "four", "(io)"}));
}

TEST_F(LinesTest, BadLinesAreMadeFitOrCutAndTheOthersGoOn) {
  EXPECT_EQ(hear(std::string("a\0b\r\n\xFF\xC3\xA4x\r\nok \xC3\xA4\r\n", 18)),
            (Texts{"a?b", "???x", "ok \xC3\xA4", "(io)"}));
  EXPECT_EQ(hear("0123456789\r\n01234567890\r\n" + std::string(100'000, 'x') + "\r\nnext\r\n", 10),
            (Texts{"0123456789", "0123456789+", "xxxxxxxxxx+", "next", "(io)"}));
}

TEST_F(LinesTest, HalfALineAtTheEndIsLeftOut) {
  EXPECT_EQ(hear("one\r\nhal"), (Texts{"one", "(io)"}));
  EXPECT_EQ(hear(""), Texts{"(io)"});
}

TEST_F(LinesTest, AResetInTheMiddleIsAnErrorThatMayPass) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    to.send("one\r\n");
    to.reset();
  });
  HttpClient client(options(), clock_);
  const Texts lines = hear(client, request_to(server));
  EXPECT_EQ(lines.back(), "(io)");
  EXPECT_NE(last_error_.find("tcp://127.0.0.1"), std::string::npos) << last_error_;
}

TEST_F(LinesTest, MoreThanWasAgreedIsRefused) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    const std::string flood(10'000, 'x');
    while (to.send(flood)) continue;
  });
  HttpClient client(options(), clock_);
  LinesRequest request = request_to(server);
  request.max_bytes = 1'000'000;
  EXPECT_EQ(hear(client, request).back(), "(input)");
}

TEST_F(LinesTest, ListensForItsTimeAndNoLonger) {
  TestServer server([&](Connection& to, const std::string&, std::size_t) {
    to.send("one\r\n");
    while (!to.stopping()) {
      to.pause(5);
      clock_.sleep(10 * second);  // a jump counts as a second
    }
  });
  HttpClient client(options(), clock_);
  EXPECT_EQ(hear(client, request_to(server)), (Texts{"one", "(end)"}));
}

TEST_F(LinesTest, StopsOnRequest) {
  TestServer server([](Connection& to, const std::string&, std::size_t) {
    while (!to.stopping()) to.pause(10);
  });
  HttpClient client(options(), clock_);
  std::atomic<bool> stop{false};
  const auto connection = client.open_lines(request_to(server), [&] { return stop.load(); });
  stop = true;
  std::string line;
  try {
    connection->receive(line);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::cancelled);
  }
}

TEST_F(LinesTest, WhatCostsWaitsForItsTurnAndWhatCostsNothingDoesNot) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.send("one\r\n"); });
  HttpClient client(options(), clock_);
  LinesRequest request = request_to(server);
  request.pace_ms = 3'000;
  request.pace_cost = 2;
  const auto connection = client.open_lines(request);
  for (const char* line : {"a", "b", "c", "d", "e"}) connection->send(line, 1);
  for (int passed = 1; passed <= 7; ++passed) {
    clock_.sleep(1 * second);
    connection->send(std::to_string(passed), 0);
  }
  connection->send("", 0);
  std::string line;
  EXPECT_EQ(connection->receive(line), LineKind::line);
  EXPECT_EQ(server.requests().front(), "a\r\nb\r\n1\r\n2\r\n3\r\nc\r\nd\r\n4\r\n5\r\n6\r\ne\r\n7\r\n\r\n");
}

TEST_F(LinesTest, LinesWithBreaksInThemAreNotSent) {
  TestServer server([](Connection& to, const std::string&, std::size_t) { to.send("one\r\n"); });
  HttpClient client(options(), clock_);
  const auto connection = client.open_lines(request_to(server));
  for (const std::string& line : {std::string("a\r\nb"), std::string("a\nb"), std::string("a\0b", 3)})
    EXPECT_THROW(connection->send(line, 1), Error);
  connection->send("", 0);
  std::string line;
  connection->receive(line);
  EXPECT_EQ(server.requests(), Texts{"\r\n"});
}

TEST_F(LinesTest, OverTlsOnlyToWhoCanProveWhoItIs) {
  const auto speak = [](Connection& to, const std::string&, std::size_t) { to.send("secure\r\n"); };
  const Identity right("IP:127.0.0.1"), wrong("DNS:elsewhere.example"), stranger("IP:127.0.0.1");
  HttpOptions trusting = options();
  trusting.ca_file = folder_ / "trusted.pem";
  write_file(trusting.ca_file, right.pem() + wrong.pem());
  HttpClient client(trusting, clock_);
  {
    TestServer server(speak, right.context());
    EXPECT_EQ(hear(client, request_to(server)), (Texts{"secure", "(io)"}));
  }
  for (const Identity* identity : {&wrong, &stranger}) {
    TestServer server(speak, identity->context());
    EXPECT_EQ(hear(client, request_to(server)), Texts{"(io)"});
    EXPECT_NE(last_error_.find("could not prove"), std::string::npos) << last_error_;
  }
}

TEST_F(LinesTest, UnencryptedOnlyToThisMachine) {
  HttpClient client(options(), clock_);
  for (const char* url : {"tcp://chat.example.org:6667", "http://127.0.0.1:1", "irc://127.0.0.1", "tls://"}) {
    LinesRequest request;
    request.url = url;
    EXPECT_EQ(hear(client, request), Texts{"(input)"}) << url;
  }
}

TEST_F(LinesTest, ARecordingIsPlayedBackWithoutSecretsAndWithoutANetwork) {
  LinesRequest request;
  {
    TestServer server([](Connection& to, const std::string& hello, std::size_t earlier) {
      to.send(earlier == 0 ? "one\r\n> two\r\nyou said " + hello.substr(0, 6) + "\r\n" : "again\r\n");
    });
    request = request_to(server);
    HttpOptions recording = options();
    recording.record = folder_ / "recordings";
    recording.substitute = [](std::string_view text) { return text == "@{secret:1}" ? "s3cret" : std::string(text); };
    recording.redact = [](std::string_view text) {
      std::string out(text);
      for (std::size_t at = out.find("s3cret"); at != std::string::npos; at = out.find("s3cret"))
        out.replace(at, 6, "***");
      return out;
    };
    HttpClient client(recording, clock_);
    const auto connection = client.open_lines(request);
    connection->send("@{secret:1}", 0);
    connection->send("", 0);
    std::string line;
    for (int i = 0; i < 3; ++i) connection->receive(line);
    EXPECT_EQ(line, "you said ***");  // as answers of HTTP, lines carry no secrets
    EXPECT_EQ(server.requests().front(), "s3cret\r\n\r\n");
    EXPECT_THROW(connection->receive(line), Error);
    EXPECT_EQ(hear(client, request), (Texts{"again", "(io)"}));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "recordings")) {
    ++files;
    EXPECT_EQ(entry.path().extension(), ".lines");
    EXPECT_EQ(read_file(entry.path()).find("s3cret"), std::string::npos);
  }
  EXPECT_EQ(files, 2U);
  HttpOptions replaying = options();
  replaying.replay = folder_ / "recordings";
  HttpClient client(replaying, clock_);
  EXPECT_EQ(hear(client, request), (Texts{"one", "> two", "you said ***", "(io)"}));
  EXPECT_EQ(hear(client, request), (Texts{"again", "(io)"}));
  LinesRequest other = request;
  other.topic = "#other";
  EXPECT_EQ(hear(client, other), Texts{"(io)"});
  EXPECT_NE(last_error_.find("there is no recording"), std::string::npos) << last_error_;
}

TEST_F(LinesTest, ARecordingThatIsNoneIsNamedWithItsLine) {
  make_folders(folder_ / "recordings");
  LinesRequest request;
  request.url = "tls://chat.example.org:6697";
  request.topic = "#a";
  write_file(
      folder_ / "recordings" / (lines_name(request) + ".lines"),
      "# risetime recording 1\nLISTEN tls://chat.example.org:6697 #a\n# a word by hand\n> NICK x\n< one\nwhat?\n");
  HttpOptions replaying = options();
  replaying.replay = folder_ / "recordings";
  HttpClient client(replaying, clock_);
  EXPECT_EQ(hear(client, request), (Texts{"one", "(input)"}));
  EXPECT_NE(last_error_.find(".lines:6"), std::string::npos) << last_error_;
}

}  // namespace
}  // namespace risetime::core
