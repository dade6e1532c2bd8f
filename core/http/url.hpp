// Addresses as the HTTP client needs them: checked, in one spelling, and with a form that is fit for messages.
#pragma once

#include <string>
#include <string_view>

namespace risetime::core {

// An absolute http or https address without credentials and without a fragment.
class Url {
 public:
  // Throws Error(Code::input) for everything else; `where` of the error is fit_for_messages(text).
  static Url parse(std::string_view text);

  // The address that a Location header of an answer from this one means, relative ones included. Throws as parse does.
  Url resolve(std::string_view location) const;

  const std::string& text() const { return text_; }
  const std::string& host() const { return host_; }  // lower case; IPv6 in brackets
  int port() const { return port_; }                 // the scheme's own where the text names none
  bool is_https() const { return https_; }
  // From the first slash on: "/watch?v=1".
  std::string_view path_and_query() const;

  // What one limiter and one set of credentials belong to: "host" or, on an unusual port, "host:port".
  std::string site() const;
  // Whether the host is this machine itself, which nothing between can listen to.
  bool is_loopback() const;

 private:
  static Url parse_from(std::string_view base, std::string_view text);

  std::string text_;
  std::string host_;
  int port_ = 0;
  bool https_ = false;
};

// The text without credentials ("https://user:word@host/" loses them) and not longer than a message bears.
std::string fit_for_messages(std::string_view url);

// Every byte but letters, digits and "-._~" as %XX.
std::string percent_encode(std::string_view text);

}  // namespace risetime::core
