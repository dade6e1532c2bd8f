// The plugins that can be had: found in folders by their notes, loaded when first used.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/library.hpp"

namespace risetime::core {

struct FoundPlugin {
  NotedPlugin plugin;
  std::filesystem::path file;
};

struct RefusedFile {
  std::filesystem::path file;
  std::string reason;
};

class PluginRegistry {
 public:
  // Reads the notes of FOLDER/*.so, in the order of folders and then of names; of two plugins with one id the first
  // counts. `lock` maps file names to SHA-256; a file that is not in it is refused unless the lock is empty.
  explicit PluginRegistry(std::vector<std::filesystem::path> folders, std::map<std::string, std::string> lock = {});

  const std::vector<FoundPlugin>& found() const noexcept { return found_; }
  // Files that are no plugins or cannot be used by this host; they stop nobody else.
  const std::vector<RefusedFile>& refused() const noexcept { return refused_; }
  const std::vector<std::filesystem::path>& folders() const noexcept { return folders_; }

  // Ids with this capability ("risetime.model/1"; empty: any), sorted.
  std::vector<std::string> ids(std::string_view capability = {}) const;
  bool has(std::string_view id, std::string_view capability = {}) const;

  // Loads the file on first use. Throws Error(Code::config) with a did-you-mean for an unknown id; else as
  // PluginLibrary does.
  const risetime_plugin& load(std::string_view id);
  const PluginLibrary& library(std::string_view id);

 private:
  const FoundPlugin* find(std::string_view id) const;

  std::vector<std::filesystem::path> folders_;
  std::map<std::string, std::string> lock_;
  std::vector<FoundPlugin> found_;
  std::vector<RefusedFile> refused_;
  std::map<std::filesystem::path, std::unique_ptr<PluginLibrary>> loaded_;
};

// Where plugins are looked for: RISETIME_PLUGINS (separated by ':'), then ../plugins and ../lib/risetime/plugins beside
// the program.
std::vector<std::filesystem::path> default_plugin_folders();

// plugins.lock: a line "SHA256  FILE" each, as sha256sum writes it. Throws Error(Code::input) naming the line.
std::map<std::string, std::string> read_plugin_lock(const std::filesystem::path& file);

}  // namespace risetime::core
