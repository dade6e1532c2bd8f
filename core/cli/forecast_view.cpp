// Maps forecasts to reports.
#include "core/cli/forecast_view.hpp"

#include "core/report/creator.hpp"

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
      report.points.push_back({summary.horizons[horizon], answer->mean, answer->quantiles, {}});
  report.velocity = velocity_of(report.history);
  if (const auto now = last_value(report.history))
    report.milestones = milestones_of(*now, *video.series.origin, report.points);
  return report;
}

// How the channel's other videos had come along, of the first stat.
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
  const std::int64_t published = video.series.published_at, age = *video.series.origin - published;
  if (const auto now = last_value(report.history)) {
    report.versus_channel = multiple_of_median(*now, values_at_age(others, age));
    report.rank = rank_among_last(*now, published, age, others);
  }
  for (ForecastPoint& point : report.points) point.usual = median_at_age(others, age + point.horizon);
  report.usual = usual_course(others, published, *video.series.origin);
  report.typical = typical_band(others, published, *video.series.origin + summary.horizons.back());
}

}  // namespace

ForecastReport view_of(Project& project, const ForecastSummary& summary, const TrainSummary& trained) {
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
    for (const Alert& alert : video.alerts)
      one.alerts.push_back({alert.stat, alert.model, alert.issued_at, alert.target_at, alert.actual, alert.low,
                            alert.high, alert.false_alarms});
    report.videos.push_back(std::move(one));
  }
  report.provenance.emplace_back("run", summary.run_id);
  for (const TrainedModel& model : trained.models) {
    const ModelSettings* settings = project.settings().model(model.id);
    if (settings != nullptr && model.error.empty())
      report.provenance.emplace_back(
          "model " + model.id, project.plugin_version(settings->plugin) + ", artifact " + model.hash.substr(0, 12));
  }
  return report;
}

}  // namespace risetime::core
