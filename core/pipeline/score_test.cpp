// The metrics against cases worked out by hand and against the independent scoring script.
#include "core/pipeline/score.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <risetime/json.hpp>
#include <sstream>

#include "core/pipeline/forecasts_csv.hpp"

namespace risetime::core {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t hour_us = 3'600'000'000;

ScoredForecast forecast(double point, double actual, double last = 0, const std::string& video = "v") {
  ScoredForecast made{"p", video, "m", "views", 0, 24 * hour_us, last, point, {}, actual};
  made.q = {point / 4, point / 2, point / 1.5, point, point * 1.5, point * 2, point * 4};
  return made;
}

TEST(Score, IsOneForAForecastThatIsWrongByAFactorOfTwo) {
  const std::vector<ScoredForecast> rows = {forecast(1, 3), forecast(3, 1), forecast(7, 15)};
  const auto scores = score(rows);
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_EQ(scores[0].videos, 3U);
  EXPECT_DOUBLE_EQ(scores[0].mae_log2, 1.0);
  EXPECT_DOUBLE_EQ(scores[0].smape, 200.0 * (2.0 / 4 + 2.0 / 4 + 8.0 / 22) / 3);
}

TEST(Score, MeasuresPercentilesAmongTheActualValues) {
  // Actual values 10, 20, 30, 40: shares .25, .5, .75, 1. Forecasts 5, 25, 30, 100: shares 0, .5, .75, 1.
  const std::vector<ScoredForecast> rows = {forecast(5, 10), forecast(25, 20), forecast(30, 30), forecast(100, 40)};
  const auto scores = score(rows);
  EXPECT_DOUBLE_EQ(scores[0].ape, 25.0 / 4);
  EXPECT_DOUBLE_EQ(scores[0].ape_median, 0.0);
  EXPECT_DOUBLE_EQ(scores[0].src, 1.0);
}

TEST(Score, RanksTiesInTheMiddle) {
  const std::vector<ScoredForecast> rows = {forecast(1, 1), forecast(1, 2), forecast(2, 3)};
  EXPECT_NEAR(score(rows)[0].src, std::sqrt(3.0) / 2, 1e-15);
  EXPECT_TRUE(std::isnan(score(std::vector{forecast(1, 1), forecast(1, 2)})[0].src));
}

TEST(Score, CountsRelativeErrorsOfTheMeanFromTheFloorOn) {
  std::vector<ScoredForecast> rows = {forecast(1500, 1000), forecast(10, 999)};
  EXPECT_DOUBLE_EQ(score(rows)[0].mrse, 0.25);
  EXPECT_DOUBLE_EQ(score(rows, {false, 999})[0].mrse, (0.25 + std::pow(989.0 / 999, 2)) / 2);
  EXPECT_TRUE(std::isnan(score(rows, {false, 5000})[0].mrse));
}

TEST(Score, CountsActualValuesOnTheEdgeAsInside) {
  std::vector<ScoredForecast> rows = {forecast(100, 50), forecast(100, 49), forecast(100, 200), forecast(100, 401)};
  const auto scores = score(rows);
  EXPECT_DOUBLE_EQ(scores[0].cover80, 0.5);
  EXPECT_DOUBLE_EQ(scores[0].cover95, 0.75);
  EXPECT_DOUBLE_EQ(scores[0].factor80, std::sqrt(201.0 / 51));
  EXPECT_DOUBLE_EQ(scores[0].factor95, std::sqrt(401.0 / 26));
}

TEST(Score, JudgesWhatWasStillToComeIfAskedTo) {
  const std::vector<ScoredForecast> rows = {forecast(101, 103, 100)};
  EXPECT_DOUBLE_EQ(score(rows, {true, 1000})[0].mae_log2, 1.0);
  EXPECT_LT(score(rows)[0].mae_log2, 0.03);
}

TEST(Score, ReportsCrossedQuantilesAndThoseBelowTheLastValue) {
  auto crossed = forecast(100, 100, 25);
  std::swap(crossed.q[2], crossed.q[3]);
  EXPECT_EQ(score(std::vector{crossed, forecast(100, 100, 26)})[0].crossed, 1U);
  EXPECT_EQ(score(std::vector{crossed, forecast(100, 100, 26)})[0].below_last, 1U);
}

TEST(Score, LeavesOutForecastsWithoutAnActualValue) {
  EXPECT_TRUE(score(std::vector{forecast(1, none)}).empty());
  EXPECT_EQ(score(std::vector{forecast(1, none), forecast(1, 1)})[0].videos, 1U);
  EXPECT_TRUE(score({}).empty());
}

TEST(Score, GroupsByModelStatAndWholeHours) {
  std::vector<ScoredForecast> rows(6, forecast(1, 1));
  rows[1].model = "a";
  rows[2].stat = "likes";
  rows[3].target_at += hour_us / 2;      // 24.5: to the even hour
  rows[4].target_at += hour_us * 3 / 2;  // 25.5
  rows[5].target_at += 20'000'000;
  const auto scores = score(rows);
  std::vector<std::string> groups;
  for (const Score& each : scores)
    groups.push_back(each.model + " " + each.stat + " " + std::to_string(each.hours) + " " +
                     std::to_string(each.videos));
  EXPECT_EQ(groups, (std::vector<std::string>{"a views 24 1", "m likes 24 1", "m views 24 3", "m views 26 1"}));
}

TEST(ScorePaths, ComparesTheStepsOfAPathAsM4Does) {
  std::vector<ScoredForecast> rows = {forecast(110, 120, 100), forecast(130, 120, 100), forecast(140, none, 100)};
  for (size_t i = 0; i < rows.size(); ++i) rows[i].target_at = static_cast<int64_t>(i + 1) * 24 * hour_us;
  std::swap(rows[0], rows[2]);  // the order of rows does not matter
  const auto paths = score_paths(rows);
  ASSERT_EQ(paths.size(), 1U);
  EXPECT_EQ(paths[0].paths, 1U);
  EXPECT_DOUBLE_EQ(paths[0].smape, (200.0 * 10 / 30 + 200.0 * 20 / 20) / 2);
}

TEST(ScorePaths, ScalesTheErrorsOfStepsByThoseOfRepeatingWhatWas) {
  std::vector<ScoredForecast> rows = {forecast(110, 120, 100), forecast(130, 120, 100)};
  rows[1].target_at *= 2;
  EXPECT_TRUE(std::isnan(score_paths(rows)[0].mase));
  for (ScoredForecast& row : rows) row.scale = 5;
  EXPECT_DOUBLE_EQ(score_paths(rows)[0].mase, (10.0 + 20.0) / 2 / 5);  // steps 10, 20 against 20, 0
}

TEST(ScorePaths, TakesTheValuesOfALevelAsTheyAre) {
  std::vector<ScoredForecast> rows = {forecast(110, 120, 100), forecast(130, 120, 100)};
  rows[1].target_at *= 2;
  for (ScoredForecast& row : rows) {
    row.stat = "viewers";
    row.scale = 5;
  }
  EXPECT_DOUBLE_EQ(score_paths(rows)[0].mase, (10.0 + 10.0) / 2 / 5);
  EXPECT_DOUBLE_EQ(score_paths(rows)[0].smape, (200.0 * 10 / 230 + 200.0 * 10 / 250) / 2);
}

TEST(SizeTenths, CountFromTheSmallestWithinModelStatAndHorizon) {
  std::vector<ScoredForecast> rows;
  for (int i = 0; i < 20; ++i) rows.push_back(forecast(100, 100, 20 - i));
  rows.push_back(forecast(100, none, 1));
  set_size_tenths(rows);
  EXPECT_EQ(rows[0].size_tenth, 10);
  EXPECT_EQ(rows[19].size_tenth, 1);
  EXPECT_EQ(rows[20].size_tenth, 0);
}

TEST(Calibrate, CountsActualValuesAtOrBelowEachQuantile) {
  const auto all = calibrate(std::vector{forecast(100, 100), forecast(100, 500), forecast(100, 0), forecast(100, 150)});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].observed, (std::array<double, 7>{.25, .25, .25, .5, .75, .75, .75}));
}

TEST(CoverBySize, SplitsIntoTenthsByTheLastValue) {
  std::vector<ScoredForecast> rows;
  for (int i = 19; i >= 0; --i) rows.push_back(forecast(100, i < 10 ? 100 : 1000, i));
  const auto all = cover_by_size(rows);
  EXPECT_EQ(all[0].cover80, (std::array<double, 10>{1, 1, 1, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(all[0].largest_last[0], 1);
  EXPECT_EQ(all[0].largest_last[9], 19);
}

// ---- comparison

std::vector<ScoredForecast> two_models(double second_is_worse_by, size_t videos, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, 1);
  std::vector<ScoredForecast> rows;
  for (size_t v = 0; v < videos; ++v) {
    const double actual = std::exp(8 + noise(random)), shared = 0.3 * noise(random);
    for (const double extra : {0.0, second_is_worse_by}) {
      auto made = forecast(actual * std::exp(shared + (shared > 0 ? extra : -extra) + 0.05 * noise(random)), actual, 0,
                           "v" + std::to_string(v));
      made.model = extra == 0.0 && rows.size() % 2 == 0 ? "first" : "second";
      rows.push_back(made);
    }
  }
  return rows;
}

TEST(Compare, SeesThatAModelIsBetter) {
  const auto rows = two_models(0.1, 400);
  const auto all = compare(rows, "first", "second");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].videos, 400U);
  EXPECT_LT(all[0].high, 0);
  EXPECT_NEAR(all[0].difference, -0.1 / std::log(2.0), 0.02);
  EXPECT_EQ(all[0].first_better, 1.0);
  const auto turned = compare(rows, "second", "first");
  EXPECT_DOUBLE_EQ(turned[0].difference, -all[0].difference);
  EXPECT_DOUBLE_EQ(turned[0].low, -all[0].high);
}

TEST(Compare, CallsEqualModelsEqualInNineteenCasesOfTwenty) {
  size_t equal = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const auto all = compare(two_models(0, 100, seed), "first", "second", {Loss::mae_log2, false, 500, seed});
    equal += all[0].low <= 0 && all[0].high >= 0;
  }
  EXPECT_GE(equal, 52U);
  EXPECT_LE(equal, 59U);
}

TEST(Compare, GivesTheIntervalTheWidthOfTheMeansStandardError) {
  const auto rows = two_models(0, 400);
  const auto all = compare(rows, "first", "second");
  std::vector<double> differences;
  for (size_t i = 0; i < rows.size(); i += 2)
    differences.push_back(score(std::span(&rows[i], 1))[0].mae_log2 - score(std::span(&rows[i + 1], 1))[0].mae_log2);
  double mean = 0, square = 0;
  for (const double d : differences) mean += d / 400, square += d * d / 400;
  EXPECT_NEAR((all[0].high - all[0].low) / (2 * 1.96 * std::sqrt((square - mean * mean) / 400)), 1, 0.1);
}

TEST(Compare, ResamplesVideosNotForecasts) {
  const auto once = two_models(0.02, 100);
  std::vector<ScoredForecast> thrice;
  for (int64_t copy = 0; copy < 3; ++copy) {
    for (auto row : once) {
      row.issued_at += copy * hour_us;
      row.target_at += copy * hour_us;
      thrice.push_back(row);
    }
  }
  const auto single = compare(once, "first", "second"), triple = compare(thrice, "first", "second");
  EXPECT_EQ(triple[0].videos, 100U);
  EXPECT_EQ(triple[0].forecasts, 300U);
  EXPECT_NEAR((triple[0].high - triple[0].low) / (single[0].high - single[0].low), 1, 1e-9);
}

TEST(Compare, GivesTheSameForTheSameSeedAndUsesOnlySharedForecasts) {
  auto rows = two_models(0.1, 50);
  rows.push_back(forecast(1, 1, 0, "alone"));
  rows.back().model = "first";
  const auto a = compare(rows, "first", "second", {Loss::ape, false, 500, 7});
  const auto b = compare(rows, "first", "second", {Loss::ape, false, 500, 7});
  EXPECT_EQ(a[0].videos, 50U);
  EXPECT_EQ(a[0].low, b[0].low);
  EXPECT_NE(a[0].low, compare(rows, "first", "second", {Loss::ape, false, 500, 8})[0].low);
  rows.push_back(rows[0]);
  EXPECT_THROW(compare(rows, "first", "second"), std::invalid_argument);
}

// ---- beside the independent script

std::vector<ScoredForecast> random_forecasts(size_t count) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> noise(0, 1);
  std::vector<ScoredForecast> rows;
  for (size_t i = 0; i < count; ++i) {
    ScoredForecast row;
    row.platform = "youtube";
    row.video_id = "v\"" + std::to_string(i % 997) + (i % 5 == 0 ? ",x" : "");
    row.model = i % 2 == 0 ? "ridge" : "naïve";
    row.stat = i % 3 == 0 ? "likes" : "views";
    row.issued_at = 1'767'225'600'000'000 + static_cast<int64_t>(i) * 1'234'567;
    row.target_at = row.issued_at + static_cast<int64_t>(1 + i % 4) * 12 * hour_us;
    row.last = std::floor(std::exp(7 + 2 * noise(random)));
    const double growth = std::exp(std::abs(noise(random)));
    row.actual = i % 50 == 0 ? none : i % 60 == 0 ? 0 : std::floor(row.last * growth);
    const double point = row.last * std::exp(std::abs(noise(random)));
    for (size_t k = 0; k < row.q.size(); ++k) row.q[k] = point * std::exp(0.5 * (static_cast<double>(k) - 3));
    if (i % 11 == 0) std::swap(row.q[0], row.q[1]);
    row.mean = point * 1.1;
    rows.push_back(row);
  }
  return rows;
}

std::filesystem::path data_folder() {
  const char* const given = std::getenv("RISETIME_TEST_DATA");
  return given != nullptr ? given : "../shared/data";
}

void expect_script_agrees(bool increments) {
  const auto script = data_folder().parent_path() / "tools" / "score.py";
  if (!std::filesystem::exists(script)) {
    if (std::getenv("CI") != nullptr) FAIL() << "no " << script << "; set RISETIME_TEST_DATA";
    GTEST_SKIP() << "needs " << script << "; set RISETIME_TEST_DATA";
  }
  const auto rows = random_forecasts(3000);
  const auto folder = std::filesystem::temp_directory_path() /
                      ("score_test." + std::to_string(increments) + "." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / "forecasts.csv");
  write_forecasts_header(file);
  write_forecasts(file, "7d", rows);
  file.close();
  const std::string command = "python3 " + script.string() + " " + (folder / "forecasts.csv").string() + " --json " +
                              (increments ? "--increments " : "") + "> " + (folder / "scores.json").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream answer(folder / "scores.json");
  std::string text((std::istreambuf_iterator<char>(answer)), std::istreambuf_iterator<char>());
  std::filesystem::remove_all(folder);

  // Python writes NaN, which is no JSON.
  for (size_t at = text.find("NaN"); at != std::string::npos; at = text.find("NaN", at)) text.replace(at, 3, "null");
  const Json document = Json::parse(text);
  const auto scores = score(rows, {increments, 1000});
  const Json::Array& theirs = *document.find("scores")->if_array();
  ASSERT_EQ(theirs.size(), scores.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    const Score& ours = scores[i];
    const auto is = [&](const char* key, double value) {
      const Json& found = *theirs[i].find(key);
      if (std::isnan(value)) {
        EXPECT_TRUE(found.is_null()) << key;
      } else {
        EXPECT_NEAR(value, found.number(), 1e-9 * std::max(1.0, std::abs(value))) << key << " of group " << i;
      }
    };
    EXPECT_EQ(*theirs[i].find("model")->if_string(), ours.model);
    EXPECT_EQ(*theirs[i].find("stat")->if_string(), ours.stat);
    is("hours", static_cast<double>(ours.hours));
    is("videos", static_cast<double>(ours.videos));
    is("APE", ours.ape);
    is("APE_median", ours.ape_median);
    is("MAE_log2", ours.mae_log2);
    is("SRC", ours.src);
    is("mRSE", ours.mrse);
    is("sMAPE", ours.smape);
    is("WQL", ours.wql);
    is("cover80", ours.cover80);
    is("factor80", ours.factor80);
    is("cover95", ours.cover95);
    is("factor95", ours.factor95);
    is("crossed", static_cast<double>(ours.crossed));
    is("below_last", static_cast<double>(ours.below_last));
  }
}

TEST(Score, AgreesWithTheIndependentScript) { expect_script_agrees(false); }
TEST(Score, AgreesWithTheIndependentScriptOnIncrements) { expect_script_agrees(true); }

// ---- files

TEST(ScoreParts, AreTheScoresOfThePartsAlone) {
  std::vector<ScoredForecast> rows = random_forecasts(200);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].channel_id = i % 3 == 0 ? "a" : "b,\"c\"";
  set_size_tenths(rows);
  std::vector<ScoredForecast> alone;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(alone),
               [](const auto& row) { return row.channel_id == "a"; });
  const std::vector<Score> expected = score(alone);
  size_t at = 0;
  for (const PartScore& part : score_parts(rows, Part::channel)) {
    if (part.value != "a") continue;
    EXPECT_EQ(part.score.model, expected.at(at).model);
    EXPECT_EQ(part.score.videos, expected.at(at).videos);
    EXPECT_EQ(part.score.ape, expected.at(at).ape);
    EXPECT_EQ(part.score.mae_log2, expected.at(at++).mae_log2);
  }
  EXPECT_EQ(at, expected.size());
  for (const PartScore& part : score_parts(rows, Part::size_tenth)) EXPECT_NE(part.value, "");
}

TEST(ForecastsCsv, GivesBackEveryBit) {
  auto rows = random_forecasts(500);
  rows[1].mean = 0.1 + 0.2;
  rows[2].mean = 5e-324;
  rows[3].mean = 1.7976931348623157e308;
  rows[4].video_id = "two\nlines, \"quoted\"\r\n🙂";
  rows[5].issued_at += 1;
  rows[6].channel_id = "a,b";
  rows[7].category = "\"c\"";
  rows[8].scale = 0.1;
  rows[9].size_tenth = 10;
  std::stringstream file;
  write_forecasts_header(file);
  write_forecasts(file, "7d", rows);
  size_t at = 0;
  read_forecasts(file, "f.csv", [&](ScoredForecast&& read) {
    const ScoredForecast& made = rows.at(at++);
    EXPECT_EQ(read.platform, made.platform);
    EXPECT_EQ(read.video_id, made.video_id);
    EXPECT_EQ(read.model, made.model);
    EXPECT_EQ(read.stat, made.stat);
    EXPECT_EQ(read.issued_at, made.issued_at);
    EXPECT_EQ(read.target_at, made.target_at);
    EXPECT_EQ(read.last, made.last);
    EXPECT_EQ(read.mean, made.mean);
    EXPECT_EQ(read.q, made.q);
    EXPECT_EQ(read.channel_id, made.channel_id);
    EXPECT_EQ(read.category, made.category);
    EXPECT_EQ(read.size_tenth, made.size_tenth);
    EXPECT_TRUE(read.scale == made.scale || (std::isnan(read.scale) && std::isnan(made.scale)));
    EXPECT_TRUE(read.actual == made.actual || (std::isnan(read.actual) && std::isnan(made.actual)));
  });
  EXPECT_EQ(at, rows.size());
}

std::string problem_of(const std::string& text) {
  std::istringstream file(text);
  try {
    read_forecasts(file, "f.csv", [](ScoredForecast&&) {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ForecastsCsv, NamesFileLineAndColumnOfWhatItCannotRead) {
  std::stringstream good;
  write_forecasts_header(good);
  write_forecasts(good, "7d", std::vector{forecast(1, 2)});
  const std::string text = good.str();
  EXPECT_EQ(problem_of(text), "");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    return problem_of(other.replace(other.find(from), from.size(), to));
  };
  EXPECT_EQ(problem_of(""), "f.csv: is empty; its first line must name the columns");
  EXPECT_EQ(changed("q250,", "q25,"), "f.csv:1: column q250: is missing; the file has \"q25\"");
  EXPECT_EQ(changed("1970-01-02", "1970-13-02").substr(0, 28), "f.csv:2: column target_at: \"");
  EXPECT_EQ(changed(",0.25,", ",0.25x,"), "f.csv:2: column q025: \"0.25x\" is not a number");
  EXPECT_EQ(changed("views,", "views,,"), "f.csv:2: has 22 fields, the first line has 21");
  EXPECT_EQ(changed("\np,", "\n\"p,"), "f.csv:2: a quoted field has no end; look for a missing \" from this line on");
}

TEST(ForecastsCsv, FindsColumnsByNameAndPassesOverOthers) {
  std::istringstream file(
      "fold,actual,q975,q900,q750,q500,q250,q100,q025,mean,last,target_at,issued_at,stat,model,video_id,platform\r\n"
      "3,,7,6,5,4,3,2,1,4.5,1,2026-01-02,2026-01-01T00:00:00Z,views,m,v,p\r\n");
  std::vector<ScoredForecast> rows;
  read_forecasts(file, "f.csv", [&](ScoredForecast&& row) { rows.push_back(row); });
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].q, (std::array<double, 7>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(rows[0].platform, "p");
  EXPECT_TRUE(std::isnan(rows[0].actual));
}

}  // namespace
}  // namespace risetime::core
