// The vault: random handles outside, values fetched once and wiped at the end.
#include "core/config/secrets.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <risetime/error.hpp>

#include "core/base/files.hpp"
#include "core/config/toml_check.hpp"

namespace risetime::core {
namespace {

constexpr std::string_view opening = "@{secret:";

std::string random_handle() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw Error(Code::internal, "secrets", "the system gives no random bytes to make a handle from");
  constexpr char digits[] = "0123456789abcdef";
  std::string out(opening);
  for (const unsigned char byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out + "}";
}

}  // namespace

SecretVault::SecretVault(Redactor& redactor, std::filesystem::path folder, Environment environment)
    : redactor_(redactor), folder_(std::move(folder)), environment_(std::move(environment)) {}

SecretVault::Environment SecretVault::process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::string SecretVault::handles_in(const PluginSettings& plugin) {
  Json config = Json::parse(plugin.config);
  const std::lock_guard lock(mutex_);
  put_handles(config, plugin, "");
  return config.dump();
}

// Checking lets references through in secret settings only, so every text that is one is meant as one.
void SecretVault::put_handles(Json& value, const PluginSettings& plugin, const std::string& path) {
  if (const std::string* text = value.if_string()) {
    if (SecretReference::parse(*text)) value = Json(handle_for(*text, plugin.position_of(path), path));
  } else if (const Json::Array* items = value.if_array()) {
    Json::Array replaced = *items;
    for (std::size_t i = 0; i < replaced.size(); ++i)
      put_handles(replaced[i], plugin, path + "[" + std::to_string(i) + "]");
    value = Json(std::move(replaced));
  } else if (const Json::Object* members = value.if_object()) {
    Json::Object replaced = *members;
    for (auto& [name, member] : replaced) put_handles(member, plugin, path.empty() ? name : path + "." + name);
    value = Json(std::move(replaced));
  }
}

std::string SecretVault::handle_for(const std::string& reference, const Position& at, const std::string& path) {
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry.second.reference == reference; });
  if (known != entries_.end()) return known->first;
  return entries_.emplace(random_handle(), Entry{reference, at, path, nullptr}).first->first;
}

std::string SecretVault::reveal(std::string_view handle) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(handle);
  if (found == entries_.end())
    throw Error(Code::input, "secrets",
                "this is not the handle of a secret of this run; pass on the one from the settings");
  return std::string(fetch(found->second).view());
}

std::string SecretVault::substitute(std::string_view text) {
  const std::lock_guard lock(mutex_);
  return replace_handles(text, [&](std::string& out, Entry& entry) { out += fetch(entry).view(); });
}

std::string SecretVault::redact(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  return redactor_.redact(replace_handles(text, [](std::string& out, Entry& entry) { out += entry.reference; }));
}

// What looks like a handle and is none of ours stays as it is: it is only text.
std::string SecretVault::replace_handles(std::string_view text,
                                         const std::function<void(std::string&, Entry&)>& append) const {
  std::string out;
  while (true) {
    const std::size_t begin = text.find(opening);
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin);
    const std::size_t end = text.find('}');
    const auto found = entries_.find(text.substr(0, end == std::string_view::npos ? end : end + 1));
    if (found == entries_.end()) {
      out += text.substr(0, opening.size());
      text.remove_prefix(opening.size());
      continue;
    }
    append(out, found->second);
    text.remove_prefix(end + 1);
  }
}

const SecretText& SecretVault::fetch(Entry& entry) {
  if (entry.value == nullptr) {
    std::string value = fetch_from(entry);
    entry.value = std::make_unique<SecretText>(value);
    wipe(value);
    redactor_.add(entry.value->view());
  }
  return *entry.value;
}

std::string SecretVault::fetch_from(const Entry& entry) const {
  const SecretReference reference = *SecretReference::parse(entry.reference);
  const std::string whose = " (for the setting " + entry.path + ")";
  if (reference.kind == SecretReference::Kind::environment) {
    auto value = environment_(reference.name);
    if (!value)
      throw Error(Code::config, entry.at.text(),
                  "the environment variable " + reference.name + whose + " is not set: set it and run again");
    if (value->empty())
      throw Error(Code::config, entry.at.text(),
                  "the environment variable " + reference.name + whose + " is empty: set it and run again");
    return std::move(*value);
  }
  constexpr std::size_t largest = std::size_t{64} << 10U;
  const std::filesystem::path path = folder_ / reference.name;
  std::string value;
  try {
    value = read_file(path, largest);
  } catch (const Error& error) {
    throw Error(Code::config, entry.at.text(), "the secret's file " + path.string() + whose + " " + error.message());
  }
  // Editors and `echo` end a file with a line break that is no part of the secret.
  const std::size_t last = value.find_last_not_of("\r\n");
  if (last == std::string::npos)
    throw Error(Code::config, entry.at.text(), "the secret's file " + path.string() + whose + " is empty");
  value.resize(last + 1);
  return value;
}

}  // namespace risetime::core
