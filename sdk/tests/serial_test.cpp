// Saved states: what is written is read, and what was cut, flipped or is newer is refused with a sentence.
#include <gtest/gtest.h>

#include <risetime/serial.hpp>

namespace risetime {
namespace {

std::string message_of(std::string_view bytes) {
  try {
    (void)envelope::open(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::input);
    return error.message();
  }
  return {};
}

TEST(Envelope, GivesBackWhatWasSealed) {
  for (const std::string& state : {std::string(), std::string("a state\0with a null", 19)})
    EXPECT_EQ(envelope::open(envelope::seal(state)), state);
}

TEST(Envelope, RefusesEveryCutAndEveryFlippedBit) {
  const std::string sealed = envelope::seal("a state of a few bytes");
  for (std::size_t size = envelope::mark.size(); size < sealed.size(); ++size)
    EXPECT_NE(message_of(std::string_view(sealed).substr(0, size)), "") << size;
  for (std::size_t at = envelope::mark.size(); at < sealed.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = sealed;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_NE(message_of(flipped), "") << at;
    }
  }
  EXPECT_NE(message_of(sealed + "x").find("23 bytes of 22"), std::string::npos) << message_of(sealed + "x");
}

TEST(Envelope, LeavesBytesWithoutAMarkAsTheyAre) {
  EXPECT_EQ(envelope::open("state of an older plugin"), "state of an older plugin");
  EXPECT_EQ(envelope::open(""), "");
}

TEST(Version, IsOneOfThoseThatThePluginKnows) {
  for (const std::uint64_t version : {0U, 1U, 2U, 3U, 4U}) {
    Writer to;
    to.write(version);
    Reader from(to.bytes());
    if (version >= 1 && version <= 3) {
      EXPECT_EQ(read_version(from, 3), version);
    } else {
      EXPECT_THROW(read_version(from, 3), Error);
    }
  }
}

}  // namespace
}  // namespace risetime
