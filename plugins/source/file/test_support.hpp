// For this folder's tests: a folder of its own, files in it, and the source's rows as lines of text.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <risetime/plugin.hpp>
#include <risetime/testing.hpp>
#include <string>
#include <vector>

namespace risetime::file {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "risetime-file-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.string(); }
  std::string path(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  void append(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary | std::ios::app) << bytes;
  }
  // Sets the time of the last change, so that a rewrite within one tick of the clock is seen.
  void touch(const std::string& name, int seconds) const {
    const auto path = path_ / name;
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) + std::chrono::seconds(seconds));
  }

 private:
  std::filesystem::path path_;
};

inline std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

inline std::string line_of(const Batch& batch, std::size_t row) {
  std::string line;
  for (std::size_t c = 0; c < batch.fields().size(); ++c) {
    const Column& column = batch.column(c);
    if (c > 0) line += "|";
    if (column.is_null(row)) {
      line += "-";
    } else if (column.type().id == Type::int64 || column.type().id == Type::timestamp) {
      line += std::to_string(column.int64(row));
    } else if (column.type().id == Type::float64) {
      line += Json::number_text(column.float64(row));
    } else if (column.type().id == Type::list) {
      const Column items = column.items(row);
      line += "[";
      for (std::size_t i = 0; i < items.size(); ++i) line += (i > 0 ? ";" : "") + std::string(items.text(i));
      line += "]";
    } else {
      line += std::string(column.text(row));
    }
  }
  return line;
}

// Rows of a table in the order in which they came.
inline std::vector<std::string> lines_of(const testkit::Pulled& pulled, const std::string& table) {
  std::vector<std::string> lines;
  const auto found = pulled.tables.find(table);
  if (found == pulled.tables.end()) return lines;
  for (const Batch& batch : found->second)
    for (std::size_t row = 0; row < batch.rows(); ++row) lines.push_back(line_of(batch, row));
  return lines;
}

// A source under test in a folder.
class Source {
 public:
  Source(const Folder& folder, const std::string& config) : Source(folder.path(), config) {}
  Source(const std::string& folder, const std::string& config) {
    host_.set_folder(folder);
    instance_ = host_.load(risetime_plugin_v1(), "file", config);
  }
  testkit::Pulled round(std::size_t max_rows = 10000, const std::string& cursor = {}) const {
    return testkit::pull_all(*instance_, max_rows, cursor);
  }
  // One pull: whether more follows.
  bool pull(testkit::Pulled& into, std::size_t max_rows) const {
    const std::string from = into.last_cursor;
    client::Source source(*instance_);
    return source.pull(from, max_rows, into);
  }
  testkit::FakeHost& host() { return host_; }

 private:
  testkit::FakeHost host_;
  std::unique_ptr<client::Instance> instance_;
};

// What a configuration or a round says when it is refused.
template <class Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace risetime::file
