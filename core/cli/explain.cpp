// risetime explain
#include "core/pipeline/explain.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/report/forecast_report.hpp"

namespace risetime::core {

namespace {

struct ExplainArguments {
  std::string video, stat;
  bool shows_all = false;
};

// "+12 %": how much more the forecast says because of the input.
std::string percent(double factor) { return std::isnan(factor) ? "-" : fmt::format("{:+.1f} %", 100 * (factor - 1)); }

Json json_of(const Explanation& explanation) {
  Json json = Json::object();
  json["platform"] = explanation.platform;
  json["video_id"] = explanation.video_id;
  json["title"] = explanation.title;
  json["model"] = explanation.model;
  json["stat"] = explanation.stat;
  json["issued_at"] = format_time(explanation.issued_at);
  json["last"] = explanation.last;
  for (const char* name : {"horizons", "medians", "influences"}) json[name] = Json::array();
  for (const std::int64_t horizon : explanation.horizons) json["horizons"].push_back(format_duration(horizon));
  for (const double median : explanation.medians) json["medians"].push_back(median);
  for (const Influence& each : explanation.influences) {
    Json line = Json::object();
    line["input"] = each.input;
    line["factors"] = Json::Array(each.factors.begin(), each.factors.end());
    json["influences"].push_back(std::move(line));
  }
  return json;
}

int run(Session& session, const ExplainArguments& arguments) {
  Project& project = session.project();
  const std::string stat = arguments.stat.empty() ? project.settings().forecast.stats.front() : arguments.stat;
  const TrainSummary trained = train(project, featurize(project).sets);
  const Explanation found = explain(project, trained, arguments.video, stat);
  std::vector<TableColumn> columns = {{"Input", Align::left, 70, true}};
  for (const std::int64_t horizon : found.horizons) columns.push_back({"+" + format_duration(horizon), Align::right});
  TextTable table(columns);
  constexpr std::size_t most_shown = 25;
  constexpr double least_shown = 0.0005;  // what prints as 0.0 %
  for (const Influence& each : found.influences) {
    const bool matters = std::any_of(each.factors.begin(), each.factors.end(),
                                     [](double factor) { return std::abs(factor - 1) >= least_shown; });
    if (!arguments.shows_all && (!matters || table.size() == most_shown)) continue;
    std::vector<Cell> row = {Cell(each.input)};
    for (const double factor : each.factors)
      row.emplace_back(percent(factor), factor > 1.05 ? Tone::good : factor < 0.95 ? Tone::bad : Tone::plain);
    table.add(std::move(row));
  }
  session.print(terminal_safe(found.title.empty() ? found.video_id : found.title) + "\n");
  session.print(fmt::format("{} by {}: {} now", found.stat, found.model, short_count(found.last)));
  for (std::size_t i = 0; i < found.horizons.size(); ++i)
    session.print(fmt::format(", {} in {}", short_count(found.medians[i]), format_duration(found.horizons[i])));
  session.print("\n\nWhat each input adds to the forecast, by asking again without it:\n");
  session.print(table.size() == 0 ? "nothing that it was given moves it\n" : table.print(style_of(STDOUT_FILENO)));
  session.json(json_of(found));
  return exit_done;
}

}  // namespace

void add_explain_command(CLI::App& app, Run& chosen) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand("explain", "Which inputs moved the forecast of a video");
  command->add_option("VIDEO", arguments->video, "Its id, or platform:id")->required();
  command->add_option("--stat", arguments->stat, "Of this stat; the first one without it");
  command->add_flag("--all", arguments->shows_all, "Also inputs that moved nothing");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return run(session, *arguments); }; });
}

}  // namespace risetime::core
