// The numbers of series: which integer stands in the rows for the texts of their key.
#pragma once

#include <string>
#include <unordered_map>

#include "database.hpp"

namespace risetime::sqlite {

class SeriesNumbers {
 public:
  explicit SeriesNumbers(Connection& writer) : writer_(writer) {}

  // numbers[row] for every row of a batch; texts are the key's text columns in the order of layout.keys. Series that
  // are new are added. Needs an open transaction.
  void find_or_add(const Layout& layout, const std::vector<const Column*>& texts, std::size_t rows,
                   std::vector<std::int64_t>& numbers);
  // After a rollback or an erase, here or in another process, numbers that were learnt may be wrong.
  void forget() { known_.clear(); }

 private:
  struct Queries {
    std::string table;
    Statement find, add;
  };
  std::int64_t number(const Layout& layout, const std::vector<const Column*>& texts, std::size_t row);
  void prepare(const Layout& layout);

  Connection& writer_;
  std::optional<Queries> queries_;                       // of the table that was last written
  std::unordered_map<std::string, std::int64_t> known_;  // table and texts -> number; a part of what the file has
  std::string lookup_;
};

}  // namespace risetime::sqlite
