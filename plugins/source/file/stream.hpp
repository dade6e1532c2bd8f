// The bytes of a file as they were before compression, in order, without ever holding more than a window of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <risetime/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::file {

// What is known about a file without reading all of it; a cursor keeps it to tell an appended file from another one.
struct FileState {
  std::int64_t size = 0;
  std::int64_t modified_us = 0;  // UTC microseconds
};

// The compression of a file is broken: `where` is the file and the byte in it. What came before was given.
class Damage : public Error {
 public:
  Damage(std::string where, std::string message) : Error(Code::input, std::move(where), std::move(message)) {}
};

// FNV-1a, 64 bits, in hexadecimal: tells files apart, protects nothing.
std::string fingerprint(std::string_view bytes);

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  // Up to `size` bytes; 0 only at the end. Throws Damage, after it gave all that came before it, or Error(Code::io)
  // where the disk fails.
  virtual std::size_t read(char* to, std::size_t size) = 0;
  // Goes forward to a place in the uncompressed bytes; false where they end before it.
  virtual bool skip_to(std::uint64_t offset) = 0;
  // Bytes of the file itself that were read so far: for progress.
  virtual std::uint64_t raw_offset() const = 0;
};

// A file that is open: its state at that moment, the hash of its head, and its bytes.
struct OpenFile {
  FileState state;
  std::string head;  // fingerprint of the first head_bytes
  std::int64_t head_bytes = 0;
  std::unique_ptr<ByteSource> bytes;
};

// Recognizes gzip and zstd by their first bytes and everything else as plain. `name` is what errors call the file.
// head_bytes: how much of the head is hashed; -1 for the usual 4 KiB (less if the file is shorter).
// Throws Error(Code::io) where it cannot be opened, Error(Code::input) for an archive, a UTF-16 text or another kind of
// file that holds no text.
OpenFile open_file(const std::string& path, const std::string& name, std::int64_t head_bytes = -1);

// The same without a look at what is in it.
OpenFile open_plain(const std::string& path, const std::string& name);
FileState state_of(const std::string& path, const std::string& name);

// Bytes that are in memory, `piece` at a time: for tests and fuzzers.
std::unique_ptr<ByteSource> open_memory(std::string bytes, std::size_t piece);

// The unread part of a stream. Behind view() there are always at least `padding` readable bytes.
class Window {
 public:
  static constexpr std::size_t padding = 64;

  // `offset` is where the source stands.
  Window(std::unique_ptr<ByteSource> source, std::uint64_t offset, std::size_t chunk = std::size_t{1} << 18);

  std::string_view view() const { return {buffer_.data() + begin_, end_ - begin_}; }
  std::uint64_t offset() const { return offset_; }  // of view().front(), in the uncompressed bytes
  std::uint64_t raw_offset() const { return source_->raw_offset(); }
  // Reads on, at least doubling a view that is not empty; false, and at_end(), if nothing follows. Moves the view.
  bool more();
  bool at_end() const { return at_end_; }
  // Reads on until the view holds `size` bytes, or all that there is. Damage behind them is left to more().
  std::string_view sample(std::size_t size);
  void consume(std::size_t count);
  // Goes forward; false where the stream ends before.
  bool skip_to(std::uint64_t offset);

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t offset_;
  std::size_t chunk_;
  bool at_end_ = false;
};

}  // namespace risetime::file
