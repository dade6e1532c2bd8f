// Normal equations of linear.hpp: a Gram matrix per fold, each model's is the sum of the others'.
#include "linear.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace risetime::boosted {

namespace {

constexpr double kStrengths[] = {1, 10, 100, 1000, 10000};
constexpr Eigen::Index kBlock = 256;

}  // namespace

double Linear::predict(const float* row) const {
  double sum = intercept_;
  for (std::size_t column = 0; column < means_.size(); ++column) {
    if (std::isnan(row[column])) continue;
    const float value = std::clamp(row[column], lows_[column], highs_[column]);
    sum += weights_[column] * static_cast<double>(value - means_[column]);
  }
  return sum;
}

void Linear::save(Writer& to) const {
  to.write(means_);
  to.write(lows_);
  to.write(highs_);
  to.write(weights_);
  to.write(intercept_);
}

void Linear::load(Reader& from) {
  means_ = from.read<std::vector<float>>();
  lows_ = from.read<std::vector<float>>();
  highs_ = from.read<std::vector<float>>();
  weights_ = from.read<std::vector<double>>();
  intercept_ = from.read<double>();
  bool fits = lows_.size() == means_.size() && highs_.size() == means_.size() && weights_.size() == means_.size();
  for (std::size_t column = 0; fits && column < means_.size(); ++column) fits = lows_[column] <= highs_[column];
  if (!fits) throw Error(Code::input, "saved state", "the linear model is damaged; train the model again");
}

class LinearFolds {
 public:
  LinearFolds(const Table& rows, const std::vector<float>& targets, const std::vector<std::size_t>& folds,
              std::size_t fold_count, const std::vector<float>& weights)
      : rows_(rows),
        targets_(targets),
        weights_(weights),
        folds_(folds),
        width_(static_cast<Eigen::Index>(rows.columns)),
        grams_(fold_count) {}

  std::vector<Linear> fit() {
    standardize();
    for (std::size_t fold = 0; fold < grams_.size(); ++fold) grams_[fold] = gram_of(fold);
    Eigen::MatrixXd total = Eigen::MatrixXd::Zero(width_ + 2, width_ + 2);
    for (const Eigen::MatrixXd& gram : grams_) total += gram;
    std::vector<Linear> best;
    double least = 0;
    for (const double strength : kStrengths) {
      std::vector<Linear> models;
      for (const Eigen::MatrixXd& gram : grams_) {
        const bool is_all = gram(width_, width_) > total(width_, width_) - 1;
        models.push_back(solved(is_all ? total : Eigen::MatrixXd(total - gram), strength));
      }
      const double error = error_of(models);
      if (!best.empty() && error >= least) continue;
      best = std::move(models);
      least = error;
    }
    return best;
  }

 private:
  void standardize() {
    const std::size_t columns = rows_.columns;
    shape_.means_.assign(columns, 0);
    shape_.lows_.assign(columns, 0);
    shape_.highs_.assign(columns, 0);
    scales_.assign(columns, 0);
    for (std::size_t column = 0; column < columns; ++column) {
      double count = 0, mean = 0, squares = 0;
      float low = std::numeric_limits<float>::infinity(), high = -low;
      for (std::size_t i = 0; i < rows_.rows(); ++i) {
        const float value = rows_.row(i)[column];
        if (std::isnan(value)) continue;
        count += 1;
        const double before = static_cast<double>(value) - mean;
        mean += before / count;
        squares += before * (static_cast<double>(value) - mean);
        low = std::min(low, value);
        high = std::max(high, value);
      }
      if (count < 2) continue;
      const double spread = std::sqrt(squares / count);
      if (spread <= 1e-6 * (1 + std::abs(mean))) continue;
      scales_[column] = 1 / spread;
      shape_.means_[column] = static_cast<float>(mean);
      shape_.lows_[column] = std::max(low, static_cast<float>(mean - 6 * spread));
      shape_.highs_[column] = std::min(high, static_cast<float>(mean + 6 * spread));
    }
  }

  double weight(std::size_t row) const { return weights_.empty() ? 1.0 : static_cast<double>(weights_[row]); }

  // Of (standardized columns, 1, target) over the rows of a fold, each times the root of its weight.
  Eigen::MatrixXd gram_of(std::size_t fold) const {
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(width_ + 2, width_ + 2);
    Eigen::MatrixXd block(width_ + 2, kBlock);
    Eigen::Index filled = 0;
    const auto add = [&] {
      gram.selfadjointView<Eigen::Lower>().rankUpdate(block.leftCols(filled));
      filled = 0;
    };
    for (std::size_t i = 0; i < rows_.rows(); ++i) {
      if (folds_[i] != fold) continue;
      for (Eigen::Index column = 0; column < width_; ++column) {
        const auto c = static_cast<std::size_t>(column);
        const float value = rows_.row(i)[c];
        block(column, filled) =
            std::isnan(value)
                ? 0.0
                : static_cast<double>(std::clamp(value, shape_.lows_[c], shape_.highs_[c]) - shape_.means_[c]) *
                      scales_[c];
      }
      block(width_, filled) = 1;
      block(width_ + 1, filled) = static_cast<double>(targets_[i]);
      block.col(filled) *= std::sqrt(weight(i));
      if (++filled == kBlock) add();
    }
    if (filled > 0) add();
    return gram.selfadjointView<Eigen::Lower>();
  }

  Linear solved(const Eigen::MatrixXd& gram, double strength) const {
    Eigen::MatrixXd left = gram.topLeftCorner(width_ + 1, width_ + 1);
    left.diagonal().head(width_).array() += strength;
    left(width_, width_) += 1e-9;
    const Eigen::VectorXd weights = left.ldlt().solve(gram.col(width_ + 1).head(width_ + 1));
    Linear model = shape_;
    model.intercept_ = weights[width_];
    for (std::size_t column = 0; column < scales_.size(); ++column)
      model.weights_.push_back(weights[static_cast<Eigen::Index>(column)] * scales_[column]);
    return model;
  }

  double error_of(const std::vector<Linear>& models) const {
    double sum = 0;
    for (std::size_t i = 0; i < rows_.rows(); ++i)
      sum += weight(i) * std::abs(static_cast<double>(targets_[i]) - models[folds_[i]].predict(rows_.row(i)));
    return sum;
  }

  const Table& rows_;
  const std::vector<float>& targets_;
  const std::vector<float>& weights_;
  const std::vector<std::size_t>& folds_;
  Eigen::Index width_;
  Linear shape_;  // means and ends, without weights
  std::vector<double> scales_;
  std::vector<Eigen::MatrixXd> grams_;
};

std::vector<Linear> fit_linear(const Table& rows, const std::vector<float>& targets,
                               const std::vector<std::size_t>& folds, std::size_t fold_count,
                               const std::vector<float>& weights) {
  return LinearFolds(rows, targets, folds, fold_count, weights).fit();
}

}  // namespace risetime::boosted
