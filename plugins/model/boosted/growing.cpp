// Trees of growing.hpp, a level at a time: the sums of derivatives in each bin of each column say where rows are best
// parted. Of two children the smaller is added up, the other one is what is left of their parent.
#include "growing.hpp"

#include <algorithm>
#include <cmath>
#include <risetime/hash.hpp>

namespace risetime::boosted {

namespace {

constexpr double kShrink = 1;        // added to the sum of second derivatives: draws leaves of few rows towards zero
constexpr double kLeastGain = 1e-6;  // of a question that is worth asking
constexpr double kWhole = 0x1p30;    // the derivatives' absolute sums, as whole numbers

// Sums of first and second derivatives as whole numbers in one word: the first in its upper half, the second, which is
// not negative, in its lower one. They add up exactly, in any order.
using Sums = std::int64_t;
Sums pack(double first, double second) {
  return static_cast<Sums>(std::llround(first)) * (Sums{1} << 32) +
         std::max<Sums>(1, static_cast<Sums>(std::llround(second)));
}
Sums second_of(Sums sums) { return sums & 0xffffffff; }
Sums first_of(Sums sums) { return (sums - second_of(sums)) >> 32; }

// Draws that depend on the seed and on how many were made before.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(mix_64(seed)) {}
  std::uint64_t next() { return mix_64(state_ += 0x9e3779b97f4a7c15); }
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(((next() >> 32) * count) >> 32);
  }
  // Moves `count` of the items to the front.
  void choose(std::vector<std::size_t>& items, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) std::swap(items[i], items[i + below(items.size() - i)]);
  }

 private:
  std::uint64_t state_;
};

std::size_t share_of(double share, std::size_t count) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::llround(share * static_cast<double>(count))), 1, count);
}

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
  std::size_t histogram;  // where its sums by column and bin begin
};

class Grower {
 public:
  Grower(const Bins& table, const Examples& examples, const GrowSettings& settings, std::uint64_t seed)
      : table_(table),
        examples_(examples),
        settings_(settings),
        draws_(seed),
        margins_(examples.rows.size(), static_cast<float>(examples.start)),
        first_(examples.rows.size()),
        second_(examples.rows.size()) {
    for (std::size_t column = 0; column < table.columns(); ++column)
      if (table.tells(column)) telling_.push_back(column);
  }

  void add_tree(Forest& forest) {
    derive();
    draw();
    nodes_.assign(1, {});
    std::vector<Open> level;
    if (!columns_.empty()) level.push_back({0, 0, order_.size(), total_, 0});
    used_ = columns_.size() * Bins::most;
    histograms_.assign(used_, 0);
    if (!level.empty()) add_up(level.front());
    leaf(0, total_);
    for (int depth = 0; depth < settings_.depth && !level.empty(); ++depth) {
      std::vector<Open> next;
      for (const Open& open : level) split(open, depth + 1 < settings_.depth, next);
      level = std::move(next);
    }
    for (std::size_t i = 0; i < margins_.size(); ++i) margins_[i] += walk(examples_.rows[i]);
    forest.add(nodes_);
  }

 private:
  void derive() {
    for (std::size_t i = 0; i < margins_.size(); ++i) {
      const std::uint32_t row = examples_.rows[i];
      const float residual = margins_[i] - examples_.targets[row];
      const float bent = residual / static_cast<float>(settings_.bend);
      // Derivatives of bend^2 (sqrt(1 + (r / bend)^2) - 1). The second one is that of the parabola that touches it from
      // above, not its own, which vanishes for large residuals and lets a step go anywhere.
      second_[i] = examples_.weights[row] / std::sqrt(1 + bent * bent);
      first_[i] = residual * second_[i];
    }
  }

  // Rows and columns of the tree.
  void draw() {
    chosen_.clear();
    double firsts = 0, seconds = 0;
    const auto bar = static_cast<std::uint64_t>(settings_.row_share * 0x1p32);
    for (std::size_t i = 0; i < margins_.size(); i += 2) {
      const std::uint64_t drawn = draws_.next();
      for (std::size_t k = 0; k < 2 && i + k < margins_.size(); ++k) {
        if ((k == 0 ? drawn >> 32 : drawn & 0xffffffff) >= bar) continue;
        chosen_.push_back(static_cast<std::uint32_t>(i + k));
        firsts += static_cast<double>(std::abs(first_[i + k]));
        seconds += static_cast<double>(second_[i + k]);
      }
    }
    first_unit_ = firsts > 0 ? firsts / kWhole : 1;
    second_unit_ = seconds > 0 ? seconds / kWhole : 1;
    order_.resize(chosen_.size());
    sums_.resize(chosen_.size());
    total_ = 0;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      order_[i] = examples_.rows[chosen_[i]];
      sums_[i] = pack(static_cast<double>(first_[chosen_[i]]) / first_unit_,
                      static_cast<double>(second_[chosen_[i]]) / second_unit_);
      total_ += sums_[i];
    }
    columns_.clear();
    if (telling_.empty() || order_.empty()) return;
    const std::size_t count = share_of(settings_.tree_columns, telling_.size());
    draws_.choose(telling_, count);
    columns_.assign(telling_.begin(), telling_.begin() + static_cast<std::ptrdiff_t>(count));
    places_.resize(count);
    for (std::size_t place = 0; place < count; ++place) places_[place] = place;
  }

  // The sums of a node's rows by column and bin; four columns at once, so that none waits for its own last sum.
  void add_up(const Open& open) {
    std::size_t place = 0;
    for (; place + 4 <= columns_.size(); place += 4) {
      const std::uint8_t* bins[4];
      for (std::size_t k = 0; k < 4; ++k) bins[k] = table_.of_column(columns_[place + k]);
      Sums* into = histograms_.data() + open.histogram + place * Bins::most;
      for (std::size_t i = open.begin; i < open.end; ++i) {
        const std::uint32_t row = order_[i];
        const Sums sums = sums_[i];
        into[bins[0][row]] += sums;
        into[Bins::most + bins[1][row]] += sums;
        into[2 * Bins::most + bins[2][row]] += sums;
        into[3 * Bins::most + bins[3][row]] += sums;
      }
    }
    for (; place < columns_.size(); ++place) {
      const std::uint8_t* bins = table_.of_column(columns_[place]);
      Sums* into = histograms_.data() + open.histogram + place * Bins::most;
      for (std::size_t i = open.begin; i < open.end; ++i) into[bins[order_[i]]] += sums_[i];
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
    if (gain <= best.gain) return;
    best = {gain, column, static_cast<std::uint8_t>(bin), unknown_left, left};
  }

  // The best question over a node's rows; a gain of 0 where none is worth asking.
  Split best_split(const Open& open) {
    Split best;
    best.gain = score(open.sums) + kLeastGain;
    const double floor = best.gain;
    const std::size_t count = share_of(settings_.node_columns, places_.size());
    draws_.choose(places_, count);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t column = columns_[places_[k]];
      const Sums* bins = histograms_.data() + open.histogram + places_[k] * Bins::most;
      const Sums unknown = bins[Bins::unknown];
      const std::size_t last = table_.count(column) - 1;
      // Where all is known here, an unknown value goes where more rows go.
      const bool more_left = false;
      Sums left = 0;
      for (std::size_t bin = 1; bin <= last; ++bin) {
        if (bins[bin] == 0) continue;
        left += bins[bin];
        consider(left, open.sums, column, bin, more_left, best);
        if (unknown != 0) consider(left + unknown, open.sums, column, bin, true, best);
      }
      if (unknown == 0 && best.column == column && best.gain > floor)
        best.unknown_left = second_of(best.left) * 2 > second_of(open.sums);
    }
    if (best.gain <= floor) best.gain = 0;
    return best;
  }

  // Rows that go left first, each side in its order.
  std::size_t part(const Open& open, const Split& split) {
    const std::uint8_t* bins = table_.of_column(split.column);
    moved_.clear();
    moved_sums_.clear();
    std::size_t to = open.begin;
    for (std::size_t i = open.begin; i < open.end; ++i) {
      if (goes_left(bins[order_[i]], split.bin, split.unknown_left)) {
        order_[to] = order_[i];
        sums_[to++] = sums_[i];
      } else {
        moved_.push_back(order_[i]);
        moved_sums_.push_back(sums_[i]);
      }
    }
    std::copy(moved_.begin(), moved_.end(), order_.begin() + static_cast<std::ptrdiff_t>(to));
    std::copy(moved_sums_.begin(), moved_sums_.end(), sums_.begin() + static_cast<std::ptrdiff_t>(to));
    return to;
  }

  static bool goes_left(std::uint8_t bin, std::uint8_t last, bool unknown_left) {
    return bin == Bins::unknown ? unknown_left : bin <= last;
  }

  void split(const Open& open, bool goes_on, std::vector<Open>& next) {
    const Split found = best_split(open);
    if (found.gain <= 0) return;
    const std::size_t left = nodes_.size();
    Forest::Node& node = nodes_[open.node];
    node.column = static_cast<std::int32_t>(found.column);
    node.threshold = table_.threshold(found.column, found.bin);
    node.left = static_cast<std::uint32_t>(left);
    node.unknown_left = found.unknown_left;
    node.bin = found.bin;
    nodes_.resize(left + 2);
    leaf(left, found.left);
    leaf(left + 1, open.sums - found.left);
    if (!goes_on) return;
    const std::size_t middle = part(open, found);
    Open children[] = {{left, open.begin, middle, found.left, open.histogram},
                       {left + 1, middle, open.end, open.sums - found.left, open.histogram}};
    const std::size_t smaller = middle - open.begin < open.end - middle ? 0 : 1;
    const std::size_t size = columns_.size() * Bins::most;
    children[smaller].histogram = used_;
    used_ += size;
    if (histograms_.size() < used_) histograms_.resize(used_);
    Sums* added = histograms_.data() + children[smaller].histogram;
    Sums* rest = histograms_.data() + open.histogram;
    std::fill_n(added, size, 0);
    add_up(children[smaller]);
    for (std::size_t i = 0; i < size; ++i) rest[i] -= added[i];
    next.push_back(children[0]);
    next.push_back(children[1]);
  }

  void leaf(std::size_t node, Sums sums) {
    nodes_[node].threshold = static_cast<float>(-settings_.rate * first(sums) / (second(sums) + kShrink));
  }

  float walk(std::uint32_t row) const {
    const Forest::Node* node = nodes_.data();
    while (node->column >= 0) {
      const std::uint8_t bin = table_.of_column(static_cast<std::size_t>(node->column))[row];
      node = nodes_.data() + node->left + (goes_left(bin, node->bin, node->unknown_left) ? 0 : 1);
    }
    return node->threshold;
  }

  const Bins& table_;
  const Examples& examples_;
  const GrowSettings& settings_;
  Draws draws_;
  std::vector<float> margins_, first_, second_;  // [examples] what the trees say so far, and the loss's derivatives
  std::vector<std::size_t> telling_;             // columns that tell anything
  // Of the tree that is grown:
  std::vector<std::uint32_t> chosen_;       // [rows] example
  std::vector<std::uint32_t> order_;        // [rows] row of the table, those of a node side by side
  std::vector<Sums> sums_;                  // [rows] derivatives
  double first_unit_ = 1, second_unit_ = 1;  // of the whole numbers
  Sums total_ = 0;
  std::vector<std::size_t> columns_, places_;  // drawn; and their numbers, shuffled
  std::vector<Sums> histograms_;               // [nodes, columns_, bins]
  std::size_t used_ = 0;
  std::vector<Forest::Node> nodes_;
  std::vector<std::uint32_t> moved_;
  std::vector<Sums> moved_sums_;
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
