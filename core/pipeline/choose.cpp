// Losses by channel, drawn towards those of all, and the artifact that keeps them.
#include "core/pipeline/choose.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/hash.hpp"
#include "core/pipeline/backtest.hpp"
#include "core/pipeline/featurize.hpp"
#include "core/pipeline/retention.hpp"

namespace risetime::core {

namespace {

constexpr const char* artifact_kind = "choice";
constexpr const char* promoted_key = "champion/promoted";

bool any_auto(const Settings& settings) {
  return settings.forecast.model == auto_model ||
         std::any_of(settings.channels.begin(), settings.channels.end(),
                     [](const ChannelSettings& channel) { return channel.model == auto_model; });
}

// The models of [backtest], or all where it names none.
std::vector<std::string> candidates(const Settings& settings) {
  if (!settings.backtest.models.empty()) return settings.backtest.models;
  std::vector<std::string> all;
  for (const ModelSettings& model : settings.models) all.push_back(model.id);
  return all;
}

// ---- losses

struct VideoLoss {
  double sum = 0;
  std::uint64_t forecasts = 0;
};

struct MeanLoss {
  double sum = 0;
  std::uint64_t videos = 0;
  Evidence evidence() const { return {videos == 0 ? 0 : sum / static_cast<double>(videos), videos}; }
};

using ByModel = std::map<std::string, MeanLoss>;

struct Losses {
  ByModel overall;
  std::map<ChannelKey, ByModel> channels;
};

Losses losses_of(std::span<const ScoredForecast> forecasts, const std::vector<std::string>& models) {
  std::map<std::pair<std::string_view, std::string_view>, std::pair<ChannelKey, std::map<std::string, VideoLoss>>>
      videos;
  for (const ScoredForecast& each : forecasts) {
    if (std::isnan(each.actual)) continue;
    auto& [channel, by_model] = videos[{each.platform, each.video_id}];
    channel = {each.platform, each.channel_id};
    VideoLoss& loss = by_model[each.model];
    loss.sum += std::abs(std::log2((each.q[3] + 1) / (each.actual + 1)));
    ++loss.forecasts;
  }
  Losses losses;
  for (const auto& [video, found] : videos) {
    const auto& channel = found.first;
    const auto& by_model = found.second;
    const std::uint64_t asked = by_model.begin()->second.forecasts;
    const bool all_answered = std::all_of(models.begin(), models.end(), [&](const std::string& model) {
      const auto at = by_model.find(model);
      return at != by_model.end() && at->second.forecasts == asked;
    });
    if (!all_answered) continue;
    for (const std::string& model : models) {
      const VideoLoss& loss = by_model.at(model);
      for (MeanLoss* mean : {&losses.overall[model], &losses.channels[channel][model]}) {
        mean->sum += loss.sum / static_cast<double>(loss.forecasts);
        ++mean->videos;
      }
    }
  }
  return losses;
}

ChannelChoice choose_among(const std::vector<std::string>& models, const ByModel& own, const ByModel& overall) {
  ChannelChoice choice;
  double least = INFINITY;
  for (const std::string& model : models) {
    const Evidence evidence = own.at(model).evidence();
    choice.evidence[model] = evidence;
    const double n = static_cast<double>(evidence.videos);
    const double drawn =
        (n * evidence.loss + videos_drawn_in * overall.at(model).evidence().loss) / (n + videos_drawn_in);
    if (drawn < least) {
      least = drawn;
      choice.model = model;
    }
  }
  return choice;
}

// ---- the artifact

Json json_of(const ChannelChoice& choice) {
  Json json = Json::object();
  json["model"] = choice.model;
  json["evidence"] = Json::object();
  for (const auto& [model, evidence] : choice.evidence) {
    json["evidence"][model]["mae_log2"] = evidence.loss;
    json["evidence"][model]["videos"] = evidence.videos;
  }
  return json;
}

ChannelChoice choice_of(const Json& json) {
  ChannelChoice choice;
  choice.model = *json.find("model")->if_string();
  for (const auto& [model, evidence] : *json.find("evidence")->if_object())
    choice.evidence[model] = {evidence.find("mae_log2")->number(),
                              static_cast<std::uint64_t>(*evidence.find("videos")->if_integer())};
  return choice;
}

std::string pack(const ModelChoice& choice) {
  Json json = Json::object();
  json["overall"] = json_of(choice.overall);
  json["channels"] = Json::array();
  for (const auto& [key, channel] : choice.channels) {
    Json line = json_of(channel);
    line["platform"] = key.first;
    line["channel_id"] = key.second;
    json["channels"].push_back(std::move(line));
  }
  return json.dump();
}

ModelChoice unpack(std::string_view bytes) {
  const Json json = Json::parse(bytes);
  ModelChoice choice;
  choice.overall = choice_of(*json.find("overall"));
  for (const Json& line : *json.find("channels")->if_array())
    choice.channels[{*line.find("platform")->if_string(), *line.find("channel_id")->if_string()}] = choice_of(line);
  return choice;
}

Json describe(Project& project, RowRange range) {
  const Settings& settings = project.settings();
  const BacktestSettings& backtest = settings.backtest;
  Json json = Json::object();
  for (const char* name : {"models", "stats", "horizons", "origins", "featurizers"}) json[name] = Json::array();
  for (const std::string& id : candidates(settings)) {
    const ModelSettings& model = *settings.model(id);
    Json one = Json::object();
    one["id"] = id;
    one["plugin"] = project.plugin_version(model.plugin);
    one["config"] = Json::parse(model.config);
    one["features"] = Json::array();
    for (const std::string& feature : model.features) one["features"].push_back(feature);
    json["models"].push_back(std::move(one));
  }
  for (const FeaturizerSettings& featurizer : settings.featurizers) {
    Json one = Json::object();
    one["id"] = featurizer.id;
    one["plugin"] = project.plugin_version(featurizer.plugin);
    one["config"] = Json::parse(featurizer.config);
    json["featurizers"].push_back(std::move(one));
  }
  for (const std::string& stat : settings.forecast.stats) json["stats"].push_back(stat);
  for (const std::int64_t horizon : backtest.horizons) json["horizons"].push_back(horizon);
  for (const Origin& origin : backtest.origins) json["origins"].push_back(origin.value);
  json["folds"] = backtest.folds;
  json["folds_by"] = static_cast<std::int64_t>(backtest.folds_by);
  json["refit"] = backtest.refit;
  if (backtest.cutoff) json["cutoff"] = *backtest.cutoff;
  if (backtest.test_videos) json["test_videos"] = backtest.test_videos->string();
  json["seed"] = static_cast<std::int64_t>(project.parts().seed >> 1U);
  for (const char* table : {"channel", "video", "observation"})
    json["rows"][table] = project.catalog().fingerprint(table, range);
  return json;
}

// Nothing where there is nothing to judge.
std::optional<ModelChoice> judge(Project& project, RowRange range) {
  const std::vector<std::string> models = candidates(project.settings());
  project.runtime().log.info("choosing among {} models by backtest", models.size());
  try {
    BacktestOptions options;
    options.models = models;
    options.range = range;
    BacktestResult result = backtest(project, options);
    std::vector<ScoredForecast> all;
    for (StandingForecasts& standing : result.standings)
      std::move(standing.forecasts.begin(), standing.forecasts.end(), std::back_inserter(all));
    ModelChoice choice = choose_by(all, models);
    if (!choice.overall.model.empty()) return choice;
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    project.runtime().log.warn("choosing among models: {}", error.what());
    return std::nullopt;
  }
  project.runtime().log.warn("choosing among models: no forecast of the backtest has come due on rows so far");
  return std::nullopt;
}

}  // namespace

const std::string& ModelChoice::model_for(const std::string& configured, const std::string& platform,
                                          const std::string& channel_id) const {
  if (configured != auto_model) return configured;
  const auto found = channels.find({platform, channel_id});
  return found == channels.end() ? overall.model : found->second.model;
}

std::vector<std::string> ModelChoice::models() const {
  std::set<std::string> ids;
  if (!overall.model.empty()) ids.insert(overall.model);
  for (const auto& [key, channel] : channels) ids.insert(channel.model);
  return {ids.begin(), ids.end()};
}

ModelChoice choose_by(std::span<const ScoredForecast> forecasts, const std::vector<std::string>& models) {
  const Losses losses = losses_of(forecasts, models);
  ModelChoice choice;
  if (losses.overall.empty()) return choice;
  choice.overall = choose_among(models, losses.overall, losses.overall);
  for (const auto& [channel, own] : losses.channels)
    choice.channels[channel] = choose_among(models, own, losses.overall);
  return choice;
}

ModelChoice choose_models(Project& project, RowRange range) {
  const Settings& settings = project.settings();
  ModelChoice choice;
  if (!any_auto(settings)) return choice;
  Catalog& catalog = project.catalog();
  const std::vector<std::string> models = candidates(settings);
  choice.overall.model = models.front();
  if (models.size() > 1 && catalog.observed()) {
    const RowRange known{training_cutoff(catalog, settings.forecast.choose_every, range)};
    const Json made_from = describe(project, known);
    const std::string hash = Fingerprint().add("choice/1").add(made_from.dump()).hex();
    if (const auto kept = catalog.artifacts().get(hash)) {
      choice = unpack(kept->bytes);
      choice.hash = hash;
    } else if (auto judged = judge(project, known)) {
      choice = std::move(*judged);
      choice.hash = hash;
      catalog.artifacts().put(hash, artifact_kind, made_from.dump(), pack(choice));
    }
    if (!choice.hash.empty() && range.until == INT64_MAX) keep_used(catalog, artifact_kind, {{"auto", choice.hash}});
  }
  for (const auto& [channel, model] : promoted_models(catalog)) {
    if (settings.model(model) == nullptr) continue;
    choice.channels[channel].model = model;
    choice.channels[channel].is_promoted = true;
  }
  return choice;
}

std::map<ChannelKey, std::string> promoted_models(Catalog& catalog) {
  std::map<ChannelKey, std::string> promoted;
  const auto kept = catalog.store().get(promoted_key);
  if (!kept) return promoted;
  const Json json = Json::parse(*kept);
  for (const Json& line : *json.if_array())
    promoted[{*line.find("platform")->if_string(), *line.find("channel_id")->if_string()}] =
        *line.find("model")->if_string();
  return promoted;
}

void promote_model(Catalog& catalog, const ChannelKey& channel, const std::string& model) {
  auto promoted = promoted_models(catalog);
  promoted[channel] = model;
  Json json = Json::array();
  for (const auto& [key, id] : promoted) {
    if (id.empty()) continue;
    Json line = Json::object();
    line["platform"] = key.first;
    line["channel_id"] = key.second;
    line["model"] = id;
    json.push_back(std::move(line));
  }
  catalog.transaction([&] { catalog.store().put(promoted_key, json.dump()); });
}

}  // namespace risetime::core
