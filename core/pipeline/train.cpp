// Fits models and keeps them as artifacts named by what they were made from.
#include "core/pipeline/train.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/hash.hpp"
#include "core/pipeline/retention.hpp"

namespace risetime::core {

namespace {

class ModelRun {
 public:
  ModelRun(Project& project, const ModelSettings& settings, std::vector<FeatureSet> features, RowRange range)
      : project_(project), settings_(settings), features_(std::move(features)), range_(range) {}

  TrainedModel run() {
    TrainedModel trained;
    trained.id = settings_.id;
    trained.features = features_;
    const RowRange range{training_cutoff(project_.catalog(), settings_.retrain_every, range_)};
    const Json made_from = describe(range);
    trained.hash = Fingerprint().add("model/1").add(made_from.dump()).hex();
    if (project_.catalog().artifacts().get(trained.hash, false)) return trained;
    fit(range, made_from, trained);
    return trained;
  }

 private:
  Json describe(RowRange range) {
    const ForecastSettings& forecast = project_.settings().forecast;
    Json json = Json::object();
    json["plugin"] = settings_.plugin;
    json["version"] = project_.runtime().plugins.load(settings_.plugin).version;
    json["config"] = Json::parse(settings_.config);
    json["seed"] = static_cast<std::int64_t>(project_.parts().seed >> 1U);
    for (const char* name : {"stats", "horizons", "ages", "features"}) json[name] = Json::array();
    for (const std::string& stat : forecast.stats) json["stats"].push_back(stat);
    for (const std::int64_t horizon : forecast.horizons) json["horizons"].push_back(format_duration(horizon));
    for (const std::int64_t age : forecast.ages) json["ages"].push_back(format_duration(age));
    for (const FeatureSet& set : features_) json["features"].push_back(set.hash);
    for (const char* table : {"channel", "video", "observation"})
      json["rows"][table] = project_.catalog().fingerprint(table, range);
    return json;
  }

  void fit(RowRange range, const Json& made_from, TrainedModel& trained) {
    const auto start = std::chrono::steady_clock::now();
    project_.runtime().log.info("training {} ({})", settings_.id, project_.plugin_version(settings_.plugin));
    const OpenPlugin plugin = project_.open(settings_, "model/" + settings_.plugin);
    client::Model model(*plugin);
    const ForecastSettings& forecast = project_.settings().forecast;
    client::Store& store = project_.catalog().store();
    const Followers followers(store, range);
    SeriesBatches batches(forecast.stats, total_width(features_), [&] {
      auto stream = std::make_shared<SeriesStream>(store, SeriesQuery{forecast.stats, range, features_}, followers);
      auto current = std::make_shared<VideoSeries>();
      trained.videos = 0;
      return [this, stream, current, &trained]() -> const VideoSeries* {
        project_.check_stop();
        auto next = stream->next();
        if (!next) return nullptr;
        ++trained.videos;
        *current = std::move(*next);
        return current.get();
      };
    });
    model.fit(batches, forecast.stats, forecast.horizons, forecast.ages);
    trained.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    trained.is_new = true;
    Json metadata = made_from;
    metadata["model"] = settings_.id;
    project_.catalog().artifacts().put(trained.hash, "model", metadata.dump(), model.save());
  }

  Project& project_;
  const ModelSettings& settings_;
  std::vector<FeatureSet> features_;
  RowRange range_;
};

}  // namespace

std::size_t total_width(const std::vector<FeatureSet>& sets) {
  std::size_t width = 0;
  for (const FeatureSet& set : sets) width += set.names.size();
  return width;
}

std::vector<std::string> models_in_use(const Settings& settings, const ModelChoice& choice) {
  std::vector<std::string> ids;
  const auto use = [&](const std::string& id) {
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  const auto use_or_choose = [&](const std::string& id) {
    if (id != auto_model) return use(id);
    for (const std::string& chosen : choice.models()) use(chosen);
  };
  use_or_choose(settings.forecast.model);
  for (const ChannelSettings& channel : settings.channels) {
    use_or_choose(channel.model);
    for (const std::string& shadow : channel.shadow) use(shadow);
  }
  return ids;
}

TrainSummary train(Project& project, const std::vector<FeatureSet>& sets, RowRange range) {
  TrainSummary summary;
  if (!project.catalog().observed()) return summary;
  summary.choice = choose_models(project, range);
  std::vector<std::pair<std::string, std::string>> used;
  for (const std::string& id : models_in_use(project.settings(), summary.choice)) {
    const ModelSettings& settings = *project.settings().model(id);
    const std::int64_t now = project.runtime().clock.now();
    try {
      summary.models.push_back(ModelRun(project, settings, select_sets(sets, settings.features), range).run());
      const std::string& hash = summary.models.back().hash;
      used.emplace_back(id, hash);
      project.catalog().transaction([&] {
        project.catalog().set_progress({"train", id, "done", hash.substr(0, 12), 0, now});
      });
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      project.runtime().log.error("model {}: {}", id, error.what());
      TrainedModel failed;
      failed.id = id;
      failed.error = error.what();
      summary.models.push_back(std::move(failed));
      project.catalog().transaction([&] {
        project.catalog().set_progress({"train", id, "failed", error.what(), 1, now});
      });
    }
  }
  if (range.until == INT64_MAX) keep_used(project.catalog(), "model", used);  // standing in the past uses up nothing
  return summary;
}

}  // namespace risetime::core
