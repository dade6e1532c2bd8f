// The settings of the TikTok source.
#pragma once

#include <map>
#include <optional>
#include <risetime/config.hpp>

namespace risetime::tiktok {

struct Options {
  std::optional<std::string> mode;
  Secret token;
  std::string actor = "clockworks/tiktok-scraper";
  std::vector<std::string> profiles;
  std::vector<std::string> hashtags;
  std::vector<std::string> searches;
  std::vector<std::string> videos;
  std::int64_t results = 20;
  std::string input;
  std::map<std::string, std::string> names;
  std::int64_t accounts_per_run = 100;
  double max_charge_usd = 1.0;
  std::int64_t max_items = 0;
  double usd_per_day = 0.0;
  Duration run_timeout{std::int64_t{1800} * 1'000'000};
  std::string when_stuck = "keep";
  std::int64_t page_size = 500;
  std::string api_url = "https://api.apify.com/v2";
  std::vector<std::string> exports;
  std::optional<std::string> exported_at;
  std::string timezone = "UTC";

  static constexpr auto fields = risetime::fields(
      risetime::field("mode", &Options::mode,
                      "\"apify\": runs of an actor; \"export\": files. Left out: apify where there is a token.",
                      risetime::one_of("apify", "export")),
      risetime::field("token", &Options::token, "Apify's API token, as in \"@{env:APIFY_TOKEN}\"."),
      risetime::field("actor", &Options::actor, "The actor that is run: \"owner/name\", or its id."),
      risetime::field("profiles", &Options::profiles,
                      "Profiles whose latest videos are read: names, or the addresses of their pages."),
      risetime::field("hashtags", &Options::hashtags, "Hashtags whose videos are read."),
      risetime::field("searches", &Options::searches, "Searches whose videos are read."),
      risetime::field("videos", &Options::videos,
                      "Videos that are read one by one, by their addresses, as often as `sampling` says."),
      risetime::field("results", &Options::results, "How many videos of each profile, hashtag and search.",
                      risetime::range(1, 10'000)),
      risetime::field("input", &Options::input, "More of the actor's input, as the text of a JSON object."),
      risetime::field("names", &Options::names,
                      "What the actor's input calls profiles, hashtags, searches, videos and results: ours = "
                      "\"theirs\"; \"\" leaves it out."),
      risetime::field("accounts_per_run", &Options::accounts_per_run,
                      "How many profiles, hashtags and searches share a run.", risetime::range(1, 1000)),
      risetime::field("max_charge_usd", &Options::max_charge_usd, "What one run may cost at most.",
                      risetime::range(0.01, 10'000.0)),
      risetime::field("max_items", &Options::max_items,
                      "How many items of a run are paid for at most; 0: as many as were asked for.",
                      risetime::range(0, 10'000'000)),
      risetime::field("usd_per_day", &Options::usd_per_day,
                      "No run is started once the limits of those begun this day (UTC) add up to this; 0: no limit.",
                      risetime::range(0.0, 100'000.0)),
      risetime::field("run_timeout", &Options::run_timeout, "Apify ends a run that takes longer."),
      risetime::field("when_stuck", &Options::when_stuck,
                      "A run that does not end even then. \"keep\": the next round asks again; \"abort\": it is ended, "
                      "and what it found is read.",
                      risetime::one_of("keep", "abort")),
      risetime::field("page_size", &Options::page_size, "Items of a data set that are fetched and stored together.",
                      risetime::range(1, 5000)),
      risetime::field("api_url", &Options::api_url, "Where Apify is; another place only for tests."),
      risetime::field("exports", &Options::exports,
                      "Files for mode export: JSON, JSON Lines or CSV; * and ? in a file's name stand for many."),
      risetime::field("exported_at", &Options::exported_at,
                      "When the files were made, where neither their rows nor their names say it, as in "
                      "\"2026-05-01T06:00:00Z\"; left out: when they were last written."),
      risetime::field("timezone", &Options::timezone,
                      "The zone of times in files that name none: \"UTC\" or as in \"+07:00\"."));
};

}  // namespace risetime::tiktok
