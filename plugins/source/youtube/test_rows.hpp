// What tests look at: the rows that a source handed over, the error that a reader threw.
#pragma once

#include <risetime/testing.hpp>
#include <string>
#include <vector>

namespace risetime::youtube {

// The error that reading gives; internal where it gives none.
template <class Read>
Error error_from(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    return error;
  }
  return {Code::internal, "", "no error"};
}

// One column of all rows of a table, as texts.
inline std::vector<std::string> texts(const testkit::Pulled& pulled, const std::string& table,
                                      const std::string& column) {
  std::vector<std::string> values;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return values;
  for (const Batch& batch : found->second) {
    const Column& view = *batch.find(column);
    for (std::size_t row = 0; row < batch.rows(); ++row)
      values.push_back(view.is_null(row) ? "null" : std::string(view.text(row)));
  }
  return values;
}
// The same as numbers; -1 for none.
inline std::vector<std::int64_t> numbers(const testkit::Pulled& pulled, const std::string& table,
                                         const std::string& column) {
  std::vector<std::int64_t> values;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return values;
  for (const Batch& batch : found->second)
    for (std::size_t row = 0; row < batch.rows(); ++row)
      values.push_back(batch.find(column)->is_null(row) ? -1 : batch.find(column)->int64(row));
  return values;
}

}  // namespace risetime::youtube
