// A plugin file in this process: verified, then mapped from the very bytes that were verified, and never unloaded.
#pragma once

#include <risetime/abi.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/plugin/note.hpp"

namespace risetime::core {

struct LoadOptions {
  std::string expected_sha256;  // from plugins.lock; empty: any
  bool by_path = false;         // for debuggers and sanitizers, which want the file's name; not sealed
};

class PluginLibrary {
 public:
  // Copies the file into sealed memory, compares its hash, judges its note and only then runs its code. Throws Error,
  // with a sentence for each thing that can be wrong; the process is unharmed then.
  explicit PluginLibrary(const std::filesystem::path& file, const LoadOptions& options = {});
  PluginLibrary(const PluginLibrary&) = delete;
  PluginLibrary& operator=(const PluginLibrary&) = delete;

  const std::filesystem::path& file() const noexcept { return file_; }
  const std::string& sha256() const noexcept { return sha256_; }
  const PluginNote& note() const noexcept { return note_; }
  // The descriptor of one of its plugins, or nullptr.
  const risetime_plugin* find(std::string_view id) const;

 private:
  std::filesystem::path file_;
  std::string sha256_;
  PluginNote note_;
  const risetime_plugins* plugins_ = nullptr;
};

}  // namespace risetime::core
