// Options: what an author declares is what a user may write.
#include <gtest/gtest.h>

#include <risetime/config.hpp>

namespace {

struct Part {
  std::string path;
  std::map<std::string, std::string> columns;
  static constexpr auto fields = risetime::fields(risetime::field("path", &Part::path, "A file.", risetime::required()),
                                                  risetime::field("columns", &Part::columns, "Our name = their name."));
};
struct Options {
  double alpha = 1.0;
  std::string form = "growth";
  std::vector<std::string> channels;
  risetime::Duration every{3'600'000'000};
  std::optional<Part> part;
  risetime::Secret key;
  static constexpr auto fields = risetime::fields(
      risetime::field("alpha", &Options::alpha, "L2 penalty.", risetime::range(0.0, 1e9)),
      risetime::field("form", &Options::form, "What is forecast.", risetime::one_of("growth", "level")),
      risetime::field("channels", &Options::channels, "Accounts."),
      risetime::field("every", &Options::every, "How often."), risetime::field("part", &Options::part, "A part."),
      risetime::field("key", &Options::key, "The key."));
};

std::string error_of(const char* json) {
  try {
    risetime::config::read<Options>(json);
  } catch (const risetime::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Config, ReadsEveryKindOfOption) {
  const auto options = risetime::config::read<Options>(
      R"({"alpha": 2, "form": "level", "channels": ["a", "b"], "every": "5m", "part": {"path": "x", "columns": {"views": "v"}}, "key": "@{secret:1}"})");
  EXPECT_EQ(options.alpha, 2.0);
  EXPECT_EQ(options.form, "level");
  EXPECT_EQ(options.channels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.every.us, 300'000'000);
  EXPECT_EQ(options.part->columns.at("views"), "v");
  EXPECT_EQ(options.key.handle(), "@{secret:1}");
}

TEST(Config, NamesThePathOfWhatIsWrong) {
  EXPECT_EQ(error_of(R"({"alpha": -1})"), "alpha: -1 is out of range: 0 to 1e+09. L2 penalty.");
  EXPECT_EQ(error_of(R"({"form": "x"})"), "form: \"x\" is none of \"growth\", \"level\". What is forecast.");
  EXPECT_EQ(error_of(R"({"part": {}})"), "part.path: this setting is required. A file.");
  EXPECT_EQ(error_of(R"({"part": {"path": "x", "columns": {"views": 1}}})"),
            "part.columns.views: expected a text. Our name = their name.");
  EXPECT_EQ(error_of(R"({"channels": [1]})"), "channels[0]: expected a text. Accounts.");
  EXPECT_EQ(error_of(R"({"alpa": 1})"), "alpa: there is no such setting");
}

TEST(Config, DescribesItselfAsJsonSchema) {
  const auto schema = risetime::config::object_schema<Options>();
  const auto& properties = *schema.find("properties");
  EXPECT_EQ(properties.find("alpha")->find("maximum")->number(), 1e9);
  EXPECT_EQ(*properties.find("every")->find("default")->if_string(), "1h");
  EXPECT_TRUE(*properties.find("key")->find("secret")->if_bool());
  EXPECT_TRUE(properties.find("part")->find("default")->is_null());
  EXPECT_EQ(*properties.find("part")->find("required")->if_array()->front().if_string(), "path");
}

}  // namespace
