// Plain, gzip and zstd files as streams of bytes, and the window over them.
#include "stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <risetime/hash.hpp>

namespace risetime::file {
namespace {

// A file descriptor with the name that errors use.
class Descriptor {
 public:
  Descriptor(const std::string& path, std::string name) : name_(std::move(name)) {
    do fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    while (fd_ < 0 && errno == EINTR);
    if (fd_ < 0) fail("cannot be opened");
  }
  Descriptor(Descriptor&& other) noexcept : name_(std::move(other.name_)), fd_(other.fd_), at_(other.at_) {
    other.fd_ = -1;
  }
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  const std::string& name() const { return name_; }
  std::uint64_t at() const { return at_; }
  void seek(std::uint64_t offset) { at_ = offset; }

  FileState state() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) fail("cannot be examined");
    if (S_ISDIR(status.st_mode)) throw Error(Code::input, name_, "is a folder, not a file");
    return {status.st_size, status.st_mtim.tv_sec * 1'000'000 + status.st_mtim.tv_nsec / 1'000};
  }
  std::size_t read(char* to, std::size_t size) {
    const std::size_t count = read_at(to, size, at_);
    at_ += count;
    return count;
  }
  // Fewer bytes than wanted only at the end of the file.
  std::size_t read_at(char* to, std::size_t size, std::uint64_t offset) const {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count = ::pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot be read at byte " + std::to_string(offset + done));
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Code::io, name_, what + ": " + std::strerror(errno));
  }

  std::string name_;
  int fd_ = -1;
  std::uint64_t at_ = 0;
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(Descriptor file) : file_(std::move(file)) {}
  std::size_t read(char* to, std::size_t size) override { return file_.read(to, size); }
  bool skip_to(std::uint64_t offset) override {
    if (static_cast<std::uint64_t>(file_.state().size) < offset) return false;
    file_.seek(offset);
    return true;
  }
  std::uint64_t raw_offset() const override { return file_.at(); }

 private:
  Descriptor file_;
};

// What gzip and zstd have in common: compressed bytes come from a buffer that is filled from the file.
class CompressedSource : public ByteSource {
 public:
  explicit CompressedSource(Descriptor file) : file_(std::move(file)), input_(std::size_t{1} << 16) {}

  bool skip_to(std::uint64_t offset) override {
    std::array<char, 1 << 14> nowhere;
    while (given_ < offset) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(nowhere.size(), offset - given_));
      if (read(nowhere.data(), wanted) == 0) return false;
    }
    return true;
  }
  std::uint64_t raw_offset() const override { return file_.at() - (filled_ - used_); }

  std::size_t read(char* to, std::size_t size) final {
    const std::size_t count = decompress(to, size);
    given_ += count;
    return count;
  }

 protected:
  virtual std::size_t decompress(char* to, std::size_t size) = 0;
  // Whether there is compressed input left; reads on if none is in memory.
  bool has_input() {
    if (used_ < filled_) return true;
    used_ = 0;
    filled_ = file_.read(input_.data(), input_.size());
    return filled_ > 0;
  }
  [[noreturn]] void broken(const std::string& what) const {
    throw Damage(file_.name() + ":byte " + std::to_string(raw_offset()),
                 what + "; what came before was read. Write or download the file again");
  }

  Descriptor file_;
  std::vector<char> input_;
  std::size_t used_ = 0, filled_ = 0;

 private:
  std::uint64_t given_ = 0;
};

// One or more gzip members, one behind the other (as `cat a.gz b.gz` makes them).
class GzipSource final : public CompressedSource {
 public:
  explicit GzipSource(Descriptor file) : CompressedSource(std::move(file)) {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

 private:
  std::size_t decompress(char* to, std::size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
    const std::size_t wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      // A member may still hold output back, so the decoder is asked even when no input is left.
      const bool input = has_input();
      if (!input && !in_member_) return 0;
      if (!in_member_) begin_member();
      if (padding_) return 0;
      stream_.next_in = reinterpret_cast<Bytef*>(input_.data() + used_);
      stream_.avail_in = static_cast<uInt>(filled_ - used_);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      used_ = filled_ - stream_.avail_in;
      if (status == Z_STREAM_END) {
        in_member_ = false;
      } else if (status == Z_BUF_ERROR && !input) {
        broken("the gzip data ends early");
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        if (stream_.avail_out < wanted) break;  // give what came out first; the next call fails again
        broken("the gzip data is damaged (" + std::string(stream_.msg != nullptr ? stream_.msg : "no reason given") +
               ")");
      }
    }
    return wanted - stream_.avail_out;
  }
  void begin_member() {
    // Zeros behind the last member are padding (tapes, and some downloads, end so).
    if (any_member_ && input_[used_] == '\0') {
      padding_ = true;
      return;
    }
    if (any_member_) inflateReset(&stream_);
    any_member_ = in_member_ = true;
  }

  z_stream stream_{};
  bool in_member_ = false, any_member_ = false, padding_ = false;
};

class ZstdSource final : public CompressedSource {
 public:
  explicit ZstdSource(Descriptor file) : CompressedSource(std::move(file)), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_initDStream(stream_.get());
  }

 private:
  std::size_t decompress(char* to, std::size_t size) override {
    if (!damage_.empty()) broken(damage_);
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos == 0) {
      // A finished frame may still hold output back, so the decoder is asked even when no input is left.
      const bool input = has_input();
      ZSTD_inBuffer in{input_.data(), filled_, used_};
      if (!input && !in_frame_) return 0;
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
      used_ = in.pos;
      if (ZSTD_isError(left) != 0) {
        damage_ = std::string("the zstd data is damaged (") + ZSTD_getErrorName(left) + ")";
        if (out.pos > 0) break;  // give what came out first; the next call fails
        broken(damage_);
      }
      in_frame_ = left != 0;
      if (!input && in_frame_ && out.pos == 0) broken("the zstd data ends early");
    }
    return out.pos;
  }

  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool in_frame_ = false;
  std::string damage_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
  std::size_t read(char* to, std::size_t size) override {
    const std::size_t count = std::min({size, piece_, bytes_.size() - at_});
    if (count > 0) std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  bool skip_to(std::uint64_t offset) override {
    if (offset > bytes_.size()) return false;
    at_ = static_cast<std::size_t>(offset);
    return true;
  }
  std::uint64_t raw_offset() const override { return at_; }

 private:
  std::string bytes_;
  std::size_t piece_, at_ = 0;
};

bool begins(std::string_view head, std::string_view magic) { return head.substr(0, magic.size()) == magic; }

// Refuses what is known to hold no text, with a sentence that says what to do.
void refuse_other_kinds(std::string_view head, const std::string& name) {
  const auto refuse = [&](const std::string& what) { throw Error(Code::input, name, what); };
  if (begins(head, "\xFF\xFE") || begins(head, "\xFE\xFF"))
    refuse("is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8 " + name);
  if (begins(head, "PK\x03\x04")) refuse("is a ZIP archive (or a spreadsheet). Unpack it, or export it as CSV");
  if (begins(head, "PAR1")) refuse("is a Parquet file. Export it as CSV");
  if (begins(head, "BZh")) refuse("is compressed with bzip2. Unpack it, or compress it with gzip or zstd");
  if (begins(head, std::string_view("\xFD"
                                    "7zXZ",
                                    5)))
    refuse("is compressed with xz. Unpack it, or compress it with gzip or zstd");
  if (begins(head, "SQLite format 3")) refuse("is an SQLite database. Export its tables as CSV");
}

bool is_zstd(std::string_view head) {
  if (begins(head, "\x28\xB5\x2F\xFD")) return true;
  return head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xF0U) == 0x50U &&
         head.substr(1, 3) == "\x2A\x4D\x18";
}

}  // namespace

std::string fingerprint(std::string_view bytes) {
  std::uint64_t hash = fnv1a_64(bytes);
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) text[i] = "0123456789abcdef"[hash & 15U];
  return text;
}

OpenFile open_file(const std::string& path, const std::string& name, std::int64_t head_bytes) {
  Descriptor file(path, name);
  OpenFile open;
  open.state = file.state();
  std::string head(4096, '\0');
  head.resize(file.read_at(head.data(), head.size(), 0));
  refuse_other_kinds(head, name);
  const auto held = static_cast<std::int64_t>(head.size());
  open.head_bytes = head_bytes < 0 ? held : std::min(held, head_bytes);
  open.head = fingerprint(std::string_view(head).substr(0, static_cast<std::size_t>(open.head_bytes)));
  if (begins(head, "\x1F\x8B")) {
    open.bytes = std::make_unique<GzipSource>(std::move(file));
  } else if (is_zstd(head)) {
    open.bytes = std::make_unique<ZstdSource>(std::move(file));
  } else {
    open.bytes = std::make_unique<PlainSource>(std::move(file));
  }
  return open;
}

OpenFile open_plain(const std::string& path, const std::string& name) {
  Descriptor file(path, name);
  OpenFile open;
  open.state = file.state();
  open.bytes = std::make_unique<PlainSource>(std::move(file));
  return open;
}

FileState state_of(const std::string& path, const std::string& name) { return Descriptor(path, name).state(); }

std::unique_ptr<ByteSource> open_memory(std::string bytes, std::size_t piece) {
  return std::make_unique<MemorySource>(std::move(bytes), piece);
}

Window::Window(std::unique_ptr<ByteSource> source, std::uint64_t offset, std::size_t chunk)
    : source_(std::move(source)), buffer_(chunk + padding), offset_(offset), chunk_(chunk) {}

bool Window::more() {
  if (at_end_) return false;
  const std::size_t held = end_ - begin_;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, held);
    begin_ = 0;
    end_ = held;
  }
  const std::size_t wanted = std::max(chunk_, held);
  if (buffer_.size() < held + wanted + padding) buffer_.resize(held + wanted + padding);
  const std::size_t count = source_->read(buffer_.data() + end_, wanted);
  end_ += count;
  at_end_ = count == 0;
  return count > 0;
}

std::string_view Window::sample(std::size_t size) {
  try {
    while (view().size() < size && more()) {
    }
  } catch (const Damage&) {
    // The source throws it again when it is asked for what is behind.
  }
  return view().substr(0, size);
}

void Window::consume(std::size_t count) {
  begin_ += count;
  offset_ += count;
}

bool Window::skip_to(std::uint64_t offset) {
  const std::uint64_t held = end_ - begin_;
  if (offset < offset_) return false;
  if (offset - offset_ <= held) {
    consume(static_cast<std::size_t>(offset - offset_));
    return true;
  }
  if (!source_->skip_to(offset)) return false;
  begin_ = end_ = 0;
  offset_ = offset;
  return true;
}

}  // namespace risetime::file
