// The YouTube Data API v3: what is asked, what it costs, and how its answers and errors are read.
//
// Methods, parts and errors as of https://developers.google.com/youtube/v3/docs.
#pragma once

#include <risetime/host.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "account.hpp"
#include "facts.hpp"

namespace risetime::youtube::api {

enum class Method { channels, playlist_items, videos, search };

// What one call costs, in the units of the API's daily quota (10,000 a day for a new project).
int units_of(Method method);
// The same as the host's ledger wants it: the quota is a key's, and renewed at midnight in California.
Quota quota_of(Method method, const std::string& key, std::int64_t units_per_day);

inline constexpr std::size_t most_ids = 50;  // of one call, and most items of one page

// Addresses without the key, which goes in a header.
std::string channels_url(const std::vector<std::string>& ids);
// By handle or old user name; Code::unsupported for a "c/NAME", which the API does not know.
std::string channel_url(const Account& account);
std::string playlist_items_url(std::string_view playlist, std::size_t most, std::string_view page_token);
std::string videos_url(const std::vector<std::string>& ids);
std::string search_url(std::string_view query, std::size_t most, std::string_view page_token);

struct ListedId {
  std::string id;
  std::optional<std::int64_t> published_at;  // UTC microseconds
};

// Ids of videos, in their order, and where the list goes on.
struct IdPage {
  std::vector<ListedId> videos;
  std::string next;  // token of the next page; empty: this was the last
};

struct VideoList {
  std::vector<VideoFacts> videos;
  std::vector<BadItem> bad;
};

// Each throws Error(Code::input) with `url` where the answer is not of the kind that the method gives. A list may be
// empty: the API leaves out what it does not know.
std::vector<ChannelFacts> parse_channels(std::string_view body, const std::string& url);
IdPage parse_playlist_items(std::string_view body, const std::string& url);
VideoList parse_videos(std::string_view body, const std::string& url);
// Channels and playlists among the results are left out.
IdPage parse_search(std::string_view body, const std::string& url);

// What an answer with a status other than 200 means, and what to do:
//   Code::config       the key is wrong, blocked or not enabled: nothing can be read with it
//   Code::limited      the day's quota is used up, or too many requests a minute
//   Code::input        no such channel, playlist or video; or the request is refused as wrong
//   Code::state        a page token is no longer valid
//   Code::unsupported  it exists, but a key may not read it
//   Code::io           the API is out of order for now
Error error_of(std::int64_t status, std::string_view body, const std::string& url);

// The category's English name ("28": "Science & Technology"), as the website writes it; the number itself if unknown.
std::string category_name(std::string_view number);

}  // namespace risetime::youtube::api
