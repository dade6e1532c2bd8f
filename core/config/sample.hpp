// A configuration to start from, and the JSON Schema of configurations for editors.
#pragma once

#include <string>
#include <string_view>

#include "core/config/key.hpp"
#include "core/config/plugin_lookup.hpp"

namespace risetime::core {

// TOML with every key of the host: what is required as it is, all else commented out with its default, each with its
// help. It passes the check as it is, and also with all comments of the form "#key = value" and "#[section]" opened.
// Sections of plugins use the first plugin of their kind by name, and are commented out where there is none.
std::string sample_configuration(const PluginLookup& plugins);

// A section that uses one plugin, with all of the plugin's settings in the same form. Throws Error(Code::config), with
// a did-you-mean, for a plugin that nobody has.
std::string sample_plugin(std::string_view plugin, const PluginLookup& plugins);

// JSON Schema (2020-12) of a whole configuration: the host's keys, and under `config` those of the named plugin. A
// plugin that cannot be used is left out.
Json configuration_schema(const PluginLookup& plugins);

}  // namespace risetime::core
