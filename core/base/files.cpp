// Files through POSIX calls, because the standard streams neither sync nor tell why something failed.
#include "core/base/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <risetime/error.hpp>
#include <system_error>

namespace risetime::core {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what, int reason) {
  throw Error(Code::io, path.string(), what + ": " + std::generic_category().message(reason));
}

// A file descriptor that is closed with its scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  bool open() const { return value_ >= 0; }
  // Whether the system had something to say on closing (a full disk on a network file system, for one).
  bool close() {
    const int value = value_;
    value_ = -1;
    return ::close(value) == 0;
  }

 private:
  int value_;
};

void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "cannot be written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync folders and say EINVAL: nothing is to be done there.
  if (!descriptor.open() || (::fsync(descriptor.get()) != 0 && errno != EINVAL))
    fail(folder, "the folder cannot be synced to disk", errno);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// A new file beside `path`; not mkstemp, whose files only their owner can read.
std::filesystem::path temporary_beside(const std::filesystem::path& path, int& descriptor) {
  for (int attempt = 0; attempt < 10'000; ++attempt) {
    std::filesystem::path candidate = path;
    candidate += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
    descriptor = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return candidate;
    if (errno != EEXIST) fail(path, "cannot be written", errno);
  }
  fail(path, "cannot be written: too many temporary files stand beside it", EEXIST);
}

std::string holder_of(int descriptor) {
  char buffer[32];
  const ssize_t size = ::pread(descriptor, buffer, sizeof buffer, 0);
  std::string pid(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  pid.erase(pid.find_last_not_of(" \n") + 1);
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.open()) fail(path, "cannot be read", errno);
  struct stat about {};
  if (::fstat(descriptor.get(), &about) != 0) fail(path, "cannot be read", errno);
  if (S_ISDIR(about.st_mode)) throw Error(Code::io, path.string(), "is a folder where a file is needed");
  std::string bytes;
  std::size_t size = 0;
  const std::size_t expected = about.st_size > 0 ? static_cast<std::size_t>(about.st_size) : 0;
  bytes.resize(std::min(expected, max_bytes) + 1);
  while (true) {
    const ssize_t got = ::read(descriptor.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot be read", errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > max_bytes)
      throw Error(Code::io, path.string(), "is larger than the limit of " + std::to_string(max_bytes) + " bytes");
    if (size == bytes.size()) bytes.resize(std::min(bytes.size() * 2, max_bytes + 1));
  }
  bytes.resize(size);
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  int raw = -1;
  const std::filesystem::path temporary = temporary_beside(path, raw);
  Descriptor descriptor(raw);
  try {
    write_all(descriptor.get(), bytes, path);
    if (::fsync(descriptor.get()) != 0) fail(path, "cannot be synced to disk", errno);
    if (!descriptor.close()) fail(path, "cannot be written", errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path, "cannot be replaced", errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(folder_of(path));
}

void make_folders(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(Code::io, folder.string(), "the folder cannot be made: " + error.message());
  if (!std::filesystem::is_directory(folder, error))
    throw Error(Code::io, folder.string(), "is a file where a folder is needed");
}

ScratchFile::ScratchFile(const std::filesystem::path& folder) : folder_(folder) {
  std::string name = (folder / "scratch-XXXXXX").string();
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail(folder, "no scratch file can be made there", errno);
  ::unlink(name.c_str());
}

ScratchFile::~ScratchFile() { ::close(descriptor_); }

std::uint64_t ScratchFile::append(std::string_view bytes) {
  constexpr std::size_t most_waiting = std::size_t{1} << 20U;
  const std::uint64_t from = size_;
  waiting_.append(bytes);
  size_ += bytes.size();
  if (waiting_.size() >= most_waiting) finish();
  return from;
}

void ScratchFile::finish() {
  write_all(descriptor_, waiting_, folder_ / "(scratch)");
  waiting_.clear();
}

std::string ScratchFile::read(std::uint64_t from, std::size_t count) const {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count;) {
    const ssize_t got = ::pread(descriptor_, bytes.data() + at, count - at, static_cast<off_t>(from + at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail(folder_ / "(scratch)", "cannot be read back", got < 0 ? errno : EIO);
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

FolderLock::FolderLock(const std::filesystem::path& folder) {
  make_folders(folder);
  const std::filesystem::path path = folder / "risetime.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path, "cannot be opened to lock the folder", errno);
  try {
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) fail(path, "cannot be locked", errno);
      throw Error(Code::state, folder.string(),
                  "is in use by " + holder_of(descriptor_) +
                      "; wait for it to end, stop it, or set another [project] data folder");
    }
    // The number is for the message above only: the kernel's lock decides, so a stale number does no harm.
    if (::ftruncate(descriptor_, 0) != 0) fail(path, "cannot be written", errno);
    write_all(descriptor_, std::to_string(::getpid()) + "\n", path);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

// The file stays: removing it would let a third process lock a new file while a second still holds the old one.
FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace risetime::core
