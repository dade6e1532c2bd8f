// A small JSON value, reader and writer for settings, schemas and metadata (bulk data goes as Arrow).
#pragma once

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <risetime/error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace risetime {

// Objects keep their members sorted by name, so that the same content is always the same text.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(std::int64_t value) : value_(value) {}
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}
  Json(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  static Json object() { return Json(Object()); }
  static Json array() { return Json(Array()); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* if_bool() const { return std::get_if<bool>(&value_); }
  const std::int64_t* if_integer() const { return std::get_if<std::int64_t>(&value_); }
  const std::string* if_string() const { return std::get_if<std::string>(&value_); }
  const Array* if_array() const { return std::get_if<Array>(&value_); }
  const Object* if_object() const { return std::get_if<Object>(&value_); }
  bool is_number() const { return if_integer() != nullptr || std::holds_alternative<double>(value_); }
  double number() const {
    if (const auto* integer = if_integer()) return static_cast<double>(*integer);
    const auto* real = std::get_if<double>(&value_);
    return real != nullptr ? *real : std::nan("");
  }

  // The member, made if it is not there (this must be null or an object); for writing.
  Json& operator[](std::string_view name) {
    if (is_null()) value_ = Object();
    auto& members = std::get<Object>(value_);
    auto found = members.find(name);
    return found != members.end() ? found->second : members.emplace(std::string(name), Json()).first->second;
  }
  // The member, or nullptr; for reading.
  const Json* find(std::string_view name) const {
    const auto* members = if_object();
    if (members == nullptr) return nullptr;
    auto found = members->find(name);
    return found == members->end() ? nullptr : &found->second;
  }
  void push_back(Json value) {
    if (is_null()) value_ = Array();
    std::get<Array>(value_).push_back(std::move(value));
  }

  // indent < 0: on one line. Numbers are written so that they read back the same; NaN and infinities as null.
  std::string dump(int indent = -1) const {
    std::string out;
    write(out, indent, 0);
    return out;
  }

  // Throws Error(Code::input) with the offset. Depth is bounded, UTF-8 and escapes are checked.
  static Json parse(std::string_view text);

  static void quote(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
      switch (c) {
        case '"':
          out += "\\\"";
          break;
        case '\\':
          out += "\\\\";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        default:
          if (static_cast<unsigned char>(c) < 0x20) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
            out += buffer;
          } else {
            out += c;
          }
      }
    }
    out += '"';
  }

  // The shortest text that reads back as the same double.
  static std::string number_text(double value) {
    if (!std::isfinite(value)) return "null";
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return std::string(buffer, end);
  }

 private:
  void write(std::string& out, int indent, int depth) const {
    if (is_null()) {
      out += "null";
    } else if (const auto* flag = if_bool()) {
      out += *flag ? "true" : "false";
    } else if (const auto* integer = if_integer()) {
      out += std::to_string(*integer);
    } else if (const auto* text = if_string()) {
      quote(out, *text);
    } else if (const auto* items = if_array()) {
      out += '[';
      bool first = true;
      for (const auto& item : *items) {
        if (!first) out += ',';
        first = false;
        break_line(out, indent, depth + 1);
        item.write(out, indent, depth + 1);
      }
      if (!items->empty()) break_line(out, indent, depth);
      out += ']';
    } else if (const auto* members = if_object()) {
      out += '{';
      bool first = true;
      for (const auto& [name, member] : *members) {
        if (!first) out += ',';
        first = false;
        break_line(out, indent, depth + 1);
        quote(out, name);
        out += indent < 0 ? ":" : ": ";
        member.write(out, indent, depth + 1);
      }
      if (!members->empty()) break_line(out, indent, depth);
      out += '}';
    } else {
      out += number_text(number());
    }
  }
  static void break_line(std::string& out, int indent, int depth) {
    if (indent >= 0) out.append("\n").append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(depth), ' ');
  }

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

namespace detail {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Json document() {
    Json value = read(0);
    skip_space();
    if (at_ != text_.size()) fail("something follows the value");
    return value;
  }

 private:
  static constexpr int deepest = 128;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Code::input, "offset " + std::to_string(at_), "this is not JSON: " + what);
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void expect(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) fail("expected " + std::string(word));
    at_ += word.size();
  }

  Json read(int depth) {
    if (depth > deepest) fail("nested deeper than " + std::to_string(deepest));
    skip_space();
    switch (peek()) {
      case '{':
        return read_object(depth);
      case '[':
        return read_array(depth);
      case '"':
        return Json(read_string());
      case 't':
        expect("true");
        return Json(true);
      case 'f':
        expect("false");
        return Json(false);
      case 'n':
        expect("null");
        return Json();
      default:
        return read_number();
    }
  }

  Json read_object(int depth) {
    Json::Object members;
    ++at_;
    skip_space();
    if (peek() == '}') return ++at_, Json(std::move(members));
    while (true) {
      skip_space();
      if (peek() != '"') fail("expected a member's name");
      std::string name = read_string();
      skip_space();
      expect(":");
      if (!members.emplace(name, read(depth + 1)).second) fail("the member \"" + name + "\" is there twice");
      skip_space();
      if (peek() == '}') return ++at_, Json(std::move(members));
      expect(",");
    }
  }

  Json read_array(int depth) {
    Json::Array items;
    ++at_;
    skip_space();
    if (peek() == ']') return ++at_, Json(std::move(items));
    while (true) {
      items.push_back(read(depth + 1));
      skip_space();
      if (peek() == ']') return ++at_, Json(std::move(items));
      expect(",");
    }
  }

  unsigned read_hex() {
    if (at_ + 4 > text_.size()) fail("a \\u escape is cut short");
    unsigned value = 0;
    const auto end = text_.data() + at_ + 4;
    if (std::from_chars(text_.data() + at_, end, value, 16).ptr != end) fail("a \\u escape is not hexadecimal");
    at_ += 4;
    return value;
  }
  static void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0 | (code >> 6)), byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F));
    } else {
      byte(0xF0 | (code >> 18)), byte(0x80 | ((code >> 12) & 0x3F)), byte(0x80 | ((code >> 6) & 0x3F));
      byte(0x80 | (code & 0x3F));
    }
  }
  void read_escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
        out += '"';
        return;
      case '\\':
        out += '\\';
        return;
      case '/':
        out += '/';
        return;
      case 'b':
        out += '\b';
        return;
      case 'f':
        out += '\f';
        return;
      case 'n':
        out += '\n';
        return;
      case 'r':
        out += '\r';
        return;
      case 't':
        out += '\t';
        return;
      case 'u':
        break;
      default:
        fail("an unknown escape");
    }
    unsigned code = read_hex();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const unsigned low = read_hex();
      if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code < 0xE000) {
      fail("half of a surrogate pair");
    }
    append_utf8(out, code);
  }
  std::string read_string() {
    std::string out;
    ++at_;
    while (true) {
      if (at_ >= text_.size()) fail("a string does not end");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
      ++at_;
      if (c == '"') return out;
      if (c == '\\') {
        read_escape(out);
      } else {
        out += c;
      }
    }
  }

  Json read_number() {
    const std::size_t from = at_;
    if (peek() == '-') ++at_;
    const std::size_t digits = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    if (at_ == digits) fail("expected a value");
    if (text_[digits] == '0' && at_ - digits > 1) fail("a number begins with 0");
    bool integer = true;
    if (peek() == '.') {
      integer = false;
      const std::size_t fraction = ++at_;
      while (peek() >= '0' && peek() <= '9') ++at_;
      if (at_ == fraction) fail("no digit after the point");
    }
    if (peek() == 'e' || peek() == 'E') {
      integer = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      const std::size_t exponent = at_;
      while (peek() >= '0' && peek() <= '9') ++at_;
      if (at_ == exponent) fail("no digit in the exponent");
    }
    const char* begin = text_.data() + from;
    const char* end = text_.data() + at_;
    if (integer) {
      std::int64_t value = 0;
      if (std::from_chars(begin, end, value).ec == std::errc()) return Json(value);
    }
    double value = 0;
    if (std::from_chars(begin, end, value).ec != std::errc()) fail("a number out of range");
    return Json(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace detail

inline Json Json::parse(std::string_view text) { return detail::JsonReader(text).document(); }

}  // namespace risetime
