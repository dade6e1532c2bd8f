// Reads Helix's answers with simdjson.
#include "helix.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <risetime/error.hpp>

namespace risetime::twitch {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t deepest = 32;        // answers nest four deep
constexpr std::size_t longest_raw = 4096;  // of what is kept of a bad item
constexpr std::size_t longest_line = 200;  // of a complaint

// An item that cannot be used; what() says why.
class BadField : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Owns what its elements point into.
class Document {
 public:
  Document(std::string_view text, const std::string& where) {
    if (parser_.allocate(std::max<std::size_t>(text.size(), 64), deepest) != simdjson::SUCCESS)
      throw Error(Code::input, where, "an answer of " + std::to_string(text.size()) + " bytes is too large to read");
    const auto failure = parser_.parse(text.data(), text.size()).get(root_);
    if (failure == simdjson::SUCCESS) return;
    const bool cut = failure == simdjson::UNCLOSED_STRING || failure == simdjson::EMPTY;
    throw Error(Code::input, where,
                "the answer of " + std::to_string(text.size()) + " bytes is no JSON (" +
                    simdjson::error_message(failure) + (cut ? "); it may have been cut short" : ")"),
                30'000);
  }
  dom::element root() const { return root_; }

 private:
  dom::parser parser_;
  dom::element root_;
};

std::optional<std::string> find_text(dom::element object, std::string_view name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::string text_or_empty(dom::element object, std::string_view name) {
  return find_text(object, name).value_or(std::string());
}

std::string wanted_text(dom::element object, const char* name) {
  auto text = find_text(object, name);
  if (!text || text->empty()) throw BadField(std::string("\"") + name + "\" is missing");
  return *std::move(text);
}

std::int64_t wanted_count(dom::element object, const char* name) {
  std::int64_t count = 0;
  if (object[name].get(count) != simdjson::SUCCESS) throw BadField(std::string("\"") + name + "\" is no whole number");
  if (count < 0) throw BadField(std::string("\"") + name + "\" is " + std::to_string(count) + ", below zero");
  return count;
}

std::int64_t wanted_time(dom::element object, const char* name) {
  const std::string text = wanted_text(object, name);
  const auto time = parse_time(text);
  if (!time) throw BadField(std::string("\"") + name + "\" is no time: " + text.substr(0, 40));
  return *time;
}

// The address with a size in the place of "{width}" and "{height}", or of "%{width}" and "%{height}".
std::optional<std::string> thumbnail(dom::element object) {
  auto url = find_text(object, "thumbnail_url");
  if (!url || url->empty()) return std::nullopt;
  for (const auto& [mark, size] : {std::pair{"width}", "1280"}, std::pair{"height}", "720"}}) {
    const std::string whole = std::string("{") + mark;
    const std::size_t at = url->find(whole);
    if (at == std::string::npos) continue;
    const bool percent = at > 0 && (*url)[at - 1] == '%';
    url->replace(at - (percent ? 1 : 0), whole.size() + (percent ? 1 : 0), size);
  }
  return url;
}

std::vector<std::string> texts(dom::element object, const char* name) {
  std::vector<std::string> found;
  dom::array list;
  if (object[name].get(list) != simdjson::SUCCESS) return found;
  for (const dom::element item : list) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) found.emplace_back(text);
  }
  return found;
}

template <class Item, class Read>
Page<Item> read_page(std::string_view text, const std::string& where, const Read& read) {
  const Document document(text, where);
  dom::array list;
  if (document.root()["data"].get(list) != simdjson::SUCCESS)
    throw Error(Code::input, where, "the answer has no list \"data\"");
  Page<Item> page;
  std::size_t number = 0;
  for (const dom::element item : list) {
    ++number;
    try {
      page.items.push_back(read(item));
    } catch (const BadField& bad) {
      page.bad.push_back({number, bad.what(), simdjson::minify(item).substr(0, longest_raw)});
    }
  }
  std::string_view cursor;
  if (document.root()["pagination"]["cursor"].get(cursor) == simdjson::SUCCESS) page.next = cursor;
  return page;
}

// The next two or four digits of a time, within a range.
std::optional<int> digits(std::string_view& text, std::size_t count, int low, int high) {
  int value = 0;
  if (text.size() < count || text.front() == '-') return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + count, value);
  if (failure != std::errc() || end != text.data() + count || value < low || value > high) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// Days since 1970 of a day of the Gregorian calendar, counted in years that begin in March.
std::int64_t days_since_1970(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400, year_of_era = year % 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

}  // namespace

Page<User> parse_users(std::string_view text, const std::string& where) {
  return read_page<User>(text, where, [](dom::element item) {
    User user{wanted_text(item, "id"), wanted_text(item, "login"), text_or_empty(item, "display_name")};
    if (user.name.empty()) user.name = user.login;
    return user;
  });
}

Page<Stream> parse_streams(std::string_view text, const std::string& where) {
  return read_page<Stream>(text, where, [](dom::element item) {
    Stream stream;
    stream.id = wanted_text(item, "id");
    stream.user_id = wanted_text(item, "user_id");
    stream.login = text_or_empty(item, "user_login");
    stream.name = text_or_empty(item, "user_name");
    stream.game_id = text_or_empty(item, "game_id");
    stream.game = text_or_empty(item, "game_name");
    stream.title = text_or_empty(item, "title");
    stream.language = text_or_empty(item, "language");
    stream.tags = texts(item, "tags");
    stream.thumbnail_url = thumbnail(item);
    stream.started_at = wanted_time(item, "started_at");
    stream.viewers = wanted_count(item, "viewer_count");
    return stream;
  });
}

Page<Archive> parse_archives(std::string_view text, const std::string& where) {
  return read_page<Archive>(text, where, [](dom::element item) {
    Archive archive;
    archive.id = wanted_text(item, "id");
    archive.user_id = wanted_text(item, "user_id");
    archive.title = text_or_empty(item, "title");
    archive.description = text_or_empty(item, "description");
    archive.language = text_or_empty(item, "language");
    archive.stream_id = text_or_empty(item, "stream_id");
    archive.thumbnail_url = thumbnail(item);
    archive.published_at = wanted_time(item, "published_at");
    archive.duration_s = parse_length(text_or_empty(item, "duration"));
    archive.views = wanted_count(item, "view_count");
    return archive;
  });
}

Page<Clip> parse_clips(std::string_view text, const std::string& where) {
  return read_page<Clip>(text, where, [](dom::element item) {
    Clip clip;
    clip.id = wanted_text(item, "id");
    clip.broadcaster_id = wanted_text(item, "broadcaster_id");
    clip.title = text_or_empty(item, "title");
    clip.language = text_or_empty(item, "language");
    clip.game_id = text_or_empty(item, "game_id");
    clip.archive_id = text_or_empty(item, "video_id");
    clip.thumbnail_url = thumbnail(item);
    clip.created_at = wanted_time(item, "created_at");
    double duration = 0;
    if (item["duration"].get(duration) == simdjson::SUCCESS && duration >= 0) clip.duration_s = duration;
    clip.views = wanted_count(item, "view_count");
    return clip;
  });
}

Page<Game> parse_games(std::string_view text, const std::string& where) {
  return read_page<Game>(text, where, [](dom::element item) {
    return Game{wanted_text(item, "id"), wanted_text(item, "name")};
  });
}

Page<User> parse_chatters(std::string_view text, const std::string& where) {
  return read_page<User>(text, where, [](dom::element item) {
    return User{wanted_text(item, "user_id"), wanted_text(item, "user_login"), text_or_empty(item, "user_name")};
  });
}

std::int64_t parse_follower_total(std::string_view text, const std::string& where) {
  const Document document(text, where);
  try {
    return wanted_count(document.root(), "total");
  } catch (const BadField& bad) {
    throw Error(Code::input, where, bad.what());
  }
}

Token parse_token(std::string_view text, const std::string& where) {
  const Document document(text, where);
  Token token;
  token.text = text_or_empty(document.root(), "access_token");
  const bool printable = std::all_of(token.text.begin(), token.text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (token.text.empty() || !printable) throw Error(Code::input, where, "the answer has no access token");
  std::int64_t lifetime = 0;
  if (document.root()["expires_in"].get(lifetime) == simdjson::SUCCESS)
    token.lifetime_s = std::max<std::int64_t>(0, lifetime);
  return token;
}

std::string parse_complaint(std::string_view text) {
  try {
    const Document document(text, "");
    std::string complaint = text_or_empty(document.root(), "message");
    if (complaint.empty()) complaint = text_or_empty(document.root(), "error");
    if (complaint.size() > longest_line) {
      complaint.resize(longest_line);
      while (!complaint.empty() && static_cast<unsigned char>(complaint.back()) >= 0x80U) complaint.pop_back();
    }
    std::replace_if(
        complaint.begin(), complaint.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
    return complaint;
  } catch (const Error&) {
    return {};
  }
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto year = digits(text, 4, 1970, 9999);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = digits(text, 2, 1, 12);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = digits(text, 2, 1, days_in(*year, *month));
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto hour = digits(text, 2, 0, 23);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = digits(text, 2, 0, 59);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = digits(text, 2, 0, 60);  // 60: a leap second
  if (!second) return std::nullopt;
  std::int64_t fraction = 0;
  if (take(text, '.')) {
    std::int64_t unit = 100'000;
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10)
      fraction += unit * (text.front() - '0');
  }
  if (text != "Z") return std::nullopt;
  const std::int64_t seconds = days_since_1970(*year, *month, *day) * 86'400 + *hour * 3600 + *minute * 60 + *second;
  return seconds * 1'000'000 + fraction;
}

std::string format_time(std::int64_t microseconds) {
  const std::int64_t seconds = microseconds / 1'000'000;
  std::int64_t days = seconds / 86'400;
  int year = 1970, month = 1;
  for (; days >= (days_in(year, 2) == 29 ? 366 : 365); ++year) days -= days_in(year, 2) == 29 ? 366 : 365;
  for (; days >= days_in(year, month); ++month) days -= days_in(year, month);
  const auto rest = static_cast<int>(seconds % 86'400);
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, static_cast<int>(days) + 1,
                rest / 3600, rest / 60 % 60, rest % 60);
  return text;
}

std::optional<double> parse_length(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  std::string_view units = "hms";
  while (!text.empty()) {
    std::int64_t amount = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (failure != std::errc() || amount < 0 || amount > 1'000'000 || end == text.data() + text.size())
      return std::nullopt;
    const std::size_t unit = units.find(*end);
    if (unit == std::string_view::npos) return std::nullopt;
    seconds += amount * (*end == 'h' ? 3600 : *end == 'm' ? 60 : 1);
    units.remove_prefix(unit + 1);  // each unit once, the larger first
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return static_cast<double>(seconds);
}

}  // namespace risetime::twitch
