// One item of a data set or of a file, flat: paths and texts, whether it was JSON or a line of CSV.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::tiktok {

// Cells by path: "authorMeta.fans", "hashtags.0.name". CSV exports write "authorMeta/fans" for the same.
class Record {
 public:
  // Empty values are left out; of a path that comes twice, the first stays.
  void set(std::string_view path, std::string_view value);

  // The first of these paths that has a value; nullptr where none has.
  const std::string* find(const std::vector<const char*>& paths) const;
  // The same for numbers and times, where "-", "N/A" and the like are no values.
  const std::string* find_number(const std::vector<const char*>& paths) const;
  // The texts of a list: "hashtags.0.name", or "hashtags.0" where its items are texts; in their order.
  std::vector<std::string> list(const std::string& path, const std::vector<const char*>& members) const;
  bool empty() const { return cells_.empty(); }

 private:
  std::map<std::string, std::string, std::less<>> cells_;
};

// What stands in a list, or why it cannot be used.
struct ListedItem {
  std::optional<Record> record;
  std::string problem;  // why there is no record
  std::string raw;      // as it came, cut to a few kilobytes
};

// One JSON object. Never throws for what the text holds: what is wrong with it is in the result.
ListedItem parse_object(std::string_view text);

// A list of objects. Throws Error(Code::input) with `where` as its place for what is no JSON list: cut short, broken,
// too deep. An item that is no object stands in the list with its problem.
std::vector<ListedItem> parse_list(std::string_view text, const std::string& where);

}  // namespace risetime::tiktok
