// Mode "api": the Data API. A pull reads the lists of several tasks and then their videos together, fifty a call, so
// that many small channels cost few units.
#include <algorithm>
#include <map>
#include <risetime/plugin.hpp>
#include <set>

#include "api.hpp"
#include "mode.hpp"
#include "site.hpp"

namespace risetime::youtube {
namespace {

constexpr std::uint64_t most_answer_bytes = std::uint64_t{8} << 20;

// Thrown where the next call would use more units than the round may.
struct OutOfUnits {};

// A video that was listed and is still to be read.
struct Pending {
  std::string id;
  std::size_t task;
};

// Errors that concern the key, not a channel.
bool is_for_all(const Error& error) {
  return error.code() == Code::config || error.code() == Code::limited || error.code() == Code::cancelled;
}

class ApiMode : public Mode {
 public:
  ApiMode(const Context& host, const Options& options, std::vector<Task> tasks)
      : host_(host),
        round_(host, std::move(tasks)),
        key_(options.api_key),
        videos_per_account_(options.videos_per_account.value_or(50)),
        results_per_search_(options.results_per_search),
        max_units_(options.max_units),
        units_per_day_(options.units_per_day),
        thumbnails_(host, options.thumbnails.value_or(true)) {
    constexpr std::int64_t least_of_a_search = 100 + 2;  // the search, its videos, their channels
    if (!options.search.empty() && max_units_ < least_of_a_search)
      throw Error(Code::config, "max_units", "a search costs 102 units; allow the round so many, or leave search out");
  }

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) override {
    thumbnails_.begin_pull();
    round_.begin_pull();
    pending_.clear();
    listed_.clear();
    broken_.clear();
    at_ = RoundCursor::parse(cursor);
    task_ = round_.position_of(at_.at);
    if (round_[task_].name() != at_.at) begin(task_);
    try {
      list_tasks(max_rows, out);
    } catch (const OutOfUnits&) {
      return stop_early(out);
    }
    if (!read_videos(out)) return Pull::more;
    out.cursor(task_ == round_.size() ? "" : at_.text());
    return task_ == round_.size() ? Pull::end : Pull::more;
  }

 private:
  static constexpr std::size_t pages_per_pull = 50;  // of lists: at most 2,500 videos
  static constexpr std::size_t rows_per_video = 3;

  // The cursor at the beginning of a task.
  void begin(std::size_t task) {
    RoundCursor cursor;
    cursor.at = task < round_.size() ? round_[task].name() : "";
    cursor.units = at_.units;
    at_ = cursor;
  }

  void list_tasks(std::size_t max_rows, Rows& out) {
    pages_left_ = std::clamp<std::size_t>(max_rows / (rows_per_video * api::most_ids), 1, pages_per_pull);
    for (std::size_t asked = 0; task_ < round_.size();) {
      if (at_.page.empty() && !round_.wants(task_)) {
        begin(++task_);
        continue;
      }
      const bool enough = pages_left_ == 0 || asked >= round_.tasks_per_pull() ||
                          out.size() + rows_per_video * (pending_.size() + api::most_ids) > max_rows;
      if (asked > 0 && enough) return;
      host_.check_cancelled();
      host_.progress("accounts", static_cast<double>(task_), static_cast<double>(round_.size()));
      ++asked;
      if (!list(task_, out)) {
        if (pages_left_ == 0) return;
        continue;
      }
      begin(++task_);
    }
  }

  // The round ends here, and the next one goes on.
  Pull stop_early(Rows& out) {
    if (!read_videos(out)) return Pull::more;
    host_.warn("the round has used " + std::to_string(at_.units) + " of its " + std::to_string(max_units_) +
               " units (max_units) after " + std::to_string(task_) + " of " + std::to_string(round_.size()) +
               " accounts; the next round goes on there");
    at_.units = 0;
    out.cursor(at_.text());
    return Pull::end;
  }

  // Asks the API. The units are counted before, as it counts refused calls too.
  std::string ask(api::Method method, const std::string& url) {
    at_.units += api::units_of(method);
    host_.count("youtube.units", api::units_of(method));
    HttpRequest request;
    request.url = url;
    request.max_bytes = most_answer_bytes;
    request.headers = {{"X-Goog-Api-Key", key_.handle()}};
    request.purpose = Purpose::interface;
    request.quota = api::quota_of(method, key_.handle(), units_per_day_);
    HttpResponse response = host_.fetch(request);
    if (response.status != 200) throw api::error_of(response.status, response.body, url);
    return std::move(response.body);
  }

  // For calls that add to the list: what is listed must still be read, and of what is found by searching, the channels.
  void need(api::Method method) const {
    const auto calls = static_cast<std::int64_t>((pending_.size() + api::most_ids) / api::most_ids);
    const std::int64_t later = method == api::Method::search ? 2 * calls : calls;
    if (at_.units + api::units_of(method) + later > max_units_) throw OutOfUnits{};
  }

  // The channels whose ids are known, of this task and the following, in one call; they are kept for the next pulls.
  void ask_for_channels(std::size_t task) {
    std::vector<std::string> ids;
    for (std::size_t i = task; i < round_.size() && ids.size() < api::most_ids; ++i)
      if (const auto& account = round_[i].account; account && round_.wants(i))
        if (auto id = remembered_channel_id(host_, *account)) ids.push_back(std::move(*id));
    if (ids.empty()) return;
    need(api::Method::channels);
    const std::string url = api::channels_url(ids);
    const auto channels = api::parse_channels(ask(api::Method::channels, url), url);
    for (const std::string& id : ids) channels_[id].reset();
    for (const ChannelFacts& channel : channels) channels_[channel.id] = channel;
  }

  // Lists a portion of the task's videos. Gives back whether the task is over.
  bool list(std::size_t number, Rows& out) {
    const Task& task = round_[number];
    try {
      const bool over = task.account ? list_channel(*task.account, number, out) : list_search(task.query, number);
      if (over) listed_.push_back(number);
      return over;
    } catch (const Error& error) {
      if (is_for_all(error)) throw;
      if (error.code() == Code::state && !at_.page.empty()) {
        begin(number);  // the list is begun again
        return false;
      }
      fail(number, error, out);
      return true;
    }
  }

  void fail(std::size_t number, const Error& error, Rows& out) {
    if (broken_.insert(number).second) round_.failed(number, error, out);
  }

  bool list_channel(const Account& account, std::size_t number, Rows& out) {
    if (at_.playlist.empty()) {
      const ChannelFacts channel = find_channel(account, number);
      out.add(channel_row(channel, account, host_.now()));
      // The uploads of "UC..." are the list "UU..."; the answer names it, but for those that have no videos at all.
      at_.playlist = channel.uploads.empty() ? "UU" + channel.id.substr(2) : channel.uploads;
    }
    while (at_.seen < videos_per_account_) {
      if (pages_left_ == 0) return false;
      --pages_left_;
      need(api::Method::playlist_items);
      const auto most = static_cast<std::size_t>(std::min<std::int64_t>(50, videos_per_account_ - at_.seen));
      const std::string url = api::playlist_items_url(at_.playlist, most, at_.page);
      if (!take(api::parse_playlist_items(ask(api::Method::playlist_items, url), url), most, number)) break;
    }
    return true;
  }

  bool list_search(const std::string& query, std::size_t number) {
    while (at_.seen < results_per_search_) {
      if (pages_left_ == 0) return false;
      --pages_left_;
      need(api::Method::search);
      const auto most = static_cast<std::size_t>(std::min<std::int64_t>(50, results_per_search_ - at_.seen));
      const std::string url = api::search_url(query, most, at_.page);
      if (!take(api::parse_search(ask(api::Method::search, url), url), most, number)) break;
    }
    return true;
  }

  // Puts what the schedule wants of a page onto the list. Gives back whether there is another page.
  bool take(api::IdPage page, std::size_t most, std::size_t number) {
    if (page.videos.size() > most) page.videos.resize(most);
    for (api::ListedId& video : page.videos)
      if (round_.wants_video(number, video.id, video.published_at.value_or(host_.now())))
        pending_.push_back({std::move(video.id), number});
    at_.seen += static_cast<std::int64_t>(most);
    at_.page = page.next;
    return !page.next.empty();
  }

  // The API does not know names of the form "c/NAME". That the website refuses to answer does not concern the others.
  std::string id_from_website(const Account& account) const {
    try {
      return channel_id_of(host_, account);
    } catch (const Error& error) {
      if (error.code() != Code::limited) throw;
      throw Error(Code::io, error.where(), error.message() + "; or write the channel's id (\"UC...\")");
    }
  }

  ChannelFacts find_channel(const Account& account, std::size_t number) {
    auto id = remembered_channel_id(host_, account);
    if (!id && account.kind() == Account::Kind::custom) {
      id = id_from_website(account);
      remember_channel_id(host_, account, *id);
    }
    std::optional<ChannelFacts> channel;
    if (id) {
      if (channels_.count(*id) == 0) ask_for_channels(number);
      channel = std::move(channels_[*id]);
      channels_.erase(*id);  // the next round asks anew
    } else {
      need(api::Method::channels);
      const std::string url = api::channel_url(account);
      auto channels = api::parse_channels(ask(api::Method::channels, url), url);
      if (!channels.empty()) channel = std::move(channels.front());
      if (channel) remember_channel_id(host_, account, channel->id);
    }
    if (channel) return std::move(*channel);
    forget_channel_id(host_, account);
    throw Error(Code::input, account.page_url(),
                "the API knows no channel " + account.text() + ": it is deleted, closed or misspelt");
  }

  // ---- videos ----

  // Reads what was listed. Gives back whether the pull may go on: where the quota ends in the midst of it, what was
  // read before is handed over, and the next pull begins with the first task that was not read.
  bool read_videos(Rows& out) {
    std::set<std::string> found_channels, done;
    for (std::size_t from = 0; from < pending_.size(); from += api::most_ids) {
      const std::size_t to = std::min(from + api::most_ids, pending_.size());
      try {
        read_batch(from, to, done, found_channels, out);
      } catch (const Error& error) {
        if (error.code() == Code::limited && from > 0) {
          hand_over_before(pending_[from].task, out);
          return false;
        }
        if (is_for_all(error)) throw;
        for (std::size_t i = from; i < to; ++i) fail(pending_[i].task, error, out);
      }
    }
    read_found_channels(found_channels, out);
    for (const std::size_t task : listed_)
      if (broken_.count(task) == 0) round_.done(task);
    return true;
  }

  void hand_over_before(std::size_t unread, Rows& out) {
    for (const std::size_t task : listed_)
      if (task < unread && broken_.count(task) == 0) round_.done(task);
    begin(unread);
    out.cursor(at_.text());
  }

  void read_batch(std::size_t from, std::size_t to, std::set<std::string>& done, std::set<std::string>& found_channels,
                  Rows& out) {
    std::vector<std::string> ids;
    std::set<std::string> searched;  // of these, the channels are wanted too
    for (std::size_t i = from; i < to; ++i) {
      if (!round_[pending_[i].task].account) searched.insert(pending_[i].id);
      if (done.insert(pending_[i].id).second) ids.push_back(pending_[i].id);
    }
    if (ids.empty()) return;
    host_.check_cancelled();
    const std::string url = api::videos_url(ids);
    const api::VideoList list = api::parse_videos(ask(api::Method::videos, url), url);
    const std::int64_t now = host_.now();
    std::set<std::string> missing(ids.begin(), ids.end());
    for (const VideoFacts& facts : list.videos) {
      missing.erase(facts.id);
      out.add(video_row(facts));
      if (const auto observation = observation_row(facts, now)) out.add(*observation);
      if (searched.count(facts.id) > 0) found_channels.insert(facts.channel_id);
      thumbnails_.add(facts.id, out);
    }
    for (const BadItem& bad : list.bad) out.reject(url + " item " + std::to_string(bad.number), bad.reason, bad.raw);
    // What is broken is missing too, and was told already.
    if (list.bad.empty())
      for (const std::string& id : missing)
        out.reject("https://www.youtube.com/watch?v=" + id,
                   "the video is deleted or private: it is listed, but the API has no data of it", "");
    host_.count("youtube.videos", static_cast<double>(list.videos.size()));
  }

  // Names and followers of the channels behind search results.
  void read_found_channels(const std::set<std::string>& found, Rows& out) {
    const std::vector<std::string> all(found.begin(), found.end());
    for (std::size_t from = 0; from < all.size(); from += api::most_ids) {
      const auto begin_of_part = all.begin() + static_cast<std::ptrdiff_t>(from);
      const auto size = static_cast<std::ptrdiff_t>(std::min(api::most_ids, all.size() - from));
      const std::string url = api::channels_url({begin_of_part, begin_of_part + size});
      try {
        for (const ChannelFacts& channel : api::parse_channels(ask(api::Method::channels, url), url))
          out.add(channel_row(channel, std::nullopt, host_.now()));
      } catch (const Error& error) {
        if (is_for_all(error)) throw;
        host_.warn(std::string("the channels of search results are left out: ") + error.what());
      }
    }
  }

  Context host_;
  Round round_;
  Secret key_;
  std::int64_t videos_per_account_, results_per_search_, max_units_, units_per_day_;
  Thumbnails thumbnails_;
  std::map<std::string, std::optional<ChannelFacts>> channels_;  // asked for ahead, by id; nothing: the API knows none

  // Of one pull:
  RoundCursor at_;
  std::size_t task_ = 0;
  std::size_t pages_left_ = 0;
  std::vector<Pending> pending_;
  std::vector<std::size_t> listed_;  // tasks whose lists were read to the end
  std::set<std::size_t> broken_;     // tasks that were told as failed
};

}  // namespace

std::unique_ptr<Mode> make_api_mode(const Context& host, const Options& options, std::vector<Task> tasks) {
  return std::make_unique<ApiMode>(host, options, std::move(tasks));
}

}  // namespace risetime::youtube
