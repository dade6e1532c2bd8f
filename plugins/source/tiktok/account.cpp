// Spellings of profiles, hashtags, searches and videos.
#include "account.hpp"

#include <algorithm>
#include <risetime/error.hpp>

#include "values.hpp"

namespace risetime::tiktok {
namespace {

std::string small(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool drop(std::string& text, std::string_view beginning) {
  if (text.compare(0, beginning.size(), beginning) != 0) return false;
  text.erase(0, beginning.size());
  return true;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; });
}

[[noreturn]] void refuse(const std::string& where, std::string_view given, const char* what) {
  throw Error(Code::config, where, "\"" + shortened(given, 100) + "\" is no " + what);
}

}  // namespace

std::optional<std::string> profile_name(std::string_view given) {
  std::string text = small(given);
  // Names may begin with "m." or "www." too, so these go only where an address follows.
  const bool is_address = drop(text, "https://") || drop(text, "http://");
  if (drop(text, "www.tiktok.com/@") || drop(text, "m.tiktok.com/@") || drop(text, "tiktok.com/@")) {
    text.resize(std::min(text.size(), text.find_first_of("?#/")));
  } else if (is_address) {
    return std::nullopt;
  } else {
    drop(text, "@");
  }
  const bool fits = !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
  return fits ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> video_of_url(std::string_view given) {
  std::string text(given);
  if (!drop(text, "https://") && !drop(text, "http://")) return std::nullopt;
  for (const char* beginning : {"www.", "m."}) drop(text, beginning);
  if (!drop(text, "tiktok.com/@")) return std::nullopt;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || slash == 0) return std::nullopt;
  text.erase(0, slash);
  if (!drop(text, "/video/") && !drop(text, "/photo/")) return std::nullopt;
  text.resize(std::min(text.size(), text.find_first_of("?#/")));
  return is_digits(text) && text.size() <= 20 ? std::optional(std::move(text)) : std::nullopt;
}

std::string Target::name() const {
  switch (kind) {
    case Kind::hashtag:
      return "tag/" + text;
    case Kind::search:
      return "search/" + text;
    case Kind::videos:
      return "videos/";
    case Kind::profile:
      break;
  }
  return text;
}

Target Target::of_name(std::string_view name) {
  std::string text(name);
  if (drop(text, "tag/")) return {Kind::hashtag, std::move(text)};
  if (drop(text, "search/")) return {Kind::search, std::move(text)};
  if (drop(text, "videos/")) return {Kind::videos, {}};
  return {Kind::profile, std::move(text)};
}

Target parse_profile(std::string_view text, const std::string& where) {
  const auto name = profile_name(text);
  if (!name)
    refuse(where, text, "profile of TikTok; write its name (letters, digits, _ and .) or the address of its page");
  return {Target::Kind::profile, *name};
}

Target parse_hashtag(std::string_view text, const std::string& where) {
  std::string name = small(text);
  drop(name, "#");
  if (name.empty() || has_control(name) || name.find_first_of(" #/?") != std::string::npos)
    refuse(where, text, "hashtag; write one word, as in \"cooking\"");
  return {Target::Kind::hashtag, std::move(name)};
}

Target parse_search(std::string_view text, const std::string& where) {
  if (text.empty() || has_control(text)) refuse(where, text, "search; write the words to search for");
  return {Target::Kind::search, std::string(text)};
}

}  // namespace risetime::tiktok
