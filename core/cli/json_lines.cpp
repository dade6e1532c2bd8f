// Results as JSON.
#include "core/cli/json_lines.hpp"

#include <algorithm>

#include "core/base/time.hpp"

namespace risetime::core {

Json score_json(const std::string& origin, const Score& score) {
  Json line = Json::object();
  line["origin"] = origin;
  line["model"] = score.model;
  line["stat"] = score.stat;
  line["hours"] = score.hours;
  line["videos"] = static_cast<std::int64_t>(score.videos);
  line["mae_log2"] = score.mae_log2;
  line["ape"] = score.ape;
  line["src"] = score.src;
  line["mrse"] = score.mrse;
  line["smape"] = score.smape;
  line["wql"] = score.wql;
  line["cover80"] = score.cover80;
  line["cover95"] = score.cover95;
  line["factor80"] = score.factor80;
  line["factor95"] = score.factor95;
  return line;
}

Json difference_json(const std::string& origin, const ModelDifference& pair) {
  Json line = Json::object();
  line["origin"] = origin;
  line["first"] = pair.first;
  line["second"] = pair.second;
  line["stat"] = pair.difference.stat;
  line["hours"] = pair.difference.hours;
  line["videos"] = static_cast<std::int64_t>(pair.difference.videos);
  line["difference"] = pair.difference.difference;
  line["low"] = pair.difference.low;
  line["high"] = pair.difference.high;
  return line;
}

Json ablation_json(const std::string& origin, const AblationStep& step) {
  Json line = Json::object();
  line["origin"] = origin;
  line["model"] = step.model;
  line["input"] = step.input;
  line["mae_log2"] = step.mae_log2;
  if (step.change) {
    line["change"] = step.change->difference;
    line["low"] = step.change->low;
    line["high"] = step.change->high;
  }
  return line;
}

Json path_json(const std::string& origin, const PathScore& path) {
  Json line = Json::object();
  line["origin"] = origin;
  line["model"] = path.model;
  line["stat"] = path.stat;
  line["paths"] = static_cast<std::int64_t>(path.paths);
  line["smape"] = path.smape;
  line["mase"] = path.mase;
  return line;
}

Json coverage_json(const CalibrationKey& key, const ObservedCoverage& coverage) {
  Json line = Json::object();
  line["platform"] = key.channel.first;
  line["channel_id"] = key.channel.second;
  line["model"] = key.model;
  if (!key.stat.empty()) {
    line["stat"] = key.stat;
    line["hours"] = key.hours;
  }
  line["videos"] = coverage.videos;
  line["forecasts"] = coverage.forecasts;
  line["promised80"] = 0.8;
  line["observed80"] = coverage.inside80;
  line["promised95"] = 0.95;
  line["observed95"] = coverage.inside95;
  line["give_or_take80"] = coverage.give80;
  line["mae_log2"] = coverage.mae_log2;
  line["verdict"] = words_of(verdict_of(coverage));
  return line;
}

Json contender_json(const Contender& contender) {
  Json line = Json::object();
  line["platform"] = contender.channel.first;
  line["channel_id"] = contender.channel.second;
  line["champion"] = contender.champion;
  line["challenger"] = contender.challenger;
  line["videos"] = static_cast<std::int64_t>(contender.difference.videos);
  line["forecasts"] = static_cast<std::int64_t>(contender.difference.forecasts);
  line["champion_mae_log2"] = contender.difference.second;
  line["challenger_mae_log2"] = contender.difference.first;
  line["difference"] = contender.difference.difference;
  line["low"] = contender.difference.low;
  line["high"] = contender.difference.high;
  line["is_better"] = contender.is_better();
  return line;
}

namespace {

void add_figures(Json& line, const VideoReport& video, const StatReport& stat) {
  if (stat.versus_channel) {
    line["versus_channel"] = stat.versus_channel->value;
    line["versus_channel_80"] = Json::Array{stat.versus_channel->low, stat.versus_channel->high};
  }
  if (stat.rank) {
    line["rank"]["place"] = static_cast<std::int64_t>(stat.rank->place);
    line["rank"]["of"] = static_cast<std::int64_t>(stat.rank->of);
  }
  const char* const windows[] = {"1h", "24h", "7d"};
  line["velocity"] = Json::object();
  for (std::size_t i = 0; i < stat.velocity.size(); ++i)
    if (stat.velocity[i]) line["velocity"][windows[i]] = *stat.velocity[i];
  if (!stat.typical.empty()) {
    const auto now = std::find_if(stat.typical.rbegin(), stat.typical.rend(),
                                  [&](const TypicalBand& band) { return band.time <= video.issued_at; });
    if (now != stat.typical.rend()) line["typical_now"] = Json::Array{now->low, now->high};
  }
  line["milestones"] = Json::array();
  for (const Milestone& milestone : stat.milestones) {
    Json one = Json::object();
    one["count"] = milestone.count;
    one["likely"] = milestone.likely;
    for (const auto& [name, time] :
         {std::pair{"early", milestone.early}, {"middle", milestone.middle}, {"late", milestone.late}})
      if (time) one[name] = format_time(*time);
    line["milestones"].push_back(std::move(one));
  }
}

Json point_json(const VideoReport& video, const ForecastPoint& point) {
  Json answer = Json::object();
  answer["target_at"] = format_time(video.issued_at + point.horizon);
  answer["mean"] = point.mean;
  const char* const names[] = {"q025", "q100", "q250", "q500", "q750", "q900", "q975"};
  for (std::size_t level = 0; level < point.q.size(); ++level) answer[names[level]] = point.q[level];
  if (point.usual && *point.usual > 0) {
    answer["usual"] = *point.usual;
    answer["versus_usual"] = point.q[3] / *point.usual;
    answer["versus_usual_80"] = Json::Array{point.q[1] / *point.usual, point.q[5] / *point.usual};
  }
  return answer;
}

}  // namespace

Json forecasts_json(const ForecastReport& report) {
  Json all = Json::array();
  for (const VideoReport& video : report.videos) {
    for (const StatReport& stat : video.stats) {
      Json line = Json::object();
      line["platform"] = video.platform;
      line["video_id"] = video.video_id;
      line["channel_id"] = video.channel_id;
      line["title"] = video.title;
      line["stat"] = stat.stat;
      line["model"] = stat.model;
      line["issued_at"] = format_time(video.issued_at);
      if (const auto now = last_value(stat.history)) line["last"] = *now;
      add_figures(line, video, stat);
      line["horizons"] = Json::array();
      for (const ForecastPoint& point : stat.points) line["horizons"].push_back(point_json(video, point));
      all.push_back(std::move(line));
    }
  }
  return all;
}

Json alerts_json(const ForecastReport& report) {
  Json all = Json::array();
  for (const VideoReport& video : report.videos) {
    for (const BandAlert& alert : video.alerts) {
      Json line = Json::object();
      line["platform"] = video.platform;
      line["video_id"] = video.video_id;
      line["title"] = video.title;
      line["stat"] = alert.stat;
      line["model"] = alert.model;
      line["issued_at"] = format_time(alert.issued_at);
      line["target_at"] = format_time(alert.target_at);
      line["actual"] = alert.actual;
      line["band95"] = Json::Array{alert.low, alert.high};
      if (alert.false_alarms) line["false_alarms"] = *alert.false_alarms;
      all.push_back(std::move(line));
    }
  }
  return all;
}

}  // namespace risetime::core
