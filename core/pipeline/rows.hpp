// Rows of any table: copied, or as JSON.
#pragma once

#include <functional>
#include <map>
#include <risetime/client.hpp>
#include <risetime/json.hpp>
#include <string>
#include <string_view>

namespace risetime::core {

// Appends a value to a column of the same type.
void copy_value(ColumnBuilder& to, const Column& from, std::size_t row);

// Appends a row of one batch to another of the same columns; text columns named in `changed` get that text instead.
void copy_row(BatchBuilder& to, const Batch& from, std::size_t row,
              const std::map<std::string, std::string>& changed = {});

// Times as text; bytes, which JSON has no form for, as `text_of` says.
Json json_of(const Column& column, std::size_t row, const std::function<std::string(std::string_view)>& text_of);

}  // namespace risetime::core
