// The page of a backtest.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "core/base/text.hpp"
#include "core/report/backtest_report.hpp"
#include "core/report/html.hpp"
#include "core/report/svg.hpp"

namespace risetime::core {
namespace {

using Colours = std::map<std::string, std::size_t>;

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
  return digits;
}

std::string numeric(const std::string& html, bool best = false) {
  return std::string("<td class=\"n") + (best ? " best" : "") + "\">" + html + "</td>";
}

std::string legend(const std::vector<std::string>& models, const Colours& colours) {
  std::string html = "<ul class=\"legend\">";
  for (const std::string& model : models) {
    const std::string colour = "c" + std::to_string(colours.at(model) % 8);
    html += "<li><svg width=\"26\" height=\"12\" viewBox=\"0 0 26 12\" aria-hidden=\"true\"><path class=\"line " +
            colour + "\" d=\"M1 6H25\"/><circle class=\"mark " + colour + "\" cx=\"13\" cy=\"6\" r=\"3.5\"/></svg>" +
            foreign_text(model) + "</li>";
  }
  return html + "</ul>";
}

std::string figure(const std::string& title, const std::string& drawing, const std::string& note) {
  return "<div class=\"card\"><h3>" + title + "</h3><p class=\"note\">" + note + "</p>" + drawing + "</div>\n";
}

// ---- one stat

struct Of {
  const BacktestSection& section;
  const std::vector<std::string>& stats;
  std::string stat;
  std::vector<std::string> models;
  const Colours& colours;
  const std::set<std::int64_t>& horizons;  // in the tables
};

std::string error_chart(const Of& of) {
  LineChart chart;
  chart.x_title = "horizon";
  chart.x_logarithmic = true;
  std::set<std::int64_t> horizons;
  std::string words;
  for (const std::string& model : of.models) {
    ChartLine line{model, of.colours.at(model), {}};
    for (const Score& score : of.section.scores) {
      if (score.model != model || score.stat != of.stat || score.hours <= 0) continue;
      line.points.emplace_back(static_cast<double>(score.hours), score.mae_log2);
      horizons.insert(score.hours);
      words += "; " + model + " " + fixed(score.mae_log2, 3) + " at " + horizon_text(score.hours);
    }
    chart.lines.push_back(line);
  }
  // Paths of many steps get no more labels than fit.
  const std::size_t stride = horizons.size() / 9 + 1;
  std::size_t place = 0;
  for (const std::int64_t hours : horizons) {
    if (place++ % stride == 0) chart.x_ticks.emplace_back(static_cast<double>(hours), horizon_text(hours));
  }
  chart.description = "MAE-log2 of " + of.stat + " by horizon" + words;
  return figure("Error over horizon", draw_lines(chart), "MAE-log2: 1 is wrong by a factor of two. Lower is better.");
}

std::string calibration_chart(const Of& of) {
  LineChart chart;
  chart.x_title = "promised";
  chart.diagonal = chart.x_percent = chart.y_percent = true;
  chart.y_low = 0;
  chart.y_high = 1;
  std::string words;
  for (const std::string& model : of.models) {
    std::array<double, 7> sums{};
    double videos = 0;
    for (const Calibration& each : of.section.calibrations) {
      if (each.model != model || each.stat != of.stat) continue;
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += each.observed[k] * static_cast<double>(each.videos);
      videos += static_cast<double>(each.videos);
    }
    if (videos == 0) continue;
    ChartLine line{model, of.colours.at(model), {}};
    words += "; " + model;
    for (std::size_t k = 0; k < sums.size(); ++k) {
      line.points.emplace_back(quantile_levels[k], sums[k] / videos);
      words += " " + format_percent(quantile_levels[k], 1) + ": " + format_percent(sums[k] / videos, 1);
    }
    chart.lines.push_back(line);
  }
  chart.x_ticks = {{0, "0 %"}, {.25, "25 %"}, {.5, "50 %"}, {.75, "75 %"}, {1, "100 %"}};
  chart.description = "Share of actual " + of.stat + " below each forecast quantile" + words;
  return figure(
      "Calibration", draw_lines(chart),
      "Share of outcomes that fell below each quantile, over all horizons. Honest intervals lie on the dashed line.");
}

std::string size_chart(const Of& of) {
  LineChart chart;
  chart.x_title = "tenths of the videos, small to large";
  chart.y_percent = true;
  chart.promised = 0.8;
  chart.y_low = 0.4;
  chart.y_high = 1;
  std::string words;
  for (const std::string& model : of.models) {
    ChartLine line{model, of.colours.at(model), {}};
    for (std::size_t tenth = 0; tenth < 10; ++tenth) {
      double sum = 0, count = 0;
      for (const SizeCoverage& each : of.section.sizes) {
        if (each.model != model || each.stat != of.stat || !std::isfinite(each.cover80[tenth])) continue;
        sum += each.cover80[tenth];
        ++count;
      }
      if (count > 0) line.points.emplace_back(static_cast<double>(tenth + 1), sum / count);
    }
    words += "; " + model;
    for (const auto& point : line.points) words += " " + format_percent(point.second);
    chart.lines.push_back(line);
  }
  for (int tenth = 1; tenth <= 10; ++tenth) chart.x_ticks.emplace_back(tenth, std::to_string(tenth));
  chart.description = "Coverage of the 80 % interval of " + of.stat + " by size of the video" + words;
  return figure("Coverage by size", draw_lines(chart),
                "Share of outcomes inside the 80 % interval, by the value known at the time of the forecast. The "
                "dashed line is the promise.");
}

std::string leaderboard(const Of& of) {
  std::string html =
      "<div class=\"card scroll\"><table><caption>Smallest MAE-log2 first. Factor: half the width of the 80 % "
      "interval, as a "
      "factor.</caption><thead><tr><th scope=\"col\">Horizon</th><th scope=\"col\">Model</th>";
  for (const char* name :
       {"Forecasts", "MAE-log2", "APE %", "SRC", "mRSE", "sMAPE", "WQL", "in 80 %", "Factor", "in 95 %"})
    html += std::string("<th scope=\"col\" class=\"n\">") + name + "</th>";
  html += "</tr></thead><tbody>\n";
  std::int64_t before = -1;
  for (const Score* score : rank_scores(of.section, of.stats)) {
    if (score->stat != of.stat || !of.horizons.contains(score->hours)) continue;
    const bool best = score->hours != before;
    html += std::string("<tr><td>") + (best ? "+" + horizon_text(score->hours) : "") + "</td><td>" +
            foreign_text(score->model) + "</td>";
    html += numeric(group_digits(static_cast<std::int64_t>(score->videos))) + numeric(fixed(score->mae_log2, 3), best) +
            numeric(fixed(score->ape, 2)) + numeric(fixed(score->src, 3)) + numeric(fixed(score->mrse, 3)) +
            numeric(fixed(score->smape, 1)) + numeric(fixed(score->wql, 3)) +
            numeric(format_percent(score->cover80, 1)) + numeric(fixed(score->factor80, 2)) +
            numeric(format_percent(score->cover95, 1)) + "</tr>\n";
    before = score->hours;
  }
  return html + "</tbody></table></div>\n";
}

std::string verdict(const Difference& difference) {
  if (difference.high < 0) return "<span class=\"pill above\">better</span>";
  if (difference.low > 0) return "<span class=\"pill below\">worse</span>";
  return "<span class=\"pill\">no difference seen</span>";
}

std::string differences(const Of& of) {
  std::string rows;
  for (const ModelDifference& each : of.section.differences) {
    const Difference& difference = each.difference;
    if (difference.stat != of.stat || !of.horizons.contains(difference.hours)) continue;
    rows += "<tr><td>" + foreign_text(each.first) + " against " + foreign_text(each.second) + "</td><td>+" +
            horizon_text(difference.hours) + "</td>" +
            numeric(group_digits(static_cast<std::int64_t>(difference.videos))) +
            numeric(fixed(difference.difference, 3)) +
            numeric(fixed(difference.low, 3) + " to " + fixed(difference.high, 3)) + "<td>" + verdict(difference) +
            "</td></tr>\n";
  }
  if (rows.empty()) return {};
  return "<details><summary>Every comparison</summary><div class=\"card scroll after\"><table><caption>Difference in "
         "MAE-log2, paired over "
         "videos, with the "
         "95 % interval of the bootstrap. Negative: the first model is better.</caption><thead><tr><th "
         "scope=\"col\">Models</th>"
         "<th scope=\"col\">Horizon</th><th scope=\"col\" class=\"n\">Videos</th><th scope=\"col\" "
         "class=\"n\">Difference</th>"
         "<th scope=\"col\" class=\"n\">95 %</th><th scope=\"col\">Verdict</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div></details>\n";
}

std::string ablation_table(const BacktestSection& section) {
  std::string rows;
  for (const AblationStep& step : section.ablation) {
    rows += "<tr><td>" + foreign_text(step.model) + "</td><td>" + foreign_text(step.input) + "</td>" +
            numeric(fixed(step.mae_log2, 4));
    if (step.change) {
      rows += numeric(fixed(100 * step.change->difference / step.change->second, 2)) +
              numeric(fixed(step.change->low, 4) + " to " + fixed(step.change->high, 4)) + "<td>" +
              verdict(*step.change) + "</td>";
    } else {
      rows += "<td></td><td></td><td></td>";
    }
    rows += "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<section><h2>What each input does, standing at " + foreign_text(section.origin) +
         "</h2><div class=\"card scroll after\"><table><caption>MAE-log2 over all stats and horizons; the change from "
         "the line before, with the 95 % interval of the bootstrap over videos. Channel: category, language, duration, "
         "followers, the channel's other videos.</caption><thead><tr><th scope=\"col\">Model</th><th "
         "scope=\"col\">Knows</th><th scope=\"col\" class=\"n\">MAE-log2</th><th scope=\"col\" class=\"n\">Change "
         "%</th><th scope=\"col\" class=\"n\">95 %</th><th scope=\"col\">Verdict</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div></section>\n";
}

std::string paths_table(const Of& of) {
  std::string rows;
  for (const PathScore& path : of.section.paths) {
    if (path.stat != of.stat) continue;
    rows += "<tr><td>" + foreign_text(path.model) + "</td>" +
            numeric(group_digits(static_cast<std::int64_t>(path.paths))) + numeric(fixed(path.smape, 2)) +
            numeric(fixed(path.mase, 3)) + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<div class=\"card scroll after\"><table><caption>Step by step along each path, as in the M4 competition. "
         "MASE: "
         "1 is as wrong as repeating what was.</caption><thead><tr><th scope=\"col\">Model</th><th scope=\"col\" "
         "class=\"n\">Paths</th><th scope=\"col\" class=\"n\">sMAPE</th><th scope=\"col\" "
         "class=\"n\">MASE</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string example_card(const Example& example) {
  const VideoReport& video = example.video;
  const StatReport& stat = video.stats.front();
  FanChart chart;
  chart.came = example.came;
  const double came = example.came.empty() ? NAN : example.came.back().value;
  const std::string words = stat.stat + " of " + video.title + ": forecast " + short_count(stat.points.back().q[3]) +
                            ", came to " + short_count(came);
  const std::string title = video.title.empty() ? video.video_id : video.title;
  return "<article class=\"card\"><div class=\"title\"><h3>" + foreign_text(title) + "<span class=\"meta\">" +
         foreign_text(video.channel.empty() ? video.channel_id : video.channel) + " \u00b7 wrong by a factor of " +
         fixed(std::exp2(example.error), 2) + "</span></h3></div><div class=\"stat\">" +
         draw_fan(stat, video.published_at, video.issued_at, words, chart) + "</div></article>\n";
}

std::string examples(const BacktestSection& section) {
  std::string html;
  for (const auto& [title, drawn] : {std::pair{"Best forecasts", &section.best}, {"Worst forecasts", &section.worst}}) {
    if (drawn->empty()) continue;
    const StatReport& stat = drawn->front().video.stats.front();
    html += std::string("<h2>") + title + " of " + foreign_text(stat.model) + ", standing at " +
            foreign_text(section.origin) + "</h2><div class=\"grid\">";
    for (const Example& example : *drawn) html += example_card(example);
    html += "</div>";
  }
  if (html.empty()) return {};
  return "<section>" + html +
         "<ul class=\"legend\"><li><svg width=\"26\" height=\"12\" viewBox=\"0 0 26 12\" aria-hidden=\"true\"><path "
         "class=\"seen\" d=\"M1 6H25\"/></svg>seen</li><li><svg width=\"26\" height=\"12\" viewBox=\"0 0 26 12\" "
         "aria-hidden=\"true\"><path class=\"median\" d=\"M1 6H25\"/></svg>forecast, with 50, 80 and 95 % of "
         "outcomes</li><li><svg width=\"26\" height=\"12\" viewBox=\"0 0 26 12\" aria-hidden=\"true\"><path "
         "class=\"came\" "
         "d=\"M1 6H25\"/></svg>what came</li></ul></section>\n";
}

std::string render_section(const BacktestReport& report, const BacktestSection& section, const Colours& colours) {
  const std::set<std::int64_t> shown = horizons_to_show(section);
  std::set<std::int64_t> all;
  for (const Score& score : section.scores) all.insert(score.hours);
  std::string html;
  for (const std::string& stat : stats_to_show(section, report.stats)) {
    Of of{section, report.stats, stat, {}, colours, shown};
    for (const Score* score : rank_scores(section, report.stats)) {
      if (score->stat == stat && std::find(of.models.begin(), of.models.end(), score->model) == of.models.end())
        of.models.push_back(score->model);
    }
    html += "<section><h2>" + heading_text(stat) + ", standing at " + foreign_text(section.origin) + "</h2>" +
            legend(of.models, colours) + "<div class=\"grid three\">" + error_chart(of) + calibration_chart(of) +
            size_chart(of) + "</div>" + leaderboard(of) + paths_table(of) + differences(of) + "</section>\n";
  }
  html += ablation_table(section);
  html += examples(section);
  if (shown.size() < all.size())
    html += "<p class=\"note\">The tables show " + std::to_string(shown.size()) + " of " + std::to_string(all.size()) +
            " horizons; scores.csv has all of them.</p>";
  return html;
}

}  // namespace

std::string render_backtest(const BacktestReport& report) {
  Page page;
  page.title = report.project.empty() ? "Backtest" : report.project + ": backtest";
  page.subtitle = "Written " + format_minute(report.generated_at);
  page.provenance = report.provenance;
  Colours colours;
  std::set<std::int64_t> horizons;
  std::size_t forecasts = 0;
  for (const BacktestSection& section : report.sections) {
    for (const Score& score : section.scores) {
      colours.try_emplace(score.model, 0);
      horizons.insert(score.hours);
      forecasts += score.videos;
    }
  }
  if (forecasts == 0) {
    page.body = "<p>Nothing to score: no forecast has an actual value.</p>";
    return render_page(page);
  }
  std::size_t next = 0;
  for (auto& [model, colour] : colours) colour = next++;
  page.facts = {{"Models", std::to_string(colours.size())},
                {"Horizons", std::to_string(horizons.size())},
                {"Forecasts scored", group_digits(static_cast<std::int64_t>(forecasts))}};
  for (const BacktestSection& section : report.sections) page.body += render_section(report, section, colours);
  return render_page(page);
}

}  // namespace risetime::core
