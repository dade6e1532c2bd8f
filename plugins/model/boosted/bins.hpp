// A table whose columns are cut into at most 63 bins of about equally many rows: what trees are grown on.
#pragma once

#include <cstdint>
#include <vector>

#include "forest.hpp"

namespace risetime::boosted {

class Bins {
 public:
  static constexpr std::size_t most = 64;  // of a column, with that of unknown values
  static constexpr std::uint8_t unknown = 0;

  explicit Bins(const Table& rows);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return cuts_.size(); }
  // [rows] the bin of each value, by size from 1 on.
  const std::uint8_t* of_column(std::size_t column) const { return bins_.data() + column * rows_; }
  // Of a column, with the one of unknown values; where there are no more than two, and nothing is unknown, it tells
  // nothing.
  std::size_t count(std::size_t column) const { return cuts_[column].size() + 2; }
  bool tells(std::size_t column) const { return tells_[column]; }
  // Values of this bin and of those before it are below; of the last bin, all that are known.
  float threshold(std::size_t column, std::uint8_t bin) const;

 private:
  std::size_t rows_ = 0;
  std::vector<std::vector<float>> cuts_;  // [columns][bins but one] increasing; a value that is equal lies above
  std::vector<bool> tells_;
  std::vector<std::uint8_t> bins_;  // [columns, rows]
};

}  // namespace risetime::boosted
