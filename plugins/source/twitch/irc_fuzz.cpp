// Reads arbitrary text as lines of the chat: whatever comes, people and channels are logins.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "irc.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace risetime::twitch;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    risetime::twitch::IrcLine line;
    if (risetime::twitch::parse_irc(text.substr(0, end), line)) {
      const risetime::twitch::Sighting sighting = sighting_of(line, "justinfan12345");
      for (const std::string_view login : sighting.logins)
        if (!risetime::twitch::is_login(login)) std::abort();
      if (sighting.kind == risetime::twitch::Sighting::Kind::people && !risetime::twitch::is_login(sighting.channel))
        std::abort();
      if (line.parameters.size() > 15) std::abort();
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}
