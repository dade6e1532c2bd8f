// Loads plugin files: sealed memfd, hash, note, then Boost.DLL.
#include "core/plugin/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstring>
#include <risetime/error.hpp>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"

namespace risetime::core {

namespace {

constexpr std::size_t largest_plugin = std::size_t{256} << 20U;

// The bytes in memory that nobody can change any more. The descriptor stays open for good: the dynamic loader knows
// libraries by name, and a number used again would give it the library that had it before.
int sealed_copy(std::string_view bytes, const std::string& where) {
  const int descriptor = ::memfd_create("risetime-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) throw Error(Code::io, where, std::string("no memory for the plugin: ") + std::strerror(errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int reason = errno;
      ::close(descriptor);
      throw Error(Code::io, where, std::string("no memory for the plugin: ") + std::strerror(reason));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ::fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  return descriptor;
}

void check_descriptors(const risetime_plugins& all, const std::string& where) {
  const auto wrong = [&](const std::string& what) {
    throw Error(Code::input, where, what + "; build the plugin again");
  };
  if (all.size < sizeof(risetime_plugins) || all.abi_major != RISETIME_ABI_MAJOR)
    wrong("its entry is of another version than its note");
  if (all.count == 0 || all.count > 1000 || all.plugins == nullptr) wrong("it holds no plugin");
  for (std::uint64_t i = 0; i < all.count; ++i) {
    const risetime_plugin* plugin = all.plugins[i];
    if (plugin == nullptr || plugin->size < sizeof(risetime_plugin)) wrong("a descriptor is too small");
    if (plugin->id == nullptr || plugin->version == nullptr || plugin->summary == nullptr ||
        plugin->config_schema == nullptr || plugin->create == nullptr || plugin->destroy == nullptr ||
        plugin->capability == nullptr)
      wrong("a descriptor has an empty member");
  }
}

// Boost.DLL adds what it likes to the message of the dynamic loader; people need the loader's own words.
std::string loader_message(const std::string& what, const std::string& library_name, const std::string& file) {
  std::string text = what;
  for (std::size_t at = text.find(library_name); at != std::string::npos;
       at = text.find(library_name, at + file.size()))
    text.replace(at, library_name.size(), file);
  return text;
}

}  // namespace

PluginLibrary::PluginLibrary(const std::filesystem::path& file, const LoadOptions& options)
    : file_(std::filesystem::absolute(file)) {
  const std::string where = file_.string();
  const std::string bytes = read_file(file_, largest_plugin);
  sha256_ = sha256_hex(bytes);
  if (!options.expected_sha256.empty() && options.expected_sha256 != sha256_)
    throw Error(Code::input, where,
                "its SHA-256 is " + sha256_ + ", plugins.lock has " + options.expected_sha256 +
                    "; if the change is yours, run `risetime plugins lock`");
  note_ = read_note(bytes, where);
  check_compatible(note_, where);

  const std::string name = options.by_path ? where : "/proc/self/fd/" + std::to_string(sealed_copy(bytes, where));
  const auto mode = static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  boost::dll::shared_library library;
  boost::dll::fs::error_code failure;
  library.load(name, failure, mode);
  if (failure) {
    const char* reason = ::dlerror();
    throw Error(Code::input, where,
                "it cannot be loaded: " + loader_message(reason != nullptr ? reason : failure.message(), name, where) +
                    ". If a library is missing, install it");
  }
  if (!library.has(RISETIME_ENTRY_SYMBOL))
    throw Error(Code::input, where,
                "it does not export " RISETIME_ENTRY_SYMBOL "; build it with risetime_add_plugin()");
  plugins_ = library.get<const risetime_plugins*(void)>(RISETIME_ENTRY_SYMBOL)();
  if (plugins_ == nullptr) throw Error(Code::internal, where, "it could not describe itself");
  check_descriptors(*plugins_, where);
}

const risetime_plugin* PluginLibrary::find(std::string_view id) const {
  for (std::uint64_t i = 0; i < plugins_->count; ++i)
    if (plugins_->plugins[i]->id == id) return plugins_->plugins[i];
  return nullptr;
}

}  // namespace risetime::core
