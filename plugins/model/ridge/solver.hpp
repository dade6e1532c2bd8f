// Ridge regression for several targets at once, its L2 strength chosen by closed-form leave-one-out.
//
// With X centred and X'X = V diag(s) V', the prediction for row i when row i is left out follows from one fit:
//   y_i - f_{-i}(x_i) = (y_i - f(x_i)) / (1 - h_i),   h_i = 1/n + sum_j (x_i' v_j)^2 / (s_j + strength)
// so one eigendecomposition and one product X V serve every strength and target (Rifkin and Lippert, "Notes on
// regularized least squares", MIT-CSAIL-TR-2007-025; 1/n is the intercept, which is not penalized).
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "kernel.hpp"

namespace risetime::ridge {

// Features and targets side by side: columns [0, features) are X, the rest Y. Rows of one fold stand together.
struct Design {
  Matrix values;  // [rows, features + targets]
  std::size_t features = 0;
  std::vector<std::size_t> folds;  // fold f is rows [folds[f], folds[f + 1]); at least {0, rows}

  std::size_t targets() const { return values.columns() - features; }
};

struct Search {
  std::vector<double> strengths;            // > 0, in the unit of the squared columns of X
  std::vector<std::vector<double>> scales;  // each one factor per feature: a smaller one penalizes that column more
  std::size_t scored_rows = 0;              // leave-one-out errors are averaged over about this many rows; 0: all
};

struct Solution {
  Eigen::MatrixXd coefficients;         // [features, targets], for X as it was given
  Eigen::VectorXd intercepts;           // [targets]
  std::vector<double> strengths;        // [targets] the chosen ones
  std::vector<std::size_t> scales;      // [targets] which of Search::scales
  std::vector<Eigen::MatrixXd> errors;  // per scale: leave-one-out mean squared error [strengths, targets]
  Eigen::MatrixXd out_of_fold;          // [rows, targets] predicted by the rows of the other folds; empty for one fold
};

// Strengths in equal steps of the logarithm, both ends included.
std::vector<double> strengths_between(double least, double most, std::size_t count);

// Solves for all targets. Centres the columns of the design in place.
// Throws std::invalid_argument for a design without rows or with values that are not finite, or for an empty search.
Solution solve(Design& design, const Search& search, const Parallel& parallel, const Kernel& kernel = Kernel::best());

}  // namespace risetime::ridge
