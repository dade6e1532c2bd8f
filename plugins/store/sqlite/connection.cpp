// SQLite connections, statements and errors.
#include "connection.hpp"

#include <cstring>
#include <filesystem>
#include <system_error>

namespace risetime::sqlite {
namespace {

constexpr int page_bytes = 8192;            // vectors and texts fit a page more often than in the default 4096
constexpr int pages_per_checkpoint = 4000;  // 32 MiB of log; with 4 MiB, bulk writing is a quarter slower
constexpr std::int64_t log_bytes_kept = 64LL << 20U;

std::string system_reason(sqlite3* handle) {
  const int number = sqlite3_system_errno(handle);
  return number == 0 ? std::string() : " (" + std::string(std::strerror(number)) + ")";
}

struct Reason {
  Code code;
  std::string message;
  std::int64_t retry_after_ms = -1;
};

Reason locked(const FileSettings& settings) {
  return {Code::io,
          "another writer has held the database locked for " + Duration{settings.busy_timeout_ms * 1000}.text() +
              ": end the other process that writes to it, or raise `busy_timeout`",
          1000};
}

Reason reason_for(int status, sqlite3* handle, const FileSettings& settings) {
  switch (status) {
    case SQLITE_BUSY_SNAPSHOT:
      return {Code::state,
              "a scan that was opened in an earlier transaction is still open, and others have written since: close it "
              "before the next transaction"};
    case SQLITE_ABORT_ROLLBACK:
      return {Code::state, "the transaction in which this scan was opened was rolled back: open the scan again"};
    default:
      break;
  }
  switch (status & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return settings.cancelled && settings.cancelled()
                 ? Reason{Code::cancelled, "stopped on request while waiting for another writer"}
                 : locked(settings);
    case SQLITE_FULL:
      return {Code::io, "the disk is full: free some space and run again; nothing of this transaction was kept"};
    case SQLITE_READONLY:
      return {
          Code::io,
          "the database cannot be written: the file or its folder is read-only; change its permissions or set `path` "
          "to another file"};
    case SQLITE_NOTADB:
      return {Code::config, "the file is not an SQLite database: set `path` to another file, or move this one away"};
    case SQLITE_CORRUPT:
      return {Code::io, "the database file is damaged (" + std::string(sqlite3_errmsg(handle)) +
                            "): restore a copy, or save what is left with `sqlite3 FILE .recover`"};
    case SQLITE_CANTOPEN:
      return {Code::io, "the database file cannot be opened" + system_reason(handle) +
                            ": check that `path` is a file in a folder that this user may write to"};
    case SQLITE_IOERR:
      return {Code::io, "reading or writing failed" + system_reason(handle) + ": check the disk and its free space"};
    case SQLITE_NOMEM:
      return {Code::internal, "out of memory"};
    case SQLITE_TOOBIG:
      return {Code::input, "one value is larger than SQLite's limit of 1,000,000,000 bytes"};
    default:
      return {Code::internal,
              "SQLite: " + std::string(handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(status)) + " (" +
                  std::to_string(status) + ")"};
  }
}

}  // namespace

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out += '"';
}

// ---- Statement

Statement::Statement(Connection& connection, std::string_view sql) : connection_(&connection) {
  sqlite3_stmt* statement = nullptr;
  const int status =
      sqlite3_prepare_v3(connection.raw(), sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  statement_.reset(statement);
  if (status != SQLITE_OK) connection.fail(status);
}

void Statement::check_bound(int status) {
  if (status != SQLITE_OK) connection_->fail(status);
}

Statement& Statement::bind(int index, std::int64_t value) {
  check_bound(sqlite3_bind_int64(raw(), index, value));
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();  // a null pointer would bind NULL
  check_bound(sqlite3_bind_text64(raw(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  check_bound(sqlite3_bind_blob64(raw(), index, data, value.size(), SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(raw());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  try {
    connection_->fail(sqlite3_extended_errcode(connection_->raw()));
  } catch (...) {
    reset();
    throw;
  }
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() noexcept { sqlite3_reset(raw()); }

std::string_view Statement::bytes(int column) const noexcept {
  const void* data = sqlite3_column_blob(raw(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(raw(), column));
  return size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

// ---- Connection

Connection::Connection(FileSettings settings, Mode mode) : settings_(std::move(settings)) {
  if (mode == Mode::write) make_folder();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::write ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(settings_.path.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (status != SQLITE_OK) fail(status);
  configure(mode);
}

void Connection::make_folder() const {
  const auto folder = std::filesystem::path(settings_.path).parent_path();
  if (folder.empty()) return;
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    throw Error(Code::io, settings_.path,
                "the folder " + folder.string() + " cannot be made (" + failure.message() +
                    "): set `path` to a place that this user may write to");
}

void Connection::configure(Mode mode) {
  sqlite3_busy_handler(raw(), &Connection::wait_for_lock, this);
  execute("PRAGMA trusted_schema = OFF");  // a database from elsewhere runs nothing of its own
  if (mode == Mode::read) {
    execute("PRAGMA query_only = ON");
    return;
  }
  execute("PRAGMA cache_size = -" + std::to_string(settings_.cache_bytes / 1024));
  execute("PRAGMA page_size = " + std::to_string(page_bytes));  // heeded by new files only
  execute(std::string("PRAGMA synchronous = ") + (settings_.synchronous_full ? "FULL" : "NORMAL"));
  execute("PRAGMA wal_autocheckpoint = " + std::to_string(pages_per_checkpoint));
  execute("PRAGMA journal_size_limit = " + std::to_string(log_bytes_kept));
}

int Connection::wait_for_lock(void* self, int attempt) {
  auto& connection = *static_cast<Connection*>(self);
  if (attempt == 0) connection.waited_ms_ = 0;
  const auto& settings = connection.settings_;
  if (connection.waited_ms_ >= settings.busy_timeout_ms || (settings.cancelled && settings.cancelled())) return 0;
  const int wait_ms = attempt < 10 ? 1 : attempt < 30 ? 5 : 50;
  connection.waited_ms_ += sqlite3_sleep(wait_ms);
  return 1;
}

void Connection::execute(std::string_view sql) { Statement(*this, sql).run(); }

std::int64_t Connection::integer(std::string_view sql) {
  Statement query(*this, sql);
  return query.step() ? query.int64(0) : 0;
}

void Connection::fail(int status) const {
  auto reason = reason_for(status, raw(), settings_);
  throw Error(reason.code, settings_.path, std::move(reason.message), reason.retry_after_ms);
}

// ---- Transaction

Transaction::Transaction(Connection& connection) : connection_(connection), nested_(connection.in_transaction()) {
  connection_.execute(nested_ ? "SAVEPOINT risetime" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // After a full disk or an I/O error SQLite has rolled back on its own.
  if (!open_ || !connection_.in_transaction()) return;
  const char* undo = nested_ ? "ROLLBACK TO risetime; RELEASE risetime" : "ROLLBACK";
  sqlite3_exec(connection_.raw(), undo, nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.execute(nested_ ? "RELEASE risetime" : "COMMIT");
  open_ = false;
}

}  // namespace risetime::sqlite
