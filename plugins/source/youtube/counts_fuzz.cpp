// Fuzzes the readers of counts, times and durations.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "counts.hpp"
#include "times.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace risetime::youtube;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  for (const char* language : {"", "en-IN", "tr", "id", "vi"})
    if (const auto count = parse_count(text, language)) require(count->value >= 0);
  if (const auto seconds = parse_clock(text)) require(*seconds >= 0);
  if (const auto seconds = parse_iso_duration(text)) require(*seconds >= 0);
  if (const auto day = parse_day(text)) require(*day >= 0 && *day % 86'400'000'000 == 0);
  parse_time(text);
  return 0;
}
