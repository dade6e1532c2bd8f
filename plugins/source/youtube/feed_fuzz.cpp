// Fuzzes the readers of what YouTube answers: the feed and the channel's page.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <risetime/arrow.hpp>
#include <string>

#include "account.hpp"
#include "feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto must = [](bool holds) {
    if (!holds) std::abort();
  };
  try {
    const auto feed = risetime::youtube::parse_feed(text, "https://www.youtube.com/feeds/videos.xml");
    must(risetime::youtube::is_channel_id(feed.channel_id));
    must(risetime::arrow::is_utf8(feed.channel_name));
    for (const auto& entry : feed.entries) {
      must(!entry.video_id.empty() && risetime::arrow::is_utf8(entry.title));
      must(!entry.views || *entry.views >= 0);
      must(!entry.description || risetime::arrow::is_utf8(*entry.description));
    }
    for (const auto& bad : feed.bad) must(risetime::arrow::is_utf8(bad.raw));
  } catch (const risetime::Error& error) {
    must(risetime::arrow::is_utf8(error.what()));
  }
  if (const auto id = risetime::youtube::find_channel_id(text)) must(risetime::youtube::is_channel_id(*id));
  return 0;
}
