// Lines of the chat: the grammar, and what they say of people.
#include "irc.hpp"

#include <gtest/gtest.h>

#include <string>

namespace risetime::twitch {
namespace {

using Texts = std::vector<std::string_view>;
using Kind = Sighting::Kind;

constexpr const char* own = "justinfan12345";

Sighting seen(std::string_view text) {
  IrcLine line;
  if (!parse_irc(text, line)) return {};
  return sighting_of(line, own);
}

TEST(TwitchIrc, ALineHasASenderACommandAndParameters) {
  IrcLine line;
  ASSERT_TRUE(parse_irc("@id=7;login=x :ann!ann@ann.tmi.example PRIVMSG #paper :hello :) there", line));
  EXPECT_EQ(line.nick, "ann");
  EXPECT_EQ(line.command, "PRIVMSG");
  EXPECT_EQ(line.parameters, (Texts{"#paper", "hello :) there"}));
  ASSERT_TRUE(parse_irc("PING", line));
  EXPECT_TRUE(line.nick.empty() && line.parameters.empty());
  ASSERT_TRUE(parse_irc(":tmi.example  353  me  =   #paper :", line));
  EXPECT_EQ(line.parameters, (Texts{"me", "=", "#paper", ""}));
}

TEST(TwitchIrc, WhatIsNoLineIsRefused) {
  IrcLine line;
  for (const char* text :
       {"", " ", ":", "@", "@tags", ":ann", "@tags :ann", ":ann 12", "4711 x", "PRIV-MSG #a", "?? #a"})
    EXPECT_FALSE(parse_irc(text, line)) << text;
}

TEST(TwitchIrc, HasFifteenParametersAtMost) {
  std::string text = "X";
  for (int i = 0; i < 100; ++i) text += " a";
  IrcLine line;
  ASSERT_TRUE(parse_irc(text, line));
  EXPECT_EQ(line.parameters.size(), 15U);
}

TEST(TwitchIrc, PeopleAreThoseOfTheListWhoComeGoAndWrite) {
  const auto people = [](std::string_view text, std::string_view channel, const Texts& logins) {
    const Sighting sighting = seen(text);
    EXPECT_EQ(sighting.kind, Kind::people) << text;
    EXPECT_EQ(sighting.channel, channel) << text;
    EXPECT_EQ(sighting.logins, logins) << text;
  };
  people(":x 353 justinfan12345 = #paper :justinfan12345 ann @bob justinfan9 BAD na-me", "paper", {"ann", "bob"});
  people(":ann!ann@ann.tmi.example JOIN #paper", "paper", {"ann"});
  people(":ann!ann@ann.tmi.example PART #paper", "paper", {"ann"});
  people("@a=b :ann!ann@ann.tmi.example PRIVMSG #paper :hi", "paper", {"ann"});
  people(":justinfan77!justinfan77@x JOIN #paper", "paper", {});
}

TEST(TwitchIrc, OtherLinesSayWhatTheyAreFor) {
  EXPECT_EQ(seen(":justinfan12345!justinfan12345@x JOIN #paper").kind, Kind::joined);
  EXPECT_EQ(seen(":x 366 justinfan12345 #paper :End of /NAMES list").channel, "paper");
  EXPECT_EQ(seen("PING :tmi.example").text, "tmi.example");
  EXPECT_EQ(seen(":tmi.example RECONNECT").kind, Kind::reconnect);
  EXPECT_EQ(seen(":tmi.example NOTICE * :Improperly formatted auth").kind, Kind::refused);
  EXPECT_EQ(seen("@msg-id=slow_on :tmi.example NOTICE #paper :This room is slow").kind, Kind::nothing);
  EXPECT_EQ(seen(":tmi.example 001 justinfan12345 :Welcome").kind, Kind::nothing);
}

TEST(TwitchIrc, WithoutAChannelNobodyIsAnywhere) {
  for (const char* text :
       {":ann!a@b JOIN", ":ann!a@b JOIN #", ":ann!a@b JOIN paper", ":ann!a@b PRIVMSG #Pa,per :x", ":x 353 me ="})
    EXPECT_EQ(seen(text).kind, Kind::nothing) << text;
}

}  // namespace
}  // namespace risetime::twitch
