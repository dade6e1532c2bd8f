// forecasts.csv and scores.csv, as `risetime backtest` writes them: RFC 4180, UTF-8, a header line, times as
// 2026-05-01T00:00:00Z (with six more digits where there are parts of a second), an empty `actual` where there is none.
// Columns are only ever added, at the end; those after `actual` may be missing in a file that is read.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "core/pipeline/score.hpp"

namespace risetime::core {

// The header, then rows. Numbers are written with as many digits as it takes to read the same double again.
void write_forecasts_header(std::ostream& out);
// `origin` says where they were made: "7d", or a date.
void write_forecasts(std::ostream& out, std::string_view origin, std::span<const ScoredForecast> forecasts);

// Calls `take` for each row, in the file's order. Columns are found by name; further ones are ignored. Throws Error
// (Code::input) naming the file, line and column of what cannot be read; `name` is the file's name for that.
void read_forecasts(std::istream& in, std::string_view name, const std::function<void(ScoredForecast&&)>& take);

void write_scores(std::ostream& out, std::span<const Score> scores);

// scores_by.csv: a column `by` (channel, category, size_tenth) and its value, then those of scores.csv.
void write_part_scores_header(std::ostream& out);
void write_part_scores(std::ostream& out, Part part, std::span<const PartScore> scores);

// paths.csv: model, stat, number of paths, sMAPE, MASE.
void write_path_scores(std::ostream& out, std::span<const PathScore> scores);

}  // namespace risetime::core
