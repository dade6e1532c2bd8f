// A handful of plugins that exist only as schemas, for the tests and the fuzzer of this folder.
#pragma once

#include <map>
#include <risetime/error.hpp>
#include <string>
#include <utility>

#include "core/config/plugin_lookup.hpp"

namespace risetime::core {

class FakePlugins final : public PluginLookup {
 public:
  FakePlugins() {
    schemas_[{PluginKind::source, "feed"}] = R"({
      "type": "object", "additionalProperties": false, "required": ["channels"],
      "properties": {
        "channels": {"type": "array", "items": {"type": "string"}, "description": "The channels to follow."},
        "api_key": {"type": "string", "secret": true, "description": "The key of the service."},
        "timeout": {"type": "string", "format": "duration", "default": "10s", "description": "How long to wait."},
        "order": {"type": "string", "enum": ["newest", "oldest"], "default": "newest", "description": "Which first."},
        "pages": {"type": "integer", "minimum": 1, "maximum": 50, "default": 3, "description": "How many pages."},
        "videos": {"type": "object", "additionalProperties": false, "required": ["path"], "description": "The videos.",
                   "properties": {
                     "path": {"type": "string", "description": "The file."},
                     "columns": {"type": "object", "additionalProperties": {"type": "string"},
                                 "description": "Column names."}}},
        "headers": {"type": "object", "additionalProperties": {"type": "string", "secret": true},
                    "description": "Headers to send."}}})";
    schemas_[{PluginKind::featurizer, "words"}] = R"({
      "type": "object", "additionalProperties": false, "properties": {
        "vocabulary": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 40000}}})";
    schemas_[{PluginKind::model, "line"}] = R"({
      "type": "object", "additionalProperties": false, "properties": {
        "alpha": {"type": "number", "minimum": 0, "maximum": 10, "default": 1, "description": "L2 penalty."},
        "log": {"type": "boolean", "default": true, "description": "Whether to take logarithms."}}})";
    schemas_[{PluginKind::model, "flat"}] = R"({"type": "object", "additionalProperties": false, "properties": {}})";
    for (const PluginKind kind : {PluginKind::rows, PluginKind::artifacts}) {
      schemas_[{kind, RISETIME_DEFAULT_STORE}] =
          R"({"type": "object", "additionalProperties": false, "properties": {}})";
      schemas_[{kind, "server"}] = R"({
        "type": "object", "additionalProperties": false, "required": ["host", "password"], "properties": {
          "host": {"type": "string", "description": "Where the server is."},
          "password": {"type": "string", "secret": true, "description": "Its password."}}})";
    }
  }

  std::vector<std::string> names(PluginKind kind) const override {
    std::vector<std::string> out;
    for (const auto& [key, schema] : schemas_)
      if (key.first == kind) out.push_back(key.second);
    return out;
  }

  std::optional<std::string> schema(PluginKind kind, std::string_view name) const override {
    const auto found = schemas_.find({kind, std::string(name)});
    if (found == schemas_.end()) return std::nullopt;
    if (found->second.empty()) throw Error(Code::unsupported, std::string(name) + ".so", "is built for another host");
    return found->second;
  }

  // An empty schema is a plugin that is there and cannot be loaded.
  void set(PluginKind kind, const std::string& name, std::string schema) { schemas_[{kind, name}] = std::move(schema); }

 private:
  std::map<std::pair<PluginKind, std::string>, std::string> schemas_;
};

}  // namespace risetime::core
