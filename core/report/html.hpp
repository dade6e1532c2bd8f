// Parts of a self-contained HTML page: escaping, tables, the frame with its style sheet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/forecast_report.hpp"

namespace risetime::core {

// Text that means nothing to HTML, in content and in quoted attributes. Control characters, and bytes that are no
// UTF-8, become U+FFFD.
std::string escape_html(std::string_view text);

// Escaped, and fenced off so that text from right to left does not turn what stands beside it around.
std::string foreign_text(std::string_view text);

std::string format_percent(double share, int decimals = 0);

// A time for people: "2026-05-01 06:30 UTC".
std::string format_minute(std::int64_t time);

// A day for people: "1 May".
std::string format_day(std::int64_t time);

// "views" -> "Views", escaped.
std::string heading_text(std::string_view text);

struct Page {
  std::string title;     // plain text
  std::string subtitle;  // plain text
  std::string body;      // HTML
  std::vector<Fact> facts;
  std::vector<Fact> provenance;
  bool scale_switch = false;  // offers linear or logarithmic for elements of class "linear" and "logarithmic"
};
std::string render_page(const Page& page);

}  // namespace risetime::core
