// Forecasts that came due, beside the readings.
#include "core/pipeline/alerts.hpp"

#include <algorithm>
#include <cmath>
#include <risetime/json.hpp>

#include "core/pipeline/actual.hpp"

namespace risetime::core {

namespace {

constexpr const char* rates_key = "backtest/outside95";

}  // namespace

std::optional<double> FalseAlarms::at(const std::string& model, const std::string& stat, std::int64_t hours) const {
  const auto of_model = rates.find(model);
  if (of_model == rates.end()) return std::nullopt;
  const auto of_stat = of_model->second.find(stat);
  if (of_stat == of_model->second.end() || of_stat->second.empty()) return std::nullopt;
  const auto distance = [&](std::int64_t other) {
    return std::abs(std::log((static_cast<double>(other) + 1) / (static_cast<double>(hours) + 1)));
  };
  const auto nearest =
      std::min_element(of_stat->second.begin(), of_stat->second.end(),
                       [&](const auto& a, const auto& b) { return distance(a.first) < distance(b.first); });
  return nearest->second;
}

FalseAlarms read_false_alarms(Catalog& catalog) {
  FalseAlarms found;
  const auto kept = catalog.store().get(rates_key);
  if (!kept) return found;
  const Json json = Json::parse(*kept);
  for (const Json& line : *json.if_array())
    found.rates[*line.find("model")->if_string()][*line.find("stat")->if_string()][*line.find("hours")->if_integer()] =
        line.find("outside95")->number();
  return found;
}

void write_false_alarms(Catalog& catalog, const std::vector<std::span<const ScoredForecast>>& origins) {
  FalseAlarms all = read_false_alarms(catalog);
  std::map<std::tuple<std::string, std::string, std::int64_t>, std::pair<double, double>> outside;  // sum, count
  for (const auto& forecasts : origins) {
    for (const Score& each : score(forecasts)) {
      auto& [sum, count] = outside[{each.model, each.stat, each.hours}];
      sum += (1 - each.cover95) * static_cast<double>(each.videos);
      count += static_cast<double>(each.videos);
    }
  }
  for (const auto& [place, sums] : outside) all.rates[std::get<0>(place)].clear();
  for (const auto& [place, sums] : outside)
    all.rates[std::get<0>(place)][std::get<1>(place)][std::get<2>(place)] = sums.first / sums.second;
  Json json = Json::array();
  for (const auto& [model, stats] : all.rates)
    for (const auto& [stat, hours] : stats)
      for (const auto& [hour_count, rate] : hours) {
        Json line = Json::object();
        line["model"] = model;
        line["stat"] = stat;
        line["hours"] = hour_count;
        line["outside95"] = rate;
        json.push_back(std::move(line));
      }
  catalog.transaction([&] { catalog.store().put(rates_key, json.dump()); });
}

BandWatch::BandWatch(Project& project, std::int64_t now)
    : stats_(project.settings().forecast.stats), false_alarms_(read_false_alarms(project.catalog())) {
  const Scan scan{"forecast",
                  {"platform", "video_id", "stat", "target_at", "issued_at", "model", "q025", "q975", "shadow"},
                  {Filter::at_least("target_at", now - watched), Filter::below("target_at", now + 1),
                   Filter::equals("shadow", std::int64_t{0})}};
  for_each_batch(project.catalog().store(), scan, [&](const Batch& batch) {
    project.check_stop();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const auto text = [&](const char* name) { return std::string(batch.column(name, Type::utf8).text(row)); };
      Alert alert;
      alert.stat = text("stat");
      alert.model = text("model");
      alert.issued_at = batch.column("issued_at", Type::timestamp).int64(row);
      alert.target_at = batch.column("target_at", Type::timestamp).int64(row);
      alert.low = batch.column("q025", Type::float64).float64(row);
      alert.high = batch.column("q975", Type::float64).float64(row);
      Alert& latest = due_[{text("platform"), text("video_id")}][alert.stat];
      if (std::tie(alert.target_at, alert.issued_at) > std::tie(latest.target_at, latest.issued_at))
        latest = std::move(alert);
    }
  });
}

std::vector<Alert> BandWatch::look_at(const VideoSeries& series) const {
  std::vector<Alert> alerts;
  const auto found = due_.find(std::pair(series.platform, series.video_id));
  if (found == due_.end()) return alerts;
  for (std::size_t stat = 0; stat < stats_.size(); ++stat) {
    const auto due = found->second.find(stats_[stat]);
    if (due == found->second.end()) continue;
    const auto actual = value_at(series, stat, due->second.target_at);
    if (!actual || (due->second.low <= *actual && *actual <= due->second.high)) continue;
    Alert alert = due->second;
    alert.actual = *actual;
    alert.false_alarms = false_alarms_.at(alert.model, alert.stat, (alert.target_at - alert.issued_at) / hour);
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

}  // namespace risetime::core
