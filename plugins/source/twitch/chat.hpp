// Listens to chats as an anonymous reader, and says who was there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <risetime/host.hpp>
#include <set>
#include <string>
#include <vector>

namespace risetime::twitch {

/// Who was seen in a chat.
struct Room {
  bool is_joined = false;  // Twitch let us in
  std::set<std::string> logins;
};

struct Heard {
  std::map<std::string, Room> rooms;  // by login of the channel
  std::optional<Error> broke_off;  // why the listening ended before its time; what was seen until then is in the rooms
  std::size_t bad_lines = 0;       // which were no IRC, or too long
  bool is_full = false;            // more people came than are kept
};

/// Joins the chats of these channels (logins) and listens for so long: one connection, two more where it breaks off or
/// Twitch asks for it. Keeps 1,000,000 people at most. Throws Error(Code::cancelled) only.
Heard listen_to_chats(const Context& host, const std::string& url, const std::vector<std::string>& channels,
                      std::int64_t microseconds);

}  // namespace risetime::twitch
