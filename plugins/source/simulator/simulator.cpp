// The simulator source: plausible channels without a network, for the first run, for tests and for load.
//
// A round hands over, channel after channel, the channel's follower counts, then each video with its thumbnail and its
// readings. The cursor names the next row, so a round can be cut at any row and taken up by another instance.
#include <algorithm>
#include <memory>
#include <optional>
#include <risetime/plugin.hpp>
#include <string>

#include "position.hpp"
#include "thumbnail.hpp"
#include "world.hpp"

namespace risetime::simulator {

struct Options {
  int64_t seed = 1;
  int64_t channels = 8;
  int64_t videos_per_channel = 30;
  int64_t days = 45;
  Duration every{hour};
  std::optional<std::string> start;
  bool live = false;
  bool thumbnails = true;
  std::string platform = "simulated";
  double gaps = 0.03;
  double corrections = 0.01;
  double spikes = 0.08;

  static constexpr auto fields = risetime::fields(
      risetime::field("seed", &Options::seed, "Another seed is another world."),
      risetime::field("channels", &Options::channels, "How many channels.", risetime::range(1, 1000000)),
      risetime::field("videos_per_channel", &Options::videos_per_channel,
                      "Videos that each channel publishes in `days`.", risetime::range(1, 100000)),
      risetime::field("days", &Options::days, "Length of the history, and for how long each video is followed.",
                      risetime::range(1, 3650)),
      risetime::field("every", &Options::every, "Time between two readings of a video."),
      risetime::field("start", &Options::start,
                      "First day of the history, as 2026-01-01. If unset: that day, or with live = true, `days` before "
                      "the first round."),
      risetime::field("live", &Options::live, "Readings up to the present moment, more at each round, without an end."),
      risetime::field("thumbnails", &Options::thumbnails, "Draw a small PNG for each video."),
      risetime::field("platform", &Options::platform, "The platform's name in the tables."),
      risetime::field("gaps", &Options::gaps, "Share of readings that are lost.", risetime::range(0.0, 0.7)),
      risetime::field("corrections", &Options::corrections, "Downward corrections of the counts, per video and day.",
                      risetime::range(0.0, 20.0)),
      risetime::field("spikes", &Options::spikes, "Share of videos that go viral at some age.",
                      risetime::range(0.0, 1.0)));
};

class Simulator {
 public:
  static constexpr Info info{"simulator", "1.0.0", "Plausible channels without a network: seeded, any size."};
  using Config = Options;

  Simulator(Context host, Options options) : host_(std::move(host)), options_(std::move(options)) {
    if (options_.every.us < second || options_.every.us > day)
      throw Error(Code::config, "every", "must be between 1s and 1d");
    if (options_.start) parse_day(*options_.start);  // an error now, not at the first round
  }

  Pull pull(std::string_view cursor, size_t max_rows, Rows& out) {
    Position at = begin_or_resume(cursor);
    if (!at.running()) {
      at.until = options_.live ? host_.now() : at.start + options_.days * day;
      if (at.until <= at.since) return finish(at, out);
      at.channel = 0;
    }
    while (out.size() < max_rows) {
      if (at.channel >= options_.channels) return finish(at, out);
      host_.check_cancelled();
      const Settings settings = settings_from(at.start);
      if (!channel_ || channel_index_ != at.channel || channel_start_ != at.start) enter_channel(settings, at.channel);
      at.item == 0 ? add_followers(settings, at, max_rows, out) : add_video(settings, at, max_rows, out);
    }
    out.cursor(at.write());
    return Pull::more;
  }

 private:
  // A video in the middle of its readings. Made again from the start of the video whenever the cursor asks for another.
  struct Open {
    int64_t index, next_tick;
    Video video;
    Growth growth;
  };

  Position begin_or_resume(std::string_view cursor) const {
    if (!cursor.empty()) return Position::read(cursor);
    Position at;
    if (options_.start) {
      at.start = parse_day(*options_.start);
    } else {
      at.start = options_.live ? (host_.now() / day - options_.days) * day : parse_day("2026-01-01");
    }
    at.since = at.start - 1;
    return at;
  }

  Settings settings_from(int64_t start) const {
    Settings settings;
    settings.seed = static_cast<uint64_t>(options_.seed);
    settings.start = start;
    settings.span = options_.days * day;
    settings.videos_per_channel = options_.videos_per_channel;
    settings.every = options_.every.us;
    settings.gaps = options_.gaps;
    settings.corrections = options_.corrections;
    settings.spikes = options_.spikes;
    return settings;
  }

  static Pull finish(Position at, Rows& out) {
    at.since = std::max(at.since, at.until);
    at.channel = Position::no_channel;
    at.item = at.tick = 0;
    out.cursor(at.write());
    return Pull::end;
  }

  void enter_channel(const Settings& settings, int64_t index) {
    channel_ = std::make_unique<simulator::Channel>(make_channel(settings, index));
    channel_index_ = index;
    channel_start_ = settings.start;
    open_.reset();
    if (index % 16 == 0)
      host_.progress("simulated channels", static_cast<double>(index), static_cast<double>(options_.channels));
  }

  // One row a day, at the time of the channel's first reading of that day.
  void add_followers(const Settings& settings, Position& at, size_t max_rows, Rows& out) const {
    const int64_t first = settings.start + channel_->poll_offset;
    at.tick = std::max(at.tick, (at.since - first) / day);
    for (; first + at.tick * day <= at.until; ++at.tick) {
      if (first + at.tick * day <= at.since) continue;
      if (out.size() >= max_rows) return;
      risetime::Channel row;
      row.platform = options_.platform;
      row.channel_id = channel_->id;
      row.observed_at = first + at.tick * day;
      row.name = channel_->name;
      row.followers = followers_on(*channel_, at.tick);
      out.add(row);
    }
    at.item = 1 + first_followed(settings, at.since);
    at.tick = Position::video_row;
  }

  void add_video(const Settings& settings, Position& at, size_t max_rows, Rows& out) {
    const int64_t index = at.item - 1;
    const bool none_left = !options_.live && index >= options_.videos_per_channel;
    if (none_left || publication(settings, *channel_, index) > at.until) {
      ++at.channel;
      at.item = at.tick = 0;
      return;
    }
    if (!open_ || open_->index != index || open_->next_tick > at.tick) open_video(settings, index);
    const bool is_new = open_->video.published_at > at.since;
    if (at.tick == Position::video_row) {
      if (is_new) out.add(row_of(open_->video));
      at.tick = Position::thumbnail_row;
      return;
    }
    if (at.tick == Position::thumbnail_row) {
      if (is_new && options_.thumbnails) out.add(thumbnail_of(open_->video));
      at.tick = first_tick(settings, at.since);
      return;
    }
    if (add_readings(settings, at, max_rows, out)) return;
    ++at.item;
    at.tick = Position::video_row;
  }

  // Returns true when the batch is full before the video's readings of this round are through.
  bool add_readings(const Settings& settings, Position& at, size_t max_rows, Rows& out) {
    const Video& video = open_->video;
    const int64_t last = std::min(at.until, video.published_at + settings.span);
    for (;; ++at.tick) {
      const int64_t time = reading_time(settings, *channel_, video, at.tick);
      if (time > last) break;
      if (time <= at.since || time <= video.published_at || reading_lost(settings, *channel_, video, at.tick)) continue;
      if (out.size() >= max_rows) return true;
      const Counts counts = open_->growth.at(time);
      open_->next_tick = at.tick + 1;
      ObservationView row;
      row.platform = options_.platform;
      row.video_id = video.id;
      row.observed_at = time;
      row.views = counts.views;
      if (!channel_->hides_likes) row.likes = counts.likes;
      if (!video.comments_off) row.comments = counts.comments;
      out.add(row);
    }
    return false;
  }

  void open_video(const Settings& settings, int64_t index) {
    Video video = make_video(settings, *channel_, index);
    Growth growth(settings, *channel_, video);
    open_.emplace(Open{index, Position::video_row, std::move(video), std::move(growth)});
  }

  int64_t first_tick(const Settings& settings, int64_t since) const {
    const int64_t from = std::max(since, open_->video.published_at) - settings.start - channel_->poll_offset;
    return std::max<int64_t>(from / settings.every - 1, 0);
  }

  // Videos before this one are followed no more after `since`. A video appears within its slot of span / videos.
  int64_t first_followed(const Settings& settings, int64_t since) const {
    const int64_t gone = since - settings.start - settings.span;
    return gone <= 0 ? 0 : std::max<int64_t>(gone / (settings.span / settings.videos_per_channel + 1) - 1, 0);
  }

  risetime::Video row_of(const Video& video) const {
    risetime::Video row;
    row.platform = options_.platform;
    row.video_id = video.id;
    row.channel_id = channel_->id;
    row.published_at = video.published_at;
    row.title = video.text.title;
    row.description = video.text.description;
    row.tags = video.text.tags;
    row.category = std::string(topics()[channel_->topic].category);
    row.language = std::string(language_code(channel_->language));
    row.duration_s = video.duration_s;
    return row;
  }

  Thumbnail thumbnail_of(const Video& video) const {
    Thumbnail row;
    row.platform = options_.platform;
    row.video_id = video.id;
    row.mime = "image/png";
    row.bytes = write_png(draw_thumbnail(video.key, channel_->topic, video.text.promise));
    row.fetched_at = video.published_at;
    return row;
  }

  Context host_;
  Options options_;
  std::unique_ptr<simulator::Channel> channel_;
  int64_t channel_index_ = -1, channel_start_ = 0;
  std::optional<Open> open_;
};

}  // namespace risetime::simulator

RISETIME_PLUGINS(risetime::simulator::Simulator);
