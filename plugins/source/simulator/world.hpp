// The simulated world: channels, their videos, and how each video's counts grow hour by hour.
//
// Growth is a self-exciting process in steps of one hour (after Hawkes 1971; for videos, Crane and Sornette 2008):
//
//     rate(t) = rhythm(t) * [ rush from followers(t) + search(t) + viral spike(t) + sum over past views x(s) of x(s)
//     phi(t-s) ]
//
// x(t) is drawn from the Poisson law with that mean. The memory phi is a power law, made of six exponentials so that a
// step costs the same at any age. Every part is a function of (seed, channel, video) alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "random.hpp"
#include "words.hpp"

namespace risetime::simulator {

constexpr int64_t second = 1'000'000;  // microseconds
constexpr int64_t hour = 3600 * second;
constexpr int64_t day = 24 * hour;

struct Settings {
  uint64_t seed = 1;
  int64_t start = 0;        // UTC microseconds; the first reading of the world
  int64_t span = 45 * day;  // over which videos_per_channel appear, and how long each is followed
  int64_t videos_per_channel = 30;
  int64_t every = hour;       // between two readings of a video
  double gaps = 0.03;         // share of readings that are lost
  double corrections = 0.01;  // downward corrections per video and day
  double spikes = 0.08;       // share of videos that go viral at some age
};

struct Channel {
  uint64_t key;
  std::string id, name;
  size_t topic, language;
  double followers, growth_per_day;  // at start; relative
  double reach, shares, search;      // this channel's own factors, as in Topic (shares is added)
  double like_rate, comment_rate;    // per view
  bool hides_likes;
  int64_t upload_hour;  // UTC hour of day at which it likes to publish
  int64_t poll_offset;  // of its readings against the grid, microseconds
  std::array<double, 168>
      rhythm;  // relative activity by UTC hour of the week, the week beginning on Thursday as 1970 did
};

struct Video {
  uint64_t key;
  std::string id;
  int64_t published_at;
  Text text;
  double duration_s, quality;  // quality: unseen factor on the first rush
  bool comments_off;
};

struct Counts {
  int64_t views = 0, likes = 0, comments = 0;
};

// Channel number `index`, from 0. Channels do not depend on how many there are.
Channel make_channel(const Settings& settings, int64_t index);

// The moment at which video `index` of the channel appears; it rises with the index.
int64_t publication(const Settings& settings, const Channel& channel, int64_t index);

Video make_video(const Settings& settings, const Channel& channel, int64_t index);

// Followers on day number `day_index` after the start, rounded to three digits, as platforms show them.
int64_t followers_on(const Channel& channel, int64_t day_index);

// When reading number `tick` of the world's grid reaches this video (a few seconds of jitter included).
int64_t reading_time(const Settings& settings, const Channel& channel, const Video& video, int64_t tick);

// Whether that reading is missing: single readings get lost, and now and then the whole channel for some hours.
bool reading_lost(const Settings& settings, const Channel& channel, const Video& video, int64_t tick);

// One video's counts over time. Time only goes forward.
class Growth {
 public:
  Growth(const Settings& settings, const Channel& channel, const Video& video);

  // The counts at a time after publication (UTC microseconds), read off the line between the full hours on either side.
  // Throws nothing; a time before the last one asked for is taken as that one.
  Counts at(int64_t time);

 private:
  static constexpr size_t memories = 6;

  void step();
  double rate() const;
  void correct();

  const Channel* channel_;
  int64_t published_at_, first_hour_;
  Stream random_;
  int64_t hours_ = 0;  // steps taken; `after_` holds the counts at this age, `before_` one hour earlier
  double corrections_per_hour_;
  double rush_, slow_rush_, rush_kept_, slow_kept_;
  double search_, search_build_up_ = 1.0, search_kept_, search_fade_;
  double spike_ = 0, spike_size_ = 0, spike_kept_ = 0;
  int64_t spike_hour_ = -1;
  double mood_ = 0;  // slow noise of the whole rate
  double like_rate_, comment_rate_;
  std::array<double, memories> excited_{}, kept_{}, gain_{};
  std::array<double, 3> before_{}, after_{};
};

}  // namespace risetime::simulator
