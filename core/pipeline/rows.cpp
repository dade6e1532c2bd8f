// Column by column.
#include "core/pipeline/rows.hpp"

#include "core/base/time.hpp"

namespace risetime::core {

void copy_value(ColumnBuilder& to, const Column& from, std::size_t row) {
  if (from.is_null(row)) return to.add_null();
  switch (from.type().id) {
    case Type::int64:
    case Type::timestamp:
      return to.add_int64(from.int64(row));
    case Type::float64:
      return to.add_float64(from.float64(row));
    case Type::float32:
      return to.add_float32(from.float32(row));
    case Type::utf8:
    case Type::binary:
      return to.add_text(from.text(row));
    case Type::list: {
      const Column items = from.items(row);
      for (std::size_t i = 0; i < items.size(); ++i) copy_value(to.items(), items, i);
      return to.end_list();
    }
    case Type::fixed_size_list:
      return to.add_vector(from.items(row).float32s());
  }
}

void copy_row(BatchBuilder& to, const Batch& from, std::size_t row, const std::map<std::string, std::string>& changed) {
  for (std::size_t i = 0; i < from.fields().size(); ++i) {
    const auto other = changed.find(from.fields()[i].name);
    if (other != changed.end()) {
      to[i].add_text(other->second);
    } else {
      copy_value(to[i], from.column(i), row);
    }
  }
}

Json json_of(const Column& column, std::size_t row, const std::function<std::string(std::string_view)>& text_of) {
  if (column.is_null(row)) return {};
  switch (column.type().id) {
    case Type::int64:
      return column.int64(row);
    case Type::timestamp:
      return format_time(column.int64(row));
    case Type::float64:
      return column.float64(row);
    case Type::float32:
      return static_cast<double>(column.float32(row));
    case Type::utf8:
      return column.text(row);
    case Type::binary:
      return text_of(column.text(row));
    case Type::list:
    case Type::fixed_size_list: {
      Json items = Json::array();
      const Column values = column.items(row);
      for (std::size_t i = 0; i < values.size(); ++i) items.push_back(json_of(values, i, text_of));
      return items;
    }
  }
  return {};
}

}  // namespace risetime::core
