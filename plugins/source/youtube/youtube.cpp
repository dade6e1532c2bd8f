// The YouTube source. Mode `feed`: the public feed of each channel, which needs no key and shows the latest 15 videos.
//
// A round goes through the channels in their order. The cursor is the name of the channel that comes next, so that a
// round is taken up where it was left, also after channels were added or removed.
#include <algorithm>
#include <risetime/plugin.hpp>
#include <string>
#include <vector>

#include "account.hpp"
#include "feed.hpp"

namespace risetime::youtube {

constexpr const char* platform = "youtube";

struct Options {
  std::vector<std::string> channels;
  std::string mode = "feed";

  static constexpr auto fields = risetime::fields(
      risetime::field("channels", &Options::channels,
                      "Channels, each by handle (\"@name\"), id (\"UC...\") or the address of its page.",
                      risetime::required()),
      risetime::field(
          "mode", &Options::mode,
          "Where readings come from. \"feed\": the channel's public feed, with views and likes of its latest "
          "15 videos; needs no key.",
          risetime::one_of("feed")));
};

class YouTube {
 public:
  static constexpr Info info{"youtube", "1.0.0", "Channels of YouTube by their public feeds; needs no key."};
  using Config = Options;

  YouTube(Context host, const Options& options) : host_(std::move(host)) {
    if (options.channels.empty())
      throw Error(Code::config, "channels", "there is no channel in the list; write one, as in [\"@name\"]");
    for (std::size_t i = 0; i < options.channels.size(); ++i)
      add_account(Account::parse(options.channels[i], "channels[" + std::to_string(i) + "]"));
  }

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) {
    std::size_t at = position_of(cursor);
    for (std::size_t asked = 0; at < accounts_.size(); ++at, ++asked) {
      const bool enough = asked == channels_per_pull || out.size() + most_rows_of_a_channel > max_rows;
      if (asked > 0 && enough) {
        out.cursor(accounts_[at].text());
        return Pull::more;
      }
      host_.check_cancelled();
      host_.progress("channels", static_cast<double>(at), static_cast<double>(accounts_.size()));
      collect(accounts_[at], out);
    }
    out.cursor("");
    return Pull::end;
  }

 private:
  static constexpr std::size_t channels_per_pull = 5;
  static constexpr std::size_t most_rows_of_a_channel = 31;  // itself, 15 videos, 15 readings
  static constexpr std::uint64_t most_feed_bytes = std::uint64_t{1} << 20;
  static constexpr std::uint64_t most_page_bytes = std::uint64_t{4} << 20;  // pages of channels are about 1 MB

  void add_account(Account account) {
    const bool known = std::any_of(accounts_.begin(), accounts_.end(),
                                   [&](const Account& other) { return other.text() == account.text(); });
    if (!known) accounts_.push_back(std::move(account));
  }

  // A channel that is no longer in the list begins the round anew: that costs requests, but loses nothing.
  std::size_t position_of(std::string_view cursor) const {
    for (std::size_t i = 0; i < accounts_.size(); ++i)
      if (accounts_[i].text() == cursor) return i;
    return 0;
  }

  // One channel; what goes wrong with it stays with it.
  void collect(const Account& account, Rows& out) {
    try {
      add_rows(account, read_feed(account), out);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      out.failed(std::string(platform) + ":" + account.text(), error);
    }
  }

  Feed read_feed(const Account& account) const {
    if (const auto url = account.feed_url()) return fetch_feed(*url);
    const std::string key = "channel id of " + account.text();
    const std::string remembered = host_.state(key).value_or("");
    if (!is_channel_id(remembered)) {
      const std::string id = resolve(account);
      Feed feed = fetch_feed(feed_url_of(id));
      host_.set_state(key, id);
      return feed;
    }
    try {
      return fetch_feed(feed_url_of(remembered));
    } catch (const Error& error) {
      // The handle may have gone to another channel: the next round looks it up again.
      if (error.code() == Code::input) host_.set_state(key, "");
      throw;
    }
  }

  Feed fetch_feed(const std::string& url) const {
    const HttpResponse response = get(url, most_feed_bytes);
    if (response.status == 404)
      throw Error(Code::input, url,
                  "YouTube has no feed of this channel (status 404): it is deleted, closed or misspelt");
    check_status(response, url);
    return parse_feed(response.body, url);
  }

  // The id of a channel that is named by its handle, from the channel's page.
  std::string resolve(const Account& account) const {
    const std::string url = account.page_url();
    const HttpResponse response = get(url, most_page_bytes);
    if (response.status == 404)
      throw Error(Code::input, url, "YouTube knows no channel " + account.text() + " (status 404); check the spelling");
    check_status(response, url);
    if (const auto id = find_channel_id(response.body)) return *id;
    throw Error(Code::input, url,
                "the page does not say which channel it is of (" + std::to_string(response.body.size()) +
                    " bytes from " + response.url + "); give the channel's id (\"UC...\") instead of " +
                    account.text());
  }

  HttpResponse get(const std::string& url, std::uint64_t max_bytes) const {
    HttpRequest request;
    request.url = url;
    request.max_bytes = max_bytes;
    // The second says that all cookies are declined; without it, visitors from the EU get a question instead of a page.
    request.headers = {{"Accept-Language", "en"}, {"Cookie", "SOCS=CAE="}};
    return host_.fetch(request);
  }

  static void check_status(const HttpResponse& response, const std::string& url) {
    if (response.status == 200) return;
    const bool refused = response.status == 401 || response.status == 403;
    throw Error(refused ? Code::limited : Code::io, url,
                "YouTube answered with status " + std::to_string(response.status) +
                    (refused ? ", which it gives to those it takes for robots; ask less often" : ""),
                refused ? std::int64_t{15} * 60 * 1000 : -1);
  }

  void add_rows(const Account& account, const Feed& feed, Rows& out) const {
    const std::int64_t now = host_.now();
    Channel channel;
    channel.platform = platform;
    channel.channel_id = feed.channel_id;
    channel.observed_at = now;
    channel.name = feed.channel_name;
    if (account.kind() != Account::Kind::id) channel.account = account.text();
    out.add(channel);
    for (const Entry& entry : feed.entries) {
      out.add(video_of(entry));
      if (entry.views || entry.likes) out.add(observation_of(entry, now));
    }
    for (const BadEntry& bad : feed.bad)
      out.reject(feed_url_of(feed.channel_id) + " entry " + std::to_string(bad.number), bad.reason, bad.raw);
    host_.count("youtube.feeds");
  }

  static Video video_of(const Entry& entry) {
    Video video;
    video.platform = platform;
    video.video_id = entry.video_id;
    video.channel_id = entry.channel_id;
    video.published_at = entry.published_at;
    video.title = entry.title;
    video.description = entry.description;
    video.thumbnail_url = entry.thumbnail_url;
    video.extra = entry.is_short ? R"({"kind":"short"})" : R"({"kind":"video"})";
    return video;
  }

  static Observation observation_of(const Entry& entry, std::int64_t now) {
    Observation observation;
    observation.platform = platform;
    observation.video_id = entry.video_id;
    observation.observed_at = now;
    observation.views = entry.views;
    observation.likes = entry.likes;
    return observation;
  }

  Context host_;
  std::vector<Account> accounts_;
};

}  // namespace risetime::youtube

RISETIME_PLUGINS(risetime::youtube::YouTube);
