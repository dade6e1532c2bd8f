// Bins and the trees grown on them, against trees grown the slow way.
#include "growing.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>

namespace risetime::boosted {
namespace {

const float unknown = std::nanf("");

Table table_of(std::size_t columns, std::vector<float> values) {
  Table table;
  table.columns = columns;
  table.values = std::move(values);
  return table;
}

TEST(Bins, KeepFewValuesApartAndCutManyIntoEqualParts) {
  const Bins few(table_of(1, {5, -2, 5, unknown, 0.5F, -2}));
  const std::uint8_t wanted[] = {3, 1, 3, Bins::unknown, 2, 1};
  for (std::size_t row = 0; row < 6; ++row) EXPECT_EQ(few.of_column(0)[row], wanted[row]) << row;
  EXPECT_EQ(few.count(0), 4U);

  std::vector<float> values(63000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((i * 7919) % values.size());
  const Bins many(table_of(1, values));
  std::vector<int> rows(Bins::most);
  for (std::size_t i = 0; i < values.size(); ++i) ++rows.at(many.of_column(0)[i]);
  EXPECT_EQ(rows[Bins::unknown], 0);
  for (std::size_t bin = 1; bin < Bins::most; ++bin) EXPECT_NEAR(rows[bin], 1000, 1) << bin;
}

TEST(Bins, AValueIsBelowTheThresholdOfItsBinAndNotOfTheOneBefore) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Table table;
  table.columns = 3;
  for (int i = 0; i < 4000; ++i) {
    table.values.push_back(normal(random));
    table.values.push_back(i % 3 == 0 ? unknown : std::nextafter(1.0F, i % 2 == 0 ? 2.0F : 0.0F));
    table.values.push_back(i % 10 < 9 ? 0 : normal(random) * 1e30F);  // most are equal
  }
  const Bins bins(table);
  for (std::size_t column = 0; column < 3; ++column) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::uint8_t bin = bins.of_column(column)[row];
      const float value = table.row(row)[column];
      ASSERT_EQ(bin == Bins::unknown, std::isnan(value));
      if (bin == Bins::unknown) continue;
      ASSERT_LT(value, bins.threshold(column, bin));
      if (bin == 1) continue;
      ASSERT_GE(value, bins.threshold(column, static_cast<std::uint8_t>(bin - 1)));
    }
  }
  EXPECT_EQ(bins.count(1), 3U) << "two neighbours among floats, and unknown";
}

TEST(Bins, SayWhichColumnsTellAnything) {
  const Bins bins(table_of(4, {1, 1, unknown, unknown, 1, 2, unknown, 3}));
  EXPECT_FALSE(bins.tells(0));
  EXPECT_TRUE(bins.tells(1));
  EXPECT_FALSE(bins.tells(2));
  EXPECT_TRUE(bins.tells(3)) << "whether it is known at all";
}

// A tree by trying every cut between two values of every column, in double precision.
class SlowTree {
 public:
  SlowTree(const Table& rows, const std::vector<double>& first, const std::vector<double>& second,
           const GrowSettings& settings)
      : rows_(rows), first_(first), second_(second), settings_(settings) {
    std::vector<std::size_t> all(rows.rows());
    std::iota(all.begin(), all.end(), 0U);
    answers_.resize(rows.rows());
    grow(all, 0);
  }
  double answer(std::size_t row) const { return answers_[row]; }

 private:
  struct Sum {
    double first = 0, second = 0;
    double score() const { return first * first / (second + 1); }
  };
  Sum sum(const std::vector<std::size_t>& rows) const {
    Sum all;
    for (const std::size_t row : rows) {
      all.first += first_[row];
      all.second += second_[row];
    }
    return all;
  }

  void grow(const std::vector<std::size_t>& rows, int depth) {
    const Sum all = sum(rows);
    double best = all.score() + 1e-6;
    std::vector<std::size_t> left, right;
    for (std::size_t column = 0; depth < settings_.depth && column < rows_.columns; ++column) {
      std::set<float> cuts = {std::numeric_limits<float>::max()};
      for (const std::size_t row : rows)
        if (!std::isnan(rows_.row(row)[column])) cuts.insert(rows_.row(row)[column]);
      for (const float cut : cuts)
        for (const bool unknown_left : {false, true}) {
          std::vector<std::size_t> sides[2];
          for (const std::size_t row : rows) {
            const float value = rows_.row(row)[column];
            sides[(std::isnan(value) ? unknown_left : value < cut) ? 0 : 1].push_back(row);
          }
          const Sum a = sum(sides[0]), b = sum(sides[1]);
          if (a.second < settings_.least_weight || b.second < settings_.least_weight) continue;
          if (a.score() + b.score() <= best + 1e-9) continue;
          best = a.score() + b.score();
          left = sides[0];
          right = sides[1];
        }
    }
    if (left.empty()) {
      for (const std::size_t row : rows) answers_[row] = -settings_.rate * all.first / (all.second + 1);
      return;
    }
    grow(left, depth + 1);
    grow(right, depth + 1);
  }

  const Table& rows_;
  const std::vector<double>&first_, &second_;
  const GrowSettings& settings_;
  std::vector<double> answers_;
};

struct Problem {
  explicit Problem(unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    rows.columns = 5;
    for (int i = 0; i < 300; ++i) {
      float values[5];
      for (float& value : values) value = std::round(normal(random) * 6) / 4;
      if (random() % 3 == 0) values[1] = unknown;
      values[4] = 7;
      rows.values.insert(rows.values.end(), values, values + 5);
      const float target = values[0] * values[2] + (std::isnan(values[1]) ? 1.5F : values[1]) + 0.3F * normal(random);
      targets.push_back(target);
      weights.push_back(random() % 2 == 0 ? 1.0F : 0.8F);
      if (i % 6 != 0) chosen.push_back(static_cast<std::uint32_t>(i));
    }
  }
  Table rows;
  std::vector<float> targets, weights;
  std::vector<std::uint32_t> chosen;
};

GrowSettings all_of_it(int depth) {
  GrowSettings settings;
  settings.trees = 12;
  settings.rate = 0.3;
  settings.depth = depth;
  settings.row_share = settings.column_share = 1;
  return settings;
}

TEST(Growing, GivesTheTreesOfTheSlowWay) {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    const Problem problem(seed);
    const GrowSettings settings = all_of_it(1 + static_cast<int>(seed));
    const double start = 0.25;
    const Forest forest =
        grow(Bins(problem.rows), {problem.chosen, problem.targets, problem.weights, start}, settings, 9, [] {});
    Table learned;
    learned.columns = problem.rows.columns;
    for (const std::uint32_t row : problem.chosen)
      learned.values.insert(learned.values.end(), problem.rows.row(row), problem.rows.row(row) + 5);
    std::vector<double> said(learned.rows(), start), first(learned.rows()), second(learned.rows());
    for (int tree = 0; tree < settings.trees; ++tree) {
      for (std::size_t i = 0; i < said.size(); ++i) {
        const double residual = said[i] - static_cast<double>(problem.targets[problem.chosen[i]]);
        second[i] = static_cast<double>(problem.weights[problem.chosen[i]]) /
                    std::sqrt(1 + residual * residual / (settings.bend * settings.bend));
        first[i] = residual * second[i];
      }
      const SlowTree slow(learned, first, second, settings);
      for (std::size_t i = 0; i < said.size(); ++i) said[i] += slow.answer(i);
    }
    for (std::size_t i = 0; i < said.size(); ++i)
      EXPECT_NEAR(start + forest.predict(learned.row(i)), said[i], 2e-3) << "seed " << seed << ", row " << i;
  }
}

TEST(Growing, LooksAtNoRowThatIsNotAmongTheExamples) {
  Problem problem(5);
  const auto bytes = [&] {
    Writer to;
    grow(Bins(problem.rows), {problem.chosen, problem.targets, problem.weights, 0}, all_of_it(4), 9, [] {}).save(to);
    return to.bytes();
  };
  const std::string before = bytes();
  for (std::size_t i = 0; i < problem.targets.size(); i += 6) problem.targets[i] = 1e6F;
  EXPECT_EQ(bytes(), before);
  problem.targets[1] += 1;
  EXPECT_NE(bytes(), before);
}

TEST(Growing, SharesOfRowsAndColumnsStillLearn) {
  const Problem problem(6);
  GrowSettings settings = all_of_it(4);
  settings.trees = 200;
  settings.rate = 0.1;
  settings.row_share = 0.5;
  settings.column_share = 0.4;
  const Forest forest =
      grow(Bins(problem.rows), {problem.chosen, problem.targets, problem.weights, 0}, settings, 9, [] {});
  double off = 0, before = 0;
  for (std::size_t i = 0; i < problem.targets.size(); ++i) {
    off += std::abs(forest.predict(problem.rows.row(i)) - static_cast<double>(problem.targets[i]));
    before += std::abs(static_cast<double>(problem.targets[i]));
  }
  EXPECT_LT(off, 0.5 * before);
}

TEST(Growing, SaysTheSameOfAllRowsWhereNothingTellsThemApart) {
  const Table rows = table_of(1, std::vector<float>(100, 3));
  std::vector<float> targets(100, 2), weights(100, 1);
  std::vector<std::uint32_t> all(100);
  std::iota(all.begin(), all.end(), 0U);
  GrowSettings settings = all_of_it(6);
  settings.trees = 100;
  const Forest forest = grow(Bins(rows), {all, targets, weights, 0}, settings, 9, [] {});
  EXPECT_NEAR(forest.predict(rows.row(0)), 2, 0.01);
}

}  // namespace
}  // namespace risetime::boosted
