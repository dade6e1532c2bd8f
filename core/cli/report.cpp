// risetime report
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/files.hpp"
#include "core/cli/command.hpp"
#include "core/cli/forecast_view.hpp"
#include "core/cli/json_lines.hpp"
#include "core/pipeline/featurize.hpp"

namespace risetime::core {

namespace {

int run(Session& session, const std::string& file) {
  Project& project = session.project();
  const TrainSummary trained = train(project, featurize(project).sets);
  const ForecastSummary summary = forecast(project, trained);
  const ForecastReport report = view_of(project, summary, trained);
  write_file(file, render_forecasts(report));
  session.print(print_forecasts(report, style_of(STDOUT_FILENO)));
  session.print("\n" + print_figures(report, style_of(STDOUT_FILENO)));
  session.print(fmt::format("\npage: {}\n", file));
  session.json(forecasts_json(report));
  return exit_done;
}

}  // namespace

void add_report_command(CLI::App& app, Run& chosen) {
  auto file = std::make_shared<std::string>("report.html");
  CLI::App* command = app.add_subcommand("report", "The forecasts as a table, and as one page with charts");
  command->add_option("-o,--output", *file, "The page")->capture_default_str();
  command->callback([&chosen, file] { chosen = [file](Session& session) { return run(session, *file); }; });
}

}  // namespace risetime::core
