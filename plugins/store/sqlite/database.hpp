// The file as a whole: its layout version, its tables and how each is laid out in SQLite.
//
// A table X of risetime is kept in "risetime_rows_X"; the view "X" shows it to people, with times as ISO 8601. Where
// the last key is a time (or a number) and all keys before are texts, as in observation(platform, video_id,
// observed_at), the texts are kept once a series in "risetime_series_X", and a row holds the series' number: rows are
// half as large, and twice as fast to write.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "connection.hpp"

namespace risetime::sqlite {

constexpr std::int64_t layout_version = 1;  // of the file, in PRAGMA user_version
constexpr std::size_t most_columns = 256;   // of a table

struct Layout {
  std::string name;
  std::vector<Field> fields;  // those of the first definition first, added ones after
  std::vector<std::string> keys;
  bool replace = false;
  bool by_series = false;

  std::size_t series_keys() const noexcept { return by_series ? keys.size() - 1 : 0; }
  std::optional<std::size_t> find(std::string_view column) const;
  bool is_series_key(std::string_view column) const;
  // The column in a query over from().
  std::string sql(std::string_view column) const;
  std::string from() const;
  std::string order() const;
  std::string rows_table() const { return quoted("risetime_rows_" + name); }
  std::string series_table() const { return quoted("risetime_series_" + name); }
};

class Database {
 public:
  explicit Database(FileSettings settings);

  // Makes the table, adds columns that are new to it, or throws Error naming what differs.
  void define(const Table& table);
  // Throws Error(Code::state) for a table that was never defined.
  const Layout& table(std::string_view name);
  // Definitions made in a transaction that was rolled back are gone from the file: read them again.
  void forget_tables() { tables_.clear(); }

  Connection& writer() noexcept { return writer_; }
  // Writes the file anew without the bytes of what was erased, and empties the log. Throws Error(Code::io) where a
  // reader, here or in another process, keeps an older state of the file alive.
  void purge();

  // A connection that sees what was committed when its first query began; give it back after use.
  std::unique_ptr<Connection> borrow_reader();
  void give_back(std::unique_ptr<Connection> reader);

 private:
  void prepare_file();
  void check_owner();
  void use_log();
  void make_layout();
  std::optional<Layout> read_table(std::string_view name);
  void create(const Layout& layout);
  void evolve(const Layout& before, const Layout& after);
  void record(const Layout& layout);
  void make_view(const Layout& layout);

  Connection writer_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  std::map<std::string, Layout, std::less<>> tables_;
};

}  // namespace risetime::sqlite
