// Small files read and written whole, folders, scratch space on disk, and the lock that keeps two processes out of one
// project folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace risetime::core {

// The bytes of a file (or of a pipe, to its end). Throws Error(Code::io) naming the path and the reason, also where
// there are more than max_bytes.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{64} << 20U);

// Replaces a file so that a reader, or a machine that loses power, sees the old bytes or the new ones and nothing
// between: a temporary file beside it is written, synced, renamed, and the folder is synced. Throws Error(Code::io).
void write_file(const std::filesystem::path& path, std::string_view bytes);

// Makes the folder and those above it. Throws Error(Code::io), also where a file is in the way.
void make_folders(const std::filesystem::path& folder);

// Bytes that are too many for memory, on disk for as long as the object lives: the file has no name, so nothing is left
// behind however the process ends.
class ScratchFile {
 public:
  // In this folder, which must exist. Throws Error(Code::io).
  explicit ScratchFile(const std::filesystem::path& folder);
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile();

  // Where the bytes begin. Throws Error(Code::io), on a full disk for one.
  std::uint64_t append(std::string_view bytes);
  std::uint64_t size() const noexcept { return size_; }
  // Makes what was appended readable; append no more. Throws Error(Code::io).
  void finish();
  // From any thread, after finish(). Throws Error(Code::io).
  std::string read(std::uint64_t from, std::size_t count) const;

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string waiting_;  // the last bytes, not yet written
};

// Holds a project folder for one process, by flock(2) on "FOLDER/risetime.lock"; the kernel frees it when the process
// ends, however it ends.
class FolderLock {
 public:
  // Makes the folder where it is not there. Throws Error(Code::state) naming the process that holds it, Error(Code::io)
  // where it cannot be locked at all.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

}  // namespace risetime::core
