// SHA-256 for naming artifacts and verifying plugins, fingerprints of structured values, and the SDK's fast hash.
#pragma once

#include <cstdint>
#include <memory>
#include <risetime/hash.hpp>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace risetime::core {

// SHA-256 (FIPS 180-4) over bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256& other);
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256 other) noexcept;
  ~Sha256() = default;

  Sha256& update(std::string_view bytes);
  // 64 lower-case hexadecimal digits of everything so far; more may follow.
  std::string hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256_hex(std::string_view bytes);

// The hash of a sequence of typed values. Every value is written with its type and, where it has one, its length, so
// that two different sequences never give the same bytes ("ab", "c" differs from "a", "bc", and 1 from 1.0 and "1").
class Fingerprint {
 public:
  Fingerprint& add(std::string_view text);
  Fingerprint& add(const char* text) { return add(std::string_view(text)); }
  Fingerprint& add(const std::string& text) { return add(std::string_view(text)); }
  Fingerprint& add(std::int64_t value);
  Fingerprint& add(int value) { return add(static_cast<std::int64_t>(value)); }
  Fingerprint& add(std::uint64_t value);
  Fingerprint& add(double value);  // -0 is 0, and every NaN is the same
  Fingerprint& add(bool value);
  // An opening bracket for `count` values that follow.
  Fingerprint& list(std::size_t count);

  std::string hex() const { return hash_.hex(); }

 private:
  Fingerprint& tagged(char tag, std::uint64_t bits);
  Sha256 hash_;
};

}  // namespace risetime::core
