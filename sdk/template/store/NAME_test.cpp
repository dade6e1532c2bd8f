// The store through the real boundary, in a folder of its own.
#include <gtest/gtest.h>

#include <filesystem>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

using namespace risetime;

TEST(Store, GivesBackWhatItWasGiven) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "@NAME@_test";
  std::filesystem::remove_all(folder);
  testkit::FakeHost host;
  host.set_folder(folder.string());
  const auto plugin = host.load(risetime_plugin_v1(), "@NAME@");
  client::Artifacts store(*plugin);
  EXPECT_FALSE(store.get("../a").has_value());
  store.put("../a", "model", "{}", std::string("x\0y", 3));
  store.put("b", "vocabulary", "{}", "z");
  store.put("b", "vocabulary", R"({"n": 2})", "zz");
  EXPECT_EQ(store.get("../a")->bytes, std::string("x\0y", 3));
  EXPECT_EQ(store.get("b")->metadata, R"({"n": 2})");
  ASSERT_EQ(store.list("").size(), 2U);
  ASSERT_EQ(store.list("model").size(), 1U);
  EXPECT_EQ(store.list("model")[0].name, "../a");
  store.erase("b");
  EXPECT_FALSE(store.get("b").has_value());
}
