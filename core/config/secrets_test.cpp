// Secrets: handles outside, values only where they leave, and errors that name the place and never the value.
#include "core/config/secrets.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <risetime/error.hpp>

#include "core/base/files.hpp"
#include "core/config/fake_plugins.hpp"

namespace risetime::core {
namespace {

class Secrets : public testing::Test {
 protected:
  Secrets() {
    std::string pattern = (std::filesystem::temp_directory_path() / "risetime-secrets-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Secrets() override { std::filesystem::remove_all(folder); }

  // A source with the key given and one channel.
  static SourceSettings source(const std::string& key) {
    const auto checked = check_settings_text(
        "[[source]]\nid = \"s\"\nplugin = \"feed\"\nconfig = { channels = [\"a\"], api_key = \"" + key + "\" }\n",
        "a.toml", FakePlugins());
    EXPECT_EQ(text_of(checked.problems), "");
    return checked.settings.value().sources.at(0);
  }

  static std::string handle_in(const std::string& config) { return *Json::parse(config).find("api_key")->if_string(); }

  static std::string message_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  std::filesystem::path folder;
  Redactor redactor;
  std::map<std::string, std::string> variables = {{"KEY", "hunter2"}, {"NOTHING", ""}};
  int lookups = 0;
  SecretVault::Environment environment = [this](const std::string& name) -> std::optional<std::string> {
    ++lookups;
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
};

TEST_F(Secrets, PluginsGetHandlesAndNothingIsFetchedForThem) {
  SecretVault vault(redactor, folder, environment);
  const std::string config = vault.handles_in(source("@{env:KEY}"));
  EXPECT_EQ(config.find("KEY"), std::string::npos);
  EXPECT_EQ(config.find("hunter2"), std::string::npos);
  EXPECT_TRUE(handle_in(config).starts_with("@{secret:"));
  EXPECT_EQ(lookups, 0);
  EXPECT_EQ(vault.reveal(handle_in(config)), "hunter2");
  EXPECT_EQ(vault.reveal(handle_in(config)), "hunter2");
  EXPECT_EQ(lookups, 1);
}

TEST_F(Secrets, HandlesCannotBeGuessedAndTheSameReferenceKeepsItsHandle) {
  SecretVault first(redactor, folder, environment);
  SecretVault second(redactor, folder, environment);
  EXPECT_EQ(first.handles_in(source("@{env:KEY}")), first.handles_in(source("@{env:KEY}")));
  EXPECT_NE(first.handles_in(source("@{env:KEY}")), first.handles_in(source("@{env:OTHER}")));
  EXPECT_NE(first.handles_in(source("@{env:KEY}")), second.handles_in(source("@{env:KEY}")));
}

TEST_F(Secrets, AreSubstitutedWhereTheirHandleStands) {
  SecretVault vault(redactor, folder, environment);
  const std::string handle = handle_in(vault.handles_in(source("@{env:KEY}")));
  EXPECT_EQ(vault.substitute("https://x?key=" + handle + "&again=" + handle), "https://x?key=hunter2&again=hunter2");
  EXPECT_EQ(vault.substitute("no handle"), "no handle");
}

TEST_F(Secrets, ATextThatOnlyLooksLikeAHandleStaysAsItIs) {
  SecretVault vault(redactor, folder, environment);
  vault.handles_in(source("@{env:KEY}"));
  for (const char* text :
       {"@{secret:0}", "@{secret:", "@{secret:@{secret:}}", "@{env:KEY}", "@{secret:00000000000000000000000000000000}"})
    EXPECT_EQ(vault.substitute(text), text);
  EXPECT_THROW(vault.reveal("@{secret:0}"), Error);
  EXPECT_THROW(vault.reveal("@{env:KEY}"), Error);
}

TEST_F(Secrets, TextsForOthersHoldReferencesForHandlesAndStarsForValues) {
  SecretVault vault(redactor, folder, environment);
  const std::string handle = handle_in(vault.handles_in(source("@{env:KEY}")));
  EXPECT_EQ(vault.redact("https://x?key=" + handle), "https://x?key=@{env:KEY}");
  vault.reveal(handle);
  EXPECT_EQ(vault.redact("the server said hunter2"), "the server said ***");
  EXPECT_EQ(redactor.redact("logged hunter2"), "logged ***");
}

TEST_F(Secrets, AMissingVariableIsNamedWithThePlaceOfItsSetting) {
  SecretVault vault(redactor, folder, environment);
  const std::string missing = handle_in(vault.handles_in(source("@{env:ABSENT}")));
  EXPECT_EQ(message_of([&] { vault.reveal(missing); }),
            "a.toml:4:40: the environment variable ABSENT (for the setting api_key) is not set: set it and run again");
  const std::string empty = handle_in(vault.handles_in(source("@{env:NOTHING}")));
  EXPECT_EQ(message_of([&] { vault.reveal(empty); }),
            "a.toml:4:40: the environment variable NOTHING (for the setting api_key) is empty: set it and run again");
}

TEST_F(Secrets, AFileIsReadBesideTheConfigurationWithoutItsLastLineBreak) {
  write_file(folder / "key.txt", "from a file\r\n");
  SecretVault vault(redactor, folder, environment);
  EXPECT_EQ(vault.reveal(handle_in(vault.handles_in(source("@{file:key.txt}")))), "from a file");
  EXPECT_EQ(redactor.redact("from a file"), "***");
  EXPECT_EQ(message_of([&] { vault.reveal(handle_in(vault.handles_in(source("@{file:none.txt}")))); }),
            "a.toml:4:40: the secret's file " + (folder / "none.txt").string() +
                " (for the setting api_key) cannot be read: No such file or directory");
  write_file(folder / "empty.txt", "\n");
  EXPECT_EQ(
      message_of([&] { vault.reveal(handle_in(vault.handles_in(source("@{file:empty.txt}")))); }),
      "a.toml:4:40: the secret's file " + (folder / "empty.txt").string() + " (for the setting api_key) is empty");
}

TEST_F(Secrets, StandAlsoInTablesAndLists) {
  SecretVault vault(redactor, folder, environment);
  PluginSettings plugin;
  plugin.config = R"({"headers":{"a":"@{env:KEY}","b":"plain"},"keys":["@{env:KEY}"]})";
  const Json config = Json::parse(vault.handles_in(plugin));
  const std::string handle = *config.find("headers")->find("a")->if_string();
  EXPECT_EQ(vault.reveal(handle), "hunter2");
  EXPECT_EQ(*config.find("headers")->find("b")->if_string(), "plain");
  EXPECT_EQ(*config.find("keys")->if_array()->at(0).if_string(), handle);
}

TEST(SecretReference, HasTwoFormsAndNothingAroundThem) {
  EXPECT_EQ(SecretReference::parse("@{env:A_1}")->name, "A_1");
  EXPECT_EQ(SecretReference::parse("@{file:/run/k.txt}")->kind, SecretReference::Kind::file);
  for (const char* text : {"", "@{env:}", "@{env:A B}", "@{env:A}x", " @{env:A}", "@{env:A", "@{file:}", "@{file:a}b}",
                           "@{other:A}", "env:A"})
    EXPECT_FALSE(SecretReference::parse(text)) << text;
}

}  // namespace
}  // namespace risetime::core
