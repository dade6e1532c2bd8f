// SQLite itself, wrapped: connections that open a file the way the store needs it, statements, and errors that say
// which file, what happened and what to do.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <risetime/plugin.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace risetime::sqlite {

// "name" with its quotes doubled: any text is one identifier, and nothing in it is SQL.
std::string quoted(std::string_view name);

struct FileSettings {
  std::string path;                        // absolute
  bool synchronous_full = false;           // wait for the disk at each commit, not only at checkpoints
  std::int64_t busy_timeout_ms = 30'000;   // how long to wait for another writer
  std::int64_t cache_bytes = 64LL << 20U;  // of pages, for the writing connection
  std::function<bool()> cancelled;         // ends the wait for another writer
};

class Connection;

// One prepared statement. Texts and blobs that are bound must live until the next reset().
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);

  Statement& bind(int index, std::int64_t value);
  Statement& bind_text(int index, std::string_view value);
  Statement& bind_blob(int index, std::string_view value);

  // Whether there is a row. Throws Error; the statement is reset then.
  bool step();
  // Steps to the end and resets.
  void run();
  void reset() noexcept;

  bool is_null(int column) const noexcept { return type(column) == SQLITE_NULL; }
  int type(int column) const noexcept { return sqlite3_column_type(raw(), column); }
  std::int64_t int64(int column) const noexcept { return sqlite3_column_int64(raw(), column); }
  double float64(int column) const noexcept { return sqlite3_column_double(raw(), column); }
  // Of a text or a blob; valid until the next step() or reset().
  std::string_view bytes(int column) const noexcept;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* raw() const noexcept { return statement_.get(); }
  void check_bound(int status);

  Connection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Connection {
 public:
  enum class Mode { write, read };

  // Opens (Mode::write: or creates, with its folder) the file. Throws Error naming the file.
  Connection(FileSettings settings, Mode mode);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void execute(std::string_view sql);
  Statement prepare(std::string_view sql) { return {*this, sql}; }
  std::int64_t integer(std::string_view sql);  // of the first row of a query

  bool in_transaction() const noexcept { return sqlite3_get_autocommit(raw()) == 0; }
  std::int64_t changes() const noexcept { return sqlite3_changes64(raw()); }
  std::int64_t last_id() const noexcept { return sqlite3_last_insert_rowid(raw()); }
  bool read_only() const noexcept { return sqlite3_db_readonly(raw(), "main") == 1; }
  sqlite3* raw() const noexcept { return handle_.get(); }
  const std::string& path() const noexcept { return settings_.path; }
  const FileSettings& settings() const noexcept { return settings_; }

  // Throws what the last call on this connection reported.
  [[noreturn]] void fail(int status) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  void make_folder() const;
  void configure(Mode mode);
  static int wait_for_lock(void* self, int attempt);

  FileSettings settings_;
  std::int64_t waited_ms_ = 0;
  std::unique_ptr<sqlite3, Close> handle_;
};

// BEGIN IMMEDIATE or, inside a transaction, a savepoint; undone at the end of the scope unless commit() was reached.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Connection& connection_;
  bool nested_;
  bool open_ = true;
};

}  // namespace risetime::sqlite
