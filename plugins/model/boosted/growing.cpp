// Trees of growing.hpp, a level at a time: the sums of derivatives in each bin of a column say where rows are best
// parted.
#include "growing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <risetime/hash.hpp>

namespace risetime::boosted {

namespace {

constexpr double kShrink = 1;        // added to the sum of second derivatives: draws leaves of few rows towards zero
constexpr double kLeastGain = 1e-6;  // of a question that is worth asking
constexpr double kWhole = 0x1p30;    // the derivatives' absolute sums, as whole numbers
constexpr std::size_t kAtOnce = 8;   // columns that are added up side by side

// Sums of first and second derivatives as whole numbers in one word: the first in its upper half, the second, which is
// not negative, in its lower one. They add up exactly, in any order.
using Sums = std::int64_t;
Sums whole(double value) { return static_cast<Sums>(value < 0 ? value - 0.5 : value + 0.5); }
Sums pack(double first, double second) { return whole(first) * (Sums{1} << 32) + std::max<Sums>(1, whole(second)); }
Sums second_of(Sums sums) { return sums & 0xffffffff; }
Sums first_of(Sums sums) { return (sums - second_of(sums)) >> 32; }

// Draws that depend on the seed and on how many were made before.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(mix_64(seed)) {}
  std::uint64_t next() { return mix_64(state_ += 0x9e3779b97f4a7c15); }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(((next() >> 32) * count) >> 32); }
  // Moves `count` of the items to the front.
  void choose(std::vector<std::size_t>& items, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) std::swap(items[i], items[i + below(items.size() - i)]);
  }

 private:
  std::uint64_t state_;
};

struct Split {
  double gain = 0;
  std::size_t column = 0;
  std::uint8_t bin = 0;  // rows of this bin and those before it go left
  bool unknown_left = false;
  Sums left = 0;
};

// Rows of the tree that reach a node.
struct Open {
  std::size_t node, begin, end;
  Sums sums;
};

class Grower {
 public:
  Grower(const Bins& table, const Examples& examples, const GrowSettings& settings, std::uint64_t seed)
      : table_(table), rows_(examples.rows), settings_(settings), draws_(seed) {
    for (const std::uint32_t row : rows_) {
      residuals_.push_back(static_cast<float>(examples.start) - examples.targets[row]);
      weights_.push_back(examples.weights[row]);
    }
    first_.resize(rows_.size());
    second_.resize(rows_.size());
    for (std::size_t column = 0; column < table.columns(); ++column)
      if (table.tells(column)) columns_.push_back(column);
  }

  void add_tree(Forest& forest) {
    derive();
    draw();
    nodes_.assign(1, {});
    answer(0, total_);
    std::vector<Open> level = {{0, 0, order_.size(), total_}};
    for (int depth = 0; depth < settings_.depth; ++depth) {
      std::vector<Open> next;
      for (const Open& open : level)
        if (!split(open, next)) take_over(open);
      level = std::move(next);
    }
    for (const Open& open : level) take_over(open);
    for (const std::uint32_t example : left_out_) residuals_[example] += walk(rows_[example]);
    forest.add(nodes_);
  }

 private:
  // Of bend^2 (sqrt(1 + (r / bend)^2) - 1). The second derivative is that of the parabola that touches it from above,
  // not its own, which vanishes for large residuals and lets a step go anywhere.
  void derive() {
    const float bends = 1 / static_cast<float>(settings_.bend);
    for (std::size_t i = 0; i < residuals_.size(); ++i) {
      const float bent = residuals_[i] * bends;
      second_[i] = weights_[i] / std::sqrt(1 + bent * bent);
      first_[i] = residuals_[i] * second_[i];
    }
  }

  // The examples of a tree, with their derivatives as whole numbers.
  void draw() {
    order_.clear();
    left_out_.clear();
    double firsts = 0, seconds = 0;
    std::uint64_t drawn = 0;  // is enough for two examples
    const auto bar = static_cast<std::uint64_t>(settings_.row_share * 0x1p32);
    for (std::uint32_t i = 0; i < residuals_.size(); ++i) {
      if (i % 2 == 0) drawn = draws_.next();
      const bool is_chosen = (i % 2 == 0 ? drawn >> 32 : drawn & 0xffffffff) < bar;
      (is_chosen ? order_ : left_out_).push_back(i);
      firsts += is_chosen ? static_cast<double>(std::abs(first_[i])) : 0;
      seconds += is_chosen ? static_cast<double>(second_[i]) : 0;
    }
    first_unit_ = firsts > 0 ? firsts / kWhole : 1;
    second_unit_ = seconds > 0 ? seconds / kWhole : 1;
    const double per_first = 1 / first_unit_, per_second = 1 / second_unit_;
    sums_.resize(order_.size());
    places_.resize(order_.size());
    total_ = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      places_[i] = rows_[order_[i]];
      sums_[i] = pack(static_cast<double>(first_[order_[i]]) * per_first,
                      static_cast<double>(second_[order_[i]]) * per_second);
      total_ += sums_[i];
    }
  }

  // The sums of a node's rows by bin, of several columns at once, so that none waits for its own last sum.
  template <std::size_t count>
  void add_up(const Open& open, const std::size_t* columns) {
    const std::uint8_t* bins[count];
    for (std::size_t k = 0; k < count; ++k) bins[k] = table_.of_column(columns[k]);
    std::fill_n(histograms_.data(), count * Bins::most, 0);
    for (std::size_t i = open.begin; i < open.end; ++i) {
      const std::uint32_t row = places_[i];
      const Sums sums = sums_[i];
      for (std::size_t k = 0; k < count; ++k) histograms_[k * Bins::most + bins[k][row]] += sums;
    }
  }

  double first(Sums sums) const { return static_cast<double>(first_of(sums)) * first_unit_; }
  double second(Sums sums) const { return static_cast<double>(second_of(sums)) * second_unit_; }
  double score(Sums sums) const {
    const double sum = first(sums);
    return sum * sum / (second(sums) + kShrink);
  }

  void consider(Sums left, Sums all, std::size_t column, std::size_t bin, bool unknown_left, Split& best) const {
    const Sums right = all - left;
    if (second(left) < settings_.least_weight || second(right) < settings_.least_weight) return;
    const double gain = score(left) + score(right);
    if (gain > best.gain) best = {gain, column, static_cast<std::uint8_t>(bin), unknown_left, left};
  }

  void consider_column(const Open& open, std::size_t column, const Sums* bins, Split& best) const {
    const Sums unknown = bins[Bins::unknown];
    Sums left = 0;
    for (std::size_t bin = 1; bin < table_.count(column); ++bin) {
      if (bins[bin] == 0) continue;
      left += bins[bin];
      // Where all is known here, an unknown value goes where more rows go.
      consider(left, open.sums, column, bin, unknown == 0 && second_of(left) * 2 > second_of(open.sums), best);
      if (unknown != 0) consider(left + unknown, open.sums, column, bin, true, best);
    }
  }

  // The best question over a node's rows; none where none is worth asking.
  std::optional<Split> best_split(const Open& open) {
    if (second(open.sums) < 2 * settings_.least_weight || columns_.empty()) return std::nullopt;
    Split best;
    const double least = best.gain = score(open.sums) + kLeastGain;
    const auto wanted = std::llround(settings_.column_share * static_cast<double>(columns_.size()));
    const std::size_t count = std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, columns_.size());
    draws_.choose(columns_, count);
    for (std::size_t k = 0; k < count;) {
      const std::size_t size = count - k >= kAtOnce ? kAtOnce : 1;
      size == kAtOnce ? add_up<kAtOnce>(open, &columns_[k]) : add_up<1>(open, &columns_[k]);
      for (std::size_t i = 0; i < size; ++i)
        consider_column(open, columns_[k + i], histograms_.data() + i * Bins::most, best);
      k += size;
    }
    if (best.gain <= least) return std::nullopt;
    return best;
  }

  bool split(const Open& open, std::vector<Open>& next) {
    const std::optional<Split> found = best_split(open);
    if (!found) return false;
    const std::size_t left = nodes_.size();
    Forest::Node& node = nodes_[open.node];
    node.column = static_cast<std::int32_t>(found->column);
    node.threshold = table_.threshold(found->column, found->bin);
    node.left = static_cast<std::uint32_t>(left);
    node.unknown_left = found->unknown_left;
    node.bin = found->bin;
    nodes_.resize(left + 2);
    const std::size_t middle = part(open, *found);
    next.push_back({left, open.begin, middle, found->left});
    next.push_back({left + 1, middle, open.end, open.sums - found->left});
    answer(left, found->left);
    answer(left + 1, open.sums - found->left);
    return true;
  }

  static bool goes_left(std::uint8_t bin, std::uint8_t last, bool unknown_left) {
    return bin == Bins::unknown ? unknown_left : bin <= last;
  }

  // Moves the rows that go left before the others, each side in its order; where the others begin.
  std::size_t part(const Open& open, const Split& split) {
    const std::uint8_t* bins = table_.of_column(split.column);
    const std::size_t count = open.end - open.begin;
    if (moved_.size() < count) moved_.resize(count);
    std::size_t to = open.begin, away = 0;
    for (std::size_t i = open.begin; i < open.end; ++i) {
      const Moved row = {order_[i], places_[i], sums_[i]};
      const bool left = goes_left(bins[row.place], split.bin, split.unknown_left);
      order_[to] = row.example;
      places_[to] = row.place;
      sums_[to] = row.sums;
      moved_[away] = row;
      to += left ? 1 : 0;
      away += left ? 0 : 1;
    }
    for (std::size_t i = 0; i < away; ++i) {
      order_[to + i] = moved_[i].example;
      places_[to + i] = moved_[i].place;
      sums_[to + i] = moved_[i].sums;
    }
    return to;
  }

  // What a node says where it is a leaf.
  void answer(std::size_t node, Sums sums) {
    nodes_[node].threshold = static_cast<float>(-settings_.rate * first(sums) / (second(sums) + kShrink));
  }
  void take_over(const Open& leaf) {
    for (std::size_t i = leaf.begin; i < leaf.end; ++i) residuals_[order_[i]] += nodes_[leaf.node].threshold;
  }
  float walk(std::uint32_t row) const {
    const Forest::Node* node = nodes_.data();
    while (node->column >= 0) {
      const std::uint8_t bin = table_.of_column(static_cast<std::size_t>(node->column))[row];
      node = nodes_.data() + node->left + (goes_left(bin, node->bin, node->unknown_left) ? 0 : 1);
    }
    return node->threshold;
  }

  struct Moved {
    std::uint32_t example, place;
    Sums sums;
  };

  const Bins& table_;
  const std::vector<std::uint32_t>& rows_;
  const GrowSettings& settings_;
  Draws draws_;
  std::vector<float> residuals_, weights_;  // [examples] what the trees say so far, less the target
  std::vector<float> first_, second_;       // [examples] derivatives of the loss
  std::vector<std::size_t> columns_;        // that tell anything, shuffled
  // Of the tree that is grown:
  std::vector<std::uint32_t> order_;     // [rows drawn] example, those of a node side by side
  std::vector<std::uint32_t> places_;    // [rows drawn] its row of the table
  std::vector<Sums> sums_;               // [rows drawn] its derivatives
  std::vector<std::uint32_t> left_out_;  // examples that were not drawn
  double first_unit_ = 1, second_unit_ = 1;
  Sums total_ = 0;
  std::array<Sums, kAtOnce* Bins::most> histograms_ = {};
  std::vector<Forest::Node> nodes_;
  std::vector<Moved> moved_;
};

}  // namespace

Forest grow(const Bins& table, const Examples& examples, const GrowSettings& settings, std::uint64_t seed,
            const std::function<void()>& stop) {
  if (examples.targets.size() != table.rows() || examples.weights.size() != table.rows() || examples.rows.empty())
    throw Error(Code::internal, "growing trees", "as many targets and weights as rows are needed, one at least");
  Forest forest;
  Grower grower(table, examples, settings, seed);
  for (int tree = 0; tree < settings.trees; ++tree) {
    stop();
    grower.add_tree(forest);
  }
  return forest;
}

}  // namespace risetime::boosted
