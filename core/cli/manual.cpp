// risetime completion | manual: what the command line itself declares, for shells and for man.
#include <fmt/format.h>

#include "core/cli/command.hpp"

namespace risetime::core {

namespace {

// A command and the words that lead to it: "", "config", "config check".
struct Place {
  std::string path;
  const CLI::App* app;
};

std::vector<Place> places_below(const CLI::App& app, const std::string& path) {
  std::vector<Place> places = {{path, &app}};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string below = path.empty() ? command->get_name() : path + " " + command->get_name();
    for (Place& place : places_below(*command, below)) places.push_back(std::move(place));
  }
  return places;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// The long names of a command's options: "--json".
std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

// `text` between single quotes, as sh and fish read them.
std::string shell_quoted(std::string_view text) {
  std::string all = "'";
  for (const char character : text) all += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return all + "'";
}

std::string bash_completion(const CLI::App& app) {
  std::string cases;
  std::string paths;
  for (const Place& place : places_below(app, "")) {
    std::string words;
    for (const CLI::App* command : commands_of(*place.app)) words += command->get_name() + " ";
    for (const std::string& flag : flags_of(*place.app)) words += flag + " ";
    cases += fmt::format("    {}) words={} ;;\n", shell_quoted(place.path), shell_quoted(words));
    if (!place.path.empty()) paths += fmt::format("{}|", shell_quoted(place.path));
  }
  paths.pop_back();
  return fmt::format(R"(# bash completion of risetime: source it, or put it where bash-completion looks.
_risetime() {{
  local word path='' longer words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="${{path:+$path }}${{COMP_WORDS[i]}}"
    case "$longer" in {}) path=$longer ;; esac
  done
  case "$path" in
{}  esac
  word=${{COMP_WORDS[COMP_CWORD]}}
  COMPREPLY=($(compgen -W "$words {}" -- "$word"))
}}
complete -o default -F _risetime risetime
)",
                     paths, cases, fmt::join(flags_of(app), " "));
}

std::string zsh_completion(const CLI::App& app) {
  return "#compdef risetime\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(app);
}

std::string fish_completion(const CLI::App& app) {
  std::string all = "# fish completion of risetime: put it into ~/.config/fish/completions/risetime.fish\n";
  for (const Place& place : places_below(app, "")) {
    // Only where all the words of the path were typed and, for names of commands, none of those that follow it.
    std::string typed;
    for (std::size_t start = 0; start < place.path.size();) {
      const std::size_t end = std::min(place.path.find(' ', start), place.path.size());
      typed += fmt::format("__fish_seen_subcommand_from {}; and ", place.path.substr(start, end - start));
      start = end + 1;
    }
    std::string siblings;
    for (const CLI::App* command : commands_of(*place.app)) siblings += " " + command->get_name();
    for (const CLI::App* command : commands_of(*place.app))
      all += fmt::format("complete -c risetime -n '{}not __fish_seen_subcommand_from{}' -f -a {} -d {}\n", typed,
                         siblings, command->get_name(), shell_quoted(command->get_description()));
    for (const CLI::Option* option : place.app->get_options())
      for (const std::string& name : option->get_lnames())
        all += fmt::format("complete -c risetime -n '{}true' -l {} -d {}{}\n", typed, name,
                           shell_quoted(option->get_description()), option->get_items_expected_max() > 0 ? " -r" : "");
  }
  return all;
}

// Text as roff takes it: no backslash, hyphen or leading dot is read as a command.
std::string roff(std::string_view text) {
  std::string all;
  for (const char character : text) {
    if (character == '\\')
      all += "\\e";
    else if (character == '-')
      all += "\\-";
    else if ((character == '.' || character == '\'') && (all.empty() || all.back() == '\n'))
      all += std::string("\\&") + character;
    else
      all += character;
  }
  return all;
}

std::string manual_options(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    const std::string value = option->get_items_expected_max() > 0 && option->nonpositional() ? " VALUE" : "";
    text += fmt::format(".TP\n.B {}\n{}\n", roff(option->get_name(!option->nonpositional(), true) + value),
                        roff(option->get_description()));
  }
  return text;
}

std::string manual_page(const CLI::App& app) {
  std::string page =
      fmt::format(".TH RISETIME 1\n.SH NAME\nrisetime \\- {}\n.SH SYNOPSIS\n.B risetime\nCOMMAND [OPTION...]\n",
                  roff("forecasts how a video's views, likes and comments will rise"));
  page += ".SH OPTIONS OF EVERY COMMAND\n" + manual_options(app) + ".SH COMMANDS\n";
  for (const Place& place : places_below(app, "")) {
    if (place.path.empty()) continue;
    page += fmt::format(".SS risetime {}\n{}\n", roff(place.path), roff(place.app->get_description()));
    page += manual_options(*place.app);
  }
  page += ".SH EXIT STATUS\n";
  constexpr std::pair<int, const char*> statuses[] = {
      {exit_done, "Done."},
      {exit_failed, "Failed; the last line on standard error says why."},
      {exit_usage, "The command line is wrong."},
      {exit_partly,
       "Done, but some accounts, videos or models failed; they are named, and risetime retry takes them up."},
      {exit_config, "The configuration is wrong; every problem is named with its line and column."}};
  for (const auto& [status, meaning] : statuses) page += fmt::format(".TP\n.B {}\n{}\n", status, roff(meaning));
  return page +
         ".SH FILES\n.TP\n.B risetime.toml\nThe configuration, unless \\-c names another. risetime config sample "
         "prints one.\n";
}

}  // namespace

void add_manual_commands(CLI::App& app, Run& chosen) {
  const auto print = [&chosen, &app](std::string (*text)(const CLI::App&)) {
    chosen = [&app, text](Session&) {
      std::fputs(text(app).c_str(), stdout);
      return static_cast<int>(exit_done);
    };
  };
  CLI::App* completion =
      app.add_subcommand("completion", "Completions of this command line for a shell, on standard output");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "For bash: source <(risetime completion bash)")->callback([print] {
    print(bash_completion);
  });
  completion->add_subcommand("zsh", "For zsh: source <(risetime completion zsh)")->callback([print] {
    print(zsh_completion);
  });
  completion->add_subcommand("fish", "For fish: risetime completion fish | source")->callback([print] {
    print(fish_completion);
  });
  app.add_subcommand("manual", "The manual page: risetime manual | man -l -")->callback([print] {
    print(manual_page);
  });
}

}  // namespace risetime::core
