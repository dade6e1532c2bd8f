// How a configuration names a channel, and how the channel's id is found from that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace risetime::youtube {

// A channel as the user wrote it, in one spelling: "UC..." (24 letters), "@handle", "user/NAME" or "c/NAME".
class Account {
 public:
  enum class Kind { id, handle, user, custom };

  // Takes those, and the addresses of a channel's pages and of its feed. Throws Error(Code::config) with `where` for
  // everything else.
  static Account parse(std::string_view text, const std::string& where);

  Kind kind() const { return kind_; }
  const std::string& text() const { return text_; }
  // The channel's page, where its id stands.
  std::string page_url() const;
  // The feed, where it can be asked for without the id: of ids and of old user names.
  std::optional<std::string> feed_url() const;

 private:
  Kind kind_ = Kind::id;
  std::string text_;
};

std::string feed_url_of(std::string_view channel_id);

// "UC" and 22 letters, digits, "-" or "_".
bool is_channel_id(std::string_view text);
// Letters, digits, "-" or "_", 64 at most; ids have 11 of them so far, which YouTube does not promise.
bool is_video_id(std::string_view text);
// A text as a part of an address: everything but letters, digits, "-", "_", "." and "~" as %XX.
std::string percent_encode(std::string_view text);

// The channel whose page this is; nothing where the page does not say. A page speaks of other channels too, so only
// places count that are about the page itself.
std::optional<std::string> find_channel_id(std::string_view page);

}  // namespace risetime::youtube
