// What the settings name: profiles, hashtags, searches and single videos, each in one spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::tiktok {

// "name" of "name", "@Name" or "https://www.tiktok.com/@name?lang=en", in small letters; nothing where it is no name.
std::optional<std::string> profile_name(std::string_view text);

// The number of "https://www.tiktok.com/@name/video/123" or ".../photo/123"; nothing where it is no such address.
std::optional<std::string> video_of_url(std::string_view url);

// What is done, fails and is taken up again on its own.
struct Target {
  enum class Kind { profile, hashtag, search, videos };
  Kind kind = Kind::profile;
  std::string text;  // the name, hashtag or query; empty for the list of videos

  // "name", "tag/NAME", "search/QUERY", "videos/".
  std::string name() const;
  static Target of_name(std::string_view name);
};

// Throw Error(Code::config) with `where` for what is none.
Target parse_profile(std::string_view text, const std::string& where);
Target parse_hashtag(std::string_view text, const std::string& where);
Target parse_search(std::string_view text, const std::string& where);

}  // namespace risetime::tiktok
