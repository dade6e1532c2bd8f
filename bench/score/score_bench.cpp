// Reads a forecasts.csv and scores it, and prints how long each took and the scores, as JSON.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <risetime/json.hpp>
#include <vector>

#include "core/pipeline/forecasts_csv.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

int main(int count, char** arguments) {
  using namespace risetime;
  if (count != 2) {
    std::fprintf(stderr, "usage: score_bench forecasts.csv\n");
    return 2;
  }
  std::vector<core::ScoredForecast> forecasts;
  const auto begin = Clock::now();
  std::ifstream file(arguments[1], std::ios::binary);
  core::read_forecasts(file, arguments[1], [&](core::ScoredForecast&& row) { forecasts.push_back(std::move(row)); });
  Json result = Json::object();
  result["read_s"] = seconds_since(begin);
  const auto middle = Clock::now();
  const std::vector<core::Score> scores = core::score(forecasts);
  result["score_s"] = seconds_since(middle);
  result["forecasts"] = static_cast<std::int64_t>(forecasts.size());
  result["scores"] = Json::array();
  for (const core::Score& each : scores) {
    Json line = Json::object();
    line["model"] = each.model;
    line["stat"] = each.stat;
    line["hours"] = each.hours;
    line["APE"] = each.ape;
    line["MAE_log2"] = each.mae_log2;
    line["SRC"] = each.src;
    line["WQL"] = each.wql;
    line["cover80"] = each.cover80;
    result["scores"].push_back(std::move(line));
  }
  std::puts(result.dump().c_str());
}
