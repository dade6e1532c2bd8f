// What is known of a video or a channel, whichever way it was learnt, and the rows that it becomes.
#pragma once

#include <cstdint>
#include <optional>
#include <risetime/source.hpp>
#include <string>
#include <vector>

namespace risetime::youtube {

inline constexpr const char* platform = "youtube";

// `ended` is a live stream that is over, now a recording.
enum class Kind { video, short_video, live, ended, upcoming };

struct VideoFacts {
  std::string id, channel_id, channel_name, title;
  std::optional<std::int64_t> published_at;  // UTC microseconds
  bool published_exact = true;               // false: known by the day only
  std::optional<std::string> description;
  std::vector<std::string> tags;
  std::optional<std::string> category, language;
  std::optional<double> duration_s;
  std::optional<std::string> thumbnail_url;
  std::optional<std::int64_t> views, likes, comments, viewers;
  std::optional<std::int64_t> followers;  // of its channel
  Kind kind = Kind::video;
  std::string access;  // empty: everybody; "members", "age"
};

struct ChannelFacts {
  std::string id, name;
  std::optional<std::int64_t> followers;
  std::string uploads;  // id of the playlist of its videos; empty where it was not asked for
};

// One thing of a list that cannot be used.
struct BadItem {
  std::size_t number;  // 1 is the first
  std::string reason;
  std::string raw;  // as it came, cut to a few kilobytes
};

// `facts` must have an id, a channel and a time of publication.
Video video_row(const VideoFacts& facts);
// Nothing where no count is known, or the video is still to come.
std::optional<Observation> observation_row(const VideoFacts& facts, std::int64_t now);

}  // namespace risetime::youtube
