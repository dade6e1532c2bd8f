// Series and vectors in scratch files.
#include "core/pipeline/series_library.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <risetime/serial.hpp>
#include <utility>

namespace risetime::core {

namespace {

void write(Writer& to, const std::optional<std::string>& text) {
  to.write(text.has_value());
  to.write(text.value_or(""));
}
std::optional<std::string> read_text(Reader& from) {
  const bool is_set = from.read<bool>();
  auto text = from.read<std::string>();
  return is_set ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

std::string pack(const VideoSeries& series) {
  Writer to;
  to.write(series.title);
  write(to, series.category);
  write(to, series.language);
  to.write(series.duration_s.value_or(std::numeric_limits<double>::quiet_NaN()));
  to.write(series.times);
  for (const auto& values : series.values) to.write(values);
  return to.bytes();
}

}  // namespace

SeriesLibrary::SeriesLibrary(client::Store& store, const SeriesQuery& query, const Followers& followers,
                             const std::filesystem::path& folder, const std::function<void()>& check_stop)
    : stats_(query.stats.size()), scratch_(folder) {
  SeriesStream stream(store, query, followers);
  while (const auto series = stream.next()) {
    if (entries_.size() % 1024 == 0) check_stop();
    const std::string bytes = pack(*series);
    entries_.push_back({series->platform, series->video_id, series->channel_id, series->category.value_or(""),
                        series->published_at, scratch_.append(bytes), bytes.size()});
  }
  scratch_.finish();
}

VideoSeries SeriesLibrary::read(std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::string bytes = scratch_.read(entry.from, static_cast<std::size_t>(entry.bytes));
  Reader from(bytes);
  VideoSeries series;
  series.platform = entry.platform;
  series.video_id = entry.video_id;
  series.channel_id = entry.channel_id;
  series.published_at = entry.published_at;
  series.title = from.read<std::string>();
  series.category = read_text(from);
  series.language = read_text(from);
  const double duration = from.read<double>();
  if (duration == duration) series.duration_s = duration;
  series.times = from.read<std::vector<std::int64_t>>();
  for (std::size_t stat = 0; stat < stats_; ++stat) series.values.push_back(from.read<std::vector<double>>());
  return series;
}

std::optional<std::size_t> SeriesLibrary::find(std::string_view platform, std::string_view video_id) const {
  const std::pair wanted(platform, video_id);
  const auto key = [](const Entry& entry) {
    return std::pair<std::string_view, std::string_view>(entry.platform, entry.video_id);
  };
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), wanted,
                                      [&](const Entry& entry, const auto& other) { return key(entry) < other; });
  if (found == entries_.end() || key(*found) != wanted) return std::nullopt;
  return static_cast<std::size_t>(found - entries_.begin());
}

void VectorFile::fill_up_to(std::size_t index) {
  const std::vector<float> missing(width_, std::numeric_limits<float>::quiet_NaN());
  for (; rows_ < index; ++rows_)
    scratch_.append({reinterpret_cast<const char*>(missing.data()), missing.size() * sizeof(float)});
}

void VectorFile::set(std::size_t index, Span<const float> values) {
  fill_up_to(index);
  scratch_.append({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  ++rows_;
}

void VectorFile::finish(std::size_t count) {
  fill_up_to(count);
  scratch_.finish();
}

void VectorFile::append_to(std::size_t index, std::vector<float>& features) const {
  const std::string bytes = scratch_.read(index * width_ * sizeof(float), width_ * sizeof(float));
  const std::size_t from = features.size();
  features.resize(from + width_);
  if (width_ > 0) std::memcpy(features.data() + from, bytes.data(), bytes.size());
}

}  // namespace risetime::core
