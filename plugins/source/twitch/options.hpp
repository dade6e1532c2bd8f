// The settings of the Twitch source.
#pragma once

#include <risetime/config.hpp>

namespace risetime::twitch {

struct Options {
  std::string client_id;
  Secret client_secret;
  std::vector<std::string> channels;
  std::vector<std::string> top_languages;
  std::vector<std::string> top_games;
  std::int64_t top = 100;
  bool followers = true;
  std::int64_t archives = 20;
  std::int64_t clips = 0;
  std::int64_t clip_days = 30;
  std::vector<std::string> chatters;
  std::vector<std::string> chat;
  Duration listen{60'000'000};
  Secret user_token;
  Secret user_refresh_token;
  std::string names = "pseudonym";
  Secret pseudonym_key;
  std::string api_url = "https://api.twitch.tv/helix";
  std::string chat_url = "tls://irc.chat.twitch.tv:6697";
  std::string token_url = "https://id.twitch.tv/oauth2/token";

  static constexpr auto fields = risetime::fields(
      risetime::field("client_id", &Options::client_id, "Of your application at dev.twitch.tv/console.",
                      risetime::required()),
      risetime::field("client_secret", &Options::client_secret, "Of the same application.", risetime::required()),
      risetime::field("channels", &Options::channels,
                      "Channels that are always read: names as in their addresses, or \"id:\" and a number."),
      risetime::field("top_languages", &Options::top_languages,
                      "The most watched live streams of each language (\"en\"), or of all (\"all\")."),
      risetime::field("top_games", &Options::top_games,
                      "The most watched live streams of each game or category, by its exact name."),
      risetime::field("top", &Options::top, "How many streams of each such list.", risetime::range(1, 10'000)),
      risetime::field("followers", &Options::followers, "Whether to ask how many follow each channel: a request each."),
      risetime::field("archives", &Options::archives,
                      "How many of a channel's latest recordings of streams are read; 0: none.",
                      risetime::range(0, 1000)),
      risetime::field("clips", &Options::clips, "How many of a channel's most viewed new clips are read; 0: none.",
                      risetime::range(0, 1000)),
      risetime::field("clip_days", &Options::clip_days, "How old a clip may be, in days.", risetime::range(1, 365)),
      risetime::field(
          "chatters", &Options::chatters,
          "Those of the channels whose chatters are listed while they are live. The user behind the token must "
          "be a moderator there."),
      risetime::field("chat", &Options::chat,
                      "Those of the channels whose chat is listened to while they are live, where the list of chatters "
                      "does not say who is there. Needs no token of a user."),
      risetime::field("listen", &Options::listen,
                      "For how long a round listens to the chats of one batch of channels, 1s to 10m."),
      risetime::field("user_token", &Options::user_token,
                      "A user's access token with the scope moderator:read:chatters; it ends after some hours."),
      risetime::field("user_refresh_token", &Options::user_refresh_token,
                      "The refresh token that came with it, for access tokens without end."),
      risetime::field("names", &Options::names,
                      "How chatters are stored. \"pseudonym\": as a keyed hash; \"plain\": by their names.",
                      risetime::one_of("pseudonym", "plain")),
      risetime::field("pseudonym_key", &Options::pseudonym_key,
                      "The key of the pseudonyms; the same in all sources that should tell people alike."),
      risetime::field("api_url", &Options::api_url, "Where Helix is; another place only for tests."),
      risetime::field("chat_url", &Options::chat_url, "Where the chat is; another place only for tests."),
      risetime::field("token_url", &Options::token_url, "Where tokens come from; another place only for tests."));
};

}  // namespace risetime::twitch
