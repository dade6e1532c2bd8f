// The page of forecasts.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/creator.hpp"
#include "core/report/forecast_report.hpp"
#include "core/report/html.hpp"
#include "core/report/svg.hpp"

namespace risetime::core {
namespace {

std::string count_of(std::size_t count) { return group_digits(static_cast<std::int64_t>(count)); }

std::string title_of(const VideoReport& video) { return video.title.empty() ? video.video_id : video.title; }
std::string channel_of(const VideoReport& video) { return video.channel.empty() ? video.channel_id : video.channel; }

std::string numeric(const std::string& html) { return "<td class=\"n\">" + html + "</td>"; }

std::string pill(const StatReport& stat) {
  if (!stat.versus_channel)
    return "<span class=\"pill\" title=\"too few other videos of this channel at this age\">-</span>";
  const double ratio = stat.versus_channel->value;
  const std::string side = ratio >= 1.25 ? " above" : ratio <= 0.8 ? " below" : "";
  char digits[32];
  std::snprintf(digits, sizeof digits, ratio < 9.95 ? "%.1f" : "%.0f", ratio);
  return "<span class=\"pill" + side + "\">" + digits + "\u00d7</span>";
}

std::string interval(const ForecastPoint& point) {
  if (!std::isfinite(point.q[3])) return "-";
  return short_count(point.q[3]) + "<small>" + short_count(point.q[1]) + " \u2013 " + short_count(point.q[5]) +
         "</small>";
}

const ForecastPoint* point_at(const StatReport& stat, std::int64_t horizon) {
  for (const ForecastPoint& point : stat.points) {
    if (point.horizon == horizon) return &point;
  }
  return nullptr;
}

std::vector<std::int64_t> horizons_of(const std::vector<VideoReport>& videos) {
  std::set<std::int64_t> all;
  for (const VideoReport& video : videos) {
    for (const StatReport& stat : video.stats) {
      for (const ForecastPoint& point : stat.points) all.insert(point.horizon);
    }
  }
  std::vector<std::int64_t> horizons(all.begin(), all.end());
  // A table has room for four: the first, the last, and what lies evenly between.
  while (horizons.size() > 4) horizons.erase(horizons.begin() + static_cast<std::ptrdiff_t>(horizons.size() / 2));
  return horizons;
}

// What a chart says, for those who do not see it.
std::string describe(const VideoReport& video, const StatReport& stat) {
  std::string words = stat.stat + " of \u201c" + title_of(video) + "\u201d: ";
  const auto now = last_value(stat.history);
  words += now ? short_count(*now) + " now" : "no reading yet";
  for (const ForecastPoint& point : stat.points) {
    if (!std::isfinite(point.q[3])) continue;
    words += "; in " + format_duration(point.horizon) + " " + short_count(point.q[3]) + ", 80 % between " +
             short_count(point.q[1]) + " and " + short_count(point.q[5]);
  }
  return words;
}

std::string overview(const ForecastReport& report, const std::vector<std::size_t>& order, const ReportLimits& limits) {
  const std::vector<std::int64_t> horizons = horizons_of(report.videos);
  const std::string first = report.videos[order[0]].stats.empty() ? "" : report.videos[order[0]].stats[0].stat;
  std::string html =
      "<section aria-labelledby=\"overview\"><h2 id=\"overview\">Overview</h2><div class=\"card scroll\"><table>";
  html += "<caption>" + heading_text(first) +
          ": the last reading, the median forecast with its 80 % interval, and the last "
          "reading against the median of the channel\u2019s other videos at the same age.</caption>";
  html +=
      "<thead><tr><th scope=\"col\">Video</th><th scope=\"col\">Course</th><th scope=\"col\" class=\"n\">Age</th>"
      "<th scope=\"col\" class=\"n\">Now</th>";
  for (const std::int64_t horizon : horizons)
    html += "<th scope=\"col\" class=\"n\">+" + format_duration(horizon) + "</th>";
  html += "<th scope=\"col\" class=\"n\">Channel\u2019s usual</th></tr></thead><tbody>\n";
  const std::size_t shown = std::min(order.size(), limits.rows);
  for (std::size_t place = 0; place < shown; ++place) {
    const VideoReport& video = report.videos[order[place]];
    html += "<tr><th scope=\"row\">" + foreign_text(title_of(video)) + "<small>" + foreign_text(channel_of(video)) +
            "</small></th>";
    if (video.stats.empty()) {
      html += "<td colspan=\"" + std::to_string(horizons.size() + 4) + "\">no readings</td></tr>\n";
      continue;
    }
    const StatReport& stat = video.stats[0];
    const auto now = last_value(stat.history);
    html += "<td>" + draw_sparkline(stat, video.issued_at, describe(video, stat)) + "</td>";
    html += numeric(short_age(video.issued_at - video.published_at)) + numeric(now ? short_count(*now) : "-");
    for (const std::int64_t horizon : horizons) {
      const ForecastPoint* point = point_at(stat, horizon);
      html += numeric(point == nullptr ? "-" : interval(*point));
    }
    html += numeric(pill(stat)) + "</tr>\n";
  }
  html += "</tbody></table></div>";
  const std::string rest = left_out(report, shown);
  if (!rest.empty())
    html += "<p class=\"note\">Shown: " + rest + ". All of them: <code>risetime export forecast</code>.</p>";
  return html + "</section>\n";
}

std::string quantile_table(const StatReport& stat, const std::string& caption) {
  std::string html = "<table><caption>" + escape_html(caption) +
                     "</caption><thead><tr><th scope=\"col\">Horizon</th><th scope=\"col\" class=\"n\">Mean</th>";
  for (const char* level : {"2.5 %", "10 %", "25 %", "median", "75 %", "90 %", "97.5 %"})
    html += std::string("<th scope=\"col\" class=\"n\">") + level + "</th>";
  html += "</tr></thead><tbody>";
  for (const ForecastPoint& point : stat.points) {
    html += "<tr><td>+" + format_duration(point.horizon) + "</td>" + numeric(short_count(point.mean));
    for (const double value : point.q) html += numeric(short_count(value));
    html += "</tr>";
  }
  return html + "</tbody></table>";
}

std::string fan_of(const VideoReport& video, const StatReport& stat, double width, double height,
                   const ReportLimits& limits) {
  std::string html;
  for (const bool logarithmic : {false, true}) {
    const FanChart chart{width, height, logarithmic, limits.readings};
    html += std::string("<div class=\"") + (logarithmic ? "logarithmic" : "linear") + "\">" +
            draw_fan(stat, video.published_at, video.issued_at, describe(video, stat), chart) + "</div>";
  }
  return html;
}

std::string figure(const std::string& name, const std::string& value) {
  return "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>";
}

// What a creator asks first; figures that are not known are left out.
std::string figures(const VideoReport& video, const StatReport& stat) {
  std::string html;
  const char* const windows[] = {"last hour", "last 24 h", "last 7 d"};
  for (std::size_t i = 0; i < stat.velocity.size(); ++i)
    if (stat.velocity[i]) html += figure(windows[i], escape_html(signed_count(*stat.velocity[i])));
  if (stat.versus_channel) html += figure("of the channel\u2019s median (80 %)", escape_html(multiple_words(stat)));
  if (stat.rank)
    html += figure("rank at this age", std::to_string(stat.rank->place) + " of " + std::to_string(stat.rank->of));
  if (const TypicalBand* band = typical_now(video, stat))
    html += figure("usual at this age", short_count(band->low) + " \u2013 " + short_count(band->high));
  if (!html.empty()) html = "<dl class=\"figures\">" + html + "</dl>";
  std::string milestones;
  for (const Milestone& milestone : stat.milestones)
    milestones += "<li>" + escape_html(words_of(milestone, video.issued_at + stat.points.back().horizon)) + "</li>";
  if (!milestones.empty()) html += "<ul class=\"milestones\">" + milestones + "</ul>";
  return html;
}

std::string alerts(const ForecastReport& report) {
  std::string items;
  for (const VideoReport& video : report.videos)
    for (const BandAlert& alert : video.alerts)
      items += std::string("<li><span class=\"pill ") + (alert.actual > alert.high ? "above" : "below") + "\">" +
               (alert.actual > alert.high ? "above" : "below") + "</span> <strong>" + foreign_text(title_of(video)) +
               "</strong>: " + escape_html(words_of(alert)) + "</li>";
  if (items.empty()) return {};
  return "<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Outside of what was forecast</h2><ul class=\"card "
         "alerts\">" +
         items + "</ul></section>\n";
}

std::string video_card(const VideoReport& video, const ReportLimits& limits) {
  std::string html = "<article class=\"card\"><div class=\"title\"><h3>" + foreign_text(title_of(video)) +
                     "<span class=\"meta\">" + foreign_text(channel_of(video)) + " \u00b7 published " +
                     format_minute(video.published_at).substr(0, 10) + "</span></h3>" +
                     (video.stats[0].versus_channel ? pill(video.stats[0]) : std::string()) + "</div>";
  const auto heading = [](const StatReport& stat) {
    return "<h4>" + heading_text(stat.stat) + " \u00b7 " + foreign_text(stat.model) + "</h4>";
  };
  html += "<div class=\"stat\">" + heading(video.stats[0]) + fan_of(video, video.stats[0], 560, 250, limits) +
          "</div>" + figures(video, video.stats[0]);
  if (video.stats.size() > 1) {
    html += "<div class=\"pair\">";
    for (std::size_t s = 1; s < video.stats.size(); ++s)
      html +=
          "<div class=\"stat\">" + heading(video.stats[s]) + fan_of(video, video.stats[s], 272, 140, limits) + "</div>";
    html += "</div>";
  }
  html += "<details><summary>Numbers</summary>";
  for (const StatReport& stat : video.stats)
    html += "<div class=\"scroll\">" + quantile_table(stat, stat.stat) + "</div>";
  return html + "</details></article>\n";
}

std::string swatch(const std::string& drawing) {
  return "<svg width=\"26\" height=\"12\" viewBox=\"0 0 26 12\" aria-hidden=\"true\">" + drawing + "</svg>";
}

// Each channel's video with the greatest gain first, then each channel's second, and so on: one large channel does not
// take all the room.
std::vector<std::size_t> choose_charts(const ForecastReport& report, const std::vector<std::size_t>& order,
                                       std::size_t most) {
  std::map<std::pair<std::string, std::string>, std::size_t> seen;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // rank within the channel, video
  for (const std::size_t index : order) {
    const VideoReport& video = report.videos[index];
    if (video.stats.empty() || video.stats[0].points.empty()) continue;
    places.emplace_back(seen[{video.platform, video.channel_id}]++, index);
  }
  std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> chosen;
  for (const auto& [rank, index] : places) {
    if (chosen.size() < most) chosen.push_back(index);
  }
  return chosen;
}

std::string legend() {
  return "<ul class=\"legend\"><li>" + swatch("<path class=\"seen\" d=\"M1 6H25\"/>") + "seen</li><li>" +
         swatch("<path class=\"median\" d=\"M1 6H25\"/>") + "median forecast</li><li>" +
         swatch(
             "<rect class=\"fan f95\" width=\"26\" height=\"12\"/><rect class=\"fan f80\" y=\"2\" width=\"26\" "
             "height=\"8\"/>"
             "<rect class=\"fan f50\" y=\"4\" width=\"26\" height=\"4\"/>") +
         "50, 80 and 95 % of outcomes</li><li>" + swatch("<path class=\"usual\" d=\"M1 6H25\"/>") +
         "the channel\u2019s median at that age</li><li>" +
         swatch("<rect class=\"typical\" y=\"1\" width=\"26\" height=\"10\"/>") + "its middle half</li></ul>";
}

std::string cards(const ForecastReport& report, const std::vector<std::size_t>& charted, std::size_t from,
                  std::size_t to, const ReportLimits& limits) {
  std::string html = "<div class=\"grid\">\n";
  for (std::size_t place = from; place < to; ++place) html += video_card(report.videos[charted[place]], limits);
  return html + "</div>";
}

// The first four stand above the overview, the others below it.
constexpr std::size_t highlights = 4;

std::string first_charts(const ForecastReport& report, const std::vector<std::size_t>& charted,
                         const ReportLimits& limits) {
  if (charted.empty()) return {};
  return "<section aria-labelledby=\"most\"><div class=\"switch\"><label for=\"scale-linear\">Linear</label>"
         "<label for=\"scale-log\">Logarithmic</label></div><h2 id=\"most\">Most to come</h2>" +
         cards(report, charted, 0, std::min(charted.size(), highlights), limits) + legend() + "</section>\n";
}

std::string further_charts(const ForecastReport& report, const std::vector<std::size_t>& charted,
                           const ReportLimits& limits) {
  std::string html;
  if (charted.size() > highlights)
    html = "<section aria-labelledby=\"further\"><h2 id=\"further\">Further videos</h2>" +
           cards(report, charted, highlights, charted.size(), limits) + legend() + "</section>\n";
  const std::string rest = left_out(report, charted.size());
  if (!rest.empty()) html += "<p class=\"note\">Charts of " + rest + ", each channel in turn.</p>";
  return html;
}

std::string channels_table(const ForecastReport& report) {
  struct Sum {
    std::string name;
    std::size_t videos = 0;
    double now = 0, gain = 0;
    std::vector<double> standings;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const VideoReport& video : report.videos) {
    if (video.stats.empty()) continue;
    const StatReport& stat = video.stats[0];
    Sum& sum = sums[{video.platform, video.channel_id}];
    sum.name = channel_of(video);
    ++sum.videos;
    const double now = last_value(stat.history).value_or(0);
    sum.now += now;
    if (!stat.points.empty() && std::isfinite(stat.points.back().q[3])) sum.gain += stat.points.back().q[3] - now;
  }
  if (sums.size() < 2 || sums.size() > 200) return {};
  std::vector<const Sum*> order;
  for (const auto& [key, sum] : sums) order.push_back(&sum);
  std::stable_sort(order.begin(), order.end(), [](const Sum* a, const Sum* b) { return a->gain > b->gain; });
  const std::string horizon =
      format_duration(report.videos[order_by_gain(report)[0]].stats[0].points.empty()
                          ? 0
                          : report.videos[order_by_gain(report)[0]].stats[0].points.back().horizon);
  std::string html =
      "<section aria-labelledby=\"channels\"><h2 id=\"channels\">Channels</h2><div class=\"card scroll\"><table>"
      "<caption>Sums over the videos above: the last readings, and what the medians add within " +
      horizon +
      ".</caption><thead><tr><th scope=\"col\">Channel</th><th scope=\"col\" class=\"n\">Videos</th>"
      "<th scope=\"col\" class=\"n\">Now</th><th scope=\"col\" class=\"n\">+" +
      horizon +
      "</th>"
      "<th scope=\"col\" class=\"n\">Growth</th></tr></thead><tbody>\n";
  for (const Sum* sum : order) {
    html += "<tr><th scope=\"row\">" + foreign_text(sum->name) + "</th>" + numeric(count_of(sum->videos)) +
            numeric(short_count(sum->now)) + numeric("+" + short_count(sum->gain)) +
            numeric(sum->now > 0 ? "+" + format_percent(sum->gain / sum->now) : "-") + "</tr>\n";
  }
  return html + "</tbody></table></div></section>\n";
}

}  // namespace

std::string render_forecasts(const ForecastReport& report, const ReportLimits& limits) {
  Page page;
  page.title = report.project.empty() ? "Forecasts" : report.project + ": forecasts";
  page.provenance = report.provenance;
  page.scale_switch = true;
  std::size_t readings = 0;
  std::set<std::pair<std::string, std::string>> channels;
  std::set<std::string> models;
  std::int64_t issued = 0;
  for (const VideoReport& video : report.videos) {
    channels.insert({video.platform, video.channel_id});
    issued = std::max(issued, video.issued_at);
    if (!video.stats.empty()) readings += video.stats[0].history.size();
    for (const StatReport& stat : video.stats) models.insert(stat.model);
  }
  page.subtitle = "Written " + format_minute(report.generated_at) +
                  (report.videos.empty() ? "" : ", with readings up to " + format_minute(issued));
  page.facts = {{"Videos", count_of(std::max(report.forecast_videos, report.videos.size()))},
                {"Channels", count_of(channels.size())},
                {"Readings shown", short_count(static_cast<double>(readings))}};
  std::string names;
  for (const std::string& model : models) names += (names.empty() ? "" : ", ") + model;
  if (!names.empty()) page.facts.emplace_back(models.size() == 1 ? "Model" : "Models", names);
  if (report.videos.empty()) {
    page.body = "<p>No forecasts: no video has readings yet.</p>";
    return render_page(page);
  }
  const std::vector<std::size_t> order = order_by_gain(report);
  const std::vector<std::size_t> charted = choose_charts(report, order, limits.charts);
  page.body = alerts(report) + first_charts(report, charted, limits) + overview(report, order, limits) +
              channels_table(report) + further_charts(report, charted, limits);
  return render_page(page);
}

}  // namespace risetime::core
