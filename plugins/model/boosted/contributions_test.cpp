// What each column adds to a prediction: against Shapley values by their definition, over all sets of columns.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <risetime/testing_models.hpp>

#include "columns.hpp"
#include "mixture.hpp"

namespace risetime::boosted {
namespace {

constexpr std::int64_t kDay = testkit::one_day;

// Trees that nobody grew: columns, thresholds and defaults by chance, columns several times on a path.
class RandomForest {
 public:
  RandomForest(std::uint64_t seed, std::size_t columns, int depth) : random_(seed), width_(columns) {
    for (int tree = 0; tree < 5; ++tree) {
      roots_.push_back(static_cast<std::uint32_t>(columns_.size()));
      grow(add(), depth);
    }
    Writer to;
    to.write(roots_);
    to.write(columns_);
    to.write(thresholds_);
    to.write(lefts_);
    to.write(defaults_);
    Reader from(to.bytes());
    forest.load(from);
  }
  // Values on both sides of thresholds; one in five is not known.
  std::vector<float> row() {
    std::vector<float> values;
    for (std::size_t column = 0; column < width_; ++column)
      values.push_back(random_() % 5 == 0 ? std::nanf("") : number());
    return values;
  }

  Forest forest;

 private:
  float number() { return std::uniform_real_distribution<float>(-1, 1)(random_); }
  std::size_t add() {
    columns_.push_back(-1);
    thresholds_.push_back(number());
    lefts_.push_back(0);
    defaults_.push_back(0);
    return columns_.size() - 1;
  }
  void grow(std::size_t node, int depth) {
    if (depth == 0 || random_() % 6 == 0) return;
    columns_[node] = static_cast<std::int32_t>(random_() % width_);
    defaults_[node] = static_cast<std::uint8_t>(random_() % 2);
    const std::size_t left = add();
    add();
    lefts_[node] = static_cast<std::uint32_t>(left);
    grow(left, depth - 1);
    grow(left + 1, depth - 1);
  }

  std::mt19937_64 random_;
  std::size_t width_;
  std::vector<std::uint32_t> roots_, lefts_;
  std::vector<std::int32_t> columns_;
  std::vector<float> thresholds_;
  std::vector<std::uint8_t> defaults_;
};

// The mean of what a column changes over all orders in which columns go from the reference to the row.
std::vector<double> by_definition(const Forest& forest, const std::vector<float>& row,
                                  const std::vector<float>& reference) {
  const std::size_t width = row.size();
  const auto value = [&](std::size_t players) {
    std::vector<float> mixed = reference;
    for (std::size_t column = 0; column < width; ++column)
      if ((players >> column & 1) != 0) mixed[column] = row[column];
    return forest.predict(mixed.data());
  };
  const auto factorial = [](std::size_t n) { return std::tgamma(static_cast<double>(n) + 1); };
  std::vector<double> parts(width, 0.0);
  for (std::size_t players = 0; players < (std::size_t{1} << width); ++players) {
    std::size_t count = 0;
    for (std::size_t column = 0; column < width; ++column) count += players >> column & 1;
    for (std::size_t column = 0; column < width; ++column) {
      if ((players >> column & 1) != 0) continue;
      parts[column] += factorial(count) * factorial(width - count - 1) / factorial(width) *
                       (value(players | std::size_t{1} << column) - value(players));
    }
  }
  return parts;
}

TEST(Contributions, OfTreesAreShapleyValuesByTheirDefinition) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::size_t columns = 1 + seed % 8;
    RandomForest random(seed, columns, 1 + static_cast<int>(seed % 7));
    const std::vector<float> row = random.row(), reference = random.row();
    std::vector<double> parts(columns, 0.0);
    random.forest.explain(row.data(), reference.data(), 1, parts);
    const std::vector<double> wanted = by_definition(random.forest, row, reference);
    for (std::size_t column = 0; column < columns; ++column)
      EXPECT_NEAR(parts[column], wanted[column], 1e-12) << "seed " << seed << ", column " << column;
  }
}

TEST(Contributions, OfManyColumnsAddUpToTheDifference) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomForest random(seed, 60, 12);
    const std::vector<float> row = random.row(), reference = random.row();
    std::vector<double> parts(60, 0.0);
    random.forest.explain(row.data(), reference.data(), 2, parts);
    double sum = 0;
    for (const double part : parts) sum += part;
    EXPECT_NEAR(sum, 2 * (random.forest.predict(row.data()) - random.forest.predict(reference.data())), 1e-9) << seed;
    std::vector<double> none(60, 0.0);
    random.forest.explain(row.data(), row.data(), 1, none);
    EXPECT_EQ(none, std::vector<double>(60, 0.0)) << "a row beside itself";
  }
}

TEST(Contributions, OfAMixtureAddUpToWhatItPredicts) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  Lesson lesson;
  lesson.rows.columns = 4;
  for (std::size_t i = 0; i < 300; ++i) {
    for (std::size_t column = 0; column < 4; ++column)
      lesson.rows.values.push_back(column == 2 && i % 3 == 0 ? std::nanf("") : normal(random));
    const float* row = lesson.rows.row(i);
    lesson.targets.push_back(row[0] + (row[1] > 0 ? 2.0F : -1.0F));
    lesson.folds.push_back(i % fold_count);
    lesson.weights.push_back(1);
  }
  lesson.trees.trees = 30;
  const auto one_by_one = [](std::size_t count, const auto& body) {
    for (std::size_t i = 0; i < count; ++i) body(i);
  };
  const Mixture mixture = fit_mixtures({lesson}, one_by_one, [] {}).front().mixture;
  const std::vector<float>& means = mixture.means();
  double step = 0, nothing = 0;  // of the column that has one, and of one that the target does not depend on
  for (std::size_t i = 0; i < 20; ++i) {
    const std::vector<double> parts = mixture.explain(lesson.rows.row(i), means.data());
    double sum = mixture.predict(means.data()).value;
    for (const double part : parts) sum += part;
    EXPECT_NEAR(sum, mixture.predict(lesson.rows.row(i)).value, 1e-9) << i;
    step += std::abs(parts[1]);
    nothing += std::abs(parts[3]);
  }
  EXPECT_GT(step, 5 * nothing);
}

TEST(Contributions, EveryColumnSaysWhichInputItIsOf) {
  FeatureSpace space;
  space.stats = {"views", "likes", "viewers"};
  space.categories = {"Gaming", "Music"};
  space.static_features = 2;
  for (const std::size_t readings : {0U, 1U, 3U, 60U, 400U}) {
    testkit::SeriesRow made = testkit::video(3, readings);
    made.values.push_back(made.values[0]);
    VideoView view;
    view.published_at = made.published_at;
    view.channel_id = "c";
    view.times = Span<const std::int64_t>(made.times);
    for (const auto& values : made.values) view.values.emplace_back(values);
    view.features = Span<const float>(made.features);
    Channels channels;
    channels.add(view, space);
    const auto histories = histories_of(view, space, made.published_at + 400 * kDay);
    for (const ColumnSet set : {ColumnSet::first, ColumnSet::newest})
      for (const Channels& known : {Channels(), channels})
        for (std::size_t stat = 0; stat < 3; ++stat) {
          std::vector<float> row, without;
          std::vector<Input> inputs;
          describe(view, histories, space, known, stat, kDay, row, set, &inputs);
          ASSERT_EQ(inputs.size(), row.size());
          for (const Input& input : inputs) {
            EXPECT_FALSE(name_of(input, space, stat).empty());
            EXPECT_FALSE(input == (Input{Input::What::other, stat})) << "a stat beside itself";
          }
          EXPECT_NE(std::find(inputs.begin(), inputs.end(), (Input{Input::What::feature, 1})), inputs.end());
          describe(view, histories, space, known, stat, kDay, without, set);
          EXPECT_EQ(without.size(), row.size());
        }
  }
}

// What one asks about is no input: the average video is asked the same.
TEST(Contributions, TheHorizonAddsNothing) {
  FeatureSpace space;
  space.stats = {"views"};
  testkit::SeriesRow made = testkit::video(3, 30);
  VideoView view;
  view.published_at = made.published_at;
  view.times = Span<const std::int64_t>(made.times);
  view.values = {Span<const double>(made.values[0])};
  const auto histories = histories_of(view, space, made.times.back());
  std::vector<float> at_a_day, at_a_week;
  std::vector<Input> inputs;
  describe(view, histories, space, Channels(), 0, kDay, at_a_day);
  describe(view, histories, space, Channels(), 0, 7 * kDay, at_a_week, ColumnSet::newest, &inputs);
  at_a_day[2] += 0.7F, at_a_day[4] += 0.7F;  // the mean of rows at one day and at four
  const Average average = average_at(at_a_day, Kind::total, 7 * kDay);
  EXPECT_NEAR(average.carried, carried_evenly(histories[0], 7 * kDay), 0.02);
  for (std::size_t column = 0; column < 9; ++column)
    EXPECT_NEAR(average.row[column], at_a_week[column], 0.02) << column;
  EXPECT_EQ(inputs[2], (Input{Input::What::ahead, 0}));
}

}  // namespace
}  // namespace risetime::boosted
