// The solver against definitions: leave-one-out by leaving out, folds by refitting, kernels against each other.
#include "solver.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

namespace risetime::ridge {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Data {
  MatrixXd x, y;
};

Data random_data(Eigen::Index rows, Eigen::Index columns, Eigen::Index targets, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Data data{MatrixXd(rows, columns), MatrixXd(rows, targets)};
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < columns; ++j) data.x(i, j) = normal(random) + 0.3 * static_cast<double>(j % 3);
    for (Eigen::Index t = 0; t < targets; ++t)
      data.y(i, t) = 5 + data.x(i, t % columns) - 0.5 * data.x(i, (t + 1) % columns) + normal(random);
  }
  return data;
}

Design design_of(const Data& data, std::vector<std::size_t> folds) {
  const auto features = static_cast<std::size_t>(data.x.cols());
  Design design{Matrix(static_cast<std::size_t>(data.x.rows()), features + static_cast<std::size_t>(data.y.cols())),
                features, std::move(folds)};
  for (Eigen::Index i = 0; i < data.x.rows(); ++i) {
    double* row = design.values.row(static_cast<std::size_t>(i));
    for (Eigen::Index j = 0; j < data.x.cols(); ++j) row[j] = data.x(i, j);
    for (Eigen::Index t = 0; t < data.y.cols(); ++t) row[data.x.cols() + t] = data.y(i, t);
  }
  return design;
}

struct Line {
  VectorXd weights;
  double level;
};

// The definition: minimize |y - level - X w|^2 + strength |w / scale|^2 over the rows that are kept.
Line fit_directly(const Data& data, Eigen::Index target, double strength, double scale,
                  const std::vector<Eigen::Index>& kept) {
  MatrixXd x(static_cast<Eigen::Index>(kept.size()), data.x.cols());
  VectorXd y(x.rows());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    x.row(static_cast<Eigen::Index>(i)) = data.x.row(kept[i]);
    y[static_cast<Eigen::Index>(i)] = data.y(kept[i], target);
  }
  const VectorXd means = x.colwise().mean();
  const double level = y.mean();
  x.rowwise() -= means.transpose();
  y.array() -= level;
  MatrixXd system = x.transpose() * x;
  system.diagonal().array() += strength / (scale * scale);
  const VectorXd weights = system.ldlt().solve(x.transpose() * y);
  return {weights, level - means.dot(weights)};
}

std::vector<Eigen::Index> all_but(Eigen::Index rows, Eigen::Index first, Eigen::Index last) {
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < rows; ++i)
    if (i < first || i >= last) kept.push_back(i);
  return kept;
}

Search plain_search(std::vector<double> strengths, std::size_t features, std::vector<double> scales = {1.0}) {
  Search search;
  search.strengths = std::move(strengths);
  for (const double scale : scales) search.scales.emplace_back(features, scale);
  return search;
}

Parallel threads(std::size_t width) {
  return [width](std::size_t count, const std::function<void(std::size_t)>& body) {
    std::vector<std::thread> running;
    for (std::size_t thread = 0; thread < width; ++thread)
      running.emplace_back([&, thread] {
        for (std::size_t index = thread; index < count; index += width) body(index);
      });
    for (std::thread& thread : running) thread.join();
  };
}

TEST(Solver, LeaveOneOutErrorsAreThoseOfLeavingEachRowOut) {
  const Data data = random_data(37, 5, 2, 1);
  Design design = design_of(data, {0, 37});
  const Search search = plain_search({0.1, 3.0, 200.0}, 5, {1.0, 0.3});
  const Solution solution = solve(design, search, inline_parallel());
  for (std::size_t scale = 0; scale < 2; ++scale) {
    for (Eigen::Index s = 0; s < 3; ++s) {
      for (Eigen::Index t = 0; t < 2; ++t) {
        double sum = 0;
        for (Eigen::Index i = 0; i < 37; ++i) {
          const Line line = fit_directly(data, t, search.strengths[static_cast<std::size_t>(s)],
                                         search.scales[scale].front(), all_but(37, i, i + 1));
          sum += std::pow(data.y(i, t) - line.level - data.x.row(i).dot(line.weights), 2);
        }
        EXPECT_NEAR(solution.errors[scale](s, t), sum / 37, 1e-9) << scale << " " << s << " " << t;
      }
    }
  }
}

TEST(Solver, ChoosesTheStrengthWithTheSmallestErrorForEachTargetAndSolvesForIt) {
  const Data data = random_data(60, 6, 3, 2);
  Design design = design_of(data, {0, 60});
  const Search search = plain_search(strengths_between(1e-3, 1e4, 20), 6);
  const Solution solution = solve(design, search, inline_parallel());
  for (Eigen::Index t = 0; t < 3; ++t) {
    Eigen::Index best = 0;
    solution.errors[0].col(t).minCoeff(&best);
    EXPECT_EQ(solution.strengths[static_cast<std::size_t>(t)], search.strengths[static_cast<std::size_t>(best)]);
    const Line line = fit_directly(data, t, search.strengths[static_cast<std::size_t>(best)], 1.0, all_but(60, 60, 60));
    EXPECT_LT((solution.coefficients.col(t) - line.weights).norm(), 1e-10);
    EXPECT_NEAR(solution.intercepts[t], line.level, 1e-10);
  }
}

TEST(Solver, OutOfFoldPredictionsAreThoseOfAFitWithoutTheFold) {
  const Data data = random_data(53, 4, 2, 3);
  const std::vector<std::size_t> folds = {0, 11, 30, 53};
  Design design = design_of(data, folds);
  const Solution solution = solve(design, plain_search({2.0}, 4), inline_parallel());
  for (std::size_t fold = 0; fold < 3; ++fold) {
    const auto first = static_cast<Eigen::Index>(folds[fold]), last = static_cast<Eigen::Index>(folds[fold + 1]);
    for (Eigen::Index t = 0; t < 2; ++t) {
      const Line line = fit_directly(data, t, 2.0, 1.0, all_but(53, first, last));
      for (Eigen::Index i = first; i < last; ++i)
        EXPECT_NEAR(solution.out_of_fold(i, t), line.level + data.x.row(i).dot(line.weights), 1e-10);
    }
  }
}

TEST(Solver, GivesTheSameBitsOnEveryInstructionSetAndNumberOfThreads) {
  const Data data = random_data(301, 37, 3, 4);  // sizes that fit no tile
  const auto coefficients = [&](const Kernel& kernel, const Parallel& parallel) {
    Design design = design_of(data, {0, 100, 301});
    const Solution solution = solve(design, plain_search(strengths_between(0.1, 10, 5), 37), parallel, kernel);
    std::vector<double> all(solution.coefficients.data(), solution.coefficients.data() + solution.coefficients.size());
    all.insert(all.end(), solution.errors[0].data(), solution.errors[0].data() + solution.errors[0].size());
    return all;
  };
  const std::vector<double> expected = coefficients(*Kernel::named("baseline"), inline_parallel());
  for (const char* name : {"baseline", "avx2", "avx512f"}) {
    const std::optional<Kernel> kernel = Kernel::named(name);
    if (!kernel) continue;
    for (const std::size_t width : {1U, 2U, 3U}) EXPECT_EQ(coefficients(*kernel, threads(width)), expected) << name;
  }
  EXPECT_FALSE(Kernel::named("no such thing").has_value());
}

TEST(Solver, SurvivesColumnsThatAreConstantOrCopiesAndMoreColumnsThanRows) {
  Data data = random_data(8, 12, 1, 5);
  data.x.col(3).setConstant(7);
  data.x.col(5) = data.x.col(4);
  Design design = design_of(data, {0, 4, 8});
  const Solution solution = solve(design, plain_search(strengths_between(1e-2, 1e3, 10), 12), inline_parallel());
  EXPECT_TRUE(solution.coefficients.allFinite());
  EXPECT_TRUE(solution.out_of_fold.allFinite());
  EXPECT_TRUE(solution.errors[0].allFinite());
  EXPECT_NEAR(solution.coefficients(3, 0), 0, 1e-12);
  EXPECT_NEAR(solution.coefficients(4, 0), solution.coefficients(5, 0), 1e-9);
}

TEST(Solver, RefusesNoRowsValuesThatAreNotFiniteAndAnEmptySearch) {
  const Data data = random_data(8, 2, 1, 6);
  Design design = design_of(data, {0, 8});
  EXPECT_THROW(solve(design, Search{}, inline_parallel()), std::invalid_argument);
  design.values.row(3)[1] = std::nan("");
  EXPECT_THROW(solve(design, plain_search({1.0}, 2), inline_parallel()), std::invalid_argument);
  Design empty;
  EXPECT_THROW(solve(empty, plain_search({1.0}, 2), inline_parallel()), std::invalid_argument);
}

}  // namespace
}  // namespace risetime::ridge
