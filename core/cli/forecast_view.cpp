// Maps forecasts to reports.
#include "core/cli/forecast_view.hpp"

#include "core/report/standing.hpp"

namespace risetime::core {

namespace {

StatReport stat_report(const VideoForecast& video, const ForecastSummary& summary, std::size_t stat) {
  StatReport report;
  report.stat = summary.stats[stat];
  report.model = video.model;
  for (std::size_t i = 0; i < video.series.times.size(); ++i)
    report.history.push_back({video.series.times[i], video.series.values[stat][i]});
  for (std::size_t horizon = 0; horizon < summary.horizons.size(); ++horizon)
    if (const auto& answer = video.answers[stat][horizon])
      report.points.push_back({summary.horizons[horizon], answer->mean, answer->quantiles});
  return report;
}

// How the channel's other videos had come along.
void add_standing(StatReport& report, const VideoForecast& video, const ForecastSummary& summary) {
  const auto courses = summary.courses.find({video.series.platform, video.series.channel_id});
  if (courses == summary.courses.end()) return;
  std::vector<std::vector<Reading>> readings;
  std::vector<AgedHistory> others;
  readings.reserve(courses->second.size());
  for (const Course& course : courses->second) {
    if (course.video_id == video.series.video_id) continue;
    auto& one = readings.emplace_back();
    for (const auto& [time, value] : course.readings) one.push_back({time, value});
    others.push_back({course.published_at, one});
  }
  const std::int64_t age = *video.series.origin - video.series.published_at;
  const auto median = median_at_age(others, age);
  if (median && *median > 0 && !report.history.empty()) {
    if (const auto now = last_value(report.history)) report.versus_channel = *now / *median;
  }
  report.usual = usual_course(others, video.series.published_at, *video.series.origin);
}

}  // namespace

ForecastReport view_of(Project& project, const ForecastSummary& summary, const std::vector<TrainedModel>& models) {
  ForecastReport report;
  report.project = project.settings().project.name;
  report.generated_at = project.runtime().clock.now();
  report.forecast_videos = summary.videos;
  for (const VideoForecast& video : summary.shown) {
    VideoReport one;
    one.platform = video.series.platform;
    one.video_id = video.series.video_id;
    one.channel_id = video.series.channel_id;
    one.channel = video.channel_name.empty() ? video.series.channel_id : video.channel_name;
    one.title = video.series.title;
    one.published_at = video.series.published_at;
    one.issued_at = *video.series.origin;
    for (std::size_t stat = 0; stat < summary.stats.size(); ++stat) {
      if (video.series.times.empty() || std::isnan(video.last[stat])) continue;
      one.stats.push_back(stat_report(video, summary, stat));
    }
    if (!one.stats.empty() && one.stats.front().stat == summary.stats.front())
      add_standing(one.stats.front(), video, summary);
    report.videos.push_back(std::move(one));
  }
  report.provenance.emplace_back("run", summary.run_id);
  for (const TrainedModel& model : models) {
    const ModelSettings* settings = project.settings().model(model.id);
    if (settings != nullptr && model.error.empty())
      report.provenance.emplace_back(
          "model " + model.id, project.plugin_version(settings->plugin) + ", artifact " + model.hash.substr(0, 12));
  }
  return report;
}

Json json_of(const ForecastReport& report) {
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
      if (stat.versus_channel) line["versus_channel"] = *stat.versus_channel;
      line["horizons"] = Json::array();
      for (const ForecastPoint& point : stat.points) {
        Json answer = Json::object();
        answer["target_at"] = format_time(video.issued_at + point.horizon);
        answer["mean"] = point.mean;
        const char* const names[] = {"q025", "q100", "q250", "q500", "q750", "q900", "q975"};
        for (std::size_t level = 0; level < point.q.size(); ++level) answer[names[level]] = point.q[level];
        line["horizons"].push_back(std::move(answer));
      }
      all.push_back(std::move(line));
    }
  }
  return all;
}

}  // namespace risetime::core
