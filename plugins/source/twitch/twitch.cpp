// The Twitch source: live streams and their viewers, recordings, clips and who is in the chat, by the interface Helix.
//
// A round goes through the lists of most watched streams, then through the channels, which are asked for together as
// far as Helix allows. The cursor is the name of what comes next, so that a round is taken up where it was left.
#include <algorithm>
#include <map>
#include <memory>
#include <risetime/plugin.hpp>

#include "account.hpp"
#include "chat.hpp"
#include "client.hpp"
#include "options.hpp"
#include "people.hpp"

namespace risetime::twitch {
namespace {

constexpr const char* platform = "twitch";
constexpr std::size_t page_size = 100;  // Helix's largest, of most lists
constexpr std::size_t chatters_page_size = 1000;
constexpr std::size_t most_chatters = 1'000'000;
constexpr std::int64_t second = 1'000'000;                      // microseconds
constexpr std::int64_t day = std::int64_t{86'400} * 1'000'000;  // microseconds

std::string named(std::string_view account) { return std::string(platform) + ":" + std::string(account); }

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

Observation reading(std::string video_id, std::int64_t now) {
  Observation observation;
  observation.platform = platform;
  observation.video_id = std::move(video_id);
  observation.observed_at = now;
  return observation;
}

Video video_of(const Stream& stream) {
  Video video;
  video.platform = platform;
  video.video_id = stream.id;
  video.channel_id = stream.user_id;
  video.published_at = stream.started_at;
  video.title = stream.title;
  video.tags = stream.tags;
  video.category = if_any(stream.game);
  video.language = if_any(stream.language);
  video.thumbnail_url = stream.thumbnail_url;
  Json extra = Json::object();
  extra["kind"] = "stream";
  if (!stream.game_id.empty()) extra["game_id"] = stream.game_id;
  video.extra = extra.dump();
  return video;
}

// The numbers of recordings and of streams are counted apart: "v", as in old addresses of recordings, keeps them apart.
Video video_of(const Archive& archive) {
  Video video;
  video.platform = platform;
  video.video_id = "v" + archive.id;
  video.channel_id = archive.user_id;
  video.published_at = archive.published_at;
  video.title = archive.title;
  video.description = if_any(archive.description);
  video.language = if_any(archive.language);
  video.duration_s = archive.duration_s;
  video.thumbnail_url = archive.thumbnail_url;
  Json extra = Json::object();
  extra["kind"] = "archive";
  if (!archive.stream_id.empty()) extra["stream_id"] = archive.stream_id;
  video.extra = extra.dump();
  return video;
}

Video video_of(const Clip& clip) {
  Video video;
  video.platform = platform;
  video.video_id = clip.id;
  video.channel_id = clip.broadcaster_id;
  video.published_at = clip.created_at;
  video.title = clip.title;
  video.language = if_any(clip.language);
  video.duration_s = clip.duration_s;
  video.thumbnail_url = clip.thumbnail_url;
  Json extra = Json::object();
  extra["kind"] = "clip";
  if (!clip.game_id.empty()) extra["game_id"] = clip.game_id;
  if (!clip.archive_id.empty()) extra["archive"] = "v" + clip.archive_id;
  video.extra = extra.dump();
  return video;
}

}  // namespace

class Twitch {
 public:
  static constexpr Info info{"twitch", "1.0.0",
                             "Live streams, recordings, clips and chatters of Twitch, by its interface Helix."};
  using Config = Options;

  Twitch(Context host, const Options& options)
      : host_(host),
        options_(options),
        client_(host, {options.api_url, options.token_url, options.client_id, options.client_secret, options.user_token,
                       options.user_refresh_token}) {
    if (options_.client_id.empty())
      throw Error(Code::config, "client_id", "it is empty; make an application at dev.twitch.tv/console");
    for (const std::string& language : options_.top_languages) units_.push_back({Unit::Kind::language, language});
    for (const std::string& game : options_.top_games) units_.push_back({Unit::Kind::game, game});
    for (std::size_t i = 0; i < options_.channels.size(); ++i)
      units_.push_back(
          {Unit::Kind::channel, Account::parse(options_.channels[i], "channels[" + std::to_string(i) + "]").text()});
    drop_repeated_units();
    if (units_.empty())
      throw Error(Code::config, "channels", "there is nothing to read; name channels, top_languages or top_games");
    with_chatters_ = channels_among(options_.chatters, "chatters");
    with_chat_ = channels_among(options_.chat, "chat");
    check_people();
  }

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) {
    announce();
    begin(cursor);
    const std::size_t most = std::max<std::size_t>(1, host_.accounts_per_pull());
    std::size_t at = position_of(cursor);
    for (std::size_t asked = 0; at < units_.size();) {
      if (asked >= most || out.size() >= max_rows) {
        out.cursor(units_[at].name());
        after_ = seen_;
        after_.cursor = units_[at].name();
        return Pull::more;
      }
      host_.check_cancelled();
      host_.progress("accounts", static_cast<double>(at), static_cast<double>(units_.size()));
      const std::size_t end = end_of_batch(at, most);
      units_[at].kind == Unit::Kind::channel ? read_channels(at, end, out) : read_list(units_[at], out);
      asked += end - at;
      at = end;
    }
    out.cursor("");
    return Pull::end;
  }

  // Without a key, nobody can be found who was stored under a pseudonym: then this source stores no people at all.
  std::vector<std::string> people(std::string_view name) const {
    const bool has_key = !options_.pseudonym_key.empty();
    if (!has_key && options_.names != "plain") return {};
    const auto login = [&] {
      try {
        return Account::parse(name, "NAME").text();
      } catch (const Error&) {  // which repeats the name
        throw Error(Code::input, "NAME",
                    "this is no login of Twitch, which has up to 25 letters (a to z), digits and _; it stands in the "
                    "address of the person's page");
      }
    }();
    if (login.compare(0, 3, "id:") == 0)
      throw Error(Code::input, "NAME", "people are stored by their login, not by their number: give the login");
    const People forms(has_key ? std::optional(host_.reveal(options_.pseudonym_key)) : std::nullopt);
    std::vector<std::string> ids;
    for (const std::string& form : forms.forms_of(login)) ids.push_back(named(form));
    return ids;
  }

 private:
  struct Unit {  // what is done, fails and is taken up again on its own
    enum class Kind { language, game, channel };
    Kind kind;
    std::string text;  // the language, the game's name, or the channel as Account spells it
    std::string name() const {
      return kind == Kind::language ? "top/" + text : kind == Kind::game ? "game/" + text : text;
    }
  };

  struct Seen {  // in this round, up to the cursor: ids
    std::string cursor;
    std::set<std::string> streams, channels;
  };

  // What an earlier pull of the round handed over need not come again; unless that pull was dropped, which shows in the
  // host's coming back with the cursor it began from.
  void begin(std::string_view cursor) {
    if (cursor.empty() || (cursor != after_.cursor && cursor != before_.cursor)) {
      seen_ = {};
    } else {
      seen_ = cursor == after_.cursor ? after_ : before_;
    }
    seen_.cursor = cursor;
    before_ = seen_;
  }

  void drop_repeated_units() {
    std::set<std::string> seen;
    units_.erase(std::remove_if(units_.begin(), units_.end(),
                                [&](const Unit& unit) { return !seen.insert(unit.name()).second; }),
                 units_.end());
  }

  // As Account spells them.
  std::set<std::string> channels_among(const std::vector<std::string>& wanted, const std::string& setting) const {
    std::set<std::string> channels;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string where = setting + "[" + std::to_string(i) + "]";
      const std::string channel = Account::parse(wanted[i], where).text();
      const bool known = std::any_of(units_.begin(), units_.end(), [&](const Unit& unit) {
        return unit.kind == Unit::Kind::channel && unit.text == channel;
      });
      if (!known) throw Error(Code::config, where, "this is none of the channels; name it under channels too");
      channels.insert(channel);
    }
    return channels;
  }

  void check_people() const {
    if (options_.listen.us < second || options_.listen.us > 600 * second)
      throw Error(Code::config, "listen", "this is shorter than 1s or longer than 10m");
    if (options_.chat_url.compare(0, 6, "tls://") != 0 && options_.chat_url.compare(0, 6, "tcp://") != 0)
      throw Error(Code::config, "chat_url", "this is no address of a chat; write tls://host:port");
    if (with_chatters_.empty() && with_chat_.empty()) return;
    if (!with_chatters_.empty() && options_.user_token.empty() && options_.user_refresh_token.empty())
      throw Error(Code::config, "chatters",
                  "this needs user_refresh_token (or user_token) of a moderator of these channels");
    if (!with_chat_.empty() && !host_.offers(RISETIME_LINES_ID))
      throw Error(Code::unsupported, "chat", "this host offers no connections that stay open; use a newer one");
    if (options_.names == "pseudonym" && options_.pseudonym_key.empty())
      throw Error(Code::config, "pseudonym_key",
                  "people are stored under pseudonyms, which need a key; give one, or set names = \"plain\"");
  }

  void announce() {
    if (announced_) return;
    std::vector<std::string> accounts;
    for (const Unit& unit : units_) accounts.push_back(named(unit.name()));
    host_.announce_accounts(accounts);
    announced_ = true;
  }

  // What is no longer in the settings begins the round anew: that costs requests, but loses nothing.
  std::size_t position_of(std::string_view cursor) const {
    for (std::size_t i = 0; i < units_.size(); ++i)
      if (units_[i].name() == cursor) return i;
    return 0;
  }

  // Channels share two requests, as many as Helix takes. Where each needs requests of its own too, batches stay small.
  std::size_t end_of_batch(std::size_t begin, std::size_t most) const {
    if (units_[begin].kind != Unit::Kind::channel) return begin + 1;
    const bool alone = options_.followers || options_.archives > 0 || options_.clips > 0 || !with_chatters_.empty() ||
                       !with_chat_.empty();
    const std::size_t most_together = alone ? std::min(most, page_size) : page_size;
    std::size_t end = begin;
    while (end < units_.size() && end - begin < most_together && units_[end].kind == Unit::Kind::channel) ++end;
    return end;
  }

  // One account's part of the round; what goes wrong with it stays with it. Work that answers false is not done yet.
  template <class Work>
  void attempt(const Unit& unit, Rows& out, const Work& work) {
    try {
      bool is_done = true;
      if constexpr (std::is_same_v<decltype(work()), bool>)
        is_done = work();
      else
        work();
      if (is_done) host_.account_done(named(unit.name()));
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      out.failed(named(unit.name()), error);
    }
  }

  // ---- lists of most watched streams ----

  void read_list(const Unit& unit, Rows& out) {
    if (!host_.wants_account(named(unit.name()))) return;
    attempt(unit, out, [&] {
      const std::string query = "streams" + (unit.kind == Unit::Kind::game ? "?game_id=" + id_of_game(unit.text)
                                             : unit.text == "all"          ? std::string()
                                                                           : "?language=" + Client::encoded(unit.text));
      client_.read_pages<Stream>(query, parse_streams, static_cast<std::size_t>(options_.top), page_size,
                                 [&](const Page<Stream>& page, const std::string& where) {
                                   for (const Stream& stream : page.items) add_stream(stream, std::nullopt, out);
                                   reject(page, where, out);
                                 });
    });
  }

  std::string id_of_game(const std::string& name) {
    const std::string key = "game id of " + name;
    if (const auto id = host_.state(key)) return *id;
    const std::string query = "games?name=" + Client::encoded(name);
    const Page<Game> games = parse_games(client_.get(query), client_.url_of(query));
    if (games.items.empty())
      throw Error(Code::input, client_.url_of(query),
                  "Twitch knows no game or category \"" + name + "\"; write it exactly as Twitch does");
    host_.set_state(key, Client::encoded(games.items.front().id));
    return Client::encoded(games.items.front().id);
  }

  // ---- channels ----

  void read_channels(std::size_t begin, std::size_t end, Rows& out) {
    std::vector<Unit> wanted;
    for (std::size_t i = begin; i < end; ++i)
      if (host_.wants_account(named(units_[i].name()))) wanted.push_back(units_[i]);
    if (wanted.empty()) return;
    std::map<std::string, User> users;      // by login, and by "id:"
    std::map<std::string, Stream> streams;  // by the channel's id
    try {
      users = read_users(wanted, out);
      streams = read_streams(users, out);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      for (const Unit& unit : wanted) out.failed(named(unit.name()), error);
      return;
    }
    std::vector<Chat> chats;
    for (const Unit& unit : wanted)
      attempt(unit, out, [&]() -> bool {
        const auto user = users.find(unit.text);
        if (user == users.end())
          throw Error(Code::input, client_.url_of("users"),
                      "Twitch knows no channel " + unit.text + ": it is misspelt, renamed, closed or banned");
        const auto stream = streams.find(user->second.id);
        const Stream* live = stream == streams.end() ? nullptr : &stream->second;
        if (!read_channel(unit, user->second, live, out)) return true;
        chats.push_back({unit, user->second.login, live->id});
        return false;
      });
    if (!chats.empty()) read_chats(chats, out);
  }

  std::map<std::string, User> read_users(const std::vector<Unit>& wanted, Rows& out) {
    std::string query = "users";
    for (const Unit& unit : wanted) {
      const Account account = Account::parse(unit.text, "channels");
      query += (query.size() == 5 ? "?" : "&") + std::string(account.is_id() ? "id=" : "login=") + account.key();
    }
    const Page<User> page = parse_users(client_.get(query), client_.url_of(query));
    reject(page, client_.url_of(query), out);
    std::map<std::string, User> users;
    for (const User& user : page.items) {
      users.emplace("id:" + user.id, user);
      users.emplace(user.login, user);
    }
    return users;
  }

  std::map<std::string, Stream> read_streams(const std::map<std::string, User>& users, Rows& out) {
    std::set<std::string> ids;
    for (const auto& [account, user] : users) ids.insert(user.id);
    std::map<std::string, Stream> streams;
    if (ids.empty()) return streams;
    std::string query = "streams?type=live";
    for (const std::string& id : ids) query += "&user_id=" + Client::encoded(id);
    client_.read_pages<Stream>(query, parse_streams, page_size, page_size,
                               [&](const Page<Stream>& page, const std::string& where) {
                                 for (const Stream& stream : page.items) streams.emplace(stream.user_id, stream);
                                 reject(page, where, out);
                               });
    return streams;
  }

  // Whether its chat is still to be listened to.
  bool read_channel(const Unit& unit, const User& user, const Stream* stream, Rows& out) {
    add_channel(unit, user, out);
    if (stream != nullptr) add_stream(*stream, user, out);
    if (options_.archives > 0) read_archives(unit, user, out);
    if (options_.clips > 0) read_clips(unit, user, out);
    if (stream == nullptr) return false;
    const bool has_chat = with_chat_.count(unit.text) > 0;
    if (with_chatters_.count(unit.text) == 0) return has_chat;
    try {
      read_chatters(user, *stream, out);
      return false;
    } catch (const Error& error) {
      const bool is_refused = error.code() == Code::unsupported || error.code() == Code::config;
      if (!has_chat || !is_refused) throw;
      host_.warn(std::string(error.what()) + "; the chat is listened to instead");
      return true;
    }
  }

  void add_channel(const Unit& unit, const User& user, Rows& out) {
    Channel channel;
    channel.platform = platform;
    channel.channel_id = user.id;
    channel.name = user.name;
    channel.account = unit.text;
    if (options_.followers) channel.followers = follower_total(user);
    channel.observed_at = host_.now();
    seen_.channels.insert(user.id);
    out.add(channel);
  }

  // Nothing where Twitch does not say it to applications.
  std::optional<std::int64_t> follower_total(const User& user) {
    if (followers_refused_) return std::nullopt;
    const std::string query = "channels/followers?first=1&broadcaster_id=" + Client::encoded(user.id);
    try {
      return parse_follower_total(client_.get(query), client_.url_of(query));
    } catch (const Error& error) {
      if (error.code() != Code::unsupported && error.code() != Code::config) throw;
      host_.warn(std::string(error.what()) + "; followers are left out");
      followers_refused_ = true;
      return std::nullopt;
    }
  }

  // `user` is known of channels that are read themselves.
  void add_stream(const Stream& stream, const std::optional<User>& user, Rows& out) {
    if (!seen_.streams.insert(stream.id).second) return;  // lists overlap, and pages shift while they are read
    const std::int64_t now = host_.now();
    if (!user && seen_.channels.insert(stream.user_id).second) {
      Channel channel;
      channel.platform = platform;
      channel.channel_id = stream.user_id;
      channel.name = stream.name.empty() ? stream.login : stream.name;
      channel.account = if_any(stream.login);
      channel.observed_at = now;
      out.add(channel);
    }
    out.add(video_of(stream));
    Observation observation = reading(stream.id, now);
    observation.viewers = stream.viewers;
    out.add(observation);
  }

  template <class Item>
  void add_counted(const Item& item, Rows& out) {
    Video video = video_of(item);
    Observation observation = reading(video.video_id, host_.now());
    observation.views = item.views;
    out.add(video);
    out.add(observation);
  }

  void read_archives(const Unit& unit, const User& user, Rows& out) {
    const std::string query = "videos?type=archive&user_id=" + Client::encoded(user.id);
    client_.read_pages<Archive>(query, parse_archives, static_cast<std::size_t>(options_.archives), page_size,
                                [&](const Page<Archive>& page, const std::string& where) {
                                  for (const Archive& archive : page.items)
                                    if (host_.wants_video(named(unit.name()), "v" + archive.id, archive.published_at))
                                      add_counted(archive, out);
                                  reject(page, where, out);
                                });
  }

  void read_clips(const Unit& unit, const User& user, Rows& out) {
    // From midnight on, so that the rounds of a day ask for the same.
    const std::int64_t since = std::max<std::int64_t>(0, (host_.now() / day - options_.clip_days) * day);
    const std::string query = "clips?broadcaster_id=" + Client::encoded(user.id) +
                              "&started_at=" + Client::encoded(format_time(since)) +
                              "&ended_at=" + Client::encoded(format_time((host_.now() / day + 1) * day));
    std::vector<Clip> clips;
    client_.read_pages<Clip>(query, parse_clips, static_cast<std::size_t>(options_.clips), page_size,
                             [&](Page<Clip> page, const std::string& where) {
                               reject(page, where, out);
                               std::move(page.items.begin(), page.items.end(), std::back_inserter(clips));
                             });
    // Helix gives the most viewed first; the schedule is asked about the newest first.
    std::stable_sort(clips.begin(), clips.end(),
                     [](const Clip& a, const Clip& b) { return a.created_at > b.created_at; });
    for (const Clip& clip : clips)
      if (host_.wants_video(named(unit.name()), clip.id, clip.created_at)) add_counted(clip, out);
  }

  // ---- who is there ----

  // As they are to be stored.
  const People& stored_people() {
    if (people_ == nullptr)
      people_ = std::make_unique<People>(
          options_.names == "plain" ? std::nullopt : std::optional(host_.reveal(options_.pseudonym_key)));
    return *people_;
  }

  struct Chat {  // of a channel that is live
    Unit unit;
    std::string login, stream_id;
  };

  void read_chats(const std::vector<Chat>& chats, Rows& out) {
    const std::int64_t now = host_.now();  // all of one listening are seen at one time
    std::vector<std::string> logins;
    for (const Chat& chat : chats) logins.push_back(chat.login);
    const Heard heard = listen_to_chats(host_, options_.chat_url, logins, options_.listen.us);
    if (heard.bad_lines > 0) host_.warn(std::to_string(heard.bad_lines) + " lines of the chat could not be read");
    if (heard.is_full) host_.warn("there were more than 1,000,000 people in the chats; the others are left out");
    for (const Chat& chat : chats)
      attempt(chat.unit, out, [&] {
        const Room& room = heard.rooms.at(chat.login);
        for (const std::string& login : room.logins)
          out.add(Presence{platform, chat.stream_id, now, stored_people().person(login)});
        if (heard.broke_off) throw *heard.broke_off;
        if (!room.is_joined)
          throw Error(Code::input, options_.chat_url,
                      "Twitch did not let us into this channel's chat: it may be closed, or listen is too short");
      });
  }

  void read_chatters(const User& user, const Stream& stream, Rows& out) {
    const std::string query =
        "chat/chatters?broadcaster_id=" + Client::encoded(user.id) + "&moderator_id=" + Client::encoded(moderator_id());
    const std::int64_t now = host_.now();
    std::set<std::string> seen;  // who comes and goes shifts the pages
    client_.read_pages<User>(
        query, parse_chatters, most_chatters, chatters_page_size,
        [&](const Page<User>& page, const std::string& where) {
          for (const User& chatter : page.items) {
            std::string person = stored_people().person(chatter.login);
            if (seen.insert(person).second) out.add(Presence{platform, stream.id, now, std::move(person)});
          }
          reject_without_text(page, where, out);
        },
        Asker::user);
  }

  // The user behind the token, as Twitch knows him.
  std::string moderator_id() {
    if (!moderator_id_.empty()) return moderator_id_;
    const Page<User> page = parse_users(client_.get("users", Asker::user), client_.url_of("users"));
    if (page.items.empty())
      throw Error(Code::input, client_.url_of("users"), "Twitch does not say whose the user's token is");
    return moderator_id_ = page.items.front().id;
  }

  template <class Item>
  void reject(const Page<Item>& page, const std::string& where, Rows& out) const {
    for (const BadItem& bad : page.bad) out.reject(where + " item " + std::to_string(bad.number), bad.reason, bad.raw);
  }
  // Of people, nothing is kept that is not under a pseudonym.
  void reject_without_text(const Page<User>& page, const std::string& where, Rows& out) const {
    for (const BadItem& bad : page.bad) out.reject(where + " item " + std::to_string(bad.number), bad.reason, "");
  }

  Context host_;
  Options options_;
  Client client_;
  std::vector<Unit> units_;
  std::set<std::string> with_chatters_, with_chat_;  // channels as Account spells them
  std::unique_ptr<People> people_;                   // once needed
  std::string moderator_id_;                         // once known
  bool announced_ = false;
  bool followers_refused_ = false;
  Seen seen_, before_, after_;  // now, when the last pull began, and when it ended
};

}  // namespace risetime::twitch

RISETIME_PLUGINS(risetime::twitch::Twitch);
