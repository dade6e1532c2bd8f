// The answers of Twitch's interface Helix, read from JSON into plain values. Nothing here asks for anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::twitch {

struct User {
  std::string id, login, name;  // name: as it is shown, in capitals or in another script
};

struct Stream {  // one that is live
  std::string id, user_id;
  std::string login, name;    // of the channel; the login may be empty, old answers lack it
  std::string game_id, game;  // either may be empty
  std::string title, language;
  std::vector<std::string> tags;
  std::optional<std::string> thumbnail_url;
  std::int64_t started_at = 0;  // UTC microseconds
  std::int64_t viewers = 0;     // now
};

struct Archive {  // the recording of a stream
  std::string id, user_id, title, description, language;
  std::string stream_id;  // may be empty
  std::optional<std::string> thumbnail_url;
  std::int64_t published_at = 0;  // UTC microseconds
  std::optional<double> duration_s;
  std::int64_t views = 0;  // so far
};

struct Clip {
  std::string id, broadcaster_id, title, language;
  std::string game_id, archive_id;  // either may be empty
  std::optional<std::string> thumbnail_url;
  std::int64_t created_at = 0;  // UTC microseconds
  std::optional<double> duration_s;
  std::int64_t views = 0;  // so far
};

struct Game {
  std::string id, name;
};

struct BadItem {
  std::size_t number;  // 1 is the first of its page
  std::string reason;
  std::string raw;  // the item as it came, cut to a few kilobytes
};

template <class Item>
struct Page {
  std::vector<Item> items;
  std::vector<BadItem> bad;
  std::string next;  // cursor of the next page; empty behind the last
};

// Each throws Error(Code::input) with `where` as its place for what is no page: JSON that is cut short, broken, too
// deep, or without its list. An item that lacks what it is known by stands under `bad`.
Page<User> parse_users(std::string_view text, const std::string& where);
Page<Stream> parse_streams(std::string_view text, const std::string& where);
Page<Archive> parse_archives(std::string_view text, const std::string& where);
Page<Clip> parse_clips(std::string_view text, const std::string& where);
Page<Game> parse_games(std::string_view text, const std::string& where);
Page<User> parse_chatters(std::string_view text, const std::string& where);
// How many follow the channel.
std::int64_t parse_follower_total(std::string_view text, const std::string& where);

struct Token {
  std::string text;
  std::int64_t lifetime_s = 0;  // 0: not said
};
// Never puts anything of the text into its error.
Token parse_token(std::string_view text, const std::string& where);

// What an answer that is an error says of itself, cut to a line; empty where it says nothing.
std::string parse_complaint(std::string_view text);

// "2019-03-12T12:27:47Z", with or without a fraction, as UTC microseconds; nothing where it is no such time.
std::optional<std::int64_t> parse_time(std::string_view text);
// UTC microseconds as "2019-03-12T12:27:47Z".
std::string format_time(std::int64_t microseconds);
// "3h8m33s" in seconds; nothing where it is no such length.
std::optional<double> parse_length(std::string_view text);

}  // namespace risetime::twitch
