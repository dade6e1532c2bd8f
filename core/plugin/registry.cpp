// Finds plugins by their notes and loads them once.
#include "core/plugin/registry.hpp"

#include <algorithm>
#include <cstdlib>
#include <risetime/error.hpp>
#include <sstream>

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace risetime::core {

namespace {

bool is_capable(const NotedPlugin& plugin, std::string_view capability) {
  return capability.empty() ||
         std::find(plugin.capabilities.begin(), plugin.capabilities.end(), capability) != plugin.capabilities.end();
}

std::vector<std::filesystem::path> shared_objects(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

PluginRegistry::PluginRegistry(std::vector<std::filesystem::path> folders, std::map<std::string, std::string> lock)
    : folders_(std::move(folders)), lock_(std::move(lock)) {
  for (const auto& folder : folders_) {
    for (const auto& file : shared_objects(folder)) {
      try {
        const PluginNote note = read_note(file);
        check_compatible(note, file.string());
        for (const NotedPlugin& plugin : note.plugins)
          if (find(plugin.id) == nullptr) found_.push_back({plugin, file});
      } catch (const Error& error) {
        refused_.push_back({file, error.message()});
      }
    }
  }
}

const FoundPlugin* PluginRegistry::find(std::string_view id) const {
  for (const FoundPlugin& found : found_)
    if (found.plugin.id == id) return &found;
  return nullptr;
}

std::vector<std::string> PluginRegistry::ids(std::string_view capability) const {
  std::vector<std::string> ids;
  for (const FoundPlugin& found : found_)
    if (is_capable(found.plugin, capability)) ids.push_back(found.plugin.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool PluginRegistry::has(std::string_view id, std::string_view capability) const {
  const FoundPlugin* found = find(id);
  return found != nullptr && is_capable(found->plugin, capability);
}

const PluginLibrary& PluginRegistry::library(std::string_view id) {
  const FoundPlugin* found = find(id);
  if (found == nullptr) {
    const auto near = did_you_mean(id, ids());
    std::string folders;
    for (const auto& folder : folders_) folders += (folders.empty() ? "" : ", ") + folder.string();
    throw Error(Code::config, std::string(id),
                "there is no such plugin in " + folders +
                    (near ? "; did you mean \"" + *near + "\"?" : "; see `risetime plugins list`"));
  }
  auto& library = loaded_[found->file];
  if (library == nullptr) {
    LoadOptions options;
    options.by_path = std::getenv("RISETIME_LOAD_BY_PATH") != nullptr;
    if (!lock_.empty()) {
      const auto locked = lock_.find(found->file.filename().string());
      if (locked == lock_.end())
        throw Error(Code::config, found->file.string(),
                    "it is not in plugins.lock; if you trust it, run `risetime plugins lock`");
      options.expected_sha256 = locked->second;
    }
    library = std::make_unique<PluginLibrary>(found->file, options);
  }
  return *library;
}

const risetime_plugin& PluginRegistry::load(std::string_view id) {
  const PluginLibrary& loaded = library(id);
  const risetime_plugin* plugin = loaded.find(id);
  if (plugin == nullptr)
    throw Error(Code::input, loaded.file().string(),
                "its note names \"" + std::string(id) + "\", but it does not hold it; build the plugin again");
  return *plugin;
}

std::vector<std::filesystem::path> default_plugin_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* listed = std::getenv("RISETIME_PLUGINS")) {
    std::istringstream parts(listed);
    for (std::string folder; std::getline(parts, folder, ':');)
      if (!folder.empty()) folders.emplace_back(folder);
  }
  std::error_code none;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", none);
  if (!none) {
    for (const char* beside : {"plugins", "lib/risetime/plugins"}) {
      const auto folder = program.parent_path().parent_path() / beside;
      if (std::filesystem::is_directory(folder, none)) folders.push_back(folder);
    }
  }
  return folders;
}

std::map<std::string, std::string> read_plugin_lock(const std::filesystem::path& file) {
  std::map<std::string, std::string> lock;
  std::istringstream lines(read_file(file));
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string sha256, name;
    words >> sha256 >> name;
    if (sha256.size() != 64 || sha256.find_first_not_of("0123456789abcdef") != std::string::npos || name.empty())
      throw Error(Code::input, file.string() + ":" + std::to_string(number),
                  "expected a SHA-256 in hexadecimal and a file name; `risetime plugins lock` writes the file anew");
    lock[name] = sha256;
  }
  return lock;
}

}  // namespace risetime::core
