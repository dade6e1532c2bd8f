// Grammar of IRC lines, and the few commands that tell of people.
#include "irc.hpp"

#include <algorithm>

namespace risetime::twitch {
namespace {

constexpr std::size_t most_parameters = 15;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Up to the next blank; the blanks behind it are dropped too.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
  return word;
}

bool is_command(std::string_view word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (word.size() == 3 && std::all_of(word.begin(), word.end(), is_digit)) return true;
  return !word.empty() && std::all_of(word.begin(), word.end(), is_letter);
}

bool is_anonymous(std::string_view login) {
  constexpr std::string_view beginning = "justinfan";
  return login.size() > beginning.size() && login.compare(0, beginning.size(), beginning) == 0 &&
         std::all_of(login.begin() + beginning.size(), login.end(), is_digit);
}

std::string_view channel_of(std::string_view parameter) {
  return parameter.size() > 1 && parameter.front() == '#' ? parameter.substr(1) : std::string_view();
}

void add_person(Sighting& sighting, std::string_view login) {
  if (is_login(login) && !is_anonymous(login)) sighting.logins.push_back(login);
}

Sighting names_of(const IrcLine& line) {
  Sighting sighting;
  if (line.parameters.size() < 4) return sighting;
  sighting.kind = Sighting::Kind::people;
  sighting.channel = channel_of(line.parameters[2]);
  for (std::string_view names = line.parameters[3]; !names.empty();) {
    std::string_view name = take_word(names);
    name.remove_prefix(std::min(name.find_first_not_of("@+%&~"), name.size()));  // marks of rank
    add_person(sighting, name);
  }
  return sighting;
}

}  // namespace

bool is_login(std::string_view text) {
  return !text.empty() && text.size() <= 25 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
  });
}

bool parse_irc(std::string_view line, IrcLine& out) {
  out = {};
  if (!line.empty() && line.front() == '@') take_word(line);
  if (!line.empty() && line.front() == ':') {
    const std::string_view prefix = take_word(line).substr(1);
    out.nick = prefix.substr(0, prefix.find_first_of("!@"));
  }
  out.command = take_word(line);
  if (!is_command(out.command)) return false;
  while (!line.empty()) {
    if (line.front() == ':' || out.parameters.size() + 1 == most_parameters) {
      out.parameters.push_back(line.front() == ':' ? line.substr(1) : line);
      break;
    }
    out.parameters.push_back(take_word(line));
  }
  return true;
}

Sighting sighting_of(const IrcLine& line, std::string_view own) {
  Sighting sighting;
  const std::string_view command = line.command;
  const std::string_view first = line.parameters.empty() ? std::string_view() : line.parameters.front();
  if (command == "PING") {
    sighting.kind = Sighting::Kind::ping;
    sighting.text = first;
  } else if (command == "RECONNECT") {
    sighting.kind = Sighting::Kind::reconnect;
  } else if (command == "353") {
    sighting = names_of(line);
  } else if (command == "366" && line.parameters.size() > 1) {
    sighting.kind = Sighting::Kind::joined;
    sighting.channel = channel_of(line.parameters[1]);
  } else if (command == "JOIN" && line.nick == own) {
    sighting.kind = Sighting::Kind::joined;
    sighting.channel = channel_of(first);
  } else if (command == "JOIN" || command == "PART" || command == "PRIVMSG") {
    sighting.kind = Sighting::Kind::people;
    sighting.channel = channel_of(first);
    add_person(sighting, line.nick);
  } else if ((command == "NOTICE" && first == "*") || command == "ERROR") {
    sighting.kind = Sighting::Kind::refused;
    sighting.text = line.parameters.empty() ? std::string_view() : line.parameters.back();
  }
  const bool needs_channel = sighting.kind == Sighting::Kind::people || sighting.kind == Sighting::Kind::joined;
  if (needs_channel && !is_login(sighting.channel)) return {};
  return sighting;
}

}  // namespace risetime::twitch
