// Looking up and adding series, with a bounded memory of those seen.
#include "series.hpp"

#include <algorithm>

namespace risetime::sqlite {
namespace {

constexpr std::size_t most_remembered = 1U << 18U;  // about 25 MiB

}  // namespace

void SeriesNumbers::find_or_add(const Layout& layout, const std::vector<const Column*>& texts, std::size_t rows,
                                std::vector<std::int64_t>& numbers) {
  const auto same_as_before = [&](std::size_t row) {
    return std::all_of(texts.begin(), texts.end(), [&](const Column* c) { return c->text(row) == c->text(row - 1); });
  };
  prepare(layout);
  numbers.resize(rows);
  for (std::size_t row = 0; row < rows; ++row)
    numbers[row] = row > 0 && same_as_before(row) ? numbers[row - 1] : number(layout, texts, row);
}

std::int64_t SeriesNumbers::number(const Layout& layout, const std::vector<const Column*>& texts, std::size_t row) {
  lookup_ = layout.name;
  for (const Column* column : texts) {
    const auto text = column->text(row);
    lookup_ += '\0' + std::to_string(text.size()) + ':';
    lookup_ += text;
  }
  const auto found = known_.find(lookup_);
  if (found != known_.end()) return found->second;

  const auto bind = [&](Statement& statement) {
    statement.reset();
    for (std::size_t key = 0; key < texts.size(); ++key)
      statement.bind_text(static_cast<int>(key) + 1, texts[key]->text(row));
  };
  bind(queries_->find);
  const bool is_known = queries_->find.step();
  std::int64_t id = is_known ? queries_->find.int64(0) : 0;
  queries_->find.reset();
  if (!is_known) {
    bind(queries_->add);
    queries_->add.run();
    id = writer_.last_id();
  }
  if (known_.size() >= most_remembered) known_.clear();
  known_.emplace(lookup_, id);
  return id;
}

void SeriesNumbers::prepare(const Layout& layout) {
  if (queries_ && queries_->table == layout.name) return;
  std::string where, places, names;
  for (std::size_t key = 0; key < layout.series_keys(); ++key) {
    const std::string place = "?" + std::to_string(key + 1);
    where += (key == 0 ? "" : " AND ") + quoted(layout.keys[key]) + " = " + place;
    places += (key == 0 ? "" : ", ") + place;
    names += (key == 0 ? "" : ", ") + quoted(layout.keys[key]);
  }
  queries_.emplace(
      Queries{layout.name, writer_.prepare("SELECT risetime_id FROM " + layout.series_table() + " WHERE " + where),
              writer_.prepare("INSERT INTO " + layout.series_table() + "(" + names + ") VALUES(" + places + ")")});
}

}  // namespace risetime::sqlite
