// The checked settings of a project: what every stage is told, with defaults filled in and the place of each section.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/plugin_lookup.hpp"
#include "core/config/problem.hpp"
#include "core/config/toml_check.hpp"
#include "core/http/policy.hpp"

namespace risetime::core {

// A plugin and its own settings.
struct PluginSettings {
  std::string id;      // how the file calls it; of a store "rows" or "artifacts"
  std::string plugin;  // the plugin's name
  // A JSON object in canonical form: keys sorted, durations in one spelling, defaults not filled in, secrets as the
  // references that the file gives. Safe to hash, store and show; SecretVault::handles_in makes what create() gets.
  std::string config = "{}";
  Position at;          // of the section
  Positions positions;  // of the settings under config, by their path there: "videos.path"

  // The place of a setting that the plugin names in an error, or of what it stands in; the section's for an unknown
  // one.
  Position position_of(std::string_view path) const;
};

struct ProjectSettings {
  std::string name;
  std::filesystem::path data;  // absolute, or relative to the current folder as the file's own path is
  std::string contact;         // shown to servers; may be empty
  std::string dataset;         // empty: the data folder itself
};

struct StoreSettings {
  PluginSettings rows;
  PluginSettings artifacts;
};

struct HttpSettings {
  HostPolicy policy;
  HostPolicies hosts;
  std::map<std::string, std::int64_t, std::less<>> quotas;  // units a day, by name
  std::int64_t attempts = 0;
  std::int64_t timeout = 0, longest_wait = 0;  // microseconds
  std::uint64_t cache_bytes = 0;
  std::filesystem::path ca_file;  // empty: the system's certificates
};

enum class OnError { retry, skip, stop };

// How often videos of an age are read. Microseconds.
struct SamplingRule {
  std::int64_t younger_than = INT64_MAX;
  std::int64_t every = 0;
};

struct SourceSettings : PluginSettings {
  std::int64_t every = 0;              // microseconds between two rounds
  std::vector<SamplingRule> sampling;  // the first that fits decides; none at all: every video in every round
  std::uint64_t accounts_per_batch = 0;
  std::uint64_t videos_per_account = UINT64_MAX, max_videos = UINT64_MAX;  // in a round
  OnError on_error = OnError::retry;
};

struct ValidateSettings {
  std::vector<std::string> required;  // "table.column"
  std::int64_t minimum_views = 0;
  std::int64_t maximum_age = INT64_MAX;  // microseconds
  bool reject_corrections = false;
  Position at;
};

struct FeaturizerSettings : PluginSettings {
  std::vector<std::string> channels;  // "platform:account" of those it learns from; empty is all
};

struct ModelSettings : PluginSettings {
  std::int64_t retrain_every = 0;     // microseconds
  std::vector<std::string> features;  // ids of featurizers, in the order in which their vectors are joined
};

// In the place of a model's id: the model that a backtest finds best for the channel.
inline constexpr std::string_view auto_model = "auto";

struct ForecastSettings {
  std::vector<std::string> stats;
  std::vector<std::int64_t> horizons;  // microseconds after the origin, increasing
  std::vector<std::int64_t> ages;      // microseconds after publication at which forecasts matter most; empty is any
  // Id, or "auto", for channels that name none; empty where there is no model at all.
  std::string model;
  std::int64_t choose_every = 0;  // microseconds: how old the choice of "auto" may become
  std::int64_t keep = 0;          // microseconds: how long forecasts stay in the store
  Position at;
};

struct ChannelSettings {
  std::string id;                   // "platform:account"
  std::string platform;             // before the colon
  std::string account;              // after it
  std::string model;                // id, or "auto"
  std::vector<std::string> shadow;  // ids of models that also forecast, are scored and never published
  Position at;
};

// Where a backtest stands: at an age of every video, or at a date.
struct Origin {
  enum class Kind { age, date };
  Kind kind = Kind::age;
  std::int64_t value = 0;  // microseconds after publication, or UTC microseconds
  friend bool operator==(const Origin&, const Origin&) = default;
};

// What a fold holds: some of the videos, some of the channels, the videos published in a stretch of time, or every
// video from a date on.
enum class FoldsBy { video, channel, time, date };

// At most one of test_videos and cutoff is set; where neither is, folds says how to split.
struct BacktestSettings {
  std::vector<Origin> origins;
  std::int64_t folds = 0;
  FoldsBy folds_by = FoldsBy::video;
  bool refit = true;                   // or one fit, on what was known first, answers for all later times
  std::vector<std::int64_t> horizons;  // microseconds, increasing; those of the forecast where none are given
  std::optional<std::filesystem::path> test_videos;  // a file of video ids, one a line
  std::optional<std::int64_t> cutoff;                // UTC microseconds: train before, test after
  std::vector<std::string> models;                   // ids
  // Names of model plugins to compare with; nothing is all that call themselves baselines, empty is none.
  std::optional<std::vector<std::string>> baselines;
  Position at;
};

struct Settings {
  std::filesystem::path file;
  std::filesystem::path folder;  // of the file: where relative paths start
  ProjectSettings project;
  StoreSettings store;
  HttpSettings http;
  std::vector<SourceSettings> sources;
  ValidateSettings validate;
  std::vector<FeaturizerSettings> featurizers;
  std::vector<ModelSettings> models;
  ForecastSettings forecast;
  std::vector<ChannelSettings> channels;
  BacktestSettings backtest;

  const ModelSettings* model(std::string_view id) const;  // null where there is none
  // The channel's section, or null; also by one of several names that the account goes by (an id and a handle).
  const ChannelSettings* channel(std::string_view platform, std::string_view account) const;
  // The id of the model that forecasts for an account.
  const std::string& model_for(std::string_view platform, std::string_view account) const;
};

struct CheckedSettings {
  std::optional<Settings> settings;  // where there are no problems
  std::vector<Problem> problems;     // sorted by place
};

// Checks a file whole. Touches no network, no secret and no other file. A file that cannot be read is a problem as
// well.
CheckedSettings check_settings(const std::filesystem::path& file, const PluginLookup& plugins);
// The same for text; relative paths start at the folder of `file`, which need not exist.
CheckedSettings check_settings_text(std::string_view text, const std::filesystem::path& file,
                                    const PluginLookup& plugins);
// Throws Error(Code::config) with one line per problem.
Settings load_settings(const std::filesystem::path& file, const PluginLookup& plugins);

}  // namespace risetime::core
