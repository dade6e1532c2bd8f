// Secrets at run time: fetched when first needed, handed to plugins as handles, and put in place only where they leave.
//
// A configuration holds references ("@{env:NAME}"), which may be hashed, stored and shown. A plugin is given handles
// ("@{secret:...}"), which are made anew in every run from random bytes: a text from the network that looks like a
// handle cannot match one, so it cannot make the host put a secret into a request.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/redactor.hpp"
#include "core/config/settings.hpp"

namespace risetime::core {

// Every function may be called from any thread. Values are wiped when the vault ends.
class SecretVault {
 public:
  // What the environment says; nothing where the variable is not set.
  using Environment = std::function<std::optional<std::string>(const std::string& name)>;

  // Values that are fetched are registered with `redactor`, which must outlive the vault. Relative paths of
  // "@{file:PATH}" start at `folder`, the configuration's.
  SecretVault(Redactor& redactor, std::filesystem::path folder, Environment environment = process_environment());
  SecretVault(const SecretVault&) = delete;
  SecretVault& operator=(const SecretVault&) = delete;

  // The plugin's settings for its create(): the JSON of `plugin.config` with a handle for each reference. Fetches
  // nothing. The same reference gets the same handle.
  std::string handles_in(const PluginSettings& plugin);

  // The value behind a handle. Throws Error(Code::config) naming the environment variable or the file and the place of
  // the setting where it cannot be had or is empty, Error(Code::input) for what is no handle.
  std::string reveal(std::string_view handle);

  // The text with values for handles: only for what leaves the process, as it leaves. Throws as reveal does.
  std::string substitute(std::string_view text);

  // The text with references for handles and "***" for values: for logs, errors, recordings and the names of cached
  // answers, and the same in every run.
  std::string redact(std::string_view text) const;

  // Looks the variable up in this process.
  static Environment process_environment();

 private:
  struct Entry {
    std::string reference;
    Position at;
    std::string path;                   // of the setting
    std::unique_ptr<SecretText> value;  // once fetched
  };

  std::string handle_for(const std::string& reference, const Position& at, const std::string& path);
  void put_handles(Json& value, const PluginSettings& plugin, const std::string& path);
  const SecretText& fetch(Entry& entry);
  std::string fetch_from(const Entry& entry) const;
  std::string replace_handles(std::string_view text, const std::function<void(std::string&, Entry&)>& append) const;

  Redactor& redactor_;
  std::filesystem::path folder_;
  Environment environment_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Entry, std::less<>> entries_;  // by handle
};

}  // namespace risetime::core
