// One linear system: rows of features and targets in, a ridge model with the size of its errors out.
#pragma once

#include <cstdint>
#include <risetime/attribution.hpp>
#include <risetime/conformal.hpp>
#include <vector>

#include "features.hpp"
#include "solver.hpp"

namespace risetime::ridge {

// Rows gathered for one system. Values that are not known are NaN; a row needs one known target at least.
struct Rows {
  std::size_t moving = 0;          // the first columns, which change with time; the others are static
  Matrix features;                 // [rows, columns]
  Matrix targets;                  // [rows, stats]
  std::vector<std::size_t> folds;  // [rows] which fold a row's video is in
  std::size_t fold_count = 0;
};

// Mean and spread of each column; a column without spread has scale 0 and so no say.
class Standard {
 public:
  Standard() = default;
  explicit Standard(const Matrix& rows);
  std::size_t size() const { return means_.size(); }
  // (value - mean) * scale, drawn in to what the rows held, 8 spreads at most: a line is not to be trusted beyond the
  // points that it was drawn through. 0 for NaN. in and out may be the same. [size()]
  void apply(const double* in, double* out) const;
  const std::vector<double>& means() const { return means_; }  // [size()]
  double scale(std::size_t column) const { return scales_[column]; }
  void save(Writer& to) const;
  void load(Reader& from);

 private:
  std::vector<double> means_, scales_, lows_, highs_;
};

struct Settings {
  std::vector<double> strengths;
  std::vector<double> static_scales = {1.0, 0.1, 0.0};  // how much the static columns may say; tried by leave-one-out
  std::size_t scored_rows = 8192;
};

// What is predicted for one row and stat.
struct Prediction {
  double value = 0;
  double log_error = 0;  // log of the expected absolute error
  bool known = false;    // false: this stat had too few rows to learn from
};

class System {
 public:
  // Out-of-fold residuals: what the model says of rows whose video it has not seen. [rows, stats], NaN where there is
  // no target.
  struct OutOfFold {
    Eigen::MatrixXd value, log_error;
  };

  // Standardizes rows.features in place.
  OutOfFold fit(Rows& rows, const Settings& settings, const Parallel& parallel);
  // row is [columns], as the features it was fitted on. [stats]
  std::vector<Prediction> predict(const std::vector<double>& row) const;
  // The value of predict() taken apart, beside what the model says of a reference: the weight of each column times how
  // far it is from the reference's, of which what follows from the video's size alone is told of the size, and from
  // its age alone of the age. inputs, row
  // and reference are [columns].
  Attribution explain(const std::vector<double>& row, const std::vector<ColumnInput>& inputs,
                      const std::vector<double>& reference, std::size_t stat) const;
  const std::vector<double>& means() const { return standard_.means(); }  // [columns]
  bool knows(std::size_t stat) const { return stat < known_.size() && known_[stat] != 0; }
  double strength(std::size_t stat) const { return strengths_[stat]; }

  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that are not a system of as many stats.
  void load(Reader& from, std::size_t stats);

 private:
  void fit_together(const Rows& rows, const std::vector<std::size_t>& stats, const Settings& settings,
                    const Parallel& parallel, OutOfFold& out);

  std::size_t moving_ = 0;
  Standard standard_;
  std::vector<std::uint8_t> known_;                                     // [stats]
  std::vector<double> intercepts_, strengths_;                          // [stats]
  std::vector<double> error_intercepts_;                                // [stats]
  std::vector<std::vector<double>> coefficients_, error_coefficients_;  // [stats][columns], [stats][moving]
};

}  // namespace risetime::ridge
