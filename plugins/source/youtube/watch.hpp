// One video's own page: what the player is told of it, and what stands below the player.
#pragma once

#include <string>
#include <string_view>

#include "facts.hpp"

namespace risetime::youtube {

// Who may watch the video, as the player is told.
enum class Access { open, members_only, age_limited, private_video, removed, unavailable, offline, sign_in };

struct WatchPage {
  VideoFacts facts;  // what there is; published_at may be missing
  Access access = Access::open;
  std::string reason;  // YouTube's own words, where access is not open

  // Whether a row of the video can be made of it: its id, channel, title and time of publication are known.
  bool complete() const;
  // Why there is no row, in a sentence. Only where it is not complete.
  std::string why_skipped() const;
};

// Reads the page of /watch. Throws Error with `url`: Code::limited where the page came without the video's data, or
// asks to sign in and shows nothing; Code::input where its data is broken. `language` is the one that was asked for.
WatchPage parse_watch_page(std::string_view page, const std::string& url, std::string_view language = "en");

// The same of a youtubei answer of player (or reel_item_watch), or of ytInitialPlayerResponse.
WatchPage parse_player(std::string_view answer, const std::string& url);

// Adds what a youtubei answer of next, or ytInitialData, says below the player: likes, comments, followers, viewers.
// What the player said already stays, as it is exact. Throws as above.
void add_next(WatchPage& page, std::string_view answer, const std::string& url, std::string_view language = "en");

}  // namespace risetime::youtube
