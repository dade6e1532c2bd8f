// Cutting of bins.hpp.
#include "bins.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace risetime::boosted {

namespace {

// Between two values, the higher one where there is nothing between them.
float between_values(float low, float high) {
  const float middle = low + (high - low) / 2;
  return middle > low && middle <= high ? middle : high;
}

// Cuts between distinct values, as evenly as these allow. sorted: the values that are known.
std::vector<float> cuts_of(const std::vector<float>& sorted) {
  constexpr std::size_t most_known = Bins::most - 1;
  std::vector<float> cuts;
  if (sorted.empty()) return cuts;
  std::vector<std::size_t> ends;  // of each run of equal values
  for (std::size_t i = 1; i < sorted.size() && ends.size() < most_known; ++i)
    if (sorted[i] != sorted[i - 1]) ends.push_back(i);
  if (ends.size() == most_known) {
    ends.clear();
    for (std::size_t bin = 1; bin < most_known; ++bin) {
      std::size_t at = bin * sorted.size() / most_known;
      while (at < sorted.size() && at > 0 && sorted[at] == sorted[at - 1]) ++at;
      if (at > 0 && at < sorted.size() && (ends.empty() || at > ends.back())) ends.push_back(at);
    }
  }
  for (const std::size_t end : ends) cuts.push_back(between_values(sorted[end - 1], sorted[end]));
  return cuts;
}

}  // namespace

Bins::Bins(const Table& rows)
    : rows_(rows.rows()), cuts_(rows.columns), tells_(rows.columns), bins_(rows.columns * rows.rows()) {
  std::vector<float> values(rows_), sorted;
  for (std::size_t column = 0; column < columns(); ++column) {
    sorted.clear();
    for (std::size_t i = 0; i < rows_; ++i) {
      values[i] = rows.row(i)[column];
      if (!std::isnan(values[i])) sorted.push_back(values[i]);
    }
    std::sort(sorted.begin(), sorted.end());
    cuts_[column] = cuts_of(sorted);
    tells_[column] = !cuts_[column].empty() || (!sorted.empty() && sorted.size() < rows_);
    const std::vector<float>& cuts = cuts_[column];
    for (std::size_t i = 0; i < rows_; ++i)
      if (!std::isnan(values[i]))
        bins_[column * rows_ + i] =
            static_cast<std::uint8_t>(1 + (std::upper_bound(cuts.begin(), cuts.end(), values[i]) - cuts.begin()));
  }
}

float Bins::threshold(std::size_t column, std::uint8_t bin) const {
  const std::vector<float>& cuts = cuts_[column];
  return bin <= cuts.size() ? cuts[bin - 1U] : std::numeric_limits<float>::max();
}

}  // namespace risetime::boosted
