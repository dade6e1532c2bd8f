// Decision trees as they are saved and asked: flat arrays, whoever grew them.
#pragma once

#include <cstdint>
#include <risetime/serial.hpp>
#include <vector>

namespace risetime::boosted {

// Rows of features, NaN where a value is not known. [rows, columns]
struct Table {
  std::size_t columns = 0;
  std::vector<float> values;

  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  const float* row(std::size_t index) const { return values.data() + index * columns; }
  float* row(std::size_t index) { return values.data() + index * columns; }
};

class Forest {
 public:
  // A question or a leaf of a tree that is grown.
  struct Node {
    std::int32_t column = -1;   // that is compared; -1 at a leaf
    float threshold = 0;        // left where the value is below; at a leaf what it adds
    std::uint32_t left = 0;     // place in the tree; the right child is the next one
    bool unknown_left = false;  // where a value goes that is not known
    std::uint8_t bin = 0;       // the last one that goes left, where values are known by their bins
  };
  // The root first, children after their parent, siblings side by side.
  void add(const std::vector<Node>& tree);

  // Sum of the trees' leaves. row is [columns()] or longer.
  double predict(const float* row) const;
  // Adds to `parts` what each column adds to predict(row) beside predict(reference): its Shapley value where columns
  // that are left out are as in the reference. row, reference and parts are [columns()] or longer. See
  // contributions.hpp.
  void explain(const float* row, const float* reference, double factor, std::vector<double>& parts) const;
  // As many columns as the trees look at: the highest one and those before it.
  std::size_t columns() const;
  std::size_t trees() const { return roots_.size(); }

  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that are no trees: children come after their parent, so every walk ends.
  void load(Reader& from);

 private:
  void check() const;

  std::vector<std::uint32_t> roots_;    // [trees] index of the first node
  std::vector<std::int32_t> columns_;   // [nodes] column that is compared; -1 at a leaf
  std::vector<float> thresholds_;       // [nodes] left where the value is below; at a leaf what it adds
  std::vector<std::uint32_t> lefts_;    // [nodes] 0 at a leaf; the right child is the next node
  std::vector<std::uint8_t> defaults_;  // [nodes] 1: left where the value is not known
};

}  // namespace risetime::boosted
