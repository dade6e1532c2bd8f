// The model through the real boundary: what it learned survives saving, and tells its forecasts.
#include <gtest/gtest.h>

#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

using namespace risetime;

namespace {

constexpr std::int64_t day = 86'400'000'000;  // microseconds
const std::vector<std::string> stats = {"views"};

// 100 views on day 1 and 200 on day 2: the power is about 1.
Batch videos() {
  testkit::SeriesRow row;
  row.video_id = "v1";
  row.times = {day, 2 * day};
  row.values = {{100, 200}};
  return testkit::series_batch({row}, stats);
}

}  // namespace

TEST(Model, GoesOnAsItsVideosDid) {
  testkit::FakeHost host;
  const auto plugin = host.load(risetime_plugin_v1(), "@NAME@");
  client::Model model(*plugin);
  testkit::BatchList training([](std::size_t i) { return i == 0 ? std::optional<Batch>(videos()) : std::nullopt; });
  const std::vector<std::int64_t> horizons = {2 * day};
  model.fit(training, stats, horizons, {});
  const auto other = host.load(risetime_plugin_v1(), "@NAME@");
  client::Model copy(*other);
  copy.load(model.save());
  const Forecast forecast = copy.forecast(videos(), stats, horizons);
  ASSERT_TRUE(forecast.has(0, 0, 0));
  EXPECT_NEAR(forecast.mean(0, 0, 0), 400, 5);
}
