// Fuzzes the readers of what the Data API answers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <risetime/arrow.hpp>
#include <string>

#include "api.hpp"

namespace {

using namespace risetime;
using namespace risetime::youtube;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Read>
void try_to(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    require(arrow::is_utf8(error.what()) && error.code() == Code::input);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string url = "https://www.googleapis.com/youtube/v3/x";
  try_to([&] {
    for (const ChannelFacts& channel : api::parse_channels(text, url)) {
      require(is_channel_id(channel.id) && arrow::is_utf8(channel.name));
      require(channel.followers.value_or(0) >= 0);
    }
  });
  try_to([&] {
    for (const api::ListedId& video : api::parse_playlist_items(text, url).videos) require(is_video_id(video.id));
  });
  try_to([&] {
    for (const api::ListedId& video : api::parse_search(text, url).videos) require(is_video_id(video.id));
  });
  try_to([&] {
    const api::VideoList list = api::parse_videos(text, url);
    for (const VideoFacts& video : list.videos) {
      require(is_video_id(video.id) && is_channel_id(video.channel_id) && video.published_at.has_value());
      require(video.views.value_or(0) >= 0 && video.duration_s.value_or(0) >= 0);
      require(arrow::is_utf8(video.title));
    }
    for (const BadItem& bad : list.bad) require(arrow::is_utf8(bad.raw) && bad.raw.size() <= 4096);
  });
  require(arrow::is_utf8(api::error_of(403, text, url).what()));
  return 0;
}
