// Flattens JSON with simdjson.
#include "record.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <risetime/error.hpp>

#include "values.hpp"

namespace risetime::tiktok {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t deepest = 64;        // items nest five deep
constexpr std::size_t longest_raw = 4000;  // of what is kept of an item
constexpr std::size_t most_cells = 20'000;

std::string text_of(double number) {
  char text[32];
  const auto [end, failure] = std::to_chars(text, text + sizeof text, number);
  return failure == std::errc() ? std::string(text, end) : std::string();
}

// Adds what `element` holds under `path`. Deeper than `deepest` the parser does not let it get.
void flatten(dom::element element, std::string& path, Record& into, std::size_t& left) {
  if (left == 0) return;
  const std::size_t length = path.size();
  const auto go_on = [&](std::string_view name, dom::element member) {
    if (length > 0) path += '.';
    path += name;
    flatten(member, path, into, left);
    path.resize(length);
  };
  switch (element.type()) {
    case dom::element_type::OBJECT:
      for (const auto& [name, member] : dom::object(element)) go_on(name, member);
      return;
    case dom::element_type::ARRAY: {
      std::size_t number = 0;
      for (const dom::element member : dom::array(element)) go_on(std::to_string(number++), member);
      return;
    }
    case dom::element_type::STRING:
      into.set(path, std::string_view(element));
      break;
    case dom::element_type::INT64:
      into.set(path, std::to_string(std::int64_t(element)));
      break;
    case dom::element_type::UINT64:
      into.set(path, std::to_string(std::uint64_t(element)));
      break;
    case dom::element_type::DOUBLE:
      into.set(path, text_of(double(element)));
      break;
    case dom::element_type::BOOL:
      into.set(path, bool(element) ? "true" : "false");
      break;
    case dom::element_type::NULL_VALUE:
      return;
  }
  --left;
}

ListedItem item_of(dom::element element) {
  ListedItem item;
  item.raw = shortened(simdjson::minify(element), longest_raw);
  if (!element.is_object()) {
    item.problem = "it is no JSON object";
    return item;
  }
  std::string path;
  std::size_t left = most_cells;
  item.record.emplace();
  flatten(element, path, *item.record, left);
  return item;
}

// What the parser says of a text that it cannot read; empty where it can. The parser owns what `root` points into.
std::string parse(dom::parser& parser, std::string_view text, dom::element& root) {
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), deepest) != simdjson::SUCCESS)
    return std::to_string(text.size()) + " bytes are too many to read at once";
  const auto failure = parser.parse(text.data(), text.size()).get(root);
  if (failure == simdjson::SUCCESS) return {};
  return std::string("no JSON (") + simdjson::error_message(failure) + ")";
}

}  // namespace

void Record::set(std::string_view path, std::string_view value) {
  if (value.empty()) return;
  std::string name(path);
  std::replace(name.begin(), name.end(), '/', '.');
  cells_.emplace(std::move(name), value);
}

const std::string* Record::find(const std::vector<const char*>& paths) const {
  for (const char* path : paths) {
    const auto found = cells_.find(std::string_view(path));
    if (found != cells_.end()) return &found->second;
  }
  return nullptr;
}

const std::string* Record::find_number(const std::vector<const char*>& paths) const {
  for (const char* path : paths) {
    const auto found = cells_.find(std::string_view(path));
    if (found != cells_.end() && !is_blank(found->second)) return &found->second;
  }
  return nullptr;
}

std::vector<std::string> Record::list(const std::string& path, const std::vector<const char*>& members) const {
  // By number: "10" comes before "2" among the paths.
  std::map<std::int64_t, std::string> found;
  const std::string beginning = path + ".";
  for (auto cell = cells_.lower_bound(beginning); cell != cells_.end(); ++cell) {
    std::string_view rest = cell->first;
    if (rest.substr(0, beginning.size()) != beginning) break;
    rest.remove_prefix(beginning.size());
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (failure != std::errc() || number < 0) continue;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const bool wanted =
        rest.empty() || (rest.front() == '.' && std::any_of(members.begin(), members.end(), [&](const char* member) {
                           return rest.substr(1) == member;
                         }));
    if (wanted) found.emplace(number, cell->second);
  }
  std::vector<std::string> texts;
  for (auto& [number, text] : found) texts.push_back(std::move(text));
  return texts;
}

ListedItem parse_object(std::string_view text) {
  dom::parser parser;
  dom::element root;
  std::string problem = parse(parser, text, root);
  if (problem.empty()) return item_of(root);
  return {std::nullopt, "this is " + problem, shortened(text, longest_raw)};
}

std::vector<ListedItem> parse_list(std::string_view text, const std::string& where) {
  dom::parser parser;
  dom::element root;
  const std::string problem = parse(parser, text, root);
  if (!problem.empty())
    throw Error(
        Code::input, where,
        "the answer of " + std::to_string(text.size()) + " bytes is " + problem + "; it is broken or was cut short",
        10'000);
  dom::array list;
  if (root.get(list) != simdjson::SUCCESS) throw Error(Code::input, where, "the answer is no list of items");
  std::vector<ListedItem> items;
  for (const dom::element element : list) items.push_back(item_of(element));
  return items;
}

}  // namespace risetime::tiktok
