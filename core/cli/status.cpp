// risetime status | retry
#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/pipeline/collect.hpp"
#include "core/pipeline/round.hpp"

namespace risetime::core {

namespace {

constexpr std::string_view collect_prefix = "collect/";

// How one source stands: the accounts that it announced, by what became of them in its latest round.
struct Standing {
  RoundState round;
  std::size_t accounts = 0, done = 0, failed = 0;
  std::vector<std::string> pending;
};

Standing standing_of(Catalog& catalog, const SourceSettings& source, const std::vector<Progress>& progress) {
  Standing standing;
  standing.round = read_round(catalog.store(), source.id);
  const auto announced = announced_accounts(catalog.store(), source.id).value_or(std::vector<std::string>());
  std::map<std::string_view, const Progress*> known;
  for (const Progress& each : progress)
    if (each.stage == std::string(collect_prefix) + source.id) known[each.account] = &each;
  standing.accounts = announced.size();
  for (const std::string& account : announced) {
    const auto found = known.find(account);
    const bool is_old = found == known.end() || found->second->round != standing.round.number;
    if (found != known.end() && found->second->state == "failed")
      ++standing.failed;
    else if (is_old || found->second->state == "pending")
      standing.pending.push_back(account);
    else
      ++standing.done;
  }
  return standing;
}

void show_rows(Session& session, Catalog& catalog, Json& all) {
  for (const char* table : {"channel", "video", "observation", "thumbnail", "presence", "forecast"}) {
    const auto rows = static_cast<std::int64_t>(catalog.count(table));
    session.print(fmt::format("{:12} {:>12} rows\n", table, group_digits(rows)));
    all["rows"][table] = rows;
  }
}

void show_sources(Session& session, Project& project, const std::vector<Progress>& progress, Json& all) {
  all["sources"] = Json::array();
  const std::int64_t now = session.clock().now();
  for (const SourceSettings& source : project.settings().sources) {
    const Standing standing = standing_of(project.catalog(), source, progress);
    const std::uint64_t rejects = project.catalog().count_rejects(source.id);
    const std::int64_t next = next_round_at(standing.round, source.every, now);
    std::string text = fmt::format("source {}: ", source.id);
    if (standing.round.begun_at == 0)
      text += "no round yet";
    else
      text +=
          fmt::format("round {} {} {}, next {}", standing.round.number, standing.round.is_open() ? "begun" : "ended",
                      format_time(standing.round.is_open() ? standing.round.begun_at : standing.round.ended_at),
                      next <= now ? "now" : format_time(next));
    if (standing.accounts > 0)
      text += fmt::format("; {} accounts: {} done, {} failed, {} pending", standing.accounts, standing.done,
                          standing.failed, standing.pending.size());
    if (rejects > 0) text += fmt::format("; {} rows set aside", rejects);
    session.print(text + "\n");
    Json line = Json::object();
    line["source"] = source.id;
    line["round"] = standing.round.number;
    line["is_open"] = standing.round.is_open();
    line["next_at"] = format_time(next);
    line["accounts"] = static_cast<std::int64_t>(standing.accounts);
    line["done"] = static_cast<std::int64_t>(standing.done);
    line["failed"] = static_cast<std::int64_t>(standing.failed);
    line["pending"] = Json::array();
    for (const std::string& account : standing.pending) line["pending"].push_back(account);
    line["rejects"] = rejects;
    all["sources"].push_back(std::move(line));
  }
}

void show_quotas(Session& session, Project& project, Json& all) {
  all["quotas"] = Json::array();
  for (const QuotaUse& use : project.http().quota_uses()) {
    session.print(fmt::format("quota {} {}: {}{} units used, begins anew at {}\n", use.name, use.key,
                              group_digits(use.used), use.per_day > 0 ? " of " + group_digits(use.per_day) : "",
                              format_time(use.resets_at)));
    Json line = Json::object();
    line["quota"] = use.name;
    line["key"] = use.key;
    line["used"] = use.used;
    line["per_day"] = use.per_day;
    line["resets_at"] = format_time(use.resets_at);
    all["quotas"].push_back(std::move(line));
  }
}

// Stages as wholes, and accounts that are not well; with `whole`, every account.
void show_progress(Session& session, const std::vector<Progress>& progress, bool whole, Json& all) {
  constexpr std::size_t most_shown = 20;
  all["progress"] = Json::array();
  std::size_t shown = 0, more = 0;
  for (const Progress& each : progress) {
    if (each.state == "done" && !each.account.empty() && !whole) continue;
    const std::string attempts = each.attempts > 0 ? fmt::format(" (attempt {})", each.attempts) : "";
    if (whole || each.account.empty() || ++shown <= most_shown)
      session.print(fmt::format("{:20} {:24} {:7} {}  {}{}\n", each.stage, each.account, each.state,
                                format_time(each.updated_at), terminal_safe(each.message), attempts));
    else
      ++more;
    Json line = Json::object();
    line["stage"] = each.stage;
    line["account"] = each.account;
    line["state"] = each.state;
    line["message"] = each.message;
    line["attempts"] = each.attempts;
    line["updated_at"] = format_time(each.updated_at);
    all["progress"].push_back(std::move(line));
  }
  if (more > 0) session.print(fmt::format("and {} more accounts: --all shows them\n", more));
}

int status(Session& session, bool whole) {
  Project& project = session.project(Project::Access::look);
  Catalog& catalog = project.catalog();
  Json all = Json::object();
  const std::vector<std::string> sets = datasets_in(project.root());
  if (sets.size() > 1) {
    const std::string& mine = project.settings().project.dataset;
    std::vector<std::string> names;
    for (const std::string& name : sets) names.push_back(name.empty() ? "the data folder itself" : name);
    session.print(fmt::format("data set {}; there are: {}\n", mine.empty() ? "of the data folder itself" : mine,
                              join_words(names, "and")));
  }
  all["dataset"] = project.settings().project.dataset;
  show_rows(session, catalog, all);
  const std::vector<Progress> progress = catalog.progress();
  show_sources(session, project, progress, all);
  show_quotas(session, project, all);
  show_progress(session, progress, whole, all);
  session.json(all);
  const bool any_failed =
      std::any_of(progress.begin(), progress.end(), [](const Progress& each) { return each.state == "failed"; });
  return any_failed ? exit_partly : exit_done;
}

struct RetryArguments {
  std::string what, stage;
};

// "collect/yt", "collect" or "yt" name the stage of a source.
bool is_stage(const Progress& progress, const std::string& wanted) {
  return wanted == progress.stage || wanted == "collect" || std::string(collect_prefix) + wanted == progress.stage;
}

// Accounts that failed are asked for again, whatever their turn; a source that failed as a whole takes its round up.
int retry(Session& session, const RetryArguments& arguments) {
  for (const char* stage : {"featurize", "train", "forecast"})
    if (arguments.stage == stage || arguments.what == stage)
      throw Error(Code::config, "--stage",
                  std::string("the stage ") + stage + " takes up what failed by itself: run `risetime " + stage + "`");
  Project& project = session.project();
  CollectOptions options;
  for (const Progress& progress : project.catalog().progress()) {
    if (progress.state == "done" || !progress.stage.starts_with(collect_prefix)) continue;
    if (!arguments.stage.empty() && !is_stage(progress, arguments.stage)) continue;
    const std::string& what = arguments.what;
    if (!what.empty() && what != progress.account && !is_stage(progress, what)) continue;
    const std::string source = progress.stage.substr(collect_prefix.size());
    if (std::find(options.sources.begin(), options.sources.end(), source) == options.sources.end())
      options.sources.push_back(source);
    if (!progress.account.empty()) options.accounts[source].insert(progress.account);
  }
  if (options.sources.empty()) {
    session.print("nothing has failed\n");
    return exit_done;
  }
  // What failed as a whole has no account that could be read alone.
  for (const Progress& progress : project.catalog().progress())
    if (progress.state == "failed" && progress.account.empty() && progress.stage.starts_with(collect_prefix))
      options.accounts.erase(progress.stage.substr(collect_prefix.size()));
  const CollectSummary summary = collect(project, options);
  session.json(report_collect(session, summary));
  return status_of(summary);
}

}  // namespace

void add_status_commands(CLI::App& app, Run& chosen) {
  auto whole = std::make_shared<bool>(false);
  CLI::App* shown = app.add_subcommand("status", "How far every stage and account has come, and what failed");
  shown->add_flag("--all", *whole, "Every account, also those that are done");
  shown->callback([&chosen, whole] { chosen = [whole](Session& session) { return status(session, *whole); }; });
  auto arguments = std::make_shared<RetryArguments>();
  CLI::App* command = app.add_subcommand("retry", "Take up what failed");
  command->add_option("WHAT", arguments->what, "An account, a source or a stage; all that failed without it");
  command->add_option("--stage", arguments->stage, "Only of this stage, as `risetime status` names it");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return retry(session, *arguments); }; });
}

}  // namespace risetime::core
