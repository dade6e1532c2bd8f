// Fuzzes the readers of the website's pages and youtubei answers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <risetime/arrow.hpp>
#include <string>

#include "account.hpp"
#include "listing.hpp"
#include "page.hpp"
#include "watch.hpp"

namespace {

using namespace risetime;
using namespace risetime::youtube;

void require(bool holds) {
  if (!holds) std::abort();
}

// Broken data is the answerer's fault, missing data is taken for a refusal, and what a page says is closed to readers
// without an account is closed; nothing else may come of any text.
template <class Read>
void try_to(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    require(arrow::is_utf8(error.what()) &&
            (error.code() == Code::input || error.code() == Code::limited || error.code() == Code::unsupported));
  }
}

void check(const WatchPage& page) {
  const VideoFacts& facts = page.facts;
  require(facts.id.empty() || is_video_id(facts.id));
  require(facts.channel_id.empty() || is_channel_id(facts.channel_id));
  require(arrow::is_utf8(facts.title) && arrow::is_utf8(page.reason));
  for (const auto& count : {facts.views, facts.likes, facts.comments, facts.viewers, facts.followers})
    require(count.value_or(0) >= 0);
  require(!page.complete() || facts.published_at.has_value());
  if (page.complete()) require(arrow::is_utf8(*video_row(facts).extra));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string url = "https://www.youtube.com/x";
  try_to([&] {
    for (const ListedVideo& video : parse_listing(text, url).videos) {
      require(is_video_id(video.id) && arrow::is_utf8(video.title));
      require(video.views.value_or(0) >= 0 && video.viewers.value_or(0) >= 0);
    }
  });
  try_to([&] { check(parse_watch_page(text, url)); });
  try_to([&] { check(parse_player(text, url)); });
  try_to([&] {
    WatchPage page;
    add_next(page, text, url);
    check(page);
  });
  setting_of(text, "INNERTUBE_CLIENT_VERSION");
  return 0;
}
