// Growing trees with XGBoost: least absolute deviations, rounded off near zero.
#pragma once

#include <functional>
#include <vector>

#include "forest.hpp"

namespace risetime::boosted {

struct GrowSettings {
  int trees = 300;
  int depth = 6;
  double rate = 0.05;       // how much of a tree's answer is taken over
  double least_weight = 5;  // sum of second derivatives in a leaf
  double row_share = 0.7;   // drawn for each tree
  double column_share = 0.3;
  double bend = 0.4;  // residuals well above this count by their size, well below by their square
};

// Trees that add up to the targets. Uses one thread and draws by `seed` alone: the same rows give the same bytes.
// `stop` is asked between trees and may throw. targets is [rows], finite; weights is
// [rows] too, or empty where all rows count alike. Throws Error(Code::internal) where XGBoost
// fails.
Forest grow(const Table& rows, const std::vector<float>& targets, const GrowSettings& settings, std::uint64_t seed,
            const std::function<void()>& stop, const std::vector<float>& weights = {});

}  // namespace risetime::boosted
