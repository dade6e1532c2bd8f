#include "core/http/url.hpp"

#include <gtest/gtest.h>

#include <risetime/error.hpp>

namespace risetime::core {
namespace {

TEST(Url, HasOneSpellingOfHostAndPort) {
  const Url url = Url::parse("HTTPS://WWW.Example.ORG.:443/a?b#c");
  EXPECT_EQ(url.text(), "https://www.example.org/a?b");
  EXPECT_EQ(url.site(), "www.example.org");
  EXPECT_EQ(Url::parse("http://example.org:8080").site(), "example.org:8080");
  EXPECT_EQ(Url::parse("http://example.org:443/").site(), "example.org:443");
}

TEST(Url, RefusesWhatIsNotHttpAndCredentials) {
  for (const char* text : {"", "x", "//a/b", "ftp://a/", "file:///etc/passwd", "http://", "http://u:p@a/",
                           "https://u@a/", "http://a:99999/", "http://a\nb/", "javascript:1"})
    EXPECT_THROW(Url::parse(text), Error) << text;
  EXPECT_THROW(Url::parse(std::string("http://a/\0b", 11)), Error);
  EXPECT_THROW(Url::parse("http://a/" + std::string(9000, 'x')), Error);
}

TEST(Url, ResolvesWhatServersWriteIntoLocation) {
  const Url base = Url::parse("https://a.example/x/y?z");
  EXPECT_EQ(base.resolve("w").text(), "https://a.example/x/w");
  EXPECT_EQ(base.resolve("/w?q=\xC3\xA4 b").text(), "https://a.example/w?q=%c3%a4+b");
  EXPECT_EQ(base.resolve("//b.example/").text(), "https://b.example/");
  EXPECT_THROW(base.resolve("mailto:x@y"), Error);
}

TEST(Url, KnowsThisMachineFromThoseThatOnlySoundLikeIt) {
  for (const char* text : {"http://127.0.0.1/", "http://127.9.9.9:80/", "http://localhost/", "http://[::1]/"})
    EXPECT_TRUE(Url::parse(text).is_loopback()) << text;
  for (const char* text : {"http://127.0.0.1.example.org/", "http://localhost.example/", "http://128.0.0.1/"})
    EXPECT_FALSE(Url::parse(text).is_loopback()) << text;
}

TEST(Url, ShowsNoCredentialsInMessages) {
  EXPECT_EQ(fit_for_messages("https://user:word@host/p"), "https://host/p");
  EXPECT_EQ(fit_for_messages("https://host/@handle?x=a@b"), "https://host/@handle?x=a@b");
  EXPECT_EQ(fit_for_messages("https://host/?key=@{secret:3}"), "https://host/?key=@{secret:3}");
  EXPECT_LT(fit_for_messages("https://host/" + std::string(10000, 'x')).size(), 500U);
}

TEST(Url, EncodesWhatWouldEndAValue) { EXPECT_EQ(percent_encode("a-Z_9.~ &=/\xC3\xA4"), "a-Z_9.~%20%26%3D%2F%C3%A4"); }

}  // namespace
}  // namespace risetime::core
