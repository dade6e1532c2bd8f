// Reading, asking and saving of forest.hpp.
#include "forest.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::boosted {

void Forest::add(const std::vector<Node>& tree) {
  const auto root = static_cast<std::uint32_t>(columns_.size());
  roots_.push_back(root);
  for (const Node& node : tree) {
    const bool is_leaf = node.column < 0;
    columns_.push_back(node.column);
    thresholds_.push_back(node.threshold);
    lefts_.push_back(is_leaf ? 0 : root + node.left);
    defaults_.push_back(!is_leaf && node.unknown_left ? 1 : 0);
  }
}

double Forest::predict(const float* row) const {
  double sum = 0;
  for (const std::uint32_t root : roots_) {
    std::size_t node = root;
    while (columns_[node] >= 0) {
      const float value = row[columns_[node]];
      const bool left = std::isnan(value) ? defaults_[node] != 0 : value < thresholds_[node];
      node = lefts_[node] + (left ? 0U : 1U);
    }
    sum += static_cast<double>(thresholds_[node]);
  }
  return sum;
}

std::size_t Forest::columns() const {
  std::int32_t highest = -1;
  for (const std::int32_t column : columns_) highest = std::max(highest, column);
  return static_cast<std::size_t>(highest + 1);
}

void Forest::save(Writer& to) const {
  to.write(roots_);
  to.write(columns_);
  to.write(thresholds_);
  to.write(lefts_);
  to.write(defaults_);
}

void Forest::load(Reader& from) {
  roots_ = from.read<std::vector<std::uint32_t>>();
  columns_ = from.read<std::vector<std::int32_t>>();
  thresholds_ = from.read<std::vector<float>>();
  lefts_ = from.read<std::vector<std::uint32_t>>();
  defaults_ = from.read<std::vector<std::uint8_t>>();
  check();
}

void Forest::check() const {
  const std::size_t nodes = columns_.size();
  bool sound = thresholds_.size() == nodes && lefts_.size() == nodes && defaults_.size() == nodes;
  for (std::size_t tree = 0; sound && tree < roots_.size(); ++tree) sound = roots_[tree] < nodes;
  for (std::size_t node = 0; sound && node < nodes; ++node) {
    if (columns_[node] >= 0) sound = lefts_[node] > node && lefts_[node] + std::size_t{1} < nodes;
    sound = sound && std::isfinite(thresholds_[node]);
  }
  if (!sound) throw Error(Code::input, "saved state", "the trees are damaged; train the model again");
}

}  // namespace risetime::boosted
