// Scans: from filters to SQL, from SQLite's rows to Arrow's columns.
#include "scan.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace risetime::sqlite {
namespace {

constexpr std::size_t rows_unless_told = 8192;
constexpr std::size_t most_rows = 1U << 22U;
constexpr std::size_t most_bytes = 64U << 20U;  // of texts and blobs in one batch, more or less

// Asking SQLite for the bytes of a number would make it a text.
bool has_bytes(const DataType& type) {
  return type.id == Type::utf8 || type.id == Type::binary || type.id == Type::list || type.id == Type::fixed_size_list;
}

const Field& field_of(const Layout& layout, const std::string& column, const char* what) {
  const auto index = layout.find(column);
  if (!index)
    throw Error(Code::input, layout.name + "." + column, std::string("the table has no such column to ") + what);
  return layout.fields[*index];
}

std::string condition(const Layout& layout, const Filter& filter, std::size_t index) {
  const Field& field = field_of(layout, filter.column, "filter by");
  const bool is_text = field.type.id == Type::utf8;
  const bool is_number = field.type.id == Type::int64 || field.type.id == Type::timestamp;
  if (!(filter.text ? is_text : is_number))
    throw Error(
        Code::input, layout.name + "." + filter.column,
        std::string("the filter compares ") + (filter.text ? "a text" : "a number") + " with " + name_of(field.type));
  const char* compare = filter.compare == Compare::equal      ? " = ?"
                        : filter.compare == Compare::at_least ? " >= ?"
                                                              : " < ?";
  return layout.sql(filter.column) + compare + std::to_string(index + 1);
}

std::string and_all(const std::vector<std::string>& conditions, const char* before) {
  std::string out;
  for (const std::string& one : conditions) out += (out.empty() ? before : " AND ") + one;
  return out;
}

std::string scan_sql(const Layout& layout, const std::vector<Field>& fields, const std::vector<Filter>& filters) {
  std::string columns;
  for (const Field& field : fields) columns += (columns.empty() ? "" : ", ") + layout.sql(field.name);
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < filters.size(); ++i) conditions.push_back(condition(layout, filters[i], i));
  return "SELECT " + columns + layout.from() + and_all(conditions, " WHERE ") + layout.order();
}

// ---- values

void append_float(ColumnBuilder& column, const Statement& row, int index) {
  // NaN stands in the file as the text "NaN", for SQLite has no such number.
  const double value = row.type(index) == SQLITE_TEXT ? std::nan("") : row.float64(index);
  if (column.type().id == Type::float32) return column.add_float32(static_cast<float>(value));
  column.add_float64(value);
}

[[noreturn]] void foreign(const Field& field, const char* what) {
  throw Error(Code::input, field.name,
              std::string("a value in the file is not ") + what +
                  ": something other than risetime wrote it; restore a copy or erase the row");
}

void append_list(ColumnBuilder& column, std::string_view json, const Field& field) {
  const Json list = Json::parse(json);
  if (list.if_array() == nullptr) foreign(field, "a JSON list");
  for (const Json& item : *list.if_array()) {
    if (item.is_null()) {
      column.items().add_null();
    } else if (const std::string* text = item.if_string()) {
      column.items().add_text(*text);
    } else {
      foreign(field, "a JSON list of texts");
    }
  }
  column.end_list();
}

void append_vector(ColumnBuilder& column, std::string_view bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  column.add_vector(values);
}

void append_value(ColumnBuilder& column, const Statement& row, int index, const Field& field) {
  if (row.is_null(index)) return column.add_null();
  switch (field.type.id) {
    case Type::int64:
    case Type::timestamp:
      if (row.type(index) != SQLITE_INTEGER) foreign(field, "a whole number");
      return column.add_int64(row.int64(index));
    case Type::float32:
    case Type::float64:
      return append_float(column, row, index);
    case Type::utf8:
      if (!arrow::is_utf8(row.bytes(index))) foreign(field, "UTF-8");
      return column.add_text(row.bytes(index));
    case Type::binary:
      return column.add_text(row.bytes(index));
    case Type::list:
      return append_list(column, row.bytes(index), field);
    case Type::fixed_size_list:
      return append_vector(column, row.bytes(index));
  }
}

}  // namespace

std::string erase_conditions(const Layout& layout, const std::vector<Filter>& filters) {
  std::vector<std::string> of_rows, of_series;
  for (std::size_t i = 0; i < filters.size(); ++i)
    (layout.is_series_key(filters[i].column) ? of_series : of_rows).push_back(condition(layout, filters[i], i));
  if (!of_series.empty())
    of_rows.push_back("r.risetime_series IN (SELECT s.risetime_id FROM " + layout.series_table() + " AS s" +
                      and_all(of_series, " WHERE ") + ")");
  return and_all(of_rows, " WHERE ");
}

void bind_filters(Statement& statement, const std::vector<Filter>& filters) {
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const int place = static_cast<int>(i) + 1;
    if (filters[i].text) {
      statement.bind_text(place, *filters[i].text);
    } else {
      statement.bind(place, filters[i].number);
    }
  }
}

TableReader::TableReader(Database& database, const Layout& layout, Scan scan, bool in_transaction)
    : database_(database), scan_(std::move(scan)) {
  if (scan_.columns.empty()) fields_ = layout.fields;
  for (const std::string& column : scan_.columns) fields_.push_back(field_of(layout, column, "read"));
  if (scan_.batch_rows == 0) scan_.batch_rows = rows_unless_told;
  scan_.batch_rows = std::min(scan_.batch_rows, most_rows);
  const std::string sql = scan_sql(layout, fields_, scan_.filters);
  if (!in_transaction) reader_ = database_.borrow_reader();
  query_.emplace(reader_ ? *reader_ : database_.writer(), sql);
  bind_filters(*query_, scan_.filters);
  has_row_ = query_->step();  // the first step fixes what this scan sees
}

TableReader::~TableReader() {
  query_.reset();
  if (reader_) database_.give_back(std::move(reader_));
}

// The fields of a batch that begins with the current row: vectors may have another width than in the batch before.
std::vector<Field> TableReader::batch_fields() const {
  auto fields = fields_;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const int index = static_cast<int>(i);
    if (fields[i].type.id != Type::fixed_size_list || query_->is_null(index)) continue;
    const std::size_t size = query_->bytes(index).size();
    if (query_->type(index) != SQLITE_BLOB || size % sizeof(float) != 0 || size > most_bytes)
      foreign(fields[i], "a vector of float32");
    fields[i].type.width = static_cast<std::int32_t>(size / sizeof(float));
  }
  return fields;
}

bool TableReader::fits(const std::vector<Field>& fields) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const int index = static_cast<int>(i);
    if (fields[i].type.id == Type::fixed_size_list && !query_->is_null(index) &&
        query_->bytes(index).size() != static_cast<std::size_t>(fields[i].type.width) * sizeof(float))
      return false;
  }
  return true;
}

void TableReader::append_row(BatchBuilder& builder) {
  for (std::size_t i = 0; i < fields_.size(); ++i) append_value(builder[i], *query_, static_cast<int>(i), fields_[i]);
}

std::optional<Batch> TableReader::next() {
  if (!has_row_) return std::nullopt;
  BatchBuilder builder(batch_fields());
  std::size_t bytes = 0;
  while (has_row_ && builder.rows() < scan_.batch_rows && bytes < most_bytes && fits(builder.fields())) {
    append_row(builder);
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (has_bytes(fields_[i].type)) bytes += query_->bytes(static_cast<int>(i)).size();
    has_row_ = query_->step();
  }
  return builder.finish();
}

}  // namespace risetime::sqlite
