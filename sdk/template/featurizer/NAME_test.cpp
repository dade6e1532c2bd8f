// The featurizer through the real boundary.
#include <gtest/gtest.h>

#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

using namespace risetime;

TEST(Featurizer, DescribesTitlesAndSaysWhichAreMissing) {
  testkit::FakeHost host;
  const auto plugin = host.load(risetime_plugin_v1(), "@NAME@");
  client::Featurizer featurizer(*plugin);
  BatchBuilder videos(tables::video().fields);
  append(videos, Video{"x", "1", "c", 0, "BIG news", {}, {"a", "b"}, {}, {}, {}, {}, {}});
  append(videos, Video{"x", "2", "c", 0, "", {}, {}, {}, {}, {}, {}, {}});
  std::vector<std::string> reasons;
  const Batch vectors =
      featurizer.describe(videos.finish(), [&](std::size_t, std::string_view why) { reasons.emplace_back(why); });
  const auto first = vectors.column(0).items(0).float32s();
  ASSERT_EQ(first.size(), featurizer.names().size());
  EXPECT_EQ(std::vector<float>(first.begin(), first.end()), (std::vector<float>{8, 2, 0.375F, 2}));
  EXPECT_TRUE(vectors.column(0).is_null(1));
  EXPECT_EQ(reasons, std::vector<std::string>{"the title is empty"});
}
