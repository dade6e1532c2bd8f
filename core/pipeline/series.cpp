// Merge-joins the tables that make up a series.
#include "core/pipeline/series.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace risetime::core {

namespace {

// Rows of a scan one by one, with the key that they are joined by.
class RowCursor {
 public:
  RowCursor(client::Store& store, const Scan& scan) : reader_(store.scan(scan)) { advance_batch(); }

  bool at_end() const { return !batch_; }
  const Batch& batch() const { return *batch_; }
  std::size_t row() const { return row_; }
  std::string_view platform() const { return platform_->text(row_); }
  std::string_view video_id() const { return video_id_->text(row_); }
  void next() {
    if (++row_ >= batch_->rows()) advance_batch();
  }
  // Moves on to the first row whose key is not before (platform, video_id); whether it is that key.
  bool seek(std::string_view wanted_platform, std::string_view wanted_video) {
    while (!at_end()) {
      const int order = compare(wanted_platform, wanted_video);
      if (order >= 0) return order == 0;
      next();
    }
    return false;
  }
  bool is(std::string_view wanted_platform, std::string_view wanted_video) const {
    return !at_end() && compare(wanted_platform, wanted_video) == 0;
  }

 private:
  int compare(std::string_view wanted_platform, std::string_view wanted_video) const {
    const int order = platform().compare(wanted_platform);
    return order != 0 ? order : video_id().compare(wanted_video);
  }
  void advance_batch() {
    do {
      batch_ = reader_->next();
    } while (batch_ && batch_->rows() == 0);
    row_ = 0;
    if (!batch_) return;
    platform_ = &batch_->column("platform", Type::utf8);
    video_id_ = &batch_->column("video_id", Type::utf8);
  }

  std::unique_ptr<ScanReader> reader_;
  std::optional<Batch> batch_;
  const Column* platform_ = nullptr;
  const Column* video_id_ = nullptr;
  std::size_t row_ = 0;
};

std::optional<std::string> optional_text(const Column& column, std::size_t row) {
  return column.is_null(row) ? std::nullopt : std::optional<std::string>(column.text(row));
}

Scan observations(const SeriesQuery& query) {
  Scan scan{"observation", {"platform", "video_id", "observed_at"}, {}};
  scan.columns.insert(scan.columns.end(), query.stats.begin(), query.stats.end());
  if (query.range.until != INT64_MAX) scan.filters.push_back(Filter::below("observed_at", query.range.until));
  return scan;
}

}  // namespace

void VideoSeries::stand_at(std::int64_t until) {
  origin = until;
  const auto kept = static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), until) - times.begin());
  times.resize(kept);
  for (auto& stat : values) stat.resize(kept);
}

Followers::Followers(client::Store& store, RowRange range) {
  Scan scan{"channel", {}, {}};
  if (range.until != INT64_MAX) scan.filters.push_back(Filter::below("observed_at", range.until));
  for_each_batch(store, scan, [&](const Batch& batch) {
    const Column& platform = batch.column("platform", Type::utf8);
    const Column& channel_id = batch.column("channel_id", Type::utf8);
    const Column& observed_at = batch.column("observed_at", Type::timestamp);
    const Column& name = batch.column("name", Type::utf8);
    const Column& followers = batch.column("followers", Type::int64);
    const Column* account = batch.find("account");
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      Known& known = channels_[{std::string(platform.text(row)), std::string(channel_id.text(row))}];
      if (!followers.is_null(row))
        known.counts.emplace_back(observed_at.int64(row), static_cast<double>(followers.int64(row)));
      if (!name.text(row).empty()) known.name = name.text(row);
      if (account == nullptr || account->is_null(row)) continue;
      const std::string called(account->text(row));
      if (std::find(known.accounts.begin(), known.accounts.end(), called) == known.accounts.end())
        known.accounts.push_back(called);
    }
  });
}

const Followers::Known* Followers::find(std::string_view platform, std::string_view channel_id) const {
  const auto found = channels_.find(std::pair<std::string, std::string>(platform, channel_id));
  return found == channels_.end() ? nullptr : &found->second;
}

std::optional<double> Followers::at(std::string_view platform, std::string_view channel_id, std::int64_t at) const {
  const Known* known = find(platform, channel_id);
  if (known == nullptr) return std::nullopt;
  std::optional<double> latest;
  for (const auto& [time, count] : known->counts)
    if (time <= at) latest = count;
  return latest;
}

std::vector<std::string> Followers::accounts(std::string_view platform, std::string_view channel_id) const {
  const Known* known = find(platform, channel_id);
  return known == nullptr ? std::vector<std::string>() : known->accounts;
}

std::string Followers::name(std::string_view platform, std::string_view channel_id) const {
  const Known* known = find(platform, channel_id);
  return known == nullptr ? std::string() : known->name;
}

struct SeriesStream::Tables {
  Tables(client::Store& store, SeriesQuery asked, const Followers& known)
      : query(std::move(asked)),
        followers(known),
        videos(store,
               {"video",
                {"platform", "video_id", "channel_id", "published_at", "title", "category", "language", "duration_s"},
                {},
                8192}),
        readings(store, observations(query)) {
    for (const FeatureSet& set : query.features)
      vectors.emplace_back(
          store, Scan{"feature", {"platform", "video_id", "vector"}, {Filter::equals("feature_set", set.hash)}, 4096});
  }

  VideoSeries read_video() const {
    const Batch& batch = videos.batch();
    const std::size_t row = videos.row();
    VideoSeries series;
    series.platform = videos.platform();
    series.video_id = videos.video_id();
    series.channel_id = batch.column("channel_id", Type::utf8).text(row);
    series.title = batch.column("title", Type::utf8).text(row);
    series.published_at = batch.column("published_at", Type::timestamp).int64(row);
    series.category = optional_text(batch.column("category", Type::utf8), row);
    series.language = optional_text(batch.column("language", Type::utf8), row);
    series.duration_s = batch.column("duration_s", Type::float64).maybe_float64(row);
    series.values.resize(query.stats.size());
    return series;
  }
  void read_readings(VideoSeries& series) {
    if (!readings.seek(series.platform, series.video_id)) return;
    for (; readings.is(series.platform, series.video_id); readings.next()) {
      const Batch& batch = readings.batch();
      series.times.push_back(batch.column("observed_at", Type::timestamp).int64(readings.row()));
      for (std::size_t stat = 0; stat < query.stats.size(); ++stat) {
        const Column& column = batch.column(query.stats[stat], Type::int64);
        series.values[stat].push_back(column.is_null(readings.row())
                                          ? std::numeric_limits<double>::quiet_NaN()
                                          : static_cast<double>(column.int64(readings.row())));
      }
    }
  }
  void read_vectors(VideoSeries& series) {
    for (std::size_t set = 0; set < vectors.size(); ++set) {
      const std::size_t width = query.features[set].names.size();
      const std::size_t from = series.features.size();
      series.features.resize(from + width, std::numeric_limits<float>::quiet_NaN());
      if (!vectors[set].seek(series.platform, series.video_id)) continue;
      const Column& column = vectors[set].batch().column("vector", Type::binary);
      const std::string_view bytes =
          column.is_null(vectors[set].row()) ? std::string_view() : column.text(vectors[set].row());
      if (bytes.size() == width * sizeof(float)) std::memcpy(series.features.data() + from, bytes.data(), bytes.size());
    }
  }

  SeriesQuery query;
  const Followers& followers;
  RowCursor videos;
  RowCursor readings;
  std::vector<RowCursor> vectors;
};

SeriesStream::SeriesStream(client::Store& store, SeriesQuery query, const Followers& followers)
    : tables_(std::make_unique<Tables>(store, std::move(query), followers)) {}
SeriesStream::~SeriesStream() = default;

std::optional<VideoSeries> SeriesStream::next() {
  while (!tables_->videos.at_end()) {
    VideoSeries series = tables_->read_video();
    tables_->videos.next();
    tables_->read_readings(series);
    if (series.times.empty() && !tables_->query.with_empty) continue;
    tables_->read_vectors(series);
    series.followers = tables_->followers.at(series.platform, series.channel_id, tables_->query.range.until);
    return series;
  }
  return std::nullopt;
}

SeriesBatches::SeriesBatches(std::vector<std::string> stats, std::size_t feature_width, Open open)
    : stats_(std::move(stats)), width_(feature_width), open_(std::move(open)), next_(open_()) {}

std::optional<Batch> SeriesBatches::next() {
  BatchBuilder rows(series_fields(stats_, static_cast<std::int32_t>(width_)));
  std::size_t readings = 0;
  while (readings < readings_per_batch) {
    const VideoSeries* series = next_();
    if (series == nullptr) break;
    append_series_row(rows, *series, stats_.size(), width_);
    readings += series->times.size() + 1;
  }
  if (rows.rows() == 0) return std::nullopt;
  return rows.finish();
}

}  // namespace risetime::core
