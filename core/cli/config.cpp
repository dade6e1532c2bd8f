// risetime config check | sample | schema | graph
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

// A node of the Graphviz language; quotes and backslashes of ids are kept apart from its own.
std::string node(std::string_view kind, std::string_view id) {
  std::string name = "\"";
  for (const char character : fmt::format("{} {}", kind, id)) {
    if (character == '"' || character == '\\') name += '\\';
    name += character;
  }
  return name + '"';
}

std::string labelled(std::string_view kind, const PluginSettings& settings) {
  return fmt::format("  {} [label={}];\n", node(kind, settings.id), node(settings.id, "(" + settings.plugin + ")"));
}

// The way of the rows, in the Graphviz language: sources into the store, out of it through featurizers and models to
// the channels that a model is named for.
std::string graph(const Settings& settings) {
  std::string text = "digraph risetime {\n  rankdir=LR;\n  node [shape=box];\n";
  const std::string store = node("store", "rows");
  text += labelled("store", settings.store.rows);
  for (const SourceSettings& source : settings.sources)
    text += labelled("source", source) + fmt::format("  {} -> {};\n", node("source", source.id), store);
  for (const FeaturizerSettings& featurizer : settings.featurizers)
    text += labelled("featurizer", featurizer) + fmt::format("  {} -> {};\n", store, node("featurizer", featurizer.id));
  for (const ModelSettings& model : settings.models) {
    text += labelled("model", model) + fmt::format("  {} -> {};\n", store, node("model", model.id));
    for (const std::string& featurizer : model.features)
      text += fmt::format("  {} -> {};\n", node("featurizer", featurizer), node("model", model.id));
  }
  const auto forecasts = [&](const std::string& model, std::string_view channel, std::string_view style) {
    if (!model.empty()) text += fmt::format("  {} -> {}{};\n", node("model", model), node("channel", channel), style);
  };
  forecasts(settings.forecast.model, "of every other name", "");
  for (const ChannelSettings& channel : settings.channels) {
    forecasts(channel.model, channel.id, "");
    for (const std::string& shadow : channel.shadow) forecasts(shadow, channel.id, " [style=dashed, label=shadow]");
  }
  return text + "}\n";
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
  config->add_subcommand("graph", "Which source, featurizer and model works for whom, for Graphviz: | dot -Tsvg")
      ->callback([&chosen] {
        chosen = [](Session& session) {
          std::fputs(graph(session.settings()).c_str(), stdout);
          return static_cast<int>(exit_done);
        };
      });
}

}  // namespace risetime::core
