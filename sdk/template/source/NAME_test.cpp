// The source through the real boundary, on recorded answers.
#include <gtest/gtest.h>

#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

using namespace risetime;

TEST(Source, ReadsWhatItCanAndSaysWhatItCannot) {
  testkit::FakeHost host;
  host.answer("https://example.org/ann.json", 200,
              R"([{"id": "v1", "title": "One", "published_at_s": 100, "views": 7}, {"id": "v2"}])");
  host.answer("https://example.org/bob.json", 404, "");
  const auto plugin =
      host.load(risetime_plugin_v1(), "@NAME@", R"({"url": "https://example.org", "accounts": ["ann", "bob"]})");
  const auto pulled = testkit::pull_all(*plugin);
  ASSERT_EQ(pulled.rows("observation"), 1U);
  EXPECT_EQ(pulled.tables.at("video")[0].column("title", Type::utf8).text(0), "One");
  EXPECT_EQ(pulled.tables.at("observation")[0].column("views", Type::int64).int64(0), 7);
  EXPECT_EQ(pulled.rejects.size(), 1U);
  ASSERT_EQ(pulled.failures.size(), 1U);
  EXPECT_EQ(pulled.failures[0].first, "@NAME@:bob");
}
