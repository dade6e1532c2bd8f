// The one logger: messages for people on standard error, coloured on a terminal and plain lines with UTC times
// elsewhere.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/redactor.hpp"
#include "core/base/time.hpp"

namespace spdlog {
class logger;
}

namespace risetime::core {

enum class LogLevel { debug, info, warning, error, off };

// The names that --log-level takes, in rising order.
std::vector<std::string> log_level_names();
std::optional<LogLevel> log_level_from(std::string_view name);

struct LogOptions {
  LogLevel level = LogLevel::info;  // messages below it are dropped
  std::FILE* stream = stderr;       // stays the caller's
  // Colours and no times; by default where the stream is a terminal and the environment has no NO_COLOR.
  std::optional<bool> pretty;
};

// Registered secrets are taken out of every message and control characters are escaped, so that no title from the
// network can drive the terminal. Every function may be called from any thread; clock and redactor must outlive the
// log.
class Log {
 public:
  Log(const Clock& clock, const Redactor& redactor, LogOptions options = {});
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  bool wants(LogLevel level) const { return level >= options_.level && level != LogLevel::off; }
  void write(LogLevel level, std::string_view message);

  template <class... Values>
  void debug(fmt::format_string<Values...> format, Values&&... values) {
    write_formatted(LogLevel::debug, format, std::forward<Values>(values)...);
  }
  template <class... Values>
  void info(fmt::format_string<Values...> format, Values&&... values) {
    write_formatted(LogLevel::info, format, std::forward<Values>(values)...);
  }
  template <class... Values>
  void warn(fmt::format_string<Values...> format, Values&&... values) {
    write_formatted(LogLevel::warning, format, std::forward<Values>(values)...);
  }
  template <class... Values>
  void error(fmt::format_string<Values...> format, Values&&... values) {
    write_formatted(LogLevel::error, format, std::forward<Values>(values)...);
  }

 private:
  template <class... Values>
  void write_formatted(LogLevel level, fmt::format_string<Values...> format, Values&&... values) {
    if (wants(level)) write(level, fmt::format(format, std::forward<Values>(values)...));
  }

  const Clock& clock_;
  const Redactor& redactor_;
  LogOptions options_;
  bool pretty_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace risetime::core
