// A public scrape of TikTok, read whole: every row, and the values of some.
#include <cstdlib>

#include "test_rows.hpp"

namespace risetime::tiktok {
namespace {

// The folder of the set under RISETIME_TEST_DATA (../shared/data without it); empty where it is not there.
std::string real_data() {
  const char* const root = std::getenv("RISETIME_TEST_DATA");
  const std::string folder = std::string(root != nullptr ? root : "../shared/data") + "/tiktok";
  return std::filesystem::exists(folder) ? std::filesystem::absolute(folder).string() : std::string();
}

TEST(RealData, TiktokScrapeGivesRowsForEveryLine) {
  const std::string folder = real_data();
  if (folder.empty() && std::getenv("CI") != nullptr)
    FAIL() << "the data set tiktok is not there; set RISETIME_TEST_DATA to the folder that holds it";
  if (folder.empty())
    GTEST_SKIP() << "the data set tiktok is not there; set RISETIME_TEST_DATA to the folder that holds it";
  testkit::FakeHost host;
  host.set_folder(folder);
  const auto plugin = host.load(risetime_plugin_v1(), "tiktok", R"({"exports":["scrape-*.csv"],"timezone":"+07:00"})");
  const testkit::Pulled pulled = testkit::pull_all(*plugin, 1000);
  ASSERT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  EXPECT_EQ(pulled.rejects.size(), 0U) << pulled.rejects[0].where << ": " << pulled.rejects[0].reason;
  EXPECT_EQ(pulled.rows("observation"), 5001U);  // the file has 5002 lines, the first is its header
  EXPECT_EQ(pulled.rows("video"), 5001U);
  const Texts ids = texts(pulled, "video", "video_id");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 5001U);
  EXPECT_EQ(texts(pulled, "video", "channel_id")[0], "lenguyentravi");
  EXPECT_EQ(numbers(pulled, "video", "published_at")[0], std::int64_t{1'747'820'685} * second);
  EXPECT_EQ(numbers(pulled, "observation", "observed_at")[0], std::int64_t{1'748'507'921} * second);
  EXPECT_EQ(numbers(pulled, "observation", "views")[0], 541'200);
  EXPECT_EQ(numbers(pulled, "observation", "likes")[0], 21'900);
  EXPECT_EQ(numbers(pulled, "observation", "shares")[0], 742);
  EXPECT_EQ(numbers(pulled, "channel", "followers")[0], 304'900);
  const auto missing = [&](const char* table, const char* column) {
    const Numbers values = numbers(pulled, table, column);
    return std::count(values.begin(), values.end(), -1);
  };
  EXPECT_EQ(missing("observation", "views"), 0);
  EXPECT_EQ(missing("observation", "comments"), 18);  // empty cells
  EXPECT_EQ(missing("channel", "followers"), 2);
  for (const auto& batch : pulled.tables.at("video"))
    for (std::size_t row = 0; row < batch.rows(); ++row) EXPECT_FALSE(batch.find("duration_s")->is_null(row));
}

}  // namespace
}  // namespace risetime::tiktok
