// risetime backtest
#include "core/pipeline/backtest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/pipeline/forecasts_csv.hpp"
#include "core/report/backtest_report.hpp"

namespace risetime::core {

namespace {

struct BacktestArguments {
  BacktestOptions options;
  std::string out;
  bool increments = false;
};

Json score_json(const std::string& origin, const Score& score) {
  Json line = Json::object();
  line["origin"] = origin;
  line["model"] = score.model;
  line["stat"] = score.stat;
  line["hours"] = score.hours;
  line["videos"] = static_cast<std::int64_t>(score.videos);
  line["mae_log2"] = score.mae_log2;
  line["ape"] = score.ape;
  line["src"] = score.src;
  line["mrse"] = score.mrse;
  line["smape"] = score.smape;
  line["wql"] = score.wql;
  line["cover80"] = score.cover80;
  line["cover95"] = score.cover95;
  line["factor80"] = score.factor80;
  line["factor95"] = score.factor95;
  return line;
}

constexpr std::uint64_t bootstrap_seed = 1;

BacktestReport describe(Project& project, const BacktestResult& result) {
  const Settings& settings = project.settings();
  BacktestReport report;
  report.project = settings.project.name;
  report.generated_at = project.runtime().clock.now();
  report.stats = settings.forecast.stats;
  report.provenance = {{"videos judged", fmt::format("{} in {} splits", result.videos, result.splits)}};
  for (const std::string& failure : result.failures) report.provenance.emplace_back("failed", failure);
  return report;
}

int run(Session& session, const BacktestArguments& arguments) {
  Project& project = session.project();
  const BacktestResult result = backtest(project, arguments.options);
  Json document = Json::object();
  document["scores"] = Json::array();
  ScoreOptions how;
  how.increments = arguments.increments;
  BacktestReport report = describe(project, result);
  std::vector<ScoredForecast> all;
  for (const StandingForecasts& standing : result.standings) {
    const BacktestSection& section =
        report.sections.emplace_back(judge(standing.origin, standing.forecasts, how, bootstrap_seed));
    session.print(fmt::format("\nstanding at {}\n", section.origin));
    session.print(print_leaderboard(section, report.stats, style_of(STDOUT_FILENO)));
    for (const Score& each : section.scores) document["scores"].push_back(score_json(section.origin, each));
    all.insert(all.end(), standing.forecasts.begin(), standing.forecasts.end());
  }
  session.print(
      fmt::format("\n{} videos judged in {} splits; {} forecasts\n", result.videos, result.splits, all.size()));
  document["failures"] = Json::array();
  for (const std::string& failure : result.failures) document["failures"].push_back(failure);
  if (!arguments.out.empty()) {
    make_folders(arguments.out);
    const std::filesystem::path folder(arguments.out);
    std::ofstream forecasts(folder / "forecasts.csv", std::ios::binary);
    write_forecasts_header(forecasts);
    write_forecasts(forecasts, all);
    std::ofstream scores(folder / "scores.csv", std::ios::binary);
    write_scores(scores, score(all, how));
    if (!forecasts.flush() || !scores.flush())
      throw Error(Code::io, folder.string(), "forecasts.csv and scores.csv could not be written whole");
    write_file(folder / "report.html", render_backtest(report));
    session.print(fmt::format("forecasts.csv, scores.csv and report.html are in {}\n", folder.string()));
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
  command->add_option("--out", arguments->out, "Write forecasts.csv, scores.csv and report.html to this folder");
  command->add_flag("--increments", arguments->increments, "Judge what was still to come instead of the totals");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return run(session, *arguments); }; });
}

}  // namespace risetime::core
