// risetime run | collect | featurize | train | forecast
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/cli/forecast_view.hpp"
#include "core/pipeline/collect.hpp"
#include "core/pipeline/featurize.hpp"
#include "core/pipeline/forecast.hpp"
#include "core/pipeline/train.hpp"

namespace risetime::core {

namespace {

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
    session.print(fmt::format("collected {}: {}{}{}\n", source.id, tables.empty() ? "nothing new" : tables,
                              source.rejects > 0 ? fmt::format(", {} rows kept aside", source.rejects) : "",
                              source.error.empty() ? "" : "; failed: " + source.error));
    for (const std::string& failed : source.failed_accounts)
      session.print(fmt::format("  failed: {}\n", terminal_safe(failed)));
    line["source"] = source.id;
    line["rejects"] = source.rejects;
    line["error"] = source.error;
    line["failed_accounts"] = Json::array();
    for (const std::string& failed : source.failed_accounts) line["failed_accounts"].push_back(failed);
    all.push_back(std::move(line));
  }
  return all;
}

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

Json report_train(Session& session, const std::vector<TrainedModel>& models) {
  Json all = Json::array();
  for (const TrainedModel& model : models) {
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

bool all_trained(const std::vector<TrainedModel>& models) {
  return std::all_of(models.begin(), models.end(), [](const TrainedModel& model) { return model.error.empty(); });
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

int show_forecasts(Session& session, Project& project, const ForecastSummary& summary,
                   const std::vector<TrainedModel>& models, const ForecastArguments& arguments, Json& document) {
  const ForecastReport report = view_of(project, summary, models);
  ReportLimits limits;
  limits.rows = 20;
  session.print(print_forecasts(report, style_of(STDOUT_FILENO), limits));
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
  document["forecasts"] = json_of(report);
  return summary.without > 0 ? exit_partly : exit_done;
}

int run_once(Session& session, Project& project, const ForecastArguments& arguments) {
  Json document = Json::object();
  const CollectSummary collected = collect(project);
  document["collect"] = report_collect(session, collected);
  const ForecastOptions options = forecast_options(arguments);
  const RowRange range = known_at(options);
  const FeaturizeSummary features = featurize(project, range);
  document["featurize"] = report_featurize(session, features);
  const auto models = train(project, features.sets, range);
  document["train"] = report_train(session, models);
  const ForecastSummary forecasts = forecast(project, models, options);
  session.print("\n");
  const int status = show_forecasts(session, project, forecasts, models, arguments, document);
  session.json(document);
  return collected.all_well() && all_trained(models) ? status : exit_partly;
}

// A round that was missed is not made up for.
int run_every(Session& session, Project& project, std::int64_t every, const ForecastArguments& arguments) {
  int status = exit_done;
  std::int64_t next = session.clock().now();
  while (!stop_requested()) {
    status = run_once(session, project, arguments);
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
  if (arguments.every.empty()) return run_once(session, project, arguments.forecast);
  const auto every = parse_duration(arguments.every);
  if (!every || *every < second)
    throw Error(Code::config, "--every", "\"" + arguments.every + "\" is no time of a second or more; write 1h or 15m");
  return run_every(session, project, *every, arguments.forecast);
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

  app.add_subcommand("collect", "Ask every source for new rows")->callback([&chosen] {
    chosen = [](Session& session) {
      const CollectSummary summary = collect(session.project());
      session.json(report_collect(session, summary));
      return summary.all_well() ? exit_done : exit_partly;
    };
  });
  app.add_subcommand("featurize", "Give every video its vectors")->callback([&chosen] {
    chosen = [](Session& session) {
      session.json(report_featurize(session, featurize(session.project())));
      return exit_done;
    };
  });
  app.add_subcommand("train", "Fit the models whose rows or settings have changed")->callback([&chosen] {
    chosen = [](Session& session) {
      Project& project = session.project();
      const auto models = train(project, featurize(project).sets);
      session.json(report_train(session, models));
      return all_trained(models) ? exit_done : exit_partly;
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
      const auto models = train(project, featurize(project, range).sets, range);
      Json document = Json::object();
      const int status = show_forecasts(session, project, forecast(project, models, options), models, *asked, document);
      session.json(document);
      return all_trained(models) ? status : static_cast<int>(exit_partly);
    };
  });
}

}  // namespace risetime::core
