// risetime new source|featurizer|model|store NAME
#include <fmt/format.h>

#include "core/base/files.hpp"
#include "core/cli/command.hpp"

namespace risetime::core {

namespace {

// Where the templates are: beside the program when installed, else in the source tree.
std::filesystem::path template_folder() {
  std::error_code none;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  for (const char* place : {"../share/risetime/template", "../../sdk/template", "../../../sdk/template"}) {
    const auto folder = program / place;
    if (std::filesystem::is_directory(folder, none)) return std::filesystem::canonical(folder);
  }
  throw Error(Code::state, program.string(), "the plugin templates are not beside the program; install risetime whole");
}

// Where find_package(risetime) looks: beside the templates in the source tree, in lib/cmake when installed.
std::filesystem::path package_folder() {
  const auto templates = template_folder();
  std::error_code none;
  auto in_source_tree = templates.parent_path() / "cmake";
  if (std::filesystem::is_directory(in_source_tree, none)) return in_source_tree;
  return templates.parent_path().parent_path().parent_path() / "lib/cmake/risetime";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

int run(Session& session, const std::string& kind, const std::string& name) {
  if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    throw Error(Code::config, name, "a plugin's name is made of a-z, 0-9, - and _");
  const std::filesystem::path target = name;
  if (std::filesystem::exists(target))
    throw Error(Code::config, name, "there is a file or folder of this name already");
  const auto from = template_folder() / kind;
  make_folders(target);
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    const std::string file = replaced(entry.path().filename().string(), "NAME", name);
    write_file(target / file, replaced(read_file(entry.path()), "@NAME@", name));
  }
  session.print(fmt::format(
      "{0}/ is a {1} that builds and runs:\n  cmake -G Ninja -S {0} -B {0}/build \"-Drisetime_DIR={2}\" && cmake "
      "--build {0}/build\n"
      "  ctest --test-dir {0}/build\n  risetime plugins check {0}/build/{0}.so\n"
      "  risetime run --plugins {0}/build   # with what {0}/sample.toml shows in your configuration\n",
      name, kind, package_folder().string()));
  return exit_done;
}

}  // namespace

void add_new_command(CLI::App& app, Run& chosen) {
  auto kind = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("new", "Begin a plugin of your own");
  command->add_option("KIND", *kind, "source, featurizer, model or store")
      ->required()
      ->check(CLI::IsMember({"source", "featurizer", "model", "store"}));
  command->add_option("NAME", *name, "Its id and folder")->required();
  command->callback(
      [&chosen, kind, name] { chosen = [kind, name](Session& session) { return run(session, *kind, *name); }; });
}

}  // namespace risetime::core
