// Finding data in pages.
#include "page.hpp"

namespace risetime::youtube {
namespace {

constexpr std::int64_t rest_ms = 15 * 60 * 1000;

// Where the object that begins at `at` ends, one behind its last brace; npos where it does not.
std::size_t end_of_object(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_text = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_text) {
      if (c == '\\') ++at;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// The text of a JavaScript string in single quotes, from behind its first quote: "\x7b" is a brace, "\\" a backslash.
std::string script_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && text[i] != '\''; ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const char escape = text[++i];
    const int high = escape == 'x' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (escape == '\\' || escape == '\'' || escape == '/') {
      out += escape;
    } else {
      out += {'\\', escape};  // JSON knows it too: "\n", "\u00e9", "\""
    }
  }
  return out;
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  return from == std::string_view::npos ? std::string_view() : text.substr(from);
}

bool has(std::string_view page, std::string_view words) { return page.find(words) != std::string_view::npos; }

}  // namespace

std::string assigned_object(std::string_view page, std::string_view name) {
  for (std::size_t at = page.find(name); at != std::string_view::npos; at = page.find(name, at + 1)) {
    std::string_view rest = page.substr(at + name.size());
    if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) rest.remove_prefix(1);  // window["name"]
    if (!rest.empty() && rest.front() == ']') rest.remove_prefix(1);
    rest = without_blanks(rest);
    if (rest.empty() || rest.front() != '=') continue;
    rest = without_blanks(rest.substr(1));
    constexpr std::string_view parse = "JSON.parse('";
    if (rest.substr(0, parse.size()) == parse) return script_text(rest.substr(parse.size()));
    if (rest.empty() || rest.front() != '{') continue;
    const std::size_t end = end_of_object(rest, 0);
    if (end != std::string_view::npos) return std::string(rest.substr(0, end));
  }
  return {};
}

JsonTree tree_of_answer(std::string_view answer, std::string_view name, const std::string& url) {
  const std::string_view begin = without_blanks(answer);
  if (!begin.empty() && begin.front() == '{') return {answer, url};
  const std::string object = assigned_object(answer, name);
  if (object.empty()) throw refusal_of(answer, url);
  return {object, url};
}

Error refusal_of(std::string_view page, const std::string& url) {
  std::string why = "the page came without its data (" + std::to_string(page.size()) + " bytes)";
  if (has(page, "consent.youtube.com") || has(page, "consent.google.com"))
    why = "YouTube answered with its question about cookies instead of the page";
  if (has(page, "unusual traffic") || has(page, "/sorry/") || has(page, "g-recaptcha"))
    why = "YouTube answered with its question whether you are a robot instead of the page";
  return {Code::limited, url, why + ", as it does to those who ask too often; ask less often, or try later", rest_ms};
}

Error refusal_without(std::string_view what, const std::string& url) {
  return {Code::limited, url,
          "the answer came without " + std::string(what) +
              "; YouTube leaves it out for those who ask too often, or it now writes it in another way. Ask less "
              "often, or try later; if it stays so, use mode \"feed\" or \"api\"",
          rest_ms};
}

std::string setting_of(std::string_view page, std::string_view name) {
  const std::size_t at = page.find("\"" + std::string(name) + "\":\"");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = page.substr(at + name.size() + 4);
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace risetime::youtube
