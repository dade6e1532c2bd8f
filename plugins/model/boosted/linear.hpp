// Ridge regression on the trees' columns: what is nearly a straight line is learned by one better than by steps.
#pragma once

#include "forest.hpp"

namespace risetime::boosted {

class Linear {
 public:
  // [columns] drawn in to what the rows held; a value that is not known counts as the mean.
  double predict(const float* row) const;
  // Adds to `parts` what each column adds to predict(row) beside predict(reference).
  void explain(const float* row, const float* reference, double factor, std::vector<double>& parts) const;
  const std::vector<float>& means() const { return means_; }  // [columns] of the rows it was fitted on
  std::size_t columns() const { return means_.size(); }
  void save(Writer& to) const;
  // Throws Error(Code::input) where the parts do not fit.
  void load(Reader& from);

 private:
  friend class LinearFolds;
  std::vector<float> means_, lows_, highs_;
  std::vector<double> weights_;  // [columns], of value - mean
  double intercept_ = 0;
};

// One model for each fold, fitted on the rows of the other folds; all share the L2 strength that is best out of fold.
// folds is [rows], below fold_count. Where all rows are of one fold, the models are fitted on all.
std::vector<Linear> fit_linear(const Table& rows, const std::vector<float>& targets,
                               const std::vector<std::size_t>& folds, std::size_t fold_count,
                               const std::vector<float>& weights = {});

}  // namespace risetime::boosted
