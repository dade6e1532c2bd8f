// Which model forecasts for a channel whose configuration says "auto": the one that a backtest finds best.
//
// A channel's own errors say little where it has few videos. So the loss of a model in a channel is drawn towards its
// loss over all videos, as if the channel had `videos_drawn_in` videos more that erred as all videos do:
// (n * own + m * overall) / (n + m). The smallest wins. The loss is MAE-log2 over all stats, horizons and origins that
// every model answered, first within each video, then over videos.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/pipeline/project.hpp"
#include "core/pipeline/score.hpp"

namespace risetime::core {

inline constexpr double videos_drawn_in = 20;

// How one model did: mean loss and over how many videos.
struct Evidence {
  double loss = 0;
  std::uint64_t videos = 0;
};

struct ChannelChoice {
  std::string model;
  bool is_promoted = false;                  // by `risetime champion --promote`
  std::map<std::string, Evidence> evidence;  // by model, the channel's own videos alone; empty where it has none
};

using ChannelKey = std::pair<std::string, std::string>;  // platform, channel id

struct ModelChoice {
  std::string hash;       // of the artifact that holds the evidence; empty where no channel says "auto"
  ChannelChoice overall;  // for channels of which nothing is known
  std::map<ChannelKey, ChannelChoice> channels;

  // `configured`, or what was chosen where that is "auto".
  const std::string& model_for(const std::string& configured, const std::string& platform,
                               const std::string& channel_id) const;
  // All that may be asked for.
  std::vector<std::string> models() const;
};

// Backtests the models of [backtest] on rows up to the latest multiple of `forecast.choose_every`, unless the artifact
// of that backtest is there; nothing to do where no channel says "auto". Where there is nothing to judge yet the first
// model is chosen.
ModelChoice choose_models(Project& project, RowRange range = {});

// What choose_models does with the forecasts of a backtest; ties go to the model that stands first. Exposed for its
// test.
ModelChoice choose_by(std::span<const ScoredForecast> forecasts, const std::vector<std::string>& models);

// Promotions are the user's own decisions: kept with the rows, not derived from them.
std::map<ChannelKey, std::string> promoted_models(Catalog& catalog);
void promote_model(Catalog& catalog, const ChannelKey& channel, const std::string& model);  // empty: no more

}  // namespace risetime::core
