// Fitting and asking of mixture.hpp.
#include "mixture.hpp"

#include <algorithm>
#include <cmath>
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

enum class Rows { all, asked };

// Rows outside a fold; all rows where that leaves none.
std::vector<std::uint32_t> rows_without(const Lesson& lesson, std::size_t fold, Rows which) {
  std::vector<std::uint32_t> rows, all;
  for (std::size_t i = 0; i < lesson.targets.size(); ++i) {
    if (which == Rows::asked && !lesson.is_asked(i)) continue;
    all.push_back(static_cast<std::uint32_t>(i));
    if (lesson.folds[i] != fold) rows.push_back(static_cast<std::uint32_t>(i));
  }
  return rows.empty() ? all : rows;
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

std::vector<Mixture::OutOfFold> fit_mixtures(const std::vector<Lesson>& lessons, const MixtureSettings& settings,
                                             const Parallel& parallel, const std::function<void()>& stop,
                                             std::vector<Mixture>& mixtures) {
  mixtures.assign(lessons.size(), Mixture());
  std::vector<Mixture::OutOfFold> out(lessons.size());
  std::vector<std::vector<float>> errors(lessons.size());
  std::vector<std::size_t> learned;
  for (std::size_t lesson = 0; lesson < lessons.size(); ++lesson)
    if (lessons[lesson].targets.size() >= kLeastRows) learned.push_back(lesson);

  for (const std::size_t lesson : learned) {
    mixtures[lesson].centre_ = static_cast<double>(median(lessons[lesson].targets));
    for (auto* forests : {&mixtures[lesson].trees_, &mixtures[lesson].errors_}) forests->resize(fold_count);
  }
  std::vector<std::optional<Bins>> bins(lessons.size());
  parallel(learned.size() * 2, [&](std::size_t job) {
    const std::size_t index = learned[job / 2];
    const Lesson& lesson = lessons[index];
    if (job % 2 == 0)
      bins[index].emplace(lesson.rows);
    else
      mixtures[index].lines_ = fit_linear(lesson.rows, lesson.targets, lesson.folds, fold_count, lesson.weights);
  });
  parallel(learned.size() * fold_count, [&](std::size_t job) {
    const std::size_t index = learned[job / fold_count], fold = job % fold_count;
    const Lesson& lesson = lessons[index];
    const Examples examples{rows_without(lesson, fold, Rows::all), lesson.targets, lesson.weights,
                            mixtures[index].centre_};
    mixtures[index].trees_[fold] = grow(*bins[index], examples, settings.trees, settings.seed + fold, stop);
  });
  for (const std::size_t index : learned) {
    const Lesson& lesson = lessons[index];
    Mixture& mixture = mixtures[index];
    std::vector<double> trees, lines;
    for (std::size_t i = 0; i < lesson.targets.size(); ++i) {
      trees.push_back(mixture.centre_ + mixture.trees_[lesson.folds[i]].predict(lesson.rows.row(i)));
      lines.push_back(mixture.lines_[lesson.folds[i]].predict(lesson.rows.row(i)));
    }
    mixture.line_share_ = best_share(lesson, trees, lines);
    for (std::size_t i = 0; i < lesson.targets.size(); ++i) {
      const double value = trees[i] + mixture.line_share_ * (lines[i] - trees[i]);
      out[index].push_back({value, 0});
      errors[index].push_back(
          static_cast<float>(std::log(std::abs(static_cast<double>(lesson.targets[i]) - value) + kErrorFloor)));
    }
    std::vector<float> asked;
    for (std::size_t i = 0; i < errors[index].size(); ++i)
      if (lesson.is_asked(i)) asked.push_back(errors[index][i]);
    mixture.error_centre_ = static_cast<double>(median(asked.empty() ? errors[index] : asked));
  }
  const GrowSettings error_trees = for_errors(settings.trees);
  parallel(learned.size() * fold_count, [&](std::size_t job) {
    const std::size_t index = learned[job / fold_count], fold = job % fold_count;
    const Examples examples{rows_without(lessons[index], fold, Rows::asked), errors[index], lessons[index].weights,
                            mixtures[index].error_centre_};
    mixtures[index].errors_[fold] = grow(*bins[index], examples, error_trees, settings.seed + 100 + fold, stop);
  });
  for (const std::size_t index : learned)
    for (std::size_t i = 0; i < out[index].size(); ++i)
      out[index][i].log_error = mixtures[index].error_centre_ +
                                mixtures[index].errors_[lessons[index].folds[i]].predict(lessons[index].rows.row(i));
  return out;
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
