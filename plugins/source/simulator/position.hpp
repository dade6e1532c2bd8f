// Where a round of the simulator stands, as the bytes of a cursor.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <risetime/error.hpp>
#include <string>
#include <string_view>

#include "world.hpp"

namespace risetime::simulator {

struct Position {
  static constexpr int64_t no_channel = -1;     // channel: no round is running
  static constexpr int64_t video_row = -2;      // tick: the video's own row comes next
  static constexpr int64_t thumbnail_row = -1;  // tick: the thumbnail comes next

  int64_t start = 0;             // of the world, UTC microseconds
  int64_t since = 0, until = 0;  // the round hands over what was read in (since, until]
  int64_t channel = no_channel;
  int64_t item = 0;  // 0: the channel's followers; n: its video n - 1
  int64_t tick = 0;  // of followers: the day; of a video: the reading on the world's grid

  bool running() const { return channel != no_channel; }

  std::string write() const {
    std::string text = "1";
    for (const int64_t number : {start, since, until, channel, item, tick}) text += " " + std::to_string(number);
    return text;
  }

  // Throws Error(Code::state) if the bytes are not what write() makes.
  static Position read(std::string_view text) {
    std::array<int64_t, 7> numbers{};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (size_t i = 0; i < numbers.size(); ++i) {
      if (i > 0 && (at == end || *at++ != ' ')) throw broken(text);
      const auto [next, problem] = std::from_chars(at, end, numbers[i]);
      if (problem != std::errc()) throw broken(text);
      at = next;
    }
    if (at != end || numbers[0] != 1 || numbers[4] < no_channel || numbers[5] < 0 || numbers[6] < video_row)
      throw broken(text);
    return {numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]};
  }

 private:
  static Error broken(std::string_view text) {
    return Error(Code::state, "cursor",
                 "\"" + std::string(text.substr(0, 60)) +
                     "\" is not a cursor of this simulator; remove the source's state to begin again");
  }
};

// Midnight UTC of a day written as 2026-01-31, in microseconds. Throws Error(Code::config) on anything else.
inline int64_t parse_day(const std::string& text) {
  int64_t year = 0, month = 0, date = 0;
  const char* const at = text.data();
  const auto whole = [&](int from, int length, int64_t& number) {
    const auto [next, problem] = std::from_chars(at + from, at + from + length, number);
    return problem == std::errc() && next == at + from + length && number > 0;
  };
  constexpr std::array<int64_t, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool good = text.size() == 10 && text[4] == '-' && text[7] == '-' && whole(0, 4, year) && whole(5, 2, month) &&
              whole(8, 2, date) && month <= 12;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (good) good = date <= lengths[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
  if (!good) throw Error(Code::config, "start", "\"" + text + "\" is not a day; write it as 2026-01-31");
  int64_t days = (year - 1) * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 719162;
  for (int64_t m = 0; m + 1 < month; ++m) days += lengths[static_cast<size_t>(m)];
  if (leap && month > 2) ++days;
  return (days + date - 1) * day;
}

}  // namespace risetime::simulator
