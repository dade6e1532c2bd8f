// Lines of Twitch's chat, which speaks IRC, read into who was where. Nothing here connects to anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace risetime::twitch {

/// A line as RFC 1459 and the message tags of IRCv3 write it; views into the line.
struct IrcLine {
  std::string_view nick;                     // who it is from, up to "!"; empty where it says none
  std::string_view command;                  // "PRIVMSG", "353"
  std::vector<std::string_view> parameters;  // the last one without its colon; 15 at most
};

/// False for what is no such line. Tags are passed over.
bool parse_irc(std::string_view line, IrcLine& out);

/// A login as Twitch gives them: 1 to 25 small letters, digits and "_".
bool is_login(std::string_view text);

/// What a line says of people in a channel.
struct Sighting {
  enum class Kind {
    nothing,    // for who is there
    people,     // `logins` are, or were until just now, in `channel`
    joined,     // we are in `channel`
    ping,       // to be answered with `text`
    reconnect,  // the server is about to close
    refused,    // the server does not let us in; its words are `text`
  };
  Kind kind = Kind::nothing;
  std::string_view channel;  // without "#"
  std::vector<std::string_view> logins;
  std::string_view text;
};

/// `own`: our nick. Anonymous readers ("justinfan" and digits) are nobody.
Sighting sighting_of(const IrcLine& line, std::string_view own);

}  // namespace risetime::twitch
