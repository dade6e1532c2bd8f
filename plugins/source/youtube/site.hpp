// Requests to the website and to its pictures, shared by the modes.
#pragma once

#include <risetime/host.hpp>
#include <risetime/source.hpp>
#include <string>

#include "account.hpp"
#include "facts.hpp"

namespace risetime::youtube {

inline constexpr std::uint64_t most_page_bytes = std::uint64_t{8} << 20;  // pages are about 1 MB

// GET in English, with all cookies declined: without that, visitors from the EU get a question instead of a page.
HttpResponse get(const Context& host, const std::string& url, std::uint64_t max_bytes, Purpose purpose = Purpose::page);
// The same with a JSON body, as POST.
HttpResponse post(const Context& host, const std::string& url, std::string body, std::uint64_t max_bytes);

// Throws for any status but 200: Code::limited where YouTube takes us for a robot, else Code::io.
void check_status(const HttpResponse& response, const std::string& url);

// The id of a channel, looked up on its page once and then remembered. Throws Code::input where there is none.
std::string channel_id_of(const Context& host, const Account& account);
// Forgets it: the handle may have gone to another channel, so that the next round looks again.
void forget_channel_id(const Context& host, const Account& account);
std::optional<std::string> remembered_channel_id(const Context& host, const Account& account);
void remember_channel_id(const Context& host, const Account& account, const std::string& id);

// The row of a channel, under the name that the configuration gives it.
Channel channel_row(const ChannelFacts& facts, const std::optional<Account>& account, std::int64_t now);

// Pictures of videos, each fetched once.
class Thumbnails {
 public:
  Thumbnails(const Context& host, bool wanted) : host_(host), wanted_(wanted) {}

  // Adds the picture of the best size that exists, where it was not fetched before. What goes wrong is logged, and
  // tried again in the next round; after an error, no more are asked for in this pull.
  void add(const std::string& video_id, Rows& out);
  void begin_pull() { broken_ = false; }

 private:
  bool fetch(const std::string& video_id, const std::string& size, Rows& out) const;

  Context host_;
  bool wanted_;
  bool broken_ = false;
};

}  // namespace risetime::youtube
