// A channel's public feed: Atom with YouTube's and the media extensions, the latest 15 videos with their counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts.hpp"

namespace risetime::youtube {

struct Entry {
  std::string video_id;
  std::string channel_id;  // the feed's own, where the entry names none
  std::string title;
  std::int64_t published_at = 0;  // UTC microseconds
  std::optional<std::string> description;
  std::optional<std::string> thumbnail_url;
  bool is_short = false;              // a vertical video under /shorts/
  std::optional<std::int64_t> views;  // nothing where the channel hides them or the video is still to come
  std::optional<std::int64_t> likes;
};

struct Feed {
  std::string channel_id;    // "UC..."
  std::string channel_name;  // may be empty
  std::vector<Entry> entries;
  std::vector<BadItem> bad;
};

// Throws Error with `url` as its place: Code::limited where the text is a web page instead of a feed (YouTube answers
// so to those it takes for too eager), Code::input where it is broken or lacks the channel's id. Document types and
// entities of their own are not expanded. Texts come out as valid UTF-8.
Feed parse_feed(std::string_view text, const std::string& url);

}  // namespace risetime::youtube
