// The tables of a project and the questions that all stages ask of them.
#include "core/catalog/catalog.hpp"

#include <algorithm>
#include <charconv>
#include <risetime/presence.hpp>

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
           int64_field("attempts"), timestamp_field("updated_at"), int64_field("round", true)},
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

void widen(std::optional<ObservedRange>& range, const Batch& readings) {
  for (const std::int64_t time : readings.column("observed_at", Type::timestamp).int64s()) {
    if (!range) range = {time, time};
    range->first = std::min(range->first, time);
    range->last = std::max(range->last, time);
  }
}

constexpr const char* observed_key = "catalog/observed";

}  // namespace

std::vector<Table> catalog_tables() {
  return {tables::channel(), tables::video(),  tables::observation(), tables::thumbnail(), tables::presence(),
          feature_table(),   forecast_table(), reject_table(),        progress_table()};
}

Catalog::Catalog(const client::Instance& rows, const client::Instance& artifacts)
    : store_(rows), artifacts_(artifacts) {
  for (const Table& table : catalog_tables()) store_.define(table);
}

std::uint64_t Catalog::write_raw(const std::string& table, const Batch& rows) {
  fingerprints_.clear();
  if (table == "observation") {
    auto range = observed();
    widen(range, rows);
    if (range) store_.put(observed_key, std::to_string(range->first) + " " + std::to_string(range->last));
  }
  return counted(table, table, rows);
}

// Counters that are not there yet are those of a store that is older than they are: its rows are counted once.
std::uint64_t Catalog::count(const std::string& counter, const Scan& rows) {
  std::uint64_t number = 0;
  if (const auto kept = store_.get("catalog/count/" + counter)) {
    if (std::from_chars(kept->data(), kept->data() + kept->size(), number).ec == std::errc()) return number;
    number = 0;
  }
  for_each_batch(store_, rows, [&](const Batch& batch) { number += batch.rows(); });
  return number;
}

std::uint64_t Catalog::count(const std::string& table) {
  for (const Table& known : catalog_tables())
    if (known.name == table) return count(table, {table, {known.keys.front()}, {}});
  throw Error(Code::internal, table, "the catalog has no such table");
}

std::uint64_t Catalog::counted(const std::string& counter, const std::string& table, const Batch& rows) {
  const std::uint64_t before = counter == table ? count(table) : count_rejects(counter.substr(counter.find('/') + 1));
  const std::uint64_t fresh = store_.write(table, rows);
  store_.put("catalog/count/" + counter, std::to_string(before + fresh));
  return fresh;
}

std::optional<ObservedRange> Catalog::observed() {
  std::optional<ObservedRange> range;
  if (const auto kept = store_.get(observed_key)) {
    range.emplace();
    const char* const end = kept->data() + kept->size();
    const auto first = std::from_chars(kept->data(), end, range->first);
    const auto last = std::from_chars(std::min(first.ptr + 1, end), end, range->last);
    if (first.ec == std::errc() && last.ec == std::errc()) return range;
    range.reset();
  }
  for_each_batch(store_, {"observation", {"observed_at"}}, [&](const Batch& batch) { widen(range, batch); });
  return range;
}

std::string Catalog::fingerprint(const std::string& table, RowRange range) {
  std::string& kept = fingerprints_[{table, range.until}];
  if (!kept.empty()) return kept;
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
  kept = print.hex();
  return kept;
}

void Catalog::set_progress(const std::vector<Progress>& progress) {
  if (progress.empty()) return;
  BatchBuilder rows(progress_table().fields);
  for (const Progress& each : progress) {
    rows[0].add_text(each.stage);
    rows[1].add_text(each.account);
    rows[2].add_text(each.state);
    rows[3].add_text(each.message);
    rows[4].add_int64(each.attempts);
    rows[5].add_int64(each.updated_at);
    rows[6].add_int64(each.round);
  }
  store_.write("progress", rows.finish());
}

std::uint64_t Catalog::add_rejects(const std::vector<Reject>& rejects) {
  std::map<std::string, BatchBuilder> by_source;
  for (const Reject& reject : rejects) {
    BatchBuilder& rows = by_source.try_emplace(reject.source, reject_table().fields).first->second;
    rows[0].add_text(reject.source);
    rows[1].add_text(reject.where);
    rows[2].add_text(reject.reason);
    rows[3].add_text(reject.raw);
    rows[4].add_int64(reject.seen_at);
  }
  std::uint64_t fresh = 0;
  for (auto& [source, rows] : by_source) fresh += counted("reject/" + source, "reject", rows.finish());
  return fresh;
}

std::vector<Progress> Catalog::progress(const std::string& stage) {
  std::vector<Progress> all;
  Scan scan{"progress", {}, {}};
  if (!stage.empty()) scan.filters.push_back(Filter::equals("stage", stage));
  for_each_batch(store_, scan, [&](const Batch& batch) {
    for (std::size_t row = 0; row < batch.rows(); ++row)
      all.push_back({std::string(batch.column("stage", Type::utf8).text(row)),
                     std::string(batch.column("account", Type::utf8).text(row)),
                     std::string(batch.column("state", Type::utf8).text(row)),
                     std::string(batch.column("message", Type::utf8).text(row)),
                     batch.column("attempts", Type::int64).int64(row),
                     batch.column("updated_at", Type::timestamp).int64(row),
                     batch.column("round", Type::int64).maybe_int64(row).value_or(0)});
  });
  return all;
}

std::uint64_t Catalog::erase(const std::string& table, const std::vector<Filter>& filters) {
  std::map<std::string, std::uint64_t> before;  // counters
  if (table == "reject")
    for_each_batch(store_, {table, {"source"}, filters}, [&](const Batch& batch) {
      for (std::size_t row = 0; row < batch.rows(); ++row)
        ++before["reject/" + std::string(batch.column("source", Type::utf8).text(row))];
    });
  std::map<std::string, std::uint64_t> left;
  for (const auto& [counter, gone] : before) {
    const std::uint64_t all = count_rejects(counter.substr(counter.find('/') + 1));
    left[counter] = all - std::min(all, gone);
  }
  if (table == "presence") left[table] = count(table);
  const std::uint64_t erased = store_.erase({table, {}, filters});
  if (table == "presence") left[table] -= std::min(left[table], erased);
  for (const auto& [counter, rows] : left) store_.put("catalog/count/" + counter, std::to_string(rows));
  return erased;
}

std::uint64_t Catalog::count_rejects(const std::string& source) {
  return count("reject/" + source, {"reject", {"source"}, {Filter::equals("source", source)}});
}

}  // namespace risetime::core
