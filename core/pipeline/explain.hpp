// Which inputs moved a forecast: said by the model itself where it can (contributions.hpp of the SDK), otherwise found
// by asking it again without each of them.
//
// Asking again works for every model, as it needs no more of one than its forecasts. What it cannot see: of two inputs
// that say the same, the forecast needs neither while the other is there, so neither seems to matter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/train.hpp"

namespace risetime::core {

enum class ExplainMethod { model, ask_again };
std::string_view name_of(ExplainMethod method);  // "model", "ask-again"

// Factors of what? By the model: of what an average video gains (of its value beside the last one, for a level). By
// asking again: of the forecast's median.
struct Influence {
  std::string input;            // "followers", "features of text", "the word \"live\" in the title"
  std::vector<double> factors;  // [horizons] with it over without it; NaN where there is no answer
};

struct Explanation {
  std::string platform, video_id, title, model, stat;
  std::int64_t issued_at = 0;  // UTC microseconds
  double last = 0;
  bool is_total = true;                // running totals gain, levels change
  std::vector<std::int64_t> horizons;  // microseconds
  std::vector<double> medians;         // [horizons]
  ExplainMethod method = ExplainMethod::ask_again;
  // Of an average video: log(gain + 1), or log((value + 1) / (last + 1)) of a level. What the inputs of method model
  // add to it is the logarithm of their factors. [horizons], empty where the model was asked again.
  std::vector<double> base;
  std::vector<Influence> influences;  // the strongest at the longest horizon first
  std::vector<Influence> words;       // of the title, always by asking again, where method is model; else in influences
};

// Of the model that forecasts for the video's channel, standing at its last reading. `video` is an id, or
// "platform:id". Without a method: by the model where it can say it. Throws Error(Code::input) for a video that has no
// readings or a model that gives it no forecast, Error(Code::unsupported) where the model is to say it and cannot.
Explanation explain(Project& project, const TrainSummary& trained, const std::string& video, const std::string& stat,
                    std::optional<ExplainMethod> method = {});

}  // namespace risetime::core
