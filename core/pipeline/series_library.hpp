// All series of a project at hand in any order: a short entry for each video in memory, its readings on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/files.hpp"
#include "core/pipeline/series.hpp"

namespace risetime::core {

class SeriesLibrary {
 public:
  struct Entry {
    std::string platform, video_id, channel_id, category;
    std::int64_t published_at = 0;
    std::uint64_t from = 0, bytes = 0;  // of the scratch file
  };

  // Reads the series of the query's stats and range once, in key order. `folder` is where the scratch file lies.
  SeriesLibrary(client::Store& store, const SeriesQuery& query, const Followers& followers,
                const std::filesystem::path& folder, const std::function<void()>& check_stop);

  std::size_t size() const noexcept { return entries_.size(); }
  const Entry& entry(std::size_t index) const { return entries_[index]; }
  // The whole series, without an origin and without features. From any thread.
  VideoSeries read(std::size_t index) const;
  std::optional<std::size_t> find(std::string_view platform, std::string_view video_id) const;

 private:
  std::size_t stats_;
  std::vector<Entry> entries_;  // in key order
  ScratchFile scratch_;
};

// A vector for each of `count` videos, on disk: [videos][width]; NaN where none was set. Rows are set in rising order.
class VectorFile {
 public:
  VectorFile(const std::filesystem::path& folder, std::size_t width) : scratch_(folder), width_(width) {}
  std::size_t width() const noexcept { return width_; }
  void set(std::size_t index, Span<const float> values);
  // After this nothing is set.
  void finish(std::size_t count);
  // From any thread.
  void append_to(std::size_t index, std::vector<float>& features) const;

 private:
  void fill_up_to(std::size_t index);

  ScratchFile scratch_;
  std::size_t width_, rows_ = 0;
};

}  // namespace risetime::core
