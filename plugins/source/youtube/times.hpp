// Times and durations as YouTube writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace risetime::youtube {

// RFC 3339 with an offset ("2026-01-22T15:01:42+00:00") as UTC microseconds; nothing where it is no such time.
std::optional<std::int64_t> parse_time(std::string_view text);

// A day in English, "28 Jan 2015", "Jan 28, 2015", also behind other words ("Premiered 28 Jan 2015"), or "2015-01-28":
// its midnight in UTC. Nothing where there is none.
std::optional<std::int64_t> parse_day(std::string_view text);

// "47:20", "1:02:03" in seconds; nothing where it is no such duration.
std::optional<double> parse_clock(std::string_view text);

// ISO 8601 as of the Data API, "PT1H2M3S", "P1DT2H", in seconds; nothing where it is no such duration.
std::optional<double> parse_iso_duration(std::string_view text);

}  // namespace risetime::youtube
