// Trees, lines and channels by themselves: what they say, that it is kept, and that damaged bytes are refused.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <risetime/training_sample.hpp>

#include "channels.hpp"
#include "growing.hpp"
#include "growth.hpp"
#include "linear.hpp"
#include "mixture.hpp"

namespace risetime::boosted {
namespace {

// Two columns, of which the first says all: the target is its sign, and 2 where it is not known.
Table table(std::size_t count) {
  Table rows;
  rows.columns = 2;
  for (std::size_t i = 0; i < count; ++i) {
    const float sign = i % 2 == 0 ? 1.0F : -1.0F;
    rows.values.push_back(i % 5 == 0 ? std::nanf("") : sign);
    rows.values.push_back(static_cast<float>(i % 7));
  }
  return rows;
}

std::vector<float> targets(const Table& rows) {
  std::vector<float> values;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const float first = rows.row(i)[0];
    values.push_back(std::isnan(first) ? 2.0F : first);
  }
  return values;
}

GrowSettings few_trees() {
  GrowSettings settings;
  settings.trees = 60;
  settings.rate = 0.2;
  settings.column_share = 1;
  return settings;
}

// Trees that learn from all rows.
Forest grown(
    const Table& rows, const std::vector<float>& targets, std::uint64_t seed, std::vector<float> weights = {},
    const std::function<void()>& stop = [] {}) {
  if (weights.empty()) weights.assign(rows.rows(), 1.0F);
  std::vector<std::uint32_t> all(rows.rows());
  std::iota(all.begin(), all.end(), 0U);
  return grow(Bins(rows), {all, targets, weights, 0}, few_trees(), seed, stop);
}

std::string bytes_of(const Forest& forest) {
  Writer to;
  forest.save(to);
  return to.bytes();
}

TEST(Forest, LearnsStepsAndWhatAnUnknownValueMeans) {
  const Table rows = table(400);
  const Forest forest = grown(rows, targets(rows), 1);
  EXPECT_EQ(forest.trees(), 60U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(forest.predict(rows.row(i)), targets(rows)[i], 0.05) << i;
}

TEST(Forest, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Table rows = table(400);
  const std::string one = bytes_of(grown(rows, targets(rows), 1));
  EXPECT_EQ(one, bytes_of(grown(rows, targets(rows), 1)));
  EXPECT_NE(one, bytes_of(grown(rows, targets(rows), 2)));
}

TEST(Forest, SaysTheSameAfterSavingAndLoading) {
  const Table rows = table(100);
  const Forest forest = grown(rows, targets(rows), 1);
  const std::string saved = bytes_of(forest);
  Forest loaded;
  Reader from(saved);
  loaded.load(from);
  EXPECT_TRUE(from.at_end());
  EXPECT_EQ(bytes_of(loaded), saved);
  for (std::size_t i = 0; i < rows.rows(); ++i) EXPECT_EQ(loaded.predict(rows.row(i)), forest.predict(rows.row(i)));
}

// A tree that asks about column 0 and has two leaves, with its parts as given.
std::string tree(std::uint32_t root, std::int32_t column, std::uint32_t left, float leaf) {
  Writer to;
  to.write(std::vector<std::uint32_t>{root});
  to.write(std::vector<std::int32_t>{column, -1, -1});
  to.write(std::vector<float>{0.5F, -1, leaf});
  to.write(std::vector<std::uint32_t>{left, 0, 0});
  to.write(std::vector<std::uint8_t>{1, 0, 0});
  return to.bytes();
}

TEST(Forest, RefusesTreesThatLeadNowhereOrInCircles) {
  const auto load = [](const std::string& bytes) {
    Forest forest;
    Reader from(bytes);
    forest.load(from);
    return forest;
  };
  const float high = 1, low = 0;
  EXPECT_EQ(load(tree(0, 0, 1, 3)).predict(&high), 3);
  EXPECT_EQ(load(tree(0, 0, 1, 3)).predict(&low), -1);
  EXPECT_EQ(load(tree(0, 7, 1, 3)).columns(), 8U);
  EXPECT_THROW(load(tree(3, 0, 1, 3)), Error);  // a root that is not there
  EXPECT_THROW(load(tree(0, 0, 0, 3)), Error);  // its own child
  EXPECT_THROW(load(tree(0, 0, 2, 3)), Error);  // the right child is not there
  EXPECT_THROW(load(tree(0, 0, 1, std::nanf(""))), Error);
  const std::string whole = tree(0, 0, 1, 3);
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(load(whole.substr(0, size)), Error) << size;
}

TEST(Forest, StopsBetweenTrees) {
  const Table rows = table(50);
  int asked = 0;
  const auto stop = [&] {
    if (++asked == 3) throw Error(Code::cancelled, "", "stopped");
  };
  EXPECT_THROW(grown(rows, targets(rows), 1, {}, stop), Error);
  EXPECT_EQ(asked, 3);
}

TEST(Forest, RefusesAnotherNumberOfTargetsOrWeightsThanRows) {
  const Table rows = table(50);
  EXPECT_THROW(grown(rows, {1, 2}, 1), Error);
  EXPECT_THROW(grown(rows, targets(rows), 1, {1, 1}), Error);
}

// Rows that are all alike; every third has the target 1, the others 0 and the given weight.
struct Torn {
  explicit Torn(float weight) {
    rows.columns = 1;
    for (std::size_t i = 0; i < 600; ++i) {
      rows.values.push_back(1.0F + static_cast<float>(i % 2));
      targets.push_back(i % 3 == 0 ? 1.0F : 0.0F);
      weights.push_back(i % 3 == 0 ? 1.0F : weight);
      folds.push_back(i % 5);
    }
  }
  Table rows;
  std::vector<float> targets, weights;
  std::vector<std::size_t> folds;
};

TEST(Forest, FollowsTheRowsThatWeighMore) {
  for (const float weight : {1.0F, 0.1F}) {
    const Torn torn(weight);
    const Forest forest = grown(torn.rows, torn.targets, 1, torn.weights);
    EXPECT_EQ(forest.predict(torn.rows.row(0)) > 0.5, weight < 1);
  }
}

TEST(Linear, FollowsTheRowsThatWeighMore) {
  for (const float weight : {1.0F, 0.1F}) {
    const Torn torn(weight);
    const double mean = 1 / (1 + 2 * static_cast<double>(weight));
    for (const Linear& line : fit_linear(torn.rows, torn.targets, torn.folds, 5, torn.weights))
      EXPECT_NEAR(line.predict(torn.rows.row(0)), mean, 0.02);
  }
}

Mixture mixture_of(const Lesson& lesson) {
  const Parallel one_by_one = [](std::size_t count, const std::function<void(std::size_t)>& body) {
    for (std::size_t i = 0; i < count; ++i) body(i);
  };
  return std::move(fit_mixtures({lesson}, one_by_one, [] {}).front().mixture);
}

// What is only like what is asked about has no say in how trees and line are mixed.
TEST(Mixture, IsJudgedByWhatIsAskedAboutAlone) {
  Lesson lesson;
  lesson.rows.columns = 2;
  for (std::size_t i = 0; i < 2000; ++i) {
    const bool asked = i % 4 == 0;  // there the target is a valley, of which a line knows nothing
    const float x = static_cast<float>(i % 97) / 48 - 1, unknown = std::nanf("");
    lesson.rows.values.insert(lesson.rows.values.end(), {asked ? x : unknown, asked ? unknown : x});
    lesson.targets.push_back(asked ? 2 * std::abs(x) - 1 : 9 * x);
    lesson.folds.push_back(i % 5);
    lesson.weights.push_back(asked ? 1.0F : 0.5F);
  }
  lesson.trees = few_trees();
  lesson.trees.trees = 8;  // too few for the slope of the others
  EXPECT_LT(mixture_of(lesson).line_share(), 0.15);
  lesson.weights.assign(lesson.weights.size(), 1.0F);
  EXPECT_GT(mixture_of(lesson).line_share(), 0.3);
}

TEST(Mixture, ExpectsTheErrorsOfWhatIsAskedAboutAlone) {
  Lesson lesson;
  lesson.rows.columns = 1;
  for (std::size_t i = 0; i < 2000; ++i) {
    const bool asked = i % 4 == 0;
    lesson.rows.values.push_back(static_cast<float>(i % 97));
    lesson.targets.push_back(asked ? 0.0F : (i % 8 < 4 ? 3.0F : -3.0F));
    lesson.folds.push_back(i % 5);
    lesson.weights.push_back(asked ? 1.0F : 0.1F);
  }
  lesson.trees = few_trees();
  const Mixture mixture = mixture_of(lesson);
  for (const float x : {10.0F, 50.0F, 90.0F}) EXPECT_LT(mixture.predict(&x).log_error, std::log(1.0));
}

TEST(Linear, FindsALineAndDrawsInWhatLiesBeyondTheRows) {
  Table rows;
  rows.columns = 2;
  std::vector<float> targets;
  std::vector<std::size_t> folds;
  for (std::size_t i = 0; i < 1000; ++i) {
    const float x = static_cast<float>(i % 100) / 100;
    rows.values.insert(rows.values.end(), {x, i % 3 == 0 ? std::nanf("") : 1.0F});
    targets.push_back(3 * x + 1);
    folds.push_back(i % 5);
  }
  const std::vector<Linear> lines = fit_linear(rows, targets, folds, 5);
  ASSERT_EQ(lines.size(), 5U);
  const float inside[] = {0.25F, std::nanf("")}, beyond[] = {50, 1};
  for (const Linear& line : lines) {
    EXPECT_NEAR(line.predict(inside), 1.75, 0.02);
    EXPECT_NEAR(line.predict(beyond), 3.97, 0.03);
  }
}

TEST(Linear, LearnsFromRowsOfOneFold) {
  Table rows;
  rows.columns = 1;
  rows.values = {1, 2, 3, 4};
  const std::vector<Linear> lines = fit_linear(rows, {1, 2, 3, 4}, {2, 2, 2, 2}, 5);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_TRUE(std::isfinite(lines[2].predict(rows.row(1))));
}

constexpr std::int64_t kDay = microseconds_per_day;

FeatureSpace views_by_day() {
  FeatureSpace space;
  space.stats = {"views"};
  return space;
}

// A video of channel "c" whose views double from each day to the next.
struct Doubling {
  explicit Doubling(std::int64_t published_at, double first) {
    for (std::int64_t day = 1; day <= 10; ++day) {
      times.push_back(published_at + day * kDay);
      views.push_back(first * std::exp2(static_cast<double>(day - 1)));
    }
    view.published_at = published_at;
    view.channel_id = "c";
    view.times = times;
    view.values = {views};
  }
  std::vector<std::int64_t> times;
  std::vector<double> views;
  VideoView view;
};

TEST(Channels, SayHowEarlierVideosGrewBetweenTheSameAges) {
  Channels channels;
  const Doubling one(0, 1000), two(kDay, 4000), now(40 * kDay, 500);
  for (const Doubling* video : {&one, &two, &now}) channels.add(video->view, views_by_day());
  const Channels::Earlier earlier = channels.before(now.view, 0, 42 * kDay, 2, 3);
  EXPECT_EQ(earlier.count, 2);  // not the video itself
  EXPECT_NEAR(earlier.size, (std::log(2001) + std::log(8001)) / 2, 1e-5);
  EXPECT_NEAR(earlier.growth, std::log(8), 1e-3);
  EXPECT_NEAR(earlier.latest_growth, std::log(8), 1e-3);
  EXPECT_NEAR(earlier.spread, 0, 1e-2);
  EXPECT_EQ(channels.before(one.view, 0, 2 * kDay, 2, 3).count, 0);
}

TEST(Channels, KnowNothingOfReadingsAfterTheOrigin) {
  Channels channels;
  const Doubling one(0, 1000), now(2 * kDay, 500);
  channels.add(one.view, views_by_day());
  const Channels::Earlier early = channels.before(now.view, 0, 4 * kDay, 2, 3);  // the other is 4 days old
  EXPECT_NEAR(early.size, std::log(2001), 1e-5);
  const double line = std::log(2) * (2 + std::log(5.0 / 4) / std::log(4.0 / 3));  // from 3 and 4 days on to 5
  EXPECT_NEAR(early.growth, line, 1e-2);
  EXPECT_TRUE(std::isnan(channels.before(now.view, 0, 4 * kDay, 2, 7).growth));  // further than twice 4 days
  EXPECT_TRUE(std::isnan(channels.before(now.view, 0, 4 * kDay, 2, 3, ColumnSet::first).growth));
  EXPECT_NEAR(channels.before(now.view, 0, 5 * kDay, 2, 3).growth, std::log(8), 1e-3);
}

TEST(Channels, AreFollowedBackToHalfTheFirstAgeThatIsKnown) {
  Channels channels;
  const Doubling one(0, 1000), now(40 * kDay, 500);  // read from day 1 on
  channels.add(one.view, views_by_day());
  const double slope = std::log(2001.0 / 1001) / std::log(2);
  EXPECT_NEAR(channels.before(now.view, 0, 41 * kDay, 0.6, 1).size, std::log(1001) + slope * std::log(0.6), 1e-5);
  EXPECT_TRUE(std::isnan(channels.before(now.view, 0, 41 * kDay, 0.4, 1).size));
}

TEST(Growth, LearnsFromAgesWholeStepsAwayOrElsePartsOfOne) {
  const auto days = [](const std::vector<double>& ages) {
    std::vector<std::int64_t> times;
    for (const double age : ages) times.push_back(std::llround(age * static_cast<double>(kDay)));
    return times;
  };
  EXPECT_EQ(neighbours_of(90 * kDay, kDay), days({81, 101, 72}));
  EXPECT_EQ(neighbours_of(7 * kDay, kDay), days({6, 8}));
  const std::vector<std::int64_t> young = neighbours_of(3 * kDay, kDay), wanted = days({2.7, 3.36});
  ASSERT_EQ(young.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_LE(std::abs(young[i] - wanted[i]), 1);
}

TEST(Channels, AreKeptByTheirLatestVideosAndRefuseOtherStats) {
  Channels channels;
  for (std::int64_t i = 0; i < 30; ++i) channels.add(Doubling(i * kDay, 1000).view, views_by_day());
  const Doubling now(60 * kDay, 500);
  const double before = channels.before(now.view, 0, 62 * kDay, 2, 3).growth;
  channels.keep_latest();
  Writer to;
  channels.save(to);
  Channels loaded;
  Reader from(to.bytes());
  loaded.load(from, 1);
  EXPECT_TRUE(from.at_end());
  EXPECT_EQ(loaded.before(now.view, 0, 62 * kDay, 2, 3).growth, before);
  EXPECT_EQ(loaded.before(now.view, 0, 62 * kDay, 2, 3).count, 10);
  Reader again(to.bytes());
  EXPECT_THROW(loaded.load(again, 2), Error);
}

}  // namespace
}  // namespace risetime::boosted
