// A record batch as a table of SQLite, so that one INSERT ... SELECT takes all of its rows.
//
// One statement for a batch instead of one for a row: SQLite keeps its place in the tree from row to row, which made
// writing observations 2.5 times as fast as a prepared INSERT per row.
#pragma once

#include "database.hpp"

namespace risetime::sqlite {

// What "SELECT c0, c1, ... FROM risetime_batch" gives on this connection. All is borrowed while the statement runs.
struct Feed {
  std::vector<const Column*> columns;       // cN is columns[N]; nullptr gives nulls
  const std::vector<std::int64_t>* series;  // the column `series`: the number of each row's series; may be nullptr
  const std::vector<std::uint32_t>* order;  // the rows' order; nullptr: as they stand
  std::size_t rows = 0;
  std::int64_t replaced = 0;  // counts calls of the SQL function risetime_replaced(), which is always true
  std::string text;           // of the list being written as JSON
};

// Makes risetime_batch and risetime_replaced() known to a connection; feed must outlive it.
void attach(Connection& connection, Feed& feed);

}  // namespace risetime::sqlite
