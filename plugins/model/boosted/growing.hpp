// Growing trees: least absolute deviations, rounded off near zero, by histograms over bins.
#pragma once

#include <functional>
#include <vector>

#include "bins.hpp"

namespace risetime::boosted {

struct GrowSettings {
  int trees = 300;
  int depth = 6;
  double rate = 0.05;         // how much of a tree's answer is taken over
  double least_weight = 2;    // sum of second derivatives in a leaf
  double row_share = 0.7;     // drawn for each tree
  double column_share = 0.3;  // drawn for each question, of the columns that tell anything
  double bend = 0.4;          // residuals well above this count by their size, well below by their square
};

// What trees are to say of rows of a binned table.
struct Examples {
  std::vector<std::uint32_t> rows;    // to learn from
  const std::vector<float>& targets;  // [rows of the table] finite
  const std::vector<float>& weights;  // [rows of the table] above 0
  double start = 0;                   // the trees add up to target - start
};

// Uses one thread and draws by `seed` alone, and sums are of whole numbers: the same rows give the same bytes. `stop`
// is asked between trees and may throw. Throws Error(Code::internal) where there are not as many targets as rows.
Forest grow(const Bins& table, const Examples& examples, const GrowSettings& settings, std::uint64_t seed,
            const std::function<void()>& stop);

}  // namespace risetime::boosted
