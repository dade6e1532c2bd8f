// Samples pass the check that they are samples of, and the schema says what the check does.
#include "core/config/sample.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <risetime/error.hpp>

#include "core/config/fake_plugins.hpp"
#include "core/config/host_keys.hpp"
#include "core/config/settings.hpp"

namespace risetime::core {
namespace {

std::string problems_of(const std::string& text, const PluginLookup& plugins = FakePlugins()) {
  return text_of(check_settings_text(text, "sample.toml", plugins).problems);
}

// Opens what is commented out without a blank: "#key = value", "#[section]".
std::string opened(const std::string& sample) {
  return std::regex_replace(sample, std::regex("(^|\n)#(?=[a-z\\[])"), "$1");
}

TEST(Sample, PassesTheCheckAsItIs) { EXPECT_EQ(problems_of(sample_configuration(FakePlugins())), ""); }

TEST(Sample, PassesTheCheckWithEveryCommentedSettingOpened) {
  const std::string sample = sample_configuration(FakePlugins());
  ASSERT_NE(opened(sample), sample);
  EXPECT_EQ(problems_of(opened(sample)), "") << opened(sample);
}

TEST(Sample, MeansTheSameWithItsDefaultsOpened) {
  const std::string sample = sample_configuration(FakePlugins());
  const Settings closed = check_settings_text(sample, "sample.toml", FakePlugins()).settings.value();
  const Settings open = check_settings_text(opened(sample), "sample.toml", FakePlugins()).settings.value();
  EXPECT_EQ(open.project.data, closed.project.data);
  EXPECT_EQ(open.store.rows.plugin, closed.store.rows.plugin);
  EXPECT_EQ(open.sources.at(0).every, closed.sources.at(0).every);
  EXPECT_EQ(open.models.at(0).retrain_every, closed.models.at(0).retrain_every);
  EXPECT_EQ(open.forecast.horizons, closed.forecast.horizons);
  EXPECT_EQ(open.forecast.stats, closed.forecast.stats);
  EXPECT_EQ(open.backtest.origins, closed.backtest.origins);
  EXPECT_EQ(open.backtest.folds, closed.backtest.folds);
  EXPECT_EQ(open.backtest.baselines, closed.backtest.baselines);
}

TEST(Sample, NamesEveryKeyOfTheHost) {
  const std::string sample = sample_configuration(FakePlugins());
  for (const Key& section : host_keys().keys) {
    for (const Key& key : (section.element.empty() ? section : section.element.front()).keys) {
      if (key.name == "config") continue;
      EXPECT_TRUE(std::regex_search(sample, std::regex("\n#? ?" + key.name + " = ")))
          << section.name << "." << key.name;
    }
  }
}

TEST(Sample, IsWrittenAlsoWhereThereAreNoPlugins) {
  class None final : public PluginLookup {
   public:
    std::vector<std::string> names(PluginKind) const override { return {}; }
    std::optional<std::string> schema(PluginKind, std::string_view) const override { return std::nullopt; }
  };
  const std::string sample = sample_configuration(None());
  EXPECT_NE(sample.find("#[[source]]"), std::string::npos);
  EXPECT_EQ(sample.find("\n[[source]]"), std::string::npos);
}

TEST(Sample, OfAPluginPassesTheCheckOpenedAndClosed) {
  const FakePlugins plugins;
  for (const PluginKind kind :
       {PluginKind::source, PluginKind::rows, PluginKind::artifacts, PluginKind::featurizer, PluginKind::model}) {
    for (const std::string& name : plugins.names(kind)) {
      const std::string sample = sample_plugin(name, plugins);
      EXPECT_EQ(problems_of(sample), "") << sample;
      EXPECT_EQ(problems_of(opened(sample)), "") << opened(sample);
    }
  }
}

TEST(Sample, OfAPluginShowsItsSettingsWithHelpRangeAndDefault) {
  EXPECT_EQ(
      sample_plugin("line", FakePlugins()),
      "# What learns and forecasts; one section each.\n"
      "[[model]]\n"
      "# How this model is called here and in results: letters, digits, \"-\", \"_\", \".\". (Required)\n"
      "id = \"quick\"\n"
      "# The model plugin: `risetime plugins list` shows which there are. (Required)\n"
      "plugin = \"line\"\n"
      "# How old a trained model may become before `run` trains it again.\n"
      "#retrain_every = \"1d\"\n"
      "# The ids of the featurizers whose vectors the model gets; none where this is left out. `risetime backtest\n"
      "# --ablate` says whether they help.\n"
      "# features = [\"describe\"]\n"
      "\n"
      "#[model.config]\n"
      "# L2 penalty. (0 to 10)\n"
      "#alpha = 1\n"
      "# Whether to take logarithms.\n"
      "#log = true\n");
}

TEST(Sample, OfAnUnknownPluginSaysWhichWasMeant) {
  try {
    sample_plugin("lime", FakePlugins());
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_STREQ(error.what(),
                 "there is no plugin \"lime\". Did you mean \"line\"? `risetime plugins list` shows which there are");
  }
}

TEST(Sample, SurvivesOddNamesAndTexts) {
  FakePlugins plugins;
  plugins.set(PluginKind::model, "odd", R"({"type": "object", "additionalProperties": false, "properties": {
    "a b.c": {"type": "string", "default": "tab\t\"quote\" \u007f\n", "description": "Two\nlines\u001b."},
    "small": {"type": "number", "default": 1e-300}, "map": {"type": "object", "additionalProperties": {"type": "array",
    "items": {"type": "number"}}}, "low": {"type": "integer", "minimum": -5, "maximum": -2}}})");
  const std::string sample = sample_plugin("odd", plugins);
  EXPECT_EQ(problems_of(sample, plugins), "");
  EXPECT_EQ(problems_of(opened(sample), plugins), "") << opened(sample);
}

TEST(ConfigurationSchema, DescribesTheHostsKeysAndThePluginsSettings) {
  const Json schema = configuration_schema(FakePlugins());
  const Json* source = schema.find("properties")->find("source")->find("items");
  EXPECT_EQ(*source->find("properties")->find("every")->find("default")->if_string(), "1h");
  EXPECT_EQ(source->find("required")->dump(), "[\"id\",\"plugin\"]");
  const Json& rule = source->find("allOf")->if_array()->at(0);
  EXPECT_EQ(rule.find("if")->dump(), "{\"properties\":{\"plugin\":{\"const\":\"feed\"}},\"required\":[\"plugin\"]}");
  const Json* config = rule.find("then")->find("properties")->find("config");
  EXPECT_EQ(config->find("properties")->find("pages")->find("maximum")->number(), 50);
  EXPECT_FALSE(*schema.find("additionalProperties")->if_bool());
}

TEST(Key, SurvivesTheWayToJsonSchemaAndBack) {
  const FakePlugins plugins;
  for (const PluginKind kind : {PluginKind::source, PluginKind::rows, PluginKind::model}) {
    for (const std::string& name : plugins.names(kind)) {
      const Json once = schema_of(key_from_schema(Json::parse(*plugins.schema(kind, name))));
      EXPECT_EQ(schema_of(key_from_schema(once)).dump(), once.dump());
    }
  }
}

TEST(Key, RefusesASchemaThatIsNone) {
  for (const char* schema : {"[]", "{\"type\": \"string\"}", "{\"type\": \"object\", \"required\": [\"a\"]}",
                             "{\"type\": \"object\", \"properties\": {\"a\": 1}}",
                             "{\"type\": \"object\", \"properties\": {\"a\": {\"minimum\": \"x\"}}}"})
    EXPECT_THROW(key_from_schema(Json::parse(schema)), Error) << schema;
}

}  // namespace
}  // namespace risetime::core
