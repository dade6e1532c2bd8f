// What a cell says: times, counts, durations and tags, in the spellings that exports and scrapes use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::file {

// Blanks and tabs at both ends are left out.
std::string_view trim(std::string_view text);

// Whether a cell says that there is no value: "", "NA", "N/A", "null", "None", "NaN", "-" and "\N", in any case.
bool is_missing(std::string_view text);

enum class EpochUnit { automatic, seconds, milliseconds, microseconds };

// How times without a zone, and times that are plain numbers, are understood.
struct TimeRules {
  std::int64_t zone_us = 0;  // east of Greenwich, in microseconds
  EpochUnit epoch = EpochUnit::automatic;
};

// "Z", "UTC", "+07:00", "-0330" or "+7" as microseconds east of Greenwich; nothing for anything else.
std::optional<std::int64_t> parse_zone(std::string_view text);

// UTC microseconds of RFC 3339 / ISO 8601 ("2026-05-01T06:30:00.25+02:00", a blank instead of the T, without zone,
// without seconds, a date alone), or of a number since 1970: seconds below 1e11, milliseconds below 1e14, microseconds
// below 1e17, else nanoseconds, unless the rules name the unit. Years 1 to 9999. A leap second is the second after it.
std::optional<std::int64_t> parse_time(std::string_view text, const TimeRules& rules);

// A count: "812906", "812906.0", "1,234,567", "541.2K", "1.2M", "3B", "1e6". Rounded to whole only behind a letter
// (those are rounded by whoever wrote them); a plain fraction, a negative number or one above 2^63 - 1 is nothing.
std::optional<std::int64_t> parse_count(std::string_view text);

// Seconds of "242", "242.5", "00:31", "1:02:03", "PT1M2.5S", "P1DT2H"; never negative.
std::optional<double> parse_duration(std::string_view text);

// The items between separators, trimmed, without empty ones and without quotes around them. An empty separator means:
// "|" where the cell has one, else ",". list_mark separates too.
std::vector<std::string> split_tags(std::string_view text, std::string_view separator);

// Stands between the items of a list that came as a list (a JSON array).
inline constexpr char list_mark = '\x1f';

}  // namespace risetime::file
