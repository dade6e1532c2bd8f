// How problems of a configuration are worded and ordered.
#include "core/config/problem.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"

namespace risetime::core {
namespace {

void append_sentence(std::string& out, const std::string& sentence) {
  if (sentence.empty()) return;
  if (!out.empty()) out += ' ';
  out += sentence;
  if (out.find_last_of(".?!") != out.size() - 1) out += '.';
}

}  // namespace

std::string Position::text() const {
  if (line == 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Problem::text() const {
  std::string message;
  append_sentence(message, what);
  if (!suggestion.empty()) append_sentence(message, "Did you mean \"" + suggestion + "\"?");
  append_sentence(message, help);
  return at.text() + ": " + terminal_safe(message);
}

Json Problem::json() const {
  Json out = Json::object();
  out["file"] = at.file;
  out["line"] = static_cast<std::int64_t>(at.line);
  out["column"] = static_cast<std::int64_t>(at.column);
  out["setting"] = path;
  out["message"] = what;
  if (!suggestion.empty()) out["suggestion"] = suggestion;
  if (!help.empty()) out["help"] = help;
  return out;
}

void Problems::add(Position at, std::string path, std::string what, std::string help, std::string suggestion) {
  add(Problem{std::move(at), std::move(path), std::move(what), std::move(suggestion), std::move(help)});
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> out = all_;
  std::stable_sort(out.begin(), out.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
  });
  return out;
}

std::string text_of(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) {
    if (!out.empty()) out += '\n';
    out += problem.text();
  }
  return out;
}

}  // namespace risetime::core
