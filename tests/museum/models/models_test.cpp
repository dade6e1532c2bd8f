// Models that were saved by every version of the plugins: today's plugins load them and forecast what was forecast
// then, and refuse them when they are damaged or newer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <risetime/testing_models.hpp>
#include <sstream>

#include "world.hpp"

namespace risetime::museum {
namespace {

// Beyond this the answer is another one. Not zero: the C library's exp and log differ in the last bit between
// processors.
constexpr double tolerance = 1e-6;

// What an exhibit's files are called before the version.
std::vector<std::filesystem::path> files_of(const Exhibit& exhibit) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(RISETIME_MODELS)) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() == ".model" && stem.substr(0, stem.rfind('-')) == exhibit.name)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

void expect_alike(const std::string& found, const std::string& kept) {
  const std::vector<std::string> a = split(found), b = split(kept);
  ASSERT_EQ(a.size(), b.size()) << found << "\n" << kept;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i < 3) {
      EXPECT_EQ(a[i], b[i]);
      continue;
    }
    const double wanted = std::stod(b[i]);
    EXPECT_NEAR(std::stod(a[i]), wanted, tolerance * std::max(1.0, std::abs(wanted))) << found << "\n" << kept;
  }
}

class Models : public testing::TestWithParam<Exhibit> {
 protected:
  void SetUp() override {
    loaded = load(RISETIME_BUILT_PLUGINS, GetParam());
    if (!loaded) GTEST_SKIP() << "this build is without the plugin " << GetParam().plugin;
    files = files_of(GetParam());
    ASSERT_FALSE(files.empty()) << "the museum has no model of " << GetParam().name;
  }
  client::Model model() const { return client::Model(*loaded->instance); }
  Forecast ask(const std::vector<testkit::SeriesRow>& rows) const {
    return model().forecast(testkit::series_batch(rows, stats), stats, asked_horizons);
  }
  Contributions explain(const std::vector<testkit::SeriesRow>& rows) const {
    return model().explain(testkit::series_batch(rows, stats), stats, asked_horizons);
  }
  // Whether it loads; then it must also answer, whatever.
  bool bears(std::string_view bytes) const {
    static const std::vector<testkit::SeriesRow> all = asked(), some = {all[0], all[4]};
    try {
      model().load(bytes);
    } catch (const Error&) {
      return false;
    }
    try {
      (void)ask(some);
      if (model().can_explain()) (void)explain(some);
    } catch (const Error&) {
    }
    return true;
  }

  std::optional<Loaded> loaded;
  std::vector<std::filesystem::path> files;
};

TEST_P(Models, OfEveryVersionForecastWhatTheyDid) {
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    model().load(read(file));
    const Forecast forecast = ask(asked());
    std::istringstream kept(read(std::filesystem::path(file).replace_extension(".csv")));
    std::string line;
    std::getline(kept, line);
    for (std::size_t v = 0; v < forecast.videos(); ++v)
      for (std::size_t stat = 0; stat < stats.size(); ++stat)
        for (std::size_t h = 0; h < asked_horizons.size(); ++h) {
          ASSERT_TRUE(std::getline(kept, line)) << "the kept answers end early";
          expect_alike(answer_line(forecast, v, stat, h), line);
        }
    EXPECT_FALSE(std::getline(kept, line)) << "there are more answers than questions";
  }
}

TEST_P(Models, OfEveryVersionSayWhatMovedTheirForecasts) {
  const std::string_view name = GetParam().name;
  const bool is_expected = name == "ridge" || name == "boosted";
  EXPECT_EQ(model().can_explain(), is_expected || name == "ridge-level");  // the plugin of both forms can
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    model().load(read(file));
    if (!is_expected) continue;
    EXPECT_EQ(testkit::faults_of(explain(asked()), ask(asked()), asked()), std::vector<std::string>{});
  }
}

TEST_P(Models, OfTodaysVersionAreInTheMuseum) {
  const std::string file = std::string(GetParam().name) + "-" + loaded->plugin->version + ".model";
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(RISETIME_MODELS) / file))
      << file << " is missing: run tests/museum/models/add";
}

TEST_P(Models, AreRefusedWhenTheyEndEarly) {
  const std::string saved = read(files.back());
  for (std::size_t size = 0; size < saved.size(); ++size)
    ASSERT_THROW(model().load(std::string_view(saved).substr(0, size)), Error) << size;
  EXPECT_THROW(model().load(saved + "x"), Error);
}

TEST_P(Models, AreRefusedWhenAByteHasChanged) {
  const std::string saved = read(files.back());
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = saved;
    const std::size_t at = i < 64 ? static_cast<std::size_t>(i) : random() % saved.size();
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    ASSERT_THROW(model().load(damaged), Error) << at;
  }
}

// Without their envelope, as plugins of other makers and times keep them: nothing tells a changed number from a right
// one, but no bytes lead astray.
TEST_P(Models, AreReadWithCareWithoutTheirEnvelope) {
  const std::string saved = read(files.back());
  const std::string state(envelope::open(saved));
  EXPECT_TRUE(bears(state)) << "what was saved before there were envelopes is not read";
  for (std::size_t size = 0; size < state.size(); size += size < 2000 ? 1 : 61)
    ASSERT_THROW(model().load(std::string_view(state).substr(0, size)), Error) << size;
  std::mt19937_64 random(2);
  int answered = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = state;
    // Half of them near the front, where the sizes and names are.
    const std::size_t at = random() % (i % 2 == 0 ? std::min<std::size_t>(600, state.size()) : state.size());
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    answered += bears(damaged) ? 1 : 0;
  }
  EXPECT_GT(answered, 0);
}

TEST_P(Models, OfANewerVersionAreRefusedWithASentence) {
  std::string state(envelope::open(read(files.back())));
  state[0] = 9;
  try {
    model().load(envelope::seal(state));
    FAIL() << "it was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::input);
    EXPECT_NE(error.message().find("version 9"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("newer release"), std::string::npos) << error.message();
  }
}

TEST_P(Models, ThatCouldNotBeReadLeaveNothingToAsk) {
  model().load(read(files.back()));
  EXPECT_THROW(model().load("no model"), Error);
  EXPECT_THROW(ask(asked()), Error);
}

INSTANTIATE_TEST_SUITE_P(Museum, Models, testing::ValuesIn(exhibits), [](const auto& exhibit) {
  std::string name = exhibit.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace risetime::museum
