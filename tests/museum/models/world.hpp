// The videos that the models of the museum learnt from and are asked about, and what they are. Made by whole numbers
// from a seed, so that they are the same wherever they are made. Never to be changed: a kept answer is an answer to
// these.
#pragma once

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <risetime/hash.hpp>
#include <risetime/testing.hpp>
#include <string>
#include <vector>

namespace risetime::museum {

constexpr std::int64_t hour = 3'600'000'000, day = 24 * hour;
inline const std::vector<std::string> stats = {"views", "likes"};
inline const std::vector<std::int64_t> horizons = {1 * day, 3 * day, 7 * day};
inline const std::vector<std::int64_t> ages = {5 * day};
// Also between and beyond what was learnt.
inline const std::vector<std::int64_t> asked_horizons = {12 * hour, 1 * day, 3 * day, 5 * day, 7 * day, 20 * day};

// A plugin with settings; small ones, so that what it saves is.
struct Exhibit {
  const char* name;
  const char* plugin;
  const char* settings;
};
inline const std::vector<Exhibit> exhibits = {
    {"ridge", "ridge", R"({"strengths": 9})"},
    {"ridge-level", "ridge", R"({"form": "level", "strengths": 9})"},
    {"boosted", "boosted", R"({"trees": 6, "depth": 3, "rate": 0.4, "pooled_rows": 600})"},
    {"lstm", "lstm", R"({"hidden": 16, "blocks": 1, "epochs": 4, "batch": 16, "learning_rate": 0.01})"},
    {"naive", "naive", "{}"},
    {"drift", "drift", "{}"},
    {"seasonal-naive", "seasonal-naive", "{}"},
    {"window-mean", "window-mean", "{}"},
    {"median-growth", "median-growth", "{}"},
    {"log-linear", "log-linear", "{}"},
    {"multivariate-linear", "multivariate-linear", "{}"},
};

// A video whose gains fall day by day, by its own share and a little chance; likes are a part of its views.
inline testkit::SeriesRow video(std::uint64_t index, std::size_t readings) {
  std::uint64_t state = 2026 + (index << 20U);
  const auto draw = [&](std::uint64_t below) { return static_cast<std::int64_t>(mix_64(state++) % below); };
  testkit::SeriesRow row;
  row.video_id = "video" + std::to_string(index);
  row.channel_id = "channel" + std::to_string(index % 13);
  row.published_at = 1'767'225'600'000'000 + static_cast<std::int64_t>(index) * (day / 3);
  row.category = index % 3 == 0 ? "Music" : "Gaming";
  if (index % 4 != 0) row.language = "en";
  if (index % 5 != 0) row.duration_s = static_cast<double>(30 + draw(900));
  if (index % 6 != 0) row.followers = static_cast<double>(1000 * (1 + index % 13));
  row.features = {static_cast<float>(draw(1000)) / 512.0F, static_cast<float>(draw(1000)) / 512.0F};
  row.values.resize(stats.size());
  std::int64_t gain = 200 + draw(20'000), total = 0;
  const std::int64_t kept = 600 + draw(380), likes = 8 + draw(30);  // thousandths of the day before; views a like
  for (std::size_t at = 1; at <= readings; ++at) {
    total += gain * (850 + draw(300)) / 1000;
    gain = gain * kept / 1000 + 3;
    row.times.push_back(row.published_at + static_cast<std::int64_t>(at) * day);
    row.values[0].push_back(static_cast<double>(total));
    row.values[1].push_back(static_cast<double>(total / likes));
  }
  return row;
}

inline std::vector<testkit::SeriesRow> learnt() {
  std::vector<testkit::SeriesRow> rows;
  for (std::uint64_t i = 0; i < 90; ++i) rows.push_back(video(i, 16));
  return rows;
}

// At the age that was named, at others, with one reading, without likes, a while after the last reading.
inline std::vector<testkit::SeriesRow> asked() {
  std::vector<testkit::SeriesRow> rows;
  for (const std::size_t readings : {5U, 5U, 5U, 6U, 12U, 1U, 30U}) rows.push_back(video(1000 + rows.size(), readings));
  rows.push_back(video(1000 + rows.size(), 5));
  rows.back().values[1].assign(5, std::numeric_limits<double>::quiet_NaN());
  for (testkit::SeriesRow& row : rows) row.origin = row.times.back();
  *rows.front().origin += 7 * hour;
  return rows;
}

// The plugin of an exhibit, from the files of this build; nothing where the build is without it. Like the host's,
// plugins are never closed.
struct Loaded {
  const risetime_plugin* plugin = nullptr;
  std::unique_ptr<testkit::FakeHost> host = std::make_unique<testkit::FakeHost>();
  std::unique_ptr<client::Instance> instance;
};
inline std::optional<Loaded> load(const std::filesystem::path& plugins, const Exhibit& exhibit) {
  for (const char* file : {exhibit.plugin, "baselines"}) {
    const auto path = plugins / (std::string(file) + ".so");
    if (!std::filesystem::exists(path)) continue;
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw Error(Code::input, path.string(), ::dlerror());
    const auto entry = reinterpret_cast<const risetime_plugins* (*)()>(::dlsym(library, "risetime_plugin_v1"));
    const risetime_plugins* plugins_of_file = entry != nullptr ? entry() : nullptr;
    Loaded loaded;
    for (std::uint64_t i = 0; plugins_of_file != nullptr && i < plugins_of_file->count; ++i)
      if (std::string_view(plugins_of_file->plugins[i]->id) == exhibit.plugin)
        loaded.plugin = plugins_of_file->plugins[i];
    if (loaded.plugin == nullptr) continue;
    loaded.instance = std::make_unique<client::Instance>(*loaded.plugin, loaded.host->raw(), exhibit.settings);
    return loaded;
  }
  return std::nullopt;
}

inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A line of an answer: video, stat, horizon in hours, mean, quantiles; nothing after the horizon where there is none.
inline std::string answer_line(const Forecast& forecast, std::size_t video, std::size_t stat, std::size_t horizon) {
  std::string line = asked()[video].video_id + "," + stats[stat] + "," + std::to_string(asked_horizons[horizon] / hour);
  if (!forecast.has(video, stat, horizon)) return line;
  std::vector<double> numbers = {forecast.mean(video, stat, horizon)};
  for (const double quantile : forecast.quantiles(video, stat, horizon)) numbers.push_back(quantile);
  for (const double number : numbers) {
    char digits[32];
    std::snprintf(digits, sizeof digits, ",%.12g", number);
    line += digits;
  }
  return line;
}

}  // namespace risetime::museum
