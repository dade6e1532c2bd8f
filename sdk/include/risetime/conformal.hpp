// Intervals that hold what they promise: quantiles of the errors a model made on videos it had not learned from.
//
// A model adds its out-of-fold residuals in log space (natural log of actual minus log of forecast), the folds cut by
// video; calibrate() turns them into offsets. What is asked for later is log forecast + offset. Residuals are kept
// apart by stat and horizon and, within these, in buckets of a key that says how hard a video is (the predicted size
// of the error, or the predicted growth): narrow where the model is sure, wide where it is not, with the coverage right
// in each. Split conformal prediction with Mondrian buckets: Vovk, Gammerman and Shafer, "Algorithmic Learning in a
// Random World", chapter 4.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <risetime/model.hpp>
#include <risetime/serial.hpp>

namespace risetime {

class Conformal {
 public:
  struct Answer {
    Quantiles offsets{};     // to be added to the log of the forecast; never decreasing
    double mean_factor = 1;  // mean of exp(residual), the tails beyond .1 and .9 drawn in: they would rule it
  };

  // horizon in microseconds, > 0. key: any number; NaN stands for "not known". Residuals that are not finite are left
  // out.
  void add(std::size_t stat, std::int64_t horizon, double key, double residual) {
    if (std::isfinite(residual)) residuals_[{stat, horizon}].push_back({key, residual});
  }

  // What the middle offset is. median: that of the residuals, so that the forecast is unbiased in the logarithm. point:
  // zero, for a method whose own answer must stand (a baseline); the offsets then are no quantiles, but the intervals
  // between them hold the answer and cover 50, 80 and 95 % as before.
  enum class Middle { median, point };

  // Makes the offsets from what was added, in buckets of about `least` residuals or more and no more than `most`
  // buckets for a stat and horizon; residuals of one key stay together. The order of adding does not matter. What was
  // added is dropped.
  void calibrate(Middle middle = Middle::median, std::size_t least = 150, std::size_t most = 12) {
    for (auto& [place, pairs] : residuals_) cells_[place] = make_cell(pairs, middle, least, most);
    residuals_.clear();
  }

  bool has(std::size_t stat) const {
    const auto at = cells_.lower_bound({stat, std::numeric_limits<std::int64_t>::min()});
    return at != cells_.end() && at->first.first == stat;
  }

  // Between horizons (in their logarithm) and between the middles of buckets the answer is read off the line. Beyond
  // the last horizon the offsets widen with the square root of the horizon, three times at most.
  // Throws Error(Code::state) for a stat without residuals.
  Answer at(std::size_t stat, std::int64_t horizon, double key) const {
    if (!has(stat)) throw Error(Code::state, "intervals", "there are no residuals for stat " + std::to_string(stat));
    auto above = cells_.lower_bound({stat, horizon});
    const bool has_above = above != cells_.end() && above->first.first == stat;
    if (has_above && above->first.second == horizon) return answer(above->second, key);
    const bool has_below = above != cells_.begin() && std::prev(above)->first.first == stat;
    if (!has_below) return answer(above->second, key);
    const auto below = std::prev(above);
    const double low = std::log(static_cast<double>(below->first.second));
    const double here = std::log(static_cast<double>(std::max<std::int64_t>(horizon, 1)));
    if (!has_above) return widened(answer(below->second, key), std::min(3.0, std::exp((here - low) / 2)));
    const double high = std::log(static_cast<double>(above->first.second));
    return mixed(answer(below->second, key), answer(above->second, key), (here - low) / (high - low));
  }

  void save(Writer& to) const {
    to.write(static_cast<std::uint64_t>(cells_.size()));
    for (const auto& [place, cell] : cells_) {
      to.write(static_cast<std::uint64_t>(place.first));
      to.write(place.second);
      to.write(cell.centres);
      for (const Answer& answer : cell.answers) write(answer, to);
      write(cell.all, to);
    }
  }
  // Throws Error(Code::input) on bytes that end early or are not sorted.
  void load(Reader& from) {
    cells_.clear();
    const auto count = from.read<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto stat = static_cast<std::size_t>(from.read<std::uint64_t>());
      const auto horizon = from.read<std::int64_t>();
      Cell cell;
      cell.centres = from.read<std::vector<double>>();
      if (!std::is_sorted(cell.centres.begin(), cell.centres.end()))
        throw Error(Code::input, "saved state", "the buckets of the intervals are not sorted");
      for (std::size_t bucket = 0; bucket < cell.centres.size(); ++bucket) cell.answers.push_back(read(from));
      cell.all = read(from);
      cells_[{stat, horizon}] = std::move(cell);
    }
  }

 private:
  using Place = std::pair<std::size_t, std::int64_t>;    // stat, horizon
  using Pairs = std::vector<std::pair<double, double>>;  // key, residual
  struct Cell {
    std::vector<double> centres;  // median key of each bucket, increasing
    std::vector<Answer> answers;  // one per bucket
    Answer all;                   // of all residuals: for keys that are not known
  };

  // The value below which a share `level` of new residuals falls, from the n sorted ones seen: number level * (n + 1).
  // Beyond the first and last the scale of the middle goes on; with few residuals every quantile moves outwards.
  static double quantile(const std::vector<double>& sorted, double level) {
    const auto n = static_cast<double>(sorted.size());
    const double rank = level * (n + 1) - 1;
    const double caution = (level < 0.5 ? -1.0 : level > 0.5 ? 1.0 : 0.0) / (n + 1);
    if (rank <= 0) return sorted.front() + caution + rank * (sorted.back() - sorted.front()) / 4;
    if (rank >= n - 1) return sorted.back() + caution + (rank - n + 1) * (sorted.back() - sorted.front()) / 4;
    const auto below = static_cast<std::size_t>(rank);
    const double share = rank - static_cast<double>(below);
    return sorted[below] + share * (sorted[below + 1] - sorted[below]) + (n < 50 ? caution : 0.0);
  }

  static Answer answer_from(std::vector<double> residuals, Middle middle) {
    std::sort(residuals.begin(), residuals.end());
    Answer answer;
    for (std::size_t level = 0; level < quantile_levels.size(); ++level)
      answer.offsets[level] = quantile(residuals, quantile_levels[level]);
    if (middle == Middle::point) {
      hold_zero(residuals, answer);
      return answer;
    }
    double sum = 0;
    for (const double residual : residuals) sum += std::exp(std::clamp(residual, answer.offsets[1], answer.offsets[5]));
    answer.mean_factor = sum / static_cast<double>(residuals.size());
    return answer;
  }

  // Moves each interval that does not hold zero so that it begins or ends there, and covers what it did.
  static void hold_zero(const std::vector<double>& sorted, Answer& answer) {
    const auto share = [&](auto end) {
      return static_cast<double>(end - sorted.begin()) / static_cast<double>(sorted.size());
    };
    const double below = share(std::lower_bound(sorted.begin(), sorted.end(), 0.0));
    const double up_to = share(std::upper_bound(sorted.begin(), sorted.end(), 0.0));
    const std::size_t last = answer.offsets.size() - 1;
    answer.offsets[last / 2] = 0;
    for (std::size_t level = 0; level < last / 2; ++level) {
      const double cover = quantile_levels[last - level] - quantile_levels[level];
      double& low = answer.offsets[level];
      double& high = answer.offsets[last - level];
      if (low > 0) {
        low = 0;
        high = std::max(0.0, quantile(sorted, std::min(below + cover, 1.0)));
      } else if (high < 0) {
        high = 0;
        low = std::min(0.0, quantile(sorted, std::max(up_to - cover, 0.0)));
      }
    }
    for (std::size_t level = last / 2; level-- > 0;) {  // wider intervals hold narrower ones
      answer.offsets[level] = std::min(answer.offsets[level], answer.offsets[level + 1]);
      answer.offsets[last - level] = std::max(answer.offsets[last - level], answer.offsets[last - level - 1]);
    }
  }

  static Cell make_cell(Pairs& pairs, Middle middle, std::size_t least, std::size_t most) {
    Cell cell;
    std::vector<double> all;
    for (const auto& pair : pairs) all.push_back(pair.second);
    cell.all = answer_from(std::move(all), middle);
    pairs.erase(std::remove_if(pairs.begin(), pairs.end(), [](const auto& pair) { return !std::isfinite(pair.first); }),
                pairs.end());
    std::sort(pairs.begin(), pairs.end());
    const std::size_t buckets =
        pairs.empty() ? 0 : std::clamp<std::size_t>(pairs.size() / std::max<std::size_t>(least, 1), 1, most);
    std::size_t first = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
      std::size_t last = std::max(first, (bucket + 1) * pairs.size() / buckets);
      while (last > first && last < pairs.size() && pairs[last].first <= pairs[last - 1].first) ++last;
      if (last == first) continue;
      std::vector<double> residuals;
      for (std::size_t i = first; i < last; ++i) residuals.push_back(pairs[i].second);
      cell.centres.push_back(pairs[(first + last) / 2].first);
      cell.answers.push_back(answer_from(std::move(residuals), middle));
      first = last;
    }
    return cell;
  }

  static Answer answer(const Cell& cell, double key) {
    if (!std::isfinite(key) || cell.centres.empty()) return cell.all;
    const auto above = static_cast<std::size_t>(std::upper_bound(cell.centres.begin(), cell.centres.end(), key) -
                                                cell.centres.begin());
    if (above == 0) return cell.answers.front();
    if (above == cell.centres.size()) return cell.answers.back();
    const double low = cell.centres[above - 1], high = cell.centres[above];
    return mixed(cell.answers[above - 1], cell.answers[above], (key - low) / (high - low));
  }

  static Answer mixed(const Answer& a, const Answer& b, double share) {
    Answer out;
    for (std::size_t level = 0; level < out.offsets.size(); ++level)
      out.offsets[level] = a.offsets[level] + share * (b.offsets[level] - a.offsets[level]);
    out.mean_factor = a.mean_factor + share * (b.mean_factor - a.mean_factor);
    return out;
  }
  static Answer widened(const Answer& a, double by) {
    Answer out = a;
    const double middle = a.offsets[a.offsets.size() / 2];
    for (double& offset : out.offsets) offset = middle + by * (offset - middle);
    return out;
  }

  static void write(const Answer& answer, Writer& to) {
    for (const double offset : answer.offsets) to.write(offset);
    to.write(answer.mean_factor);
  }
  static Answer read(Reader& from) {
    Answer answer;
    for (double& offset : answer.offsets) offset = from.read<double>();
    answer.mean_factor = from.read<double>();
    return answer;
  }

  std::map<Place, Pairs> residuals_;
  std::map<Place, Cell> cells_;
};

}  // namespace risetime
