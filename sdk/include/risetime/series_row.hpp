// One row of a series batch, written from whatever struct holds a video's readings.
#pragma once

#include <risetime/model.hpp>
#include <string>
#include <vector>

namespace risetime {

// Appends a row in the layout of series_fields(stats, width). Row has the members platform, video_id, channel_id,
// published_at, origin, category, language, duration_s, followers, features [width], times [readings] and
// values [stats][readings]. Throws Error(Code::internal) where the vector has another width.
template <class Row>
void append_series_row(BatchBuilder& to, const Row& row, std::size_t stat_count, std::size_t width) {
  const auto text = [](ColumnBuilder& column, const std::optional<std::string>& value) {
    value ? column.add_text(*value) : column.add_null();
  };
  if (row.features.size() != width)
    throw Error(Code::internal, row.video_id, "its vector has another width than the batch");
  to[0].add_text(row.platform);
  to[1].add_text(row.video_id);
  to[2].add_text(row.channel_id);
  to[3].add_int64(row.published_at);
  to[4].add(row.origin);
  text(to[5], row.category);
  text(to[6], row.language);
  to[7].add(row.duration_s);
  to[8].add(row.followers);
  to[9].add_vector(row.features);
  to[10].add_list(Span<const std::int64_t>(row.times));
  for (std::size_t stat = 0; stat < stat_count; ++stat) to[11 + stat].add_list(Span<const double>(row.values[stat]));
}

}  // namespace risetime
