// Configurations that are right, and every way for one to be wrong, with the very message.
#include "core/config/settings.hpp"

#include <gtest/gtest.h>

#include <risetime/error.hpp>

#include "core/base/time.hpp"
#include "core/config/fake_plugins.hpp"

namespace risetime::core {
namespace {

CheckedSettings check(std::string_view text) { return check_settings_text(text, "projects/a.toml", FakePlugins()); }

// All messages, one a line, without the file's name.
std::string messages(std::string_view text) {
  std::string out = text_of(check(text).problems);
  const std::string file = "projects/a.toml";
  for (std::size_t at = out.find(file); at != std::string::npos; at = out.find(file)) out.erase(at, file.size() + 1);
  return out;
}

Settings settings(std::string_view text) {
  CheckedSettings checked = check(text);
  EXPECT_EQ(text_of(checked.problems), "");
  return checked.settings.value_or(Settings{});
}

constexpr std::string_view whole = R"(
[project]
name = "mine"
data = "kept"

[store]
rows = { plugin = "server", config = { host = "db", password = "@{env:DB}" } }

[[source]]
id = "yt"
plugin = "feed"
every = "30m"
on_error = "skip"
config = { channels = ["@a"], api_key = "@{file:key.txt}", timeout = "1m30s" }

[[featurizer]]
id = "text"
plugin = "words"
channels = ["yt:@a"]

[[model]]
id = "quick"
plugin = "line"
features = ["text"]
config = { log = false, alpha = 2 }

[[model]]
id = "deep"
plugin = "flat"
retrain_every = "2d"

[forecast]
stats = ["views"]
horizons = ["1d", "7d"]
ages = ["3h"]
model = "deep"

[[channel]]
id = "yt:@a:b"
model = "quick"
shadow = ["deep"]

[backtest]
origins = ["3d", 2026-05-01T00:00:00Z]
test_videos = "../ids.txt"
models = ["quick"]
baselines = ["flat"]
)";

TEST(Settings, HoldWhatTheFileSays) {
  const Settings s = settings(whole);
  EXPECT_EQ(s.project.name, "mine");
  EXPECT_EQ(s.project.data, "projects/kept");
  EXPECT_EQ(s.store.rows.plugin, "server");
  EXPECT_EQ(s.store.rows.config, R"({"host":"db","password":"@{env:DB}"})");
  ASSERT_EQ(s.sources.size(), 1U);
  EXPECT_EQ(s.sources[0].id, "yt");
  EXPECT_EQ(s.sources[0].every, 30 * minute);
  EXPECT_EQ(s.sources[0].on_error, OnError::skip);
  EXPECT_EQ(s.sources[0].config, R"({"api_key":"@{file:key.txt}","channels":["@a"],"timeout":"90s"})");
  EXPECT_EQ(s.featurizers.at(0).channels, std::vector<std::string>{"yt:@a"});
  ASSERT_EQ(s.models.size(), 2U);
  EXPECT_EQ(s.models[0].features, std::vector<std::string>{"text"});
  EXPECT_EQ(s.models[0].retrain_every, day);
  EXPECT_EQ(s.models[1].features, std::vector<std::string>{});
  EXPECT_EQ(s.forecast.horizons, (std::vector<std::int64_t>{day, 7 * day}));
  EXPECT_EQ(s.forecast.ages, std::vector<std::int64_t>{3 * hour});
  EXPECT_EQ(s.channels.at(0).platform, "yt");
  EXPECT_EQ(s.channels.at(0).account, "@a:b");
  EXPECT_EQ(s.channels.at(0).shadow, std::vector<std::string>{"deep"});
  EXPECT_EQ(s.model_for("yt", "@a:b"), "quick");
  EXPECT_EQ(s.model_for("yt", "@other"), "deep");
  EXPECT_EQ(s.backtest.origins,
            (std::vector<Origin>{{Origin::Kind::age, 3 * day}, {Origin::Kind::date, *parse_time("2026-05-01")}}));
  EXPECT_EQ(s.backtest.test_videos, std::filesystem::path("ids.txt"));
  EXPECT_EQ(s.backtest.baselines, std::vector<std::string>{"flat"});
}

TEST(Settings, AnEmptyFileHasDefaultsForEverything) {
  const Settings s = settings("");
  EXPECT_EQ(s.project.name, "risetime");
  EXPECT_EQ(s.project.data, "projects/data");
  EXPECT_EQ(s.folder, "projects");
  EXPECT_EQ(s.store.rows.plugin, RISETIME_DEFAULT_STORE);
  EXPECT_EQ(s.store.artifacts.plugin, RISETIME_DEFAULT_STORE);
  EXPECT_EQ(s.store.rows.config, "{}");
  EXPECT_EQ(s.forecast.stats, (std::vector<std::string>{"views", "likes", "comments"}));
  EXPECT_EQ(s.forecast.horizons, (std::vector<std::int64_t>{day, 7 * day, 30 * day}));
  EXPECT_EQ(s.forecast.model, "");
  EXPECT_EQ(s.backtest.folds, 5);
  EXPECT_EQ(s.backtest.origins.size(), 2U);
  EXPECT_EQ(s.backtest.baselines, std::nullopt);
}

TEST(Settings, SayHowServersAreAskedAndSingleHostsInAnotherWay) {
  const Settings plain = settings("");
  EXPECT_EQ(plain.http.policy.rate.per_second, 2.0);
  EXPECT_EQ(plain.http.policy.robots, std::nullopt);  // yes, but for this machine itself
  EXPECT_EQ(plain.http.attempts, 4);
  EXPECT_EQ(plain.http.timeout, minute);
  EXPECT_EQ(plain.http.cache_bytes, std::uint64_t{256} << 20U);
  const Settings s = settings(R"(
[http]
requests_per_second = 4
jitter = 0
concurrency = 3
longest_wait = "5m"
cache_megabytes = 0
quotas = { data-api = 5000 }
[http.hosts."www.example.org"]
requests_per_second = 0.5
robots = false
)");
  EXPECT_EQ(s.http.policy.rate.per_second, 4.0);
  EXPECT_EQ(s.http.policy.jitter, 0.0);
  EXPECT_EQ(s.http.longest_wait, 5 * minute);
  EXPECT_EQ(s.http.cache_bytes, 0U);
  EXPECT_EQ(s.http.quotas.at("data-api"), 5000);
  const HostPolicy& host = s.http.hosts.at("www.example.org");
  EXPECT_EQ(host.rate.per_second, 0.5);
  EXPECT_EQ(host.concurrency, 3);  // from the section
  EXPECT_EQ(host.robots, false);
  EXPECT_EQ(settings("[http]\nrobots = false\n").http.policy.robots, false);
  EXPECT_NE(messages("[http]\njitter = 2\n"), "");
  EXPECT_NE(messages("[http.hosts.\"a\"]\nspeed = 2\n"), "");
  EXPECT_NE(messages("[http]\nquotas = { a = \"many\" }\n"), "");
}

TEST(Settings, SayWhatIsReadAndHowOftenAndWhatIsSetAside) {
  const std::string source = "[[source]]\nid = \"s\"\nplugin = \"feed\"\nconfig = { channels = [\"a\"] }\n";
  const SourceSettings plain = settings(source).sources.at(0);
  EXPECT_TRUE(plain.sampling.empty());
  EXPECT_EQ(plain.accounts_per_batch, 20U);
  EXPECT_EQ(plain.max_videos, UINT64_MAX);
  const Settings s = settings("[project]\ndataset = \"v2\"\n" + source + R"(
videos_per_account = 50
max_videos = 1000
sampling = [ { younger_than = "1d", every = "15m" }, { every = "1d" } ]
[validate]
required = ["video.title", "observation.views"]
minimum_views = 10
maximum_age = "90d"
corrections = "reject"
)");
  EXPECT_EQ(s.project.dataset, "v2");
  ASSERT_EQ(s.sources.at(0).sampling.size(), 2U);
  EXPECT_EQ(s.sources[0].sampling[0].younger_than, day);
  EXPECT_EQ(s.sources[0].sampling[0].every, 15 * minute);
  EXPECT_EQ(s.sources[0].sampling[1].younger_than, INT64_MAX);
  EXPECT_EQ(s.sources[0].videos_per_account, 50U);
  EXPECT_EQ(s.validate.required.size(), 2U);
  EXPECT_EQ(s.validate.minimum_views, 10);
  EXPECT_EQ(s.validate.maximum_age, 90 * day);
  EXPECT_TRUE(s.validate.reject_corrections);
  EXPECT_NE(messages(source + "sampling = [ { every = \"1d\" }, { younger_than = \"1d\", every = \"1h\" } ]\n"), "");
  EXPECT_NE(messages("[validate]\nrequired = [\"video.titel\"]\n").find("Did you mean \"video.title\"?"),
            std::string::npos);
  EXPECT_NE(messages("[project]\ndataset = \"../up\"\n"), "");
}

TEST(Settings, ABacktestMayFoldByTimeFitOnceAndHaveHorizonsOfItsOwn) {
  const Settings s = settings(
      "[backtest]\nfolds_by = \"time\"\nrefit = false\nhorizons = [\"1h\", \"2h\"]\n[forecast]\nkeep = \"30d\"\n");
  EXPECT_EQ(s.backtest.folds_by, FoldsBy::time);
  EXPECT_FALSE(s.backtest.refit);
  EXPECT_EQ(s.backtest.horizons, (std::vector<std::int64_t>{hour, 2 * hour}));
  EXPECT_EQ(s.forecast.keep, 30 * day);
  const Settings plain = settings("");
  EXPECT_EQ(plain.backtest.folds_by, FoldsBy::video);
  EXPECT_TRUE(plain.backtest.refit);
  EXPECT_EQ(plain.backtest.horizons, plain.forecast.horizons);
}

TEST(Settings, AutoStandsForTheBestOfTheModels) {
  const Settings s = settings(
      "[[model]]\nid = \"m\"\nplugin = \"flat\"\n[forecast]\nmodel = \"auto\"\n[[channel]]\nid = \"yt:a\"\nmodel = "
      "\"auto\"\nshadow = [\"m\"]\n");
  EXPECT_EQ(s.forecast.model, auto_model);
  EXPECT_EQ(s.channels.at(0).model, auto_model);
  EXPECT_EQ(s.channels.at(0).shadow, std::vector<std::string>{"m"});
}

TEST(Settings, TheFirstModelForecastsWhereNoneIsNamed) {
  const Settings s = settings("[[model]]\nid = \"b\"\nplugin = \"flat\"\n[[model]]\nid = \"a\"\nplugin = \"flat\"\n");
  EXPECT_EQ(s.forecast.model, "b");
  EXPECT_EQ(s.backtest.models, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(s.model("a")->id, "a");
  EXPECT_EQ(s.model("c"), nullptr);
}

TEST(Settings, AreTheSameTextHoweverTheFileSpellsThem) {
  const auto config = [](const std::string& text) {
    return settings("[[source]]\nid = \"s\"\nplugin = \"feed\"\n" + text).sources.at(0).config;
  };
  EXPECT_EQ(config("config = { timeout = \"1h\", pages = 3, channels = ['a'] }"),
            R"({"channels":["a"],"pages":3,"timeout":"1h"})");
  EXPECT_EQ(config("config = { timeout = \"60m\", pages = 3, channels = ['a'] }"),
            config("[source.config]\nchannels = [\n\"a\", # the one\n]\npages = 0x3\ntimeout = \"3600s\"\n"));
}

TEST(Settings, KnowThePlaceOfEverySettingOfAPlugin) {
  const Settings s = settings(
      "[[source]]\nid = \"s\"\nplugin = \"feed\"\n[source.config]\nchannels = [\"a\", \"b\"]\n"
      "videos = { path = \"x\", columns = { title = \"t\" } }\n");
  const SourceSettings& source = s.sources.at(0);
  EXPECT_EQ(source.at.text(), "projects/a.toml:1:1");
  EXPECT_EQ(source.position_of("channels[1]").text(), "projects/a.toml:5:18");
  EXPECT_EQ(source.position_of("videos.columns.title").text(), "projects/a.toml:6:44");
  EXPECT_EQ(source.position_of("videos.columns.other").text(), "projects/a.toml:6:34");
  EXPECT_EQ(source.position_of("pages").text(), "projects/a.toml:1:1");
}

struct BadFile {
  const char* name;
  const char* text;
  const char* expected;  // without the file's name
};

class BadFiles : public testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, AreRefusedWithThisMessage) { EXPECT_EQ(messages(GetParam().text), GetParam().expected); }

constexpr const char* feed = "[[source]]\nid = \"s\"\nplugin = \"feed\"\n";

const BadFile bad_files[] = {
    {"UnknownSection", "[forcast]\n",
     "1:2: \"forcast\" is not a setting. Did you mean \"forecast\"? What is forecast, and how far."},
    {"UnknownKeyWithoutANearOne", "[project]\nzebra = 1\n",
     "2:1: \"project.zebra\" is not a setting. Known here: name, data, dataset and contact."},
    {"UnknownKeyWithOneNear", "[forecast]\nhorizon = [\"1d\"]\n",
     "2:1: \"forecast.horizon\" is not a setting. Did you mean \"horizons\"? How far ahead to forecast, nearest "
     "first."},
    {"WrongType", "[project]\n  name = 7\n",
     "2:10: \"project.name\" must be a text, found a whole number. What the project is called in reports."},
    {"TableForAListOfTables", "[source]\nid = \"s\"\n",
     "1:1: \"source\" must be a list, found a table: write [[source]]. Where videos and their readings come from; one "
     "section each."},
    {"DurationWithoutUnit", "[[model]]\nid = \"m\"\nplugin = \"flat\"\nretrain_every = 3600\n",
     "4:17: \"model[0].retrain_every\" must be a length of time such as \"90s\", \"1h\" or \"7d\", found a whole "
     "number: "
     "give it a unit, as in \"3600s\". How old a trained model may become before `run` trains it again."},
    {"NoDuration", "[forecast]\nages = [\"soon\"]\n",
     "2:9: \"forecast.ages[0]\" must be a length of time such as \"90s\", \"1h\" or \"7d\", found \"soon\". Ages of "
     "videos at which forecasts matter most, youngest first; any age where this is empty."},
    {"NoMoment", "[backtest]\norigins = [\"may\"]\n",
     "2:12: \"backtest.origins[0]\" must be a length of time such as \"7d\" or a time such as "
     "\"2026-05-01T00:00:00Z\", found \"may\". Where to stand: ages of a video, or dates."},
    {"TimeWithoutAZone", "[backtest]\ncutoff = 2026-05-01T00:00:00\n",
     "2:10: \"backtest.cutoff\" must be a time such as \"2026-05-01T00:00:00Z\", found \"2026-05-01T00:00:00\". "
     "Instead "
     "of folds: train on videos before this time, test on those after it."},
    {"OutOfRange", "[backtest]\nfolds = 1\n",
     "2:9: \"backtest.folds\" must be from 2 to 1,000, found 1. Into how many parts the videos are split, each the "
     "test "
     "of the others."},
    {"NoneOfTheChoices", "[forecast]\nstats = [\"views\", \"like\"]\n",
     "2:19: \"forecast.stats[1]\" must be \"views\", \"likes\", \"comments\", \"shares\" or \"viewers\", found "
     "\"like\". "
     "Did you mean \"likes\"? The statistics to forecast."},
    {"NoCertificates", "[http]\nca_file = \"no.pem\"\n",
     "2:11: there is no file \"projects/no.pem\". Certificates to trust instead of the system's, in a PEM file; for "
     "networks whose proxy looks into what is encrypted. Relative paths start at this file."},
    {"OneOfTwoTypes", "[backtest]\nbaselines = 3\n",
     "2:13: \"backtest.baselines\" must be true or false or a list, found a whole number. Simple models to compare "
     "with: true for all that there are, false for none, or a list of plugins."},
    {"Missing", "[[source]]\n[source.config]\nchannels = []\n",
     "1:1: \"source[0].id\" is missing. How this source is called here and in results: letters, digits, \"-\", \"_\", "
     "\".\".\n"
     "1:1: \"source[0].plugin\" is missing. The source plugin: `risetime plugins list` shows which there are."},
    {"UnknownPlugin", "[[source]]\nid = \"s\"\nplugin = \"fed\"\n",
     "3:10: there is no source plugin \"fed\". Did you mean \"feed\"? There is: feed."},
    {"PluginOfAnotherKind", "[[model]]\nid = \"m\"\nplugin = \"feed\"\n",
     "3:10: the plugin \"feed\" is a source, and a model is needed here."},
    {"UnknownBaseline", "[backtest]\nbaselines = [\"flat\", \"lime\"]\n",
     "2:22: there is no model plugin \"lime\". Did you mean \"line\"? There is: flat and line."},
    {"DuplicateId", "[[model]]\nid = \"m\"\nplugin = \"flat\"\n[[model]]\nid = \"m\"\nplugin = \"line\"\n",
     "5:6: the model id \"m\" is taken by line 2. Give each model an id of its own."},
    {"IdThatNamesNoFile", "[[model]]\nid = \"../m\"\nplugin = \"flat\"\n",
     "2:6: \"../m\" cannot be an id. How this model is called here and in results: letters, digits, \"-\", \"_\", "
     "\".\"."},
    {"UnknownModel", "[[model]]\nid = \"quick\"\nplugin = \"flat\"\n[forecast]\nmodel = \"quik\"\n",
     "5:9: there is no model \"quik\". Did you mean \"quick\"? There is: quick."},
    {"UnknownModelOfAChannel", "[[channel]]\nid = \"yt:a\"\nmodel = \"deep\"\n",
     "3:9: there is no model \"deep\". No [[model]] has an id yet."},
    {"UnknownFeaturizer", "[[model]]\nid = \"m\"\nplugin = \"flat\"\nfeatures = [\"text\"]\n",
     "4:13: there is no featurizer \"text\". No [[featurizer]] has an id yet."},
    {"ShadowOfItself", "[[model]]\nid = \"m\"\nplugin = \"flat\"\n[[channel]]\nid = \"yt:a\"\nshadow = [\"m\"]\n",
     "6:11: the model \"m\" already forecasts for this channel. The ids of models that also forecast for this channel, "
     "are scored and never published."},
    {"ChannelWithoutPlatform", "[[channel]]\nid = \"@a\"\n",
     "2:6: \"@a\" is no channel: write \"platform:account\". The channel, as \"platform:account\"."},
    {"ChannelTwice", "[[channel]]\nid = \"yt:a\"\n[[channel]]\nid = \"yt:a\"\n",
     "4:6: the channel id \"yt:a\" is taken by line 2. Give each channel an id of its own."},
    {"HorizonsOutOfOrder", "[forecast]\nhorizons = [\"7d\", \"1d\"]\n",
     "2:19: \"forecast.horizons[1]\" must be longer than the one before it, which is 7d, found 1d. How far ahead to "
     "forecast, nearest first."},
    {"HorizonOfZero", "[forecast]\nhorizons = [\"0s\"]\n",
     "2:13: \"forecast.horizons[0]\" must be longer than zero. How far ahead to forecast, nearest first."},
    {"NoHorizons", "[forecast]\nhorizons = []\n",
     "2:12: \"forecast.horizons\" is empty. How far ahead to forecast, nearest first."},
    {"TwoWaysToSplit", "[backtest]\nfolds = 3\ntest_videos = \"x\"\n",
     "3:15: only one of folds, test_videos and cutoff may stand here. Instead of folds: a file with the ids of the "
     "videos to test on, one a line; a relative path starts at this file."},
    {"AgesWithFoldsByDate", "[backtest]\nfolds_by = \"date\"\norigins = [\"3d\"]\n",
     "2:12: folds by date need dates in origins, not ages. Where to stand: ages of a video, or dates."},
    {"AutoWithoutModels", "[forecast]\nmodel = \"auto\"\n",
     "2:9: there is no [[model]] to choose from. The id of the model for channels that name none; the first model "
     "where "
     "this is left out. \"auto\": for each channel the one that a backtest finds best."},
    {"AutoAsAnId", "[[model]]\nid = \"auto\"\nplugin = \"flat\"\n",
     "2:6: \"auto\" stands for the best of the models and cannot be the id of one. How this model is called here and "
     "in "
     "results: letters, digits, \"-\", \"_\", \".\"."},
    {"NotToml", "[project]\nname = \n", "2:8: this is not TOML: in a key-value pair: expected value, saw '\\n'."},
    {"KeyTwice", "[project]\nname = \"a\"\nname = \"b\"\n",
     "3:8: this is not TOML: in a key-value pair: cannot redefine existing string 'name'."},
};

INSTANTIATE_TEST_SUITE_P(Settings, BadFiles, testing::ValuesIn(bad_files),
                         [](const auto& file) { return std::string(file.param.name); });

struct BadConfig {
  const char* name;
  const char* text;  // follows the head of a source with the plugin "feed", from line 4
  const char* expected;
};

class BadConfigs : public testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigs, AreRefusedWithThisMessage) {
  EXPECT_EQ(messages(std::string(feed) + GetParam().text), GetParam().expected);
}

const BadConfig bad_configs[] = {
    {"MissingWithoutConfig", "", "1:1: \"source[0].config.channels\" is missing. The channels to follow."},
    {"MissingInConfig", "config = { pages = 2 }\n",
     "4:10: \"source[0].config.channels\" is missing. The channels to follow."},
    {"UnknownKey", "config = { channels = [], page = 2 }\n",
     "4:27: \"source[0].config.page\" is not a setting. Did you mean \"pages\"? How many pages."},
    {"OutsideOfConfig", "channels = []\nconfig = { channels = [] }\n",
     "4:1: \"source[0].channels\" is a setting of the plugin: put it under config. The channels to follow."},
    {"HostKeyInConfig", "config = { channels = [], every = \"1h\" }\n",
     "4:27: \"source[0].config.every\" is not the plugin's: put it beside plugin, not under config. The time between "
     "two "
     "rounds of collecting."},
    {"WrongItem", "config = { channels = [\"a\", 2] }\n",
     "4:29: \"source[0].config.channels[1]\" must be a text, found a whole number. The channels to follow."},
    {"OutOfRange", "config = { channels = [], pages = 51 }\n",
     "4:35: \"source[0].config.pages\" must be from 1 to 50, found 51. How many pages."},
    {"NoneOfTheChoices", "config = { channels = [], order = \"newset\" }\n",
     "4:35: \"source[0].config.order\" must be \"newest\" or \"oldest\", found \"newset\". Did you mean \"newest\"? "
     "Which "
     "first."},
    {"NestedKey", "config = { channels = [], videos = { path = \"x\", column = {} } }\n",
     "4:50: \"source[0].config.videos.column\" is not a setting. Did you mean \"columns\"? Column names."},
    {"ItemOfAMap", "config = { channels = [], videos = { path = \"x\", columns = { a = 1 } } }\n",
     "4:66: \"source[0].config.videos.columns.a\" must be a text, found a whole number. Column names."},
    {"FractionOfAMillisecond", "config = { channels = [], timeout = \"10us\" }\n",
     "4:37: \"source[0].config.timeout\" must be a whole number of milliseconds, found \"10us\". How long to wait."},
    {"LiteralSecret", "config = { channels = [], api_key = \"hunter2\" }\n",
     "4:37: \"source[0].config.api_key\" is a secret and must not stand in the file: put it into an environment "
     "variable "
     "and write \"@{env:NAME}\", or into a file and write \"@{file:PATH}\". The key of the service."},
    {"SecretOfAnotherForm", "config = { channels = [], api_key = \"@{vault:hunter2}\" }\n",
     "4:37: \"source[0].config.api_key\" must be a reference to a secret such as \"@{env:NAME}\" or \"@{file:PATH}\", "
     "found a reference of another form. The key of the service."},
    {"SecretWhereNoneMayBe", "config = { channels = [\"@{env:KEY}\"] }\n",
     "4:24: \"source[0].config.channels[0]\" refers to a secret, which only settings that are marked as secret may do: "
     "write the value itself, or move the secret to the setting that takes it. The channels to follow."},
    {"HandleThatTheFileMadeUp", "config = { channels = [\"@{secret:1}\"] }\n",
     "4:24: \"source[0].config.channels[0]\" refers to a secret, which only settings that are marked as secret may do: "
     "write the value itself, or move the secret to the setting that takes it. The channels to follow."},
};

INSTANTIATE_TEST_SUITE_P(Settings, BadConfigs, testing::ValuesIn(bad_configs),
                         [](const auto& config) { return std::string(config.param.name); });

TEST(Settings, AllProblemsOfAFileComeAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(
      messages("[forecast]\nmodel = \"x\"\nhorizon = 1\n[[source]]\nid = \"s\"\nplugin = \"fed\"\nevery = 1\n"
               "[project]\nname = 1\n"),
      "2:9: there is no model \"x\". No [[model]] has an id yet.\n"
      "3:1: \"forecast.horizon\" is not a setting. Did you mean \"horizons\"? How far ahead to forecast, nearest "
      "first.\n"
      "6:10: there is no source plugin \"fed\". Did you mean \"feed\"? There is: feed.\n"
      "7:9: \"source[0].every\" must be a length of time such as \"90s\", \"1h\" or \"7d\", found a whole number: "
      "give it a unit, as in \"1s\". The time between two rounds of collecting.\n"
      "9:8: \"project.name\" must be a text, found a whole number. What the project is called in reports.");
}

TEST(Settings, ColumnsCountLettersAndNotBytes) {
  EXPECT_EQ(messages("[forecast]\n\"gr\u00fc\u00df\" = 1\nstats = [\"\u65e5\u672c\", 1]\n"),
            "2:1: \"forecast.gr\u00fc\u00df\" is not a setting. Known here: stats, horizons, ages, model, choose_every "
            "and keep.\n"
            "3:10: \"forecast.stats[0]\" must be \"views\", \"likes\", \"comments\", \"shares\" or \"viewers\", found "
            "\"\u65e5\u672c\". The statistics to forecast.\n"
            "3:16: \"forecast.stats[1]\" must be a text, found a whole number. The statistics to forecast.");
}

TEST(Settings, ASecretInTheWrongPlaceIsInNoMessage) {
  for (const char* text :
       {"config = { channels = [], api_key = \"hunter2\" }", "api_key = \"hunter2\"",
        "config = { channels = [], apikey = \"hunter2\" }", "config = { channels = 1, pages = \"hunter2\" }",
        "config = { channels = [], headers = { a = \"hunter2\" } }", "config = { api_key = \"hunter2",
        "config = { api_key = hunter2 }", "config = \"hunter2\"", "plugin = \"hunter2\"",
        "config = { channels = [], api_key = \"@{env:hunter2\" }"}) {
    const std::string found = messages(std::string(feed) + text);
    EXPECT_NE(found, "") << text;
    EXPECT_EQ(found.find("hunter2"), std::string::npos) << found;
  }
}

TEST(Settings, APluginThatCannotBeUsedIsOneProblemAmongTheOthers) {
  FakePlugins plugins;
  plugins.set(PluginKind::model, "torn", "");
  plugins.set(PluginKind::model, "odd", "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"colour\"}}}");
  const auto checked = check_settings_text(
      "[[model]]\nid = \"a\"\nplugin = \"torn\"\n[[model]]\nid = \"b\"\nplugin = \"odd\"\n", "a.toml", plugins);
  EXPECT_EQ(text_of(checked.problems),
            "a.toml:3:10: the plugin \"torn\" cannot be used: torn.so: is built for another host.\n"
            "a.toml:6:10: the plugin \"odd\" cannot be used: schema of a: the type \"colour\" is not known.");
}

TEST(Settings, AStoreThatNeedsSettingsSaysSoAtItsPlace) {
  EXPECT_EQ(messages("[store]\nrows = { plugin = \"server\" }\n"),
            "2:8: \"store.rows.config.host\" is missing. Where the server is.\n"
            "2:8: \"store.rows.config.password\" is missing. Its password.");
}

TEST(Settings, AFileThatCannotBeReadIsAProblem) {
  const auto checked = check_settings("nowhere/a.toml", FakePlugins());
  EXPECT_EQ(text_of(checked.problems),
            "nowhere/a.toml: cannot be read: No such file or directory. Name a configuration by -c FILE.");
  EXPECT_THROW(load_settings("nowhere/a.toml", FakePlugins()), Error);
}

TEST(Settings, AFileThatIsTooLargeOrTooDeepIsRefused) {
  EXPECT_EQ(messages("#" + std::string(2 << 20, 'x')),
            " is larger than 1 MiB. A configuration is small: put data in files of its own.");
  std::string deep = "a";
  for (int i = 0; i < 200'000; ++i) deep += ".a";
  EXPECT_EQ(messages("\n" + deep + " = 1"), "2:1: a key has more than 128 parts.");
  EXPECT_NE(messages("a = " + std::string(100'000, '[')).find("this is not TOML"), std::string::npos);
}

TEST(Settings, ControlCharactersOfAFileDoNotReachTheTerminal) {
  EXPECT_EQ(messages("[project]\n\"\\u001b[31m\" = 1\n"),
            "2:1: \"project.\\x1b[31m\" is not a setting. Known here: name, data, dataset and contact.");
}

TEST(Problem, HasAFormForPrograms) {
  const auto checked = check("[forecast]\nhorizon = 1\n");
  EXPECT_EQ(
      checked.problems.at(0).json().dump(),
      "{\"column\":1,\"file\":\"projects/a.toml\",\"help\":\"How far ahead to forecast, nearest first.\",\"line\":2,"
      "\"message\":\"\\\"forecast.horizon\\\" is not a setting\",\"setting\":\"forecast.horizon\","
      "\"suggestion\":\"horizons\"}");
}

}  // namespace
}  // namespace risetime::core
