#include "core/http/limiter.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <risetime/error.hpp>
#include <thread>
#include <vector>

namespace risetime::core {
namespace {

// Without jitter and AutoThrottle: what it waits can be told to the microsecond.
HostPolicy steady(Rate rate) {
  HostPolicy policy;
  policy.rate = rate;
  policy.jitter = 0;
  policy.autothrottle = false;
  policy.concurrency = 64;
  return policy;
}

constexpr std::int64_t start = 1'767'225'600'000'000;

TEST(HostLimiter, LetsABurstPassAndThenKeepsTheRate) {
  const FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({4.0, 2.0}), {}, minute, table, 1);
  std::vector<std::int64_t> passed;
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(limiter.acquire("a", {}));
    passed.push_back((clock.now() - start) / millisecond);
  }
  EXPECT_EQ(passed, (std::vector<std::int64_t>{0, 0, 250, 500, 750}));
}

TEST(HostLimiter, FillsUpAgainInARestButNotAboveTheBurst) {
  FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({1.0, 2.0}), {}, minute, table, 1);
  static_cast<void>(limiter.acquire("a", {}));
  static_cast<void>(limiter.acquire("a", {}));
  clock.set(start + hour);
  static_cast<void>(limiter.acquire("a", {}));
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_EQ(clock.now(), start + hour);
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_EQ(clock.now(), start + hour + second);
}

TEST(HostLimiter, KeepsPagesApartThatAreToBeAndNoOtherRequests) {
  FixedClock clock(start);
  SharedTable table;
  HostPolicy policy = steady({10.0, 10.0});
  policy.jitter = 1;  // which shortens no such distance
  HostLimiter limiter(clock, policy, {}, minute, table, 1);
  HostLimiter in_another_process(clock, policy, {}, minute, table, 2);
  std::vector<std::int64_t> passed;
  const auto pass = [&](HostLimiter& through, std::int64_t apart) {
    static_cast<void>(through.acquire("a", {}, apart));
    passed.push_back((clock.now() - start) / millisecond);
  };
  pass(limiter, 5 * second);
  pass(limiter, 0);
  pass(in_another_process, 5 * second);
  pass(limiter, 0);
  pass(limiter, 5 * second);
  EXPECT_EQ(passed, (std::vector<std::int64_t>{0, 0, 5000, 5000, 10000}));
  clock.set(start - day);
  static_cast<void>(limiter.acquire("a", {}, 5 * second));
  EXPECT_EQ(clock.now(), start - day + 5 * second);
}

TEST(HostLimiter, CountsEachHostForItselfAndKnowsRatesOfTheirOwn) {
  const FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({1.0, 1.0}), {{"slow", steady({0.1, 1.0})}}, minute, table, 1);
  static_cast<void>(limiter.acquire("a", {}));
  static_cast<void>(limiter.acquire("b", {}));
  static_cast<void>(limiter.acquire("slow", {}));
  EXPECT_EQ(clock.now(), start);
  static_cast<void>(limiter.acquire("slow", {}));
  EXPECT_EQ(clock.now(), start + 10 * second);
}

TEST(HostLimiter, WaitsForAShortPauseAndRefusesALongOne) {
  const FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({10.0, 10.0}), {}, minute, table, 1);
  limiter.pause("a", start + 30 * second);
  limiter.pause("a", start + 20 * second);  // an earlier end does not shorten it
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_EQ(clock.now(), start + 30 * second);
  limiter.pause("a", clock.now() + hour);
  try {
    static_cast<void>(limiter.acquire("a", {}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limited);
    EXPECT_EQ(error.retry_after_ms(), 3'600'000);
  }
}

TEST(HostLimiter, SurvivesAClockThatIsSetBack) {
  FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({1.0, 1.0}), {}, minute, table, 1);
  static_cast<void>(limiter.acquire("a", {}));
  clock.set(start - day);
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_EQ(clock.now(), start - day + second);
}

TEST(HostLimiter, StopsWaitingOnRequest) {
  const FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({0.001, 1.0}), {}, minute, table, 1);
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_THROW(static_cast<void>(limiter.acquire("a", [&] { return clock.now() > start + second; })), Error);
  EXPECT_LE(clock.now(), start + 2 * second);
}

TEST(HostLimiter, LetsNoMoreThroughWhenManyThreadsAsk) {
  const FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({100.0, 1.0}), {}, minute, table, 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 25; ++k) static_cast<void>(limiter.acquire("a", {}));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(clock.now() - start, 99 * second / 100);
}

TEST(HostLimiter, RefusesRatesThatMakeNoSense) {
  const FixedClock clock(start);
  SharedTable table;
  const auto make = [&](HostPolicy usual, HostPolicies sites) {
    HostLimiter(clock, usual, std::move(sites), minute, table, 1);
  };
  EXPECT_THROW(make(steady({0.0, 1.0}), {}), Error);
  EXPECT_THROW(make(steady({1.0, 0.5}), {}), Error);
  EXPECT_THROW(make(steady({1.0, 1.0}), {{"a", steady({-1.0, 1.0})}}), Error);
  HostPolicy none_at_once = steady({1.0, 1.0});
  none_at_once.concurrency = 0;
  EXPECT_THROW(make(none_at_once, {}), Error);
}

// AutoThrottle, as Scrapy's documentation words its rules.
TEST(HostLimiter, DelaysFollowTheLatencyAndErrorsNeverLowerThem) {
  const FixedClock clock(start);
  SharedTable table;
  HostPolicy policy = steady({1000.0, 1.0});
  policy.autothrottle = true;
  policy.concurrency = 2;
  HostLimiter limiter(clock, policy, {}, minute, table, 1);
  const auto delay_of_next = [&] {
    static_cast<void>(limiter.acquire("a", {}));  // takes what had filled up
    const std::int64_t before = clock.now();
    static_cast<void>(limiter.acquire("a", {}));
    return clock.now() - before;
  };
  limiter.measured("a", 4 * second, true);
  EXPECT_NEAR(static_cast<double>(delay_of_next()), static_cast<double>(2 * second), 10);  // 4 s for each of 2 at once
  limiter.measured("a", 10 * millisecond, false);
  EXPECT_NEAR(static_cast<double>(delay_of_next()), static_cast<double>(2 * second), 10);
  limiter.measured("a", 0, true);
  EXPECT_NEAR(static_cast<double>(delay_of_next()), static_cast<double>(second), 10);  // half of the way
  limiter.measured("a", 6 * second, false);
  EXPECT_NEAR(static_cast<double>(delay_of_next()), static_cast<double>(3 * second), 10);
  limiter.measured("a", hour, true);
  EXPECT_NEAR(static_cast<double>(delay_of_next()), static_cast<double>(minute), 10);  // the longest delay
}

TEST(HostLimiter, SpreadsRequestsAtRandomFromASeedWithoutChangingTheirMean) {
  std::vector<std::int64_t> gaps;
  for (int run = 0; run < 2; ++run) {
    const FixedClock clock(start);
    SharedTable table;
    HostPolicy policy = steady({10.0, 1.0});
    policy.jitter = 0.5;
    HostLimiter limiter(clock, policy, {}, minute, table, 7);
    static_cast<void>(limiter.acquire("a", {}));
    for (int i = 0; i < 400; ++i) {
      const std::int64_t before = clock.now();
      static_cast<void>(limiter.acquire("a", {}));
      if (run == 0)
        gaps.push_back(clock.now() - before);
      else
        EXPECT_EQ(clock.now() - before, gaps[static_cast<std::size_t>(i)]);
    }
  }
  EXPECT_NEAR(static_cast<double>(std::accumulate(gaps.begin(), gaps.end(), std::int64_t{0})) / 400, 1e5, 3e3);
  EXPECT_LT(*std::min_element(gaps.begin(), gaps.end()), 80'000);
  EXPECT_GT(*std::max_element(gaps.begin(), gaps.end()), 120'000);
}

TEST(HostLimiter, KeepsNoMoreRequestsUnderWayThanAllowed) {
  const SystemClock clock;
  SharedTable table;
  HostPolicy policy = steady({1e6, 1e6});
  policy.concurrency = 2;
  HostLimiter limiter(clock, policy, {}, minute, table, 1);
  std::atomic<int> under_way{0}, most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const auto ticket = limiter.acquire("a", {});
        const int now = ++under_way;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
        std::this_thread::yield();
        --under_way;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 2);
}

TEST(HostLimiter, LeavesAHostAloneThatGivesNoDataAndLongerEachTimeInARow) {
  FixedClock clock(start);
  SharedTable table;
  HostLimiter limiter(clock, steady({1.0, 1.0}), {}, minute, table, 1);
  EXPECT_EQ(limiter.blocked("a", 15 * minute), 15 * minute);
  EXPECT_EQ(limiter.blocked("a", 0), 15 * minute);  // the same block, seen by another request
  EXPECT_THROW(static_cast<void>(limiter.acquire("a", {})), Error);
  static_cast<void>(limiter.acquire("b", {}));
  clock.set(clock.now() + 15 * minute);
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_EQ(limiter.blocked("a", 15 * minute), 30 * minute);
  clock.set(clock.now() + 30 * minute);
  limiter.forgiven("a");
  EXPECT_EQ(limiter.blocked("a", hour), hour);
}

TEST(HostLimiter, IsOneBucketForAllProcessesAndRemembersRestsForTheNextOne) {
  const auto folder = std::filesystem::temp_directory_path() / ("limiter-test-" + std::to_string(::getpid()));
  FixedClock clock(start);
  const auto in_another_process = [&](const std::function<void(HostLimiter&)>& body) {
    const pid_t child = fork();
    if (child == 0) {
      SharedTable table(folder / "rates");
      HostLimiter limiter(clock, steady({1.0, 2.0}), {}, minute, table, 1);
      body(limiter);
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  };
  in_another_process([](HostLimiter& limiter) {
    for (int i = 0; i < 2; ++i) static_cast<void>(limiter.acquire("a", {}));
    limiter.pause("rests", start + hour);
  });
  SharedTable table(folder / "rates");
  HostLimiter limiter(clock, steady({1.0, 2.0}), {}, minute, table, 1);
  static_cast<void>(limiter.acquire("a", {}));
  EXPECT_EQ(clock.now(), start + second);
  EXPECT_THROW(static_cast<void>(limiter.acquire("rests", {})), Error);
  // A clock that was a year ahead when the rest began does not make it last a year.
  limiter.pause("ahead", clock.now() + 10 * second);
  clock.set(start - 365 * day);
  static_cast<void>(limiter.acquire("ahead", {}));
  EXPECT_EQ(clock.now(), start - 365 * day + 10 * second);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace risetime::core
