// Fitting and asking of mixture.hpp.
#include "mixture.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

namespace risetime::boosted {

namespace {

constexpr double kErrorFloor = 0.02;  // added to absolute errors before their logarithm: 2 %
constexpr std::size_t kLeastRows = 8;
constexpr double kShareStep = 0.1;

float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The share of the line with the least mean absolute error, in steps.
double best_share(const Lesson& lesson, const std::vector<double>& trees, const std::vector<double>& lines) {
  const std::vector<float>& targets = lesson.targets;
  double best = 0, least = 0;
  for (int step = 0; step * kShareStep <= 1 + 1e-9; ++step) {
    const double share = step * kShareStep;
    double sum = 0;
    for (std::size_t i = 0; i < targets.size(); ++i)
      if (lesson.is_asked(i))
        sum += std::abs(static_cast<double>(targets[i]) - trees[i] - share * (lines[i] - trees[i]));
    if (step > 0 && sum >= least) continue;
    least = sum;
    best = share;
  }
  return best;
}

GrowSettings for_errors(GrowSettings settings) {
  settings.trees = std::max(1, settings.trees / 4);
  settings.depth = std::min(4, settings.depth);
  settings.least_weight = std::max(20.0, settings.least_weight);
  settings.bend = 1;
  return settings;
}

}  // namespace

double Mixture::value_of(std::size_t fold, const float* row) const {
  const double tree = centre_ + trees_[fold].predict(row);
  return tree + line_share_ * (lines_[fold].predict(row) - tree);
}

Prediction Mixture::predict(const float* row) const {
  Prediction sum;
  for (std::size_t fold = 0; fold < trees_.size(); ++fold) {
    sum.value += value_of(fold, row);
    sum.log_error += error_centre_ + errors_[fold].predict(row);
  }
  const auto count = static_cast<double>(trees_.size());
  return {sum.value / count, sum.log_error / count};
}

// The steps to a mixture of one lesson, those of a fold by themselves.
class Fitting {
 public:
  explicit Fitting(const Lesson& lesson)
      : lesson_(lesson), trees_(lesson.targets.size()), predictions_(lesson.targets.size()) {
    mixture_.centre_ = static_cast<double>(median(lesson.targets));
    mixture_.trees_.resize(fold_count);
    mixture_.errors_.resize(fold_count);
  }

  std::size_t cost() const { return lesson_.targets.size() * static_cast<std::size_t>(lesson_.trees.trees); }
  void cut() { bins_.emplace(lesson_.rows); }
  void fit_lines() {
    mixture_.lines_ = fit_linear(lesson_.rows, lesson_.targets, lesson_.folds, fold_count, lesson_.weights);
  }
  void grow_trees(std::size_t fold, const std::function<void()>& stop) {
    const Examples examples{rows_without(fold, Rows::all), lesson_.targets, lesson_.weights, mixture_.centre_};
    mixture_.trees_[fold] = grow(*bins_, examples, lesson_.trees, lesson_.seed + fold, stop);
    for (const std::size_t row : rows_of(fold))
      trees_[row] = mixture_.centre_ + mixture_.trees_[fold].predict(lesson_.rows.row(row));
  }
  void mix() {
    std::vector<double> lines;
    for (std::size_t i = 0; i < trees_.size(); ++i)
      lines.push_back(mixture_.lines_[lesson_.folds[i]].predict(lesson_.rows.row(i)));
    mixture_.line_share_ = best_share(lesson_, trees_, lines);
    std::vector<float> asked;
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      const double value = predictions_[i].value = trees_[i] + mixture_.line_share_ * (lines[i] - trees_[i]);
      const double error = std::abs(static_cast<double>(lesson_.targets[i]) - value);
      errors_.push_back(static_cast<float>(std::log(error + kErrorFloor)));
      if (lesson_.is_asked(i)) asked.push_back(errors_.back());
    }
    mixture_.error_centre_ = static_cast<double>(median(asked.empty() ? errors_ : asked));
  }
  void grow_errors(std::size_t fold, const std::function<void()>& stop) {
    const Examples examples{rows_without(fold, Rows::asked), errors_, lesson_.weights, mixture_.error_centre_};
    mixture_.errors_[fold] = grow(*bins_, examples, for_errors(lesson_.trees), lesson_.seed + 100 + fold, stop);
    for (const std::size_t row : rows_of(fold))
      predictions_[row].log_error = mixture_.error_centre_ + mixture_.errors_[fold].predict(lesson_.rows.row(row));
  }
  Learned take() { return {std::move(mixture_), std::move(predictions_)}; }

 private:
  std::vector<std::size_t> rows_of(std::size_t fold) const {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < lesson_.folds.size(); ++i)
      if (lesson_.folds[i] == fold) rows.push_back(i);
    return rows;
  }

  enum class Rows { all, asked };
  // Rows outside a fold; all rows where that leaves none.
  std::vector<std::uint32_t> rows_without(std::size_t fold, Rows which) const {
    std::vector<std::uint32_t> rows, all;
    for (std::size_t i = 0; i < lesson_.targets.size(); ++i) {
      if (which == Rows::asked && !lesson_.is_asked(i)) continue;
      all.push_back(static_cast<std::uint32_t>(i));
      if (lesson_.folds[i] != fold) rows.push_back(static_cast<std::uint32_t>(i));
    }
    return rows.empty() ? all : rows;
  }

  const Lesson& lesson_;
  Mixture mixture_;
  std::optional<Bins> bins_;
  std::vector<double> trees_;  // [rows] what the trees say that have not seen its fold
  std::vector<float> errors_;  // [rows] log of how far off the mixture of that fold is
  std::vector<Prediction> predictions_;
};

std::vector<Learned> fit_mixtures(const std::vector<Lesson>& lessons, const Parallel& parallel,
                                  const std::function<void()>& stop) {
  std::vector<std::unique_ptr<Fitting>> fittings(lessons.size());
  std::vector<Fitting*> fits;
  for (std::size_t i = 0; i < lessons.size(); ++i) {
    if (lessons[i].targets.size() < kLeastRows) continue;
    fittings[i] = std::make_unique<Fitting>(lessons[i]);
    fits.push_back(fittings[i].get());
  }
  // The longest first, so that no thread is left with one at the end.
  std::stable_sort(fits.begin(), fits.end(), [](const Fitting* a, const Fitting* b) { return a->cost() > b->cost(); });
  parallel(fits.size() * 2, [&](std::size_t job) {
    Fitting& fitting = *fits[job / 2];
    job % 2 == 0 ? fitting.cut() : fitting.fit_lines();
  });
  const std::size_t folds = fits.size() * fold_count;
  parallel(folds, [&](std::size_t job) { fits[job / fold_count]->grow_trees(job % fold_count, stop); });
  parallel(fits.size(), [&](std::size_t job) { fits[job]->mix(); });
  parallel(folds, [&](std::size_t job) { fits[job / fold_count]->grow_errors(job % fold_count, stop); });
  std::vector<Learned> learned(lessons.size());
  for (std::size_t i = 0; i < lessons.size(); ++i)
    if (fittings[i]) learned[i] = fittings[i]->take();
  return learned;
}

void Mixture::save(Writer& to) const {
  to.write(static_cast<std::uint64_t>(trees_.size()));
  for (std::size_t fold = 0; fold < trees_.size(); ++fold) {
    trees_[fold].save(to);
    lines_[fold].save(to);
    errors_[fold].save(to);
  }
  for (const double value : {centre_, line_share_, error_centre_}) to.write(value);
}

void Mixture::load(Reader& from) {
  const auto folds = from.read<std::uint64_t>();
  if (folds > 100) throw Error(Code::input, "saved state", "it has too many folds; train the model again");
  trees_.assign(folds, {});
  lines_.assign(folds, {});
  errors_.assign(folds, {});
  for (std::size_t fold = 0; fold < trees_.size(); ++fold) {
    trees_[fold].load(from);
    lines_[fold].load(from);
    errors_[fold].load(from);
    const std::size_t width = lines_[fold].columns();
    if (width != columns() || trees_[fold].columns() > width || errors_[fold].columns() > width)
      throw Error(Code::input, "saved state", "trees and line have other columns; train the model again");
  }
  for (double* value : {&centre_, &line_share_, &error_centre_}) *value = from.read<double>();
}

}  // namespace risetime::boosted
