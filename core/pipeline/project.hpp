// A project at work: its settings, plugins and stores, opened once for all stages of a command.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/files.hpp"
#include "core/catalog/catalog.hpp"
#include "core/config/secrets.hpp"
#include "core/config/settings.hpp"
#include "core/http/client.hpp"
#include "core/plugin/registry.hpp"
#include "core/plugin/services.hpp"

namespace risetime::core {

// What a process has whatever the project: made by the command line, or by a test.
struct Runtime {
  const Clock& clock;
  Log& log;
  ThreadPool& threads;
  PluginRegistry& plugins;
  SecretVault& secrets;
  const std::atomic<bool>& stop;  // set by Ctrl-C
  std::function<void(std::string_view what, double done, double total)> progress;
  std::filesystem::path record, replay;  // of HTTP exchanges; empty: none
};

// An instance of a plugin with the services that it was given.
struct OpenPlugin {
  std::unique_ptr<HostServices> services;
  std::unique_ptr<client::Instance> instance;  // after services: destroyed first
  client::Instance& operator*() const { return *instance; }
};

class Project {
 public:
  enum class Access { whole, look };  // look: beside a process that works; for what only reads

  // Locks the data set's folder, unless it is only looked at, and opens the stores. settings().project.data is the data
  // set's folder from then on. Throws Error naming the section of the configuration.
  Project(Settings settings, Runtime& runtime, Access access = Access::whole);

  const Settings& settings() const noexcept { return settings_; }
  Runtime& runtime() const noexcept { return runtime_; }
  Catalog& catalog() { return *catalog_; }
  HttpClient& http() { return *http_; }
  // The data folder, in which data sets lie.
  std::filesystem::path root() const { return http_folder_.parent_path(); }
  const HostParts& parts() const noexcept { return parts_; }

  // An instance for a section of the configuration; relative paths of its settings start at the configuration's folder.
  OpenPlugin open(const PluginSettings& section, const std::string& scope);
  // "ridge 1.0.0": what fingerprints and reports call a plugin.
  std::string plugin_version(const std::string& id);
  // The same with the file's SHA-256: another build of one version is another.
  std::string plugin_build(const std::string& id);

  // Throws Error(Code::cancelled) once the user asked to stop.
  void check_stop() const;

 private:
  OpenPlugin open_in(const PluginSettings& section, const std::string& scope, const std::filesystem::path& folder);

  Settings settings_;
  Runtime& runtime_;
  std::filesystem::path http_folder_;  // of all data sets: politeness knows but one project
  std::optional<FolderLock> lock_;
  std::unique_ptr<HttpClient> http_;
  HostParts parts_;
  OpenPlugin rows_, artifacts_;
  std::unique_ptr<Catalog> catalog_;
};

// Which plugins there are, for the checker of configurations.
class RegistryLookup : public PluginLookup {
 public:
  explicit RegistryLookup(PluginRegistry& plugins) : plugins_(plugins) {}
  std::vector<std::string> names(PluginKind kind) const override;
  std::optional<std::string> schema(PluginKind kind, std::string_view name) const override;

 private:
  PluginRegistry& plugins_;
};

// The data sets of a project that are on the disk, by name; "" is the data folder itself.
std::vector<std::string> datasets_in(const std::filesystem::path& data);

// "risetime.model/1" for PluginKind::model, and so on.
const char* capability_of(PluginKind kind);

}  // namespace risetime::core
