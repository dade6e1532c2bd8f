// One model in one round of a backtest: fitted, asked at every origin, its answers put beside what came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/pipeline/backtest_rounds.hpp"
#include "core/pipeline/project.hpp"
#include "core/pipeline/score.hpp"

namespace risetime::core {

struct Contestant {
  std::string id;
  PluginSettings section;
  std::vector<std::string> features;  // ids of featurizers
  bool is_baseline = false;
  bool knows_channel = true;  // otherwise nothing of the video but its readings and features
};

// What every contest of a backtest shares.
struct Arena {
  const SeriesLibrary& library;
  const Followers& followers;
  std::vector<std::string> stats;
  std::vector<std::int64_t> horizons;  // microseconds
  std::vector<Origin> origins;
  std::function<void()> check_stop;
};

// One answer, by its places in the arena.
struct Outcome {
  std::uint32_t video = 0, origin = 0, stat = 0, horizon = 0;
  std::int64_t issued_at = 0;  // UTC microseconds
  double last = 0, mean = 0;
  Quantiles q{};
  double actual = 0;  // NaN: not known
  double scale = 0;   // of MASE; NaN: not known
};

// Fits the opened plugin on the round's training videos and asks it at each of the round's stands. May run beside
// others: it touches no store. vectors are those of the contestant's features, in their order.
std::vector<Outcome> contest(const Arena& arena, const BacktestRound& round, const Contestant& contestant,
                             const client::Instance& plugin, const std::vector<const VectorFile*>& vectors);

// Outcomes as the bytes of an artifact, and back. Throws Error(Code::input) on bytes that are no such artifact.
std::string pack(const std::vector<Outcome>& outcomes);
std::vector<Outcome> unpack(std::string_view bytes);

ScoredForecast scored(const Arena& arena, const Outcome& outcome, const std::string& model);

}  // namespace risetime::core
