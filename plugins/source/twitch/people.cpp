// Pseudonyms by OpenSSL.
#include "people.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <risetime/error.hpp>

namespace risetime::twitch {

std::string People::person(std::string_view login) const {
  std::string name(login);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (!key_) return name;
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key_->data(), static_cast<int>(key_->size()),
           reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest.data(), &size) == nullptr)
    throw Error(Code::internal, "pseudonym_key", "OpenSSL makes no pseudonym");
  std::string hex;
  for (const unsigned char byte : digest) hex += {"0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 15U]};
  return hex;
}

std::vector<std::string> People::forms_of(std::string_view login) const {
  std::vector<std::string> forms = {People().person(login)};
  if (key_) forms.push_back(person(login));
  return forms;
}

}  // namespace risetime::twitch
