// Reading of channel names, addresses and pages.
#include "account.hpp"

#include <algorithm>
#include <array>
#include <risetime/arrow.hpp>

namespace risetime::youtube {
namespace {

constexpr std::string_view site = "https://www.youtube.com/";
constexpr std::size_t longest_name = 200;

bool is_id_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool starts_with(std::string_view text, std::string_view part) { return text.substr(0, part.size()) == part; }

// Names of channels hold letters of every script; what ends an address or hides in a terminal is none of them.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name || !arrow::is_utf8(name)) return false;
  return std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7F ||
           std::string_view("/?#&@\"'<>\\{}").find(c) != std::string_view::npos;
  });
}

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

// What follows the host in an address of YouTube, without its first slash; nothing for other texts.
std::optional<std::string_view> path_on_youtube(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!starts_with(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    break;
  }
  for (const std::string_view host : {"www.youtube.com/", "m.youtube.com/", "youtube.com/"})
    if (starts_with(text, host)) return text.substr(host.size());
  return std::nullopt;
}

// "@x/videos?view=0" -> "@x"; "channel/UC.../about" -> "UC..."; "feeds/videos.xml?user=x" -> "user/x".
std::string name_in_path(std::string_view path) {
  constexpr std::string_view feed = "feeds/videos.xml?";
  if (starts_with(path, feed)) {
    path.remove_prefix(feed.size());
    path = path.substr(0, path.find_first_of("&#"));
    if (starts_with(path, "channel_id=")) return std::string(path.substr(11));
    if (starts_with(path, "user=")) return "user/" + percent_decode(path.substr(5));
    return {};
  }
  path = path.substr(0, path.find_first_of("?#"));
  const std::size_t slash = path.find('/');
  const std::string_view first = path.substr(0, slash);
  if (starts_with(first, "@")) return percent_decode(first);
  if (slash == std::string_view::npos) return {};
  std::string_view name = path.substr(slash + 1);
  name = name.substr(0, name.find('/'));
  if (first == "channel") return std::string(name);
  if (first == "user" || first == "c") return std::string(first) + "/" + percent_decode(name);
  return {};
}

// The id that begins at the start of `text`; nothing where it is shorter or longer than an id.
std::optional<std::string> id_at(std::string_view text) {
  if (text.size() < 24 || !is_channel_id(text.substr(0, 24))) return std::nullopt;
  if (text.size() > 24 && is_id_letter(text[24])) return std::nullopt;
  return std::string(text.substr(0, 24));
}

// The id behind `before`, somewhere in `text`.
std::optional<std::string> id_behind(std::string_view text, std::string_view before) {
  const std::size_t at = text.find(before);
  return at == std::string_view::npos ? std::nullopt : id_at(text.substr(at + before.size()));
}

// The id in the first tag of the page that has `attribute`, behind any of the texts that come before an id there.
std::optional<std::string> id_in_tag(std::string_view page, std::string_view attribute) {
  constexpr std::size_t longest_tag = 1000;
  const std::size_t at = page.find(attribute);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = page.rfind('<', at);
  const std::size_t end = page.find('>', at);
  if (begin == std::string_view::npos || end == std::string_view::npos || end - begin > longest_tag)
    return std::nullopt;
  const std::string_view tag = page.substr(begin, end - begin);
  for (const std::string_view before : {"youtube.com/channel/", "content=\"", "content='"})
    if (auto id = id_behind(tag, before)) return id;
  return std::nullopt;
}

}  // namespace

Account Account::parse(std::string_view text, const std::string& where) {
  const auto path = path_on_youtube(text);
  const std::string name = path ? name_in_path(*path) : std::string(text);
  Account account;
  account.text_ = name;
  if (is_channel_id(name)) {
    account.kind_ = Kind::id;
  } else if (starts_with(name, "@") && is_name(std::string_view(name).substr(1))) {
    account.kind_ = Kind::handle;
  } else if (starts_with(name, "user/") && is_name(std::string_view(name).substr(5))) {
    account.kind_ = Kind::user;
  } else if (starts_with(name, "c/") && is_name(std::string_view(name).substr(2))) {
    account.kind_ = Kind::custom;
  } else {
    throw Error(Code::config, where,
                "\"" + std::string(text.substr(0, 200)) +
                    "\" names no channel of YouTube; write its handle (\"@name\"), its id (\"UC\" and 22 letters) or "
                    "the address of its page");
  }
  return account;
}

std::string Account::page_url() const {
  switch (kind_) {
    case Kind::id:
      return std::string(site) + "channel/" + text_;
    case Kind::handle:
      return std::string(site) + "@" + percent_encode(std::string_view(text_).substr(1));
    case Kind::user:
      return std::string(site) + "user/" + percent_encode(std::string_view(text_).substr(5));
    case Kind::custom:
      break;
  }
  return std::string(site) + "c/" + percent_encode(std::string_view(text_).substr(2));
}

std::optional<std::string> Account::feed_url() const {
  if (kind_ == Kind::id) return feed_url_of(text_);
  if (kind_ == Kind::user)
    return std::string(site) + "feeds/videos.xml?user=" + percent_encode(std::string_view(text_).substr(5));
  return std::nullopt;
}

std::string feed_url_of(std::string_view channel_id) {
  return std::string(site) + "feeds/videos.xml?channel_id=" + std::string(channel_id);
}

std::string percent_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_id_letter(c) || c == '.' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return out;
}

bool is_video_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_id_letter);
}

bool is_channel_id(std::string_view text) {
  return text.size() == 24 && starts_with(text, "UC") && std::all_of(text.begin(), text.end(), is_id_letter);
}

std::optional<std::string> find_channel_id(std::string_view page) {
  constexpr std::array<std::string_view, 5> tags = {"rel=\"canonical\"", "itemprop=\"identifier\"",
                                                    "itemprop=\"channelId\"", "property=\"og:url\"",
                                                    "rel=\"alternate\" type=\"application/rss+xml\""};
  for (const std::string_view tag : tags)
    if (auto id = id_in_tag(page, tag)) return id;
  for (const std::string_view before : {"\"externalId\":\"", "\"externalId\": \"", "feeds/videos.xml?channel_id="})
    if (auto id = id_behind(page, before)) return id;
  return std::nullopt;
}

}  // namespace risetime::youtube
