// Which forecast runs outlive a new one.
#include "core/pipeline/retention.hpp"

#include <gtest/gtest.h>

#include "core/base/time.hpp"

namespace risetime::core {
namespace {

using Runs = std::vector<std::pair<std::int64_t, std::string>>;
using Ids = std::vector<std::string>;

TEST(RunsToErase, OfDaysThatAreOverTheFirstRunStays) {
  const Runs runs = {{10 * day, "a"},
                     {10 * day + hour, "b"},
                     {10 * day + 2 * hour, "c"},
                     {11 * day + 3 * hour, "d"},
                     {11 * day + 4 * hour, "e"}};
  EXPECT_EQ(runs_to_erase(runs, "e", 60 * day), (Ids{"b", "c"}));
}

TEST(RunsToErase, AllRunsOfTheLastDayWithReadingsStay) {
  const Runs runs = {{10 * day + 23 * hour, "a"}, {11 * day + 1 * hour, "b"}, {11 * day + 2 * hour, "c"}};
  EXPECT_EQ(runs_to_erase(runs, "c", 60 * day), Ids{});
}

TEST(RunsToErase, WhatIsOlderThanTheTimeToKeepGoesAndTheCurrentRunStays) {
  const Runs runs = {{day, "past"}, {50 * day, "a"}, {100 * day, "b"}};
  EXPECT_EQ(runs_to_erase(runs, "b", 60 * day), Ids{"past"});
  EXPECT_EQ(runs_to_erase(runs, "past", 30 * day), Ids{"a"});  // somebody stands in the past
  EXPECT_EQ(runs_to_erase({}, "x", day), Ids{});
}

}  // namespace
}  // namespace risetime::core
