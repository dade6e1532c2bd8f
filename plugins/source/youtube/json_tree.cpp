// The tree's readers.
#include "json_tree.hpp"

#include <algorithm>
#include <charconv>
#include <risetime/error.hpp>

namespace risetime::youtube {
namespace {

// YouTube's answers reach a depth of about 60. The parser refuses more than this, so recursion over a tree is bounded.
constexpr std::size_t deepest = 200;

}  // namespace

JsonTree::JsonTree(std::string_view text, const std::string& where) {
  simdjson::error_code failure = parser_.allocate(std::max<std::size_t>(text.size(), 32), deepest);
  if (failure == simdjson::SUCCESS) failure = parser_.parse(text.data(), text.size()).get(root_);
  if (failure != simdjson::SUCCESS)
    throw Error(Code::input, where,
                std::string("this is not the JSON that was asked for: ") + simdjson::error_message(failure) + " (" +
                    std::to_string(text.size()) + " bytes)");
}

std::optional<Node> at(Node node, std::initializer_list<std::string_view> path) {
  for (const std::string_view name : path)
    if (node.at_key(name).get(node) != simdjson::SUCCESS) return std::nullopt;
  return node;
}

std::string_view string_at(Node node, std::initializer_list<std::string_view> path) {
  const auto found = at(node, path);
  std::string_view text;
  return found && found->get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool is_true(Node node, std::string_view name) {
  const auto found = at(node, {name});
  bool value = false;
  return found && found->get(value) == simdjson::SUCCESS && value;
}

std::optional<Node> find(Node node, std::string_view name) {
  simdjson::dom::object members;
  simdjson::dom::array items;
  if (node.get(members) == simdjson::SUCCESS) {
    for (const auto& member : members) {
      if (member.key == name) return member.value;
      if (auto found = find(member.value, name)) return found;
    }
  } else if (node.get(items) == simdjson::SUCCESS) {
    for (const Node item : items)
      if (auto found = find(item, name)) return found;
  }
  return std::nullopt;
}

void visit(Node node, const std::function<bool(std::string_view name, Node member)>& visitor) {
  simdjson::dom::object members;
  simdjson::dom::array items;
  if (node.get(members) == simdjson::SUCCESS) {
    for (const auto& member : members)
      if (visitor(member.key, member.value)) visit(member.value, visitor);
  } else if (node.get(items) == simdjson::SUCCESS) {
    for (const Node item : items) visit(item, visitor);
  }
}

std::string text_of(Node node) {
  std::string_view plain;
  if (node.get(plain) == simdjson::SUCCESS) return std::string(plain);
  for (const std::string_view name : {"simpleText", "content"})
    if (const std::string_view text = string_at(node, {name}); !text.empty()) return std::string(text);
  const auto runs = at(node, {"runs"});
  simdjson::dom::array items;
  std::string joined;
  if (runs && runs->get(items) == simdjson::SUCCESS)
    for (const Node run : items) joined += string_at(run, {"text"});
  return joined;
}

std::string text_at(Node node, std::initializer_list<std::string_view> path) {
  const auto found = at(node, path);
  return found ? text_of(*found) : std::string();
}

std::optional<std::string> non_empty_at(Node node, std::initializer_list<std::string_view> path) {
  std::string text = text_at(node, path);
  return text.empty() ? std::nullopt : std::optional<std::string>(std::move(text));
}

std::optional<std::int64_t> whole_number(Node node) {
  std::int64_t value = 0;
  std::string_view text;
  if (node.get(text) == simdjson::SUCCESS) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  } else if (node.get(value) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return value < 0 ? std::nullopt : std::optional<std::int64_t>(value);
}

std::optional<std::int64_t> whole_number_at(Node node, std::initializer_list<std::string_view> path) {
  const auto found = at(node, path);
  return found ? whole_number(*found) : std::nullopt;
}

}  // namespace risetime::youtube
