// Rounds by contestants: what was kept is found, what is missing is fought out.
#include "core/pipeline/backtest.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/hash.hpp"
#include "core/pipeline/alerts.hpp"
#include "core/pipeline/backtest_contest.hpp"
#include "core/pipeline/backtest_vectors.hpp"

namespace risetime::core {

namespace {

constexpr const char* artifact_kind = "backtest";

std::string label_of(const Origin& origin) {
  return origin.kind == Origin::Kind::age ? format_duration(origin.value) : format_time(origin.value);
}

class BacktestRun {
 public:
  BacktestRun(Project& project, const BacktestOptions& options)
      : project_(project),
        options_(options),
        settings_(project.settings()),
        followers_(project.catalog().store(), options.range),
        library_(std::make_shared<SeriesLibrary>(project.catalog().store(),
                                                 SeriesQuery{settings_.forecast.stats, options.range, {}}, followers_,
                                                 settings_.project.data, [this] { project_.check_stop(); })),
        arena_{*library_,
               followers_,
               settings_.forecast.stats,
               settings_.backtest.horizons,
               settings_.backtest.origins,
               [this] { project_.check_stop(); }} {}

  BacktestResult run() {
    choose_models();
    const std::vector<BacktestRound> rounds = choose_rounds();
    for (const Origin& origin : arena_.origins) result_.standings.push_back({label_of(origin), {}});
    for (const BacktestRound& round : rounds) {
      project_.check_stop();
      judge(round);
      ++result_.rounds;
    }
    for (StandingForecasts& standing : result_.standings) set_size_tenths(standing.forecasts);
    remember_false_alarms();
    erase_outdated();
    result_.library = library_;
    return std::move(result_);
  }

 private:
  void choose_models() {
    std::vector<std::string> wanted = options_.models.empty() ? settings_.backtest.models : options_.models;
    PluginRegistry& plugins = project_.runtime().plugins;
    if (options_.models.empty()) {
      for (const std::string& baseline : settings_.backtest.baselines.value_or(plugins.ids(RISETIME_BASELINE_ID)))
        if (std::find(wanted.begin(), wanted.end(), baseline) == wanted.end()) wanted.push_back(baseline);
    }
    for (const std::string& id : wanted) {
      Contestant contestant;
      contestant.id = id;
      if (const ModelSettings* model = settings_.model(id)) {
        contestant.section = static_cast<const PluginSettings&>(*model);
        contestant.features = model->features;
      } else if (plugins.has(id, RISETIME_MODEL_ID)) {
        contestant.section.id = contestant.section.plugin = id;
        contestant.section.at = settings_.backtest.at;
      } else {
        throw Error(Code::config, settings_.backtest.at.text(),
                    "\"" + id + "\" is neither a model of this configuration nor a model plugin");
      }
      contestant.is_baseline = plugins.has(contestant.section.plugin, RISETIME_BASELINE_ID);
      if (options_.ablate && !contestant.is_baseline) add_with_fewer_inputs(contestant);
      result_.models.push_back(id);
      if (contestant.is_baseline) result_.baselines.push_back(id);
      contestants_.push_back(std::move(contestant));
    }
  }

  // The model itself is the last step, and is added by the caller.
  void add_with_fewer_inputs(const Contestant& model) {
    Ablation& ablation = result_.ablations.emplace_back();
    const auto add = [&](bool knows_channel, std::size_t features, const std::string& input) {
      const bool is_whole = knows_channel && features == model.features.size();
      ablation.steps.push_back({is_whole ? model.id : model.id + ", " + input, input});
      if (is_whole) return;
      Contestant& step = contestants_.emplace_back(model);
      step.id = ablation.steps.back().model;
      step.knows_channel = knows_channel;
      step.features.resize(features);
      result_.models.push_back(step.id);
    };
    add(false, 0, "readings alone");
    add(true, 0, "+ channel");
    for (std::size_t i = 0; i < model.features.size(); ++i) add(true, i + 1, "+ " + model.features[i]);
  }

  std::vector<BacktestRound> choose_rounds() const {
    std::vector<BacktestRound> rounds = make_rounds(settings_.backtest, *library_);
    const auto& wanted = options_.only_folds;
    std::erase_if(rounds, [&](const BacktestRound& round) {
      return !wanted.empty() && std::find(wanted.begin(), wanted.end(), round.fold) == wanted.end();
    });
    if (rounds.empty())
      throw Error(Code::config, settings_.backtest.at.text(),
                  "there is no video to test: check folds, cutoff or test_videos against the rows of the store");
    return rounds;
  }

  // ---- names of what is kept: by the plugin's build, as whoever works on a model judges it again and again

  Json describe(const FeaturizerSettings& settings) const {
    Json json = Json::object();
    json["plugin"] = project_.plugin_build(settings.plugin);
    json["config"] = Json::parse(settings.config);
    return json;
  }

  // The videos of a choice are told by the rows and by which of them they are.
  std::string print_of(const Chooser& chooser) const {
    Fingerprint print;
    for (std::size_t i = 0; i < library_->size(); ++i)
      if (chooser(library_->entry(i))) print.add(static_cast<std::uint64_t>(i));
    return print.hex();
  }

  Json describe(const BacktestRound& round) const {
    Json json = Json::object();
    json["name"] = round.name;
    json["until"] = round.until;
    json["trains"] = print_of(round.trains);
    json["stands"] = Json::array();
    for (const Stand& stand : round.stands) {
      Json one = Json::object();
      one["tests"] = print_of(stand.tests);
      one["origins"] = Json::array();
      for (const Origin& origin : stand.origins) one["origins"].push_back(label_of(origin));
      json["stands"].push_back(std::move(one));
    }
    return json;
  }

  Json describe(const BacktestRound& round, const Contestant& contestant) {
    Json json = Json::object();
    json["plugin"] = project_.plugin_build(contestant.section.plugin);
    json["config"] = Json::parse(contestant.section.config.empty() ? "{}" : contestant.section.config);
    json["seed"] = static_cast<std::int64_t>(project_.parts().seed >> 1U);
    for (const char* name : {"stats", "horizons", "origins", "features"}) json[name] = Json::array();
    for (const std::string& stat : arena_.stats) json["stats"].push_back(stat);
    for (const std::int64_t horizon : arena_.horizons) json["horizons"].push_back(format_duration(horizon));
    for (const Origin& origin : arena_.origins) json["origins"].push_back(label_of(origin));
    for (const FeaturizerSettings& featurizer : settings_.featurizers)
      if (uses(contestant, featurizer.id)) json["features"].push_back(describe(featurizer));
    if (!contestant.knows_channel) json["without"] = "channel";
    json["round"] = describe(round);
    for (const char* table : {"channel", "video", "observation"})
      json["rows"][table] = project_.catalog().fingerprint(table, options_.range);
    if (!contestant.features.empty())
      json["rows"]["thumbnail"] = project_.catalog().fingerprint("thumbnail", options_.range);
    return json;
  }

  static bool uses(const Contestant& contestant, const std::string& featurizer) {
    return std::find(contestant.features.begin(), contestant.features.end(), featurizer) != contestant.features.end();
  }

  // ---- one round

  struct Job {
    const Contestant* contestant;
    std::string hash;
    Json made_from;
    OpenPlugin plugin;
    std::vector<const VectorFile*> vectors;
    std::vector<Outcome> outcomes;
    std::string error;
    bool is_done = false;
  };

  void judge(const BacktestRound& round) {
    std::vector<Job> jobs;
    for (const Contestant& contestant : contestants_) {
      Job& job = jobs.emplace_back();
      job.contestant = &contestant;
      job.made_from = describe(round, contestant);
      job.hash = Fingerprint().add("backtest/1").add(job.made_from.dump()).hex();
      current_.insert(job.hash);
      if (const auto kept = project_.catalog().artifacts().get(job.hash)) {
        job.outcomes = unpack(kept->bytes);
        job.is_done = true;
        ++result_.found;
      }
    }
    fight(round, jobs);
    std::set<std::uint32_t> judged;
    for (const Job& job : jobs) {
      if (!job.error.empty()) result_.failures.push_back(job.contestant->id + ", " + round.name + ": " + job.error);
      for (const Outcome& outcome : job.outcomes) {
        judged.insert(outcome.video);
        result_.standings[outcome.origin].forecasts.push_back(scored(arena_, outcome, job.contestant->id));
      }
    }
    result_.videos += judged.size();
  }

  // Baselines are small and run side by side; each other model has all threads to itself, and its memory.
  void fight(const BacktestRound& round, std::vector<Job>& jobs) {
    std::map<std::string, std::unique_ptr<VectorFile>> vectors;
    std::vector<Job*> small;
    for (Job& job : jobs) {
      if (job.is_done) continue;
      try {
        prepare(round, job, vectors);
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        job.error = error.what();
        continue;
      }
      if (job.contestant->is_baseline) small.push_back(&job);
    }
    project_.runtime().threads.parallel_for(small.size(), [&](std::size_t i) { run(round, *small[i]); });
    for (Job* job : small) keep(*job);
    for (Job& job : jobs) {
      if (job.is_done || !job.error.empty() || job.contestant->is_baseline) continue;
      project_.runtime().log.info("backtest {}: {}", round.name, job.contestant->id);
      run(round, job);
      keep(job);
      job.plugin = {};  // what it learnt is not needed any more
    }
  }

  void prepare(const BacktestRound& round, Job& job, std::map<std::string, std::unique_ptr<VectorFile>>& vectors) {
    for (const std::string& id : job.contestant->features) {
      auto& file = vectors[id];
      const auto settings = std::find_if(settings_.featurizers.begin(), settings_.featurizers.end(),
                                         [&](const FeaturizerSettings& each) { return each.id == id; });
      if (!file) file = describe_for(project_, *settings, round, *library_);
      job.vectors.push_back(file.get());
    }
    job.plugin = project_.open(job.contestant->section, "model/" + job.contestant->section.plugin);
  }

  void run(const BacktestRound& round, Job& job) const {
    try {
      job.outcomes = contest(arena_, round, *job.contestant, *job.plugin, job.vectors);
      job.is_done = true;
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      job.error = error.what();
      project_.runtime().log.error("backtest {}: {}: {}", round.name, job.contestant->id, job.error);
    }
  }

  void keep(const Job& job) {
    if (!job.is_done) return;
    Json metadata = job.made_from;
    metadata["model"] = job.contestant->id;
    project_.catalog().artifacts().put(job.hash, artifact_kind, metadata.dump(), pack(job.outcomes));
  }

  // At all origins together: alerts are told what to expect from the model at that horizon, whatever the age.
  void remember_false_alarms() {
    if (options_.range.until != INT64_MAX || options_.ablate) return;
    std::vector<std::span<const ScoredForecast>> origins;
    for (const StandingForecasts& standing : result_.standings) origins.emplace_back(standing.forecasts);
    write_false_alarms(project_.catalog(), origins);
  }

  // Outcomes of rows that have changed since are found by nobody again.
  void erase_outdated() {
    client::Artifacts& artifacts = project_.catalog().artifacts();
    // Those of all rows are kept as well, when only some were looked at.
    const std::string rows = project_.catalog().fingerprint("observation", options_.range);
    const std::string all_rows = project_.catalog().fingerprint("observation", {});
    for (const ArtifactInfo& info : artifacts.list(artifact_kind)) {
      if (current_.count(info.name) != 0) continue;
      const Json metadata = Json::parse(info.metadata);
      const Json* tables = metadata.find("rows");
      const Json* kept = tables != nullptr ? tables->find("observation") : nullptr;
      if (kept == nullptr || kept->if_string() == nullptr ||
          (*kept->if_string() != rows && *kept->if_string() != all_rows))
        artifacts.erase(info.name);
    }
  }

  Project& project_;
  const BacktestOptions& options_;
  const Settings& settings_;
  const Followers followers_;
  std::shared_ptr<SeriesLibrary> library_;
  Arena arena_;
  std::vector<Contestant> contestants_;
  std::set<std::string> current_;  // names of the outcomes of this run
  BacktestResult result_;
};

}  // namespace

BacktestResult backtest(Project& project, const BacktestOptions& options) {
  return BacktestRun(project, options).run();
}

}  // namespace risetime::core
