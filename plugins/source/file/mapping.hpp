// From a record of a file to a row of a table: which column is which, and what its cells say.
#pragma once

#include <functional>
#include <memory>
#include <risetime/source.hpp>

#include "options.hpp"
#include "record.hpp"
#include "values.hpp"

namespace risetime::file {

// Which table a part of the settings fills.
enum class TableKind { channels, videos, observations };
const char* name_of(TableKind kind);

// Settings that all parts share.
struct MappingRules {
  std::string platform;  // empty: a column must have it
  TimeRules time;
  std::string tag_separator;
};

// What a file offers.
struct Layout {
  std::string name;                             // of the file, for messages
  std::vector<std::string> columns;             // those that records carry, then others, for messages
  std::size_t carried = 0;                      // so many of them
  std::function<bool(const std::string&)> has;  // whether a column is there
};

// Checks the names in a part of the settings. Throws Error(Code::config) whose `where` is the setting.
void check_part(TableKind kind, const Part& part, const Wide* wide);

// The columns of a file that a part may use, by their names in the file; wide ones by pattern are not among them.
std::vector<std::string> wanted_columns(TableKind kind, const Part& part, const Wide* wide);

class Mapper {
 public:
  Mapper() = default;
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;
  virtual ~Mapper() = default;

  // Adds what the record holds, or rejects it with file:line:column.
  virtual void add(const Record& record, Rows& out) = 0;
};

// Throws Error(Code::input) naming the file and its columns if one that is needed is not there.
std::unique_ptr<Mapper> make_mapper(TableKind kind, const Part& part, const Wide* wide, const MappingRules& rules,
                                    const Layout& layout);

// Reports a record that its reader could not read. `columns` are the reader's.
void reject_record(const Record& record, const std::string& file, const std::vector<std::string>& columns, Rows& out);

}  // namespace risetime::file
