// The forecast stage: every video that is still being read gets forecasts from its channel's model and its shadows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/answers.hpp"
#include "core/pipeline/train.hpp"

namespace risetime::core {

struct ForecastOptions {
  std::optional<std::int64_t> at;  // stand here: later rows are not looked at; UTC microseconds
  // Videos whose last reading is older than this, counted from the last reading of all, are left out.
  std::int64_t longest_silence = 14 * day;
  std::size_t most_shown = 200;  // videos kept for tables and pages, those with most of the first stat
};

// How far a video had come at any age, in a few dozen readings of the first stat.
struct Course {
  std::string video_id;
  std::int64_t published_at = 0;
  std::vector<std::pair<std::int64_t, double>> readings;  // UTC microseconds, value; in order of time
};

struct VideoForecast {
  VideoSeries series;  // up to its origin: its own last reading
  std::string channel_name;
  std::string model;
  std::vector<double> last;                                 // [stats], NaN where there is no reading
  std::vector<std::vector<std::optional<Answer>>> answers;  // [stats][horizons]
};

struct ForecastSummary {
  std::string run_id;
  std::vector<std::string> stats;
  std::vector<std::int64_t> horizons;
  std::vector<VideoForecast> shown;  // most of the first stat first
  // The courses of all videos of the channels that are shown, by platform and channel id.
  std::map<std::pair<std::string, std::string>, std::vector<Course>> courses;
  std::uint64_t videos = 0;   // forecast by their channel's model
  std::uint64_t without = 0;  // whose channel's model has no artifact or gave no answer
  std::uint64_t silent = 0;   // left out: no reading for long
};

// Writes the forecast table. The same rows and models give the same run_id and the same rows.
ForecastSummary forecast(Project& project, const std::vector<TrainedModel>& models,
                         const ForecastOptions& options = {});

}  // namespace risetime::core
