// Which inputs moved a forecast: the model is asked again without each of them.
//
// This works for every model, as it needs no more of one than its forecasts. What it cannot see: of two inputs that say
// the same, the forecast needs neither while the other is there, so neither seems to matter.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/train.hpp"

namespace risetime::core {

struct Influence {
  std::string input;            // "followers", "features of text", "the word \"live\" in the title"
  std::vector<double> factors;  // [horizons]: the median with it over the median without; NaN where there is no answer
};

struct Explanation {
  std::string platform, video_id, title, model, stat;
  std::int64_t issued_at = 0;  // UTC microseconds
  double last = 0;
  std::vector<std::int64_t> horizons;  // microseconds
  std::vector<double> medians;         // [horizons]
  std::vector<Influence> influences;   // the strongest at the longest horizon first
};

// Of the model that forecasts for the video's channel, standing at its last reading. `video` is an id, or
// "platform:id". Throws Error(Code::input) for a video that has no readings or a model that gives it no forecast.
Explanation explain(Project& project, const TrainSummary& trained, const std::string& video, const std::string& stat);

}  // namespace risetime::core
