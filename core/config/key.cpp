// Keys to JSON Schema and back.
#include "core/config/key.hpp"

#include <algorithm>
#include <array>
#include <risetime/error.hpp>

#include "core/base/text.hpp"

namespace risetime::core {
namespace {

[[noreturn]] void broken(const std::string& path, const std::string& what) {
  throw Error(Code::input, path.empty() ? "schema" : "schema of " + path, what);
}

std::string text_member(const Json& schema, std::string_view name, const std::string& path) {
  const Json* member = schema.find(name);
  if (member == nullptr) return {};
  if (member->if_string() == nullptr) broken(path, std::string(name) + " is no text");
  return *member->if_string();
}

std::optional<double> number_member(const Json& schema, std::string_view name, const std::string& path) {
  const Json* member = schema.find(name);
  if (member == nullptr || member->is_null()) return std::nullopt;
  if (!member->is_number()) broken(path, std::string(name) + " is no number");
  return member->number();
}

bool flag_member(const Json& schema, std::string_view name) {
  const Json* member = schema.find(name);
  return member != nullptr && member->if_bool() != nullptr && *member->if_bool();
}

struct TypeName {
  KeyType type;
  const char* name;
};
constexpr std::array<TypeName, 6> schema_types = {
    TypeName{KeyType::flag, "boolean"}, TypeName{KeyType::integer, "integer"}, TypeName{KeyType::number, "number"},
    TypeName{KeyType::text, "string"},  TypeName{KeyType::list, "array"},      TypeName{KeyType::table, "object"}};

KeyType type_of(const Json& schema, const std::string& path) {
  const std::string name = text_member(schema, "type", path);
  if (name.empty()) return KeyType::any;
  const auto found = std::find_if(schema_types.begin(), schema_types.end(),
                                  [&](const TypeName& candidate) { return name == candidate.name; });
  if (found == schema_types.end()) broken(path, "the type \"" + name + "\" is not known");
  if (found->type != KeyType::text) return found->type;
  const std::string format = text_member(schema, "format", path);
  if (format == "duration") return KeyType::duration;
  return format == "date-time" ? KeyType::time : KeyType::text;
}

Key read_key(const Json& schema, const std::string& name, const std::string& path, int depth);

void read_properties(Key& key, const Json& schema, const std::string& path, int depth) {
  const Json* properties = schema.find("properties");
  if (properties != nullptr) {
    if (properties->if_object() == nullptr) broken(path, "properties is no object");
    for (const auto& [name, property] : *properties->if_object())
      key.keys.push_back(read_key(property, name, path.empty() ? name : path + "." + name, depth + 1));
  }
  if (const Json* required = schema.find("required")) {
    if (required->if_array() == nullptr) broken(path, "required is no array");
    for (const Json& name : *required->if_array()) {
      const auto found = std::find_if(key.keys.begin(), key.keys.end(), [&](const Key& candidate) {
        return name.if_string() != nullptr && candidate.name == *name.if_string();
      });
      if (found == key.keys.end()) broken(path, "required names a property that is not there");
      found->required = true;
    }
  }
  const Json* additional = schema.find("additionalProperties");
  if (additional == nullptr || (additional->if_bool() != nullptr && *additional->if_bool())) {
    key.open = true;
  } else if (additional->if_object() != nullptr && key.keys.empty()) {
    key.type = KeyType::map;
    key.element.push_back(read_key(*additional, "", path, depth + 1));
  } else if (additional->if_bool() == nullptr) {
    broken(path, "additionalProperties is neither true nor false, nor a schema beside no properties");
  }
}

Key read_key(const Json& schema, const std::string& name, const std::string& path, int depth) {
  constexpr int deepest = 32;
  if (schema.if_object() == nullptr) broken(path, "is no object");
  if (depth > deepest) broken(path, "is nested too deeply");
  Key key;
  key.name = name;
  key.type = type_of(schema, path);
  key.help = text_member(schema, "description", path);
  key.secret = flag_member(schema, "secret");
  key.minimum = number_member(schema, "minimum", path);
  key.maximum = number_member(schema, "maximum", path);
  if (const Json* fallback = schema.find("default")) key.fallback = *fallback;
  if (const Json* choices = schema.find("enum")) {
    if (choices->if_array() == nullptr) broken(path, "enum is no array");
    for (const Json& choice : *choices->if_array()) {
      if (choice.if_string() == nullptr) broken(path, "enum holds something that is no text");
      key.one_of.push_back(*choice.if_string());
    }
  }
  if (key.type == KeyType::table) read_properties(key, schema, path, depth);
  if (key.type == KeyType::list) {
    const Json* items = schema.find("items");
    key.element.push_back(items == nullptr ? Key{} : read_key(*items, "", path, depth + 1));
  }
  return key;
}

void write_properties(Json& out, const Key& key) {
  out["properties"] = Json::object();
  Json required = Json::array();
  for (const Key& member : key.keys) {
    out["properties"][member.name] = schema_of(member);
    if (member.required) required.push_back(member.name);
  }
  if (!required.if_array()->empty()) out["required"] = std::move(required);
  out["additionalProperties"] = key.open;
}

void write_type(Json& out, const Key& key) {
  switch (key.type) {
    case KeyType::any:
      return;
    case KeyType::duration:
    case KeyType::time:
    case KeyType::moment:
      out["type"] = "string";
      if (key.type == KeyType::duration) out["format"] = "duration";
      if (key.type == KeyType::time) out["format"] = "date-time";
      return;
    case KeyType::map:
      out["type"] = "object";
      out["additionalProperties"] = schema_of(key.element.at(0));
      return;
    case KeyType::table:
      out["type"] = "object";
      write_properties(out, key);
      return;
    case KeyType::list:
      out["type"] = "array";
      out["items"] = schema_of(key.element.at(0));
      return;
    case KeyType::flag:
    case KeyType::integer:
    case KeyType::number:
    case KeyType::text:
      out["type"] = std::find_if(schema_types.begin(), schema_types.end(), [&](const TypeName& candidate) {
                      return candidate.type == key.type;
                    })->name;
      return;
  }
}

}  // namespace

const Key* Key::find(std::string_view sought) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == sought; });
  return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> Key::names() const {
  std::vector<std::string> out;
  for (const Key& key : keys) out.push_back(key.name);
  return out;
}

std::string type_text(const Key& key) {
  if (!key.alternatives.empty()) {
    std::vector<std::string> choices;
    for (const Key& alternative : key.alternatives) choices.push_back(type_text(alternative));
    return join_words(choices);
  }
  if (key.secret) return "a reference to a secret such as \"@{env:NAME}\" or \"@{file:PATH}\"";
  switch (key.type) {
    case KeyType::any:
      return "a value";
    case KeyType::flag:
      return "true or false";
    case KeyType::integer:
      return "a whole number";
    case KeyType::number:
      return "a number";
    case KeyType::text:
      return "a text";
    case KeyType::duration:
      return "a length of time such as \"90s\", \"1h\" or \"7d\"";
    case KeyType::time:
      return "a time such as \"2026-05-01T00:00:00Z\"";
    case KeyType::moment:
      return "a length of time such as \"7d\" or a time such as \"2026-05-01T00:00:00Z\"";
    case KeyType::list:
      return "a list";
    case KeyType::map:
    case KeyType::table:
      return "a table";
  }
  return "a value";
}

Key key_from_schema(const Json& schema) {
  Key key = read_key(schema, "", "", 0);
  if (key.type != KeyType::table && key.type != KeyType::map) broken("", "the settings of a plugin must be an object");
  return key;
}

Json schema_of(const Key& key) {
  Json out = Json::object();
  if (!key.help.empty()) out["description"] = key.help;
  if (!key.fallback.is_null()) out["default"] = key.fallback;
  if (!key.alternatives.empty()) {
    out["anyOf"] = Json::array();
    for (const Key& alternative : key.alternatives) out["anyOf"].push_back(schema_of(alternative));
    return out;
  }
  write_type(out, key);
  if (key.secret) out["secret"] = true;
  if (key.minimum) out["minimum"] = *key.minimum;
  if (key.maximum) out["maximum"] = *key.maximum;
  if (!key.one_of.empty()) {
    out["enum"] = Json::array();
    for (const std::string& choice : key.one_of) out["enum"].push_back(choice);
  }
  return out;
}

}  // namespace risetime::core
