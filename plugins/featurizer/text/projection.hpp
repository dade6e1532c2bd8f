// Very sparse random projection (P. Li, T. Hastie, K. Church: Very Sparse Random Projections, KDD 2006), made of
// integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace risetime::text {

/// A random matrix [words, components] whose entries are +1, 0 and -1; about one in sqrt(words) is not 0. Every row is
/// a function of the seed and the row's key alone, so a word keeps its row whatever else is in the vocabulary.
class Projection {
 public:
  /// A component and its sign in one number: twice the component, plus 1 if the entry is -1.
  using Entry = uint16_t;
  static constexpr uint32_t most_components = 32760;  // room for a few more numbers in an Entry

  Projection() = default;
  /// `dimension`: the number of words. Throws Error(Code::config) unless 1 <= components <= most_components.
  Projection(uint64_t seed, uint64_t dimension, uint32_t components);

  /// Appends the entries of the row with this key, components increasing.
  void append_row(uint64_t key, std::vector<Entry>& entries) const;

  /// What the sums of entries are multiplied with so that lengths are kept in the mean: sqrt(sqrt(dimension) /
  /// components).
  double scale() const { return scale_; }
  uint32_t components() const { return components_; }

  static uint32_t component(Entry entry) { return entry >> 1; }
  static bool is_negative(Entry entry) { return (entry & 1) != 0; }

 private:
  size_t zeros_before(uint64_t random) const;

  uint64_t seed_ = 0;
  uint32_t components_ = 0;
  double scale_ = 1;
  std::vector<uint64_t>
      none_within_;  // [components]: chance, in units of 2^-63, that components 0 to i of a row are all 0
};

}  // namespace risetime::text
