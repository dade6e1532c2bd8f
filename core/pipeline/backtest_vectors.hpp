// Vectors for a backtest: of every video, by a featurizer that has learnt from the round's training videos alone.
#pragma once

#include "core/pipeline/backtest_rounds.hpp"
#include "core/pipeline/project.hpp"

namespace risetime::core {

// Fits the featurizer, if it learns, on rows of the videos that the round trains on and that were published before its
// end, and describes every video of the library.
std::unique_ptr<VectorFile> describe_for(Project& project, const FeaturizerSettings& settings,
                                         const BacktestRound& round, const SeriesLibrary& library);

}  // namespace risetime::core
