#include "core/http/limiter.hpp"

#include <gtest/gtest.h>

#include <risetime/error.hpp>
#include <thread>
#include <vector>

namespace risetime::core {
namespace {

constexpr std::int64_t start = 1'767'225'600'000'000;

TEST(HostLimiter, LetsABurstPassAndThenKeepsTheRate) {
  const FixedClock clock(start);
  HostLimiter limiter(clock, {4.0, 2.0}, {}, minute);
  std::vector<std::int64_t> passed;
  for (int i = 0; i < 5; ++i) {
    limiter.acquire("a", {});
    passed.push_back((clock.now() - start) / millisecond);
  }
  EXPECT_EQ(passed, (std::vector<std::int64_t>{0, 0, 250, 500, 750}));
}

TEST(HostLimiter, FillsUpAgainInARestButNotAboveTheBurst) {
  FixedClock clock(start);
  HostLimiter limiter(clock, {1.0, 2.0}, {}, minute);
  limiter.acquire("a", {});
  limiter.acquire("a", {});
  clock.set(start + hour);
  limiter.acquire("a", {});
  limiter.acquire("a", {});
  EXPECT_EQ(clock.now(), start + hour);
  limiter.acquire("a", {});
  EXPECT_EQ(clock.now(), start + hour + second);
}

TEST(HostLimiter, CountsEachHostForItselfAndKnowsRatesOfTheirOwn) {
  const FixedClock clock(start);
  HostLimiter limiter(clock, {1.0, 1.0}, {{"slow", {0.1, 1.0}}}, minute);
  limiter.acquire("a", {});
  limiter.acquire("b", {});
  limiter.acquire("slow", {});
  EXPECT_EQ(clock.now(), start);
  limiter.acquire("slow", {});
  EXPECT_EQ(clock.now(), start + 10 * second);
}

TEST(HostLimiter, WaitsForAShortPauseAndRefusesALongOne) {
  const FixedClock clock(start);
  HostLimiter limiter(clock, {10.0, 10.0}, {}, minute);
  limiter.pause("a", start + 30 * second);
  limiter.pause("a", start + 20 * second);  // an earlier end does not shorten it
  limiter.acquire("a", {});
  EXPECT_EQ(clock.now(), start + 30 * second);
  limiter.pause("a", clock.now() + hour);
  try {
    limiter.acquire("a", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limited);
    EXPECT_EQ(error.retry_after_ms(), 3'600'000);
  }
}

TEST(HostLimiter, SurvivesAClockThatIsSetBack) {
  FixedClock clock(start);
  HostLimiter limiter(clock, {1.0, 1.0}, {}, minute);
  limiter.acquire("a", {});
  clock.set(start - day);
  limiter.acquire("a", {});
  EXPECT_EQ(clock.now(), start - day + second);
}

TEST(HostLimiter, StopsWaitingOnRequest) {
  const FixedClock clock(start);
  HostLimiter limiter(clock, {0.001, 1.0}, {}, minute);
  limiter.acquire("a", {});
  EXPECT_THROW(limiter.acquire("a", [&] { return clock.now() > start + second; }), Error);
  EXPECT_LE(clock.now(), start + 2 * second);
}

TEST(HostLimiter, LetsNoMoreThroughWhenManyThreadsAsk) {
  const FixedClock clock(start);
  HostLimiter limiter(clock, {100.0, 1.0}, {}, minute);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 25; ++k) limiter.acquire("a", {});
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(clock.now() - start, 99 * second / 100);
}

TEST(HostLimiter, RefusesRatesThatMakeNoSense) {
  const FixedClock clock(start);
  EXPECT_THROW(HostLimiter(clock, {0.0, 1.0}, {}, minute), Error);
  EXPECT_THROW(HostLimiter(clock, {1.0, 0.5}, {}, minute), Error);
  EXPECT_THROW(HostLimiter(clock, {1.0, 1.0}, {{"a", {-1.0, 1.0}}}, minute), Error);
}

}  // namespace
}  // namespace risetime::core
