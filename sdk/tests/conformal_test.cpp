// Conformal: intervals cover what they promise, on data that was not used to make them.
#include <gtest/gtest.h>

#include <random>
#include <risetime/conformal.hpp>

namespace risetime {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;

// Residuals whose spread is e^key: a quarter of the videos are ten times as hard as another quarter.
struct Draw {
  double key, residual;
};
Draw draw(std::mt19937_64& random) {
  const double key = std::uniform_real_distribution<double>(-2, 1)(random);
  return {key, std::exp(key) * std::normal_distribution<double>()(random)};
}

Conformal calibrated(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  Conformal conformal;
  for (std::size_t i = 0; i < count; ++i) {
    const Draw sample = draw(random);
    conformal.add(0, kDay, sample.key, sample.residual);
  }
  conformal.calibrate();
  return conformal;
}

TEST(Conformal, CoversEightyPercentOverallAndForEasyAndHardVideosAlike) {
  const Conformal conformal = calibrated(1, 5000);
  std::mt19937_64 random(2);
  double inside[2] = {0, 0}, count[2] = {0, 0};
  for (int i = 0; i < 20000; ++i) {
    const Draw sample = draw(random);
    const auto answer = conformal.at(0, kDay, sample.key);
    const std::size_t hard = sample.key > -0.5 ? 1 : 0;
    count[hard] += 1;
    if (answer.offsets[1] <= sample.residual && sample.residual <= answer.offsets[5]) inside[hard] += 1;
  }
  EXPECT_NEAR(inside[0] / count[0], 0.8, 0.03);
  EXPECT_NEAR(inside[1] / count[1], 0.8, 0.03);
}

TEST(Conformal, GivesTheSameAnswersAfterSavingAndInAnyOrderOfAdding) {
  std::mt19937_64 random(3);
  std::vector<Draw> samples;
  for (int i = 0; i < 1000; ++i) samples.push_back(draw(random));
  Conformal forwards, backwards, loaded;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    forwards.add(1, kDay, samples[i].key, samples[i].residual);
    backwards.add(1, kDay, samples[samples.size() - 1 - i].key, samples[samples.size() - 1 - i].residual);
  }
  forwards.calibrate();
  backwards.calibrate();
  Writer first, second;
  forwards.save(first);
  backwards.save(second);
  EXPECT_EQ(first.bytes(), second.bytes());
  Reader reader(first.bytes());
  loaded.load(reader);
  reader.finish();
  EXPECT_EQ(loaded.at(1, kDay, 0.3).offsets, forwards.at(1, kDay, 0.3).offsets);
}

TEST(Conformal, StaysFiniteAndOrderedWithVeryFewResiduals) {
  for (std::size_t count = 1; count < 60; count += 3) {
    const Conformal conformal = calibrated(count, count);
    for (const double key : {-3.0, 0.0, 5.0, std::numeric_limits<double>::quiet_NaN()}) {
      const auto answer = conformal.at(0, kDay, key);
      EXPECT_TRUE(std::is_sorted(answer.offsets.begin(), answer.offsets.end())) << count;
      EXPECT_LT(answer.offsets.front(), answer.offsets.back());
      EXPECT_TRUE(std::isfinite(answer.mean_factor));
    }
  }
}

TEST(Conformal, WidensBeyondTheLastHorizonAndReadsBetweenTwoOffTheLine) {
  Conformal conformal;
  for (int i = 0; i < 400; ++i) {
    const double residual = (i - 199.5) / 400;
    conformal.add(0, kDay, 0, residual);
    conformal.add(0, 4 * kDay, 0, 3 * residual);
  }
  conformal.calibrate();
  const auto width = [&](std::int64_t horizon) {
    const auto answer = conformal.at(0, horizon, 0);
    return answer.offsets[5] - answer.offsets[1];
  };
  EXPECT_NEAR(width(2 * kDay), (width(kDay) + width(4 * kDay)) / 2, 1e-12);
  EXPECT_NEAR(width(16 * kDay), 2 * width(4 * kDay), 1e-12);
  EXPECT_NEAR(width(kDay / 24), width(kDay), 1e-12);
}

TEST(Conformal, KeepsResidualsOfOneKeyTogether) {
  Conformal conformal;
  for (int i = 0; i < 1000; ++i) conformal.add(0, kDay, 5.0, (i - 499.5) / 500);
  conformal.calibrate();
  for (const double key : {4.0, 5.0, 6.0}) {
    const auto answer = conformal.at(0, kDay, key);
    EXPECT_NEAR(answer.offsets[1], -0.8, 0.01);
    EXPECT_NEAR(answer.offsets[5], 0.8, 0.01);
  }
}

TEST(Conformal, HoldsAPointThatIsNoMedianAndCoversAsMuch) {
  Conformal low, high;  // the actual value is always above the point, or always below
  for (int i = 0; i < 1000; ++i) {
    low.add(0, kDay, 0, 0.001 * (i + 1));
    high.add(0, kDay, 0, -0.001 * (i + 1));
  }
  low.calibrate(Conformal::Middle::point);
  high.calibrate(Conformal::Middle::point);
  const auto above = low.at(0, kDay, 0).offsets, below = high.at(0, kDay, 0).offsets;
  EXPECT_EQ(above[3], 0);
  EXPECT_EQ(above[1], 0);
  EXPECT_NEAR(above[5], 0.8, 0.01);
  EXPECT_NEAR(above[6], 0.95, 0.01);
  EXPECT_EQ(below[5], 0);
  EXPECT_NEAR(below[1], -0.8, 0.01);
  EXPECT_TRUE(std::is_sorted(above.begin(), above.end()));
  EXPECT_TRUE(std::is_sorted(below.begin(), below.end()));
}

TEST(Conformal, SaysWhichStatHasNoResiduals) {
  Conformal conformal = calibrated(1, 100);
  EXPECT_TRUE(conformal.has(0));
  EXPECT_FALSE(conformal.has(1));
  EXPECT_THROW(conformal.at(1, kDay, 0), Error);
}

TEST(Conformal, RefusesBytesThatEndEarly) {
  Writer writer;
  calibrated(1, 100).save(writer);
  for (std::size_t size = 0; size < writer.bytes().size(); size += 7) {
    Conformal conformal;
    Reader reader(std::string_view(writer.bytes()).substr(0, size));
    EXPECT_THROW(conformal.load(reader), Error) << size;
  }
}

}  // namespace
}  // namespace risetime
