// Wiping through OpenSSL, and the replacement of registered secrets.
#include "core/base/redactor.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <risetime/json.hpp>

namespace risetime::core {
namespace {

// RFC 3986: all but the unreserved letters are encoded.
std::string percent_encoded(std::string_view value, const char* digits) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

}  // namespace

SecretText::SecretText(std::string_view value) : size_(value.size()), bytes_(std::make_unique<char[]>(value.size())) {
  std::copy(value.begin(), value.end(), bytes_.get());
}

SecretText::~SecretText() { OPENSSL_cleanse(bytes_.get(), size_); }

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

void Redactor::add(std::string_view value) {
  if (value.empty()) return;
  std::string upper = percent_encoded(value, "0123456789ABCDEF");
  std::string lower = percent_encoded(value, "0123456789abcdef");
  std::string quoted;
  Json::quote(quoted, value);
  const std::lock_guard lock(mutex_);
  add_form(value);
  add_form(upper);
  add_form(lower);
  add_form(std::string_view(quoted).substr(1, quoted.size() - 2));
  for (std::string* form : {&upper, &lower, &quoted}) wipe(*form);
}

void Redactor::add_form(std::string_view form) {
  const auto longer = [](std::string_view a, std::string_view b) { return a.size() > b.size(); };
  const auto known = [&](const auto& other) { return other->view() == form; };
  if (std::any_of(forms_.begin(), forms_.end(), known)) return;
  const auto at =
      std::find_if(forms_.begin(), forms_.end(), [&](const auto& other) { return longer(form, other->view()); });
  forms_.insert(at, std::make_unique<SecretText>(form));
}

std::string Redactor::redact(std::string_view text) const {
  std::string out(text);
  const std::lock_guard lock(mutex_);
  for (const auto& form : forms_) {
    for (std::size_t at = out.find(form->view()); at != std::string::npos; at = out.find(form->view(), at + 3))
      out.replace(at, form->view().size(), "***");
  }
  return out;
}

}  // namespace risetime::core
