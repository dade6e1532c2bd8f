// The description of a setting: what the host's own keys and the settings of every plugin are checked, sampled and
// documented by.
#pragma once

#include <optional>
#include <risetime/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

enum class KeyType {
  any,
  flag,
  integer,
  number,
  text,
  duration,  // "1h"; canonical form in the checked value
  time,      // RFC 3339, as a text or as a TOML date; canonical form in the checked value
  moment,    // a duration or a time
  list,      // of `element`
  map,       // free names to `element`
  table,     // of `keys`
};

struct Key {
  std::string name;
  KeyType type = KeyType::any;
  std::string help;  // a sentence
  Json fallback;     // what holds where the key is left out; null where nothing does
  Json example;      // what a sample shows where there is no default; null for the plainest value of the type
  bool required = false;
  bool secret = false;            // of a text: only a reference to a secret may stand there
  bool open = false;              // of a table: keys that are not described are allowed
  bool elsewhere = false;         // of a table: what stands in it is another's, and checked by that one's keys
  std::optional<double> minimum;  // both ends are allowed
  std::optional<double> maximum;
  std::vector<std::string> one_of;  // of a text
  std::vector<Key> keys;            // of a table, in the order in which people read them
  std::vector<Key> element;         // of a list or a map: one
  std::vector<Key> alternatives;    // where not empty, the value is one of these, told apart by their types

  const Key* find(std::string_view name) const;  // among keys
  std::vector<std::string> names() const;        // of keys
};

// What a value must be: "a whole number", "a length of time such as "1h" or "7d"".
std::string type_text(const Key& key);

// From the JSON Schema of a plugin: type, description, default, minimum, maximum, enum, required, items, properties,
// additionalProperties, "format": "duration" and "secret": true. Throws Error(Code::input) where it is no such schema.
Key key_from_schema(const Json& schema);

// JSON Schema (2020-12) of a key, with the members above.
Json schema_of(const Key& key);

}  // namespace risetime::core
