// Enforces the promises on the answers of models.
#include "core/pipeline/answers.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::core {

namespace {

bool is_finite(const Forecast& forecast, std::size_t video, std::size_t stat, std::size_t horizon) {
  const Quantiles& quantiles = forecast.quantiles(video, stat, horizon);
  return std::isfinite(forecast.mean(video, stat, horizon)) &&
         std::all_of(quantiles.begin(), quantiles.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

bool is_running_total(std::string_view stat) { return stat != "viewers"; }

std::optional<double> last_value(const VideoSeries& series, std::size_t stat) {
  const auto& values = series.values[stat];
  for (std::size_t i = values.size(); i-- > 0;)
    if (!std::isnan(values[i])) return values[i];
  return std::nullopt;
}

std::vector<std::optional<Answer>> tidy(const Forecast& forecast, std::size_t video, std::size_t stat, bool total,
                                        double last) {
  std::vector<std::optional<Answer>> answers(forecast.horizons());
  Answer floor{last, {}};
  floor.quantiles.fill(last);
  for (std::size_t horizon = 0; horizon < forecast.horizons(); ++horizon) {
    if (!forecast.has(video, stat, horizon) || !is_finite(forecast, video, stat, horizon)) continue;
    Answer answer{forecast.mean(video, stat, horizon), forecast.quantiles(video, stat, horizon)};
    std::sort(answer.quantiles.begin(), answer.quantiles.end());
    if (total) {
      answer.mean = std::max(answer.mean, floor.mean);
      for (std::size_t level = 0; level < answer.quantiles.size(); ++level)
        answer.quantiles[level] = std::max(answer.quantiles[level], floor.quantiles[level]);
      floor = answer;
    }
    answer.mean = std::max(answer.mean, 0.0);
    for (double& value : answer.quantiles) value = std::max(value, 0.0);
    answers[horizon] = answer;
  }
  return answers;
}

}  // namespace risetime::core
