// risetime backtest
#include "core/pipeline/backtest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/pipeline/forecasts_csv.hpp"
#include "core/report/table.hpp"

namespace risetime::core {

namespace {

struct BacktestArguments {
  BacktestOptions options;
  std::string out;
  bool increments = false;
};

std::string hours_text(std::int64_t hours) {
  return hours % 24 == 0 ? fmt::format("+{}d", hours / 24) : fmt::format("+{}h", hours);
}

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

// Best first within a stat and horizon, by the error in log.
void print_scores(Session& session, const std::string& origin, std::vector<Score> scores, Json& all) {
  std::sort(scores.begin(), scores.end(), [](const Score& a, const Score& b) {
    return std::tie(a.stat, a.hours, a.mae_log2) < std::tie(b.stat, b.hours, b.mae_log2);
  });
  TextTable table({{"stat"},
                   {"horizon"},
                   {"model"},
                   {"videos", Align::right},
                   {"MAE-log2", Align::right},
                   {"APE %", Align::right},
                   {"SRC", Align::right},
                   {"sMAPE", Align::right},
                   {"WQL", Align::right},
                   {"in 80 %", Align::right},
                   {"factor", Align::right},
                   {"in 95 %", Align::right}});
  const Score* previous = nullptr;
  for (const Score& score : scores) {
    const bool is_first = previous == nullptr || previous->stat != score.stat || previous->hours != score.hours;
    if (is_first && previous != nullptr) table.add_rule();
    previous = &score;
    table.add({Cell(score.stat), Cell(hours_text(score.hours)), Cell(score.model, is_first ? Tone::good : Tone::plain),
               Cell(std::to_string(score.videos)), Cell(fmt::format("{:.3f}", score.mae_log2)),
               Cell(fmt::format("{:.2f}", score.ape)), Cell(fmt::format("{:.3f}", score.src)),
               Cell(fmt::format("{:.1f}", score.smape)), Cell(fmt::format("{:.3f}", score.wql)),
               Cell(fmt::format("{:.1f}", 100 * score.cover80)), Cell(fmt::format("{:.2f}", score.factor80)),
               Cell(fmt::format("{:.1f}", 100 * score.cover95))});
    all.push_back(score_json(origin, score));
  }
  session.print(fmt::format("\nstanding at {}\n", origin));
  session.print(table.print(style_of(STDOUT_FILENO)));
}

int run(Session& session, const BacktestArguments& arguments) {
  const BacktestResult result = backtest(session.project(), arguments.options);
  Json document = Json::object();
  document["scores"] = Json::array();
  ScoreOptions how;
  how.increments = arguments.increments;
  std::vector<ScoredForecast> all;
  for (const StandingForecasts& standing : result.standings) {
    print_scores(session, standing.origin, score(standing.forecasts, how), document["scores"]);
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
    session.print(fmt::format("forecasts.csv and scores.csv are in {}\n", folder.string()));
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
  command->add_option("--out", arguments->out, "Write forecasts.csv and scores.csv to this folder");
  command->add_flag("--increments", arguments->increments, "Judge what was still to come instead of the totals");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return run(session, *arguments); }; });
}

}  // namespace risetime::core
