// Reads TOML and checks it against keys: out come canonical JSON, the place of every value, and all problems at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <risetime/json.hpp>
#include <string>
#include <string_view>

#include "core/config/key.hpp"
#include "core/config/problem.hpp"

// clang-format off
namespace toml::inline v3 {
class node;
class table;
}  // namespace toml::inline v3
// clang-format on

namespace risetime::core {

// A reference to a secret as it stands in a file.
struct SecretReference {
  enum class Kind { environment, file };
  Kind kind;
  std::string name;  // of the environment variable, or the file's path

  // "@{env:NAME}" or "@{file:PATH}" and nothing around it.
  static std::optional<SecretReference> parse(std::string_view text);
};

// Where every setting of a file stands, by its path: "forecast.horizons[1]".
using Positions = std::map<std::string, Position, std::less<>>;

class TomlFile {
 public:
  // Text that is no TOML is one problem at its place, and the file then counts as empty. Files above 1 MiB and keys of
  // more than 128 parts are refused the same way. `name` is what positions call the file.
  TomlFile(std::string name, std::string_view text, Problems& problems);
  TomlFile(TomlFile&&) noexcept;
  ~TomlFile();

  const toml::table& root() const { return *root_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::unique_ptr<toml::table> root_;
};

// Checks one node at a time; what it finds is appended to `problems` and `positions`, which must outlive it.
class TomlChecker {
 public:
  TomlChecker(std::string file, Problems& problems, Positions& positions)
      : file_(std::move(file)), problems_(problems), positions_(positions) {}

  // The value in canonical form: durations and times in one spelling, keys sorted, defaults not filled in, references
  // to secrets as they are. What is wrong is left out. `path` is empty for the file itself.
  Json check(const toml::node& node, const Key& key, const std::string& path);

 private:
  struct Where {
    const toml::node& node;
    const Key& key;
    const std::string& path;
    const std::string& help;  // the key's, or of the list or map that it is an item of
  };

  Json value(const Where& where);
  Json table(const Where& where);
  Json map(const Where& where);
  Json list(const Where& where);
  Json number(const Where& where);
  Json text(const Where& where);
  Json secret(const Where& where, const std::string& given);
  Json duration(const Where& where, const std::string& given);
  Json any(const Where& where);
  void unknown(const toml::table& table, std::string_view name, const Position& at, const Where& where);
  bool refuse_reference(const Where& where, std::string_view given);
  void wrong(const Where& where, std::string what, std::string suggestion = {});
  void wrong_type(const Where& where);
  Position position(const toml::node& node) const;

  std::string file_;
  Problems& problems_;
  Positions& positions_;
  Position last_;  // of the nearest table above, for nodes that have no place of their own
};

}  // namespace risetime::core
