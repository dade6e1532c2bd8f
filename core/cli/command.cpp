// Opens sessions, and turns errors into messages and exit statuses.
#include "core/cli/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>

#include "core/base/text.hpp"

namespace risetime::core {

namespace {

constexpr const char* version_text = "risetime 0.1.0 (plugin interface 1.1)";
static_assert(RISETIME_ABI_MAJOR == 1 && RISETIME_ABI_MINOR == 1, "the version text names the plugin interface");

std::atomic<bool> stop{false};

void on_interrupt(int signal) {
  if (stop.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

LogOptions log_options(const GlobalOptions& options) {
  LogOptions log;
  const auto level = log_level_from(options.log_level);
  if (!level)
    throw Error(Code::config, "--log-level",
                "\"" + options.log_level + "\" is none of " + join_words(log_level_names()));
  log.level = *level;
  return log;
}

int report_error(const Error& error, bool json) {
  const int status = error.code() == Code::config ? exit_config : exit_failed;
  if (json) {
    Json value = Json::object();
    value["error"] = error.message();
    value["where"] = error.where();
    value["class"] = name_of(error.code());
    std::puts(value.dump().c_str());
  }
  std::fprintf(stderr, "risetime: %s\n", error.what());
  return status;
}

}  // namespace

const std::atomic<bool>& stop_requested() { return stop; }

Session::Session(const GlobalOptions& options) : options_(options), log_(clock_, redactor_, log_options(options)) {}
Session::~Session() { end_progress(); }

PluginRegistry& Session::plugins() {
  if (!plugins_) {
    std::vector<std::filesystem::path> folders(options_.plugin_folders.begin(), options_.plugin_folders.end());
    for (const auto& folder : default_plugin_folders()) folders.push_back(folder);
    const auto lock_file = std::filesystem::absolute(options_.file).parent_path() / "plugins.lock";
    auto lock = std::filesystem::exists(lock_file) ? read_plugin_lock(lock_file) : std::map<std::string, std::string>();
    plugins_ = std::make_unique<PluginRegistry>(std::move(folders), std::move(lock));
    for (const RefusedFile& refused : plugins_->refused())
      log_.warn("plugin {} is left out: {}", refused.file.string(), refused.reason);
  }
  return *plugins_;
}

Settings Session::settings() {
  const RegistryLookup lookup(plugins());
  return load_settings(options_.file, lookup);
}

Project& Session::project(Project::Access access) {
  Settings checked = settings();
  if (!options_.dataset.empty()) checked.project.dataset = options_.dataset;
  secrets_ = std::make_unique<SecretVault>(redactor_, checked.folder);
  threads_ = std::make_unique<ThreadPool>(options_.threads);
  runtime_ = std::make_unique<Runtime>(
      Runtime{clock_, log_, *threads_, plugins(), *secrets_, stop, {}, options_.record, options_.replay});
  if (::isatty(STDERR_FILENO) != 0)
    runtime_->progress = [this](std::string_view what, double done, double total) { show_progress(what, done, total); };
  project_ = std::make_unique<Project>(std::move(checked), *runtime_, access);
  return *project_;
}

void Session::print(std::string_view text) const {
  if (!options_.json) std::fwrite(text.data(), 1, text.size(), stdout);
}

void Session::json(const Json& value) const {
  if (options_.json) std::puts(value.dump(2).c_str());
}

// One line that is written over, at most ten times a second.
void Session::show_progress(std::string_view what, double done, double total) {
  const std::lock_guard<std::mutex> lock(progress_mutex_);
  const std::int64_t now = clock_.now();
  if (now - progress_shown_at_ < 100 * millisecond && done < total) return;
  progress_shown_at_ = now;
  progress_line_ = true;
  const std::string amount = total > 0 ? fmt::format("{:3.0f} %", 100 * done / total) : short_number(done);
  std::fprintf(stderr, "\r\x1b[K%s  %s", terminal_safe(what).c_str(), amount.c_str());
  std::fflush(stderr);
}

void Session::end_progress() {
  const std::lock_guard<std::mutex> lock(progress_mutex_);
  if (progress_line_) std::fputs("\r\x1b[K", stderr);
  progress_line_ = false;
}

int run_command_line(int argument_count, char** arguments) {
  CLI::App app{"risetime forecasts how a video's views, likes and comments will rise."};
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(36);
  GlobalOptions options;
  app.add_option("-c,--config", options.file, "The configuration file")->capture_default_str();
  app.add_flag("--json", options.json, "Print one JSON document instead of text");
  app.add_option("--log-level", options.log_level, "debug, info, warning, error or off")->capture_default_str();
  app.add_option("--threads", options.threads, "How many threads to use; 0 is one per processor");
  app.add_option("--plugins", options.plugin_folders, "Also look for plugins in this folder");
  app.add_option("--record", options.record, "Write every HTTP exchange to this folder");
  app.add_option("--replay", options.replay, "Answer HTTP requests from this folder; touch no network")
      ->excludes("--record");
  app.add_option("--dataset", options.dataset, "The data set to work on, instead of the configuration's")
      ->check([](const std::string& name) {
        const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
          return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
        });
        return is_plain && !name.starts_with('.') ? "" : "letters, digits, \"-\", \"_\" and \".\" name a data set";
      });
  Run chosen;
  add_stage_commands(app, chosen);
  add_backtest_command(app, chosen);
  add_explain_command(app, chosen);
  add_live_commands(app, chosen);
  add_report_command(app, chosen);
  add_status_commands(app, chosen);
  add_forget_command(app, chosen);
  add_export_command(app, chosen);
  add_config_commands(app, chosen);
  add_plugins_commands(app, chosen);
  add_new_command(app, chosen);
  add_manual_commands(app, chosen);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_usage;
  }
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  try {
    Session session(options);
    return chosen(session);
  } catch (const Error& error) {
    return report_error(error, options.json);
  } catch (const std::exception& error) {
    return report_error(Error(Code::internal, "", error.what()), options.json);
  }
}

}  // namespace risetime::core
