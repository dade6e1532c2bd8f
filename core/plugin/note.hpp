// What a plugin file says about itself before any of its code runs: the ELF note that the SDK puts into it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

struct NotedPlugin {
  std::string id, version, summary;
  std::vector<std::string> capabilities;  // "risetime.model/1"
};

struct PluginNote {
  int abi_major = 0, abi_minor = 0;          // of the header it was built with
  int minimum_major = 0, minimum_minor = 0;  // of the oldest host that can run it
  std::string compiler, library;
  std::vector<NotedPlugin> plugins;
};

// From the bytes of a shared object. Throws Error(Code::input) whose text says what is wrong: no ELF file, cut short,
// another machine's, without the note, or with a note that cannot be read. `where` names the file in errors.
PluginNote read_note(std::string_view elf, const std::string& where);

// The same from a file, reading only the parts that are needed. Throws also Error(Code::io).
PluginNote read_note(const std::filesystem::path& file);

// Throws Error(Code::unsupported) with both numbers and what to do, unless this host can run the plugin.
void check_compatible(const PluginNote& note, const std::string& where);

}  // namespace risetime::core
