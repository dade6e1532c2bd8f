// Fuzzes the readers of Apify's answers and items: whatever the bytes, they end with what was asked for or an Error,
// and what they give holds what it promises.
#include <cstdlib>

#include "apify.hpp"
#include "item.hpp"

namespace {

using namespace risetime::tiktok;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const risetime::Error& error) {
    require(error.code() == risetime::Code::input);
  }
}

void read_one(const ListedItem& listed) {
  require(listed.record.has_value() == listed.problem.empty());
  require(listed.raw.size() <= 4000);
  if (!listed.record) return;
  complaint_of(*listed.record);
  try {
    const Item item = read_item(*listed.record, {1, 0});
    require(!item.video.video_id.empty() && !item.video.channel_id.empty());
    require(item.observation.observed_at >= 0 && item.video.published_at >= 0);
    for (const auto& count : {item.observation.views, item.observation.likes, item.observation.comments,
                              item.observation.shares, item.channel.followers})
      require(!count || *count >= 0);
    for (const std::string& tag : item.video.tags) require(!tag.empty());
    require(risetime::Json::parse(item.video.extra.value()).if_object() != nullptr);
  } catch (const BadItem& bad) {
    require(*bad.what() != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  attempt([&] {
    for (const ListedItem& listed : parse_list(text, "fuzz")) read_one(listed);
  });
  read_one(parse_object(text));
  attempt([&] { require(!parse_run(text, "fuzz").id.empty()); });
  attempt([&] {
    for (const ApifyRun& run : parse_runs(text, "fuzz")) require(!run.id.empty() && !run.status.empty());
  });
  require(parse_apify_complaint(text).size() <= 200);
  return 0;
}
