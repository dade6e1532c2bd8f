// What the store's tests share: a folder of their own, an instance behind the C boundary, and small batches.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::sqlite {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "risetime-sqlite-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw Error(Code::io, path_, "cannot make a folder for the test");
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name = "data/risetime.sqlite") const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// An instance of the plugin on folder/data/risetime.sqlite, with both of its capabilities.
struct Opened {
  explicit Opened(const std::string& folder, const std::string& config = R"({"busy_timeout": "100ms"})") {
    host.set_folder(folder + "/data");  // where the host lets a store's paths start
    instance = host.load(risetime_plugin_v1(), "sqlite", config);
    store.emplace(*instance);
    artifacts.emplace(*instance);
  }
  client::Store* operator->() { return &*store; }

  testkit::FakeHost host;
  std::unique_ptr<client::Instance> instance;
  std::optional<client::Store> store;
  std::optional<client::Artifacts> artifacts;
};

inline Observation reading(const std::string& video, std::int64_t at, std::optional<std::int64_t> views = {}) {
  Observation row;
  row.platform = "test";
  row.video_id = video;
  row.observed_at = at;
  row.views = views;
  return row;
}

inline Batch batch_of(const std::vector<Observation>& rows) {
  BatchBuilder builder(tables::observation().fields);
  for (const Observation& row : rows) append(builder, row);
  return builder.finish();
}

// Runs body in a transaction.
template <class Body>
void transact(client::Store& store, const Body& body) {
  store.begin();
  body();
  store.commit();
}

// The error that body throws; fails the test where it throws none.
template <class Body>
Error error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(Code::internal, "", "");
}

// All rows of a scan as text: "a,1,null" a row. Vectors as [1 2], lists as [a|b].
inline std::string cell(const Column& column, std::size_t row) {
  if (column.is_null(row)) return "null";
  switch (column.type().id) {
    case Type::int64:
    case Type::timestamp:
      return std::to_string(column.int64(row));
    case Type::float64:
      return Json::number_text(column.float64(row));
    case Type::float32:
      return Json::number_text(static_cast<double>(column.float32(row)));
    case Type::utf8:
    case Type::binary:
      return std::string(column.text(row));
    case Type::list:
    case Type::fixed_size_list:
      break;
  }
  std::string out = "[";
  const Column items = column.items(row);
  for (std::size_t i = 0; i < items.size(); ++i) out += (i > 0 ? "|" : "") + cell(items, i);
  return out + "]";
}

inline std::vector<std::string> rows_of(client::Store& store, const Scan& scan) {
  std::vector<std::string> rows;
  const auto reader = store.scan(scan);
  while (const auto batch = reader->next()) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      std::string line;
      for (std::size_t i = 0; i < batch->fields().size(); ++i) line += (i > 0 ? "," : "") + cell(batch->column(i), row);
      rows.push_back(std::move(line));
    }
  }
  return rows;
}

}  // namespace risetime::sqlite
