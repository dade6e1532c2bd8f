// risetime plugins list | show | check | lock
#include <fmt/format.h>

#include <fstream>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/config/sample.hpp"

namespace risetime::core {

namespace {

// "risetime.model/1" -> "model"
std::string kind_of(const std::string& capability) {
  const auto from = capability.find('.') + 1;
  return capability.substr(from, capability.find('/') - from);
}

std::string kinds_of(const NotedPlugin& plugin) {
  std::vector<std::string> kinds;
  for (const std::string& capability : plugin.capabilities) kinds.push_back(kind_of(capability));
  return join_words(kinds, "and");
}

// Reads notes only: no plugin's code runs.
int list(Session& session) {
  Json all = Json::array();
  std::size_t widest_id = 0, widest_kind = 0;
  for (const FoundPlugin& found : session.plugins().found()) {
    widest_id = std::max(widest_id, found.plugin.id.size());
    widest_kind = std::max(widest_kind, kinds_of(found.plugin).size());
  }
  for (const FoundPlugin& found : session.plugins().found()) {
    session.print(fmt::format("{}  {}  {:7}  {}\n", pad_right(found.plugin.id, widest_id),
                              pad_right(kinds_of(found.plugin), widest_kind), found.plugin.version,
                              found.plugin.summary));
    Json plugin = Json::object();
    plugin["id"] = found.plugin.id;
    plugin["version"] = found.plugin.version;
    plugin["summary"] = found.plugin.summary;
    plugin["file"] = found.file.string();
    for (const std::string& capability : found.plugin.capabilities) plugin["capabilities"].push_back(capability);
    all.push_back(std::move(plugin));
  }
  session.json(all);
  return exit_done;
}

int show(Session& session, const std::string& id) {
  const PluginLibrary& library = session.plugins().library(id);
  const risetime_plugin& plugin = session.plugins().load(id);
  std::string capabilities;
  for (const NotedPlugin& noted : library.note().plugins)
    if (noted.id == id) capabilities = kinds_of(noted);
  session.print(
      fmt::format("{} {}: {}\n  kind     {}\n  license  {}\n  file     {}\n  sha256   {}\n  built    {}, {}, plugin "
                  "interface {}.{}\n\n",
                  plugin.id, plugin.version, plugin.summary, capabilities,
                  plugin.license != nullptr ? plugin.license : "-", library.file().string(), library.sha256(),
                  library.note().compiler, library.note().library, library.note().abi_major, library.note().abi_minor));
  const RegistryLookup lookup(session.plugins());
  session.print(sample_plugin(id, lookup));
  Json value = Json::object();
  value["id"] = plugin.id;
  value["version"] = plugin.version;
  value["summary"] = plugin.summary;
  value["file"] = library.file().string();
  value["sha256"] = library.sha256();
  value["config_schema"] = Json::parse(plugin.config_schema);
  session.json(value);
  return exit_done;
}

int check(Session& session, const std::string& file) {
  const PluginLibrary library(file);
  for (const NotedPlugin& noted : library.note().plugins) {
    const risetime_plugin* plugin = library.find(noted.id);
    if (plugin == nullptr)
      throw Error(Code::input, file, "its note names \"" + noted.id + "\", but it does not hold it");
    Json::parse(plugin->config_schema);
    for (const std::string& capability : noted.capabilities)
      if (plugin->capability(capability.c_str()) == nullptr)
        throw Error(Code::input, file, "\"" + noted.id + "\" promises " + capability + " and does not have it");
    session.print(fmt::format("{} {}: {}\n", noted.id, noted.version, kinds_of(noted)));
  }
  session.print("this host can run it\n");
  return exit_done;
}

int lock(Session& session) {
  std::map<std::string, std::string> hashes;
  for (const FoundPlugin& found : session.plugins().found())
    hashes[found.file.filename().string()] = sha256_hex(read_file(found.file, std::size_t{256} << 20U));
  std::string lines;
  for (const auto& [file, hash] : hashes) lines += hash + "  " + file + "\n";
  const auto path = std::filesystem::absolute(session.options().file).parent_path() / "plugins.lock";
  write_file(path, lines);
  session.print(fmt::format("{} plugin files are locked in {}\n", hashes.size(), path.string()));
  return exit_done;
}

}  // namespace

void add_plugins_commands(CLI::App& app, Run& chosen) {
  CLI::App* plugins = app.add_subcommand("plugins", "What plugins there are");
  plugins->require_subcommand(1);
  plugins->add_subcommand("list", "All plugins that are found, without running them")->callback([&chosen] {
    chosen = list;
  });
  auto name = std::make_shared<std::string>();
  CLI::App* show_command = plugins->add_subcommand("show", "One plugin and its settings");
  show_command->add_option("NAME", *name, "Its id")->required();
  show_command->callback([&chosen, name] { chosen = [name](Session& session) { return show(session, *name); }; });
  auto file = std::make_shared<std::string>();
  CLI::App* check_command = plugins->add_subcommand("check", "Whether this host can run a plugin file");
  check_command->add_option("FILE", *file, "The shared object")->required();
  check_command->callback([&chosen, file] { chosen = [file](Session& session) { return check(session, *file); }; });
  plugins->add_subcommand("lock", "Write plugins.lock: only these very files may be loaded from now on")
      ->callback([&chosen] {
        chosen = [](Session& session) {
          std::error_code none;
          std::filesystem::remove(std::filesystem::absolute(session.options().file).parent_path() / "plugins.lock",
                                  none);
          return lock(session);
        };
      });
}

}  // namespace risetime::core
