// The YouTube source as the host runs it, verified and mapped from its file, on recorded answers of YouTube.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <risetime/testing.hpp>
#include <sstream>

#include "core/base/time.hpp"
#include "core/http/client.hpp"
#include "core/plugin/library.hpp"
#include "core/plugin/services.hpp"
#include "innertube.hpp"

namespace risetime::replay {
namespace {

constexpr std::int64_t noon = 1'769'515'200'000'000;  // 2026-01-27T12:00:00Z

class YouTubeReplay : public ::testing::Test {
 protected:
  void SetUp() override {
    data_ = innertube_folder();
    if (data_.empty()) {
      if (std::getenv("CI") != nullptr) FAIL() << "the recordings of youtube-innertube are not there";
      GTEST_SKIP() << "the recordings of youtube-innertube are not there; set RISETIME_TEST_DATA to see them";
    }
    folder_ = std::filesystem::temp_directory_path() / ("risetime-replay-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    core::make_folders(folder_);
    feed_ = data_ / "youtubefeedextractor/kurzgesagt/generated_mock_0.json";
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // All rows of one round, with HTTP answered from the folder only.
  testkit::Pulled collect(const std::string& config) {
    core::HttpOptions options;
    options.replay = folder_;
    core::HttpClient http(options, clock_);
    core::HostParts parts;
    parts.clock = &clock_;
    parts.fetch = [&](const HttpRequest& request) { return http.fetch(request); };
    core::HostServices services(parts, "source/yt", folder_);
    const core::PluginLibrary library(std::filesystem::path(RISETIME_PRODUCT_PLUGINS) / "youtube.so");
    const client::Instance instance(*library.find("youtube"), services.host(), config);
    testkit::Pulled pulled = testkit::pull_all(instance);
    state_ = services.pending_state;
    return pulled;
  }

  core::FixedClock clock_{noon};
  std::filesystem::path data_, folder_, feed_;
  std::map<std::string, std::string, std::less<>> state_;
};

TEST_F(YouTubeReplay, CollectsARecordedFeed) {
  write_recording(folder_, read_innertube(feed_));
  const testkit::Pulled pulled = collect(R"({"channels": ["https://www.youtube.com/user/Kurzgesagt"]})");
  EXPECT_TRUE(pulled.failures.empty()) << pulled.failures[0].second.what();
  ASSERT_EQ(pulled.rows("video"), 15U);
  ASSERT_EQ(pulled.rows("observation"), 15U);
  const Batch& readings = pulled.tables.at("observation").at(0);
  EXPECT_EQ(readings.column("views", Type::int64).int64(0), 1'086'938);
  EXPECT_EQ(readings.column("likes", Type::int64).int64(0), 58'314);
  EXPECT_EQ(readings.column("observed_at", Type::timestamp).int64(0), noon);
}

TEST_F(YouTubeReplay, FindsAChannelByItsHandleAndNamesThoseThatAreGone) {
  const std::string site = "https://www.youtube.com/";
  write_recording(folder_, read_innertube(feed_, site + "feeds/videos.xml?channel_id=UCsXVk37bltHxD1rDPwtNM8Q"));
  core::Exchange page =
      read_innertube(data_ / "youtubechannelextractor/kurzgesagt/generated_mock_2.json", site + "@kurzgesagt");
  page.request.method = "GET";  // the recorded answer was to a POST; it holds the same facts as the page
  write_recording(folder_, page);
  write_recording(folder_, read_innertube(data_ / "youtubefeedextractor/notavailable/generated_mock_0.json"));
  const testkit::Pulled pulled = collect(R"({"channels": ["UCTGjY2I-ZUGnwVoWAGRd7XQ", "@unrecorded", "@kurzgesagt"]})");
  EXPECT_EQ(pulled.rows("video"), 15U);
  EXPECT_EQ(state_.at("channel id of @kurzgesagt"), "UCsXVk37bltHxD1rDPwtNM8Q");
  ASSERT_EQ(pulled.failures.size(), 2U);
  EXPECT_EQ(pulled.failures[0].first, "youtube:UCTGjY2I-ZUGnwVoWAGRd7XQ");
  EXPECT_EQ(pulled.failures[0].second.code(), Code::input);
  EXPECT_EQ(pulled.failures[1].first, "youtube:@unrecorded");
  EXPECT_EQ(pulled.failures[1].second.code(), Code::io);
  EXPECT_EQ(pulled.failures[1].second.where(), site + "@unrecorded");
}

// The first `count` fields of each line of a file of comma-separated values without quotes.
std::vector<std::string> heads(const std::filesystem::path& file, std::size_t count) {
  std::vector<std::string> lines;
  std::istringstream text(core::read_file(file));
  for (std::string line; std::getline(text, line);) {
    std::size_t end = 0;
    for (std::size_t field = 0; field < count && end != std::string::npos; ++field) end = line.find(',', end + 1);
    lines.push_back(line.substr(0, end));
  }
  return lines;
}

TEST_F(YouTubeReplay, GoesThroughTheCommandIntoTheStoreAndOutAgain) {
  const std::string site = "https://www.youtube.com/";
  const auto recordings = folder_ / "recordings";
  write_recording(recordings, read_innertube(feed_));
  write_recording(recordings, read_innertube(data_ / "youtubefeedextractor/notavailable/generated_mock_0.json"));
  core::write_file(folder_ / "risetime.toml",
                   "[project]\ndata = \"data\"\n[[source]]\nid = \"yt\"\nplugin = \"youtube\"\n"
                   "config = { channels = [\"UCTGjY2I-ZUGnwVoWAGRd7XQ\", \"" +
                       site + "user/Kurzgesagt\"] }\n");
  const auto run = [&](const std::string& arguments) {
    const std::string command = "cd '" + folder_.string() + "' && '" RISETIME_COMMAND "' " + arguments + " 2> log";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(run("collect --replay recordings"), 3) << core::read_file(folder_ / "log");  // done, but one channel failed
  EXPECT_NE(core::read_file(folder_ / "log").find("UCTGjY2I-ZUGnwVoWAGRd7XQ"), std::string::npos);
  EXPECT_EQ(run("export observation --format csv -o out.csv"), 0) << core::read_file(folder_ / "log");
  const auto lines = heads(folder_ / "out.csv", 2);
  EXPECT_EQ(lines.size(), 16U);
  EXPECT_NE(std::find(lines.begin(), lines.end(), "youtube,zg40FHOAqC0"), lines.end());
  EXPECT_NE(core::read_file(folder_ / "out.csv").find(",1086938,58314,"), std::string::npos);
}

}  // namespace
}  // namespace risetime::replay
