// The virtual table risetime_batch: SQLite asks it for rows and values, it answers from the batch's buffers.
#include "feed.hpp"

#include <cmath>

namespace risetime::sqlite {
namespace {

struct BatchTable {
  sqlite3_vtab base;  // first, as SQLite wants it
  Feed* feed;
};

struct BatchCursor {
  sqlite3_vtab_cursor base;
  std::size_t position;
};

Feed& feed_of(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<BatchTable*>(cursor->pVtab)->feed; }
BatchCursor& cast(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<BatchCursor*>(cursor); }

std::size_t row_at(const Feed& feed, std::size_t position) {
  return feed.order == nullptr ? position : (*feed.order)[position];
}

// SQLite is C: nothing may be thrown through it.
int connect(sqlite3* database, void* feed, int, const char* const*, sqlite3_vtab** table, char**) try {
  std::string declaration = "CREATE TABLE x(series";
  for (std::size_t i = 0; i < most_columns; ++i) declaration += ", c" + std::to_string(i);
  const int status = sqlite3_declare_vtab(database, (declaration + ")").c_str());
  if (status != SQLITE_OK) return status;
  *table = &(new BatchTable{{}, static_cast<Feed*>(feed)})->base;
  return SQLITE_OK;
} catch (const std::bad_alloc&) {
  return SQLITE_NOMEM;
}

int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<BatchTable*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  info->estimatedCost = 1;
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  auto* made = new (std::nothrow) BatchCursor{{}, 0};
  if (made == nullptr) return SQLITE_NOMEM;
  *cursor = &made->base;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &cast(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  cast(cursor).position = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  ++cast(cursor).position;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* cursor) { return cast(cursor).position >= feed_of(cursor).rows ? 1 : 0; }

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<sqlite3_int64>(cast(cursor).position);
  return SQLITE_OK;
}

void give_float(sqlite3_context* result, double value) {
  if (std::isnan(value)) return sqlite3_result_text(result, "NaN", 3, SQLITE_STATIC);  // as a number it would be NULL
  sqlite3_result_double(result, value);
}

void give_text(sqlite3_context* result, std::string_view value) {
  sqlite3_result_text64(result, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void give_blob(sqlite3_context* result, const void* data, std::size_t size) {
  if (size == 0) return sqlite3_result_zeroblob(result, 0);  // a null pointer would be NULL
  sqlite3_result_blob64(result, data, size, SQLITE_STATIC);
}

void give_list(sqlite3_context* result, const Column& items, std::string& text) {
  text = "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += ',';
    if (items.is_null(i)) {
      text += "null";
    } else {
      Json::quote(text, items.text(i));
    }
  }
  text += ']';
  sqlite3_result_text64(result, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void give_vector(sqlite3_context* result, const Column& items) {
  const auto values = items.float32s();
  give_blob(result, values.data(), values.size() * sizeof(float));
}

void give(sqlite3_context* result, const Column& column, std::size_t row, std::string& text) {
  if (column.is_null(row)) return;  // no result is NULL
  switch (column.type().id) {
    case Type::int64:
    case Type::timestamp:
      return sqlite3_result_int64(result, column.int64(row));
    case Type::float64:
      return give_float(result, column.float64(row));
    case Type::float32:
      return give_float(result, static_cast<double>(column.float32(row)));
    case Type::utf8:
      return give_text(result, column.text(row));
    case Type::binary: {
      const auto bytes = column.text(row);
      return give_blob(result, bytes.data(), bytes.size());
    }
    case Type::list:
      return give_list(result, column.items(row), text);
    case Type::fixed_size_list:
      return give_vector(result, column.items(row));
  }
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* result, int index) {
  Feed& feed = feed_of(cursor);
  const std::size_t row = row_at(feed, cast(cursor).position);
  if (index == 0) {
    if (feed.series != nullptr) sqlite3_result_int64(result, (*feed.series)[row]);
    return SQLITE_OK;
  }
  const auto number = static_cast<std::size_t>(index - 1);
  const Column* from = number < feed.columns.size() ? feed.columns[number] : nullptr;
  if (from == nullptr) return SQLITE_OK;
  try {
    give(result, *from, row, feed.text);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(result);
  }
  return SQLITE_OK;
}

sqlite3_module make_module() {
  sqlite3_module module{};
  module.iVersion = 1;
  module.xConnect = connect;  // and no xCreate: nobody can make another table of this kind
  module.xDisconnect = disconnect;
  module.xDestroy = disconnect;
  module.xBestIndex = best_index;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}

void count_replaced(sqlite3_context* context, int, sqlite3_value**) {
  ++static_cast<Feed*>(sqlite3_user_data(context))->replaced;
  sqlite3_result_int(context, 1);
}

}  // namespace

void attach(Connection& connection, Feed& feed) {
  static const sqlite3_module module = make_module();
  int status = sqlite3_create_module(connection.raw(), "risetime_batch", &module, &feed);
  if (status == SQLITE_OK)
    status = sqlite3_create_function(connection.raw(), "risetime_replaced", 0, SQLITE_UTF8 | SQLITE_DIRECTONLY, &feed,
                                     count_replaced, nullptr, nullptr);
  if (status != SQLITE_OK) connection.fail(status);
}

}  // namespace risetime::sqlite
