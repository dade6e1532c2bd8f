// Parsing of addresses by libcurl's own parser, so that what is judged here is what curl will connect to.
#include "core/http/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <risetime/error.hpp>

namespace risetime::core {
namespace {

constexpr std::size_t longest_url = 8192;
constexpr std::size_t longest_in_messages = 400;

struct FreeHandle {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
using Handle = std::unique_ptr<CURLU, FreeHandle>;

// The part, or an empty text where the address has none.
std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* raw = nullptr;
  if (curl_url_get(handle, which, &raw, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owned(raw, &curl_free);
  return owned.get();
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(Code::input, fit_for_messages(text), why);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

Url Url::parse(std::string_view text) { return parse_from({}, text); }

Url Url::resolve(std::string_view location) const { return parse_from(text_, location); }

Url Url::parse_from(std::string_view base, std::string_view text) {
  if (text.size() > longest_url) refuse(text, "the address has more than 8192 bytes");
  if (text.find('\0') != std::string_view::npos) refuse(text.substr(0, text.find('\0')), "a NUL in the address");
  const Handle handle(curl_url());
  if (!handle) throw std::bad_alloc();
  if (!base.empty()) curl_url_set(handle.get(), CURLUPART_URL, std::string(base).c_str(), 0);
  // Servers send blanks and UTF-8 in Location headers; those are encoded. What a plugin asks for must be right.
  const unsigned flags = CURLU_NON_SUPPORT_SCHEME | (base.empty() ? 0U : static_cast<unsigned>(CURLU_URLENCODE));
  const CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), flags);
  if (code != CURLUE_OK) refuse(text, std::string("this is no absolute address: ") + curl_url_strerror(code));

  const std::string scheme = lower(part(handle.get(), CURLUPART_SCHEME));
  if (scheme != "http" && scheme != "https") refuse(text, "only http and https are fetched, not \"" + scheme + "\"");
  if (!part(handle.get(), CURLUPART_USER).empty() || !part(handle.get(), CURLUPART_PASSWORD).empty())
    refuse(text, "credentials do not belong in an address; put a secret into a header");
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);

  Url url;
  url.https_ = scheme == "https";
  url.host_ = lower(part(handle.get(), CURLUPART_HOST));
  if (url.host_.empty()) refuse(text, "the address names no host");
  // One spelling of the host: "a.example." is "a.example" for limits and credentials alike.
  if (url.host_.size() > 1 && url.host_.back() == '.') url.host_.pop_back();
  curl_url_set(handle.get(), CURLUPART_HOST, url.host_.c_str(), 0);
  const std::string port = part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port_);
  url.text_ = part(handle.get(), CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
  if (url.text_.empty()) refuse(text, "this is no address");
  return url;
}

std::string_view Url::path_and_query() const {
  const std::string_view text = text_;
  const std::size_t host = text.find("//") + 2;
  return text.substr(std::min(text.find_first_of("/?", host), text.size()));
}

std::string Url::site() const {
  const bool usual = port_ == (https_ ? 443 : 80);
  return usual ? host_ : host_ + ":" + std::to_string(port_);
}

bool Url::is_loopback() const {
  if (host_ == "localhost" || host_ == "[::1]") return true;
  return host_.rfind("127.", 0) == 0 && host_.find_first_not_of("0123456789.") == std::string::npos;
}

std::string fit_for_messages(std::string_view url) {
  std::string text(url);
  const std::size_t scheme = text.find("//");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 2;
  const std::size_t path = std::min(text.find_first_of("/?#", host), text.size());
  const std::size_t at = text.rfind('@', path);
  // "@{" begins the handle of a secret, which may be shown.
  if (at != std::string::npos && at >= host && at < path && text.compare(at, 2, "@{") != 0)
    text.erase(host, at + 1 - host);
  if (text.size() > longest_in_messages) {
    text.resize(longest_in_messages);
    text += "...";
  }
  return text;
}

std::string percent_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

}  // namespace risetime::core
