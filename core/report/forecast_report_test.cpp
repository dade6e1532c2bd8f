// The forecast report: what it says, and that hostile texts stay texts.
#include "core/report/forecast_report.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/html.hpp"
#include "core/report/page_check.hpp"
#include "core/report/standing.hpp"
#include "core/report/svg.hpp"

namespace risetime::core {
namespace {

constexpr std::int64_t start = 1'767'225'600'000'000;  // 2026-01-01

VideoReport video(const std::string& title, double now, double then, const std::string& channel = "Lab") {
  VideoReport made{"p", "id-" + title, "c-" + channel, channel, title, start, start + 3 * day, {}};
  for (const char* stat : {"views", "likes"}) {
    StatReport report{stat, "quick", {}, {}, {}, Multiple{1.84, 1.2, 2.5, 9}};
    for (std::int64_t h = 1; h <= 72; ++h)
      report.history.push_back({start + h * hour, now * static_cast<double>(h) / 72});
    for (const std::int64_t horizon : {day, 7 * day}) {
      ForecastPoint point{horizon, then, {}};
      const double reach = horizon == day ? 0.3 : 1.0;
      for (std::size_t k = 0; k < 7; ++k)
        point.q[k] = now + (then - now) * reach * (0.4 + 0.2 * static_cast<double>(k));
      report.points.push_back(point);
    }
    made.stats.push_back(report);
  }
  return made;
}

ForecastReport report_of(std::vector<VideoReport> videos) {
  return {"demo", start + 3 * day, std::move(videos), {{"Model", "quick: ridge 1.0.0"}}};
}

TEST(ForecastTable, ShowsMedianIntervalAndStandingOfEachStat) {
  const std::string text = print_forecasts(report_of({video("One", 1000, 2000)}), {});
  EXPECT_EQ(text,
            "Video  Channel  Age  Stat   Now   +1d  80 %      +7d  80 %      vs usual\n"
            "─────  ───────  ───  ─────  ───  ────  ────────  ───  ────────  ────────\n"
            "One    Lab      3 d  views   1K  1.3K  1.2-1.4K   2K  1.6-2.4K      1.8x\n"
            "                     likes   1K  1.3K  1.2-1.4K   2K  1.6-2.4K      1.8x\n");
}

TEST(ForecastTable, PutsTheGreatestGainFirstAndSaysWhatItLeftOut) {
  auto report = report_of({video("Small", 100, 200), video("Large", 100, 900), video("None", 5, 5)});
  report.videos[2].stats[0].points.clear();
  EXPECT_EQ(order_by_gain(report), (std::vector<std::size_t>{1, 0, 2}));
  ReportLimits limits;
  limits.rows = 1;
  const std::string text = print_forecasts(report, {}, limits);
  EXPECT_NE(text.find("Large"), std::string::npos);
  EXPECT_EQ(text.find("Small"), std::string::npos);
  EXPECT_NE(text.find("Shown: 1 of 3 videos"), std::string::npos);
}

TEST(ForecastTable, SaysWhenItWasGivenTheLargestVideosOnly) {
  auto report = report_of({video("One", 100, 200), video("Two", 100, 300)});
  EXPECT_EQ(left_out(report, 2), "");
  EXPECT_EQ(left_out(report, 1), "1 of 2 videos, those that are forecast to gain most");
  report.forecast_videos = 1234;
  EXPECT_EQ(left_out(report, 2), "2 of 1,234 videos, the largest");
  EXPECT_EQ(left_out(report, 1), "1 of 1,234 videos, of the 2 largest, those that are forecast to gain most");
  EXPECT_NE(render_forecasts(report).find("<bdi>1,234</bdi>"), std::string::npos);
}

TEST(ForecastTable, GivesUpColumnsBeforeTitlesInANarrowTerminal) {
  const auto report = report_of({video("A title of some length that is worth reading", 1000, 2000)});
  for (const std::size_t width : {200U, 110U, 80U, 70U}) {
    const std::string text = print_forecasts(report, {false, width});
    std::size_t from = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; from = end + 1, end = text.find('\n', from))
      EXPECT_LE(display_width(text.substr(from, end - from)), width);
    EXPECT_NE(text.find("A title of"), std::string::npos) << width;
  }
  EXPECT_EQ(print_forecasts(report, {false, 70}).find("Channel"), std::string::npos);
}

TEST(ForecastTable, ShowsADashWhereThereIsNoForecastOrReading) {
  auto report = report_of({video("One", 1000, 2000), video("Two", 10, 20)});
  report.videos[1].stats.resize(1);
  report.videos[1].stats[0].points.clear();
  report.videos[1].stats[0].history.clear();
  report.videos[1].stats[0].versus_channel.reset();
  const std::string text = print_forecasts(report, {});
  EXPECT_NE(text.find("Two    Lab      3 d  views    -     -              -\n"), std::string::npos) << text;
}

TEST(ForecastTable, LetsNoTitleMoveTheCursor) {
  const std::string text = print_forecasts(report_of({video("\x1b[2Jgone\nnext", 1, 2)}), {true, 0});
  EXPECT_EQ(text.find("\x1b[2J"), std::string::npos);
  EXPECT_NE(text.find("gone\\nnext"), std::string::npos);
}

// ---- the page

TEST(ForecastPage, IsWellFormedAndNeedsNothingElse) {
  const std::string page = render_forecasts(report_of({video("One", 1000, 2000), video("Two", 10, 20, "Other")}));
  EXPECT_EQ(page_problem(page), "");
  for (const char* outside : {"http://", "https://", "src=", "href=", "url(", "<script", "@import"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_NE(page.find("1.8\u00d7"), std::string::npos);
  EXPECT_NE(page.find("quick: ridge 1.0.0"), std::string::npos);
}

TEST(ForecastPage, ShowsHostileTextsAsTexts) {
  const std::string attack = "</title><script>alert(1)</script><img src=x onerror='y'>\" onload=\"z";
  auto report = report_of({video(attack, 1000, 2000, attack), video("عنوان \u202Eabc 🔥", 5, 50, "שלום")});
  report.project = attack;
  report.provenance = {{attack, attack}};
  for (auto& each : report.videos) each.stats[0].model = each.stats[1].stat = attack;
  const std::string page = render_forecasts(report);
  EXPECT_EQ(page_problem(page), "");
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("\" onload=\""), std::string::npos);
  EXPECT_NE(page.find("<bdi>عنوان"), std::string::npos);
  EXPECT_NE(page.find("🔥"), std::string::npos);
}

TEST(ForecastPage, StaysReadableWhateverTheNumbersAre) {
  auto report =
      report_of({video("gaps", 1000, 2000), video("huge", 1e18, 1e19), video("none", 0, 0), video("young", 0, 5)});
  report.videos[0].stats[0].history[3].value = std::numeric_limits<double>::quiet_NaN();
  report.videos[0].stats[0].points[0].q.fill(std::numeric_limits<double>::quiet_NaN());
  report.videos[3].stats[0].history.clear();
  report.videos[3].published_at = report.videos[3].issued_at + day;
  VideoReport bare;
  bare.video_id = "bare";
  report.videos.push_back(bare);
  const std::string page = render_forecasts(report);
  EXPECT_EQ(page_problem(page), "");
  const std::string body = page.substr(page.find("</style>"));
  for (const char* broken : {"NaN", "\"nan", " nan ", ">nan<", "inf "})
    EXPECT_EQ(body.find(broken), std::string::npos) << broken;
}

TEST(ForecastPage, StaysSmallForThousandsOfVideos) {
  std::vector<VideoReport> videos;
  for (int i = 0; i < 5000; ++i)
    videos.push_back(video("v" + std::to_string(i), 1000, 2000 + i, "c" + std::to_string(i % 50)));
  const std::string page = render_forecasts(report_of(std::move(videos)));
  EXPECT_LT(page.size(), 4U << 20);
  EXPECT_NE(page.find("300 of 5,000 videos"), std::string::npos);
  EXPECT_NE(page.find("Charts of 24 of 5,000 videos"), std::string::npos);
}

TEST(ForecastPage, SaysThatThereIsNothingYet) {
  EXPECT_EQ(page_problem(render_forecasts(report_of({}))), "");
  EXPECT_NE(render_forecasts(report_of({})).find("no video has readings yet"), std::string::npos);
  EXPECT_EQ(print_forecasts(report_of({}), {}), "No forecasts: no video has readings yet.\n");
}

TEST(EscapeHtml, ReplacesWhatIsNoText) {
  EXPECT_EQ(escape_html("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escape_html(std::string_view("a\0b\x1b", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(escape_html("\xff"), "\xEF\xBF\xBD");
  EXPECT_EQ(escape_html("日本 🔥"), "日本 🔥");
}

// ---- standing

TEST(Standing, ReadsValuesOffTheLine) {
  const std::vector<Reading> readings = {{100, 10}, {200, 20}, {300, std::nan("")}, {400, 40}};
  const AgedHistory history{0, readings};
  EXPECT_EQ(value_at(history, 150), 15.0);
  EXPECT_EQ(value_at(history, 200), 20.0);
  EXPECT_EQ(value_at(history, 50), 5.0);
  EXPECT_EQ(value_at(history, 250), std::nullopt);
  EXPECT_EQ(value_at(history, 350), std::nullopt);
  EXPECT_EQ(value_at(history, 401), std::nullopt);
  EXPECT_EQ(value_at({0, {}}, 5), std::nullopt);
}

TEST(Standing, TakesTheMedianOfTheVideosThatReachedTheAge) {
  std::vector<std::vector<Reading>> all;
  for (int i = 0; i < 5; ++i) all.push_back({{i * 1000 + 100, i * 10.0}, {i * 1000 + 100 + i * 100, i * 20.0}});
  std::vector<AgedHistory> others;
  for (int i = 0; i < 5; ++i) others.push_back({i * 1000, all[static_cast<std::size_t>(i)]});
  EXPECT_EQ(median_at_age(others, 100), 20.0);
  EXPECT_EQ(median_at_age(others, 400, 2), (30 + 30 * 300.0 / 300 + 40 + 40 * 300.0 / 400) / 2);
  EXPECT_EQ(median_at_age(others, 400, 3), std::nullopt);
  EXPECT_EQ(median_at_age({}, 100, 0), std::nullopt);
  const auto course = usual_course(others, 50000, 50400, 4, 3);
  ASSERT_FALSE(course.empty());
  EXPECT_EQ(course[0].time, 50100);
  EXPECT_EQ(course[0].value, 20.0);
}

// ---- drawing

TEST(RoundValues, AreRoundAndInside) {
  EXPECT_EQ(round_values({0, 100, 0, 1, false}, 4), (std::vector<double>{0, 50, 100}));
  EXPECT_EQ(round_values({0, 7, 0, 1, false}, 4), (std::vector<double>{0, 2, 4, 6}));
  EXPECT_EQ(round_values({1, 1e6, 0, 1, true}, 3), (std::vector<double>{1, 100, 1e4, 1e6}));
  EXPECT_EQ(round_values({3, 60, 0, 1, true}, 4), (std::vector<double>{5, 10, 20, 50}));
  EXPECT_TRUE(round_values({1, 1, 0, 1, false}, 4).empty());
}

TEST(SmoothPath, NeverRisesAboveMonotonePoints) {
  // The inner control points of each piece lie between its ends.
  const std::string path = smooth_path({{0, 0}, {10, 1}, {20, 50}, {30, 51}});
  EXPECT_EQ(path.substr(0, 4), "M0 0");
  double a = 0, b = 0, c = 0, d = 0, x = 0, y = 0, before = 0;
  for (std::size_t at = path.find('C'); at != std::string::npos; at = path.find('C', at + 1)) {
    ASSERT_EQ(std::sscanf(path.c_str() + at, "C%lf %lf %lf %lf %lf %lf", &a, &b, &c, &d, &x, &y), 6);
    EXPECT_GE(b, before);
    EXPECT_LE(d, y);
    before = y;
  }
  EXPECT_EQ(y, 51);
}

}  // namespace
}  // namespace risetime::core
