// Column by column.
#include "core/pipeline/rows.hpp"

namespace risetime::core {

void copy_row(BatchBuilder& to, const Batch& from, std::size_t row, const std::map<std::string, std::string>& changed) {
  for (std::size_t i = 0; i < from.fields().size(); ++i) {
    const Column& column = from.column(i);
    ColumnBuilder& out = to[i];
    const auto other = changed.find(from.fields()[i].name);
    if (other != changed.end()) {
      out.add_text(other->second);
      continue;
    }
    if (column.is_null(row)) {
      out.add_null();
      continue;
    }
    switch (column.type().id) {
      case Type::int64:
      case Type::timestamp:
        out.add_int64(column.int64(row));
        break;
      case Type::float64:
        out.add_float64(column.float64(row));
        break;
      case Type::float32:
        out.add_float32(column.float32(row));
        break;
      case Type::utf8:
      case Type::binary:
        out.add_text(column.text(row));
        break;
      case Type::list: {
        const Column items = column.items(row);
        for (std::size_t item = 0; item < items.size(); ++item) out.items().add_text(items.text(item));
        out.end_list();
        break;
      }
      case Type::fixed_size_list:
        out.add_vector(column.items(row).float32s());
        break;
    }
  }
}

}  // namespace risetime::core
