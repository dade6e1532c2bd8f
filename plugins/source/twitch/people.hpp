// How the people who were there are named in the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::twitch {

/// Names, or pseudonyms in their place: HMAC-SHA-256 (RFC 2104) of the login in small letters, as 64 hexadecimal
/// digits. Whoever has the key can tell whether a name was there; whoever has not cannot, although names are easily
/// guessed.
class People {
 public:
  /// Without a key, names stay as they are.
  explicit People(std::optional<std::string> key = std::nullopt) : key_(std::move(key)) {}

  std::string person(std::string_view login) const;

  // Every form in which a person of this login may be stored: under the pseudonym and by name, for settings change.
  std::vector<std::string> forms_of(std::string_view login) const;

 private:
  std::optional<std::string> key_;
};

}  // namespace risetime::twitch
