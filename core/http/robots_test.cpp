// robots.txt by the words of RFC 9309, and the gate that asks it.
#include "core/http/robots.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <risetime/error.hpp>

#include "core/http/robots_gate.hpp"

namespace risetime::core {
namespace {

bool allowed(std::string_view file, std::string_view path) {
  return Robots::parse(file, "risetime").forbids(path).empty();
}

TEST(Robots, AllowsWhatNothingForbids) {
  for (const char* file :
       {"", "\n\n", "no colon", "User-agent: *\n", "Disallow: /before-any-group\n", "<html>no</html>"})
    EXPECT_TRUE(allowed(file, "/before-any-group")) << file;
}

TEST(Robots, TakesTheGroupOfItsNameBeforeTheOneForEverybody) {
  constexpr std::string_view file =
      "User-agent: *\nDisallow: /\n\nUser-Agent: RiseTime/1.0 (any)\nuser-agent: other\nDisallow: /mine\n"
      "Sitemap: https://example.org/s.xml\n\nUser-agent: risetime\nDisallow: /also\n";
  EXPECT_TRUE(allowed(file, "/free"));
  EXPECT_FALSE(allowed(file, "/mine/x"));
  EXPECT_FALSE(allowed(file, "/also"));  // groups of one name are one
  EXPECT_TRUE(allowed("User-agent: risetimes\nDisallow: /\n", "/x"));
  EXPECT_FALSE(allowed("User-agent: a\nUser-agent: *\nCrawl-delay: 1\nUser-agent: b\nDisallow: /\n", "/x"));
}

// The examples of section 5.
TEST(Robots, LetsTheLongestRuleDecideAndAllowAmongEquals) {
  constexpr std::string_view file = "user-agent: *\nallow: /example/page/\ndisallow: /example/page/disallowed.gif\n";
  EXPECT_FALSE(allowed(file, "/example/page/disallowed.gif"));
  EXPECT_TRUE(allowed(file, "/example/page/other.gif"));
  EXPECT_TRUE(allowed("user-agent:*\ndisallow:/a\nallow:/a\n", "/a"));
  EXPECT_TRUE(allowed("user-agent:*\nallow:/a\ndisallow:/a\n", "/a"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /\nallow: /robots.txt\n", "/robots.txt"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /\n", "/robots.txt"));
  EXPECT_EQ(Robots::parse("user-agent: *\nDISALLOW: /a # why\n", "risetime").forbids("/ab"), "Disallow: /a");
}

TEST(Robots, KnowsStarAndDollar) {
  constexpr std::string_view file =
      "user-agent: *\ndisallow: *.gif$\nallow: *.gif?ok$\ndisallow: /*/secret\ndisallow: /end$\ndisallow: /c$h\n";
  EXPECT_FALSE(allowed(file, "/a/b.gif"));
  EXPECT_TRUE(allowed(file, "/a/b.gifs"));
  EXPECT_TRUE(allowed(file, "/a/b.gif?ok"));
  EXPECT_FALSE(allowed(file, "/x.gif.gif"));
  EXPECT_FALSE(allowed(file, "/a/b/secrets"));
  EXPECT_TRUE(allowed(file, "/secret"));
  EXPECT_FALSE(allowed(file, "/end"));
  EXPECT_TRUE(allowed(file, "/end/"));
  EXPECT_FALSE(allowed(file, "/c$h"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /a%2Ab\n", "/axb"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /a%2Ab\n", "/a*b"));
}

TEST(Robots, ComparesPathsInOneSpelling) {
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /foo/bar/%e3%83%84\n", "/foo/bar/ツ"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /a?b=c\n", "/a?b=c&d"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /A\n", "/a"));
  for (const char* path : {"%%341", "%", "%4", "a%2525", "%c3%bc"})
    EXPECT_EQ(normalized_path(normalized_path(path)), normalized_path(path)) << path;
}

TEST(Robots, ReadsEveryKindOfLineEndAndAtMost500KiB) {
  EXPECT_FALSE(allowed("\xEF\xBB\xBFUser-agent: *\rDisallow: /cr\r\nDisallow: /lf", "/cr"));
  EXPECT_FALSE(allowed("User-agent: *\r\n\r\n  Disallow :\t/lf", "/lf"));
  std::string large = "User-agent: *\nDisallow: /early\n";
  while (large.size() < Robots::most_bytes - 8) large += "# filler\n";
  large += "Disallow: /late\n";
  EXPECT_FALSE(allowed(large, "/early"));
  EXPECT_TRUE(allowed(large, "/late"));
  EXPECT_TRUE(allowed(large, "/la"));  // the line that the limit cuts is no rule
}

TEST(Robots, TakesTheCrawlDelayOfItsOwnGroupWithinBounds) {
  const auto delay = [](std::string_view file) { return Robots::parse(file, "risetime").crawl_delay(); };
  EXPECT_EQ(delay("User-agent: *\nDisallow: /x\n"), 0);
  EXPECT_EQ(delay("User-agent: *\ncrawl-DELAY : 7 # seconds\n"), 7 * second);
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 0.5\nDisallow: /x\nCrawl-delay: 0.25\n"), second / 2);
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 7\n\nUser-agent: risetime\nDisallow: /x\n"), 0);
  EXPECT_EQ(delay("User-agent: risetime\nCrawl-delay: 3\n\nUser-agent: *\nCrawl-delay: 7\n"), 3 * second);
  EXPECT_EQ(delay("User-agent: other\nCrawl-delay: 7\nUser-agent: *\nDisallow: /x\n"), 0);  // said to another
  EXPECT_EQ(delay("User-agent: other\nUser-agent: *\nCrawl-delay: 7\n"), 7 * second);
  EXPECT_EQ(delay("Crawl-delay: 7\nUser-agent: *\n"), 0);
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 86400\n"), Robots::longest_delay);
  for (const char* value : {"", "soon", "-5", "5s", "nan", "1e", "0x10", "\xFF"})
    EXPECT_EQ(delay(std::string("User-agent: *\nCrawl-delay: ") + value + "\n"), 0) << value;
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: inf\n"), Robots::longest_delay);
  EXPECT_EQ(delay("User-agent: *\nCrawl-delay: 1e300\n"), Robots::longest_delay);
}

TEST(Robots, MatchesInTimeThatDoesNotExplode) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "*a";
  const std::string path(20'000, 'a');
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /" + pattern + "b$\n", "/" + path));
}

class RobotsGateTest : public ::testing::Test {
 protected:
  RobotsGateTest() : folder_(std::filesystem::temp_directory_path() / ("robots-test-" + std::to_string(::getpid()))) {}
  ~RobotsGateTest() override { std::filesystem::remove_all(folder_); }
  RobotsGateTest(const RobotsGateTest&) = delete;
  RobotsGateTest& operator=(const RobotsGateTest&) = delete;

  RobotsGate::Fetch answering(std::int64_t status, const std::string& body, const std::string& location = "") {
    return [this, status, body, location](const Url& url) {
      asked_.push_back(url.text());
      WireAnswer answer{status, {}, body};
      if (!location.empty()) answer.headers.push_back({"location", location});
      return answer;
    };
  }
  static Code code_of(RobotsGate& gate, const std::string& url, const RobotsGate::Fetch& fetch) {
    try {
      gate.check(Url::parse(url), fetch);
    } catch (const Error& error) {
      return error.code();
    }
    return static_cast<Code>(0);
  }
  static constexpr Code fine = static_cast<Code>(0);

  std::filesystem::path folder_;
  FixedClock clock_{1'767'268'800'000'000};
  std::vector<std::string> asked_;
};

TEST_F(RobotsGateTest, AsksOnceADayForEachOriginAlsoOverProcesses) {
  const auto fetch = answering(200, "user-agent: *\ndisallow: /no\n");
  {
    RobotsGate gate(folder_, clock_);
    EXPECT_EQ(code_of(gate, "https://example.org/no", fetch), Code::unsupported);
    EXPECT_EQ(code_of(gate, "https://example.org/yes", fetch), fine);
    EXPECT_EQ(code_of(gate, "http://example.org/yes", fetch), fine);
  }
  EXPECT_EQ(asked_, (std::vector<std::string>{"https://example.org/robots.txt", "http://example.org/robots.txt"}));
  RobotsGate next(folder_, clock_);
  EXPECT_EQ(code_of(next, "https://example.org/no", fetch), Code::unsupported);
  EXPECT_EQ(asked_.size(), 2U);
  clock_.set(clock_.now() + day);
  EXPECT_EQ(code_of(next, "https://example.org/no", answering(200, "")), fine);
  EXPECT_EQ(asked_.size(), 3U);
}

TEST_F(RobotsGateTest, Allows4xxAndForbidsAllUnder5xxUntilItIsAskedAgain) {
  RobotsGate gate({}, clock_);
  EXPECT_EQ(code_of(gate, "https://a.example/x", answering(404, "disallow")), fine);
  EXPECT_EQ(code_of(gate, "https://b.example/x", answering(503, "")), Code::io);
  EXPECT_EQ(code_of(gate, "https://b.example/x", answering(200, "")), Code::io);
  EXPECT_EQ(asked_.size(), 2U);
  clock_.set(clock_.now() + 10 * minute);
  EXPECT_EQ(code_of(gate, "https://b.example/x", answering(200, "")), fine);
  const RobotsGate::Fetch nobody = [](const Url& url) -> WireAnswer {
    throw Error(Code::io, url.text(), "no answer", 0);
  };
  EXPECT_EQ(code_of(gate, "https://c.example/x", nobody), Code::io);
}

TEST_F(RobotsGateTest, FollowsFiveRedirectsAndTakesMoreForNoFile) {
  RobotsGate gate({}, clock_);
  EXPECT_EQ(code_of(gate, "https://a.example/x", answering(301, "", "https://b.example/robots.txt")), fine);
  EXPECT_EQ(asked_.size(), 6U);
}

}  // namespace
}  // namespace risetime::core
