// Forecasts that were issued, beside what has come in since: whether intervals held, and which model did better.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/pipeline/choose.hpp"
#include "core/pipeline/project.hpp"
#include "core/pipeline/score.hpp"
#include "core/pipeline/series_library.hpp"

namespace risetime::core {

struct LiveForecast {
  ScoredForecast forecast;  // with an actual value
  bool is_shadow = false;
  std::uint32_t video = 0;  // its place in the library
};

// Calls `take` for every forecast of the store whose target time has been read since. Several runs may have issued the
// same one (same model, video, stat and times): it is given once. The library must hold the configuration's stats.
void for_each_due(Project& project, const SeriesLibrary& library, const std::function<void(LiveForecast&&)>& take);

// All series of the project, for the above.
std::shared_ptr<const SeriesLibrary> open_library(Project& project);

// ---- calibration

struct CalibrationKey {
  ChannelKey channel;
  std::string model, stat;  // stat empty: all
  std::int64_t hours = 0;   // 0: all
  friend auto operator<=>(const CalibrationKey&, const CalibrationKey&) = default;
};

struct ObservedCoverage {
  std::uint64_t forecasts = 0, videos = 0;
  double inside80 = 0, inside95 = 0;  // shares of the forecasts
  // Half of the 95 % interval of inside80: 1.96 standard errors over videos, because the forecasts of one video are
  // right or wrong together. NaN with fewer than two videos.
  double give80 = 0;
  double mae_log2 = 0;
};

enum class CoverageVerdict { too_few, as_promised, too_narrow, too_wide };
inline constexpr std::uint64_t fewest_videos_to_judge = 10;
// Whether the promise of 80 % lies within what was observed, give or take.
CoverageVerdict verdict_of(const ObservedCoverage& coverage);
const char* words_of(CoverageVerdict verdict);

// Adds up forecasts, one after the other. Memory: a few numbers for each video and key.
class CoverageCount {
 public:
  void add(const LiveForecast& live);
  // For each channel and model all stats and horizons together, or each of them.
  std::map<CalibrationKey, ObservedCoverage> of_channels() const { return totals(false); }
  std::map<CalibrationKey, ObservedCoverage> of_horizons() const { return totals(true); }

 private:
  struct Count {
    double forecasts = 0, inside80 = 0, inside95 = 0, loss = 0;
  };
  std::map<CalibrationKey, ObservedCoverage> totals(bool detailed) const;
  std::map<CalibrationKey, std::map<std::uint32_t, Count>> counts_;  // by video
};

// ---- champions and challengers

struct Contender {
  ChannelKey channel;
  std::string champion, challenger;
  Difference difference;  // challenger - champion, over all stats and horizons: negative, the challenger is better
  // Enough videos, and all of the resamples' middle 95 % on the challenger's side.
  bool is_better() const { return difference.videos >= fewest_videos_to_judge && difference.high < 0; }
};

// Each channel's shadows against the model that was published, over the forecasts that both made. Both are told apart
// by what the forecasts say, latest issue first.
std::vector<Contender> compare_shadows(const std::vector<LiveForecast>& forecasts);

}  // namespace risetime::core
