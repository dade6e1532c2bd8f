// Names of files and columns.
#include "names.hpp"

#include <algorithm>
#include <cctype>

namespace risetime::file {
namespace {

// Letters to insert, delete or change to turn one word into the other, upper and lower case alike.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

bool has_wildcard(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, tried = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++tried;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string video_id_in(std::string_view name, std::string_view pattern) {
  constexpr std::string_view placeholder = "{video_id}";
  const std::size_t at = pattern.find(placeholder);
  if (at == std::string_view::npos) return {};
  const std::string_view before = pattern.substr(0, at), after = pattern.substr(at + placeholder.size());
  for (std::size_t begin = 0; begin < name.size(); ++begin) {
    if (!matches(before, name.substr(0, begin))) continue;
    for (std::size_t end = begin + 1; end <= name.size(); ++end)
      if (matches(after, name.substr(end))) return std::string(name.substr(begin, end - begin));
  }
  return {};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t letters = std::max(word.size(), candidate.size());
    if (letters > 200) continue;
    const std::size_t d = distance(word, candidate);
    const bool shares = candidate.find(word) != std::string::npos && word.size() >= 3;
    if (d > std::max<std::size_t>(1, letters / 3) && !shares) continue;
    if (best == nullptr || d < best_distance) best = &candidate, best_distance = d;
  }
  return best == nullptr ? std::string() : ". Did you mean \"" + *best + "\"?";
}

std::string list_names(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

}  // namespace risetime::file
