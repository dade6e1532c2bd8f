// Any bytes as robots.txt: parsing and matching end, and what they answer agrees with itself.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/http/robots.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using risetime::core::Robots;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Robots robots = Robots::parse(text, "risetime");
  const std::string_view path = text.substr(0, text.find_first_of("\r\n"));
  const std::string_view rule = robots.forbids(path);
  if (!rule.empty() && robots.rules() == 0) __builtin_trap();
  // Encoding does not change what is forbidden.
  if (robots.forbids(risetime::core::normalized_path(path)).empty() != rule.empty()) __builtin_trap();
  if (!robots.forbids("/robots.txt").empty()) __builtin_trap();
  if (robots.crawl_delay() < 0 || robots.crawl_delay() > Robots::longest_delay) __builtin_trap();
  return 0;
}
