// Reading of large JSON answers by simdjson, tolerant of nodes that have moved: by path where the path is documented,
// by the key's name wherever it stands where it is not.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace risetime::youtube {

using Node = simdjson::dom::element;

// Owns what its nodes point into.
class JsonTree {
 public:
  // Throws Error(Code::input) with `where` as its place: broken JSON, bad UTF-8, or nested deeper than 200.
  JsonTree(std::string_view text, const std::string& where);
  JsonTree(const JsonTree&) = delete;  // nodes point into it, so it stays where it is
  JsonTree& operator=(const JsonTree&) = delete;

  Node root() const { return root_; }

 private:
  simdjson::dom::parser parser_;
  Node root_;
};

// The member at the end of a path of members; nothing where one of them is missing.
std::optional<Node> at(Node node, std::initializer_list<std::string_view> path);
// The same, where it is a text; empty where it is none.
std::string_view string_at(Node node, std::initializer_list<std::string_view> path);
// Whether the member is there and true.
bool is_true(Node node, std::string_view name);

// The first member of this name in document order, at any depth; nothing where there is none.
std::optional<Node> find(Node node, std::string_view name);
// Every member at any depth with its name, parents first. Where the visitor returns false, the member is not entered.
void visit(Node node, const std::function<bool(std::string_view name, Node member)>& visitor);

// A text in any of YouTube's forms: a plain one, {"simpleText"}, {"content"} or {"runs": [{"text"}]}; empty for others.
std::string text_of(Node node);
std::string text_at(Node node, std::initializer_list<std::string_view> path);
std::optional<std::string> non_empty_at(Node node, std::initializer_list<std::string_view> path);

// A whole number that is not negative, written as a number or as a text of digits alone; nothing for others.
std::optional<std::int64_t> whole_number(Node node);
std::optional<std::int64_t> whole_number_at(Node node, std::initializer_list<std::string_view> path);

}  // namespace risetime::youtube
