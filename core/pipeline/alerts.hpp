// Alerts: a video that has left the band of an earlier forecast, and how often that happens by chance.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/project.hpp"
#include "core/pipeline/score.hpp"
#include "core/pipeline/series.hpp"

namespace risetime::core {

struct Alert {
  std::string stat, model;
  std::int64_t issued_at = 0, target_at = 0;  // of the forecast, UTC microseconds
  double actual = 0;                          // at target_at
  double low = 0, high = 0;                   // the 95 % interval
  // The share of videos outside that interval in the last backtest of the model, at the nearest horizon; nothing
  // without one.
  std::optional<double> false_alarms;
};

// How often a model's 95 % interval was left in a backtest, by stat and horizon in hours.
struct FalseAlarms {
  std::map<std::string, std::map<std::string, std::map<std::int64_t, double>>> rates;  // by model, stat, hours
  std::optional<double> at(const std::string& model, const std::string& stat, std::int64_t hours) const;
};
FalseAlarms read_false_alarms(Catalog& catalog);
// Takes the place of what was known of the models that the forecasts are of: those of several origins together.
void write_false_alarms(Catalog& catalog, const std::vector<std::span<const ScoredForecast>>& origins);

// Watches over the forecasts of earlier runs that came due within `watched` before the last reading, of each video and
// stat the one that came due last.
class BandWatch {
 public:
  static constexpr std::int64_t watched = 48 * std::int64_t{3'600'000'000};  // microseconds

  // `now`: the last reading that may be looked at.
  BandWatch(Project& project, std::int64_t now);
  // What the readings of the video say; nothing where it stayed inside its bands.
  std::vector<Alert> look_at(const VideoSeries& series) const;

 private:
  std::vector<std::string> stats_;
  FalseAlarms false_alarms_;
  std::map<std::pair<std::string, std::string>, std::map<std::string, Alert>, std::less<>> due_;  // by video, then stat
};

}  // namespace risetime::core
