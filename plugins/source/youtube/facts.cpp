// Rows out of facts.
#include "facts.hpp"

namespace risetime::youtube {
namespace {

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::video:
      return "video";
    case Kind::short_video:
      return "short";
    case Kind::live:
      return "live";
    case Kind::ended:
      return "ended";
    case Kind::upcoming:
      return "upcoming";
  }
  return "video";
}

}  // namespace

Video video_row(const VideoFacts& facts) {
  Video video;
  video.platform = platform;
  video.video_id = facts.id;
  video.channel_id = facts.channel_id;
  video.published_at = facts.published_at.value_or(0);
  video.title = facts.title;
  video.description = facts.description;
  video.tags = facts.tags;
  video.category = facts.category;
  video.language = facts.language;
  video.duration_s = facts.duration_s;
  video.thumbnail_url = facts.thumbnail_url;
  video.extra = std::string(R"({"kind":")") + name_of(facts.kind) + '"' +
                (facts.access.empty() ? "" : R"(,"access":")" + facts.access + '"') +
                (facts.published_exact ? "" : R"(,"published":"day")") + '}';
  return video;
}

std::optional<Observation> observation_row(const VideoFacts& facts, std::int64_t now) {
  if (facts.kind == Kind::upcoming) return std::nullopt;
  if (!facts.views && !facts.likes && !facts.comments && !facts.viewers) return std::nullopt;
  Observation observation;
  observation.platform = platform;
  observation.video_id = facts.id;
  observation.observed_at = now;
  observation.views = facts.views;
  observation.likes = facts.likes;
  observation.comments = facts.comments;
  observation.viewers = facts.viewers;
  return observation;
}

}  // namespace risetime::youtube
