// risetime status | retry
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/pipeline/collect.hpp"

namespace risetime::core {

namespace {

int status(Session& session) {
  Catalog& catalog = session.project().catalog();
  Json all = Json::object();
  for (const char* table : {"channel", "video", "observation", "thumbnail", "forecast", "reject"}) {
    std::int64_t rows = 0;
    const std::string first = table == std::string("reject") ? "source" : "platform";
    for_each_batch(catalog.store(), {table, {first}, {}},
                   [&](const Batch& batch) { rows += static_cast<std::int64_t>(batch.rows()); });
    session.print(fmt::format("{:12} {:>12} rows\n", table, group_digits(rows)));
    all["rows"][table] = rows;
  }
  bool any_failed = false;
  all["progress"] = Json::array();
  for (const Progress& progress : catalog.progress()) {
    any_failed = any_failed || progress.state == "failed";
    const std::string attempts = progress.attempts > 0 ? fmt::format(" (attempt {})", progress.attempts) : "";
    session.print(fmt::format("{:20} {:24} {:7} {}  {}{}\n", progress.stage, progress.account, progress.state,
                              format_time(progress.updated_at), terminal_safe(progress.message), attempts));
    Json line = Json::object();
    line["stage"] = progress.stage;
    line["account"] = progress.account;
    line["state"] = progress.state;
    line["message"] = progress.message;
    line["attempts"] = progress.attempts;
    line["updated_at"] = format_time(progress.updated_at);
    all["progress"].push_back(std::move(line));
  }
  session.json(all);
  return any_failed ? exit_partly : exit_done;
}

// Sources with something failed are asked again; they know best how to come back to an account.
int retry(Session& session, const std::string& wanted) {
  Project& project = session.project();
  std::vector<std::string> sources;
  for (const Progress& progress : project.catalog().progress()) {
    const bool is_collect = progress.stage.rfind("collect/", 0) == 0;
    const bool is_wanted =
        wanted.empty() || wanted == progress.account || wanted == progress.stage || wanted == "collect";
    if (is_collect && is_wanted && progress.state == "failed") {
      const std::string source = progress.stage.substr(8);
      if (std::find(sources.begin(), sources.end(), source) == sources.end()) sources.push_back(source);
    }
  }
  if (sources.empty()) {
    session.print("nothing has failed\n");
    return exit_done;
  }
  return collect(project, sources).all_well() ? exit_done : exit_partly;
}

}  // namespace

void add_status_commands(CLI::App& app, Run& chosen) {
  app.add_subcommand("status", "How far every stage and account has come, and what failed")->callback([&chosen] {
    chosen = status;
  });
  auto wanted = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("retry", "Take up what failed");
  command->add_option("WHAT", *wanted, "An account or a stage; all that failed without it");
  command->callback([&chosen, wanted] { chosen = [wanted](Session& session) { return retry(session, *wanted); }; });
}

}  // namespace risetime::core
