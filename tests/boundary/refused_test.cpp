// Files that are no plugin, or not for this host: each is refused with a sentence of its own, and the host lives on.
#include <fstream>

#include "core/base/files.hpp"
#include "core/plugin/registry.hpp"
#include "load.hpp"

namespace risetime::boundary {
namespace {

namespace fs = std::filesystem;

std::string refusal(const fs::path& file) {
  const Error error = error_of([&] { core::PluginLibrary library(file); });
  EXPECT_EQ(error.where(), file.string());
  return error.message();
}

class RefusedFile : public testing::Test {
 protected:
  RefusedFile() { fs::create_directories(folder_); }
  ~RefusedFile() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  const fs::path folder_ = fs::temp_directory_path() / ("risetime-refused-" + std::to_string(getpid()));
};

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Refused, APluginInPlainCIsLoadedAndPulledFrom) {
  Loaded plugin("odd_good", "odd", "{}");
  EXPECT_EQ(testkit::pull_all(*plugin.instance).last_cursor, "next");
}

TEST(Refused, AnotherMajorNamesBothNumbers) {
  EXPECT_SAYS(refusal(plugin_file("odd_other_major")), "built for version 2 of the plugin interface, this host has 1");
}

TEST(Refused, ANewerMinorNamesBothNumbersAndWhatToDo) {
  const std::string text = refusal(plugin_file("odd_newer_minor"));
  EXPECT_SAYS(text, "needs version 1.9 of the plugin interface, this host has 1.1");
  EXPECT_SAYS(text, "update risetime");
}

TEST(Refused, AHeaderThatIsNewerButContentWithThisHostIsLoaded) {
  Loaded plugin("odd_newer_header", "odd", "{}");
  EXPECT_TRUE(plugin.instance->has(RISETIME_SOURCE_ID));
}

TEST(Refused, WithoutTheSymbolWithoutANoteAndWithANoteThatCannotBeReadAreThreeSentences) {
  EXPECT_SAYS(refusal(plugin_file("odd_no_symbol")), "does not export risetime_plugin_v1");
  EXPECT_SAYS(refusal(plugin_file("odd_no_note")), "is no risetime plugin (it has no .note.risetime)");
  EXPECT_SAYS(refusal(plugin_file("odd_unreadable_note")), ".note.risetime cannot be read");
}

TEST(Refused, AnEntryThatDoesNotFitItsNoteIsSaid) {
  EXPECT_SAYS(refusal(plugin_file("odd_null_entry")), "it could not describe itself");
  EXPECT_SAYS(refusal(plugin_file("odd_lying_major")), "its entry is of another version than its note");
  EXPECT_SAYS(refusal(plugin_file("odd_no_plugins")), "it holds no plugin");
  EXPECT_SAYS(refusal(plugin_file("odd_small_descriptor")), "a descriptor is too small");
  EXPECT_SAYS(refusal(plugin_file("odd_no_create")), "a descriptor has an empty member");
}

TEST(Refused, AFunctionThatNoLibraryHasIsNamed) {
  EXPECT_SAYS(refusal(plugin_file("odd_unresolved")), "a_function_that_no_library_has");
}

TEST(Refused, CreateThatFailsInSilenceOrGivesNothingIsStillAnError) {
  EXPECT_EQ(error_of([] { Loaded plugin("odd_silent_error", "odd", "{}"); }).message(),
            "failed without saying why (status -4)");
  EXPECT_SAYS(error_of([] { Loaded plugin("odd_no_instance", "odd", "{}"); }).message(),
              "create succeeded without making an instance");
  const Error unknown = error_of([] { Loaded plugin("odd_unknown_status", "odd", "{}"); });
  EXPECT_EQ(unknown.code(), Code::internal);
  EXPECT_EQ(unknown.message(), "a status that nobody knows");
}

TEST_F(RefusedFile, WhatIsNoElfFileIsSaidToBeNone) {
  EXPECT_SAYS(refusal(write("text.so", "#!/bin/sh\necho a script that was named like a plugin\n")),
              "not a shared object (no ELF header)");
  EXPECT_SAYS(refusal(write("empty.so", "")), "not a shared object");
  EXPECT_SAYS(refusal(write("short.so",
                            "\x7F"
                            "EL")),
              "not a shared object");
  EXPECT_SAYS(refusal("/proc/self/exe"), "is no risetime plugin");
  EXPECT_EQ(error_of([&] { core::PluginLibrary library(folder_ / "nothing.so"); }).code(), Code::io);
  EXPECT_EQ(error_of([&] { core::PluginLibrary library(folder_); }).code(), Code::io);
}

TEST_F(RefusedFile, AFileForAnotherProcessorIsSaidToBeThat) {
  std::string bytes = core::read_file(plugin_file("odd_good"));
  bytes[18] = 40;  // e_machine: ARM, 32 bit
  EXPECT_SAYS(refusal(write("arm.so", bytes)), "another kind of processor");
}

TEST_F(RefusedFile, AFileThatIsCutAnywhereIsRefusedAsCut) {
  const std::string bytes = core::read_file(plugin_file("odd_good"));
  std::size_t cut_short = 0;
  for (std::size_t part = 1; part < 64; ++part) {
    const std::string text = refusal(write("cut.so", bytes.substr(0, bytes.size() * part / 64)));
    cut_short += text.find("cut short") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(cut_short, 63U);
}

// Whatever stands in the headers, reading the note ends with a note or with an error.
TEST_F(RefusedFile, DamagedHeadersNeverHarmTheReaderOfTheNote) {
  const std::string bytes = core::read_file(plugin_file("odd_good"));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < 64 + 56 * 8; ++at) {
    for (const char value : {'\0', '\x01', '\x7F', '\xFF'}) {
      std::string damaged = bytes;
      damaged[at] = value;
      try {
        core::read_note(damaged, "damaged.so");
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100U);
}

TEST_F(RefusedFile, InAFolderOfPluginsTheBadOnesStopNobodyElse) {
  fs::copy(plugin_file("odd_good"), folder_ / "good.so");
  fs::copy(plugin_file("odd_other_major"), folder_ / "a_major.so");
  fs::copy(plugin_file("odd_no_note"), folder_ / "b_none.so");
  write("c_text.so", "no plugin");
  core::PluginRegistry registry({folder_});
  EXPECT_EQ(registry.ids(), std::vector<std::string>{"odd"});
  EXPECT_EQ(registry.refused().size(), 3U);
  EXPECT_STREQ(registry.load("odd").id, "odd");
}

TEST_F(RefusedFile, ANoteThatNamesAnotherPluginThanTheFileHoldsIsNoticed) {
  fs::copy(plugin_file("odd_lying_id"), folder_ / "liar.so");
  core::PluginRegistry registry({folder_});
  EXPECT_SAYS(error_of([&] { registry.load("odd"); }).message(), "its note names \"odd\", but it does not hold it");
}

TEST_F(RefusedFile, AChangedFileIsRefusedWithBothHashes) {
  core::LoadOptions options;
  options.expected_sha256 = std::string(64, '0');
  const Error error = error_of([&] { core::PluginLibrary library(plugin_file("odd_good"), options); });
  EXPECT_SAYS(error.message(), "plugins.lock has " + std::string(64, '0'));
}

TEST_F(RefusedFile, OverwritingAFileAfterItWasLoadedHarmsNobody) {
  fs::copy(plugin_file("odd_good"), folder_ / "plugin.so");
  core::PluginLibrary library(folder_ / "plugin.so");
  write("plugin.so", std::string(100, 'x'));
  testkit::FakeHost host;
  client::Instance instance(*library.find("odd"), host.raw(), "{}");
  EXPECT_EQ(testkit::pull_all(instance).last_cursor, "next");
}

}  // namespace
}  // namespace risetime::boundary
