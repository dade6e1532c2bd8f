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
       key("contact", KeyType::text,
           "An address of yours, shown to the servers that are asked, for those whom the requests bother.", "")});
}

Key store_section() {
  return table("store", "Where everything is kept.",
               {store_part("rows", "Channels, videos, readings, features and forecasts."),
                store_part("artifacts", "Vocabularies, trained models and thumbnails.")});
}

Key source_section() {
  return tables(
      "source", "Where videos and their readings come from; one section each.",
      {id("source", "main"), plugin("source"),
       key("every", KeyType::duration, "The time between two rounds of collecting.", "1h"),
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
                            "The ids of the featurizers whose vectors the model gets; all where this is left out."),
                       Json::Array{"describe"}),
                 plugin_config()});
}

Key forecast_section() {
  const Json horizons(Json::Array{"1d", "7d", "30d"});
  const Json stats(Json::Array{"views", "likes", "comments"});
  return table("forecast", "What is forecast, and how far.",
               {list("stats", choice(item(KeyType::text), stat_names()), "The statistics to forecast.", stats),
                list("horizons", item(KeyType::duration), "How far ahead to forecast, nearest first.", horizons),
                list("ages", item(KeyType::duration),
                     "Ages of videos at which forecasts matter most, youngest first; any age where this is empty.",
                     Json::array()),
                shown(key("model", KeyType::text,
                          "The id of the model for channels that name none; the first model where this is left out."),
                      "quick")});
}

Key channel_section() {
  return tables(
      "channel", "What one channel does differently; one section each.",
      {shown(required(key("id", KeyType::text, "The channel, as \"platform:account\".")), "platform:@account"),
       shown(key("model", KeyType::text,
                 "The id of the model for this channel; the forecast section's where this is left out."),
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
               {project_section(), store_section(), source_section(), featurizer_section(), model_section(),
                forecast_section(), channel_section(), backtest_section()});
}

}  // namespace risetime::core
