// risetime backtest
#include "core/pipeline/backtest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/cli/json_lines.hpp"
#include "core/pipeline/forecasts_csv.hpp"
#include "core/report/backtest_report.hpp"

namespace risetime::core {

namespace {

struct BacktestArguments {
  BacktestOptions options;
  std::string out;
  bool increments = false;
};

// The whole forecast of the video that one of its points belongs to, and what came.
Example example_of(const BacktestResult& result, std::span<const ScoredForecast> forecasts,
                   const ScoredForecast& chosen, std::size_t stat) {
  Example example;
  example.error = std::abs(std::log2((chosen.q[3] + 1) / (chosen.actual + 1)));
  VideoReport& video = example.video;
  video.platform = chosen.platform;
  video.video_id = chosen.video_id;
  video.channel_id = chosen.channel_id;
  video.issued_at = chosen.issued_at;
  StatReport& drawn = video.stats.emplace_back();
  drawn.stat = chosen.stat;
  drawn.model = chosen.model;
  for (const ScoredForecast& each : forecasts)
    if (each.model == chosen.model && each.stat == chosen.stat && each.video_id == chosen.video_id &&
        each.platform == chosen.platform && each.issued_at == chosen.issued_at)
      drawn.points.push_back({each.target_at - each.issued_at, each.mean, each.q});
  const auto place = result.library->find(chosen.platform, chosen.video_id);
  if (!place) return example;
  const VideoSeries series = result.library->read(*place);
  video.title = series.title;
  video.published_at = series.published_at;
  for (std::size_t i = 0; i < series.times.size(); ++i) {
    const Reading reading{series.times[i], series.values[stat][i]};
    if (std::isnan(reading.value) || reading.time > chosen.target_at) continue;
    (reading.time <= chosen.issued_at ? drawn.history : example.came).push_back(reading);
  }
  return example;
}

void add_examples(BacktestSection& section, const BacktestResult& result, std::span<const ScoredForecast> forecasts,
                  const std::vector<std::string>& stats) {
  constexpr std::size_t drawn = 4;
  const Extremes found = find_extremes(forecasts, best_model(section.scores), stats.front(), drawn);
  for (const auto& [places, to] : {std::pair{&found.best, &section.best}, {&found.worst, &section.worst}})
    for (const std::size_t place : *places) to->push_back(example_of(result, forecasts, forecasts[place], 0));
}

BacktestReport describe(Project& project, const BacktestResult& result) {
  const Settings& settings = project.settings();
  BacktestReport report;
  report.project = settings.project.name;
  report.generated_at = project.runtime().clock.now();
  report.stats = settings.forecast.stats;
  report.provenance = {{"videos judged", fmt::format("{} in {} fits of each model", result.videos, result.rounds)}};
  for (const std::string& failure : result.failures) report.provenance.emplace_back("failed", failure);
  return report;
}

void write_files(const std::filesystem::path& folder, const BacktestResult& result, const BacktestReport& report,
                 const ScoreOptions& how) {
  make_folders(folder);
  std::vector<ScoredForecast> all;
  std::ofstream forecasts(folder / "forecasts.csv", std::ios::binary);
  write_forecasts_header(forecasts);
  for (const StandingForecasts& standing : result.standings) {
    write_forecasts(forecasts, standing.origin, standing.forecasts);
    all.insert(all.end(), standing.forecasts.begin(), standing.forecasts.end());
  }
  std::ofstream scores(folder / "scores.csv", std::ios::binary);
  write_scores(scores, score(all, how));
  std::ofstream parts(folder / "scores_by.csv", std::ios::binary);
  write_part_scores_header(parts);
  for (const Part part : {Part::channel, Part::category, Part::size_tenth})
    write_part_scores(parts, part, score_parts(all, part, how));
  std::ofstream paths(folder / "paths.csv", std::ios::binary);
  write_path_scores(paths, score_paths(all));
  for (std::ofstream* file : {&forecasts, &scores, &parts, &paths})
    if (!file->flush()) throw Error(Code::io, folder.string(), "the tables of the backtest could not be written whole");
  write_file(folder / "report.html", render_backtest(report));
}

int run(Session& session, const BacktestArguments& arguments) {
  Project& project = session.project();
  const BacktestResult result = backtest(project, arguments.options);
  Json document = Json::object();
  for (const char* name : {"scores", "differences", "paths", "ablation"}) document[name] = Json::array();
  JudgeOptions how;
  how.score.increments = arguments.increments;
  how.baselines = result.baselines;
  how.ablations = result.ablations;
  how.side_by_side = [&](std::size_t count, const std::function<void(std::size_t)>& body) {
    project.runtime().threads.parallel_for(count, body);
  };
  BacktestReport report = describe(project, result);
  std::size_t forecasts = 0;
  for (const StandingForecasts& standing : result.standings) {
    BacktestSection& section = report.sections.emplace_back(judge(standing.origin, standing.forecasts, how));
    add_examples(section, result, standing.forecasts, report.stats);
    session.print(fmt::format("\nstanding at {}\n", section.origin));
    session.print(print_leaderboard(section, report.stats, style_of(STDOUT_FILENO)));
    session.print(print_paths(section, style_of(STDOUT_FILENO)));
    session.print(print_ablation(section, style_of(STDOUT_FILENO)));
    for (const Score& each : section.scores) document["scores"].push_back(score_json(section.origin, each));
    for (const ModelDifference& each : section.differences)
      document["differences"].push_back(difference_json(section.origin, each));
    for (const PathScore& each : section.paths) document["paths"].push_back(path_json(section.origin, each));
    for (const AblationStep& each : section.ablation)
      document["ablation"].push_back(ablation_json(section.origin, each));
    forecasts += standing.forecasts.size();
  }
  const std::uint64_t fits = result.rounds * result.models.size();
  session.print(fmt::format(
      "\n{} videos judged, {} fits of each model, {} forecasts{}\n", result.videos, result.rounds, forecasts,
      result.found > 0 ? fmt::format("; the outcomes of {} of {} fits were kept from before", result.found, fits)
                       : ""));
  document["fits"] = fits;
  document["found"] = result.found;
  document["failures"] = Json::array();
  for (const std::string& failure : result.failures) document["failures"].push_back(failure);
  if (!arguments.out.empty()) {
    write_files(arguments.out, result, report, how.score);
    session.print(
        fmt::format("forecasts.csv, scores.csv, scores_by.csv, paths.csv and report.html are in {}\n", arguments.out));
  }
  session.json(document);
  return result.failures.empty() ? exit_done : exit_partly;
}

}  // namespace

void add_backtest_command(CLI::App& app, Run& chosen) {
  auto arguments = std::make_shared<BacktestArguments>();
  CLI::App* command =
      app.add_subcommand("backtest", "Judge models on videos that they have not seen, beside baselines");
  command->add_option("--model", arguments->options.models, "Only these models, of the configuration or plugins");
  command->add_option("--fold", arguments->options.only_folds, "Only these folds");
  command->add_option("--out", arguments->out, "Write forecasts, scores and report.html to this folder");
  command->add_flag("--ablate", arguments->options.ablate,
                    "Judge each model also with fewer inputs: what do channel, text and thumbnail bring?");
  command->add_flag("--increments", arguments->increments, "Judge what was still to come instead of the totals");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return run(session, *arguments); }; });
}

}  // namespace risetime::core
