// risetime explain
#include "core/pipeline/explain.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/report/forecast_report.hpp"

namespace risetime::core {

namespace {

constexpr std::size_t most_shown = 25;
constexpr double least_shown = 0.0005;  // what prints as 0.0 %

struct ExplainArguments {
  std::string video, stat, method;
  bool shows_all = false;
};

// "+12 %": how much more the forecast says because of the input.
std::string percent(double factor) { return std::isnan(factor) ? "-" : fmt::format("{:+.1f} %", 100 * (factor - 1)); }

// "1.35x": what the gain is multiplied by.
std::string times(double factor) {
  return factor >= 100  ? fmt::format("{:.0f}x", factor)
         : factor >= 10 ? fmt::format("{:.1f}x", factor)
                        : fmt::format("{:.2f}x", factor);
}

Json numbers(const std::vector<double>& values) { return Json::Array(values.begin(), values.end()); }

Json lines_of(const std::vector<Influence>& influences) {
  Json lines = Json::array();
  for (const Influence& each : influences) {
    Json line = Json::object();
    line["input"] = each.input;
    line["factors"] = numbers(each.factors);
    lines.push_back(std::move(line));
  }
  return lines;
}

// base and contributions (natural logarithms; see the SDK's contributions.hpp) where the model says them itself.
Json json_of(const Explanation& explanation) {
  Json json = Json::object();
  json["platform"] = explanation.platform;
  json["video_id"] = explanation.video_id;
  json["title"] = explanation.title;
  json["model"] = explanation.model;
  json["stat"] = explanation.stat;
  json["issued_at"] = format_time(explanation.issued_at);
  json["last"] = explanation.last;
  json["horizons"] = Json::array();
  for (const std::int64_t horizon : explanation.horizons) json["horizons"].push_back(format_duration(horizon));
  json["medians"] = numbers(explanation.medians);
  json["method"] = name_of(explanation.method);
  if (explanation.method == ExplainMethod::model) {
    json["base"] = numbers(explanation.base);
    json["contributions"] = Json::array();
    for (const Influence& each : explanation.influences) {
      Json line = Json::object();
      line["input"] = each.input;
      line["values"] = Json::array();
      for (const double factor : each.factors) line["values"].push_back(std::log(factor));
      json["contributions"].push_back(std::move(line));
    }
    json["words"] = lines_of(explanation.words);
  }
  json["influences"] = lines_of(explanation.influences);
  return json;
}

TextTable table_of(const Explanation& found, const char* first) {
  std::vector<TableColumn> columns = {{first, Align::left, 70, true}};
  for (const std::int64_t horizon : found.horizons) columns.push_back({"+" + format_duration(horizon), Align::right});
  return TextTable(columns);
}

// The strongest, with what `text` says of each factor; how many were left out.
std::size_t add_influences(const std::vector<Influence>& influences, bool shows_all, std::string (*text)(double factor),
                           TextTable& table) {
  std::size_t shown = 0;
  for (const Influence& each : influences) {
    const bool matters = std::any_of(each.factors.begin(), each.factors.end(),
                                     [](double factor) { return std::abs(factor - 1) >= least_shown; });
    if (!shows_all && (!matters || shown == most_shown)) continue;
    std::vector<Cell> row = {Cell(each.input)};
    for (const double factor : each.factors)
      row.emplace_back(text(factor), factor > 1.05 ? Tone::good : factor < 0.95 ? Tone::bad : Tone::plain);
    table.add(std::move(row));
    ++shown;
  }
  return influences.size() - shown;
}

// From what an average video gains to what this one does. A level is told as a share of what it is now.
void print_said(Session& session, const Explanation& found, bool shows_all) {
  const auto amount = [&](double log) {
    return found.is_total ? "+" + short_count(std::expm1(std::max(0.0, log))) : times(std::exp(log));
  };
  TextTable table = table_of(found, "Input");
  std::vector<Cell> average = {
      Cell(found.is_total ? "an average video gains" : "an average one, beside now", Tone::dim)};
  std::vector<Cell> this_one = {Cell(found.is_total ? "this video gains" : "this one, beside now", Tone::strong)};
  for (std::size_t horizon = 0; horizon < found.horizons.size(); ++horizon) {
    double log = found.base[horizon];
    average.emplace_back(amount(log), Tone::dim);
    for (const Influence& each : found.influences) log += std::log(each.factors[horizon]);
    this_one.emplace_back(amount(log), Tone::strong);
  }
  table.add(std::move(average));
  table.add_rule();
  const std::size_t left_out = add_influences(found.influences, shows_all, times, table);
  table.add_rule();
  table.add(std::move(this_one));
  session.print("What each input multiplies that by, by the model itself:\n");
  session.print(table.print(style_of(STDOUT_FILENO)));
  if (left_out > 0) session.print(fmt::format("{} more hardly moved it (--all shows them)\n", left_out));
  if (found.words.empty()) return;
  TextTable words = table_of(found, "Word of the title");
  add_influences(found.words, shows_all, percent, words);
  if (words.size() == 0) return;
  session.print("\nWhat each word adds to the forecast, by asking again without it:\n");
  session.print(words.print(style_of(STDOUT_FILENO)));
}

void print_asked(Session& session, const Explanation& found, bool shows_all) {
  TextTable table = table_of(found, "Input");
  add_influences(found.influences, shows_all, percent, table);
  session.print("What each input adds to the forecast, by asking again without it:\n");
  session.print(table.size() == 0 ? "nothing that it was given moves it\n" : table.print(style_of(STDOUT_FILENO)));
}

int run(Session& session, const ExplainArguments& arguments) {
  Project& project = session.project();
  const std::string stat = arguments.stat.empty() ? project.settings().forecast.stats.front() : arguments.stat;
  std::optional<ExplainMethod> method;
  if (!arguments.method.empty())
    method = arguments.method == name_of(ExplainMethod::model) ? ExplainMethod::model : ExplainMethod::ask_again;
  const TrainSummary trained = train(project, featurize(project).sets);
  const Explanation found = explain(project, trained, arguments.video, stat, method);
  session.print(terminal_safe(found.title.empty() ? found.video_id : found.title) + "\n");
  session.print(fmt::format("{} by {}: {} now", found.stat, found.model, short_count(found.last)));
  for (std::size_t i = 0; i < found.horizons.size(); ++i)
    session.print(fmt::format(", {} in {}", short_count(found.medians[i]), format_duration(found.horizons[i])));
  session.print("\n\n");
  if (found.method == ExplainMethod::model)
    print_said(session, found, arguments.shows_all);
  else
    print_asked(session, found, arguments.shows_all);
  session.json(json_of(found));
  return exit_done;
}

}  // namespace

void add_explain_command(CLI::App& app, Run& chosen) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand("explain", "Which inputs moved the forecast of a video");
  command->add_option("VIDEO", arguments->video, "Its id, or platform:id")->required();
  command->add_option("--stat", arguments->stat, "Of this stat; the first one without it");
  command
      ->add_option("--method", arguments->method,
                   "model: as the model itself says; ask-again: by its forecasts without each input; without it, the "
                   "first where the model can")
      ->check(CLI::IsMember({"model", "ask-again"}));
  command->add_flag("--all", arguments->shows_all, "Also inputs that moved nothing");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return run(session, *arguments); }; });
}

}  // namespace risetime::core
