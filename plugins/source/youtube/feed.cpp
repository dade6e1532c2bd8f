// Reading of the feed by pugixml, which knows neither document types nor outside entities, so there is nothing to
// expand.
#include "feed.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <pugixml.hpp>
#include <risetime/arrow.hpp>

#include "account.hpp"

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
std::string with_prefix(std::string id) { return id.size() == 22 ? "UC" + id : id; }

bool is_video_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

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

// Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that leap days come last.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t shifted = month > 2 ? year : year - 1;
  const std::int64_t since_march = (month + 9) % 12;
  return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * since_march + 2) / 5 + day - 1 - 719468;
}

// Takes a number of exactly so many digits, and then one of the marks, off the front of a text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  std::int64_t number(std::size_t digits, std::int64_t low, std::int64_t high) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = i < rest_.size() ? rest_[i] : 'x';
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(std::min(digits, rest_.size()));
    if (value < low || value > high) ok_ = false;
    return value;
  }
  char mark(std::string_view marks) {
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (c == '\0' || marks.find(c) == std::string_view::npos) ok_ = false;
    rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
    return c;
  }
  // Fractions of a second, in microseconds; further digits are dropped.
  std::int64_t fraction() {
    if (rest_.empty() || rest_.front() != '.') return 0;
    std::int64_t value = 0;
    std::int64_t unit = 100'000;
    std::size_t used = 1;
    for (; used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9'; ++used, unit /= 10)
      value += unit * (rest_[used] - '0');
    if (used == 1) ok_ = false;
    rest_.remove_prefix(used);
    return value;
  }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

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

std::optional<std::int64_t> parse_time(std::string_view text) {
  TimeReader reader(text);
  const std::int64_t year = reader.number(4, 1970, 9999);
  reader.mark("-");
  const std::int64_t month = reader.number(2, 1, 12);
  reader.mark("-");
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const std::int64_t february = leap ? 29 : 28;
  const std::int64_t longest = month == 2 ? february : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  const std::int64_t day = reader.number(2, 1, longest);
  reader.mark("Tt ");
  const std::int64_t hours = reader.number(2, 0, 23);
  reader.mark(":");
  const std::int64_t minutes = reader.number(2, 0, 59);
  reader.mark(":");
  const std::int64_t seconds = reader.number(2, 0, 60);
  const std::int64_t fraction = reader.fraction();
  const char zone = reader.mark("Zz+-");
  std::int64_t offset_minutes = 0;
  if (zone == '+' || zone == '-') {
    offset_minutes = reader.number(2, 0, 23) * 60;
    reader.mark(":");
    offset_minutes += reader.number(2, 0, 59);
    if (zone == '-') offset_minutes = -offset_minutes;
  }
  if (!reader.done()) return std::nullopt;
  const std::int64_t total_minutes = (days_from_civil(year, month, day) * 24 + hours) * 60 + minutes - offset_minutes;
  return (total_minutes * 60 + seconds) * 1'000'000 + fraction;
}

}  // namespace risetime::youtube
