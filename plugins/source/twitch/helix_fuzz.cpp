// Fuzzes the readers of Helix's answers: whatever the bytes, they end with a page or an Error, and what they give holds
// what it promises.
#include <cstdlib>
#include <risetime/error.hpp>

#include "helix.hpp"

namespace {

using namespace risetime::twitch;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Parse>
void parse(const Parse& read, std::string_view text) {
  try {
    const auto page = read(text, "fuzz");
    for (const BadItem& bad : page.bad) require(bad.number > 0 && !bad.reason.empty());
  } catch (const risetime::Error& error) {
    require(error.code() == risetime::Code::input);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  parse(parse_users, text);
  parse(parse_streams, text);
  parse(parse_archives, text);
  parse(parse_clips, text);
  parse(parse_games, text);
  parse(parse_chatters, text);
  try {
    require(!parse_token(text, "fuzz").text.empty());
  } catch (const risetime::Error&) {
  }
  try {
    require(parse_follower_total(text, "fuzz") >= 0);
  } catch (const risetime::Error&) {
  }
  require(parse_complaint(text).size() <= 200);
  if (const auto time = parse_time(text)) require(*time >= 0 && parse_time(format_time(*time)).has_value());
  if (const auto length = parse_length(text)) require(*length >= 0);
  return 0;
}
