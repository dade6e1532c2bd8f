// Mode "feed": the public feed of each channel, which needs no key and shows the latest 15 videos.
#include <risetime/plugin.hpp>

#include "feed.hpp"
#include "mode.hpp"
#include "site.hpp"

namespace risetime::youtube {
namespace {

class FeedMode : public Mode {
 public:
  FeedMode(const Context& host, const Options& options, std::vector<Task> tasks)
      : host_(host), round_(host, std::move(tasks)), thumbnails_(host, options.thumbnails.value_or(false)) {}

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) override {
    thumbnails_.begin_pull();
    round_.begin_pull();
    std::size_t at = round_.position_of(RoundCursor::parse(cursor).at);
    for (std::size_t asked = 0; at < round_.size(); ++at) {
      if (!round_.wants(at)) continue;
      const bool enough = asked >= round_.tasks_per_pull() || out.size() + most_rows_of_a_channel > max_rows;
      if (asked > 0 && enough) {
        out.cursor(round_[at].name());
        return Pull::more;
      }
      ++asked;
      host_.check_cancelled();
      host_.progress("channels", static_cast<double>(at), static_cast<double>(round_.size()));
      collect(at, out);
    }
    out.cursor("");
    return Pull::end;
  }

 private:
  static constexpr std::size_t most_rows_of_a_channel = 46;  // itself, 15 videos, readings and pictures
  static constexpr std::uint64_t most_feed_bytes = std::uint64_t{1} << 20;

  // One channel; what goes wrong with it stays with it.
  void collect(std::size_t number, Rows& out) {
    try {
      add_rows(number, read_feed(*round_[number].account), out);
      round_.done(number);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      round_.failed(number, error, out);
    }
  }

  Feed read_feed(const Account& account) const {
    if (const auto url = account.feed_url()) return fetch_feed(*url);
    const auto remembered = remembered_channel_id(host_, account);
    if (!remembered) {
      const std::string id = channel_id_of(host_, account);
      Feed feed = fetch_feed(feed_url_of(id));
      remember_channel_id(host_, account, id);
      return feed;
    }
    try {
      return fetch_feed(feed_url_of(*remembered));
    } catch (const Error& error) {
      if (error.code() == Code::input) forget_channel_id(host_, account);
      throw;
    }
  }

  Feed fetch_feed(const std::string& url) const {
    const HttpResponse response = get(host_, url, most_feed_bytes, Purpose::interface);
    if (response.status == 404)
      throw Error(Code::input, url,
                  "YouTube has no feed of this channel (status 404): it is deleted, closed or misspelt");
    check_status(response, url);
    return parse_feed(response.body, url);
  }

  void add_rows(std::size_t number, const Feed& feed, Rows& out) {
    const std::int64_t now = host_.now();
    out.add(channel_row({feed.channel_id, feed.channel_name, std::nullopt, ""}, round_[number].account, now));
    for (const Entry& entry : feed.entries) {
      if (!round_.wants_video(number, entry.video_id, entry.published_at)) continue;
      const VideoFacts facts = facts_of(entry);
      out.add(video_row(facts));
      if (const auto observation = observation_row(facts, now)) out.add(*observation);
      thumbnails_.add(facts.id, out);
    }
    for (const BadItem& bad : feed.bad)
      out.reject(feed_url_of(feed.channel_id) + " entry " + std::to_string(bad.number), bad.reason, bad.raw);
    host_.count("youtube.feeds");
  }

  static VideoFacts facts_of(const Entry& entry) {
    VideoFacts facts;
    facts.id = entry.video_id;
    facts.channel_id = entry.channel_id;
    facts.title = entry.title;
    facts.published_at = entry.published_at;
    facts.description = entry.description;
    facts.thumbnail_url = entry.thumbnail_url;
    facts.views = entry.views;
    facts.likes = entry.likes;
    if (entry.is_short) facts.kind = Kind::short_video;
    return facts;
  }

  Context host_;
  Round round_;
  Thumbnails thumbnails_;
};

}  // namespace

std::unique_ptr<Mode> make_feed_mode(const Context& host, const Options& options, std::vector<Task> tasks) {
  return std::make_unique<FeedMode>(host, options, std::move(tasks));
}

}  // namespace risetime::youtube
