// Saved state of a plugin: little-endian bytes, written and read in the same order, with bounds checked.
#pragma once

#include <cstring>
#include <risetime/error.hpp>
#include <risetime/hash.hpp>
#include <risetime/span.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace risetime {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "saved states are little-endian");

class Writer {
 public:
  template <class T>
  void write(T value) {
    static_assert(std::is_arithmetic_v<T>, "write numbers, strings and vectors of these");
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void write(std::string_view text) {
    write(static_cast<std::uint64_t>(text.size()));
    bytes_.append(text);
  }
  void write(const std::string& text) { write(std::string_view(text)); }
  void write(const char* text) { write(std::string_view(text)); }
  template <class T>
  void write(const std::vector<T>& values) {
    write(static_cast<std::uint64_t>(values.size()));
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
      bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    } else {
      for (const auto& value : values) write(value);
    }
  }
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  // T as it was written: a number, std::string, or a std::vector of these. Throws Error(Code::input) on bytes that
  // end early.
  template <class T>
  T read() {
    if constexpr (std::is_arithmetic_v<T>) {
      T value{};
      std::memcpy(&value, take(sizeof value), sizeof value);
      return value;
    } else if constexpr (std::is_same_v<T, std::string>) {
      const auto size = read<std::uint64_t>();
      return std::string(take(size), static_cast<std::size_t>(size));
    } else {
      return read_vector<typename T::value_type>();
    }
  }
  bool at_end() const noexcept { return at_ == bytes_.size(); }
  // Throws Error(Code::input) when something is left: the bytes are another plugin's.
  void finish() const {
    if (!at_end()) throw Error(Code::input, "saved state", "it is longer than expected; it was made by something else");
  }

 private:
  const char* take(std::uint64_t count) {
    if (count > bytes_.size() - at_)
      throw Error(Code::input, "saved state", "it ends early at byte " + std::to_string(bytes_.size()));
    const char* from = bytes_.data() + at_;
    at_ += static_cast<std::size_t>(count);
    return from;
  }
  template <class T>
  std::vector<T> read_vector() {
    const auto size = read<std::uint64_t>();
    std::vector<T> values;
    if constexpr (std::is_arithmetic_v<T>) {
      if (size > bytes_.size() / sizeof(T)) take(bytes_.size() + 1);
      const char* from = take(size * sizeof(T));
      values.resize(static_cast<std::size_t>(size));
      if (size > 0) std::memcpy(values.data(), from, values.size() * sizeof(T));
    } else {
      for (std::uint64_t i = 0; i < size; ++i) values.push_back(read<T>());
    }
    return values;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

// The number that a state begins with, by which a plugin tells the layouts it ever wrote apart. Throws
// Error(Code::input) unless it is one of 1 .. newest.
inline std::uint64_t read_version(Reader& from, std::uint64_t newest) {
  const auto version = from.read<std::uint64_t>();
  if (version == 0 || version > newest)
    throw Error(Code::input, "saved state",
                "it is of version " + std::to_string(version) + ", this plugin reads versions up to " +
                    std::to_string(newest) + "; use a newer release of the plugin, or train again");
  return version;
}

// A saved state in its envelope: a mark, the state's length and hash (FNV-1a, which any single changed byte changes),
// the state. Bytes that were cut or flipped on a disk are refused as a whole, before a plugin reads any.
namespace envelope {

constexpr std::string_view mark = "risetime state\n";

inline std::string seal(std::string_view state) {
  Writer head;
  head.write(static_cast<std::uint64_t>(state.size()));
  head.write(fnv1a_64(state));
  return std::string(mark) + head.bytes() + std::string(state);
}

// The state; the bytes themselves where they have no mark, as those of plugins built before there were envelopes.
// Throws Error(Code::input) on damage.
inline std::string_view open(std::string_view bytes) {
  if (bytes.substr(0, mark.size()) != mark) return bytes;
  Reader head(bytes.substr(mark.size()));
  const auto size = head.read<std::uint64_t>(), hash = head.read<std::uint64_t>();
  const std::string_view state = bytes.substr(mark.size() + 2 * sizeof(std::uint64_t));
  if (state.size() != size)
    throw Error(Code::input, "saved state",
                "it has " + std::to_string(state.size()) + " bytes of " + std::to_string(size) + "; train again");
  if (fnv1a_64(state) != hash)
    throw Error(Code::input, "saved state", "its bytes have changed since it was saved; train again");
  return state;
}

}  // namespace envelope

}  // namespace risetime
