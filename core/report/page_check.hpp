// For tests: whether a page is well-formed, the way an XML reader sees it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

// Empty if each tag is closed in turn and each attribute quoted; else what is wrong, and where. Style sheets are passed
// over. HTML's tags without an end (meta) are known.
inline std::string page_problem(std::string_view page) {
  std::vector<std::string_view> open;
  const auto at_text = [&](std::size_t at) { return " near \"" + std::string(page.substr(at, 60)) + "\""; };
  std::size_t at = page.find("<html");
  if (at == std::string_view::npos) return "no <html>";
  while (at < page.size()) {
    if (page[at] == '>') return "a > outside a tag" + at_text(at);
    if (page[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t begin = at++;
    const bool closes = at < page.size() && page[at] == '/';
    if (closes) ++at;
    const std::size_t name_from = at;
    while (at < page.size() && ((page[at] >= 'a' && page[at] <= 'z') || (page[at] >= '0' && page[at] <= '9'))) ++at;
    const std::string_view name = page.substr(name_from, at - name_from);
    if (name.empty()) return "a < that opens no tag" + at_text(begin);
    bool empty = name == "meta" || name == "input";
    for (char quote = 0; at < page.size() && (quote != 0 || page[at] != '>'); ++at) {
      if (page[at] == '<') return "a < inside a tag" + at_text(begin);
      if (page[at] == '"') quote = quote == 0 ? '"' : 0;
      if (quote == 0 && page[at] == '=' && page[at + 1] != '"') return "an attribute without quotes" + at_text(begin);
      if (quote == 0 && page[at] == '/' && page[at + 1] == '>') empty = true;
    }
    if (at == page.size()) return "a tag without an end" + at_text(begin);
    ++at;
    if (closes) {
      if (open.empty() || open.back() != name) return "</" + std::string(name) + "> closes nothing" + at_text(begin);
      open.pop_back();
    } else if (!empty) {
      open.push_back(name);
      if (name == "style") at = page.find("</style>", at);
    }
  }
  return open.empty() ? "" : "<" + std::string(open.back()) + "> is not closed";
}

}  // namespace risetime::core
