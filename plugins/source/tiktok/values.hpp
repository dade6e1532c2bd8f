// Counts, times and lengths as TikTok's pages, scrapes and actors write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace risetime::tiktok {

// Whether a cell says that there is no value: empty, "-", "N/A", "null", ...
bool is_blank(std::string_view text);

// "812906", "1,234,567", "541.2K", "1.2M", "3B", "812906.0", and the same with a word behind it ("302 videos").
// Nothing where it is no such count, is below zero, or is no whole number.
std::optional<std::int64_t> parse_count(std::string_view text);

// "31", "31.5", "00:31", "1:02:03", "PT1M2S", in seconds. Nothing where it is no such length.
std::optional<double> parse_length(std::string_view text);

// A moment, and whether the text itself said in which zone it is.
struct Moment {
  std::int64_t time = 0;  // UTC microseconds
  bool has_zone = false;
};
// "2025-05-29T15:38:41.123Z", with a blank for the T, with an offset or without zone (then `offset` microseconds east
// of UTC is meant), a day alone, or a number since 1970 in s, ms, us or ns, told by its size.
std::optional<Moment> parse_time(std::string_view text, std::int64_t offset);

// "UTC", "Z", "+07:00" in microseconds east of UTC.
std::optional<std::int64_t> parse_zone(std::string_view text);

// When a video was published, by its id, whose upper half is Unix seconds. Nothing where that is not between 2014 and
// 2100: older ids were counted in another way.
std::optional<std::int64_t> time_of_id(std::string_view id);

bool is_digits(std::string_view text);

// At most `most` bytes, never cutting a letter in two.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace risetime::tiktok
