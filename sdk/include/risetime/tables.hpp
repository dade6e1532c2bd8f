// The tables that flow through risetime: their columns, keys and row types.
//
// Times are UTC microseconds since 1970. Counts are never negative. A column may be added, never changed.
#pragma once

#include <risetime/arrow.hpp>

namespace risetime {

struct Channel {
  std::string platform, channel_id;
  std::int64_t observed_at = 0;
  std::string name;
  std::optional<std::int64_t> followers;
  std::optional<std::string> account = {};  // how the configuration names it, where that is not the id: "@handle"
};

struct Video {
  std::string platform, video_id, channel_id;
  std::int64_t published_at = 0;
  std::string title;
  std::optional<std::string> description;
  std::vector<std::string> tags;
  std::optional<std::string> category, language;
  std::optional<double> duration_s;
  std::optional<std::string> thumbnail_url, extra;  // extra: a JSON object
};

// views, likes, comments and shares are running totals; viewers is a level.
struct Observation {
  std::string platform, video_id;
  std::int64_t observed_at = 0;
  std::optional<std::int64_t> views, likes, comments, shares, viewers;
};
struct ObservationView {  // the same without copies of the texts, for sources in a hurry
  std::string_view platform, video_id;
  std::int64_t observed_at = 0;
  std::optional<std::int64_t> views, likes, comments, shares, viewers;
};

struct Thumbnail {
  std::string platform, video_id, mime, bytes;
  std::int64_t fetched_at = 0;
};

struct Table {
  std::string name;
  std::vector<Field> fields;
  std::vector<std::string> keys;  // in the order that scans follow
  bool replace = false;           // a row whose key is there already: replaced, or left out
};

namespace tables {

inline Table channel() {
  return {"channel",
          {utf8_field("platform"), utf8_field("channel_id"), timestamp_field("observed_at"), utf8_field("name"),
           int64_field("followers", true), utf8_field("account", true)},
          {"platform", "channel_id", "observed_at"}};
}
inline Table video() {
  return {"video",
          {utf8_field("platform"), utf8_field("video_id"), utf8_field("channel_id"), timestamp_field("published_at"),
           utf8_field("title"), utf8_field("description", true), list_field("tags", Type::utf8),
           utf8_field("category", true), utf8_field("language", true), float64_field("duration_s", true),
           utf8_field("thumbnail_url", true), utf8_field("extra", true)},
          {"platform", "video_id"},
          true};
}
inline Table observation() {
  return {"observation",
          {utf8_field("platform"), utf8_field("video_id"), timestamp_field("observed_at"), int64_field("views", true),
           int64_field("likes", true), int64_field("comments", true), int64_field("shares", true),
           int64_field("viewers", true)},
          {"platform", "video_id", "observed_at"}};
}
inline Table thumbnail() {
  return {"thumbnail",
          {utf8_field("platform"), utf8_field("video_id"), utf8_field("mime"), binary_field("bytes"),
           timestamp_field("fetched_at")},
          {"platform", "video_id"},
          true};
}
// feature_set is the hash of the featurizer's artifact; its vectors all have `dimensions` numbers.
inline Table feature(std::int32_t dimensions) {
  return {"feature",
          {utf8_field("feature_set"), utf8_field("platform"), utf8_field("video_id"),
           vector_field("vector", dimensions, true)},
          {"feature_set", "platform", "video_id"},
          true};
}
inline Table forecast() {
  return {"forecast",
          {utf8_field("run_id"), utf8_field("platform"), utf8_field("video_id"), utf8_field("stat"),
           timestamp_field("target_at"), timestamp_field("issued_at"), utf8_field("model"), float64_field("mean"),
           float64_field("q025"), float64_field("q100"), float64_field("q250"), float64_field("q500"),
           float64_field("q750"), float64_field("q900"), float64_field("q975")},
          {"run_id", "platform", "video_id", "stat", "target_at", "model"},
          true};
}

}  // namespace tables

inline void append(BatchBuilder& to, const Channel& row) {
  to[0].add_text(row.platform);
  to[1].add_text(row.channel_id);
  to[2].add_int64(row.observed_at);
  to[3].add_text(row.name);
  to[4].add(row.followers);
  row.account ? to[5].add_text(*row.account) : to[5].add_null();
}
inline void append(BatchBuilder& to, const Video& row) {
  const auto text = [](ColumnBuilder& column, const std::optional<std::string>& value) {
    value ? column.add_text(*value) : column.add_null();
  };
  to[0].add_text(row.platform);
  to[1].add_text(row.video_id);
  to[2].add_text(row.channel_id);
  to[3].add_int64(row.published_at);
  to[4].add_text(row.title);
  text(to[5], row.description);
  for (const std::string& tag : row.tags) to[6].items().add_text(tag);
  to[6].end_list();
  text(to[7], row.category);
  text(to[8], row.language);
  to[9].add(row.duration_s);
  text(to[10], row.thumbnail_url);
  text(to[11], row.extra);
}
inline void append(BatchBuilder& to, const ObservationView& row) {
  to[0].add_text(row.platform);
  to[1].add_text(row.video_id);
  to[2].add_int64(row.observed_at);
  to[3].add(row.views);
  to[4].add(row.likes);
  to[5].add(row.comments);
  to[6].add(row.shares);
  to[7].add(row.viewers);
}
inline void append(BatchBuilder& to, const Observation& row) {
  append(to, ObservationView{row.platform, row.video_id, row.observed_at, row.views, row.likes, row.comments,
                             row.shares, row.viewers});
}
inline void append(BatchBuilder& to, const Thumbnail& row) {
  to[0].add_text(row.platform);
  to[1].add_text(row.video_id);
  to[2].add_text(row.mime);
  to[3].add_text(row.bytes);
  to[4].add_int64(row.fetched_at);
}

}  // namespace risetime
