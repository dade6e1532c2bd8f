// Escaping, and the frame of a page.
#include "core/report/html.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/report/style_sheet.hpp"

namespace risetime::core {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

std::string fact_list(const std::vector<Fact>& facts, const std::string& kind, bool boxed) {
  if (facts.empty()) return {};
  std::string list = "<dl" + (kind.empty() ? "" : " class=\"" + kind + "\"") + ">";
  for (const auto& [name, value] : facts) {
    const std::string pair = "<dt>" + foreign_text(name) + "</dt><dd>" + foreign_text(value) + "</dd>";
    list += boxed ? "<div>" + pair + "</div>" : pair;
  }
  return list + "</dl>";
}

}  // namespace

std::string escape_html(std::string_view text) {
  const bool readable = valid_utf8(text);
  std::string safe;
  safe.reserve(text.size() + text.size() / 8);
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    switch (letter) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        if ((byte < 0x20 && letter != '\n' && letter != '\t') || byte == 0x7F || (byte >= 0x80 && !readable)) {
          safe += replacement;
        } else {
          safe += letter;
        }
    }
  }
  return safe;
}

std::string foreign_text(std::string_view text) { return "<bdi>" + escape_html(text) + "</bdi>"; }

std::string format_percent(double share, int decimals) {
  if (!std::isfinite(share)) return "-";
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%.*f %%", decimals, share * 100);
  return digits.data();
}

std::string format_minute(std::int64_t time) {
  const std::string text = format_time(time);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string format_day(std::int64_t time) {
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text = format_time(time);  // 2026-05-01T...
  const auto month = static_cast<std::size_t>((text[5] - '0') * 10 + text[6] - '0' - 1);
  return (text[8] == '0' ? text.substr(9, 1) : text.substr(8, 2)) + " " + months[month];
}

std::string heading_text(std::string_view text) {
  std::string words(text);
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return escape_html(words);
}

std::string render_page(const Page& page) {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  // Nothing is loaded and nothing runs, whatever a title says.
  html +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\">\n";
  html += "<title>" + escape_html(page.title) + "</title>\n<style>" + style_sheet + "</style>\n</head>\n<body>\n";
  if (page.scale_switch) {
    html +=
        "<input class=\"scale\" type=\"radio\" name=\"scale\" id=\"scale-linear\" checked aria-label=\"Linear "
        "scale\">\n";
    html += "<input class=\"scale\" type=\"radio\" name=\"scale\" id=\"scale-log\" aria-label=\"Logarithmic scale\">\n";
  }
  html += "<header>\n<h1>" + foreign_text(page.title) + "</h1>\n<p class=\"subtitle\">" + foreign_text(page.subtitle) +
          "</p>\n";
  html += fact_list(page.facts, "facts", true) + "\n</header>\n<main>\n" + page.body + "\n</main>\n<footer>\n";
  html += fact_list(page.provenance, "", false) + "\n</footer>\n</body>\n</html>\n";
  return html;
}

}  // namespace risetime::core
