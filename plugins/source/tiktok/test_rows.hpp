// For this folder's tests: columns of what was pulled, a folder of files, items as the actor writes them.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

namespace risetime::tiktok {

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

// "null" and -1 in the place of null.
inline Texts texts(const testkit::Pulled& pulled, const std::string& table, const std::string& column) {
  Texts values;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return values;
  for (const Batch& batch : found->second)
    for (std::size_t row = 0; row < batch.rows(); ++row)
      values.push_back(batch.find(column)->is_null(row) ? "null" : std::string(batch.find(column)->text(row)));
  return values;
}
inline Numbers numbers(const testkit::Pulled& pulled, const std::string& table, const std::string& column) {
  Numbers values;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return values;
  for (const Batch& batch : found->second)
    for (std::size_t row = 0; row < batch.rows(); ++row)
      values.push_back(batch.find(column)->is_null(row) ? -1 : batch.find(column)->int64(row));
  return values;
}

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "risetime-tiktok-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.string(); }
  std::string path(const std::string& name) const { return (path_ / name).string(); }
  // Written at this time: seconds since 2026-01-01.
  void write(const std::string& name, std::string_view bytes, int seconds = 0) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    timespec times[2] = {{1'767'225'600 + seconds, 0}, {1'767'225'600 + seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path(name).c_str(), times, 0), 0);
  }

 private:
  std::filesystem::path path_;
};

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t new_year = std::int64_t{1'767'225'600} * second;  // 2026-01-01T00:00:00Z, where FakeHost stands

// A video of 2025-12-30 and later, a minute apart.
inline std::string video_id(int number) {
  return std::to_string((std::uint64_t{1'767'052'800} + 60 * static_cast<std::uint64_t>(number)) << 32U);
}

// Item `number` of a profile, in the shape of clockworks/tiktok-scraper's, written for these tests.
inline std::string item(const std::string& author, int number, int views) {
  const std::string id = video_id(number);
  return R"({"id":")" + id + R"(","text":"fold )" + std::to_string(number) +
         R"( #paper","createTimeISO":"2025-12-30T00:0)" + std::to_string(number % 10) +
         R"(:00.000Z","authorMeta":{"id":"77","name":")" + author + R"(","nickName":"N )" + author +
         R"(","fans":1200},"musicMeta":{"musicName":"hum","musicAuthor":"me",)" +
         R"("musicOriginal":true,"musicId":"88"},"webVideoUrl":"https://www.tiktok.com/@)" + author + "/video/" + id +
         R"(","videoMeta":{"duration":31,"coverUrl":"https://c/1.jpg"},"diggCount":12,"shareCount":3,"playCount":)" +
         std::to_string(views) +
         R"(,"collectCount":4,"commentCount":5,"hashtags":[{"name":"paper"}],"textLanguage":"en","input":")" + author +
         "\"}";
}

inline std::string list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& one : items) text += (text.size() > 1 ? ",\n" : "") + one;
  return text + "]";
}

}  // namespace risetime::tiktok
