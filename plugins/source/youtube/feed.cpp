// Reading of the feed by pugixml, which knows neither document types nor outside entities, so there is nothing to
// expand.
#include "feed.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <pugixml.hpp>
#include <risetime/arrow.hpp>

#include "account.hpp"
#include "times.hpp"

namespace risetime::youtube {
namespace {

constexpr std::size_t most_raw_bytes = 4096;
constexpr std::int64_t rest_after_a_block_ms = 15 * 60 * 1000;

// Bytes that are no UTF-8 (a character reference may name half a surrogate pair) become U+FFFD.
std::string valid(std::string_view text) {
  if (arrow::is_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < std::min<std::size_t>(4, text.size()) && !arrow::is_utf8(text.substr(0, length))) ++length;
    if (arrow::is_utf8(text.substr(0, length))) {
      out += text.substr(0, length);
    } else {
      length = 1;
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t from = text.find_first_not_of(blanks);
  return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(blanks) + 1 - from);
}

std::string text_of(const pugi::xml_node& node) { return valid(trimmed(node.child_value())); }

std::optional<std::string> non_empty(std::string text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(std::move(text));
}

// A count as YouTube writes it; nothing for what is none, or below zero, or beyond 64 bits.
std::optional<std::int64_t> count_of(const pugi::xml_attribute& attribute) {
  const std::string_view text = attribute.value();
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

// The feed's own id lacks the "UC" that every channel's id begins with.
std::string with_prefix(const std::string& id) { return id.size() == 22 ? "UC" + id : id; }

std::string channel_id_of(const pugi::xml_node& feed) {
  std::string id = with_prefix(text_of(feed.child("yt:channelId")));
  if (is_channel_id(id)) return id;
  for (const pugi::xml_node& entry : feed.children("entry")) {
    id = text_of(entry.child("yt:channelId"));
    if (is_channel_id(id)) return id;
  }
  return {};
}

// Reads one entry; returns why it cannot be used, or an empty text.
std::string read_entry(const pugi::xml_node& node, Entry& entry) {
  entry.video_id = text_of(node.child("yt:videoId"));
  if (!is_video_id(entry.video_id)) return "it has no yt:videoId that could be a video's";
  const auto published = parse_time(trimmed(node.child("published").child_value()));
  if (!published) return "its time of publication is missing or is no time";
  entry.published_at = *published;
  entry.channel_id = text_of(node.child("yt:channelId"));
  entry.title = text_of(node.child("title"));
  entry.is_short = std::strstr(node.child("link").attribute("href").value(), "/shorts/") != nullptr;

  const pugi::xml_node media = node.child("media:group");
  entry.description = non_empty(text_of(media.child("media:description")));
  entry.thumbnail_url = non_empty(valid(media.child("media:thumbnail").attribute("url").value()));
  const pugi::xml_node community = media.child("media:community");
  entry.views = count_of(community.child("media:statistics").attribute("views"));
  entry.likes = count_of(community.child("media:starRating").attribute("count"));
  return {};
}

std::string raw_text(const pugi::xml_node& node) {
  struct Writer : pugi::xml_writer {
    std::string text;
    void write(const void* data, std::size_t size) override {
      const std::size_t room = most_raw_bytes - std::min(most_raw_bytes, text.size());
      text.append(static_cast<const char*>(data), std::min(size, room));
    }
  } writer;
  node.print(writer, "", pugi::format_raw, pugi::encoding_utf8);
  return valid(writer.text);
}

bool looks_like_a_web_page(std::string_view text) {
  std::string head(trimmed(text.substr(0, 512)));
  std::transform(head.begin(), head.end(), head.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return head.rfind("<!doctype html", 0) == 0 || head.find("<html") != std::string::npos;
}

[[noreturn]] void refuse(std::string_view text, const std::string& url, const std::string& why) {
  if (looks_like_a_web_page(text))
    throw Error(Code::limited, url,
                "YouTube answered with a web page instead of the feed, as it does to those who ask too often; ask less "
                "often, or try later",
                rest_after_a_block_ms);
  std::string begin(text.substr(0, 60));
  std::replace_if(
      begin.begin(), begin.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  throw Error(Code::input, url, "this is no feed: " + why + "; it begins with \"" + valid(begin) + "\"");
}

}  // namespace

Feed parse_feed(std::string_view text, const std::string& url) {
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  const pugi::xml_node root = document.child("feed");
  if (!root || looks_like_a_web_page(text)) refuse(text, url, "there is no <feed> in it");
  if (!result) refuse(text, url, std::string(result.description()) + " at byte " + std::to_string(result.offset));
  Feed feed;
  feed.channel_id = channel_id_of(root);
  if (feed.channel_id.empty()) refuse(text, url, "it does not say which channel it is of");
  feed.channel_name = text_of(root.child("title"));
  if (feed.channel_name.empty()) feed.channel_name = text_of(root.child("author").child("name"));
  std::size_t number = 0;
  for (const pugi::xml_node& node : root.children("entry")) {
    ++number;
    Entry entry;
    std::string why = read_entry(node, entry);
    if (!is_channel_id(entry.channel_id)) entry.channel_id = feed.channel_id;
    if (why.empty()) {
      feed.entries.push_back(std::move(entry));
    } else {
      feed.bad.push_back({number, std::move(why), raw_text(node)});
    }
  }
  return feed;
}

}  // namespace risetime::youtube
