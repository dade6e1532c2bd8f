// The line parser and the matcher.
#include "core/http/robots.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace risetime::core {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

bool is_letter_or_digit(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char letter = lower(c);
  if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
  return std::nullopt;
}

void append_encoded(std::string& out, unsigned byte) {
  constexpr char digits[] = "0123456789ABCDEF";
  out += '%';
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

struct Line {
  std::string_view name, value;
};

// "name: value" without its comment; nothing where there is no colon.
std::optional<Line> split(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return Line{trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1))};
}

// The product token that a user-agent line names: what stands before the first character that cannot be in one.
std::string_view product_of(std::string_view value) {
  if (value.substr(0, 1) == "*") return "*";
  std::size_t end = 0;
  while (end < value.size() &&
         (is_letter_or_digit(static_cast<unsigned char>(value[end])) || value[end] == '-' || value[end] == '_'))
    ++end;
  return value.substr(0, end);
}

// Whether the pattern, in which "*" is any text and a "$" at the end is the end, fits the beginning of the path. The
// positions of the path that a prefix of the pattern can have reached are walked along: no input takes more than
// path * pattern steps.
bool fits(std::string_view pattern, std::string_view path) {
  const bool to_the_end = !pattern.empty() && pattern.back() == '$';
  if (to_the_end) pattern.remove_suffix(1);
  // After a star only the earliest place of each literal piece matters, but for the last piece before "$".
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;  // behind the last star seen in the pattern
  std::size_t retry = 0;                      // where in the path the piece behind it was tried
  std::size_t next = 0;
  while (true) {
    if (next == pattern.size()) {
      if (!to_the_end || at == path.size()) return true;
    } else if (pattern[next] == '*') {
      star = ++next;
      retry = at;
      continue;
    } else if (at < path.size() && pattern[next] == path[at]) {
      ++next;
      ++at;
      continue;
    }
    if (star == std::string_view::npos || retry >= path.size()) return false;
    at = ++retry;
    next = star;
  }
}

// What are signs in a pattern are mere characters in a path; "$" is a sign only at a pattern's end.
std::string with_encoded(std::string_view text, std::string_view signs) {
  std::string out;
  for (const char c : text) {
    if (signs.find(c) == std::string_view::npos)
      out += c;
    else
      append_encoded(out, static_cast<unsigned char>(c));
  }
  return out;
}

std::string pattern_of(std::string_view value) {
  const std::string pattern = normalized_path(value);
  const bool to_the_end = pattern.back() == '$';
  return with_encoded(std::string_view(pattern).substr(0, pattern.size() - (to_the_end ? 1 : 0)), "$") +
         (to_the_end ? "$" : "");
}

// "10" or "0.5" seconds, in microseconds and within bounds; 0 for what is no such number.
std::int64_t delay_of(std::string_view value) {
  double seconds = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (failure != std::errc() || end != value.data() + value.size() || !(seconds > 0)) return 0;
  constexpr auto longest = static_cast<double>(Robots::longest_delay);
  return static_cast<std::int64_t>(std::min(seconds * static_cast<double>(second), longest));
}

}  // namespace

std::string normalized_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto byte = static_cast<unsigned char>(path[i]);
    const auto high = byte == '%' && i + 2 < path.size() ? hex_digit(path[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(path[i + 2]) : std::nullopt;
    if (low) {
      const unsigned value = *high * 16 + *low;
      const auto decoded = static_cast<unsigned char>(value);
      const bool unreserved =
          is_letter_or_digit(decoded) || decoded == '-' || decoded == '.' || decoded == '_' || decoded == '~';
      if (unreserved)
        out += static_cast<char>(decoded);
      else
        append_encoded(out, value);
      i += 2;
    } else if (byte >= 0x80 || byte == '%') {
      append_encoded(out, byte);
    } else {
      out += path[i];
    }
  }
  return out;
}

Robots Robots::parse(std::string_view text, std::string_view product) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.substr(0, 3) == byte_order_mark) text.remove_prefix(3);
  if (text.size() > most_bytes) text = text.substr(0, text.substr(0, most_bytes).find_last_of("\r\n") + 1);
  Robots mine, everybody;
  bool names_end = true;  // rules stood since the last user-agent line: the next one begins a group
  bool for_me = false;
  bool for_all = false;
  bool known = false;
  // Of rules, a group goes on over lines that the RFC does not know, such as a delay; of delays, it ends there.
  bool delay_ends = true;
  bool delay_for_me = false;
  bool delay_for_all = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = split(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line) continue;
    if (same(line->name, "user-agent")) {
      if (names_end) for_me = for_all = names_end = false;
      if (delay_ends) delay_for_me = delay_for_all = delay_ends = false;
      const std::string_view named = product_of(line->value);
      for_me = for_me || same(named, product);
      for_all = for_all || named == "*";
      delay_for_me = delay_for_me || same(named, product);
      delay_for_all = delay_for_all || named == "*";
      known = known || for_me;
      continue;
    }
    if (same(line->name, "crawl-delay")) {
      const std::int64_t delay = delay_of(line->value);
      if (delay_for_me) mine.crawl_delay_ = std::max(mine.crawl_delay_, delay);
      if (delay_for_all) everybody.crawl_delay_ = std::max(everybody.crawl_delay_, delay);
      delay_ends = true;
      continue;
    }
    const bool allows = same(line->name, "allow");
    if (!allows && !same(line->name, "disallow")) continue;  // sitemaps and the like belong to no group
    names_end = delay_ends = true;
    if (line->value.empty()) continue;
    const Rule rule{allows, pattern_of(line->value),
                    (allows ? "Allow: " : "Disallow: ") + std::string(line->value.substr(0, 200))};
    if (for_me) mine.rules_.push_back(rule);
    if (for_all) everybody.rules_.push_back(rule);
  }
  return known ? mine : everybody;
}

std::string_view Robots::forbids(std::string_view path_and_query) const {
  const std::string path = with_encoded(normalized_path(path_and_query.empty() ? "/" : path_and_query), "*$");
  if (path == "/robots.txt") return {};
  const Rule* decisive = nullptr;
  for (const Rule& rule : rules_) {
    if (decisive != nullptr && (rule.pattern.size() < decisive->pattern.size() ||
                                (rule.pattern.size() == decisive->pattern.size() && !rule.allows)))
      continue;
    if (fits(rule.pattern, path)) decisive = &rule;
  }
  return decisive == nullptr || decisive->allows ? std::string_view() : std::string_view(decisive->written);
}

}  // namespace risetime::core
