// What the logger writes, and what it never writes.
#include "core/base/log.hpp"

#include <gtest/gtest.h>

#include <array>

namespace risetime::core {
namespace {

// A stream in memory for the logger to write to.
class Stream {
 public:
  Stream() : file_(std::tmpfile()) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { std::fclose(file_); }

  std::FILE* file() const { return file_; }
  std::string text() const {
    std::string out;
    std::array<char, 4096> buffer{};
    std::rewind(file_);
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), file_)) > 0;)
      out.append(buffer.data(), got);
    return out;
  }

 private:
  std::FILE* file_;
};

TEST(Log, WritesPlainLinesWithUtcTimesWhereNoTerminalIs) {
  const FixedClock clock(*parse_time("2026-05-01T06:30:00Z"));
  const Redactor redactor;
  const Stream stream;
  Log log(clock, redactor, {LogLevel::info, stream.file(), {}});
  log.info("{} rows from {}", 3, "yt");
  log.warn("slow");
  log.debug("dropped");
  EXPECT_EQ(stream.text(), "2026-05-01T06:30:00Z info 3 rows from yt\n2026-05-01T06:30:00Z warning slow\n");
}

TEST(Log, ColoursLevelsAndLeavesOutTimesOnATerminal) {
  const FixedClock clock(0);
  const Redactor redactor;
  const Stream stream;
  Log log(clock, redactor, {LogLevel::info, stream.file(), true});
  log.error("broken");
  EXPECT_NE(stream.text().find("error"), std::string::npos);
  EXPECT_NE(stream.text().find("\x1b["), std::string::npos);
  EXPECT_EQ(stream.text().find("1970"), std::string::npos);
}

TEST(Log, NeverWritesARegisteredSecret) {
  const FixedClock clock(0);
  Redactor redactor;
  const Stream stream;
  Log log(clock, redactor, {LogLevel::debug, stream.file(), {}});
  redactor.add("hunter2");
  log.debug("GET https://x?key={}", "hunter2");
  EXPECT_EQ(stream.text(), "1970-01-01T00:00:00Z debug GET https://x?key=***\n");
}

TEST(Log, EscapesWhatATerminalWouldObeyAndKeepsLines) {
  const FixedClock clock(0);
  const Redactor redactor;
  const Stream stream;
  Log log(clock, redactor, {LogLevel::info, stream.file(), {}});
  log.write(LogLevel::info, "\x1b]0;title\x07\nsecond {} line");
  EXPECT_EQ(stream.text(), "1970-01-01T00:00:00Z info \\x1b]0;title\\x07\nsecond {} line\n");
}

TEST(Log, OffWritesNothing) {
  const FixedClock clock(0);
  const Redactor redactor;
  const Stream stream;
  Log log(clock, redactor, {LogLevel::off, stream.file(), {}});
  log.error("broken");
  EXPECT_EQ(stream.text(), "");
}

TEST(Log, LevelsHaveNames) {
  for (const std::string& name : log_level_names()) EXPECT_TRUE(log_level_from(name)) << name;
  EXPECT_EQ(log_level_from("warning"), LogLevel::warning);
  EXPECT_EQ(log_level_from("loud"), std::nullopt);
}

}  // namespace
}  // namespace risetime::core
