// Options of a plugin, declared once: from the declaration come the binding from JSON, the JSON Schema, the sample
// and the texts of errors.
//
//   struct Options {
//     double alpha = 1.0;
//     static constexpr auto fields = risetime::fields(
//         risetime::field("alpha", &Options::alpha, "L2 penalty; 0 is least squares.", risetime::range(0.0, 1e9)));
//   };
#pragma once

#include <array>
#include <optional>
#include <risetime/json.hpp>
#include <tuple>

namespace risetime {

// The handle of a secret. Put handle() where the secret belongs in a URL, header or body of a request, and the host
// replaces it as the request leaves; Context::reveal() is for what is not HTTP.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string handle) : handle_(std::move(handle)) {}
  const std::string& handle() const noexcept { return handle_; }
  bool empty() const noexcept { return handle_.empty(); }

 private:
  std::string handle_;
};

// A length of time, written "90s", "5m", "1h", "7d" (also ms, w) in a configuration.
struct Duration {
  std::int64_t us = 0;

  static std::optional<Duration> parse(std::string_view text) {
    std::int64_t amount = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), amount);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (failure != std::errc() || amount < 0) return std::nullopt;
    constexpr std::int64_t second = 1'000'000;
    const std::int64_t scale = unit == "ms"  ? 1000
                               : unit == "s" ? second
                               : unit == "m" ? 60 * second
                               : unit == "h" ? 3600 * second
                               : unit == "d" ? 86400 * second
                               : unit == "w" ? 7 * 86400 * second
                                             : 0;
    if (scale == 0 || amount > INT64_MAX / scale) return std::nullopt;
    return Duration{amount * scale};
  }
  // The largest unit that gives a whole number.
  std::string text() const {
    constexpr std::int64_t second = 1'000'000;
    if (us % second != 0) return std::to_string(us / 1000) + "ms";
    const std::pair<std::int64_t, const char*> units[] = {
        {86400 * second, "d"}, {3600 * second, "h"}, {60 * second, "m"}, {second, "s"}};
    for (const auto& [scale, unit] : units)
      if (us % scale == 0 && us != 0) return std::to_string(us / scale) + unit;
    return "0s";
  }
};

struct Required {};
constexpr Required required() { return {}; }

struct Range {
  double low, high;
};
// Both ends belong to the range. Of a list: each item.
constexpr Range range(double low, double high) { return {low, high}; }

template <std::size_t Count>
struct OneOf {
  std::array<const char*, Count> values;
};
template <class... Texts>
constexpr OneOf<sizeof...(Texts)> one_of(Texts... values) {
  return {{values...}};
}

template <class Owner, class Value, class... Rules>
struct OptionField {
  const char* name;
  Value Owner::*member;
  const char* help;
  std::tuple<Rules...> rules;
};
template <class Owner, class Value, class... Rules>
constexpr OptionField<Owner, Value, Rules...> field(const char* name, Value Owner::*member, const char* help,
                                                    Rules... rules) {
  return {name, member, help, std::tuple<Rules...>(rules...)};
}
template <class... Fields>
constexpr std::tuple<Fields...> fields(Fields... all) {
  return std::tuple<Fields...>(all...);
}

struct NoOptions {
  static constexpr auto fields = risetime::fields();
};

namespace config {

template <class T, class = void>
struct has_fields : std::false_type {};
template <class T>
struct has_fields<T, std::void_t<decltype(T::fields)>> : std::true_type {};

template <class T>
struct always_false : std::false_type {};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_map : std::false_type {};
template <class T>
struct is_map<std::map<std::string, T>> : std::true_type {};

[[noreturn]] inline void wrong(const std::string& path, const std::string& what, const char* help) {
  throw Error(Code::config, path, what + (help != nullptr ? std::string(". ") + help : std::string()));
}

inline void check(const Range& rule, double value, const std::string& path, const char* help) {
  if (!(value >= rule.low && value <= rule.high))
    wrong(path,
          Json::number_text(value) + " is out of range: " + Json::number_text(rule.low) + " to " +
              Json::number_text(rule.high),
          help);
}
template <class Rule>
void check(const Rule&, double, const std::string&, const char*) {}

template <std::size_t Count>
void check(const OneOf<Count>& rule, const std::string& value, const std::string& path, const char* help) {
  std::string choices;
  for (const char* choice : rule.values) {
    if (value == choice) return;
    choices += (choices.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
  }
  wrong(path, "\"" + value + "\" is none of " + choices, help);
}
template <class Rule>
void check(const Rule&, const std::string&, const std::string&, const char*) {}

template <class Owner>
void read_object(Owner& into, const Json& json, const std::string& path);
template <class Owner>
Json object_schema();

// Reads one value of any option type and checks it by the field's rules.
template <class T, class Rules>
void read_value(T& into, const Json& json, const std::string& path, const char* help, const Rules& rules) {
  const auto check_all = [&](const auto& value) {
    std::apply([&](const auto&... rule) { (check(rule, value, path, help), ...); }, rules);
  };
  if constexpr (std::is_same_v<T, bool>) {
    if (json.if_bool() == nullptr) wrong(path, "expected true or false", help);
    into = *json.if_bool();
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    if (json.if_integer() == nullptr) wrong(path, "expected a whole number", help);
    into = *json.if_integer();
    check_all(static_cast<double>(into));
  } else if constexpr (std::is_same_v<T, double>) {
    if (!json.is_number()) wrong(path, "expected a number", help);
    into = json.number();
    check_all(into);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (json.if_string() == nullptr) wrong(path, "expected a text", help);
    into = *json.if_string();
    check_all(into);
  } else if constexpr (std::is_same_v<T, Secret>) {
    if (json.if_string() == nullptr) wrong(path, "expected a secret, as in \"@{env:NAME}\"", help);
    into = Secret(*json.if_string());
  } else if constexpr (std::is_same_v<T, Duration>) {
    const auto parsed = json.if_string() != nullptr ? Duration::parse(*json.if_string()) : std::nullopt;
    if (!parsed) wrong(path, "expected a length of time, as in \"90s\", \"1h\" or \"7d\"", help);
    into = *parsed;
  } else if constexpr (is_optional<T>::value) {
    read_value(into.emplace(), json, path, help, rules);
  } else if constexpr (is_vector<T>::value) {
    if (json.if_array() == nullptr) wrong(path, "expected a list", help);
    into.clear();
    for (const Json& item : *json.if_array()) {
      const std::string at = path + "[" + std::to_string(into.size()) + "]";
      read_value(into.emplace_back(), item, at, help, rules);
    }
  } else if constexpr (is_map<T>::value) {
    if (json.if_object() == nullptr) wrong(path, "expected a table", help);
    into.clear();
    for (const auto& [name, member] : *json.if_object()) read_value(into[name], member, path + "." + name, help, rules);
  } else if constexpr (has_fields<T>::value) {
    read_object(into, json, path);
  } else {
    static_assert(always_false<T>::value,
                  "an option must be bool, std::int64_t, double, std::string, risetime::Secret, risetime::Duration, "
                  "std::optional, std::vector or std::map<std::string, ...> of these, or a struct with `fields`");
  }
}

template <class Owner>
void read_object(Owner& into, const Json& json, const std::string& path) {
  const auto* members = json.if_object();
  if (members == nullptr) wrong(path, "expected a table", nullptr);
  std::size_t known = 0;
  const auto read_field = [&](const auto& declared) {
    const std::string at = path.empty() ? declared.name : path + "." + declared.name;
    const auto found = members->find(std::string_view(declared.name));
    if (found != members->end()) {
      ++known;
      read_value(into.*declared.member, found->second, at, declared.help, declared.rules);
      return;
    }
    std::apply(
        [&](const auto&... rule) {
          if ((std::is_same_v<std::decay_t<decltype(rule)>, Required> || ...))
            wrong(at, "this setting is required", declared.help);
        },
        declared.rules);
  };
  std::apply([&](const auto&... declared) { (read_field(declared), ...); }, Owner::fields);
  if (known == members->size()) return;
  for (const auto& member : *members) {
    const std::string& name = member.first;
    bool is_known = false;
    std::apply([&](const auto&... declared) { ((is_known = is_known || name == declared.name), ...); }, Owner::fields);
    if (!is_known) wrong(path.empty() ? name : path + "." + name, "there is no such setting", nullptr);
  }
}

inline void describe(Json& schema, const Range& rule) {
  schema["minimum"] = rule.low;
  schema["maximum"] = rule.high;
}
template <std::size_t Count>
void describe(Json& schema, const OneOf<Count>& rule) {
  schema["enum"] = Json::array();
  for (const char* value : rule.values) schema["enum"].push_back(value);
}
inline void describe(Json&, const Required&) {}

template <class T, class Rules>
Json value_schema(const T& initial, const Rules& rules) {
  Json schema = Json::object();
  const auto add_rules = [&] { std::apply([&](const auto&... rule) { (describe(schema, rule), ...); }, rules); };
  if constexpr (std::is_same_v<T, bool>) {
    schema["type"] = "boolean";
    schema["default"] = initial;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    schema["type"] = "integer";
    schema["default"] = initial;
    add_rules();
  } else if constexpr (std::is_same_v<T, double>) {
    schema["type"] = "number";
    schema["default"] = initial;
    add_rules();
  } else if constexpr (std::is_same_v<T, std::string>) {
    schema["type"] = "string";
    schema["default"] = initial;
    add_rules();
  } else if constexpr (std::is_same_v<T, Secret>) {
    schema["type"] = "string";
    schema["secret"] = true;
  } else if constexpr (std::is_same_v<T, Duration>) {
    schema["type"] = "string";
    schema["format"] = "duration";
    schema["default"] = initial.text();
  } else if constexpr (is_optional<T>::value) {
    schema = value_schema(typename T::value_type{}, rules);
    schema["default"] = nullptr;
  } else if constexpr (is_vector<T>::value) {
    schema["type"] = "array";
    schema["items"] = value_schema(typename T::value_type{}, rules);
    schema["default"] = Json::array();
    if constexpr (std::is_constructible_v<Json, typename T::value_type>) {
      for (const auto& item : initial) schema["default"].push_back(Json(item));
    }
  } else if constexpr (is_map<T>::value) {
    schema["type"] = "object";
    schema["additionalProperties"] = value_schema(typename T::mapped_type{}, rules);
  } else {
    schema = object_schema<T>();
  }
  return schema;
}

// Properties that may be left out and stay unset have "default": null.
template <class Owner>
Json object_schema() {
  Json schema = Json::object();
  schema["type"] = "object";
  schema["additionalProperties"] = false;
  schema["properties"] = Json::object();
  schema["required"] = Json::array();
  const Owner initial{};
  const auto add = [&](const auto& declared) {
    Json property = value_schema(initial.*declared.member, declared.rules);
    property["description"] = declared.help;
    std::apply(
        [&](const auto&... rule) {
          if ((std::is_same_v<std::decay_t<decltype(rule)>, Required> || ...)) {
            schema["required"].push_back(declared.name);
          }
        },
        declared.rules);
    schema["properties"][declared.name] = std::move(property);
  };
  std::apply([&](const auto&... declared) { (add(declared), ...); }, Owner::fields);
  return schema;
}

// Throws Error(Code::config) whose `where` is the path of the setting.
template <class Options>
Options read(std::string_view text) {
  Options options{};
  read_object(options, Json::parse(text.empty() ? "{}" : text), "");
  return options;
}

}  // namespace config
}  // namespace risetime
