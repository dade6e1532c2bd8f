// Samples written from keys.
#include "core/config/sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <risetime/error.hpp>

#include "core/base/text.hpp"
#include "core/config/host_keys.hpp"

namespace risetime::core {
namespace {

// TOML's basic strings take what JSON's do, but for the escape of DEL.
std::string toml_text(std::string_view text) {
  std::string out;
  Json::quote(out, text);
  for (std::size_t at = out.find('\x7f'); at != std::string::npos; at = out.find('\x7f', at))
    out.replace(at, 1, "\\u007f");
  return out;
}

std::string toml_name(const std::string& name) {
  const auto bare = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), bare) ? name : toml_text(name);
}

std::string toml_number(const Json& value) {
  if (const auto* whole = value.if_integer()) return std::to_string(*whole);
  std::string out = Json::number_text(value.number());
  if (out.find_first_of(".e") == std::string::npos) out += ".0";  // so that it stays a number that may have decimals
  return out;
}

// A value on one line. Tables are inline; nulls are left out.
std::string toml_value(const Json& value) {
  if (const auto* flag = value.if_bool()) return *flag ? "true" : "false";
  if (const auto* text = value.if_string()) return toml_text(*text);
  std::string out;
  if (const auto* items = value.if_array()) {
    for (const Json& item : *items) out += (out.empty() ? "" : ", ") + toml_value(item);
    return "[" + out + "]";
  }
  if (const auto* members = value.if_object()) {
    for (const auto& [name, member] : *members) {
      if (member.is_null()) continue;
      out += (out.empty() ? " " : ", ") + toml_name(name) + " = " + toml_value(member);
    }
    return out.empty() ? "{}" : "{" + out + " }";
  }
  return toml_number(value);
}

// A value that passes the key's check: its default, its example, or the plainest one.
Json example(const Key& key) {
  if (!key.example.is_null()) return key.example;
  if (!key.fallback.is_null() && !key.required) return key.fallback;
  if (!key.alternatives.empty()) return example(key.alternatives.front());
  if (key.secret) return "@{env:NAME}";
  if (!key.one_of.empty()) return key.one_of.front();
  const double low = key.minimum.value_or(std::min(1.0, key.maximum.value_or(1.0)));
  Json out;
  switch (key.type) {
    case KeyType::flag:
      return false;
    case KeyType::integer:
      return static_cast<std::int64_t>(std::ceil(std::clamp(low, -1e15, 1e15)));
    case KeyType::number:
      return low;
    case KeyType::any:
    case KeyType::text:
      return "...";
    case KeyType::duration:
    case KeyType::moment:
      return "1d";
    case KeyType::time:
      return "2026-05-01T00:00:00Z";
    case KeyType::list:
      out = Json::array();
      out.push_back(example(key.element.front()));
      return out;
    case KeyType::map:
      out["name"] = example(key.element.front());
      return out;
    case KeyType::table:
      out = Json::object();
      for (const Key& member : key.keys)
        if (member.required) out[member.name] = example(member);
      return out;
  }
  return out;
}

// What a reader is told beside the help: the type where it shows nowhere else, the range and the choices.
std::string facts(const Key& key) {
  std::vector<std::string> out;
  if (key.required) out.emplace_back("Required");
  if (key.minimum && key.maximum)
    out.push_back(exact_number(*key.minimum) + " to " + exact_number(*key.maximum));
  else if (key.minimum)
    out.push_back("at least " + exact_number(*key.minimum));
  else if (key.maximum)
    out.push_back("at most " + exact_number(*key.maximum));
  const Key& item = key.type == KeyType::list && key.one_of.empty() ? key.element.front() : key;
  if (!item.one_of.empty()) {
    std::vector<std::string> choices;
    for (const std::string& choice : item.one_of) choices.push_back(in_quotes(choice));
    out.push_back((&item == &key ? "" : "of ") + join_words(choices));
  }
  return out.empty() ? "" : " (" + join_words(out, "and") + ")";
}

// The keys of what stands in a setting: of a table, or of the tables that are its items.
const std::vector<Key>& inner_keys(const Key& key) {
  return key.element.empty() ? key.keys : inner_keys(key.element.front());
}

class Writer {
 public:
  // An empty line, the help and the heading. Until the next heading all is commented out unless `live`.
  void heading(const std::string& text, const std::string& help, bool live = true) {
    if (!out_.empty()) out_ += '\n';
    comment("", help);
    out_ += (live ? "" : "#") + text + "\n";
    live_ = live;
  }

  // Live where it is required; "#key = value" with its default; "# key = value", a mere example, where it has none.
  void setting(const Key& key, const Json& value) {
    comment("", key.help + facts(key));
    describe_inner(key, "");
    const bool mere_example = !key.required && key.fallback.is_null();
    out_ += (key.required && live_ ? ""
             : mere_example        ? "# "
                                   : "#") +
            toml_name(key.name) + " = " + toml_value(value) + "\n";
  }
  void setting(const Key& key) { setting(key, example(key)); }

  // All keys, the required ones first.
  void settings(const Key& table) {
    for (const bool required : {true, false})
      for (const Key& key : table.keys)
        if (key.required == required) setting(key);
  }

  // A plugin's settings, as the table "config" of the section before.
  void config(const std::string& section, const Key& settings_of_plugin) {
    if (settings_of_plugin.keys.empty()) return;
    const bool any_required = std::any_of(settings_of_plugin.keys.begin(), settings_of_plugin.keys.end(),
                                          [](const Key& key) { return key.required; });
    heading("[" + section + ".config]", "", live_ && any_required);
    settings(settings_of_plugin);
  }

  std::string take() { return std::move(out_); }

 private:
  void describe_inner(const Key& key, const std::string& indent) {
    for (const Key& member : inner_keys(key)) {
      comment(indent + "  ", toml_name(member.name) + ": " + member.help + facts(member));
      describe_inner(member, indent + "  ");
    }
  }

  void comment(const std::string& indent, const std::string& text) {
    constexpr std::size_t widest = 110;
    const std::string margin = "#" + indent;
    std::string line = margin;
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find_first_of(" \n"));
      if (line.size() > margin.size() && line.size() + 1 + word.size() > widest) {
        out_ += line + "\n";
        line = margin;
      }
      if (!word.empty()) line += " " + terminal_safe(word);
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    if (line.size() > margin.size()) out_ += line + "\n";
  }

  std::string out_;
  bool live_ = true;
};

struct PluginSection {
  PluginKind kind;
  const char* name;
};
constexpr std::array<PluginSection, 3> plugin_sections = {PluginSection{PluginKind::source, "source"},
                                                          PluginSection{PluginKind::featurizer, "featurizer"},
                                                          PluginSection{PluginKind::model, "model"}};
struct StorePart {
  PluginKind kind;
  const char* name;
};
constexpr std::array<StorePart, 2> store_parts = {StorePart{PluginKind::rows, "rows"},
                                                  StorePart{PluginKind::artifacts, "artifacts"}};

// Nothing where nobody has the plugin or it cannot be used: `risetime plugins list` tells why.
std::optional<Key> settings_of(PluginKind kind, std::string_view name, const PluginLookup& plugins) {
  try {
    if (const auto schema = plugins.schema(kind, name)) return key_from_schema(Json::parse(*schema));
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::string> sorted_names(PluginKind kind, const PluginLookup& plugins) {
  std::vector<std::string> names = plugins.names(kind);
  std::sort(names.begin(), names.end());
  return names;
}

// A section of the host's keys that names a plugin, and the plugin's settings below it.
void write_plugin_section(Writer& out, const Key& section, const std::string& plugin,
                          const std::optional<Key>& settings) {
  out.heading("[[" + section.name + "]]", section.help, settings.has_value());
  for (const Key& key : section.element.front().keys) {
    if (key.name == "config") continue;
    if (key.name == "plugin")
      out.setting(key, plugin);
    else
      out.setting(key);
  }
  if (settings) out.config(section.name, *settings);
}

void write_section(Writer& out, const Key& section, const PluginLookup& plugins) {
  const auto with_plugin = std::find_if(plugin_sections.begin(), plugin_sections.end(),
                                        [&](const PluginSection& entry) { return section.name == entry.name; });
  if (with_plugin != plugin_sections.end()) {
    for (const std::string& name : sorted_names(with_plugin->kind, plugins)) {
      if (const auto settings = settings_of(with_plugin->kind, name, plugins))
        return write_plugin_section(out, section, name, settings);
    }
    return write_plugin_section(out, section, "...", std::nullopt);
  }
  const bool several = section.type == KeyType::list;
  out.heading(several ? "[[" + section.name + "]]" : "[" + section.name + "]", section.help, !several);
  out.settings(several ? section.element.front() : section);
}

void write_store_part(Writer& out, const Key& host, const StorePart& part, const std::string& plugin,
                      const Key& settings) {
  const Key& section = *host.find("store")->find(part.name);
  out.heading("[store." + section.name + "]", section.help);
  Key named = *section.find("plugin");
  named.required = true;
  out.setting(named, plugin);
  out.config("store." + section.name, settings);
}

// Under the section of one plugin: {"plugin": its name} asks for its settings.
Json rule_for(const std::string& name, const Key& settings) {
  Json rule = Json::object();
  rule["if"]["properties"]["plugin"]["const"] = name;
  rule["if"]["required"].push_back("plugin");
  rule["then"]["properties"]["config"] = schema_of(settings);
  return rule;
}

void add_plugin_rules(Json& section, PluginKind kind, const PluginLookup& plugins) {
  for (const std::string& name : sorted_names(kind, plugins)) {
    if (const auto settings = settings_of(kind, name, plugins)) section["allOf"].push_back(rule_for(name, *settings));
  }
}

}  // namespace

std::string sample_configuration(const PluginLookup& plugins) {
  Writer out;
  for (const Key& section : host_keys().keys) write_section(out, section, plugins);
  return out.take();
}

std::string sample_plugin(std::string_view plugin, const PluginLookup& plugins) {
  const Key host = host_keys();
  const std::string name(plugin);
  Writer out;
  bool found = false;
  std::vector<std::string> known;
  for (const PluginSection& entry : plugin_sections) {
    for (std::string& other : sorted_names(entry.kind, plugins)) known.push_back(std::move(other));
    const auto schema = plugins.schema(entry.kind, plugin);
    if (!schema) continue;
    found = true;
    write_plugin_section(out, *host.find(entry.name), name, key_from_schema(Json::parse(*schema)));
  }
  for (const StorePart& part : store_parts) {
    for (std::string& other : sorted_names(part.kind, plugins)) known.push_back(std::move(other));
    const auto schema = plugins.schema(part.kind, plugin);
    if (!schema) continue;
    found = true;
    write_store_part(out, host, part, name, key_from_schema(Json::parse(*schema)));
  }
  if (found) return out.take();
  const auto suggestion = did_you_mean(plugin, known);
  throw Error(Code::config, "",
              "there is no plugin " + in_quotes(plugin) +
                  (suggestion ? ". Did you mean " + in_quotes(*suggestion) + "?" : "") +
                  " `risetime plugins list` shows which there are");
}

Json configuration_schema(const PluginLookup& plugins) {
  Json out = schema_of(host_keys());
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  out["title"] = "risetime configuration";
  Json& properties = out["properties"];
  for (const PluginSection& entry : plugin_sections)
    add_plugin_rules(properties[entry.name]["items"], entry.kind, plugins);
  for (const StorePart& part : store_parts)
    add_plugin_rules(properties["store"]["properties"][part.name], part.kind, plugins);
  return out;
}

}  // namespace risetime::core
