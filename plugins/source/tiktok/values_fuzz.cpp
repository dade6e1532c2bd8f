// Fuzzes the readers of counts, lengths, times and spellings: whatever the bytes, what they give holds what it
// promises.
#include <cstdlib>
#include <risetime/error.hpp>

#include "account.hpp"
#include "values.hpp"

namespace {

using namespace risetime::tiktok;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto count = parse_count(text)) {
    require(*count >= 0);
    require(is_digits(std::to_string(*count)) && parse_count(std::to_string(*count)) == count);
  }
  if (const auto length = parse_length(text)) require(*length >= 0);
  if (const auto moment = parse_time(text, 0)) require(moment->time >= 0);
  if (const auto zone = parse_zone(text)) require(*zone > -86'400'000'000 && *zone < 86'400'000'000);
  if (const auto time = time_of_id(text)) require(*time > 0);
  if (const auto name = profile_name(text)) require(profile_name(*name) == name);
  if (const auto id = video_of_url(text)) require(is_digits(*id));
  require(shortened(text, 10).size() <= 10);
  try {
    const std::string name = parse_hashtag(text, "fuzz").name();
    require(Target::of_name(name).name() == name);
  } catch (const risetime::Error& error) {
    require(error.code() == risetime::Code::config);
  }
  return 0;
}
