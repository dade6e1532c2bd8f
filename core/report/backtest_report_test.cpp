// The backtest report: the order of its leaderboard, and a page that stands alone.
#include "core/report/backtest_report.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/report/page_check.hpp"
#include "core/report/svg.hpp"

namespace risetime::core {
namespace {

constexpr std::int64_t hour_us = 3'600'000'000;

std::vector<ScoredForecast> forecasts(const std::vector<std::int64_t>& hours, const std::string& good = "ridge") {
  std::mt19937_64 random(5);
  std::normal_distribution<double> noise(0, 1);
  std::vector<ScoredForecast> rows;
  for (int v = 0; v < 60; ++v) {
    for (const std::int64_t each : hours) {
      for (const char* stat : {"likes", "views"}) {
        const double actual = std::floor(std::exp(8 + noise(random)));
        for (const auto& [model, error] : {std::pair{good, 0.1}, {std::string("naive"), 0.8}}) {
          ScoredForecast row{"p", "v" + std::to_string(v), model, stat, 0, each * hour_us, actual / 2, 0, {}, actual};
          const double point = actual * std::exp(error * noise(random));
          for (std::size_t k = 0; k < 7; ++k) row.q[k] = point * std::exp(error * (static_cast<double>(k) - 3));
          row.mean = point;
          rows.push_back(row);
        }
      }
    }
  }
  return rows;
}

BacktestReport page_of(const std::vector<ScoredForecast>& rows) {
  return {"demo", 0, {"views"}, {judge("3d", rows, {})}, {}};
}

TEST(Leaderboard, PutsTheSmallestErrorFirstWithinEachStatAndHorizon) {
  const std::vector<std::string> stats = {"views"};
  const BacktestSection section = judge("3d", forecasts({24, 72}), {});
  std::vector<std::string> order;
  for (const Score* score : rank_scores(section, stats))
    order.push_back(score->stat + horizon_text(score->hours) + " " + score->model);
  EXPECT_EQ(order, (std::vector<std::string>{"views1 d ridge", "views1 d naive", "views3 d ridge", "views3 d naive",
                                             "likes1 d ridge", "likes1 d naive", "likes3 d ridge", "likes3 d naive"}));
  const std::string text = print_leaderboard(section, stats, {});
  EXPECT_LT(text.find("ridge"), text.find("naive"));
  EXPECT_NE(text.find("views     +1 d  ridge"), std::string::npos) << text;
}

TEST(Leaderboard, ComparesTheBestModelWithEachOther) {
  const BacktestSection section = judge("3d", forecasts({24}), {});
  ASSERT_EQ(section.differences.size(), 2U);
  for (const ModelDifference& each : section.differences) {
    EXPECT_EQ(each.first, "ridge");
    EXPECT_EQ(each.second, "naive");
    EXPECT_LT(each.difference.high, 0);
  }
}

TEST(Leaderboard, ShowsSomeHorizonsOfLongPaths) {
  std::vector<std::int64_t> hours;
  for (std::int64_t h = 1; h <= 48; ++h) hours.push_back(h);
  const BacktestReport report = page_of(forecasts(hours));
  const auto shown = horizons_to_show(report.sections[0]);
  EXPECT_EQ(shown.size(), horizons_in_tables);
  EXPECT_EQ(*shown.begin(), 1);
  EXPECT_EQ(*shown.rbegin(), 48);
  EXPECT_NE(render_backtest(report).find("8 of 48 horizons"), std::string::npos);
}

TEST(BacktestPage, IsWellFormedAndNeedsNothingElse) {
  const std::string page = render_backtest(page_of(forecasts({6, 24, 72})));
  EXPECT_EQ(page_problem(page), "");
  for (const char* outside : {"http://", "https://", "src=", "href=", "url(", "<script"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_NE(page.find("better</span>"), std::string::npos);
}

TEST(BacktestPage, ShowsHostileModelNamesAsTexts) {
  BacktestReport report = page_of(forecasts({24}, "<script>x</script>\"'"));
  report.sections[0].origin = "<i>";
  report.project = "<b>";
  const std::string page = render_backtest(report);
  EXPECT_EQ(page_problem(page), "");
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST(BacktestPage, SaysThatThereIsNothingToScore) {
  EXPECT_EQ(page_problem(render_backtest({})), "");
  EXPECT_EQ(print_leaderboard({}, {}, {}), "Nothing to score: no forecast has an actual value.\n");
}

TEST(BacktestPage, StandsAGroupOfOneForecast) {
  auto rows = forecasts({24});
  rows.resize(1);
  EXPECT_EQ(page_problem(render_backtest(page_of(rows))), "");
}

TEST(LineChart, DrawsNothingOutsideItsPaper) {
  LineChart chart;
  chart.lines = {{"a", 0, {{1, 1e300}, {2, -5}, {3, std::nan("")}, {4, 0.5}}}};
  chart.y_low = 0;
  chart.y_high = 1;
  const std::string drawn = draw_lines(chart);
  EXPECT_EQ(page_problem("<html>" + drawn + "</html>"), "");
  EXPECT_EQ(drawn.find("nan"), std::string::npos);
  EXPECT_EQ(draw_lines({}), "<p class=\"note\">Nothing to draw.</p>");
}

}  // namespace
}  // namespace risetime::core
