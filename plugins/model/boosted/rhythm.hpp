// Levels with a daily and weekly rhythm (viewers, hour by hour): what comes beside the same hour of the day before, in
// units of what differs between days, by a mixture for each such stat.
#pragma once

#include <risetime/growth.hpp>
#include <risetime/rhythm.hpp>

#include "mixture.hpp"

namespace risetime::boosted {

class RhythmModel {
 public:
  // Learns every level that has enough hourly readings, from `most` pairs of times at most.
  void fit(const TrainingSample& sample, const FeatureSpace& space, Horizons horizons, const GrowSettings& trees,
           std::uint64_t seed, std::size_t most, const Parallel& parallel, const std::function<void()>& stop);

  bool empty() const { return parts_.empty(); }
  // Writes the answers of a stat at all horizons over what stands there; leaves them alone where the stat was not
  // learned or the history has no rhythm. [horizons]
  void forecast(const History& history, std::size_t stat, Horizons horizons,
                std::vector<std::optional<Growth>>& path) const;

  // What forecast() writes, without the middle of its interval, taken apart by inputs. [horizons]
  void explain(const History& history, std::size_t stat, Horizons horizons, AttributionPath& path) const;

  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that do not fit together.
  void load(Reader& from);

 private:
  struct Part {
    std::size_t stat = 0;
    Mixture mixture;
    Conformal intervals;
  };
  std::vector<Part> parts_;
};

}  // namespace risetime::boosted
