// What the user may set.
#pragma once

#include <risetime/plugin.hpp>
#include <string>
#include <vector>

namespace risetime::youtube {

struct Options {
  std::vector<std::string> channels;
  std::vector<std::string> search;
  std::optional<std::string> mode;
  Secret api_key;
  std::optional<std::int64_t> videos_per_account;
  std::int64_t results_per_search = 50;
  std::int64_t max_units = 400;
  std::int64_t units_per_day = 10'000;
  std::vector<std::string> tabs = {"videos", "shorts"};
  std::optional<bool> thumbnails;

  static constexpr auto fields = risetime::fields(
      risetime::field("channels", &Options::channels,
                      "Channels, each by handle (\"@name\"), id (\"UC...\") or the address of its page."),
      risetime::field("search", &Options::search,
                      "Queries; the newest videos that YouTube finds are followed. Not with mode \"feed\"."),
      risetime::field("mode", &Options::mode,
                      "Where readings come from. \"api\": the Data API, which needs a key (the default where there is "
                      "one). \"feed\": each channel's public feed with its latest 15 videos (the default without a "
                      "key). \"web\": the website's pages; slow, but with likes and comments and without a key.",
                      risetime::one_of("api", "feed", "web")),
      risetime::field("api_key", &Options::api_key,
                      "Key of the YouTube Data API v3, as in \"@{env:YOUTUBE_API_KEY}\"."),
      risetime::field("videos_per_account", &Options::videos_per_account,
                      "How many of a channel's latest videos are read in a round, in modes \"api\" (default 50) and "
                      "\"web\" (default 15, of which each is a page).",
                      risetime::range(1, 20000)),
      risetime::field("results_per_search", &Options::results_per_search,
                      "How many results of each query are read; every 50 cost 100 units with mode \"api\".",
                      risetime::range(1, 500)),
      risetime::field("max_units", &Options::max_units,
                      "Units of the API's quota that one round may use; the next round goes on where this one "
                      "stopped.",
                      risetime::range(3, 1000000)),
      risetime::field("units_per_day", &Options::units_per_day,
                      "Units that Google grants the key's project a day; no more are used.", risetime::range(3, 1e9)),
      risetime::field("tabs", &Options::tabs, "Parts of a channel's page that mode \"web\" reads.",
                      risetime::one_of("videos", "shorts", "streams")),
      risetime::field("thumbnails", &Options::thumbnails,
                      "Whether each video's picture is fetched, once and in the best size that exists. Default: yes "
                      "with modes \"api\" and \"web\", no with \"feed\"."));
};

}  // namespace risetime::youtube
