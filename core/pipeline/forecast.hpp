// The forecast stage: every video that is still being read gets forecasts from its channel's model and its shadows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/alerts.hpp"
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
  std::vector<Alert> alerts;                                // of earlier forecasts that came due
};

struct ForecastSummary {
  std::string run_id;
  std::vector<std::string> stats;
  std::vector<std::int64_t> horizons;
  std::vector<VideoForecast> shown;  // most of the first stat first
  // The courses of all videos of the channels that are shown, by platform and channel id.
  std::map<std::pair<std::string, std::string>, std::vector<Course>> courses;
  std::uint64_t alerts = 0;   // of all videos, shown or not
  std::uint64_t videos = 0;   // forecast by their channel's model
  std::uint64_t without = 0;  // whose channel's model has no artifact or gave no answer
  std::uint64_t silent = 0;   // left out: no reading for long
};

// The channel's section of the configuration, by the channel's id or by a name that its source told; null: none.
const ChannelSettings* section_of(const Settings& settings, const std::string& platform, const std::string& channel_id,
                                  const std::vector<std::string>& accounts);

// The id of the model whose forecasts of the channel are published.
const std::string& published_model(const Settings& settings, const ModelChoice& choice, const std::string& platform,
                                   const std::string& channel_id, const std::vector<std::string>& accounts);

// What a model is given of vectors that are joined in the order of `joined`: its own sets, in their order.
std::vector<float> pick_features(const std::vector<FeatureSet>& wanted, const std::vector<FeatureSet>& joined,
                                 const std::vector<float>& features);

// Writes the forecast table, and erases runs that are not kept any more (see retention.hpp). The same rows and models
// give the same run_id and the same rows.
ForecastSummary forecast(Project& project, const TrainSummary& trained, const ForecastOptions& options = {});

}  // namespace risetime::core
