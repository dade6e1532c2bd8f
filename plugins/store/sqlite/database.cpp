// Opening and checking the file; making and changing its tables.
#include "database.hpp"

#include <algorithm>

namespace risetime::sqlite {
namespace {

constexpr std::int64_t application_id = 0x72697365;  // "rise": which program's database a file is

// ---- names

std::string folded(std::string_view name) {  // SQLite's names are the same in capitals, for A to Z
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool begins_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

void check_name(std::string_view name, const std::string& where, const char* what) {
  const std::string lower = folded(name);
  if (name.empty() || name.size() > 200 || name.find('\0') != std::string_view::npos || !arrow::is_utf8(name))
    throw Error(Code::input, where,
                std::string("the name of a ") + what + " must be 1 to 200 bytes of UTF-8 without NUL");
  if (begins_with(lower, "sqlite_") || begins_with(lower, "risetime_"))
    throw Error(Code::input, where, "names that begin with sqlite_ or risetime_ are the store's own: choose another");
}

// ---- types

bool is_storable(const DataType& type) {
  if (type.id == Type::list) return type.item == Type::utf8;
  if (type.id == Type::fixed_size_list) return type.item == Type::float32;
  return true;
}

// Without the width of vectors, which may differ from batch to batch.
std::string stored_name(const DataType& type) {
  return type.id == Type::fixed_size_list ? "fixed_size_list<float32>" : name_of(type);
}

[[noreturn]] void unreadable(const std::string& table) {
  throw Error(Code::state, table, "the table's definition in the file cannot be read: restore a copy of the file");
}

const std::string& text_of(const Json& object, const char* member, const std::string& table) {
  const Json* found = object.find(member);
  if (found == nullptr || found->if_string() == nullptr) unreadable(table);
  return *found->if_string();
}

const Json::Array& list_of(const Json& object, const char* member, const std::string& table) {
  const Json* found = object.find(member);
  if (found == nullptr || found->if_array() == nullptr) unreadable(table);
  return *found->if_array();
}

DataType stored_type(const Json& column, const std::string& table) {
  const std::string& name = text_of(column, "type", table);
  for (const Type id : {Type::int64, Type::float32, Type::float64, Type::utf8, Type::binary, Type::timestamp})
    if (name == name_of(DataType{id})) return {id};
  const DataType list{Type::list, Type::utf8};
  if (name == stored_name(list)) return list;
  DataType vector{Type::fixed_size_list, Type::float32};
  const Json* width = column.find("width");
  if (name != stored_name(vector) || width == nullptr || width->if_integer() == nullptr) unreadable(table);
  vector.width = static_cast<std::int32_t>(*width->if_integer());
  return vector;
}

// Floats are declared without a type, so that SQLite keeps them as they are (-0.0, and NaN as a text).
std::string column_type(const DataType& type) {
  switch (type.id) {
    case Type::int64:
      return "INTEGER";
    case Type::timestamp:
      return "INTEGER /* microseconds since 1970, UTC */";
    case Type::utf8:
      return "TEXT";
    case Type::list:
      return "TEXT /* a JSON list */";
    case Type::binary:
      return "BLOB";
    case Type::fixed_size_list:
      return "BLOB /* float32, little-endian */";
    case Type::float32:
      return "/* float32 */";
    case Type::float64:
      return "/* float64 */";
  }
  return "";
}

// ---- definitions as JSON, in the table risetime_table

std::string definition_of(const Layout& layout) {
  Json json = Json::object();
  json["layout"] = layout.by_series ? "series" : "plain";
  json["on_conflict"] = layout.replace ? "replace" : "keep_first";
  for (const std::string& key : layout.keys) json["keys"].push_back(key);
  for (const Field& field : layout.fields) {
    Json column = Json::object();
    column["name"] = field.name;
    column["type"] = stored_name(field.type);
    if (field.type.id == Type::fixed_size_list) column["width"] = field.type.width;
    json["columns"].push_back(std::move(column));
  }
  return json.dump();
}

Layout layout_from(const std::string& name, std::string_view definition) {
  const Json json = Json::parse(definition);
  Layout layout;
  layout.name = name;
  layout.by_series = text_of(json, "layout", name) == "series";
  layout.replace = text_of(json, "on_conflict", name) == "replace";
  for (const Json& key : list_of(json, "keys", name)) {
    if (key.if_string() == nullptr) unreadable(name);
    layout.keys.push_back(*key.if_string());
  }
  for (const Json& column : list_of(json, "columns", name)) {
    const std::string& column_name = text_of(column, "name", name);
    const bool is_key = std::find(layout.keys.begin(), layout.keys.end(), column_name) != layout.keys.end();
    layout.fields.push_back({column_name, stored_type(column, name), !is_key});
  }
  for (const std::string& key : layout.keys)
    if (!layout.find(key)) unreadable(name);
  return layout;
}

// ---- checking what a program defines

void check_columns(const Table& table) {
  std::vector<std::string> seen;
  for (const Field& field : table.fields) {
    const std::string where = table.name + "." + field.name;
    check_name(field.name, where, "column");
    if (!is_storable(field.type))
      throw Error(Code::unsupported, where,
                  "the sqlite store keeps no " + name_of(field.type) +
                      "; it keeps int64, float32, float64, utf8, binary, timestamp, list<utf8> and "
                      "fixed_size_list<float32>");
    seen.push_back(folded(field.name));
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end())
    throw Error(Code::input, table.name + "." + *twice, "two columns bear this name; capitals make no difference here");
  if (seen.size() > most_columns)
    throw Error(Code::unsupported, table.name, "more than " + std::to_string(most_columns) + " columns");
}

void check_keys(const Table& table) {
  if (table.keys.empty()) throw Error(Code::input, table.name, "a table needs at least one key column");
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    const std::string& key = table.keys[i];
    const auto found =
        std::find_if(table.fields.begin(), table.fields.end(), [&](const Field& f) { return f.name == key; });
    const std::string where = table.name + "." + key;
    if (found == table.fields.end()) throw Error(Code::input, where, "a key that is none of the columns");
    if (found->type.id == Type::list || found->type.id == Type::fixed_size_list)
      throw Error(Code::input, where, "a list cannot be a key");
    if (std::find(table.keys.begin(), table.keys.begin() + static_cast<std::ptrdiff_t>(i), key) !=
        table.keys.begin() + static_cast<std::ptrdiff_t>(i))
      throw Error(Code::input, where, "the same key twice");
  }
}

Layout layout_for(const Table& table) {
  Layout layout{table.name, table.fields, table.keys, table.replace, false};
  const auto type = [&](const std::string& column) { return layout.fields[*layout.find(column)].type.id; };
  const Type last = type(layout.keys.back());
  layout.by_series = layout.keys.size() > 1 && (last == Type::timestamp || last == Type::int64) &&
                     std::all_of(layout.keys.begin(), layout.keys.end() - 1,
                                 [&](const std::string& key) { return type(key) == Type::utf8; });
  for (Field& field : layout.fields)
    field.nullable = std::find(layout.keys.begin(), layout.keys.end(), field.name) == layout.keys.end();
  return layout;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// What the file has, with the new columns of what the program wants; throws where they contradict each other.
Layout merged(const Layout& stored, const Layout& wanted) {
  const char* advice = "; a column may be added, never changed: use another table or another file";
  if (stored.keys != wanted.keys)
    throw Error(Code::state, wanted.name,
                "the file has the keys (" + joined(stored.keys) + "), the program wants (" + joined(wanted.keys) + ")" +
                    advice);
  Layout result = stored;
  result.replace = wanted.replace;
  for (const Field& field : wanted.fields) {
    const auto same = std::find_if(stored.fields.begin(), stored.fields.end(),
                                   [&](const Field& f) { return folded(f.name) == folded(field.name); });
    if (same == stored.fields.end()) {
      result.fields.push_back(field);
      continue;
    }
    if (same->name != field.name || stored_name(same->type) != stored_name(field.type))
      throw Error(Code::state, wanted.name + "." + field.name,
                  "the file has " + same->name + " as " + stored_name(same->type) + ", the program wants " +
                      field.name + " as " + stored_name(field.type) + advice);
  }
  return result;
}

// ---- SQL

std::string iso_time(const std::string& column) {
  const std::string fraction = "((" + column + " % 1000000 + 1000000) % 1000000)";
  return "strftime('%Y-%m-%dT%H:%M:%S', (" + column + " - " + fraction + ") / 1000000, 'unixepoch') || CASE " +
         fraction + " WHEN 0 THEN '' ELSE printf('.%06d', " + fraction + ") END || 'Z'";
}

std::string comma(const std::string& list) { return list.empty() ? "" : ", "; }

}  // namespace

// ---- Layout

std::optional<std::size_t> Layout::find(std::string_view column) const {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].name == column) return i;
  return std::nullopt;
}

bool Layout::is_series_key(std::string_view column) const {
  return std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(series_keys()), column) !=
         keys.begin() + static_cast<std::ptrdiff_t>(series_keys());
}

std::string Layout::sql(std::string_view column) const {
  return (is_series_key(column) ? "s." : "r.") + quoted(column);
}

std::string Layout::from() const {
  if (!by_series) return " FROM " + rows_table() + " AS r";
  // CROSS JOIN: series by series, so that rows come in key order without a sort.
  return " FROM " + series_table() + " AS s CROSS JOIN " + rows_table() + " AS r ON r.risetime_series = s.risetime_id";
}

std::string Layout::order() const {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? " ORDER BY " : ", ") + sql(key);
  return out;
}

// ---- Database: the file

Database::Database(FileSettings settings) : writer_(std::move(settings), Connection::Mode::write) { prepare_file(); }

void Database::prepare_file() {
  check_owner();
  if (writer_.read_only()) return;
  use_log();
  if (writer_.integer("PRAGMA user_version") == 0) make_layout();
}

void Database::check_owner() {
  const auto version = writer_.integer("PRAGMA user_version");
  const auto owner = writer_.integer("PRAGMA application_id");
  const bool is_empty = writer_.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (owner != application_id && !(is_empty && owner == 0))
    throw Error(Code::config, writer_.path(),
                "the file is an SQLite database of another program: set `path` to another file");
  if (version > layout_version)
    throw Error(Code::unsupported, writer_.path(),
                "the file has layout version " + std::to_string(version) + ", this plugin knows versions up to " +
                    std::to_string(layout_version) + ": use a newer sqlite plugin, or another file");
}

// The write-ahead log: readers and a writer at once, and kill -9 at any moment leaves whole transactions.
void Database::use_log() {
  Statement mode = writer_.prepare("PRAGMA journal_mode");
  if (mode.step() && mode.bytes(0) == "wal") return;
  mode.reset();
  // SQLite does not wait here by itself when another process is doing the same.
  for (std::int64_t waited_ms = 0;; waited_ms += sqlite3_sleep(5)) {
    try {
      writer_.execute("PRAGMA journal_mode = WAL");
      return;
    } catch (const Error& error) {
      if (error.retry_after_ms() < 0 || waited_ms >= writer_.settings().busy_timeout_ms) throw;
    }
  }
}

void Database::make_layout() {
  Transaction transaction(writer_);
  if (writer_.integer("PRAGMA user_version") != 0) return;  // another process was first
  writer_.execute(
      "CREATE TABLE risetime_table(name TEXT PRIMARY KEY NOT NULL, definition TEXT NOT NULL /* JSON */) WITHOUT ROWID");
  writer_.execute("CREATE TABLE risetime_value(key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL)");
  writer_.execute(
      "CREATE TABLE risetime_artifact(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,"
      " metadata TEXT NOT NULL /* JSON */, bytes INTEGER NOT NULL)");
  writer_.execute(
      "CREATE TABLE risetime_artifact_part(artifact INTEGER NOT NULL, part INTEGER NOT NULL, value BLOB NOT NULL,"
      " PRIMARY KEY (artifact, part))");
  writer_.execute("CREATE VIEW artifact AS SELECT name, kind, bytes, metadata FROM risetime_artifact ORDER BY name");
  writer_.execute("PRAGMA application_id = " + std::to_string(application_id));
  writer_.execute("PRAGMA user_version = " + std::to_string(layout_version));
  transaction.commit();
}

// Erased rows stay readable in three places: pages that are free, the free parts of pages, and the log. VACUUM builds
// all pages anew; secure_delete has it fill what a page leaves free with zeros; a checkpoint that truncates empties the
// log.
void Database::purge() {
  idle_readers_.clear();
  writer_.execute("PRAGMA secure_delete = ON");
  writer_.execute("VACUUM");
  const bool is_busy = writer_.integer("PRAGMA wal_checkpoint(TRUNCATE)") != 0;
  if (is_busy)
    throw Error(Code::io, writer_.path(),
                "another process still reads what was erased: end it (or close its database) and run this again", 1000);
}

std::unique_ptr<Connection> Database::borrow_reader() {
  if (idle_readers_.empty()) return std::make_unique<Connection>(writer_.settings(), Connection::Mode::read);
  auto reader = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  return reader;
}

void Database::give_back(std::unique_ptr<Connection> reader) { idle_readers_.push_back(std::move(reader)); }

// ---- Database: tables

void Database::define(const Table& table) {
  check_name(table.name, table.name, "table");
  if (folded(table.name) == "artifact")
    throw Error(Code::input, table.name, "the store shows its artifacts under this name: choose another");
  check_columns(table);
  check_keys(table);
  const Layout wanted = layout_for(table);
  const auto is_current = [&](const std::optional<Layout>& stored) {
    return stored && definition_of(merged(*stored, wanted)) == definition_of(*stored);
  };
  auto stored = read_table(table.name);
  if (!is_current(stored)) {
    Transaction transaction(writer_);
    stored = read_table(table.name);  // another process may have been first
    if (!stored) create(wanted);
    if (stored && !is_current(stored)) evolve(*stored, merged(*stored, wanted));
    transaction.commit();
    stored = read_table(table.name);
  }
  for (Field& field : stored->fields)
    if (const auto index = wanted.find(field.name)) field.type.width = wanted.fields[*index].type.width;
  tables_.insert_or_assign(table.name, std::move(*stored));
}

const Layout& Database::table(std::string_view name) {
  const auto known = tables_.find(name);
  if (known != tables_.end()) return known->second;
  auto stored = read_table(name);
  if (!stored)
    throw Error(Code::state, std::string(name),
                "the store has no such table in " + writer_.path() + ": define it first");
  return tables_.emplace(std::string(name), std::move(*stored)).first->second;
}

std::optional<Layout> Database::read_table(std::string_view name) {
  if (writer_.integer("PRAGMA user_version") == 0) return std::nullopt;  // an empty file that is read-only
  Statement query = writer_.prepare("SELECT definition FROM risetime_table WHERE name = ?1");
  query.bind_text(1, name);
  if (!query.step()) return std::nullopt;
  return layout_from(std::string(name), query.bytes(0));
}

void Database::create(const Layout& layout) {
  Statement others = writer_.prepare("SELECT name FROM risetime_table");
  while (others.step())
    if (folded(others.bytes(0)) == folded(layout.name))
      throw Error(Code::input, layout.name,
                  "the file has a table " + std::string(others.bytes(0)) + "; capitals make no difference here");
  std::string columns, series_columns, unique, keys;
  for (const std::string& key : layout.keys)
    if (layout.is_series_key(key)) unique += comma(unique) + quoted(key);
  for (const Field& field : layout.fields) {
    const bool is_key = !field.nullable;
    std::string& list = layout.is_series_key(field.name) ? series_columns : columns;
    list += comma(list) + quoted(field.name) + " " + column_type(field.type) + (is_key ? " NOT NULL" : "");
  }
  if (layout.by_series) {
    writer_.execute("CREATE TABLE " + layout.series_table() + "(risetime_id INTEGER PRIMARY KEY, " + series_columns +
                    ", UNIQUE(" + unique + "))");
    columns = "risetime_series INTEGER NOT NULL" + comma(columns) + columns;
    keys = "risetime_series";
  }
  for (const std::string& key : layout.keys)
    if (!layout.is_series_key(key)) keys += comma(keys) + quoted(key);
  writer_.execute("CREATE TABLE " + layout.rows_table() + "(" + columns + ", PRIMARY KEY(" + keys + ")) WITHOUT ROWID");
  make_view(layout);
  record(layout);
}

void Database::evolve(const Layout& before, const Layout& after) {
  for (std::size_t i = before.fields.size(); i < after.fields.size(); ++i)
    writer_.execute("ALTER TABLE " + after.rows_table() + " ADD COLUMN " + quoted(after.fields[i].name) + " " +
                    column_type(after.fields[i].type));
  make_view(after);
  record(after);
}

void Database::record(const Layout& layout) {
  const std::string definition = definition_of(layout);
  Statement insert = writer_.prepare(
      "INSERT INTO risetime_table VALUES(?1, ?2) ON CONFLICT DO UPDATE SET definition = excluded.definition");
  insert.bind_text(1, layout.name).bind_text(2, definition).run();
}

void Database::make_view(const Layout& layout) {
  std::string columns;
  for (const Field& field : layout.fields) {
    const std::string column = layout.sql(field.name);
    columns +=
        comma(columns) + (field.type.id == Type::timestamp ? iso_time(column) : column) + " AS " + quoted(field.name);
  }
  writer_.execute("DROP VIEW IF EXISTS " + quoted(layout.name));
  // The plain join leaves the order of the tables to SQLite, so that a person's filter is used either way.
  std::string from = layout.from();
  if (layout.by_series)
    from = " FROM " + layout.series_table() + " AS s JOIN " + layout.rows_table() +
           " AS r ON r.risetime_series = s.risetime_id";
  writer_.execute("CREATE VIEW " + quoted(layout.name) + " AS SELECT " + columns + from);
}

}  // namespace risetime::sqlite
