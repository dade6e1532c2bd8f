// Copying rows of any table.
#pragma once

#include <map>
#include <risetime/client.hpp>
#include <string>

namespace risetime::core {

// Appends a row of one batch to another of the same columns; text columns named in `changed` get that text instead.
void copy_row(BatchBuilder& to, const Batch& from, std::size_t row,
              const std::map<std::string, std::string>& changed = {});

}  // namespace risetime::core
