// The steps of solver.hpp: centre, Gram matrix by folds, eigenvalues, leave-one-out, coefficients, out-of-fold values.
#include "solver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace risetime::ridge {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t kBlockRows = 64;  // rows of X V that are held at a time, by each task

Index at(std::size_t index) { return static_cast<Index>(index); }

void check(const Design& design, const Search& search) {
  if (design.values.rows() == 0 || design.targets() == 0) throw std::invalid_argument("ridge: no rows or no targets");
  if (search.strengths.empty() || search.scales.empty()) throw std::invalid_argument("ridge: an empty search");
  if (design.folds.size() < 2 || design.folds.front() != 0 || design.folds.back() != design.values.rows())
    throw std::invalid_argument("ridge: the folds must cover all rows");
  for (std::size_t row = 0; row < design.values.rows(); ++row)
    for (std::size_t column = 0; column < design.values.columns(); ++column)
      if (!std::isfinite(design.values.row(row)[column]))
        throw std::invalid_argument("ridge: a value that is not finite in row " + std::to_string(row) + ", column " +
                                    std::to_string(column));
}

// Takes the mean off each column; gives the means. [columns]
VectorXd centre(Matrix& values) {
  VectorXd means = VectorXd::Zero(at(values.columns()));
  for (std::size_t row = 0; row < values.rows(); ++row)
    for (std::size_t column = 0; column < values.columns(); ++column) means[at(column)] += values.row(row)[column];
  means /= static_cast<double>(values.rows());
  for (std::size_t row = 0; row < values.rows(); ++row)
    for (std::size_t column = 0; column < values.columns(); ++column) values.row(row)[column] -= means[at(column)];
  return means;
}

MatrixXd to_eigen(const Matrix& from) {
  MatrixXd to(at(from.rows()), at(from.columns()));
  for (std::size_t row = 0; row < from.rows(); ++row)
    for (std::size_t column = 0; column < from.columns(); ++column) to(at(row), at(column)) = from.row(row)[column];
  return to;
}

// What the rows of one fold add up to.
struct Sums {
  MatrixXd products;  // [columns, columns]
  VectorXd values;    // [columns]
  double rows = 0;
};

Sums sums_of(const Design& design, std::size_t fold, const Parallel& parallel, const Kernel& kernel) {
  const std::size_t columns = design.values.columns();
  const std::size_t first = design.folds[fold], last = design.folds[fold + 1];
  Matrix products(columns, columns);
  kernel.add_gram(design.values, first, last, products, parallel);
  Sums sums{to_eigen(products), VectorXd::Zero(at(columns)), static_cast<double>(last - first)};
  for (std::size_t row = first; row < last; ++row)
    for (std::size_t column = 0; column < columns; ++column) sums.values[at(column)] += design.values.row(row)[column];
  return sums;
}

// The eigenvalues and vectors of D X'X D, and V' D X'Y, for the diagonal D of one scale.
struct Spectrum {
  VectorXd scale;    // [features]
  VectorXd values;   // [features], >= 0
  MatrixXd vectors;  // [features, features]
  MatrixXd targets;  // [features, targets]
};

Spectrum spectrum_of(const MatrixXd& products, std::size_t features, const std::vector<double>& scale) {
  Spectrum spectrum;
  const Index width = at(features), targets = products.cols() - width;
  spectrum.scale = Eigen::Map<const VectorXd>(scale.data(), width);
  const MatrixXd scaled =
      spectrum.scale.asDiagonal() * products.topLeftCorner(width, width) * spectrum.scale.asDiagonal();
  if (width > 0) {
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(scaled);
    if (solver.info() != Eigen::Success) throw std::runtime_error("ridge: the eigenvalues did not converge");
    spectrum.values = solver.eigenvalues().cwiseMax(0.0);
    spectrum.vectors = solver.eigenvectors();
  }
  spectrum.targets =
      spectrum.vectors.transpose() * (spectrum.scale.asDiagonal() * products.topRightCorner(width, targets));
  return spectrum;
}

// D V as a kernel matrix, with rows of zeros for the target columns of the design. [columns, features]
Matrix rotation_of(const Spectrum& spectrum, std::size_t columns) {
  const auto features = static_cast<std::size_t>(spectrum.values.size());
  Matrix rotation(columns, features);
  for (std::size_t i = 0; i < features; ++i)
    for (std::size_t j = 0; j < features; ++j)
      rotation.row(i)[j] = spectrum.scale[at(i)] * spectrum.vectors(at(i), at(j));
  return rotation;
}

// Leave-one-out squared errors, summed over scored rows. [strengths, targets]
class LeaveOneOut {
 public:
  LeaveOneOut(const Design& design, const Spectrum& spectrum, const std::vector<double>& strengths,
              const Kernel& kernel)
      : design_(design),
        kernel_(kernel),
        strengths_(strengths.size()),
        rotation_(rotation_of(spectrum, design.values.columns())),
        leverage_(design.features, strengths.size()),
        fitted_(design.features, strengths.size() * design.targets()) {
    for (std::size_t j = 0; j < design.features; ++j) {
      for (std::size_t s = 0; s < strengths_; ++s) {
        const double weight = 1.0 / (spectrum.values[at(j)] + strengths[s]);
        leverage_.row(j)[s] = weight;
        for (std::size_t t = 0; t < design.targets(); ++t)
          fitted_.row(j)[t * strengths_ + s] = weight * spectrum.targets(at(j), at(t));
      }
    }
  }

  MatrixXd errors(std::size_t scored_rows, const Parallel& parallel) const {
    const std::size_t rows = design_.values.rows();
    const std::size_t blocks = (rows + kBlockRows - 1) / kBlockRows;
    const std::size_t wanted = scored_rows == 0 ? blocks : std::clamp<std::size_t>(scored_rows / kBlockRows, 1, blocks);
    std::vector<MatrixXd> parts(wanted);
    // Blocks spread evenly over the rows; their sums are added in order, whoever computed them.
    parallel(wanted, [&](std::size_t part) { parts[part] = block(part * blocks / wanted); });
    MatrixXd sum = MatrixXd::Zero(at(strengths_), at(design_.targets()));
    std::size_t counted = 0;
    for (std::size_t part = 0; part < wanted; ++part) {
      sum += parts[part];
      const std::size_t first = part * blocks / wanted * kBlockRows;
      counted += std::min(rows, first + kBlockRows) - first;
    }
    return sum / static_cast<double>(counted);
  }

 private:
  MatrixXd block(std::size_t index) const {
    const std::size_t first = index * kBlockRows;
    const std::size_t count = std::min(design_.values.rows(), first + kBlockRows) - first;
    Matrix rotated(count, design_.features), leverage(count, strengths_), fitted(count, fitted_.columns());
    kernel_.multiply(design_.values, first, first + count, rotation_, rotated);
    kernel_.multiply(rotated, 0, count, fitted_, fitted);
    for (std::size_t row = 0; row < count; ++row)
      for (std::size_t j = 0; j < design_.features; ++j) rotated.row(row)[j] *= rotated.row(row)[j];
    kernel_.multiply(rotated, 0, count, leverage_, leverage);
    return squares(first, count, leverage, fitted);
  }

  MatrixXd squares(std::size_t first, std::size_t count, const Matrix& leverage, const Matrix& fitted) const {
    const double share = 1.0 / static_cast<double>(design_.values.rows());
    MatrixXd sum = MatrixXd::Zero(at(strengths_), at(design_.targets()));
    for (std::size_t row = 0; row < count; ++row) {
      const double* targets = design_.values.row(first + row) + design_.features;
      for (std::size_t t = 0; t < design_.targets(); ++t) {
        for (std::size_t s = 0; s < strengths_; ++s) {
          // A row that alone determines a direction has h = 1: its own error says nothing, and is bounded here.
          const double left = std::max(1e-9, 1.0 - share - leverage.row(row)[s]);
          const double error = (targets[t] - fitted.row(row)[t * strengths_ + s]) / left;
          sum(at(s), at(t)) += error * error;
        }
      }
    }
    return sum;
  }

  const Design& design_;
  const Kernel& kernel_;
  std::size_t strengths_;
  Matrix rotation_;  // [columns, features]
  Matrix leverage_;  // [features, strengths]: 1 / (s + strength)
  Matrix fitted_;    // [features, targets * strengths]: v' X'y / (s + strength)
};

void choose(const MatrixXd& errors, std::size_t scale, const std::vector<double>& strengths, std::vector<double>& best,
            Solution& solution) {
  for (Index t = 0; t < errors.cols(); ++t) {
    for (Index s = 0; s < errors.rows(); ++s) {
      const auto target = static_cast<std::size_t>(t);
      if (!(errors(s, t) < best[target])) continue;
      best[target] = errors(s, t);
      solution.strengths[target] = strengths[static_cast<std::size_t>(s)];
      solution.scales[target] = scale;
    }
  }
}

void set_coefficients(const Spectrum& spectrum, std::size_t scale, Solution& solution) {
  for (std::size_t target = 0; target < solution.scales.size(); ++target) {
    if (solution.scales[target] != scale) continue;
    const VectorXd shrunk =
        spectrum.targets.col(at(target)).cwiseQuotient((spectrum.values.array() + solution.strengths[target]).matrix());
    solution.coefficients.col(at(target)) = spectrum.scale.asDiagonal() * (spectrum.vectors * shrunk);
  }
}

// Predicts the rows of one fold from all other rows, for each target with its own strength and scale.
void predict_fold(const Design& design, const Search& search, const Sums& all, const Sums& fold, std::size_t index,
                  Solution& solution) {
  const Index width = at(design.features);
  const double rows = all.rows - fold.rows;
  if (rows < 1 || fold.rows < 1) return;
  const VectorXd means = (all.values - fold.values) / rows;
  const MatrixXd products = all.products - fold.products - rows * means * means.transpose();
  for (std::size_t target = 0; target < design.targets(); ++target) {
    const VectorXd scale = Eigen::Map<const VectorXd>(search.scales[solution.scales[target]].data(), width);
    MatrixXd system = scale.asDiagonal() * products.topLeftCorner(width, width) * scale.asDiagonal();
    system.diagonal().array() += solution.strengths[target];
    const VectorXd right = scale.asDiagonal() * products.topRightCorner(width, at(design.targets())).col(at(target));
    const VectorXd weights = scale.asDiagonal() * system.llt().solve(right);
    const double level = means[width + at(target)] - means.head(width).dot(weights);
    for (std::size_t row = design.folds[index]; row < design.folds[index + 1]; ++row) {
      const Eigen::Map<const VectorXd> features(design.values.row(row), width);
      solution.out_of_fold(at(row), at(target)) = level + features.dot(weights);
    }
  }
}

}  // namespace

std::vector<double> strengths_between(double least, double most, std::size_t count) {
  std::vector<double> strengths(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1);
    strengths[i] = std::exp(std::log(least) + share * (std::log(most) - std::log(least)));
  }
  return strengths;
}

Solution solve(Design& design, const Search& search, const Parallel& parallel, const Kernel& kernel) {
  check(design, search);
  const std::size_t folds = design.folds.size() - 1, targets = design.targets();
  const Index width = at(design.features);
  const VectorXd means = centre(design.values);

  std::vector<Sums> by_fold;
  for (std::size_t fold = 0; fold < folds; ++fold) by_fold.push_back(sums_of(design, fold, parallel, kernel));
  Sums all = by_fold.front();
  for (std::size_t fold = 1; fold < folds; ++fold) {
    all.products += by_fold[fold].products;
    all.values += by_fold[fold].values;
    all.rows += by_fold[fold].rows;
  }

  Solution solution;
  solution.coefficients = MatrixXd::Zero(width, at(targets));
  solution.strengths.assign(targets, search.strengths.back());
  solution.scales.assign(targets, 0);
  std::vector<double> best(targets, std::numeric_limits<double>::infinity());
  for (std::size_t scale = 0; scale < search.scales.size(); ++scale) {
    const Spectrum spectrum = spectrum_of(all.products, design.features, search.scales[scale]);
    const LeaveOneOut left_out(design, spectrum, search.strengths, kernel);
    solution.errors.push_back(left_out.errors(search.scored_rows, parallel));
    choose(solution.errors.back(), scale, search.strengths, best, solution);
    set_coefficients(spectrum, scale, solution);
  }
  solution.intercepts = means.tail(at(targets)) - solution.coefficients.transpose() * means.head(width);

  if (folds > 1) {
    solution.out_of_fold = MatrixXd::Zero(at(design.values.rows()), at(targets));
    parallel(folds, [&](std::size_t fold) { predict_fold(design, search, all, by_fold[fold], fold, solution); });
    solution.out_of_fold.rowwise() += means.tail(at(targets)).transpose();
  }
  return solution;
}

}  // namespace risetime::ridge
