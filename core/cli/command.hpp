// What all commands share: global options, exit statuses, and how a command opens its project.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/log.hpp"
#include "core/base/redactor.hpp"
#include "core/base/threads.hpp"
#include "core/base/time.hpp"
#include "core/config/secrets.hpp"
#include "core/pipeline/project.hpp"
#include "core/plugin/registry.hpp"

namespace risetime::core {

struct CollectSummary;

enum ExitStatus { exit_done = 0, exit_failed = 1, exit_usage = 2, exit_partly = 3, exit_config = 78 };

struct GlobalOptions {
  std::string file = "risetime.toml";
  bool json = false;
  std::string log_level = "info";
  std::size_t threads = 0;  // 0: one per processor
  std::vector<std::string> plugin_folders;
  std::string record, replay;
  std::string dataset;  // empty: the configuration's
};

// What a command works with. Parts are made when first asked for, so that `--version` makes none.
class Session {
 public:
  explicit Session(const GlobalOptions& options);
  ~Session();

  const GlobalOptions& options() const noexcept { return options_; }
  const Clock& clock() const noexcept { return clock_; }
  Log& log() { return log_; }
  PluginRegistry& plugins();
  // Reads and checks the configuration. Throws Error(Code::config) with all its problems.
  Settings settings();
  // Opens the project of the configuration; call once.
  Project& project(Project::Access access = Project::Access::whole);

  // To standard output. In JSON mode only json() writes there.
  void print(std::string_view text) const;
  void json(const Json& value) const;

 private:
  void show_progress(std::string_view what, double done, double total);
  void end_progress();

  GlobalOptions options_;
  SystemClock clock_;
  Redactor redactor_;
  Log log_;
  std::unique_ptr<ThreadPool> threads_;
  std::unique_ptr<PluginRegistry> plugins_;
  std::unique_ptr<SecretVault> secrets_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Project> project_;
  std::mutex progress_mutex_;  // models that are fitted side by side tell of it from several threads
  std::int64_t progress_shown_at_ = 0;
  bool progress_line_ = false;
};

// A command runs with an open session and gives the exit status.
using Run = std::function<int(Session&)>;

// Each adds its commands to the application and sets `chosen` when one is given.
void add_stage_commands(CLI::App& app, Run& chosen);
void add_backtest_command(CLI::App& app, Run& chosen);
void add_explain_command(CLI::App& app, Run& chosen);
void add_live_commands(CLI::App& app, Run& chosen);
void add_report_command(CLI::App& app, Run& chosen);
void add_status_commands(CLI::App& app, Run& chosen);
void add_forget_command(CLI::App& app, Run& chosen);
void add_export_command(CLI::App& app, Run& chosen);
void add_config_commands(CLI::App& app, Run& chosen);
void add_plugins_commands(CLI::App& app, Run& chosen);
void add_new_command(CLI::App& app, Run& chosen);
void add_manual_commands(CLI::App& app, Run& chosen);

// What a round of collecting means for the exit status, and its table or JSON.
int status_of(const CollectSummary& summary);
Json report_collect(Session& session, const CollectSummary& summary);

// Set by Ctrl-C; a second Ctrl-C ends the process at once.
const std::atomic<bool>& stop_requested();

int run_command_line(int argument_count, char** arguments);

}  // namespace risetime::core
