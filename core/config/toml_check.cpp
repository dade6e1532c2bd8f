// The walk over toml++'s tree.
#include "core/config/toml_check.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/text.hpp"
#include "core/base/time.hpp"

namespace risetime::core {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20U;
constexpr std::size_t most_parts = 128;

// The place of a key with too many parts ("a.a.a. ..."): toml++ walks tables by recursion, without a limit for these.
std::optional<Position> too_deep(std::string_view text) {
  std::size_t line = 1;
  std::size_t dots = 0;
  for (const char c : text) {
    if (c == '.') ++dots;
    if ((c == '=' || c == ']') && dots >= most_parts) return Position{{}, line, 1};
    if (std::string_view("=\n#[]{},").find(c) != std::string_view::npos) dots = 0;
    if (c == '\n') ++line;
  }
  return std::nullopt;
}

Position place(const std::string& file, const toml::source_region& region) {
  return {file, region.begin.line, region.begin.column};
}

std::string kind_text(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    case toml::node_type::none:
      break;
  }
  return "nothing";
}

bool is_date(const toml::node& node) { return node.is_date() || node.is_date_time(); }

// RFC 3339 of a TOML date; a time without a zone is not one, and stays as it is for the caller to refuse.
std::string date_text(const toml::node& node) {
  std::ostringstream out;
  if (node.is_date())
    out << node.as_date()->get();
  else
    out << node.as_date_time()->get();
  return out.str();
}

bool fits(const toml::node& node, const Key& key) {
  switch (key.type) {
    case KeyType::any:
      return true;
    case KeyType::flag:
      return node.is_boolean();
    case KeyType::integer:
      return node.is_integer();
    case KeyType::number:
      return node.is_number();
    case KeyType::text:
    case KeyType::duration:
      return node.is_string();
    case KeyType::time:
    case KeyType::moment:
      return node.is_string() || is_date(node);
    case KeyType::list:
      return node.is_array();
    case KeyType::map:
    case KeyType::table:
      return node.is_table();
  }
  return false;
}

std::vector<std::string> in_quotes_all(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(in_quotes(text));
  return out;
}

std::string below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string range_text(const Key& key) {
  if (key.minimum && key.maximum) return "from " + exact_number(*key.minimum) + " to " + exact_number(*key.maximum);
  if (key.minimum) return "at least " + exact_number(*key.minimum);
  return "at most " + exact_number(*key.maximum);
}

}  // namespace

std::optional<SecretReference> SecretReference::parse(std::string_view text) {
  const auto inside = [&](std::string_view opening) -> std::optional<std::string> {
    if (!text.starts_with(opening) || !text.ends_with('}') || text.size() <= opening.size() + 1) return std::nullopt;
    const std::string_view inner = text.substr(opening.size(), text.size() - opening.size() - 1);
    if (inner.find_first_of("{}") != std::string_view::npos) return std::nullopt;
    return std::string(inner);
  };
  if (auto variable = inside("@{env:")) {
    const auto belongs = [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (!std::all_of(variable->begin(), variable->end(), belongs)) return std::nullopt;
    return SecretReference{Kind::environment, std::move(*variable)};
  }
  if (auto path = inside("@{file:")) return SecretReference{Kind::file, std::move(*path)};
  return std::nullopt;
}

TomlFile::TomlFile(std::string name, std::string_view text, Problems& problems)
    : name_(std::move(name)), root_(std::make_unique<toml::table>()) {
  if (text.size() > largest_file) {
    problems.add({name_, 0, 0}, "", "is larger than 1 MiB", "A configuration is small: put data in files of its own.");
    return;
  }
  if (auto at = too_deep(text)) {
    at->file = name_;
    problems.add(*at, "", "a key has more than " + std::to_string(most_parts) + " parts");
    return;
  }
  try {
    *root_ = toml::parse(text, std::string_view(name_));
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    constexpr std::string_view prefix = "Error while parsing ";
    if (what.starts_with(prefix)) what.replace(0, prefix.size(), "in a ");
    what.erase(what.find_last_not_of(". ") + 1);
    problems.add(place(name_, error.source()), "", "this is not TOML: " + what);
  }
}

TomlFile::TomlFile(TomlFile&&) noexcept = default;
TomlFile::~TomlFile() = default;

Position TomlChecker::position(const toml::node& node) const {
  const toml::source_region& region = node.source();
  return region.begin.line == 0 ? last_ : place(file_, region);
}

void TomlChecker::wrong(const Where& where, std::string what, std::string suggestion) {
  problems_.add(position(where.node), where.path, std::move(what), where.help, std::move(suggestion));
}

void TomlChecker::wrong_type(const Where& where) {
  std::string what = in_quotes(where.path) + " must be " + type_text(where.key) + ", found " + kind_text(where.node);
  const bool single_table =
      where.key.type == KeyType::list && where.node.is_table() && where.key.element.at(0).type == KeyType::table;
  if (single_table) what += ": write [[" + where.path + "]]";
  if (where.key.type == KeyType::duration && where.node.is_integer())
    what += ": give it a unit, as in \"" + std::to_string(where.node.as_integer()->get()) + "s\"";
  wrong(where, std::move(what));
}

Json TomlChecker::check(const toml::node& node, const Key& key, const std::string& path) {
  if (last_.line == 0) last_ = {file_, 1, 1};
  return value({node, key, path, key.help});
}

Json TomlChecker::value(const Where& where) {
  positions_.insert_or_assign(where.path, position(where.node));
  for (const Key& alternative : where.key.alternatives)
    if (fits(where.node, alternative)) return value({where.node, alternative, where.path, where.help});
  if (!where.key.alternatives.empty() || !fits(where.node, where.key)) {
    wrong_type(where);
    return {};
  }
  switch (where.key.type) {
    case KeyType::any:
      return any(where);
    case KeyType::flag:
      return where.node.as_boolean()->get();
    case KeyType::integer:
    case KeyType::number:
      return number(where);
    case KeyType::text:
    case KeyType::duration:
    case KeyType::time:
    case KeyType::moment:
      return text(where);
    case KeyType::list:
      return list(where);
    case KeyType::map:
      return map(where);
    case KeyType::table:
      return where.key.elsewhere ? Json::object() : table(where);
  }
  return {};
}

Json TomlChecker::table(const Where& where) {
  const toml::table& table = *where.node.as_table();
  const Position here = position(where.node);
  const Position above = std::exchange(last_, here);
  Json out = Json::object();
  for (const auto& [name, node] : table) {
    const Key* key = where.key.find(name.str());
    const std::string path = below(where.path, name.str());
    if (key == nullptr && !where.key.open) {
      unknown(table, name.str(), place(file_, name.source()), where);
      continue;
    }
    const Key free;
    Json checked = value({node, key != nullptr ? *key : free, path, key != nullptr ? key->help : where.help});
    if (!checked.is_null()) out[name.str()] = std::move(checked);
  }
  for (const Key& key : where.key.keys) {
    if (key.required && !table.contains(key.name))
      problems_.add(here, below(where.path, key.name), in_quotes(below(where.path, key.name)) + " is missing",
                    key.help);
  }
  last_ = above;
  return out;
}

void TomlChecker::unknown(const toml::table& table, std::string_view name, const Position& at, const Where& where) {
  std::vector<std::string> candidates;
  for (const std::string& candidate : where.key.names())
    if (!table.contains(candidate) || where.key.find(candidate)->type == KeyType::list) candidates.push_back(candidate);
  const auto suggestion = did_you_mean(name, candidates);
  std::string help;
  if (suggestion)
    help = where.key.find(*suggestion)->help;
  else if (where.key.keys.empty())
    help = "There are no settings here";
  else
    help = "Known here: " + join_words(where.key.names(), "and");
  problems_.add(at, below(where.path, name), in_quotes(below(where.path, name)) + " is not a setting", help,
                suggestion.value_or(""));
}

Json TomlChecker::map(const Where& where) {
  const Position above = std::exchange(last_, position(where.node));
  Json out = Json::object();
  for (const auto& [name, node] : *where.node.as_table()) {
    const Key& key = where.key.element.at(0);
    const std::string path = below(where.path, name.str());
    Json checked = value({node, key, path, key.help.empty() ? where.help : key.help});
    if (!checked.is_null()) out[name.str()] = std::move(checked);
  }
  last_ = above;
  return out;
}

Json TomlChecker::list(const Where& where) {
  Json out = Json::array();
  std::size_t index = 0;
  for (const toml::node& node : *where.node.as_array()) {
    const Key& key = where.key.element.at(0);
    const std::string path = where.path + "[" + std::to_string(index++) + "]";
    out.push_back(value({node, key, path, key.help.empty() ? where.help : key.help}));
  }
  return out;
}

Json TomlChecker::number(const Where& where) {
  const bool whole = where.node.is_integer();
  const double given =
      whole ? static_cast<double>(where.node.as_integer()->get()) : where.node.as_floating_point()->get();
  if (!std::isfinite(given)) {
    wrong(where, in_quotes(where.path) + " must be a finite number");
    return {};
  }
  if ((where.key.minimum && given < *where.key.minimum) || (where.key.maximum && given > *where.key.maximum)) {
    const std::string found = whole ? std::to_string(where.node.as_integer()->get()) : Json::number_text(given);
    wrong(where, in_quotes(where.path) + " must be " + range_text(where.key) + ", found " + found);
    return {};
  }
  return whole ? Json(where.node.as_integer()->get()) : Json(given);
}

Json TomlChecker::text(const Where& where) {
  const std::string given = is_date(where.node) ? date_text(where.node) : where.node.as_string()->get();
  if (where.key.secret) return secret(where, given);
  if (refuse_reference(where, given)) return {};
  if (where.key.type == KeyType::duration) return duration(where, given);
  if (where.key.type == KeyType::moment && parse_duration(given)) return duration(where, given);
  if (where.key.type == KeyType::time || where.key.type == KeyType::moment) {
    if (const auto time = parse_time(given)) return format_time(*time);
    wrong(where, in_quotes(where.path) + " must be " + type_text(where.key) + ", found " + in_quotes(given));
    return {};
  }
  const std::vector<std::string>& choices = where.key.one_of;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), given) == choices.end()) {
    wrong(where,
          in_quotes(where.path) + " must be " + join_words(in_quotes_all(choices)) + ", found " + in_quotes(given),
          did_you_mean(given, choices).value_or(""));
    return {};
  }
  return given;
}

Json TomlChecker::duration(const Where& where, const std::string& given) {
  const auto length = parse_duration(given);
  if (!length) {
    wrong(where, in_quotes(where.path) + " must be " + type_text(where.key) + ", found " + in_quotes(given));
    return {};
  }
  if (*length % millisecond != 0) {  // plugins read no finer unit
    wrong(where, in_quotes(where.path) + " must be a whole number of milliseconds, found " + in_quotes(given));
    return {};
  }
  return format_duration(*length);
}

// What is given may be the secret itself, so no message repeats it.
Json TomlChecker::secret(const Where& where, const std::string& given) {
  if (SecretReference::parse(given)) return given;
  if (given.starts_with("@{")) {
    wrong(where, in_quotes(where.path) + " must be " + type_text(where.key) + ", found a reference of another form");
    return {};
  }
  wrong(where, in_quotes(where.path) +
                   " is a secret and must not stand in the file: put it into an environment variable and write "
                   "\"@{env:NAME}\", or into a file and write \"@{file:PATH}\"");
  return {};
}

bool TomlChecker::refuse_reference(const Where& where, std::string_view given) {
  for (const std::string_view opening : {"@{env:", "@{file:", "@{secret:"}) {
    if (given.find(opening) == std::string_view::npos) continue;
    wrong(where, in_quotes(where.path) +
                     " refers to a secret, which only settings that are marked as secret may do: "
                     "write the value itself, or move the secret to the setting that takes it");
    return true;
  }
  return false;
}

Json TomlChecker::any(const Where& where) {
  Key key;
  if (where.node.is_table()) {
    key.open = true;
    return table({where.node, key, where.path, where.help});
  }
  if (where.node.is_array()) {
    key.element.emplace_back();
    return list({where.node, key, where.path, where.help});
  }
  if (where.node.is_boolean()) return where.node.as_boolean()->get();
  if (where.node.is_number()) return number({where.node, key, where.path, where.help});
  if (where.node.is_string()) {
    key.type = KeyType::text;
    return text({where.node, key, where.path, where.help});
  }
  if (is_date(where.node)) return date_text(where.node);
  wrong(where, in_quotes(where.path) + " is a time of day, which no setting takes");
  return {};
}

}  // namespace risetime::core
