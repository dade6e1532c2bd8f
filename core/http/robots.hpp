// robots.txt (RFC 9309): what the owner of a host lets programs fetch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace risetime::core {

// The rules of one file for one program.
class Robots {
 public:
  // More than this is not read; the RFC asks for as much at least.
  static constexpr std::size_t most_bytes = std::size_t{500} << 10U;

  // Everything is allowed.
  Robots() = default;
  // The groups for `product` ("risetime", compared without regard to case), all of them together; those for "*" where
  // there is none. Never throws for what the text says: lines that mean nothing are passed over.
  static Robots parse(std::string_view text, std::string_view product);

  // The rule that forbids this path with its query ("/watch?v=1"), as the file writes it; empty where it is allowed.
  // The longest rule that fits decides, "allow" among equals. "/robots.txt" is always allowed.
  std::string_view forbids(std::string_view path_and_query) const;

  // The longest "Crawl-delay" of these groups, in microseconds and at most longest_delay; 0 where there is none. It is
  // no part of the RFC: it is for the user-agent lines right before it, and ends no group of rules.
  std::int64_t crawl_delay() const noexcept { return crawl_delay_; }
  static constexpr std::int64_t longest_delay = minute;

  std::size_t rules() const noexcept { return rules_.size(); }

 private:
  struct Rule {
    bool allows = false;
    std::string pattern;  // normalized
    std::string written;  // "Disallow: /search"
  };
  std::vector<Rule> rules_;
  std::int64_t crawl_delay_ = 0;
};

// One spelling of a path for comparing: %XX of letters, digits and "-._~" decoded, other %XX in upper case, bytes above
// 0x7F and each "%" that begins no %XX encoded.
std::string normalized_path(std::string_view path);

}  // namespace risetime::core
