// risetime run | collect | featurize | train | forecast
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/cli/forecast_view.hpp"
#include "core/cli/json_lines.hpp"
#include "core/pipeline/collect.hpp"
#include "core/pipeline/featurize.hpp"
#include "core/pipeline/forecast.hpp"
#include "core/pipeline/train.hpp"

namespace risetime::core {

namespace {}  // namespace

int status_of(const CollectSummary& summary) {
  if (summary.any_misconfigured()) return exit_config;
  if (summary.all_failed()) return exit_failed;
  return summary.all_well() ? exit_done : exit_partly;
}

Json report_collect(Session& session, const CollectSummary& summary) {
  Json all = Json::array();
  for (const SourceSummary& source : summary.sources) {
    std::string tables;
    Json line = Json::object();
    for (const auto& [table, rows] : source.new_rows) {
      if (rows == 0) continue;
      tables +=
          fmt::format("{}{} new {}", tables.empty() ? "" : ", ", group_digits(static_cast<std::int64_t>(rows)), table);
      line["new_rows"][table] = rows;
    }
    session.print(
        fmt::format("collected {}: {}{}{}{}\n", source.id, tables.empty() ? "nothing new" : tables,
                    source.rejects > 0 ? fmt::format(", {} rows kept aside", source.rejects) : "",
                    source.corrections > 0 ? fmt::format(", {} totals corrected downwards", source.corrections) : "",
                    source.error.empty() ? "" : "; failed: " + source.error));
    constexpr std::size_t most_shown = 20;
    for (std::size_t i = 0; i < std::min(most_shown, source.failed_accounts.size()); ++i)
      session.print(fmt::format("  failed: {}\n", terminal_safe(source.failed_accounts[i])));
    if (source.failed_accounts.size() > most_shown)
      session.print(
          fmt::format("  and {} more: `risetime status --all`\n", source.failed_accounts.size() - most_shown));
    line["source"] = source.id;
    line["rejects"] = source.rejects;
    line["corrections"] = source.corrections;
    line["error"] = source.error;
    line["failed_accounts"] = Json::array();
    for (const std::string& failed : source.failed_accounts) line["failed_accounts"].push_back(failed);
    all.push_back(std::move(line));
  }
  return all;
}

namespace {

Json report_featurize(Session& session, const FeaturizeSummary& summary) {
  Json all = Json::array();
  for (const FeatureSet& set : summary.sets) {
    const auto described = summary.described.count(set.id) != 0 ? summary.described.at(set.id) : 0;
    const auto missing = summary.missing.count(set.id) != 0 ? summary.missing.at(set.id) : 0;
    session.print(fmt::format("featurized {}: {} numbers a video, {} described now{}\n", set.id, set.names.size(),
                              described, missing > 0 ? fmt::format(", {} without a value", missing) : ""));
    Json line = Json::object();
    line["featurizer"] = set.id;
    line["feature_set"] = set.hash;
    line["dimensions"] = static_cast<std::int64_t>(set.names.size());
    line["described"] = described;
    line["missing"] = missing;
    all.push_back(std::move(line));
  }
  return all;
}

// How many channels each model was chosen for, where any channel says "auto".
void report_choice(Session& session, const ModelChoice& choice) {
  if (choice.overall.model.empty()) return;
  std::map<std::string, std::size_t> channels;
  for (const auto& [channel, chosen] : choice.channels) ++channels[chosen.model];
  std::string counts;
  for (const auto& [model, count] : channels) counts += fmt::format(", {} for {} channels", model, count);
  session.print(fmt::format("auto: {} where nothing is known{} ({})\n", choice.overall.model, counts,
                            choice.hash.empty() ? "nothing to judge by yet" : choice.hash.substr(0, 12)));
}

Json report_train(Session& session, const TrainSummary& trained) {
  report_choice(session, trained.choice);
  Json all = Json::array();
  for (const TrainedModel& model : trained.models) {
    session.print(!model.error.empty() ? fmt::format("model {}: failed: {}\n", model.id, model.error)
                  : model.is_new       ? fmt::format("model {}: trained on {} videos in {:.1f} s ({})\n", model.id,
                                                     model.videos, model.seconds, model.hash.substr(0, 12))
                                       : fmt::format("model {}: unchanged ({})\n", model.id, model.hash.substr(0, 12)));
    Json line = Json::object();
    line["model"] = model.id;
    line["artifact"] = model.hash;
    line["trained"] = model.is_new;
    line["error"] = model.error;
    all.push_back(std::move(line));
  }
  return all;
}

bool all_trained(const TrainSummary& trained) {
  return std::all_of(trained.models.begin(), trained.models.end(),
                     [](const TrainedModel& model) { return model.error.empty(); });
}

struct ForecastArguments {
  std::string at;
  bool all = false;
  std::string html;
};

ForecastOptions forecast_options(const ForecastArguments& arguments) {
  ForecastOptions options;
  if (!arguments.at.empty()) {
    options.at = parse_time(arguments.at);
    if (!options.at)
      throw Error(Code::config, "--at", "\"" + arguments.at + "\" is no time; write 2026-05-01T00:00:00Z");
  }
  if (arguments.all) options.longest_silence = INT64_MAX / 4;
  return options;
}

// Whoever stands in the past must not have learnt from what came later either.
RowRange known_at(const ForecastOptions& options) { return options.at ? RowRange{*options.at + 1} : RowRange{}; }

int show_forecasts(Session& session, Project& project, const ForecastSummary& summary, const TrainSummary& trained,
                   const ForecastArguments& arguments, Json& document) {
  const ForecastReport report = view_of(project, summary, trained);
  ReportLimits limits;
  limits.rows = 20;
  session.print(print_forecasts(report, style_of(STDOUT_FILENO), limits));
  session.print("\n" + print_figures(report, style_of(STDOUT_FILENO), limits));
  session.print(fmt::format(
      "\n{} videos forecast, run {}{}{}\n", summary.videos, summary.run_id.substr(0, 12),
      summary.without > 0 ? fmt::format("; {} without a forecast", summary.without) : "",
      summary.silent > 0
          ? fmt::format("; {} left out because they were not read for long (--all takes them in)", summary.silent)
          : ""));
  if (!arguments.html.empty()) {
    write_file(arguments.html, render_forecasts(report));
    session.print(fmt::format("page: {}\n", arguments.html));
  }
  document["run_id"] = summary.run_id;
  document["videos"] = summary.videos;
  document["forecasts"] = forecasts_json(report);
  document["alerts"] = alerts_json(report);
  return summary.without > 0 ? exit_partly : exit_done;
}

int run_once(Session& session, Project& project, const ForecastArguments& arguments, bool due_only) {
  Json document = Json::object();
  CollectOptions asked;
  asked.due_only = due_only;
  const CollectSummary collected = collect(project, asked);
  document["collect"] = report_collect(session, collected);
  const ForecastOptions options = forecast_options(arguments);
  const RowRange range = known_at(options);
  const FeaturizeSummary features = featurize(project, range);
  document["featurize"] = report_featurize(session, features);
  const TrainSummary trained = train(project, features.sets, range);
  document["train"] = report_train(session, trained);
  const ForecastSummary forecasts = forecast(project, trained, options);
  session.print("\n");
  const int status = show_forecasts(session, project, forecasts, trained, arguments, document);
  session.json(document);
  if (!collected.all_well()) return status_of(collected) == exit_failed ? exit_partly : status_of(collected);
  return all_trained(trained) ? status : exit_partly;
}

// A round that was missed is not made up for; a source is asked when its own `every` is over.
int run_every(Session& session, Project& project, std::int64_t every, const ForecastArguments& arguments) {
  int status = exit_done;
  std::int64_t next = session.clock().now();
  while (!stop_requested()) {
    status = run_once(session, project, arguments, true);
    std::fflush(stdout);
    const std::int64_t now = session.clock().now();
    while (next <= now) next += every;
    session.log().info("next round at {}", format_time(next));
    while (!stop_requested() && session.clock().now() < next) session.clock().sleep(200 * millisecond);
  }
  return status;
}

struct RunArguments {
  bool once = false;
  std::string every;
  ForecastArguments forecast;
};

int run(Session& session, const RunArguments& arguments) {
  Project& project = session.project();
  if (arguments.every.empty()) return run_once(session, project, arguments.forecast, false);
  const auto every = parse_duration(arguments.every);
  if (!every || *every < second)
    throw Error(Code::config, "--every", "\"" + arguments.every + "\" is no time of a second or more; write 1h or 15m");
  return run_every(session, project, *every, arguments.forecast);
}

struct CollectArguments {
  bool due = false, follow = false;
};

int collect_as_asked(Session& session, const CollectArguments& arguments) {
  Project& project = session.project();
  CollectOptions options;
  options.due_only = arguments.due || arguments.follow;
  if (!arguments.follow) {
    const CollectSummary summary = collect(project, options);
    session.json(report_collect(session, summary));
    return status_of(summary);
  }
  int status = exit_done;
  while (!stop_requested()) {
    const CollectSummary summary = collect(project, options);
    if (!summary.sources.empty()) {
      session.json(report_collect(session, summary));
      std::fflush(stdout);
      status = status_of(summary);
    }
    // A source that failed as a whole is due at once: not more than every ten seconds.
    const std::int64_t now = session.clock().now();
    const std::int64_t next = std::max(next_collect_at(project).value_or(now + minute), now + 10 * second);
    session.log().debug("next round at {}", format_time(next));
    while (!stop_requested() && session.clock().now() < next && session.clock().now() >= now)
      session.clock().sleep(200 * millisecond);
  }
  return status;
}

void add_forecast_options(CLI::App& command, ForecastArguments& arguments) {
  command.add_option("--at", arguments.at, "Stand at this time; later rows are not looked at");
  command.add_flag("--all", arguments.all, "Also videos that were not read for two weeks");
  command.add_option("--html", arguments.html, "Also write a page with charts to this file");
}

}  // namespace

void add_stage_commands(CLI::App& app, Run& chosen) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("run", "All stages: collect, featurize, train, forecast");
  command->add_flag("--once", arguments->once, "One round and no more, as without --every");
  command->add_option("--every", arguments->every, "Go on, a round every 1h, 15m, ...")->excludes("--once");
  add_forecast_options(*command, arguments->forecast);
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return run(session, *arguments); }; });

  auto when = std::make_shared<CollectArguments>();
  CLI::App* collecting = app.add_subcommand("collect", "Ask every source for new rows");
  collecting->add_flag("--due", when->due, "Only sources whose time between two rounds is over");
  collecting->add_flag("--follow", when->follow, "Go on until stopped, a round of each source every time it is due");
  collecting->callback(
      [&chosen, when] { chosen = [when](Session& session) { return collect_as_asked(session, *when); }; });
  app.add_subcommand("featurize", "Give every video its vectors")->callback([&chosen] {
    chosen = [](Session& session) {
      session.json(report_featurize(session, featurize(session.project())));
      return exit_done;
    };
  });
  app.add_subcommand("train", "Fit the models whose rows or settings have changed")->callback([&chosen] {
    chosen = [](Session& session) {
      Project& project = session.project();
      const TrainSummary trained = train(project, featurize(project).sets);
      session.json(report_train(session, trained));
      return all_trained(trained) ? exit_done : exit_partly;
    };
  });
  auto asked = std::make_shared<ForecastArguments>();
  CLI::App* forecasts =
      app.add_subcommand("forecast", "Forecast every video, with the models as they are or must be trained");
  add_forecast_options(*forecasts, *asked);
  forecasts->callback([&chosen, asked] {
    chosen = [asked](Session& session) {
      Project& project = session.project();
      const ForecastOptions options = forecast_options(*asked);
      const RowRange range = known_at(options);
      const TrainSummary trained = train(project, featurize(project, range).sets, range);
      Json document = Json::object();
      const int status =
          show_forecasts(session, project, forecast(project, trained, options), trained, *asked, document);
      session.json(document);
      return all_trained(trained) ? status : static_cast<int>(exit_partly);
    };
  });
}

}  // namespace risetime::core
