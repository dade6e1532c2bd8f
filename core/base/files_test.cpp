// Reading, atomic writing and locking in a scratch folder.
#include "core/base/files.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <risetime/error.hpp>

namespace risetime::core {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = (fs::temp_directory_path() / "risetime-files-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Files() override { fs::remove_all(folder); }

  static std::string message_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  fs::path folder;
};

TEST_F(Files, ReadsBackWhatWasWrittenAndLeavesNothingBeside) {
  const std::string bytes("a\0b\n", 4);
  write_file(folder / "x", bytes);
  EXPECT_EQ(read_file(folder / "x"), bytes);
  write_file(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(Files, SaysWhichFileCannotBeReadAndWhy) {
  EXPECT_EQ(message_of([&] { read_file(folder / "none"); }),
            (folder / "none").string() + ": cannot be read: No such file or directory");
  EXPECT_EQ(message_of([&] { read_file(folder); }), folder.string() + ": is a folder where a file is needed");
}

TEST_F(Files, RefusesAFileAboveTheLimitAndTakesOneAtIt) {
  write_file(folder / "x", "12345");
  EXPECT_EQ(read_file(folder / "x", 5), "12345");
  EXPECT_EQ(message_of([&] { read_file(folder / "x", 4); }),
            (folder / "x").string() + ": is larger than the limit of 4 bytes");
}

TEST_F(Files, ReadsWhatHasNoSizeOfItsOwn) { EXPECT_FALSE(read_file("/proc/self/status").empty()); }

TEST_F(Files, AFailedWriteLeavesTheOldBytesAndNoTemporaryFile) {
  fs::create_directories(folder / "taken" / "inner");
  EXPECT_NE(message_of([&] { write_file(folder / "taken", "new"); }).find("cannot be replaced"), std::string::npos);
  EXPECT_TRUE(fs::is_directory(folder / "taken"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  EXPECT_NE(message_of([&] { write_file(folder / "no" / "x", "new"); }).find("No such file"), std::string::npos);
}

TEST_F(Files, MakesFoldersAndSaysWhenAFileIsInTheWay) {
  make_folders(folder / "a" / "b");
  make_folders(folder / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b"));
  write_file(folder / "file", "");
  EXPECT_THROW(make_folders(folder / "file"), Error);
  EXPECT_THROW(make_folders(folder / "file" / "below"), Error);
}

TEST_F(Files, AScratchFileGivesBackWhatWasAppendedAndLeavesNothingBehind) {
  std::string large(3 << 20U, 'x');
  large[2'000'000] = 'y';
  {
    ScratchFile scratch(folder);
    EXPECT_EQ(scratch.append("first"), 0U);
    EXPECT_EQ(scratch.append(large), 5U);
    const auto from = scratch.append("last");
    scratch.finish();
    EXPECT_EQ(scratch.read(0, 5), "first");
    EXPECT_EQ(scratch.read(5, large.size()), large);
    EXPECT_EQ(scratch.read(from, 4), "last");
    EXPECT_NE(message_of([&] { scratch.read(from, 5); }).find("cannot be read back"), std::string::npos);
    EXPECT_TRUE(fs::is_empty(folder));
  }
  EXPECT_NE(message_of([&] { ScratchFile(folder / "no"); }).find("no scratch file can be made"), std::string::npos);
}

TEST_F(Files, ALockedFolderNamesTheProcessThatHoldsIt) {
  const FolderLock lock(folder / "data");
  EXPECT_EQ(message_of([&] { FolderLock second(folder / "data"); }),
            (folder / "data").string() + ": is in use by process " + std::to_string(::getpid()) +
                "; wait for it to end, stop it, or set another [project] data folder");
}

TEST_F(Files, ALockEndsWithItsScopeAndWithItsProcess) {
  { const FolderLock lock(folder); }
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock lock(folder);
    ::_exit(0);  // without the destructor, as a crash would
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NO_THROW(FolderLock{folder});
}

}  // namespace
}  // namespace risetime::core
