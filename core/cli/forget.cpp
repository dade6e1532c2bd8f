// risetime forget
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/pipeline/people.hpp"

namespace risetime::core {

namespace {

struct ForgetArguments {
  std::string name, recordings;
  bool is_sure = false, undo = false;
};

// A line of standard input, without its end.
std::string read_line() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) line += static_cast<char>(c);
  while (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

// Nothing was asked where it cannot be answered.
std::optional<bool> confirmed() {
  if (::isatty(STDIN_FILENO) == 0) return std::nullopt;
  std::fputs("Remove all that is stored about this person, in every data set? This cannot be undone. [y/N] ", stderr);
  const std::string answer = read_line();
  return answer == "y" || answer == "Y" || answer == "yes";
}

Json json_of(const ForgetSummary& summary) {
  Json all = Json::object();
  all["data_sets"] = Json::array();
  for (const ForgetSummary::DataSet& each : summary.data_sets) {
    Json line = Json::object();
    line["data_set"] = each.name;
    line["presence"] = each.presence;
    line["rejects"] = each.rejects;
    line["messages"] = each.messages;
    all["data_sets"].push_back(std::move(line));
  }
  all["cached_pages"] = summary.pages;
  all["recordings"] = summary.recordings;
  return all;
}

std::string text_of(const ForgetSummary& summary) {
  const auto number = [](std::uint64_t value) { return group_digits(static_cast<std::int64_t>(value)); };
  std::string text;
  for (const ForgetSummary::DataSet& each : summary.data_sets)
    text += fmt::format("{}removed {} rows of presence, {} rejects and {} messages\n",
                        each.name.empty() ? "" : "data set " + each.name + ": ", number(each.presence),
                        number(each.rejects), number(each.messages));
  if (summary.pages > 0) text += fmt::format("removed {} cached pages\n", number(summary.pages));
  if (summary.recordings > 0) text += fmt::format("removed {} recordings\n", number(summary.recordings));
  return text;
}

int finish(Session& session, Json all, const std::vector<std::string>& problems) {
  all["problems"] = Json::array();
  for (const std::string& problem : problems) {
    session.log().warn("{}", problem);
    all["problems"].push_back(problem);
  }
  session.json(all);
  return problems.empty() ? exit_done : exit_partly;
}

int undo(Session& session, ForgottenPeople& list, const KnownPerson& person, const std::vector<std::string>& problems) {
  const bool was_on_it = list.remove(person.ids);
  if (was_on_it) list.save();
  session.print(was_on_it ? "later rounds store this person again\n" : "this person was not forgotten\n");
  Json all = Json::object();
  all["forgotten"] = false;
  all["was_forgotten"] = was_on_it;
  return finish(session, std::move(all), problems);
}

int forget(Session& session, const ForgetArguments& arguments) {
  const std::string name = arguments.name == "-" ? read_line() : arguments.name;
  if (name.empty()) throw Error(Code::config, "NAME", "the name is empty");
  if (!arguments.recordings.empty() && !std::filesystem::is_directory(arguments.recordings))
    throw Error(Code::config, "--recordings", "there is no folder " + in_quotes(arguments.recordings));
  Project& project = session.project();
  const KnownPerson person = known_person(project, name);
  std::vector<std::string> problems;
  for (const KnownPerson::Doubt& doubt : person.doubts) problems.push_back("source " + doubt.source + ": " + doubt.why);
  ForgottenPeople list(forgotten_file(project));
  if (arguments.undo) return undo(session, list, person, problems);
  if (!arguments.is_sure) {
    const auto sure = confirmed();
    if (!sure) {
      session.log().error("this removes what is stored about a person: say so with --yes, or run it on a terminal");
      return exit_usage;
    }
    if (!*sure) {
      session.print("nothing was removed\n");
      return exit_failed;
    }
  }
  // On the list first: a crash behind it leaves a person who is not stored again, and the command can be repeated.
  if (list.add(person.ids, session.clock().now())) list.save();
  const ForgetSummary summary = erase_person(project, name, person.ids, arguments.recordings);
  problems.insert(problems.end(), summary.problems.begin(), summary.problems.end());
  session.print(text_of(summary));
  session.print(person.ids.empty() ? "no source of the configuration stores people: nobody has to be remembered\n"
                                   : "later rounds do not store this person\n");
  if (arguments.recordings.empty())
    session.print(
        "what was written elsewhere (--record, export, copies) is not known here: delete it, or clean recordings with "
        "--recordings DIR\n");
  Json all = json_of(summary);
  all["forgotten"] = !person.ids.empty();
  return finish(session, std::move(all), problems);
}

}  // namespace

void add_forget_command(CLI::App& app, Run& chosen) {
  auto arguments = std::make_shared<ForgetArguments>();
  CLI::App* command = app.add_subcommand(
      "forget", "Remove a person who was in a chat from all that is stored, and do not store him again");
  command->add_option("NAME", arguments->name, "The name as the platform shows it; -: a line of standard input")
      ->required();
  command->add_flag("--yes", arguments->is_sure, "Do not ask whether this is meant");
  command->add_flag("--undo", arguments->undo, "Let later rounds store the person again; what was removed stays so");
  command->add_option("--recordings", arguments->recordings,
                      "Also remove the recordings in this folder that name the person");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Session& session) { return forget(session, *arguments); }; });
}

}  // namespace risetime::core
