#include "account.hpp"

#include <gtest/gtest.h>

#include <risetime/error.hpp>

namespace risetime::youtube {
namespace {

constexpr const char* id = "UCabcdefghijklmnopqrst-_";

std::string name_of(const std::string& text) { return Account::parse(text, "channels[0]").text(); }

TEST(Account, HasOneSpellingHoweverTheUserNamesIt) {
  EXPECT_EQ(name_of(id), id);
  EXPECT_EQ(name_of(std::string("https://www.youtube.com/channel/") + id + "/videos?view=0"), id);
  EXPECT_EQ(name_of(std::string("https://www.youtube.com/feeds/videos.xml?channel_id=") + id), id);
  EXPECT_EQ(name_of("@example"), "@example");
  EXPECT_EQ(name_of("https://www.youtube.com/@example/shorts"), "@example");
  EXPECT_EQ(name_of("http://m.youtube.com/@example?si=x"), "@example");
  EXPECT_EQ(name_of("youtube.com/@b%C3%BCcher"),
            "@b\xC3\xBC"
            "cher");
  EXPECT_EQ(name_of("https://youtube.com/user/Old"), "user/Old");
  EXPECT_EQ(name_of("https://www.youtube.com/feeds/videos.xml?user=Old&x=y"), "user/Old");
  EXPECT_EQ(name_of("https://www.youtube.com/c/Custom/about"), "c/Custom");
}

TEST(Account, RefusesWhatNamesNoChannelAndSaysWhere) {
  for (const char* text : {"", "example", "@", "@a b", "UCshort", "https://www.youtube.com/watch?v=abcdefghijk",
                           "https://www.youtube.com/", "https://vimeo.com/@x",
                           "https://www.youtube.com.evil.example/@x", "https://www.youtube.com/@x%2F..%2Fwatch",
                           "@a\nb", "user/", "@x\"y", "@\xFF\xFE", "https://www.youtube.com/@x%00y"}) {
    try {
      name_of(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config);
      EXPECT_EQ(error.where(), "channels[0]");
    }
  }
}

TEST(Account, AsksForAFeedWithoutTheIdOnlyByOldUserNames) {
  EXPECT_EQ(Account::parse(id, "").feed_url(),
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrst-_");
  EXPECT_EQ(Account::parse("user/Old", "").feed_url(), "https://www.youtube.com/feeds/videos.xml?user=Old");
  EXPECT_EQ(Account::parse("@x", "").feed_url(), std::nullopt);
  EXPECT_EQ(Account::parse("@b\xC3\xBC", "").page_url(), "https://www.youtube.com/@b%C3%BC");
  EXPECT_EQ(Account::parse("c/Custom", "").page_url(), "https://www.youtube.com/c/Custom");
}

TEST(ChannelPage, SaysWhichChannelItIsOfInManyPlaces) {
  const std::string text = id;
  for (const std::string& page : {"<link rel=\"canonical\" href=\"https://www.youtube.com/channel/" + text + "\">",
                                  "<link href='https://www.youtube.com/channel/" + text + "' rel=\"canonical\">",
                                  "<meta itemprop=\"identifier\" content=\"" + text + "\">",
                                  "<meta content='" + text + "' itemprop=\"channelId\">",
                                  "<meta property=\"og:url\" content=\"https://www.youtube.com/channel/" + text + "\">",
                                  "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"RSS\" "
                                  "href=\"https://www.youtube.com/feeds/videos.xml?channel_id=" +
                                      text + "\">",
                                  "{\"metadata\":{\"externalId\":\"" + text + "\",\"x\":1}}"})
    EXPECT_EQ(find_channel_id("<html>" + std::string(5000, ' ') + page + "</html>"), text) << page;
}

TEST(ChannelPage, IsNotTakenForTheChannelsItOnlySpeaksOf) {
  const std::string other = "UCotherotherotherother-_";
  const std::string text = id;
  EXPECT_EQ(
      find_channel_id("{\"browseId\":\"" + other + "\"} <a href=\"https://www.youtube.com/channel/" + other + "\">"),
      std::nullopt);
  EXPECT_EQ(find_channel_id("{\"browseId\":\"" + other + "\",\"externalId\":\"" + text + "\"}"), text);
  EXPECT_EQ(find_channel_id("<link rel=\"canonical\" href=\"https://www.youtube.com/watch?v=x\">"), std::nullopt);
  EXPECT_EQ(find_channel_id("{\"externalId\":\"" + text + "x\"}"), std::nullopt);
  EXPECT_EQ(find_channel_id("{\"externalId\":\"" + text.substr(0, 20)), std::nullopt);
  EXPECT_EQ(find_channel_id(""), std::nullopt);
}

}  // namespace
}  // namespace risetime::youtube
