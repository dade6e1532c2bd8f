// Trees and a line for one stat, a pair for each fold of the videos; what they say together, and how far off that will
// be.
#pragma once

#include <functional>
#include <vector>

#include "growing.hpp"
#include "linear.hpp"

namespace risetime::boosted {

// body(0) to body(count - 1), in any order, perhaps at once.
using Parallel = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

// What one stat is learned from.
struct Lesson {
  Table rows;                      // [rows, columns]
  std::vector<float> targets;      // [rows] finite
  std::vector<std::size_t> folds;  // [rows] below fold_count
  // [rows] 1 for what is asked about, less for what is only like it: that is learned from, and not judged by.
  std::vector<float> weights;
  GrowSettings trees;
  std::uint64_t seed = 0;

  bool is_asked(std::size_t row) const { return weights[row] >= 1; }
};
constexpr std::size_t fold_count = 5;

struct Prediction {
  double value = 0;
  double log_error = 0;  // log of the expected absolute error
};

// The answer is the mean over folds of (1 - share) trees + share line. No model of the whole: those of the folds
// together are as good, and their errors on the rows they have not seen are what intervals are made of.
class Mixture {
 public:
  bool is_fitted() const { return !trees_.empty(); }
  Prediction predict(const float* row) const;
  // What each column adds to the value of predict(row) beside that of predict(reference). [columns]
  std::vector<double> explain(const float* row, const float* reference) const;
  // Means of the rows that it was fitted on. [columns]
  const std::vector<float>& means() const { return lines_.front().means(); }
  double line_share() const { return line_share_; }
  std::size_t columns() const { return lines_.empty() ? 0 : lines_.front().columns(); }

  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that do not fit together.
  void load(Reader& from);

 private:
  friend class Fitting;
  double value_of(std::size_t fold, const float* row) const;

  double centre_ = 0;  // median of the targets: where the trees begin
  double line_share_ = 0;
  std::vector<Forest> trees_;   // [folds]
  std::vector<Linear> lines_;   // [folds]
  std::vector<Forest> errors_;  // [folds] of log(absolute error) less error_centre_
  double error_centre_ = 0;
};

struct Learned {
  Mixture mixture;                      // not fitted where the lesson has too few rows
  std::vector<Prediction> out_of_fold;  // [rows] each by the models that have not seen its fold; or empty
};

// Fits a mixture to each lesson, folds and lessons at once. [lessons]
std::vector<Learned> fit_mixtures(const std::vector<Lesson>& lessons, const Parallel& parallel,
                                  const std::function<void()>& stop);

}  // namespace risetime::boosted
