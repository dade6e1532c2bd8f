// Asks Helix: with the application's token or a user's, at the pace that Helix allows, page by page.
#pragma once

#include <risetime/host.hpp>
#include <set>
#include <string>

#include "helix.hpp"

namespace risetime::twitch {

/// Where Helix is and who asks. Secrets are handles: the host puts the values in as a request leaves.
struct Access {
  std::string api_url, token_url;
  std::string client_id;
  Secret client_secret;
  Secret user_token;          // may be empty
  Secret user_refresh_token;  // may be empty
};

enum class Asker { application, user };

/// Tokens that Twitch gives live in this object's memory and nowhere else; no error and no log line shows one. Not for
/// several threads.
class Client {
 public:
  /// Throws Error(Code::config) for addresses to which a token must not travel.
  Client(Context host, Access access);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// The body of an answer with status 200. `query`: "streams?first=100". Throws Error, its place being the address:
  /// config where Twitch refuses the credentials, unsupported where it refuses these credentials this (status 403),
  /// limited where it asks to slow down to the end, input and io for other answers.
  std::string get(const std::string& query, Asker asker = Asker::application);

  /// All pages of a list, `most` items at most, asked for by `page_size` at a time. `take` is given each Page. Throws
  /// as get() and the parser do, and Error(Code::input) where a page's cursor leads back to a page that was read.
  template <class Item, class Take>
  void read_pages(const std::string& query, Page<Item> (*parse)(std::string_view, const std::string&), std::size_t most,
                  std::size_t page_size, const Take& take, Asker asker = Asker::application) {
    std::set<std::string> cursors;
    std::string after;
    for (std::size_t left = most; left > 0;) {
      const std::string asked = query + (query.find('?') == std::string::npos ? "?" : "&") +
                                "first=" + std::to_string(std::min(left, page_size)) + after;
      const std::string where = url_of(asked);
      Page<Item> page = parse(get(asked, asker), where);
      const std::size_t seen = page.items.size() + page.bad.size();
      const std::string next = page.next;
      if (page.items.size() > left) page.items.resize(left);
      left -= std::min(left, seen);
      take(std::move(page), where);
      if (next.empty() || seen == 0) return;
      if (!cursors.insert(next).second)
        throw Error(Code::input, where, "Twitch's pages lead in a circle; what may follow was not read");
      after = "&after=" + encoded(next);
    }
  }

  std::string url_of(const std::string& query) const { return access_.api_url + "/" + query; }
  /// Percent-encoded for a URL's query.
  static std::string encoded(std::string_view text);

 private:
  struct Credential {
    std::string token;            // as Twitch gave it; empty: none yet
    std::int64_t renew_at = 0;    // UTC microseconds
    std::int64_t remaining = -1;  // requests left before reset_at; -1: not said
    std::int64_t reset_at = 0;    // UTC microseconds
    bool given_refused = false;   // the user's own token was refused
  };

  Credential& credential(Asker asker) { return asker == Asker::user ? user_ : application_; }
  std::string bearer(Asker asker);
  void renew(Asker asker);
  bool may_renew(Asker asker);
  void wait_for_allowance(const Credential& credential) const;
  void note_allowance(Credential& credential, const HttpResponse& response) const;
  [[noreturn]] void refuse(const HttpResponse& response, const std::string& url, Asker asker) const;
  std::string complaint_of(const HttpResponse& response) const;
  static void forget(std::string& token);

  Context host_;
  Access access_;
  Credential application_, user_;
};

}  // namespace risetime::twitch
