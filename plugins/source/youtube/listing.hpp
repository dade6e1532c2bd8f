// Lists of videos as YouTube's pages and youtubei answers carry them: tabs of channels, search results, playlists,
// shelves, what is recommended beside a video, and the continuations of all of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts.hpp"

namespace risetime::youtube {

// A video as lists show it. Their ages ("3 days ago") are too rough to be a time of publication: that stands on the
// video's own page.
struct ListedVideo {
  std::string id, title;
  std::string channel_id;               // empty where the list is of one channel
  std::optional<std::int64_t> views;    // may be rounded: see views_exact
  std::optional<std::int64_t> viewers;  // of a stream that is on
  bool views_exact = false;
  std::optional<double> duration_s;
  Kind kind = Kind::video;
  bool members_only = false;
};

struct Listing {
  std::vector<ListedVideo> videos;      // each once, in the order of the page
  std::string continuation;             // token for the next part; empty: this was the last
  std::optional<ChannelFacts> channel;  // whose page it is
  std::size_t others = 0;               // playlists, channels, posts and the like, which are not read
  std::string tab;                      // last part of the address of the tab that is shown: "videos", "shorts", ...
  std::string notice;                   // what the page says instead of a list: "This channel does not exist."
  bool alert = false;                   // the notice is an error, not just "no videos"
};

// Reads a page or a youtubei answer (browse, search, next). Throws Error with `url`: Code::limited where the answer is
// a page without its data, or data with nothing of a list in it; Code::input where it is broken or says that what was
// asked for does not exist; Code::unsupported where a channel is shown only to those who sign in. `language` is the one
// that was asked for.
Listing parse_listing(std::string_view answer, const std::string& url, std::string_view language = "en");

}  // namespace risetime::youtube
