// A source for tests of the collector: asks a server for each of its accounts and does all that the schedule asks of
// it.
//
// The answer for an account is {"videos": [{"id": "...", "age_s": 60, "views": 7}, ...]}; the text "blocked" is an
// answer without the data, status 404 an account that is not there.
#include <risetime/json.hpp>
#include <risetime/plugin.hpp>

namespace {

using namespace risetime;

struct Options {
  std::string url;
  std::int64_t accounts = 1;
  std::int64_t fetch_every = 1;
  bool is_page = false;
  std::int64_t cost = 0;
  static constexpr auto fields = risetime::fields(
      risetime::field("url", &Options::url, "The server.", required()),
      risetime::field("accounts", &Options::accounts, "How many accounts.", range(1, 1'000'000)),
      risetime::field("fetch_every", &Options::fetch_every, "Ask for each so many-th account.", range(1, 1'000'000)),
      risetime::field("is_page", &Options::is_page, "Whether the answers are pages for people."),
      risetime::field("cost", &Options::cost, "Units of a quota that a request costs.", range(0, 1'000'000)));
};

class Poller {
 public:
  static constexpr Info info{"poller", "1.0.0", "Reads accounts of a test's server."};
  static constexpr const char* needs[] = {RISETIME_HTTP_ID};
  using Config = Options;
  Poller(Context host, Options options) : host_(host), options_(std::move(options)) {
    for (std::int64_t i = 0; i < options_.accounts; ++i) accounts_.push_back("test:a" + std::to_string(i));
  }

  Pull pull(std::string_view, std::size_t, Rows& out) {
    if (next_ == 0) host_.announce_accounts(accounts_);
    const std::size_t most = host_.accounts_per_pull();
    for (std::size_t read = 0; next_ < accounts_.size(); ++next_) {
      const std::string& account = accounts_[next_];
      if (!host_.wants_account(account)) continue;
      if (read == most) return Pull::more;
      ++read;
      host_.check_cancelled();
      if (next_ % static_cast<std::size_t>(options_.fetch_every) == 0 && !read_account(account, out)) continue;
      host_.account_done(account);
    }
    next_ = 0;
    return Pull::end;
  }

 private:
  bool read_account(const std::string& account, Rows& out) {
    try {
      HttpRequest request;
      request.url = options_.url + "/" + account.substr(5);
      request.purpose = options_.is_page ? Purpose::page : Purpose::interface;
      if (options_.cost > 0) request.quota = {"test-api", "", options_.cost, 1'000, Quota::Day::utc};
      const HttpResponse response = host_.fetch(request);
      if (response.status != 200) throw Error(Code::input, request.url, "status " + std::to_string(response.status));
      if (response.body == "blocked") throw Error(Code::limited, request.url, "an answer without the data");
      add_rows(account, Json::parse(response.body), out);
      return true;
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      out.failed(account, error);
      return false;
    }
  }

  void add_rows(const std::string& account, const Json& answer, Rows& out) {
    const std::int64_t now = host_.now();
    for (const Json& item : *answer.find("videos")->if_array()) {
      Video video;
      video.platform = "test";
      video.video_id = *item.find("id")->if_string();
      video.channel_id = account.substr(5);
      video.published_at = now - *item.find("age_s")->if_integer() * 1'000'000;
      video.title = video.video_id;
      if (!host_.wants_video(account, video.video_id, video.published_at)) continue;
      out.add(video);
      out.add(Observation{"test", video.video_id, now, *item.find("views")->if_integer(), {}, {}, {}, {}});
    }
  }

  Context host_;
  Options options_;
  std::vector<std::string> accounts_;
  std::size_t next_ = 0;
};

}  // namespace

RISETIME_PLUGINS(Poller);
