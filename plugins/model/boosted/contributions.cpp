// What each column adds to a prediction beside that of a reference row: of a line its weight times the difference, of
// trees its Shapley value in the game in which a column that does not play is as in the reference. Both add up to
// predict(row) - predict(reference) exactly.
//
// A tree is walked once, down the paths of the row and the reference together. Where both go the same way nothing is
// decided. Where they part, the column is the row's on the one side and the reference's on the other, and stays so
// further down. A leaf then counts in just those games where all `with` columns play and none of the `without` ones,
// and its value is shared among them. The method is interventional TreeSHAP for one reference row (Lundberg and others,
// "From local explanations to global understanding with explainable AI for trees", 2020).
#include <algorithm>
#include <cmath>

#include "mixture.hpp"

namespace risetime::boosted {

namespace {

// A bound on recursion; trees are grown to 12 at most.
constexpr std::size_t kMostDepth = 1000;

// 1 / (number of ways to choose `some` of `all`).
double one_of_the_choices(std::size_t all, std::size_t some) {
  double share = 1;
  for (std::size_t i = 1; i <= some; ++i) share *= static_cast<double>(i) / static_cast<double>(all - some + i);
  return share;
}

class Walk {
 public:
  // The forest's nodes, as it keeps them; what is shared is `factor` times what the leaves say.
  Walk(const std::int32_t* columns, const float* thresholds, const std::uint32_t* lefts, const std::uint8_t* defaults,
       const float* row, const float* reference, double factor, std::vector<double>& parts)
      : columns_(columns),
        thresholds_(thresholds),
        lefts_(lefts),
        defaults_(defaults),
        row_(row),
        reference_(reference),
        factor_(factor),
        parts_(parts),
        sides_(parts.size(), Side::open) {}

  void from(std::size_t node, std::size_t depth = 0) {
    if (columns_[node] < 0) return share(static_cast<double>(thresholds_[node]) * factor_);
    if (depth == kMostDepth)
      throw Error(Code::state, "saved state", "a tree is too deep to be explained; train the model again");
    const auto column = static_cast<std::size_t>(columns_[node]);
    const std::size_t here = next(node, row_[column]), there = next(node, reference_[column]);
    if (here == there || sides_[column] == Side::with) return from(here, depth + 1);
    if (sides_[column] == Side::without) return from(there, depth + 1);
    descend(column, Side::with, with_, here, depth);
    descend(column, Side::without, without_, there, depth);
  }

 private:
  enum class Side : std::uint8_t { open, with, without };

  std::size_t next(std::size_t node, float value) const {
    const bool left = std::isnan(value) ? defaults_[node] != 0 : value < thresholds_[node];
    return lefts_[node] + (left ? 0U : 1U);
  }
  void descend(std::size_t column, Side side, std::vector<std::size_t>& group, std::size_t node, std::size_t depth) {
    sides_[column] = side;
    group.push_back(column);
    from(node, depth + 1);
    group.pop_back();
    sides_[column] = Side::open;
  }
  void share(double value) {
    const std::size_t with = with_.size(), without = without_.size();
    if (with + without == 0) return;
    const double each = value * one_of_the_choices(with + without, with);
    for (const std::size_t column : with_) parts_[column] += each / static_cast<double>(with);
    for (const std::size_t column : without_) parts_[column] -= each / static_cast<double>(without);
  }

  const std::int32_t* columns_;
  const float* thresholds_;
  const std::uint32_t* lefts_;
  const std::uint8_t* defaults_;
  const float *row_, *reference_;
  double factor_;
  std::vector<double>& parts_;
  std::vector<Side> sides_;                  // [columns]
  std::vector<std::size_t> with_, without_;  // columns that are the row's and the reference's, from the root to here
};

}  // namespace

void Forest::explain(const float* row, const float* reference, double factor, std::vector<double>& parts) const {
  Walk walk(columns_.data(), thresholds_.data(), lefts_.data(), defaults_.data(), row, reference, factor, parts);
  for (const std::uint32_t root : roots_) walk.from(root);
}

void Linear::explain(const float* row, const float* reference, double factor, std::vector<double>& parts) const {
  const auto value = [&](std::size_t column, const float* of) {
    return std::isnan(of[column]) ? means_[column] : std::clamp(of[column], lows_[column], highs_[column]);
  };
  for (std::size_t column = 0; column < means_.size(); ++column) {
    const double difference = static_cast<double>(value(column, row) - means_[column]) -
                              static_cast<double>(value(column, reference) - means_[column]);
    parts[column] += factor * weights_[column] * difference;
  }
}

std::vector<double> Mixture::explain(const float* row, const float* reference) const {
  std::vector<double> parts(columns(), 0.0);
  const auto folds = static_cast<double>(trees_.size());
  for (std::size_t fold = 0; fold < trees_.size(); ++fold) {
    trees_[fold].explain(row, reference, (1 - line_share_) / folds, parts);
    lines_[fold].explain(row, reference, line_share_ / folds, parts);
  }
  return parts;
}

}  // namespace risetime::boosted
