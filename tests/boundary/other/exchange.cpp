// The host's side of the exchange between compilers: loads stepper.so and counter.so with the real loader and uses all
// that they can do. usage: exchange PLUGIN_DIR; prints "ok" and the compilers, or what went wrong.
#include <cmath>
#include <cstdio>
#include <risetime/testing.hpp>

#include "core/plugin/library.hpp"

namespace {

using namespace risetime;

void expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("it does not hold that ") + what);
}

template <class Body>
Error error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("an error that was expected did not come");
}

void use_source(const core::PluginLibrary& library) {
  testkit::FakeHost host;
  const auto& plugin = *library.find("counter");
  client::Instance instance(plugin, host.raw(), R"({"until": 7})");
  const auto pulled = testkit::pull_all(instance, 3);
  expect(pulled.rows("observation") == 7, "seven rows came in pulls of three");
  expect(pulled.last_cursor == "7", "the cursor stands at 7");
  expect(pulled.rejects.size() == 3, "each pull rejected a row");
  expect(pulled.tables.at("observation")[1].column("video_id", Type::utf8).text(0) == "é3", "texts arrive whole");
  client::Instance throwing(plugin, host.raw(), R"({"throws": true})");
  const Error error = error_of([&] { testkit::pull_all(throwing); });
  expect(error.code() == Code::internal, "a thrown number arrives as an internal error");
  expect(error_of([&] { client::Instance wrong(plugin, host.raw(), R"({"until": -1})"); }).where() == "until",
         "a wrong setting is named");
}

Batch series() {
  testkit::SeriesRow row;
  row.video_id = "a";
  row.times = {1, 2, 3};
  row.values = {{10, 20, 30}};
  return testkit::series_batch({row}, {"views"});
}

void use_model(const core::PluginLibrary& library) {
  testkit::FakeHost host;
  const auto& plugin = *library.find("stepper");
  const std::vector<std::string> stats = {"views"};
  const std::vector<std::int64_t> horizons = {1, 4}, ages;
  client::Instance first(plugin, host.raw(), "{}"), second(plugin, host.raw(), R"({"factor": 2})");
  client::Model model(first), loaded(second);
  testkit::BatchList training([](std::size_t i) { return i == 0 ? std::optional<Batch>(series()) : std::nullopt; });
  expect(error_of([&] { model.save(); }).code() == Code::state, "saving before fitting is an error");
  model.fit(training, stats, horizons, ages);
  expect(host.log == std::vector<std::string>{"info: learnt a step"}, "the plugin's log line arrived");
  loaded.load(model.save());
  const auto forecast = loaded.forecast(series(), stats, horizons);
  expect(std::abs(forecast.mean(0, 0, 1) - 110) < 1e-12, "the forecast is 30 + 2 * 10 * 4");
  expect(error_of([&] { loaded.load("foreign bytes"); }).code() == Code::input, "foreign bytes are refused");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "usage: exchange PLUGIN_DIR\n"), 2;
  try {
    const std::string folder = arguments[1];
    const core::PluginLibrary source(folder + "/counter.so"), model(folder + "/stepper.so");
    use_source(source);
    use_model(model);
    std::printf("ok: host by %s, plugins by %s\n",
#if defined(__clang__)
                "clang " __clang_version__,
#else
                "gcc " __VERSION__,
#endif
                source.note().compiler.c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
