// Loops over the pool: every turn once, errors that do not depend on timing, and calls inside calls.
#include "core/base/threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace risetime::core {
namespace {

TEST(ThreadPool, RunsEveryTurnOnceWithAnyNumberOfThreads) {
  for (const std::size_t threads : {1U, 2U, 7U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    std::vector<int> slots(1000);
    pool.parallel_for(slots.size(), [&](std::size_t i) { slots[i] += 1; });
    EXPECT_EQ(slots, std::vector<int>(1000, 1));
  }
}

TEST(ThreadPool, TakesOneThreadPerProcessorByDefault) {
  EXPECT_EQ(ThreadPool().threads(), std::max(1U, std::thread::hardware_concurrency()));
}

TEST(ThreadPool, NoTurnsIsNoWork) {
  ThreadPool pool(2);
  pool.parallel_for(0, [](std::size_t) { FAIL(); });
}

TEST(ThreadPool, RethrowsTheErrorOfTheLowestIndexWhateverTheTiming) {
  for (int round = 0; round < 200; ++round) {
    ThreadPool pool(4);
    try {
      pool.parallel_for(64, [](std::size_t i) {
        if (i % 7 == 5) throw std::runtime_error(std::to_string(i));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      ASSERT_STREQ(error.what(), "5");
    }
  }
}

TEST(ThreadPool, BeginsNoTurnsAfterAnError) {
  ThreadPool pool(1);
  int begun = 0;
  EXPECT_THROW(pool.parallel_for(10,
                                 [&](std::size_t i) {
                                   ++begun;
                                   if (i == 3) throw std::runtime_error("stop");
                                 }),
               std::runtime_error);
  EXPECT_EQ(begun, 4);
}

TEST(ThreadPool, ServesAfterAnError) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.parallel_for(9, [](std::size_t) { throw std::runtime_error("x"); }), std::runtime_error);
  std::atomic<int> turns = 0;
  pool.parallel_for(9, [&](std::size_t) { ++turns; });
  EXPECT_EQ(turns, 9);
}

TEST(ThreadPool, ACallInsideATurnRunsOnItsThread) {
  ThreadPool pool(3);
  std::atomic<int> elsewhere = 0;
  std::atomic<int> turns = 0;
  pool.parallel_for(8, [&](std::size_t) {
    const auto here = std::this_thread::get_id();
    pool.parallel_for(8, [&](std::size_t) {
      ++turns;
      if (std::this_thread::get_id() != here) ++elsewhere;
    });
  });
  EXPECT_EQ(turns, 64);
  EXPECT_EQ(elsewhere, 0);
}

TEST(ThreadPool, SeveralThreadsMayCallAtOnce) {
  ThreadPool pool(3);
  std::vector<std::vector<std::size_t>> slots(4, std::vector<std::size_t>(500));
  std::vector<std::thread> callers;
  for (auto& mine : slots)
    callers.emplace_back([&] { pool.parallel_for(mine.size(), [&](std::size_t i) { mine[i] = i; }); });
  for (std::thread& caller : callers) caller.join();
  std::vector<std::size_t> expected(500);
  std::iota(expected.begin(), expected.end(), 0);
  for (const auto& mine : slots) EXPECT_EQ(mine, expected);
}

}  // namespace
}  // namespace risetime::core
