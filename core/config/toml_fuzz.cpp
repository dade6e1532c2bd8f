// Fuzzes the way of a configuration from bytes to settings: any bytes give either settings or problems, each in one
// line.
#include <cstdlib>

#include "core/config/fake_plugins.hpp"
#include "core/config/settings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace risetime::core;
  static const FakePlugins plugins;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CheckedSettings checked = check_settings_text(text, "fuzz.toml", plugins);
  if (checked.settings.has_value() == !checked.problems.empty()) std::abort();
  for (const Problem& problem : checked.problems) {
    if (problem.what.empty() || problem.text().find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
