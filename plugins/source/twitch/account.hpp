// How a configuration names a channel of Twitch.
#pragma once

#include <string>
#include <string_view>

namespace risetime::twitch {

/// A channel as the user wrote it, in one spelling: its login in small letters, or "id:" and its number.
class Account {
 public:
  /// Takes those, "@name" and the address of the channel's page. Throws Error(Code::config) with `where` for everything
  /// else.
  static Account parse(std::string_view text, const std::string& where);

  const std::string& text() const { return text_; }
  bool is_id() const { return text_.compare(0, 3, "id:") == 0; }
  /// The number behind "id:", or the login.
  std::string key() const { return is_id() ? text_.substr(3) : text_; }

 private:
  explicit Account(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace risetime::twitch
