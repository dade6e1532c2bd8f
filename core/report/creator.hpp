// What a creator asks of a video: how it stands among the channel's others, how fast it goes, when it reaches a round
// number.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/report/standing.hpp"

namespace risetime::core {

// Nothing with fewer than `fewest` others, or where their median is zero.
std::optional<Multiple> multiple_of_median(double now, std::vector<double> others, std::size_t fewest = 3);

// Among itself and those published before it, `most` in all; nothing with fewer than three.
std::optional<Rank> rank_among_last(double now, std::int64_t published_at, std::int64_t age,
                                    std::span<const AgedHistory> others, std::size_t most = 10);

// At `count` times from publication to `until`. Ages that fewer than `fewest` others have reached are left out.
std::vector<TypicalBand> typical_band(std::span<const AgedHistory> others, std::int64_t published_at,
                                      std::int64_t until, std::size_t count = 48, std::size_t fewest = 5);

Velocity velocity_of(const std::vector<Reading>& history);

// The next round numbers (1, 2 and 5 times powers of ten) above the last reading that are reached with 10 % or more;
// `most` of them.
std::vector<Milestone> milestones_of(double now, std::int64_t issued_at, const std::vector<ForecastPoint>& points,
                                     std::size_t most = 3);

// "100K between 12 and 15 May (80 %)", "1M not before 12 May; 63 % by 20 May".
std::string words_of(const Milestone& milestone, std::int64_t last_target);

}  // namespace risetime::core
