// When rounds and videos are due, over missed rounds and clocks that jump.
#include "core/pipeline/round.hpp"

#include <gtest/gtest.h>

#include "core/base/time.hpp"

namespace risetime::core {
namespace {

constexpr std::int64_t noon = 1'767'268'800'000'000;  // 2026-01-01T12:00:00Z

RoundState ended(std::int64_t begun_at) { return {5, noon, begun_at, begun_at + minute, 0}; }

TEST(Rounds, BeginAtMultiplesOfTheirTimeAndMissedOnesOnlyOnce) {
  EXPECT_EQ(next_round_at({}, hour, noon), noon);
  EXPECT_EQ(next_round_at(ended(noon), hour, noon + minute), noon + hour);
  // Begun late: the next one is not late again.
  EXPECT_EQ(next_round_at(ended(noon + 10 * minute), hour, noon + 11 * minute), noon + hour);
  // Ten were missed: one is due, and behind it the next multiple.
  EXPECT_EQ(next_round_at(ended(noon), hour, noon + 10 * hour + minute), noon + hour);
  EXPECT_EQ(next_round_at(ended(noon + 10 * hour + minute), hour, noon + 10 * hour + 2 * minute), noon + 11 * hour);
}

TEST(Rounds, ThatWereInterruptedOrLieInTheFutureAreDueAtOnce) {
  RoundState open = ended(noon);
  open.ended_at = 0;
  EXPECT_EQ(next_round_at(open, hour, noon + minute), noon + minute);
  EXPECT_EQ(next_round_at(ended(noon + 365 * day), hour, noon), noon);
}

TEST(Sampling, ReadsAVideoOnceInEachStepOfTheRuleForItsAge) {
  const std::vector<SamplingRule> rules = {{day, hour}, {week, 6 * hour}, {30 * day, day}};
  std::map<std::string, int> readings;
  // Rounds every 10 minutes for 40 days after publication.
  for (std::int64_t now = noon + 10 * minute, previous = noon; now <= noon + 40 * day;
       previous = now, now += 10 * minute) {
    if (!is_due(rules, "video", noon, now, previous)) continue;
    const std::int64_t age = now - noon;
    ++readings[age < day ? "young" : age < week ? "older" : "old"];
  }
  EXPECT_NEAR(readings["young"], 24, 1);
  EXPECT_NEAR(readings["older"], 24, 1);
  EXPECT_NEAR(readings["old"], 23, 1);
}

TEST(Sampling, MakesUpForMissedRoundsByOneReading) {
  const std::vector<SamplingRule> rules = {{INT64_MAX, hour}};
  EXPECT_TRUE(is_due(rules, "v", noon, noon + 20 * hour, noon));
  EXPECT_FALSE(is_due(rules, "v", noon, noon + 20 * hour + minute, noon + 20 * hour) &&
               is_due(rules, "v", noon, noon + 20 * hour + 2 * minute, noon + 20 * hour + minute));
}

TEST(Sampling, DoesNotReadAllVideosAtOnce) {
  const std::vector<SamplingRule> rules = {{INT64_MAX, day}};
  std::vector<int> due(24);
  for (int video = 0; video < 2400; ++video)
    for (int i = 0; i < 24; ++i)
      if (is_due(rules, std::to_string(video), noon - 10 * day, noon + (i + 1) * hour, noon + i * hour))
        ++due[static_cast<std::size_t>(i)];
  for (const int count : due) EXPECT_NEAR(count, 100, 40);
}

TEST(Sampling, ReadsNewVideosAtOnceAndThoseThatNoRuleFitsNeverAgain) {
  const std::vector<SamplingRule> rules = {{day, hour}};
  EXPECT_TRUE(is_due(rules, "v", noon, noon + minute, 0));
  EXPECT_TRUE(is_due(rules, "v", noon + hour, noon, noon + minute));  // a clock that went back
  EXPECT_FALSE(is_due(rules, "v", noon, noon + 2 * day, 0));
  EXPECT_TRUE(is_due({}, "v", noon, noon + 2 * day, noon));
}

}  // namespace
}  // namespace risetime::core
