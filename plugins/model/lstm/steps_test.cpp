// Cleaning and resampling of readings.
#include "steps.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace risetime::lstm {
namespace {

constexpr std::int64_t hour = 3'600'000'000;
const double missing = std::numeric_limits<double>::quiet_NaN();

Readings view(const std::vector<std::int64_t>& times, const std::vector<double>& values) {
  return {0, times.data(), times.size(), {values.data()}};
}

double increment(const Steps& steps, int k) {
  return std::expm1(static_cast<double>(steps.moves[static_cast<std::size_t>(k)]));
}

TEST(Resample, EndsAtTheLastReadingAndReadsValuesOffTheLineBetweenReadings) {
  const std::vector<std::int64_t> times{2 * hour, 5 * hour};
  const std::vector<double> values{20, 80};
  const Steps steps = resample(view(times, values), 2, {Kind::total}, hour, 100);
  ASSERT_EQ(steps.count, 5);
  EXPECT_EQ(steps.anchor, 5 * hour);
  for (const int k : {0, 1}) EXPECT_NEAR(increment(steps, k), 10, 1e-4) << "from zero at publication";
  for (const int k : {2, 3, 4}) EXPECT_NEAR(increment(steps, k), 20, 1e-4);
  EXPECT_EQ(steps.filled, (std::vector<float>{1, 0, 1, 1, 0}));
  EXPECT_FLOAT_EQ(steps.age_steps.back(), 5);
  EXPECT_EQ(steps.last, std::vector<double>{80});
}

TEST(Resample, SeesNoReadingAfterTheOrigin) {
  const std::vector<std::int64_t> times{hour, 2 * hour, 3 * hour};
  const std::vector<double> values{10, 20, 5}, others{10, 20, 1e9};
  const Steps a = resample(view(times, values), 2, {Kind::total}, hour, 100);
  const Steps b = resample(view(times, others), 2, {Kind::total}, hour, 100);
  EXPECT_EQ(a.moves, b.moves);
  EXPECT_EQ(a.levels, b.levels);
}

TEST(Resample, TakesACorrectionDownwardsToHoldForThePast) {
  const std::vector<std::int64_t> times{hour, 2 * hour, 3 * hour};
  const std::vector<double> values{10, 100, 40};
  const Steps steps = resample(view(times, values), 3, {Kind::total}, hour, 100);
  EXPECT_NEAR(increment(steps, 1), 30, 1e-4);
  EXPECT_NEAR(increment(steps, 2), 0, 1e-6);
  EXPECT_EQ(steps.last[0], 40);
}

TEST(Resample, DropsADipThatRecovers) {
  const std::vector<std::int64_t> times{hour, 2 * hour, 3 * hour};
  const std::vector<double> values{100, 0, 140};
  const Steps steps = resample(view(times, values), 3, {Kind::total}, hour, 100);
  EXPECT_NEAR(increment(steps, 0), 100, 1e-3);
  EXPECT_NEAR(increment(steps, 1), 20, 1e-4);
}

TEST(Resample, KeepsAtMostTheLastSteps) {
  const std::vector<std::int64_t> times{hour, 1000 * hour};
  const std::vector<double> values{1, 1000};
  const Steps steps = resample(view(times, values), 2, {Kind::total}, hour, 24);
  EXPECT_EQ(steps.count, 24);
  EXPECT_NEAR(increment(steps, 0), 1, 1e-4);
}

TEST(Resample, MarksAStatWithoutAnyValueAsMissing) {
  const std::vector<std::int64_t> times{hour, 2 * hour};
  const std::vector<double> values{missing, missing};
  const Steps steps = resample(view(times, values), 2, {Kind::total}, hour, 24);
  EXPECT_TRUE(std::isnan(steps.last[0]));
  EXPECT_EQ(increment(steps, 1), 0);
}

TEST(Resample, MakesOneStepOfOneReadingEvenBeforePublication) {
  const std::vector<std::int64_t> times{-5 * hour};
  const std::vector<double> values{7};
  const Steps steps = resample(view(times, values), 1, {Kind::total}, hour, 24);
  EXPECT_EQ(steps.count, 1);
  EXPECT_EQ(steps.last[0], 7);
  EXPECT_NEAR(increment(steps, 0), 7, 1e-4);
}

TEST(Resample, KeepsALevelAsItIs) {
  const std::vector<std::int64_t> times{hour, 2 * hour};
  const std::vector<double> values{50, 20};
  const Steps steps = resample(view(times, values), 2, {Kind::level}, hour, 24);
  EXPECT_NEAR(increment(steps, 1), 20, 1e-4);
}

TEST(ValuesAfter, ReadsOffTheLineUnlessTheGapIsTooWide) {
  const std::vector<std::int64_t> times{0, hour, 3 * hour, 9 * hour};
  const std::vector<double> values{0, 10, 30, 90};
  const auto after = values_after(view(times, values), 0, hour, 10, 2 * hour);
  EXPECT_EQ(after[0], 10);
  EXPECT_EQ(after[1], 20);
  EXPECT_EQ(after[2], 30);
  EXPECT_TRUE(std::isnan(after[3]));
  EXPECT_EQ(after[8], 90) << "a reading at the very time needs no neighbour";
  EXPECT_TRUE(std::isnan(after[9]));
}

}  // namespace
}  // namespace risetime::lstm
