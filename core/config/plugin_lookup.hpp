// What the configuration has to know about plugins, asked from whoever loads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

enum class PluginKind { source, rows, artifacts, featurizer, model };

// "source", "row store", "artifact store", "featurizer", "model".
const char* name_of(PluginKind kind);

class PluginLookup {
 public:
  PluginLookup() = default;
  PluginLookup(const PluginLookup&) = delete;
  PluginLookup& operator=(const PluginLookup&) = delete;
  virtual ~PluginLookup() = default;

  // The names of all plugins of a kind, as `plugin = "..."` gives them.
  virtual std::vector<std::string> names(PluginKind kind) const = 0;
  // The JSON Schema of a plugin's settings; nothing where names() does not have it. Throws risetime::Error where the
  // plugin is there and cannot be used.
  virtual std::optional<std::string> schema(PluginKind kind, std::string_view name) const = 0;
};

}  // namespace risetime::core
