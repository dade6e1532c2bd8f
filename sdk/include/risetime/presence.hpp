// The table `presence`: who was there while a live video was watched.
#pragma once

#include <risetime/tables.hpp>

namespace risetime {

// One row a person seen. Times are UTC microseconds.
struct Presence {
  std::string platform, video_id;
  std::int64_t observed_at = 0;
  std::string person;  // a pseudonym under a key of the user's, unless the user wants names
};

namespace tables {

inline Table presence() {
  return {"presence",
          {utf8_field("platform"), utf8_field("video_id"), timestamp_field("observed_at"), utf8_field("person")},
          {"platform", "video_id", "observed_at", "person"}};
}

}  // namespace tables

inline void append(BatchBuilder& to, const Presence& row) {
  to[0].add_text(row.platform);
  to[1].add_text(row.video_id);
  to[2].add_int64(row.observed_at);
  to[3].add_text(row.person);
}

}  // namespace risetime
