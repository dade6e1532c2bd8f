// Fits every exhibit whose version the museum has not, and keeps what it saves and what it forecasts.
//
// usage: add_models PLUGINS_FOLDER MUSEUM_FOLDER          (tests/museum/models/add calls it)
#include <cstdio>

#include "world.hpp"

namespace risetime::museum {
namespace {

void fit(client::Model& model) {
  testkit::BatchList batches([](std::size_t index) -> std::optional<Batch> {
    if (index > 0) return std::nullopt;
    return testkit::series_batch(learnt(), stats);
  });
  model.fit(batches, stats, horizons, ages);
}

void add(const Exhibit& exhibit, const std::filesystem::path& plugins, const std::filesystem::path& museum) {
  const auto loaded = load(plugins, exhibit);
  if (!loaded) throw Error(Code::input, plugins.string(), std::string("there is no plugin ") + exhibit.plugin);
  const std::string name = std::string(exhibit.name) + "-" + loaded->plugin->version;
  if (std::filesystem::exists(museum / (name + ".model"))) return;
  client::Model model(*loaded->instance);
  fit(model);
  const std::string saved = model.save();
  const Forecast forecast = model.forecast(testkit::series_batch(asked(), stats), stats, asked_horizons);
  std::ofstream(museum / (name + ".model"), std::ios::binary) << saved;
  std::ofstream answers(museum / (name + ".csv"));
  answers << "video,stat,hours,mean,q025,q100,q250,q500,q750,q900,q975\n";
  for (std::size_t v = 0; v < forecast.videos(); ++v)
    for (std::size_t stat = 0; stat < stats.size(); ++stat)
      for (std::size_t h = 0; h < asked_horizons.size(); ++h) answers << answer_line(forecast, v, stat, h) << "\n";
  std::printf("%s: %zu bytes\n", name.c_str(), saved.size());
}

}  // namespace
}  // namespace risetime::museum

int main(int count, char** arguments) {
  try {
    if (count != 3) throw risetime::Error(risetime::Code::input, "usage", "add_models PLUGINS_FOLDER MUSEUM_FOLDER");
    for (const auto& exhibit : risetime::museum::exhibits) risetime::museum::add(exhibit, arguments[1], arguments[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
