// SHA-256 through OpenSSL, and the unambiguous byte form of fingerprints.
#include "core/base/hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <risetime/error.hpp>
#include <utility>

namespace risetime::core {
namespace {

void require(bool worked) {
  if (!worked) throw Error(Code::internal, "SHA-256", "OpenSSL refused to compute it; check the installed libssl");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::Sha256(const Sha256& other) : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && EVP_MD_CTX_copy_ex(context_.get(), other.context_.get()) == 1);
}

Sha256& Sha256::operator=(Sha256 other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

Sha256& Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  return *this;
}

std::string Sha256::hex() const {
  const Sha256 copy(*this);  // finishing ends a context, and more may follow in this one
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(copy.context_.get(), digest.data(), &size) == 1);
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(std::size_t{2} * size);
  for (unsigned i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4U];
    out += digits[digest[i] & 15U];
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) { return Sha256().update(bytes).hex(); }

Fingerprint& Fingerprint::tagged(char tag, std::uint64_t bits) {
  std::array<char, 9> out{tag};
  for (std::size_t i = 0; i < 8; ++i) out[i + 1] = static_cast<char>(bits >> (8 * i) & 0xFFU);
  hash_.update({out.data(), out.size()});
  return *this;
}

Fingerprint& Fingerprint::add(std::string_view text) {
  tagged('s', text.size());
  hash_.update(text);
  return *this;
}

Fingerprint& Fingerprint::add(std::int64_t value) { return tagged('i', static_cast<std::uint64_t>(value)); }
Fingerprint& Fingerprint::add(std::uint64_t value) { return tagged('u', value); }
Fingerprint& Fingerprint::add(bool value) { return tagged('b', value ? 1 : 0); }
Fingerprint& Fingerprint::list(std::size_t count) { return tagged('l', count); }

Fingerprint& Fingerprint::add(double value) {
  double canonical = value;
  if (std::isnan(value)) canonical = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) canonical = 0;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &canonical, sizeof bits);
  return tagged('d', bits);
}

}  // namespace risetime::core
