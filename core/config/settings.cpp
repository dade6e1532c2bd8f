// From checked keys to settings: defaults, plugins, and everything that one section says about another.
#include "core/config/settings.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <risetime/tables.hpp>

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/config/host_keys.hpp"
#include "core/config/http_settings.hpp"
#include "core/config/key.hpp"

namespace risetime::core {
namespace {

constexpr std::array<PluginKind, 5> all_kinds = {PluginKind::source, PluginKind::rows, PluginKind::artifacts,
                                                 PluginKind::featurizer, PluginKind::model};

std::string indexed(std::string_view section, std::size_t index) {
  return std::string(section) + "[" + std::to_string(index) + "]";
}

// Reads the checked JSON into settings. What the check left out because it was wrong is passed over in silence: it has
// its problem already.
class Builder {
 public:
  Builder(const TomlFile& file, const std::filesystem::path& path, const PluginLookup& plugins, Problems& problems)
      : toml_(file), plugins_(plugins), problems_(problems), host_(host_keys()) {
    out_.file = path;
    out_.folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  }

  Settings build() {
    TomlChecker checker(toml_.name(), problems_, positions_);
    checked_ = checker.check(toml_.root(), host_, "");
    read_project();
    read_store();
    read_http();
    read_sources();
    read_validate();
    read_featurizers();
    read_models();
    read_forecast();
    read_channels();
    read_backtest();
    return std::move(out_);
  }

 private:
  // ---- values by path

  const Json* section(std::string_view name) const { return checked_.find(name); }

  Position position(const std::string& path) const {
    const auto found = positions_.find(path);
    return found != positions_.end() ? found->second : Position{toml_.name(), 1, 1};
  }

  const Key& key(std::string_view section_name, std::string_view name) const {
    const Key* section_key = host_.find(section_name);
    if (section_key->type == KeyType::list) section_key = &section_key->element.front();
    return *section_key->find(name);
  }

  // The text of a setting, or of its default; empty where there is neither.
  std::string text(const Json* from, std::string_view section_name, std::string_view name) const {
    const Json* value = from != nullptr ? from->find(name) : nullptr;
    if (value == nullptr) value = &key(section_name, name).fallback;
    return value->if_string() != nullptr ? *value->if_string() : std::string();
  }

  std::int64_t duration(const Json* from, std::string_view section_name, std::string_view name) const {
    return parse_duration(text(from, section_name, name)).value_or(0);
  }

  struct Item {
    std::string text;
    std::string path;
  };
  // The texts of a list, or of its default.
  std::vector<Item> items(const Json* from, std::string_view section_name, std::string_view name,
                          const std::string& path) const {
    const Json* value = from != nullptr ? from->find(name) : nullptr;
    if (value == nullptr) value = &key(section_name, name).fallback;
    std::vector<Item> out;
    if (value->if_array() == nullptr) return out;
    for (std::size_t i = 0; i < value->if_array()->size(); ++i) {
      const std::string* item = (*value->if_array())[i].if_string();
      if (item != nullptr) out.push_back({*item, indexed(path + "." + std::string(name), i)});
    }
    return out;
  }

  void wrong(const std::string& path, std::string what, const std::string& help = {}, std::string suggestion = {}) {
    problems_.add(position(path), path, std::move(what), help, std::move(suggestion));
  }

  // Calls read(section, path, index) for each table of a list of tables.
  template <class Read>
  void each(std::string_view name, const Read& read) {
    const Json* list = section(name);
    if (list == nullptr || list->if_array() == nullptr) return;
    for (std::size_t i = 0; i < list->if_array()->size(); ++i) {
      const Json& entry = (*list->if_array())[i];
      if (!entry.is_null()) read(entry, indexed(name, i), i);
    }
  }

  // ---- rules that several sections share

  // Ids name files and columns, so they are kept plain.
  static bool is_plain_name(const std::string& name) {
    const auto belongs = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), belongs) && name.front() != '.';
  }

  std::string id(const Json& from, const std::string& section_name, const std::string& path) {
    std::string name = text(&from, section_name, "id");
    if (from.find("id") == nullptr) return {};
    if (!is_plain_name(name)) wrong(path + ".id", in_quotes(name) + " cannot be an id", key(section_name, "id").help);
    unique(section_name, name, path + ".id");
    return name;
  }

  void unique(const std::string& section_name, const std::string& name, const std::string& path) {
    const auto [first, fresh] = ids_.try_emplace(section_name + " " + name, path);
    if (fresh) return;
    const Position at = position(first->second);
    wrong(path, "the " + section_name + " id " + in_quotes(name) + " is taken by line " + std::to_string(at.line),
          "Give each " + section_name + " an id of its own");
  }

  // A reference to the id of another section.
  void must_be_known(const std::string& name, const std::string& path, const std::string& what,
                     const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    wrong(path, "there is no " + what + " " + in_quotes(name),
          known.empty() ? "No [[" + what + "]] has an id yet" : "There is: " + join_words(known, "and"),
          did_you_mean(name, known).value_or(""));
  }

  // The ids of a kind of section, also of those that have other problems.
  std::vector<std::string> ids_of(std::string_view section_name) {
    std::vector<std::string> out;
    each(section_name, [&](const Json& entry, const std::string&, std::size_t) {
      std::string name = text(&entry, section_name, "id");
      if (!name.empty()) out.push_back(std::move(name));
    });
    return out;
  }

  std::vector<std::string> known_ids(const std::vector<Item>& given, const std::string& what,
                                     const std::vector<std::string>& known) {
    std::vector<std::string> out;
    for (const Item& item : given) {
      must_be_known(item.text, item.path, what, known);
      if (std::find(out.begin(), out.end(), item.text) != out.end())
        wrong(item.path, "the " + what + " " + in_quotes(item.text) + " is named twice");
      out.push_back(item.text);
    }
    return out;
  }

  // ---- plugins

  // Fills in the plugin, its settings and their places. `path` is the section's: "source[0]" or "store.rows".
  void read_plugin(PluginSettings& out, const Json* from, PluginKind kind, const std::string& name,
                   const std::string& path) {
    out.at = position(path);
    out.plugin = name;
    const bool named = from != nullptr && from->find("plugin") != nullptr;
    if (name.empty()) {
      if (named) wrong(path + ".plugin", "the name of a plugin is empty");
      return;
    }
    const auto settings = plugin_key(kind, name, named ? path + ".plugin" : path);
    if (!settings) return;
    move_advice(*settings, path);
    const toml::node* config = node_at(path + ".config");
    TomlChecker checker(toml_.name(), problems_, positions_);
    const std::string config_path = path + ".config";
    if (config != nullptr && !config->is_table()) return;
    if (config == nullptr) {
      check_required(*settings, config_path, out.at);
      return;
    }
    out.config = checker.check(*config, *settings, config_path).dump();
    move_advice_from_config(path, config_path);
    const auto below = positions_.lower_bound(config_path + ".");
    for (auto at = below; at != positions_.end() && at->first.starts_with(config_path + "."); ++at)
      out.positions.emplace(at->first.substr(config_path.size() + 1), at->second);
  }

  void check_required(const Key& settings, const std::string& config_path, const Position& at) {
    for (const Key& setting : settings.keys) {
      const std::string path = config_path + "." + setting.name;
      if (setting.required) problems_.add(at, path, in_quotes(path) + " is missing", setting.help);
    }
  }

  std::optional<Key> plugin_key(PluginKind kind, const std::string& name, const std::string& path) {
    try {
      if (const auto schema = plugins_.schema(kind, name)) return key_from_schema(Json::parse(*schema));
    } catch (const Error& error) {
      wrong(path, "the plugin " + in_quotes(name) + " cannot be used: " + error.what());
      return std::nullopt;
    }
    unknown_plugin(kind, name, path);
    return std::nullopt;
  }

  void unknown_plugin(PluginKind kind, const std::string& name, const std::string& path) {
    const std::string wanted = name_of(kind);
    for (const PluginKind other : all_kinds) {
      const std::vector<std::string> names = plugins_.names(other);
      if (other == kind || std::find(names.begin(), names.end(), name) == names.end()) continue;
      wrong(path,
            "the plugin " + in_quotes(name) + " is a " + name_of(other) + ", and a " + wanted + " is needed here");
      return;
    }
    std::vector<std::string> known = plugins_.names(kind);
    std::sort(known.begin(), known.end());
    wrong(path, "there is no " + wanted + " plugin " + in_quotes(name),
          known.empty() ? "No " + wanted + " plugins are installed" : "There is: " + join_words(known, "and"),
          did_you_mean(name, known).value_or(""));
  }

  // Settings that stand on the wrong side of `config` are told where they belong.
  void move_advice(const Key& settings, const std::string& path) {
    for (Problem& problem : problems_.all()) {
      if (!problem.path.starts_with(path + ".") || !problem.what.ends_with("is not a setting")) continue;
      const std::string name = problem.path.substr(path.size() + 1);
      const Key* found = settings.find(name);
      if (found == nullptr) continue;
      problem.what = in_quotes(problem.path) + " is a setting of the plugin: put it under config";
      problem.help = found->help;
      problem.suggestion.clear();
    }
  }

  void move_advice_from_config(const std::string& path, const std::string& config_path) {
    const std::string section_name = path.substr(0, path.find_first_of("[."));
    const Key* host = host_.find(section_name);
    host = host->type == KeyType::list ? &host->element.front() : &host->keys.front();
    for (Problem& problem : problems_.all()) {
      if (!problem.path.starts_with(config_path + ".") || !problem.what.ends_with("is not a setting")) continue;
      const Key* found = host->find(problem.path.substr(config_path.size() + 1));
      if (found == nullptr) continue;
      problem.what = in_quotes(problem.path) + " is not the plugin's: put it beside plugin, not under config";
      problem.help = found->help;
      problem.suggestion.clear();
    }
  }

  const toml::node* node_at(const std::string& path) const {
    const toml::node_view<const toml::node> node = toml_.root().at_path(path);
    return node.node();
  }

  // ---- sections, in the file's usual order

  void read_project() {
    const Json* from = section("project");
    out_.project.name = text(from, "project", "name");
    const std::string data = text(from, "project", "data");
    if (data.empty()) wrong("project.data", "the data folder's name is empty", key("project", "data").help);
    out_.project.data = (out_.folder / data).lexically_normal();
    out_.project.contact = text(from, "project", "contact");
    out_.project.dataset = text(from, "project", "dataset");
    if (!is_plain_name(out_.project.dataset) && !out_.project.dataset.empty())
      wrong("project.dataset", in_quotes(out_.project.dataset) + " cannot name a data set",
            "Letters, digits, \"-\", \"_\" and \".\", not at the beginning");
  }

  void read_store() {
    const Json* from = section("store");
    const auto read = [&](PluginSettings& part, PluginKind kind, const std::string& name) {
      const Json* given = from != nullptr ? from->find(name) : nullptr;
      const Json* chosen = given != nullptr ? given->find("plugin") : nullptr;
      const Json& fallback = key("store", name).find("plugin")->fallback;
      part.id = name;
      // A plugin that is wrong has its problem already, and the default must not take its settings.
      if (given != nullptr && chosen == nullptr && node_at("store." + name + ".plugin") != nullptr) return;
      read_plugin(part, given, kind, *(chosen != nullptr ? *chosen : fallback).if_string(), "store." + name);
    };
    read(out_.store.rows, PluginKind::rows, "rows");
    read(out_.store.artifacts, PluginKind::artifacts, "artifacts");
  }

  void read_http() {
    const Json* from = section("http");
    out_.http = http_settings(from, *host_.find("http"));
    if (out_.http.timeout < millisecond) wrong("http.timeout", "an exchange needs time", key("http", "timeout").help);
    const std::string ca_file = text(from, "http", "ca_file");
    if (ca_file.empty()) return;
    out_.http.ca_file = (out_.folder / ca_file).lexically_normal();
    if (!std::filesystem::is_regular_file(out_.http.ca_file))
      wrong("http.ca_file", "there is no file " + in_quotes(out_.http.ca_file.string()), key("http", "ca_file").help);
  }

  void read_sources() {
    each("source", [&](const Json& entry, const std::string& path, std::size_t) {
      SourceSettings& source = out_.sources.emplace_back();
      source.id = id(entry, "source", path);
      source.every = duration(&entry, "source", "every");
      if (source.every == 0 && entry.find("every") != nullptr)
        wrong(path + ".every", "the time between two rounds cannot be zero", key("source", "every").help);
      const std::string on_error = text(&entry, "source", "on_error");
      source.on_error = on_error == "skip" ? OnError::skip : on_error == "stop" ? OnError::stop : OnError::retry;
      read_schedule(source, entry, path);
      read_plugin(source, &entry, PluginKind::source, text(&entry, "source", "plugin"), path);
    });
  }

  void read_schedule(SourceSettings& source, const Json& entry, const std::string& path) {
    const auto number = [&](std::string_view name) {
      const Json* given = entry.find(name);
      const Json& value = given != nullptr ? *given : key("source", name).fallback;
      return value.if_integer() != nullptr ? static_cast<std::uint64_t>(*value.if_integer()) : 0;
    };
    const auto most = [&](std::string_view name) { return number(name) == 0 ? UINT64_MAX : number(name); };
    source.accounts_per_batch = number("accounts_per_batch");
    source.videos_per_account = most("videos_per_account");
    source.max_videos = most("max_videos");
    const Json* rules = entry.find("sampling");
    if (rules == nullptr || rules->if_array() == nullptr) return;
    for (std::size_t i = 0; i < rules->if_array()->size(); ++i)
      add_rule(source, (*rules->if_array())[i], indexed(path + ".sampling", i));
  }

  void add_rule(SourceSettings& source, const Json& given, const std::string& path) {
    const auto length = [&](std::string_view name) -> std::optional<std::int64_t> {
      const Json* value = given.find(name);
      return value != nullptr && value->if_string() != nullptr ? parse_duration(*value->if_string()) : std::nullopt;
    };
    const std::string& help = key("source", "sampling").help;
    const SamplingRule rule{length("younger_than").value_or(INT64_MAX), length("every").value_or(0)};
    if (length("every") == 0) wrong(path + ".every", "the time between two readings cannot be zero", help);
    if (!source.sampling.empty() && rule.younger_than <= source.sampling.back().younger_than)
      wrong(path, "this rule never decides: the one before it fits all of its videos", help);
    source.sampling.push_back(rule);
  }

  void read_validate() {
    const Json* from = section("validate");
    ValidateSettings& validate = out_.validate;
    validate.at = position("validate");
    for (const Item& item : items(from, "validate", "required", "validate")) {
      static const std::vector<Table> known = {tables::channel(), tables::video(), tables::observation(),
                                               tables::thumbnail()};
      std::vector<std::string> names;
      for (const Table& table : known)
        for (const Field& field : table.fields) names.push_back(table.name + "." + field.name);
      if (std::find(names.begin(), names.end(), item.text) == names.end())
        wrong(item.path, "there is no column " + in_quotes(item.text), key("validate", "required").help,
              did_you_mean(item.text, names).value_or(""));
      validate.required.push_back(item.text);
    }
    const Json* minimum = from != nullptr ? from->find("minimum_views") : nullptr;
    if (minimum != nullptr && minimum->if_integer() != nullptr) validate.minimum_views = *minimum->if_integer();
    if (const std::int64_t age = duration(from, "validate", "maximum_age"); age > 0) validate.maximum_age = age;
    validate.reject_corrections = text(from, "validate", "corrections") == "reject";
  }

  void read_featurizers() {
    each("featurizer", [&](const Json& entry, const std::string& path, std::size_t) {
      FeaturizerSettings& featurizer = out_.featurizers.emplace_back();
      featurizer.id = id(entry, "featurizer", path);
      for (const Item& item : items(&entry, "featurizer", "channels", path)) {
        split_channel(item.text, item.path);
        featurizer.channels.push_back(item.text);
      }
      read_plugin(featurizer, &entry, PluginKind::featurizer, text(&entry, "featurizer", "plugin"), path);
    });
  }

  void read_models() {
    const std::vector<std::string> featurizers = ids_of("featurizer");
    each("model", [&](const Json& entry, const std::string& path, std::size_t) {
      ModelSettings& model = out_.models.emplace_back();
      model.id = id(entry, "model", path);
      if (model.id == auto_model)
        wrong(path + ".id", "\"auto\" stands for the best of the models and cannot be the id of one",
              key("model", "id").help);
      model.retrain_every = duration(&entry, "model", "retrain_every");
      model.features = known_ids(items(&entry, "model", "features", path), "featurizer", featurizers);
      read_plugin(model, &entry, PluginKind::model, text(&entry, "model", "plugin"), path);
    });
  }

  void read_forecast() {
    const Json* from = section("forecast");
    ForecastSettings& forecast = out_.forecast;
    forecast.at = position("forecast");
    for (const Item& item : items(from, "forecast", "stats", "forecast")) {
      if (std::find(forecast.stats.begin(), forecast.stats.end(), item.text) != forecast.stats.end())
        wrong(item.path, in_quotes(item.text) + " is named twice", key("forecast", "stats").help);
      forecast.stats.push_back(item.text);
    }
    forecast.horizons = increasing(from, "forecast", "horizons");
    forecast.ages = increasing(from, "forecast", "ages");
    must_not_be_empty(from, "stats");
    must_not_be_empty(from, "horizons");
    const std::vector<std::string> models = ids_of("model");
    forecast.model = text(from, "forecast", "model");
    forecast.choose_every = duration(from, "forecast", "choose_every");
    forecast.keep = duration(from, "forecast", "keep");
    if (forecast.model == auto_model)
      must_have_models(models, "forecast.model");
    else if (from != nullptr && from->find("model") != nullptr)
      must_be_known(forecast.model, "forecast.model", "model", models);
    else if (!models.empty())
      forecast.model = models.front();
  }

  void must_have_models(const std::vector<std::string>& models, const std::string& path) {
    if (models.empty()) wrong(path, "there is no [[model]] to choose from", key("forecast", "model").help);
  }

  std::vector<std::int64_t> increasing(const Json* from, const std::string& in, const std::string& name) {
    std::vector<std::int64_t> out;
    for (const Item& item : items(from, in, name, in)) {
      const std::int64_t length = parse_duration(item.text).value_or(0);
      if (length == 0)
        wrong(item.path, in_quotes(item.path) + " must be longer than zero", key(in, name).help);
      else if (!out.empty() && length <= out.back())
        wrong(item.path,
              in_quotes(item.path) + " must be longer than the one before it, which is " + format_duration(out.back()) +
                  ", found " + item.text,
              key(in, name).help);
      out.push_back(length);
    }
    return out;
  }

  void must_not_be_empty(const Json* from, const std::string& name) {
    const Json* given = from != nullptr ? from->find(name) : nullptr;
    if (given != nullptr && given->if_array()->empty())
      wrong("forecast." + name, in_quotes("forecast." + name) + " is empty", key("forecast", name).help);
  }

  // "platform:account" in its two parts; what is no such thing is a problem at `path`.
  std::pair<std::string, std::string> split_channel(const std::string& text, const std::string& path) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
      wrong(path, in_quotes(text) + " is no channel: write \"platform:account\"", key("channel", "id").help);
      return {};
    }
    return {text.substr(0, colon), text.substr(colon + 1)};
  }

  void read_channels() {
    const std::vector<std::string> models = ids_of("model");
    each("channel", [&](const Json& entry, const std::string& path, std::size_t) {
      ChannelSettings& channel = out_.channels.emplace_back();
      channel.at = position(path);
      channel.id = text(&entry, "channel", "id");
      if (entry.find("id") != nullptr) {
        std::tie(channel.platform, channel.account) = split_channel(channel.id, path + ".id");
        unique("channel", channel.id, path + ".id");
      }
      channel.model = text(&entry, "channel", "model");
      if (channel.model == auto_model)
        must_have_models(models, path + ".model");
      else if (entry.find("model") != nullptr)
        must_be_known(channel.model, path + ".model", "model", models);
      else
        channel.model = out_.forecast.model;
      const std::vector<Item> shadow = items(&entry, "channel", "shadow", path);
      channel.shadow = known_ids(shadow, "model", models);
      for (const Item& item : shadow) {
        if (item.text == channel.model)
          wrong(item.path, "the model " + in_quotes(item.text) + " already forecasts for this channel",
                key("channel", "shadow").help);
      }
    });
  }

  void read_backtest() {
    const Json* from = section("backtest");
    BacktestSettings& backtest = out_.backtest;
    backtest.at = position("backtest");
    for (const Item& item : items(from, "backtest", "origins", "backtest")) {
      const auto age = parse_duration(item.text);
      if (age == 0)
        wrong(item.path, in_quotes(item.path) + " must be longer than zero", key("backtest", "origins").help);
      backtest.origins.push_back(age ? Origin{Origin::Kind::age, *age}
                                     : Origin{Origin::Kind::date, parse_time(item.text).value_or(0)});
    }
    read_split(from);
    const bool has_horizons = from != nullptr && from->find("horizons") != nullptr;
    backtest.horizons = has_horizons ? increasing(from, "backtest", "horizons") : out_.forecast.horizons;
    if (has_horizons && backtest.horizons.empty())
      wrong("backtest.horizons", in_quotes("backtest.horizons") + " is empty", key("backtest", "horizons").help);
    const std::vector<std::string> models = ids_of("model");
    const bool chosen = from != nullptr && from->find("models") != nullptr;
    backtest.models = chosen ? known_ids(items(from, "backtest", "models", "backtest"), "model", models) : models;
    read_baselines(from != nullptr ? from->find("baselines") : nullptr);
  }

  void read_split(const Json* from) {
    BacktestSettings& backtest = out_.backtest;
    const Json* folds = from != nullptr ? from->find("folds") : nullptr;
    const Json* test_videos = from != nullptr ? from->find("test_videos") : nullptr;
    const Json* cutoff = from != nullptr ? from->find("cutoff") : nullptr;
    const Json* first = nullptr;
    for (const auto& [name, value] : {std::pair{"folds", folds}, {"test_videos", test_videos}, {"cutoff", cutoff}}) {
      if (value != nullptr && first != nullptr)
        wrong(std::string("backtest.") + name, "only one of folds, test_videos and cutoff may stand here",
              key("backtest", name).help);
      if (value != nullptr) first = value;
    }
    backtest.folds = *(folds != nullptr ? *folds : key("backtest", "folds").fallback).if_integer();
    const std::string by = text(from, "backtest", "folds_by");
    backtest.folds_by = by == "channel" ? FoldsBy::channel
                        : by == "time"  ? FoldsBy::time
                        : by == "date"  ? FoldsBy::date
                                        : FoldsBy::video;
    const bool splits_once = test_videos != nullptr || cutoff != nullptr;
    if (splits_once && from->find("folds_by") != nullptr)
      wrong("backtest.folds_by", "there are no folds beside test_videos or cutoff", key("backtest", "folds_by").help);
    const bool any_age = std::any_of(backtest.origins.begin(), backtest.origins.end(),
                                     [](const Origin& origin) { return origin.kind == Origin::Kind::age; });
    if (backtest.folds_by == FoldsBy::date && any_age)
      wrong("backtest.folds_by", "folds by date need dates in origins, not ages", key("backtest", "origins").help);
    const Json* refit = from != nullptr ? from->find("refit") : nullptr;
    backtest.refit = refit == nullptr || *refit->if_bool();
    if (test_videos != nullptr) backtest.test_videos = (out_.folder / *test_videos->if_string()).lexically_normal();
    if (cutoff != nullptr) backtest.cutoff = parse_time(*cutoff->if_string());
  }

  void read_baselines(const Json* given) {
    if (given == nullptr || (given->if_bool() != nullptr && *given->if_bool())) return;
    std::vector<std::string>& names = out_.backtest.baselines.emplace();
    if (given->if_array() == nullptr) return;
    const std::vector<std::string> known = plugins_.names(PluginKind::model);
    for (const Item& item : items(section("backtest"), "backtest", "baselines", "backtest")) {
      if (std::find(known.begin(), known.end(), item.text) == known.end())
        unknown_plugin(PluginKind::model, item.text, item.path);
      names.push_back(item.text);
    }
  }

  const TomlFile& toml_;
  const PluginLookup& plugins_;
  Problems& problems_;
  const Key host_;
  Positions positions_;
  Json checked_;
  std::map<std::string, std::string> ids_;  // "section id" -> the path of the first that has it
  Settings out_;
};

}  // namespace

const char* name_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::source:
      return "source";
    case PluginKind::rows:
      return "row store";
    case PluginKind::artifacts:
      return "artifact store";
    case PluginKind::featurizer:
      return "featurizer";
    case PluginKind::model:
      return "model";
  }
  return "plugin";
}

Position PluginSettings::position_of(std::string_view path) const {
  while (!path.empty()) {
    const auto found = positions.find(path);
    if (found != positions.end()) return found->second;
    const std::size_t cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
  return at;
}

const ModelSettings* Settings::model(std::string_view id) const {
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const ModelSettings& model) { return model.id == id; });
  return found == models.end() ? nullptr : &*found;
}

const ChannelSettings* Settings::channel(std::string_view platform, std::string_view account) const {
  const auto found = std::find_if(channels.begin(), channels.end(), [&](const ChannelSettings& channel) {
    return channel.platform == platform && channel.account == account;
  });
  return found == channels.end() ? nullptr : &*found;
}

const std::string& Settings::model_for(std::string_view platform, std::string_view account) const {
  const ChannelSettings* section = channel(platform, account);
  return section != nullptr ? section->model : forecast.model;
}

CheckedSettings check_settings_text(std::string_view text, const std::filesystem::path& file,
                                    const PluginLookup& plugins) {
  Problems problems;
  const TomlFile toml(file.string(), text, problems);
  CheckedSettings out;
  if (problems.empty()) out.settings = Builder(toml, file, plugins, problems).build();
  out.problems = problems.sorted();
  if (!out.problems.empty()) out.settings.reset();
  return out;
}

CheckedSettings check_settings(const std::filesystem::path& file, const PluginLookup& plugins) {
  constexpr std::size_t most_bytes = std::size_t{4} << 20U;
  try {
    return check_settings_text(read_file(file, most_bytes), file, plugins);
  } catch (const Error& error) {
    if (error.code() != Code::io) throw;
    return {std::nullopt, {Problem{{file.string(), 0, 0}, "", error.message(), "", "Name a configuration by -c FILE"}}};
  }
}

Settings load_settings(const std::filesystem::path& file, const PluginLookup& plugins) {
  CheckedSettings checked = check_settings(file, plugins);
  if (checked.settings) return std::move(*checked.settings);
  throw Error(Code::config, "", text_of(checked.problems));
}

}  // namespace risetime::core
