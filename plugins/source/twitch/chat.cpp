// One conversation with Twitch's chat servers.
#include "chat.hpp"

#include <algorithm>
#include <utility>

#include "irc.hpp"

namespace risetime::twitch {
namespace {

constexpr std::int64_t millisecond = 1000;  // in microseconds
constexpr std::int64_t pace_ms = 11'000;    // Twitch counts 20 joins in 10 seconds
constexpr std::int64_t joins_per_pace = 20;
constexpr std::size_t joins_per_line = 10;          // at most 275 bytes; IRC allows 510
constexpr std::uint64_t longest_line = 8191 + 512;  // tags and the rest
constexpr std::size_t most_people = 1'000'000;
constexpr int most_connections = 3;

// "JOIN #a,#b", each with how many channels it names.
std::vector<std::pair<std::string, std::int64_t>> joins(const std::vector<std::string>& channels) {
  std::vector<std::pair<std::string, std::int64_t>> lines;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (i % joins_per_line == 0) lines.emplace_back("JOIN #", 0);
    auto& [line, count] = lines.back();
    line += (count++ > 0 ? ",#" : "") + channels[i];
  }
  return lines;
}

class Conversation {
 public:
  Conversation(const Context& host, const std::string& url, const std::vector<std::string>& channels)
      : host_(host), url_(url), channels_(channels) {
    // Twitch wants some number; the same one every time lets a recording be played back.
    nick_ = "justinfan" + std::to_string(10'000 + host.seed("chat") % 80'000);
    for (const std::string& channel : channels) heard_.rooms[channel];
  }

  Heard listen(std::int64_t microseconds) {
    const std::int64_t until = host_.now() + microseconds;
    for (int connection = 1; connection <= most_connections; ++connection) {
      const std::int64_t left = until - host_.now();
      if (left <= 0) break;
      heard_.broke_off.reset();
      try {
        if (converse(left)) return std::move(heard_);
        heard_.broke_off.emplace(Code::io, url_, "Twitch's chat asked to connect anew more often than is done", 0);
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        heard_.broke_off = error;
        if (error.code() != Code::io || error.retry_after_ms() < 0) break;
      }
    }
    return std::move(heard_);
  }

 private:
  // False where Twitch asks to connect anew.
  bool converse(std::int64_t microseconds) {
    LinesRequest request;
    request.url = url_;
    for (const std::string& channel : channels_) request.topic += (request.topic.empty() ? "#" : ",#") + channel;
    request.listen_ms = std::max<std::int64_t>(1, microseconds / millisecond);
    request.pace_ms = pace_ms;
    request.pace_cost = joins_per_pace;
    request.max_line = longest_line;
    Lines lines = host_.open_lines(request);
    lines.send("CAP REQ :twitch.tv/membership twitch.tv/commands", 0);
    lines.send("NICK " + nick_, 0);
    for (const auto& [line, cost] : joins(channels_)) lines.send(line, cost);
    std::string text;
    IrcLine line;
    for (LineKind kind = lines.receive(text); kind != LineKind::end; kind = lines.receive(text)) {
      if (kind == LineKind::cut || !parse_irc(text, line)) {
        heard_.bad_lines += text.empty() ? 0 : 1;
        continue;
      }
      const Sighting sighting = sighting_of(line, nick_);
      switch (sighting.kind) {
        case Sighting::Kind::ping:
          lines.send("PONG :" + std::string(sighting.text), 0);
          break;
        case Sighting::Kind::reconnect:
          return false;
        case Sighting::Kind::refused:  // its words are left out: they may name people
          throw Error(Code::io, url_, "Twitch's chat does not let anonymous readers in at the moment");
        case Sighting::Kind::joined:
          if (Room* room = room_of(sighting.channel)) room->is_joined = true;
          break;
        case Sighting::Kind::people:
          if (Room* room = room_of(sighting.channel)) add_people(sighting, *room);
          break;
        case Sighting::Kind::nothing:
          break;
      }
    }
    return true;
  }

  Room* room_of(std::string_view channel) {
    const auto found = heard_.rooms.find(std::string(channel));
    return found == heard_.rooms.end() ? nullptr : &found->second;
  }

  void add_people(const Sighting& sighting, Room& room) {
    room.is_joined = true;
    for (const std::string_view login : sighting.logins) {
      if (people_ == most_people) {
        heard_.is_full = true;
        return;
      }
      people_ += room.logins.insert(std::string(login)).second ? 1 : 0;
    }
  }

  const Context& host_;
  const std::string& url_;
  const std::vector<std::string>& channels_;
  std::string nick_;
  Heard heard_;
  std::size_t people_ = 0;
};

}  // namespace

Heard listen_to_chats(const Context& host, const std::string& url, const std::vector<std::string>& channels,
                      std::int64_t microseconds) {
  return Conversation(host, url, channels).listen(microseconds);
}

}  // namespace risetime::twitch
