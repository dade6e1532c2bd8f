// Reads JSON objects as records.
#include "json_records.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <risetime/error.hpp>

#include "values.hpp"

namespace risetime::file {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(Window::padding >= simdjson::SIMDJSON_PADDING);

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim_all(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Where the value that begins at 0 ends: one past its last bracket. 0: it goes on behind the text.
// A quote, a backslash or a bracket are the only letters that matter.
std::size_t end_of_object(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return at + 1;
      --depth;
    }
  }
  return 0;
}

}  // namespace

bool looks_like_json(std::string_view sample) {
  if (sample.substr(0, 3) == "\xEF\xBB\xBF") sample.remove_prefix(3);
  const std::string_view text = trim_all(sample);
  if (text.empty()) return false;
  if (text.front() == '[') return trim_all(text.substr(1)).substr(0, 1) == "{" || trim_all(text.substr(1)) == "]";
  return text.front() == '{';
}

// Fills the fields of one record from an object; `prefix` is the path of members down to it.
struct JsonReader::Parser {
  ondemand::parser parser;
  std::vector<std::string> lists;  // texts of arrays, one a column

  // Throws simdjson::simdjson_error.
  void read(std::string_view text, const std::vector<std::string>& columns, std::size_t wanted,
            std::vector<std::string_view>& fields) {
    lists.resize(wanted);
    ondemand::document document = parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
    ondemand::object object = document.get_object();
    read_object(object, "", columns, wanted, fields, 0);
    // Behind the object stands nothing: then there is no location to tell.
    if (document.current_location().error() == simdjson::SUCCESS)
      throw simdjson::simdjson_error(simdjson::TRAILING_CONTENT);
  }

  void read_object(ondemand::object& object, const std::string& prefix, const std::vector<std::string>& columns,
                   std::size_t wanted, std::vector<std::string_view>& fields, std::size_t hint) {
    for (auto member : object) {
      const std::string_view key = member.unescaped_key();
      ondemand::value value = member.value();
      const std::size_t column = find(prefix, key, columns, wanted, hint);
      if (column < wanted) {
        fields[column] = text_of(value, column);
        hint = column + 1;
        continue;
      }
      if (!is_prefix(prefix, key, columns, wanted) || value.type() != ondemand::json_type::object) continue;
      ondemand::object inner = value.get_object();
      read_object(inner, prefix + std::string(key) + ".", columns, wanted, fields, 0);
    }
  }

 private:
  static bool matches(const std::string& column, const std::string& prefix, std::string_view key) {
    return column.size() == prefix.size() + key.size() && column.compare(0, prefix.size(), prefix) == 0 &&
           std::string_view(column).substr(prefix.size()) == key;
  }
  // Members mostly come in the same order, so the search begins behind the last one found.
  static std::size_t find(const std::string& prefix, std::string_view key, const std::vector<std::string>& columns,
                          std::size_t wanted, std::size_t hint) {
    for (std::size_t step = 0; step < wanted; ++step) {
      const std::size_t column = (hint + step) % wanted;
      if (matches(columns[column], prefix, key)) return column;
    }
    return wanted;
  }
  static bool is_prefix(const std::string& prefix, std::string_view key, const std::vector<std::string>& columns,
                        std::size_t wanted) {
    const std::string path = prefix + std::string(key) + ".";
    for (std::size_t i = 0; i < wanted; ++i)
      if (columns[i].compare(0, path.size(), path) == 0) return true;
    return false;
  }

  std::string_view text_of(ondemand::value& value, std::size_t column) {
    switch (value.type()) {
      case ondemand::json_type::string:
        return value.get_string();
      case ondemand::json_type::array: {
        ondemand::array items = value.get_array();
        std::string& list = lists[column];
        list.clear();
        for (ondemand::value item : items) {
          list += item_text(item);
          list += list_mark;
        }
        return list;
      }
      case ondemand::json_type::object:
        return raw_object(value);
      default:
        return scalar_text(value);
    }
  }
  static std::string_view raw_object(ondemand::value& value) {
    ondemand::object object = value.get_object();
    return object.raw_json();
  }
  static std::string_view raw_array(ondemand::value& value) {
    ondemand::array array = value.get_array();
    return array.raw_json();
  }
  static std::string_view item_text(ondemand::value& item) {
    switch (item.type()) {
      case ondemand::json_type::string:
        return item.get_string();
      case ondemand::json_type::array:
        return raw_array(item);
      case ondemand::json_type::object:
        return raw_object(item);
      default:
        return scalar_text(item);
    }
  }
  // A number, true or false as written; null as nothing. Each is checked: on-demand parsing checks only what is asked.
  static std::string_view scalar_text(ondemand::value& value) {
    const std::string_view token = trim_all(value.raw_json_token());
    switch (value.type()) {
      case ondemand::json_type::number:
        static_cast<void>(double(value.get_double()));
        return token;
      case ondemand::json_type::boolean:
        return bool(value.get_bool()) ? "true" : "false";
      default:
        if (!value.is_null()) throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
        return {};
    }
  }
};

JsonReader::JsonReader(Window window, const std::vector<std::string>& wanted, std::string name)
    : window_(std::move(window)),
      name_(std::move(name)),
      columns_(wanted),
      wanted_(wanted.size()),
      parser_(std::make_unique<Parser>()) {
  if (window_.sample(std::size_t{64} << 10).substr(0, 3) == "\xEF\xBB\xBF") window_.consume(3);
  std::string_view view = window_.view();
  const std::string_view text = trim_all(view);
  if (!text.empty() && text.front() == '[') {
    is_array_ = true;
    const auto skipped = static_cast<std::size_t>(text.data() - view.data()) + 1;
    line_ += static_cast<std::uint64_t>(std::count(view.data(), view.data() + skipped, '\n'));
    window_.consume(skipped);
  }
  look_at_first_records();
}

JsonReader::~JsonReader() = default;

bool JsonReader::has_seen(const std::string& column) const {
  return std::find(seen_.begin(), seen_.end(), column) != seen_.end();
}

// The names of the members of the records in the sample, without moving. What cannot be read is left to next().
void JsonReader::look_at_first_records() {
  constexpr int enough = 100;
  std::string_view rest = window_.view();
  ondemand::parser parser;
  for (int i = 0; i < enough && !rest.empty(); ++i) {
    const std::size_t begin = rest.find('{');
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin);
    const std::size_t size = end_of_object(rest);
    if (size == 0) break;
    simdjson::padded_string copy(rest.substr(0, size));
    rest.remove_prefix(size);
    try {
      ondemand::document document = parser.iterate(copy);
      for (auto member : document.get_object()) {
        const std::string key(std::string_view(member.unescaped_key()));
        ondemand::value value = member.value();
        if (!has_seen(key)) seen_.push_back(key);
        if (value.type() != ondemand::json_type::object) continue;
        for (auto inner : value.get_object()) {
          const std::string path = key + "." + std::string(std::string_view(inner.unescaped_key()));
          if (!has_seen(path)) seen_.push_back(path);
        }
      }
    } catch (const simdjson::simdjson_error&) {
      continue;
    }
  }
  for (const std::string& name : seen_)
    if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) columns_.push_back(name);
}

bool JsonReader::skip_to(std::uint64_t offset, std::uint64_t line) {
  line_ = line;
  return window_.skip_to(offset);
}

bool JsonReader::next(Record& record) {
  record.problem.clear();
  if (!next_text(record)) return false;
  if (!record.problem.empty()) return true;
  record.fields.assign(wanted_, {});
  try {
    parser_->read(record.raw, columns_, wanted_, record.fields);
  } catch (const simdjson::simdjson_error& error) {
    record.problem = std::string("this is no JSON object: ") + error.what();
    record.problem_line = record.line;
    record.fields.clear();
  }
  return true;
}

bool JsonReader::next_text(Record& record) { return is_array_ ? next_item_text(record) : next_line_text(record); }

// Gives the first `size` letters as the record and moves behind the first `size_with_end`.
void JsonReader::take(Record& record, std::size_t size, std::size_t size_with_end) {
  const std::string_view view = window_.view();
  record.raw = trim_all(view.substr(0, size));
  record.offset = window_.offset();
  record.line = line_;
  line_ += static_cast<std::uint64_t>(std::count(view.data(), view.data() + size_with_end, '\n'));
  record.next_line = line_;
  window_.consume(size_with_end);
  record.end = window_.offset();
}

bool JsonReader::next_line_text(Record& record) {
  std::size_t checked = 0;
  for (;;) {
    const std::string_view view = window_.view();
    std::size_t end = view.find('\n', checked);
    const bool found = end != std::string_view::npos;
    if (!found) {
      if (view.size() >= longest_record) {
        skip_long(record);
        return true;
      }
      checked = view.size();
      if (window_.more()) continue;
      end = window_.view().size();
      if (end == 0) return false;
    }
    record.terminated = found;
    take(record, end, found ? end + 1 : end);
    if (!record.raw.empty()) return true;
    checked = 0;
  }
}

// Between the items of an array stand blanks and one comma; this is as lenient as that allows, and ends at the bracket.
bool JsonReader::next_item_text(Record& record) {
  for (;;) {
    const std::string_view view = window_.view();
    std::size_t begin = 0;
    while (begin < view.size() && (is_space(view[begin]) || view[begin] == ',')) ++begin;
    if (begin > 0) {
      take(record, begin, begin);
      continue;
    }
    if (view.empty()) {
      if (!window_.more()) return false;
      continue;
    }
    if (view.front() == ']') return false;
    record.terminated = true;
    const bool opens = view.front() == '{' || view.front() == '[';
    std::size_t size = opens ? end_of_object(view) : std::min(view.find_first_of(",]\n"), view.size());
    if (size == view.size() && !opens) size = 0;
    if (size == 0 && view.size() >= longest_record) {
      skip_long(record);
      return true;
    }
    if (size == 0 && window_.more()) continue;
    const std::string_view all = window_.view();
    if (size == 0) {
      record.terminated = false;
      size = all.size();
    }
    take(record, size, size);
    return true;
  }
}

// A record too long to hold: only its beginning is kept, and reading goes on at the next line.
void JsonReader::skip_long(Record& record) {
  kept_ = window_.view().substr(0, 1024);
  record.problem = "the record is longer than " + std::to_string(longest_record >> 20) + " MiB";
  record.problem_line = record.line = line_;
  record.offset = window_.offset();
  record.terminated = false;
  record.fields.clear();
  for (;;) {
    const std::string_view view = window_.view();
    const std::size_t end = view.find('\n');
    if (end != std::string_view::npos) {
      window_.consume(end + 1);
      ++line_;
      record.terminated = true;
      break;
    }
    window_.consume(view.size());
    if (!window_.more()) break;
  }
  record.raw = kept_;
  record.next_line = line_;
  record.end = window_.offset();
}

}  // namespace risetime::file
