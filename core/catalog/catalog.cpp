// The tables of a project and the questions that all stages ask of them.
#include "core/catalog/catalog.hpp"

#include <algorithm>

#include "core/base/hash.hpp"

namespace risetime::core {

namespace {

Table reject_table() {
  return {
      "reject",
      {utf8_field("source"), utf8_field("where"), utf8_field("reason"), utf8_field("raw"), timestamp_field("seen_at")},
      {"source", "where", "reason"},
      true};
}
Table progress_table() {
  return {"progress",
          {utf8_field("stage"), utf8_field("account"), utf8_field("state"), utf8_field("message"),
           int64_field("attempts"), timestamp_field("updated_at")},
          {"stage", "account"},
          true};
}
// Sets of vectors have different widths, so a vector is kept as little-endian float32s; input_hash tells when its
// input row has changed.
Table feature_table() {
  return {"feature",
          {utf8_field("feature_set"), utf8_field("platform"), utf8_field("video_id"), binary_field("vector", true),
           int64_field("input_hash")},
          {"feature_set", "platform", "video_id"},
          true};
}
Table forecast_table() {
  Table table = tables::forecast();
  table.fields.push_back(int64_field("shadow"));  // 1: scored, never published
  return table;
}

const char* time_column(const std::string& table) {
  return table == "video" ? "published_at" : table == "thumbnail" ? "fetched_at" : "observed_at";
}

void add_value(Fingerprint& to, const Column& column, std::size_t row) {
  if (column.is_null(row)) {
    to.list(0);
    return;
  }
  switch (column.type().id) {
    case Type::int64:
    case Type::timestamp:
      to.add(column.int64(row));
      break;
    case Type::float64:
      to.add(column.float64(row));
      break;
    case Type::float32:
      to.add(static_cast<double>(column.float32(row)));
      break;
    case Type::utf8:
    case Type::binary:
      to.add(column.text(row));
      break;
    case Type::list:
    case Type::fixed_size_list: {
      const Column items = column.items(row);
      to.list(items.size());
      for (std::size_t i = 0; i < items.size(); ++i) add_value(to, items, i);
      break;
    }
  }
}

std::optional<std::int64_t> extreme_time(client::Store& store, bool latest) {
  std::optional<std::int64_t> found;
  for_each_batch(store, {"observation", {"observed_at"}}, [&](const Batch& batch) {
    for (const std::int64_t time : batch.column("observed_at", Type::timestamp).int64s())
      found = !found ? time : latest ? std::max(*found, time) : std::min(*found, time);
  });
  return found;
}

}  // namespace

std::vector<Table> catalog_tables() {
  return {tables::channel(), tables::video(),  tables::observation(), tables::thumbnail(),
          feature_table(),   forecast_table(), reject_table(),        progress_table()};
}

Catalog::Catalog(const client::Instance& rows, const client::Instance& artifacts)
    : store_(rows), artifacts_(artifacts) {
  for (const Table& table : catalog_tables()) store_.define(table);
}

std::optional<std::int64_t> Catalog::last_observed_at() { return extreme_time(store_, true); }
std::optional<std::int64_t> Catalog::first_observed_at() { return extreme_time(store_, false); }

std::string Catalog::fingerprint(const std::string& table, RowRange range) {
  Fingerprint print;
  print.add(table);
  std::vector<std::string> names;
  for (const Table& known : catalog_tables())
    if (known.name == table)
      for (const Field& field : known.fields) names.push_back(field.name);
  Scan scan{table, names, {}};
  if (range.until != INT64_MAX) scan.filters.push_back(Filter::below(time_column(table), range.until));
  for_each_batch(store_, scan, [&](const Batch& batch) {
    std::vector<const Column*> columns;
    for (const std::string& name : names) columns.push_back(batch.find(name));
    for (std::size_t row = 0; row < batch.rows(); ++row)
      for (const Column* column : columns)
        if (column != nullptr) add_value(print, *column, row);
  });
  return print.hex();
}

void Catalog::set_progress(const Progress& progress) {
  BatchBuilder rows(progress_table().fields);
  rows[0].add_text(progress.stage);
  rows[1].add_text(progress.account);
  rows[2].add_text(progress.state);
  rows[3].add_text(progress.message);
  rows[4].add_int64(progress.attempts);
  rows[5].add_int64(progress.updated_at);
  store_.write("progress", rows.finish());
}

void Catalog::add_reject(const Reject& reject) {
  BatchBuilder rows(reject_table().fields);
  rows[0].add_text(reject.source);
  rows[1].add_text(reject.where);
  rows[2].add_text(reject.reason);
  rows[3].add_text(reject.raw);
  rows[4].add_int64(reject.seen_at);
  store_.write("reject", rows.finish());
}

std::vector<Progress> Catalog::progress() {
  std::vector<Progress> all;
  for_each_batch(store_, {"progress"}, [&](const Batch& batch) {
    for (std::size_t row = 0; row < batch.rows(); ++row)
      all.push_back({std::string(batch.column("stage", Type::utf8).text(row)),
                     std::string(batch.column("account", Type::utf8).text(row)),
                     std::string(batch.column("state", Type::utf8).text(row)),
                     std::string(batch.column("message", Type::utf8).text(row)),
                     batch.column("attempts", Type::int64).int64(row),
                     batch.column("updated_at", Type::timestamp).int64(row)});
  });
  return all;
}

std::uint64_t Catalog::count_rejects(const std::string& source) {
  Scan scan{"reject", {"source"}, {}};
  if (!source.empty()) scan.filters.push_back(Filter::equals("source", source));
  std::uint64_t count = 0;
  for_each_batch(store_, scan, [&](const Batch& batch) { count += batch.rows(); });
  return count;
}

}  // namespace risetime::core
