// The steps of system.hpp: standardize, solve stats that share their rows together, learn the size of the errors.
#include "system.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace risetime::ridge {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kMostSpreads = 8;     // standardized values are drawn in to this
constexpr double kErrorFloor = 0.02;   // added to absolute errors before their logarithm: 2 %
constexpr std::size_t kLeastRows = 4;  // fewer rows of a stat than this teach nothing

// The rows with a known target of a stat, ordered by fold.
std::vector<std::size_t> rows_with_target(const Rows& rows, std::size_t stat) {
  std::vector<std::size_t> known;
  for (std::size_t row = 0; row < rows.targets.rows(); ++row)
    if (std::isfinite(rows.targets.row(row)[stat])) known.push_back(row);
  std::stable_sort(known.begin(), known.end(),
                   [&](std::size_t a, std::size_t b) { return rows.folds[a] < rows.folds[b]; });
  return known;
}

// Where each fold that has rows begins, and the end. One fold where all rows are of one video or group.
std::vector<std::size_t> fold_starts(const Rows& rows, const std::vector<std::size_t>& chosen) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t i = 1; i < chosen.size(); ++i)
    if (rows.folds[chosen[i]] != rows.folds[chosen[i - 1]]) starts.push_back(i);
  starts.push_back(chosen.size());
  return starts;
}

Design design_of(const Matrix& standardized, std::size_t columns, const std::vector<std::size_t>& chosen,
                 const Eigen::MatrixXd& targets, std::vector<std::size_t> folds) {
  Design design;
  const auto count = static_cast<std::size_t>(targets.cols());
  design.values = Matrix(chosen.size(), columns + count);
  design.features = columns;
  design.folds = std::move(folds);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    double* row = design.values.row(i);
    std::copy_n(standardized.row(chosen[i]), columns, row);
    for (std::size_t t = 0; t < count; ++t)
      row[columns + t] = targets(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(t));
  }
  return design;
}

Search search_of(const Settings& settings, std::size_t moving, std::size_t columns) {
  Search search;
  search.strengths = settings.strengths;
  search.scored_rows = settings.scored_rows;
  for (const double scale : settings.static_scales) {
    std::vector<double> scales(columns, 1.0);
    std::fill(scales.begin() + static_cast<std::ptrdiff_t>(moving), scales.end(), scale);
    search.scales.push_back(std::move(scales));
    if (moving == columns) break;
  }
  return search;
}

// Out-of-fold predictions, or the ones of the fit itself where all rows are in one fold.
Eigen::MatrixXd predicted(const Solution& solution, const Eigen::MatrixXd& targets) {
  if (solution.out_of_fold.size() > 0) return solution.out_of_fold;
  // One fold: the targets' mean stands in, so that errors are those of knowing nothing.
  return targets.colwise().mean().replicate(targets.rows(), 1);
}

}  // namespace

Standard::Standard(const Matrix& rows)
    : means_(rows.columns(), 0.0),
      scales_(rows.columns(), 0.0),
      lows_(rows.columns(), 0.0),
      highs_(rows.columns(), 0.0) {
  std::vector<double> counts(rows.columns(), 0.0), squares(rows.columns(), 0.0);
  std::vector<double> least(rows.columns(), std::numeric_limits<double>::infinity());
  std::vector<double> most(rows.columns(), -std::numeric_limits<double>::infinity());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    for (std::size_t column = 0; column < means_.size(); ++column) {
      const double value = rows.row(row)[column];
      if (!std::isfinite(value)) continue;
      counts[column] += 1;
      least[column] = std::min(least[column], value);
      most[column] = std::max(most[column], value);
      const double before = value - means_[column];  // Welford's running mean and sum of squares
      means_[column] += before / counts[column];
      squares[column] += before * (value - means_[column]);
    }
  }
  for (std::size_t column = 0; column < means_.size(); ++column) {
    const double spread = counts[column] > 1 ? std::sqrt(squares[column] / counts[column]) : 0.0;
    if (spread > 1e-9 * (1 + std::abs(means_[column]))) scales_[column] = 1 / spread;
    if (scales_[column] == 0) continue;
    lows_[column] = std::max(-kMostSpreads, (least[column] - means_[column]) * scales_[column]);
    highs_[column] = std::min(kMostSpreads, (most[column] - means_[column]) * scales_[column]);
  }
}

void Standard::apply(const double* in, double* out) const {
  for (std::size_t column = 0; column < means_.size(); ++column) {
    const double value = (in[column] - means_[column]) * scales_[column];
    out[column] = std::isfinite(value) ? std::clamp(value, lows_[column], highs_[column]) : 0.0;
  }
}

void Standard::save(Writer& to) const {
  to.write(means_);
  to.write(scales_);
  to.write(lows_);
  to.write(highs_);
}

void Standard::load(Reader& from) {
  means_ = from.read<std::vector<double>>();
  scales_ = from.read<std::vector<double>>();
  lows_ = from.read<std::vector<double>>();
  highs_ = from.read<std::vector<double>>();
  bool fits = means_.size() == scales_.size() && lows_.size() == scales_.size() && highs_.size() == scales_.size();
  for (std::size_t column = 0; fits && column < lows_.size(); ++column) fits = lows_[column] <= highs_[column];
  if (!fits) throw Error(Code::input, "saved state", "the columns' scales do not fit");
}

System::OutOfFold System::fit(Rows& rows, const Settings& settings, const Parallel& parallel) {
  const std::size_t stats = rows.targets.columns(), columns = rows.features.columns();
  moving_ = rows.moving;
  standard_ = Standard(rows.features);
  known_.assign(stats, 0);
  intercepts_.assign(stats, 0);
  strengths_.assign(stats, 0);
  error_intercepts_.assign(stats, 0);
  coefficients_.assign(stats, std::vector<double>(columns, 0.0));
  error_coefficients_.assign(stats, std::vector<double>(moving_, 0.0));

  for (std::size_t row = 0; row < rows.features.rows(); ++row)
    standard_.apply(rows.features.row(row), rows.features.row(row));

  const auto height = static_cast<Eigen::Index>(rows.features.rows()), width = static_cast<Eigen::Index>(stats);
  OutOfFold out{Eigen::MatrixXd::Constant(height, width, kUnknown), Eigen::MatrixXd::Constant(height, width, kUnknown)};
  std::map<std::vector<std::size_t>, std::vector<std::size_t>> together;  // stats by the rows that have them
  for (std::size_t stat = 0; stat < stats; ++stat) {
    const std::vector<std::size_t> known = rows_with_target(rows, stat);
    if (known.size() >= kLeastRows) together[known].push_back(stat);
  }
  for (const auto& [chosen, group] : together) fit_together(rows, group, settings, parallel, out);
  return out;
}

void System::fit_together(const Rows& rows, const std::vector<std::size_t>& stats, const Settings& settings,
                          const Parallel& parallel, OutOfFold& out) {
  const std::vector<std::size_t> chosen = rows_with_target(rows, stats.front());
  const std::size_t columns = rows.features.columns();
  const auto height = static_cast<Eigen::Index>(chosen.size()), width = static_cast<Eigen::Index>(stats.size());
  Eigen::MatrixXd targets(height, width);
  for (Eigen::Index i = 0; i < height; ++i)
    for (Eigen::Index t = 0; t < width; ++t)
      targets(i, t) = rows.targets.row(chosen[static_cast<std::size_t>(i)])[stats[static_cast<std::size_t>(t)]];

  const std::vector<std::size_t> folds = fold_starts(rows, chosen);
  Design design = design_of(rows.features, columns, chosen, targets, folds);
  const Solution solution = solve(design, search_of(settings, moving_, columns), parallel);
  const Eigen::MatrixXd value = predicted(solution, targets);

  const Eigen::MatrixXd log_errors = ((targets - value).array().abs() + kErrorFloor).log().matrix();
  Design error_design = design_of(rows.features, moving_, chosen, log_errors, folds);
  const Solution errors = solve(error_design, search_of(settings, moving_, moving_), parallel);
  const Eigen::MatrixXd log_error = predicted(errors, log_errors);

  for (Eigen::Index t = 0; t < width; ++t) {
    const std::size_t stat = stats[static_cast<std::size_t>(t)];
    known_[stat] = 1;
    intercepts_[stat] = solution.intercepts[t];
    strengths_[stat] = solution.strengths[static_cast<std::size_t>(t)];
    error_intercepts_[stat] = errors.intercepts[t];
    for (std::size_t c = 0; c < columns; ++c)
      coefficients_[stat][c] = solution.coefficients(static_cast<Eigen::Index>(c), t);
    for (std::size_t c = 0; c < moving_; ++c)
      error_coefficients_[stat][c] = errors.coefficients(static_cast<Eigen::Index>(c), t);
    for (Eigen::Index i = 0; i < height; ++i) {
      const auto row = static_cast<Eigen::Index>(chosen[static_cast<std::size_t>(i)]);
      out.value(row, static_cast<Eigen::Index>(stat)) = value(i, t);
      out.log_error(row, static_cast<Eigen::Index>(stat)) = log_error(i, t);
    }
  }
}

std::vector<Prediction> System::predict(const std::vector<double>& row) const {
  if (row.size() != standard_.size())
    throw Error(Code::state, "features",
                "the model learned from " + std::to_string(standard_.size()) + " columns and was given " +
                    std::to_string(row.size()) + "; train it again");
  std::vector<double> standardized(row.size());
  standard_.apply(row.data(), standardized.data());
  std::vector<Prediction> predictions(known_.size());
  for (std::size_t stat = 0; stat < known_.size(); ++stat) {
    Prediction& prediction = predictions[stat];
    prediction.known = known_[stat] != 0;
    prediction.value =
        std::inner_product(standardized.begin(), standardized.end(), coefficients_[stat].begin(), intercepts_[stat]);
    prediction.log_error = std::inner_product(error_coefficients_[stat].begin(), error_coefficients_[stat].end(),
                                              standardized.begin(), error_intercepts_[stat]);
  }
  return predictions;
}

Attribution System::explain(const std::vector<double>& row, const std::vector<ColumnInput>& inputs,
                            const std::vector<double>& reference, std::size_t stat) const {
  if (row.size() != standard_.size() || inputs.size() != row.size() || reference.size() != row.size())
    throw Error(Code::state, "features", "the model learned from other columns; train it again");
  std::vector<double> here(row.size()), there(row.size());
  standard_.apply(row.data(), here.data());
  standard_.apply(reference.data(), there.data());
  const Input size = {Input::What::size, 0};
  double larger = 0;  // the logarithm of how much
  for (std::size_t column = row.size(); column-- > 0;)
    if (inputs[column].input == size && inputs[column].stat == stat && inputs[column].by_size != 0)
      larger = row[column] - reference[column];  // of the first such column, which is the logarithm of the count
  Attribution out;
  out.base = intercepts_[stat];
  for (std::size_t column = 0; column < row.size(); ++column) {
    const double weight = coefficients_[stat][column];
    out.base += weight * there[column];
    double rest = weight * (here[column] - there[column]);
    const auto tell = [&](Input input, double moved) {
      if (!std::isfinite(row[column]) || !std::isfinite(moved)) return;
      const double part = weight * standard_.scale(column) * moved;
      out.add(input, part);
      rest -= part;
    };
    const ColumnInput& of = inputs[column];
    tell(size, of.moved(larger));
    if (of.multiplied != ColumnInput::every)  // the factor is another one than the reference's where the age is
      tell({Input::What::age, 0}, reference[of.multiplied] * of.factor - reference[column]);
    out.add(of.asked_for(stat), rest);
  }
  return out;
}

void System::save(Writer& to) const {
  to.write(static_cast<std::uint64_t>(moving_));
  standard_.save(to);
  to.write(known_);
  to.write(intercepts_);
  to.write(strengths_);
  to.write(error_intercepts_);
  to.write(coefficients_);
  to.write(error_coefficients_);
}

void System::load(Reader& from, std::size_t stats) {
  moving_ = static_cast<std::size_t>(from.read<std::uint64_t>());
  standard_.load(from);
  known_ = from.read<std::vector<std::uint8_t>>();
  intercepts_ = from.read<std::vector<double>>();
  strengths_ = from.read<std::vector<double>>();
  error_intercepts_ = from.read<std::vector<double>>();
  coefficients_ = from.read<std::vector<std::vector<double>>>();
  error_coefficients_ = from.read<std::vector<std::vector<double>>>();
  bool fits = known_.size() == stats && intercepts_.size() == stats && strengths_.size() == stats &&
              error_intercepts_.size() == stats && coefficients_.size() == stats &&
              error_coefficients_.size() == stats && moving_ <= standard_.size();
  for (std::size_t stat = 0; fits && stat < stats; ++stat)
    fits = coefficients_[stat].size() == standard_.size() && error_coefficients_[stat].size() == moving_;
  if (!fits) throw Error(Code::input, "saved state", "the coefficients do not fit the columns; train the model again");
}

}  // namespace risetime::ridge
