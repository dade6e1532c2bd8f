// A source: one JSON document an account, read through the host.
#include <risetime/json.hpp>
#include <risetime/plugin.hpp>

using namespace risetime;

struct Options {
  std::string url;
  std::vector<std::string> accounts;
  static constexpr auto fields =
      risetime::fields(field("url", &Options::url, "Where ACCOUNT.json lies, without a slash at the end.", required()),
                       field("accounts", &Options::accounts, "Whose videos are collected.", required()));
};

struct MySource {
  static constexpr Info info{"@NAME@", "1.0.0", "Collects videos from JSON documents."};
  using Config = Options;
  MySource(Context host, Options options) : host_(host), options_(std::move(options)) {}

  // One account a pull: the cursor is the number of the next one, and moves with the rows in one transaction.
  Pull pull(std::string_view cursor, std::size_t, Rows& out) {
    std::size_t index = cursor.empty() ? 0 : std::stoul(std::string(cursor));
    if (index >= options_.accounts.size()) index = 0;  // a new round
    const std::string& account = options_.accounts[index];
    try {
      read(account, out);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      out.failed("@NAME@:" + account, error);  // listed; the other accounts go on
    }
    out.cursor(std::to_string(index + 1));
    return index + 1 < options_.accounts.size() ? Pull::more : Pull::end;
  }

 private:
  void read(const std::string& account, Rows& out) {
    const HttpResponse answer = host_.get(options_.url + "/" + account + ".json");
    if (answer.status != 200) throw Error(Code::io, answer.url, "it answered " + std::to_string(answer.status));
    const Json document = Json::parse(answer.body);
    const Json::Array* videos = document.if_array();
    if (videos == nullptr) throw Error(Code::input, answer.url, "expected a JSON array of videos");
    for (const Json& video : *videos) {
      const Json *id = video.find("id"), *title = video.find("title"), *published = video.find("published_at_s"),
                 *views = video.find("views");
      if (id == nullptr || title == nullptr || published == nullptr || views == nullptr || !id->if_string() ||
          !title->if_string() || !published->if_integer() || !views->if_integer()) {
        out.reject(answer.url, "expected id, title, published_at_s and views", video.dump());  // kept aside, counted
        continue;
      }
      Video row;
      row.platform = "@NAME@";
      row.video_id = *id->if_string();
      row.channel_id = account;
      row.published_at = *published->if_integer() * 1'000'000;
      row.title = *title->if_string();
      out.add(row);
      out.add(Observation{row.platform, row.video_id, host_.now(), *views->if_integer(), {}, {}, {}, {}});
    }
  }

  Context host_;
  Options options_;
};

RISETIME_PLUGINS(MySource);
