// Mode "web": the website's own pages, without a key. Lists name the videos; each video's page has its exact counts.
//
// A pull reads the lists of one task, or a portion of its videos. The videos that are left are kept for the next pull;
// another process asks for the lists again and goes on behind the last video that was read.
#include <algorithm>
#include <charconv>
#include <risetime/plugin.hpp>
#include <set>

#include "listing.hpp"
#include "mode.hpp"
#include "page.hpp"
#include "site.hpp"
#include "watch.hpp"

namespace risetime::youtube {
namespace {

constexpr const char* site = "https://www.youtube.com/";

// A task that is being read.
struct Work {
  std::string task;
  std::vector<std::string> ids;  // that are still to be read
  std::optional<ChannelFacts> channel;
};

class WebMode : public Mode {
 public:
  WebMode(const Context& host, const Options& options, std::vector<Task> tasks)
      : host_(host),
        round_(host, std::move(tasks)),
        tabs_(options.tabs),
        videos_per_account_(static_cast<std::size_t>(options.videos_per_account.value_or(15))),
        results_per_search_(static_cast<std::size_t>(options.results_per_search)),
        thumbnails_(host, options.thumbnails.value_or(true)) {}

  Pull pull(std::string_view cursor_text, std::size_t max_rows, Rows& out) override {
    thumbnails_.begin_pull();
    round_.begin_pull();
    const RoundCursor cursor = RoundCursor::parse(cursor_text);
    std::size_t at = round_.position_of(cursor.at);
    while (at < round_.size() && !round_.wants(at)) ++at;
    if (at < round_.size()) {
      const Task& task = round_[at];
      host_.check_cancelled();
      host_.progress("accounts", static_cast<double>(at), static_cast<double>(round_.size()));
      const std::string last = collect(at, task.name() == cursor.at ? cursor.after : "", max_rows, out);
      if (!last.empty()) return go_on(task.name(), last, out);
      if (++at < round_.size()) return go_on(round_[at].name(), "", out);
    }
    out.cursor("");
    return Pull::end;
  }

 private:
  static constexpr std::size_t videos_per_pull = 25;

  static Pull go_on(const std::string& task, const std::string& after, Rows& out) {
    RoundCursor next;
    next.at = task;
    next.after = after;
    out.cursor(next.text());
    return Pull::more;
  }

  // Reads a portion of the task's videos. Gives back the last one, where some are left.
  std::string collect(std::size_t number, const std::string& after, std::size_t max_rows, Rows& out) {
    const Task& task = round_[number];
    try {
      Work work = list(task, after);
      if (after.empty() && work.channel) out.add(channel_row(*work.channel, task.account, host_.now()));
      const std::size_t most = std::clamp<std::size_t>(max_rows / 4, 1, videos_per_pull);
      const std::size_t portion = std::min(most, work.ids.size());
      std::set<std::string> channels;
      if (work.channel) channels.insert(work.channel->id);
      const auto end = work.ids.begin() + static_cast<std::ptrdiff_t>(portion);
      if (after.empty()) incomplete_ = false;
      const bool refused = read_videos(number, {work.ids.begin(), end}, channels, out);
      if (refused || portion == work.ids.size()) {
        if (!incomplete_) round_.done(number);
        return {};
      }
      std::string last = work.ids[portion - 1];
      work.ids.erase(work.ids.begin(), end);
      ahead_ = std::move(work);
      ahead_after_ = last;
      return last;
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      round_.failed(number, error, out);
      return {};
    }
  }

  // The task's videos behind `after`.
  Work list(const Task& task, const std::string& after) {
    if (!after.empty() && ahead_.task == task.name() && ahead_after_ == after) return ahead_;
    Work work;
    work.task = task.name();
    task.account ? list_channel(*task.account, work) : list_search(task.query, work);
    const auto found = std::find(work.ids.begin(), work.ids.end(), after);
    if (!after.empty() && found != work.ids.end()) work.ids.erase(work.ids.begin(), found + 1);
    return work;
  }

  // The latest videos of the tabs in turn, as lists do not say when exactly a video was published.
  void list_channel(const Account& account, Work& work) const {
    std::vector<std::vector<std::string>> lists;
    for (const std::string& tab : tabs_) lists.push_back(list_tab(account, tab, work.channel));
    std::set<std::string> seen;
    for (std::size_t i = 0; work.ids.size() < videos_per_account_; ++i) {
      bool any = false;
      for (const auto& ids : lists) {
        any = any || i < ids.size();
        if (i < ids.size() && work.ids.size() < videos_per_account_ && seen.insert(ids[i]).second)
          work.ids.push_back(ids[i]);
      }
      if (!any) return;
    }
  }

  std::vector<std::string> list_tab(const Account& account, const std::string& tab,
                                    std::optional<ChannelFacts>& channel) const {
    const std::string url = account.page_url() + "/" + tab;
    const HttpResponse response = get(host_, url, most_page_bytes);
    if (response.status == 404)
      throw Error(Code::input, url,
                  "YouTube knows no channel " + account.text() + " (status 404): it is deleted, closed or misspelt");
    check_status(response, url);
    Listing listing = parse_listing(response.body, url);
    if (listing.channel && !channel) channel = listing.channel;
    // Instead of a tab that a channel has not, YouTube shows its first one.
    if (!listing.tab.empty() && listing.tab != tab) return {};
    return follow(std::move(listing), response.body, "browse", videos_per_account_, channel);
  }

  void list_search(const std::string& query, Work& work) const {
    const std::string url = std::string(site) + "results?search_query=" + percent_encode(query) + "&sp=CAISAhAB";
    const HttpResponse response = get(host_, url, most_page_bytes);
    check_status(response, url);
    work.ids = follow(parse_listing(response.body, url), response.body, "search", results_per_search_, std::nullopt);
  }

  // The ids of a list and of as many of its continuations as are needed. Videos of other channels, as recommendations
  // on a channel's page, are left out.
  std::vector<std::string> follow(Listing listing, const std::string& page, const std::string& method, std::size_t most,
                                  const std::optional<ChannelFacts>& channel) const {
    std::vector<std::string> ids;
    std::set<std::string> seen;
    const std::string url = std::string(site) + "youtubei/v1/" + method + "?prettyPrint=false";
    while (true) {
      const std::size_t before = ids.size();
      for (const ListedVideo& video : listing.videos) {
        const bool foreign = channel && !video.channel_id.empty() && video.channel_id != channel->id;
        if (!foreign && ids.size() < most && seen.insert(video.id).second) ids.push_back(video.id);
      }
      if (ids.size() >= most || listing.continuation.empty() || ids.size() == before) return ids;
      host_.check_cancelled();
      const HttpResponse response = post(host_, url, continuation_body(page, listing.continuation), most_page_bytes);
      check_status(response, url);
      listing = parse_listing(response.body, url);
    }
  }

  // As the page itself asks for the rest of its list.
  static std::string continuation_body(const std::string& page, const std::string& token) {
    std::string version = setting_of(page, "INNERTUBE_CLIENT_VERSION");
    if (version.empty()) version = "2.20260123.01.00";
    Json client = Json::object();
    client["clientName"] = "WEB";
    client["clientVersion"] = version;
    client["hl"] = "en";
    Json body = Json::object();
    body["context"]["client"] = std::move(client);
    body["continuation"] = token;
    return body.dump();
  }

  // One video that cannot be read is told with its task; where YouTube refuses to answer, the rest is not asked for.
  // Gives back whether YouTube refuses.
  bool read_videos(std::size_t number, const std::vector<std::string>& ids, std::set<std::string>& channels,
                   Rows& out) {
    std::size_t failed = 0;
    std::optional<Error> first;
    for (const std::string& id : ids) {
      if (!round_.wants_video(number, id, known_publication(id))) continue;
      host_.check_cancelled();
      try {
        read_video(id, round_[number], channels, out);
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        ++failed;
        if (!first || error.code() == Code::limited) first = error;
        if (error.code() == Code::limited) break;
      }
    }
    if (!first) return false;
    incomplete_ = true;
    const std::string how_many = std::to_string(failed) + " of " + std::to_string(ids.size());
    round_.failed(number,
                  Error(first->code(), first->where(), how_many + " videos could not be read; " + first->message(),
                        first->retry_after_ms()),
                  out);
    return first->code() == Code::limited;
  }

  // Lists do not say when exactly a video was published; its page did, if it was read before. A new one is as of now.
  std::int64_t known_publication(const std::string& id) const {
    const std::string known = host_.state("publication of " + id).value_or("");
    std::int64_t time = 0;
    const auto [end, failure] = std::from_chars(known.data(), known.data() + known.size(), time);
    return failure == std::errc() && end == known.data() + known.size() ? time : host_.now();
  }

  void read_video(const std::string& id, const Task& task, std::set<std::string>& channels, Rows& out) {
    const std::string url = std::string(site) + "watch?v=" + id;
    const HttpResponse response = get(host_, url, most_page_bytes);
    check_status(response, url);
    WatchPage page = parse_watch_page(response.body, url);
    host_.count("youtube.watch_pages");
    if (!page.facts.id.empty() && page.facts.id != id)
      throw Error(Code::input, url, "YouTube answered with the page of another video, " + page.facts.id);
    if (!page.complete()) {
      out.reject(url, page.why_skipped(), "");
      return;
    }
    const std::int64_t now = host_.now();
    const VideoFacts& facts = page.facts;
    // A channel that a list did not show, as of search results.
    if (channels.insert(facts.channel_id).second && (!task.account || channels.size() == 1))
      out.add(channel_row({facts.channel_id, facts.channel_name, facts.followers, ""}, task.account, now));
    out.add(video_row(facts));
    host_.set_state("publication of " + facts.id, std::to_string(*facts.published_at));
    if (const auto observation = observation_row(facts, now)) out.add(*observation);
    thumbnails_.add(facts.id, out);
  }

  Context host_;
  Round round_;
  std::vector<std::string> tabs_;
  std::size_t videos_per_account_, results_per_search_;
  Thumbnails thumbnails_;
  Work ahead_;               // what is left of the task that the last pull began,
  std::string ahead_after_;  // behind this video
  bool incomplete_ = false;  // videos of the task at hand could not be read
};

}  // namespace

std::unique_ptr<Mode> make_web_mode(const Context& host, const Options& options, std::vector<Task> tasks) {
  return std::make_unique<WebMode>(host, options, std::move(tasks));
}

}  // namespace risetime::youtube
