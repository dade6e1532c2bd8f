// Reading a table in key order, as batches.
#pragma once

#include "database.hpp"

namespace risetime::sqlite {

// SQL after DELETE FROM rows AS r: which rows the filters choose. Values are bound by bind_filters(), never written.
std::string erase_conditions(const Layout& layout, const std::vector<Filter>& filters);
// Binds the values of filters as parameters 1, 2, ...; filters must outlive the statement's run.
void bind_filters(Statement& statement, const std::vector<Filter>& filters);

class TableReader : public ScanReader {
 public:
  // Sees the rows of the moment when it is made; inside a transaction also those the transaction wrote so far.
  // Throws Code::input for columns and filters that the table does not fit.
  TableReader(Database& database, const Layout& layout, Scan scan, bool in_transaction);
  ~TableReader() override;
  std::optional<Batch> next() override;

 private:
  std::vector<Field> batch_fields() const;
  bool fits(const std::vector<Field>& fields) const;
  void append_row(BatchBuilder& builder);

  Database& database_;
  Scan scan_;
  std::vector<Field> fields_;
  std::unique_ptr<Connection> reader_;  // none inside a transaction
  std::optional<Statement> query_;
  bool has_row_ = false;
};

}  // namespace risetime::sqlite
