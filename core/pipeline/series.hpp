// Series of videos read from the store: videos, observations, followers and vectors joined in one pass, in key order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <risetime/series_row.hpp>
#include <string>
#include <vector>

#include "core/catalog/catalog.hpp"

namespace risetime::core {

// All that a model is told of one video. Times are UTC microseconds.
struct VideoSeries {
  std::string platform, video_id, channel_id, title;
  std::int64_t published_at = 0;
  std::optional<std::int64_t> origin;  // nothing in training
  std::optional<std::string> category, language;
  std::optional<double> duration_s, followers;
  std::vector<float> features;
  std::vector<std::int64_t> times;          // strictly increasing
  std::vector<std::vector<double>> values;  // [stats][times], NaN where a reading lacks the stat

  // Drops the readings after `until` and sets the origin to it.
  void stand_at(std::int64_t until);
};

// The vectors of one featurizer in the store.
struct FeatureSet {
  std::string id;    // of the featurizer
  std::string hash;  // names the set
  std::vector<std::string> names;
};

struct SeriesQuery {
  std::vector<std::string> stats;
  RowRange range;                    // readings and followers before range.until
  std::vector<FeatureSet> features;  // joined in this order; NaN where a vector is missing
  bool with_empty = false;           // also videos without a reading
};

// Followers of every channel over time, kept in memory: a few numbers per channel.
class Followers {
 public:
  Followers(client::Store& store, RowRange range);
  // The latest count at or before `at`.
  std::optional<double> at(std::string_view platform, std::string_view channel_id, std::int64_t at) const;
  // Names by which the configuration may call the channel, besides its id.
  std::vector<std::string> accounts(std::string_view platform, std::string_view channel_id) const;
  // The channel's own name; empty where it is not known.
  std::string name(std::string_view platform, std::string_view channel_id) const;

 private:
  struct Known {
    std::vector<std::pair<std::int64_t, double>> counts;
    std::string name;
    std::vector<std::string> accounts;
  };
  std::map<std::pair<std::string, std::string>, Known, std::less<>> channels_;
  const Known* find(std::string_view platform, std::string_view channel_id) const;
};

// One video after the other, by platform and video id. Memory: one batch of each table.
class SeriesStream {
 public:
  SeriesStream(client::Store& store, SeriesQuery query, const Followers& followers);
  ~SeriesStream();
  std::optional<VideoSeries> next();

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

// Series as batches for a model, from any source that can be read again.
class SeriesBatches : public client::BatchProvider {
 public:
  using Open = std::function<std::function<const VideoSeries*()>()>;  // each call starts anew; null ends
  SeriesBatches(std::vector<std::string> stats, std::size_t feature_width, Open open);
  std::optional<Batch> next() override;
  void rewind() override { next_ = open_(); }

 private:
  std::vector<std::string> stats_;
  std::size_t width_;
  Open open_;
  std::function<const VideoSeries*()> next_;
};

// How many readings a batch of series holds at most (but always one video).
inline constexpr std::size_t readings_per_batch = std::size_t{1} << 17U;

}  // namespace risetime::core
