// The tree of the host's keys, with the help texts that errors, samples and the schema share.
#include "core/config/host_keys.hpp"

#include <utility>

namespace risetime::core {
namespace {

Key key(std::string name, KeyType type, std::string help, Json fallback = {}) {
  Key out;
  out.name = std::move(name);
  out.type = type;
  out.help = std::move(help);
  out.fallback = std::move(fallback);
  return out;
}

Key required(Key from) {
  from.required = true;
  return from;
}

Key choice(Key from, std::vector<std::string> one_of) {
  from.one_of = std::move(one_of);
  return from;
}

Key within(Key from, double minimum, double maximum) {
  from.minimum = minimum;
  from.maximum = maximum;
  return from;
}

Key list(std::string name, Key element, std::string help, Json fallback = {}) {
  Key out = key(std::move(name), KeyType::list, std::move(help), std::move(fallback));
  out.element.push_back(std::move(element));
  return out;
}

Key table(std::string name, std::string help, std::vector<Key> keys) {
  Key out = key(std::move(name), KeyType::table, std::move(help));
  out.keys = std::move(keys);
  return out;
}

Key tables(std::string name, const std::string& help, std::vector<Key> keys) {
  return list(std::move(name), table("", help, std::move(keys)), help);
}

Key shown(Key from, Json example) {
  from.example = std::move(example);
  return from;
}

Key item(KeyType type) { return key("", type, ""); }

Key plugin_config() {
  Key out = table("config", "The plugin's own settings: `risetime config sample PLUGIN` shows them.", {});
  out.open = true;
  out.elsewhere = true;
  return out;
}

Key id(const std::string& whose, const std::string& example) {
  return shown(
      required(key("id", KeyType::text,
                   "How this " + whose + " is called here and in results: letters, digits, \"-\", \"_\", \".\".")),
      example);
}

Key plugin(const std::string& kind) {
  return required(
      key("plugin", KeyType::text, "The " + kind + " plugin: `risetime plugins list` shows which there are."));
}

Key store_part(const std::string& name, const std::string& help) {
  Key part_plugin = key("plugin", KeyType::text, "The store plugin: `risetime plugins list` shows which there are.",
                        RISETIME_DEFAULT_STORE);
  Key part = table(name, help, {std::move(part_plugin), plugin_config()});
  part.fallback["plugin"] = RISETIME_DEFAULT_STORE;
  return part;
}

Key project_section() {
  return table(
      "project", "The project as a whole.",
      {key("name", KeyType::text, "What the project is called in reports.", "risetime"),
       key("data", KeyType::text,
           "Folder for the embedded stores, artifacts and logs; a relative one starts at this file.", "data"),
       key("dataset", KeyType::text,
           "The data set that commands work on, in a folder of its own under data/datasets; several live side by side. "
           "Empty: the data folder itself. --dataset chooses another.",
           ""),
       key("contact", KeyType::text,
           "An address of yours, shown to the servers that are asked, for those whom the requests bother.", "")});
}

Key store_section() {
  return table("store", "Where everything is kept.",
               {store_part("rows", "Channels, videos, readings, features and forecasts."),
                store_part("artifacts", "Vocabularies, trained models and thumbnails.")});
}

// How one host is treated; `per_host` leaves the defaults to the section that it stands in.
std::vector<Key> policy_keys(bool per_host) {
  const auto fallback = [&](const Json& value) { return per_host ? Json() : value; };
  return {
      within(
          key("requests_per_second", KeyType::number,
              "How many requests a host gets in the long run, from all plugins and processes of the project together.",
              fallback(2.0)),
          1e-6, 1e6),
      within(
          key("burst", KeyType::integer, "How many requests may follow each other at once after a rest.", fallback(5)),
          1, 1'000'000),
      within(key("concurrency", KeyType::integer,
                 "How many requests to a host are under way at once; what `autothrottle` aims at.", fallback(2)),
             1, 1000),
      within(key("jitter", KeyType::number,
                 "The part of the time between two requests that is left to chance, half of it either way.",
                 fallback(0.5)),
             0, 1),
      key("autothrottle", KeyType::flag,
          "Whether requests come the slower the longer a host takes to answer; errors never make them faster.",
          fallback(true)),
      key("longest_delay", KeyType::duration, "The most that `autothrottle` puts between two requests.",
          fallback("1m")),
      per_host
          ? key("robots", KeyType::flag,
                "Whether robots.txt decides which pages of this host are fetched; false only where its owner lets you.")
          : key("robots", KeyType::flag,
                "Whether robots.txt decides which web pages are fetched. APIs and feeds, which are made for "
                "programs, are not asked about, nor is this machine itself.",
                true)};
}

Key http_section() {
  Key quota = within(key("", KeyType::integer, ""), 1, 1e15);
  Key quotas =
      key("quotas", KeyType::map,
          "Units a day that you grant of an API's quota, by the quota's name; what the plugin says holds where it is "
          "less. `risetime status` shows names and use.");
  quotas.element.push_back(std::move(quota));
  quotas.example["data-api"] = 5000;
  Key hosts = key("hosts", KeyType::map, "Single hosts that are treated in another way, by their names.");
  hosts.element.push_back(table("", "", policy_keys(true)));
  hosts.example["www.example.org"]["requests_per_second"] = 0.5;
  std::vector<Key> keys = policy_keys(false);
  keys.push_back(within(
      key("attempts", KeyType::integer, "How often a request is tried that fails for a passing reason.", 4), 1, 100));
  keys.push_back(key("timeout", KeyType::duration, "The longest that one exchange may take.", "1m"));
  keys.push_back(key("longest_wait", KeyType::duration,
                     "The longest rest that a request waits for; for a longer one it is put off to a later round.",
                     "1m"));
  keys.push_back(within(
      key("cache_megabytes", KeyType::integer,
          "The most that pages take on the disk that are asked for again by \"has it changed?\"; 0 keeps none.", 256),
      0, 1'000'000));
  keys.push_back(
      key("ca_file", KeyType::text,
          "Certificates to trust instead of the system's, in a PEM file; for networks whose proxy looks into "
          "what is encrypted. Relative paths start at this file.",
          ""));
  keys.push_back(std::move(quotas));
  keys.push_back(std::move(hosts));
  return table("http", "How servers are asked; the same for all plugins.", std::move(keys));
}

Key sampling() {
  Key rule = table("", "",
                   {key("younger_than", KeyType::duration, "Of videos younger than this; left out: of any age."),
                    required(key("every", KeyType::duration, "The time between two readings of a video."))});
  Key rules =
      list("sampling", std::move(rule),
           "How often a video is read at which age: the first rule that fits decides, and what none fits is read no "
           "more. Empty: every video in every round.",
           Json::array());
  return rules;
}

Key validate_section() {
  return table(
      "validate", "Rows that are set aside instead of stored; `risetime export reject` shows them with the reason.",
      {list("required", item(KeyType::text), "Columns that must have a value, as \"video.title\".", Json::array()),
       within(key("minimum_views", KeyType::integer, "Readings with fewer views are set aside.", 0), 0, 1e15),
       shown(key("maximum_age", KeyType::duration,
                 "Readings of videos that are older than this are set aside; left out: none."),
             "90d"),
       choice(key("corrections", KeyType::text,
                  "What to do with a total that is lower than before: keep it as the platform says, or set it aside.",
                  "keep"),
              {"keep", "reject"})});
}

Key source_section() {
  return tables(
      "source", "Where videos and their readings come from; one section each.",
      {id("source", "main"), plugin("source"),
       key("every", KeyType::duration, "The time between two rounds of collecting.", "1h"), sampling(),
       within(key("accounts_per_batch", KeyType::integer, "How many accounts are read and committed together.", 20), 1,
              100'000),
       within(
           key("videos_per_account", KeyType::integer, "How many videos of an account are read in a round; 0: all.", 0),
           0, 1e9),
       within(key("max_videos", KeyType::integer, "How many videos are read in a round, of all accounts; 0: all.", 0),
              0, 1e12),
       choice(
           key("on_error", KeyType::text,
               "What to do about an account that fails: try again in the next round, leave it out, or stop.", "retry"),
           {"retry", "skip", "stop"}),
       plugin_config()});
}

Key featurizer_section() {
  return tables(
      "featurizer", "What describes a video by a vector of numbers; one section each.",
      {id("featurizer", "describe"), plugin("featurizer"),
       list("channels", item(KeyType::text),
            "The channels to learn from, as \"platform:account\"; all where this is left out.", Json::array()),
       plugin_config()});
}

Key model_section() {
  return tables("model", "What learns and forecasts; one section each.",
                {id("model", "quick"), plugin("model"),
                 key("retrain_every", KeyType::duration,
                     "How old a trained model may become before `run` trains it again.", "1d"),
                 shown(list("features", item(KeyType::text),
                            "The ids of the featurizers whose vectors the model gets; none where this is left out. "
                            "`risetime backtest --ablate` says whether they help."),
                       Json::Array{"describe"}),
                 plugin_config()});
}

Key forecast_section() {
  const Json horizons(Json::Array{"1d", "7d", "30d"});
  const Json stats(Json::Array{"views", "likes", "comments"});
  return table(
      "forecast", "What is forecast, and how far.",
      {list("stats", choice(item(KeyType::text), stat_names()), "The statistics to forecast.", stats),
       list("horizons", item(KeyType::duration), "How far ahead to forecast, nearest first.", horizons),
       list("ages", item(KeyType::duration),
            "Ages of videos at which forecasts matter most, youngest first; any age where this is empty.",
            Json::array()),
       shown(key("model", KeyType::text,
                 "The id of the model for channels that name none; the first model where this is left out. "
                 "\"auto\": for each channel the one that a backtest finds best."),
             "quick"),
       key("choose_every", KeyType::duration, "How old the choice of \"auto\" may become.", "7d"),
       key("keep", KeyType::duration,
           "How long forecasts stay in the store, to be compared with what came; of each day that is over, the "
           "first run.",
           "60d")});
}

Key channel_section() {
  return tables(
      "channel", "What one channel does differently; one section each.",
      {shown(required(key("id", KeyType::text, "The channel, as \"platform:account\".")), "platform:@account"),
       shown(key("model", KeyType::text,
                 "The id of the model for this channel, or \"auto\"; the forecast section's where this is left out."),
             "quick"),
       list("shadow", item(KeyType::text),
            "The ids of models that also forecast for this channel, are scored and never published.", Json::array())});
}

Key backtest_section() {
  const Json origins(Json::Array{"3d", "7d"});
  Key baselines =
      key("baselines", KeyType::any,
          "Simple models to compare with: true for all that there are, false for none, or a list of plugins.", true);
  baselines.alternatives = {item(KeyType::flag), list("", item(KeyType::text), "")};
  return table(
      "backtest", "How models are compared on the past.",
      {list("origins", item(KeyType::moment), "Where to stand: ages of a video, or dates.", origins),
       within(
           key("folds", KeyType::integer, "Into how many parts the videos are split, each the test of the others.", 5),
           2, 1000),
       choice(
           key("folds_by", KeyType::text,
               "What a fold is: some of the videos, all videos of some of the channels, the videos published in a "
               "stretch of time (learning from earlier ones), or for each date in origins every video (learning from "
               "what was known then).",
               "video"),
           {"video", "channel", "time", "date"}),
       key("refit", KeyType::flag,
           "Fit anew for each time that is stood at; where false, what was fitted for the first one answers for all.",
           true),
       shown(list("horizons", item(KeyType::duration),
                  "How far ahead to judge, nearest first; the forecast section's where this is left out."),
             Json::Array{"1d", "7d"}),
       shown(
           key("test_videos", KeyType::text,
               "Instead of folds: a file with the ids of the videos to test on, one a line; a relative path starts at "
               "this file."),
           "ids.txt"),
       key("cutoff", KeyType::time, "Instead of folds: train on videos before this time, test on those after it."),
       shown(list("models", item(KeyType::text), "The ids of the models to compare; all where this is left out."),
             Json::Array{"quick"}),
       std::move(baselines)});
}

}  // namespace

const std::vector<std::string>& stat_names() {
  static const std::vector<std::string> names = {"views", "likes", "comments", "shares", "viewers"};
  return names;
}

Key host_keys() {
  return table("", "",
               {project_section(), store_section(), http_section(), source_section(), validate_section(),
                featurizer_section(), model_section(), forecast_section(), channel_section(), backtest_section()});
}

}  // namespace risetime::core
