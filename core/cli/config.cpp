// risetime config check | sample | schema
#include <fmt/format.h>

#include "core/cli/command.hpp"
#include "core/config/sample.hpp"

namespace risetime::core {

namespace {

int check(Session& session) {
  const RegistryLookup lookup(session.plugins());
  const CheckedSettings checked = check_settings(session.options().file, lookup);
  Json all = Json::array();
  for (const Problem& problem : checked.problems) {
    session.print(problem.text() + "\n");
    all.push_back(problem.json());
  }
  session.json(all);
  if (!checked.problems.empty()) return exit_config;
  session.print(fmt::format("{} is fine\n", session.options().file));
  return exit_done;
}

}  // namespace

void add_config_commands(CLI::App& app, Run& chosen) {
  CLI::App* config = app.add_subcommand("config", "Check, sample or describe configurations");
  config->require_subcommand(1);
  config->add_subcommand("check", "Report every problem of the configuration; touches no network")->callback([&chosen] {
    chosen = check;
  });
  auto plugin = std::make_shared<std::string>();
  CLI::App* sample = config->add_subcommand("sample", "A configuration to start from, or a plugin's section");
  sample->add_option("PLUGIN", *plugin, "Only the section of this plugin");
  sample->callback([&chosen, plugin] {
    chosen = [plugin](Session& session) {
      const RegistryLookup lookup(session.plugins());
      const std::string text = plugin->empty() ? sample_configuration(lookup) : sample_plugin(*plugin, lookup);
      std::fwrite(text.data(), 1, text.size(), stdout);
      return static_cast<int>(exit_done);
    };
  });
  config->add_subcommand("schema", "JSON Schema of configurations, for editors")->callback([&chosen] {
    chosen = [](Session& session) {
      const RegistryLookup lookup(session.plugins());
      std::puts(configuration_schema(lookup).dump(2).c_str());
      return static_cast<int>(exit_done);
    };
  });
}

}  // namespace risetime::core
