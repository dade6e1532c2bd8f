// The logger through spdlog, with times from our clock.
#include "core/base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "core/base/text.hpp"

namespace risetime::core {
namespace {

struct LevelName {
  LogLevel level;
  const char* name;
};
constexpr std::array<LevelName, 5> level_names = {
    LevelName{LogLevel::debug, "debug"}, LevelName{LogLevel::info, "info"}, LevelName{LogLevel::warning, "warning"},
    LevelName{LogLevel::error, "error"}, LevelName{LogLevel::off, "off"}};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

bool looks_best_pretty(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(::fileno(stream)) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

// Escapes line by line, so that a message of several lines keeps them.
std::string safe_lines(std::string_view message) {
  std::string out;
  while (true) {
    const std::size_t end = message.find('\n');
    out += terminal_safe(message.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    message.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<std::string> log_level_names() {
  std::vector<std::string> names;
  for (const LevelName& entry : level_names) names.emplace_back(entry.name);
  return names;
}

std::optional<LogLevel> log_level_from(std::string_view name) {
  for (const LevelName& entry : level_names)
    if (name == entry.name) return entry.level;
  return std::nullopt;
}

Log::Log(const Clock& clock, const Redactor& redactor, LogOptions options)
    : clock_(clock), redactor_(redactor), options_(options) {
  pretty_ = options_.pretty.value_or(looks_best_pretty(options_.stream));
  using Sink = spdlog::sinks::ansicolor_sink<spdlog::details::console_mutex>;
  auto sink = std::make_shared<Sink>(options_.stream, pretty_ ? spdlog::color_mode::always : spdlog::color_mode::never);
  sink->set_pattern(pretty_ ? "%^%l%$ %v" : "%v");
  logger_ = std::make_unique<spdlog::logger>("risetime", std::move(sink));
  logger_->set_level(spdlog::level::trace);
  logger_->flush_on(spdlog::level::trace);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message) {
  if (!wants(level)) return;
  std::string line = safe_lines(redactor_.redact(message));
  if (!pretty_) line = format_time(clock_.now()) + " " + level_names[static_cast<std::size_t>(level)].name + " " + line;
  logger_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace risetime::core
