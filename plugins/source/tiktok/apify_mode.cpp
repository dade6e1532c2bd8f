// Reads by runs of an actor at Apify, one after the other.
//
// A run costs money, so it is never lost sight of. First it is committed that a run is about to be started, and for
// what; then it is started, and its id committed; then it is waited for; then its data set is read page by page, the
// place in it moving with the rows. All this stands in the source's state, so that whoever was killed goes on where he
// was. If the start's answer was lost, the actor's latest runs are searched for one with the same input before another
// is started.
#include <algorithm>
#include <map>

#include "account.hpp"
#include "apify.hpp"
#include "item.hpp"
#include "mode.hpp"
#include "run_state.hpp"
#include "values.hpp"

namespace risetime::tiktok {
namespace {

constexpr const char* state_key = "run";
constexpr const char* at_end = "#end";  // a cursor: all targets had their turn
constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t clock_skew = 300 * second;  // between this machine and Apify
constexpr std::int64_t most_offset = 10'000'000;   // no run gives more

std::string account_of(const std::string& unit) { return std::string(platform) + ":" + unit; }

std::string number(std::int64_t value) { return std::to_string(value); }

// Whether a run was started with `ours`: Apify adds an actor's defaults to it.
bool is_same_input(const Json& ours, const Json& theirs) {
  const auto* members = ours.if_object();
  return members != nullptr && !members->empty() &&
         std::all_of(members->begin(), members->end(), [&](const auto& member) {
           const Json* other = theirs.find(member.first);
           return other != nullptr && other->dump() == member.second.dump();
         });
}

}  // namespace

class ApifyMode final : public Mode {
 public:
  ApifyMode(const Context& host, const Options& options)
      : host_(host), options_(options), client_(host, {options.api_url, options.actor, options.token}) {
    if (options_.token.empty())
      throw Error(Code::config, "token",
                  "mode \"apify\" needs Apify's API token, as in \"@{env:APIFY_TOKEN}\"; files are read by mode "
                  "\"export\"");
    if (options_.run_timeout.us < second || options_.run_timeout.us > 7 * 86'400 * second)
      throw Error(Code::config, "run_timeout", "write a time between 1s and 7d");
    if (options_.usd_per_day > 0 && options_.usd_per_day < options_.max_charge_usd)
      throw Error(Code::config, "usd_per_day", "it is less than max_charge_usd: no run could ever be started");
    read_targets();
    read_names();
    read_input();
  }

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) override {
    announce();
    host_.check_cancelled();
    RunState state = RunState::parse(host_.state(state_key).value_or("{}"));
    if (!state.is_open()) return plan(cursor, state, out);
    if (state.id.empty()) {
      start(state, out);
    } else if (state.finished_at == 0) {
      wait_for_end(state, out);
    } else {
      read_page(state, max_rows, out);
    }
    host_.set_state(state_key, state.text());
    return Pull::more;
  }

 private:
  // ---- settings ----

  void read_targets() {
    const auto add = [&](Target target) {
      const bool known = std::any_of(targets_.begin(), targets_.end(),
                                     [&](const Target& other) { return other.name() == target.name(); });
      if (!known) targets_.push_back(std::move(target));
    };
    const auto place = [](const char* setting, std::size_t i) {
      return std::string(setting) + "[" + std::to_string(i) + "]";
    };
    for (std::size_t i = 0; i < options_.profiles.size(); ++i)
      add(parse_profile(options_.profiles[i], place("profiles", i)));
    for (std::size_t i = 0; i < options_.hashtags.size(); ++i)
      add(parse_hashtag(options_.hashtags[i], place("hashtags", i)));
    for (std::size_t i = 0; i < options_.searches.size(); ++i)
      add(parse_search(options_.searches[i], place("searches", i)));
    for (std::size_t i = 0; i < options_.videos.size(); ++i) {
      const auto id = video_of_url(options_.videos[i]);
      if (!id)
        throw Error(Code::config, place("videos", i),
                    "\"" + options_.videos[i] +
                        "\" is no address of a video; write it as in \"https://www.tiktok.com/@name/video/123\"");
      videos_.emplace(*id, options_.videos[i]);
    }
    if (!videos_.empty()) targets_.push_back({Target::Kind::videos, {}});
    if (targets_.empty())
      throw Error(Code::config, "profiles", "there is nothing to read; name profiles, hashtags, searches or videos");
  }

  void read_names() {
    names_ = {{"profiles", "profiles"},
              {"hashtags", "hashtags"},
              {"searches", "searchQueries"},
              {"videos", "postURLs"},
              {"results", "resultsPerPage"}};
    for (const auto& [ours, theirs] : options_.names) {
      const auto found = names_.find(ours);
      if (found == names_.end())
        throw Error(Code::config, "names." + ours, "it is none of profiles, hashtags, searches, videos and results");
      found->second = theirs;
    }
  }

  void read_input() {
    if (options_.input.empty()) return;
    try {
      more_input_ = Json::parse(options_.input);
    } catch (const Error& error) {
      throw Error(Code::config, "input", std::string("it is no JSON: ") + error.what());
    }
    if (more_input_.if_object() == nullptr)
      throw Error(Code::config, "input", "it is no JSON object; write it as in '{\"proxyCountryCode\": \"US\"}'");
  }

  // ---- which targets a run is for ----

  void announce() {
    if (announced_) return;
    std::vector<std::string> accounts;
    for (const Target& target : targets_) accounts.push_back(account_of(target.name()));
    host_.announce_accounts(accounts);
    announced_ = true;
  }

  // What is no longer in the settings begins the round anew; the schedule knows what was read in it.
  std::size_t position_of(std::string_view cursor) const {
    if (cursor == at_end) return targets_.size();
    for (std::size_t i = 0; i < targets_.size(); ++i)
      if (targets_[i].name() == cursor) return i;
    return 0;
  }

  // Decides what the next run is for. Nothing is asked of Apify before this is in the store.
  Pull plan(std::string_view cursor, RunState& state, Rows& out) {
    std::vector<Target> wanted;
    std::vector<std::string> urls;
    std::size_t at = position_of(cursor);
    for (; at < targets_.size() && wanted.size() < static_cast<std::size_t>(options_.accounts_per_run); ++at) {
      const std::string unit = targets_[at].name();
      if (read_now_.count(unit) != 0 || !host_.wants_account(account_of(unit))) continue;
      if (targets_[at].kind == Target::Kind::videos) {
        urls = wanted_videos(unit);
        if (urls.empty()) {  // none has its turn: that costs nothing
          host_.account_done(account_of(unit));
          read_now_.insert(unit);
          continue;
        }
      }
      wanted.push_back(targets_[at]);
    }
    if (wanted.empty()) {
      out.cursor("");
      return Pull::end;
    }
    state.asked_at = host_.now();
    state.input = input_for(wanted, urls).dump();
    const std::size_t lists = wanted.size() - (urls.empty() ? 0 : 1);
    state.max_items = options_.max_items > 0 ? options_.max_items
                                             : static_cast<std::int64_t>(lists) * options_.results +
                                                   static_cast<std::int64_t>(urls.size());
    for (const Target& target : wanted) state.units.push_back(target.name());
    planned_at_ = state.asked_at;
    host_.set_state(state_key, state.text());
    out.cursor(at < targets_.size() ? targets_[at].name() : at_end);
    return Pull::more;
  }

  // The addresses of those of the listed videos that have their turn, by their age.
  std::vector<std::string> wanted_videos(const std::string& unit) const {
    std::vector<std::pair<std::int64_t, std::string>> newest_first;
    for (const auto& [id, url] : videos_) newest_first.emplace_back(-time_of_id(id).value_or(0), id);
    std::sort(newest_first.begin(), newest_first.end());
    std::vector<std::string> urls;
    for (const auto& [age, id] : newest_first)
      if (host_.wants_video(account_of(unit), id, -age)) urls.push_back(videos_.at(id));
    return urls;
  }

  Json input_for(const std::vector<Target>& wanted, const std::vector<std::string>& urls) const {
    Json input = more_input_.is_null() ? Json::object() : more_input_;
    const auto add = [&](const char* what, Json value) {
      const std::string& theirs = names_.at(what);
      if (!theirs.empty()) input[theirs] = std::move(value);
    };
    const auto texts = [&](Target::Kind kind) {
      Json list = Json::array();
      for (const Target& target : wanted)
        if (target.kind == kind) list.push_back(target.text);
      return list;
    };
    bool any_list = false;
    for (const auto& [kind, what] : {std::pair{Target::Kind::profile, "profiles"},
                                     {Target::Kind::hashtag, "hashtags"},
                                     {Target::Kind::search, "searches"}}) {
      Json list = texts(kind);
      if (list.if_array()->empty()) continue;
      any_list = true;
      add(what, std::move(list));
    }
    if (any_list) add("results", options_.results);
    if (!urls.empty()) {
      Json list = Json::array();
      for (const std::string& url : urls) list.push_back(url);
      add("videos", std::move(list));
    }
    return input;
  }

  // ---- a run ----

  void start(RunState& state, Rows& out) {
    try {
      const bool is_planned_here = planned_at_ == state.asked_at;
      planned_at_ = 0;  // from here on its answer may be lost
      std::optional<ApifyRun> run = is_planned_here ? std::nullopt : find_lost(state);
      if (!run) {
        RunLimits limits;
        limits.max_charge_usd = options_.max_charge_usd;
        limits.usd_per_day = options_.usd_per_day;
        limits.max_items = state.max_items;
        limits.timeout_s = options_.run_timeout.us / second;
        run = client_.start(state.input, limits);
        host_.info("run " + run->id + " of " + options_.actor + " was started for " + number(count(state)) +
                   " accounts");
      }
      adopt(state, *run, out);
    } catch (const Refused& error) {
      give_up(state, error, out);
    }
  }

  static std::int64_t count(const RunState& state) { return static_cast<std::int64_t>(state.units.size()); }

  // A run that was started, but whose answer did not reach the store.
  std::optional<ApifyRun> find_lost(const RunState& state) const {
    const Json ours = Json::parse(state.input);
    for (const ApifyRun& run : client_.runs_since(state.asked_at - clock_skew)) {
      if (std::find(state.earlier.begin(), state.earlier.end(), run.id) != state.earlier.end()) continue;
      if (!is_same_input(ours, client_.input_of(run))) continue;
      host_.warn("run " + run.id + " of " + options_.actor + " had been started before; it is read, no other is paid");
      return run;
    }
    return std::nullopt;
  }

  void adopt(RunState& state, const ApifyRun& run, Rows& out) {
    state.id = run.id;
    state.dataset = run.dataset;
    if (run.has_ended()) note_end(state, run);
    if (state.dataset.empty())
      give_up(state, Error(Code::input, client_.url_of_run(run.id), "Apify does not name the run's data set"), out);
  }

  void note_end(RunState& state, const ApifyRun& run) const {
    state.status = run.status;
    state.message = run.message;
    state.finished_at = run.finished_at > 0 ? run.finished_at : host_.now();
  }

  // Asks now and then, without Apify's own long answers (waitForFinish): the host takes the time of an answer for the
  // time that a server needs, and would ask it ever more seldom.
  void wait_for_end(RunState& state, Rows& out) {
    constexpr std::int64_t longest_rest = 30'000;  // milliseconds
    const std::int64_t grace = options_.run_timeout.us / 10 + 2 * second;
    const std::int64_t deadline = state.asked_at + options_.run_timeout.us + grace;
    bool aborted = false;
    std::int64_t abort_deadline = 0;
    for (std::int64_t rest = 1000;; rest = std::min(rest * 3 / 2, longest_rest)) {
      try {
        const ApifyRun run = client_.run(state.id);
        if (run.has_ended()) {
          note_end(state, run);
          return;
        }
        const std::int64_t spent_s = (host_.now() - state.asked_at) / second;
        const std::int64_t most_s = options_.run_timeout.us / second;
        host_.progress("run " + state.id + " " + run.status, static_cast<double>(spent_s), static_cast<double>(most_s));
        if (host_.now() >= (aborted ? abort_deadline : deadline)) {
          if (aborted || options_.when_stuck != "abort") report_stuck(state, run);
          client_.abort(state.id);
          host_.warn("run " + state.id + " did not end in its time; it is aborted");
          aborted = true;
          abort_deadline = host_.now() + 60 * second;
          rest = 1000;
        }
      } catch (const Refused& error) {
        if (error.code() != Code::input) throw;  // the token, not the run: it can be read once that is mended
        give_up(state, error, out);
        return;
      }
      host_.sleep_ms(rest);
    }
  }

  [[noreturn]] void report_stuck(const RunState& state, const ApifyRun& run) const {
    throw Error(Code::io, client_.url_of_run(state.id),
                "the run is still " + run.status + ", longer than run_timeout (" + options_.run_timeout.text() +
                    ") allows; it is kept, and the next round asks for it again instead of starting another. To end "
                    "it, abort it at console.apify.com, or set when_stuck = \"abort\"");
  }

  // ---- its data set ----

  void read_page(RunState& state, std::size_t max_rows, Rows& out) {
    constexpr std::size_t rows_of_item = 3;
    const std::int64_t limit =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(max_rows / rows_of_item), 1, options_.page_size);
    ItemPage page;
    try {
      page = next_items(state, limit);
    } catch (const Refused& error) {
      if (error.code() != Code::input) throw;
      give_up(state, error, out);
      return;
    }
    const std::string where = client_.url_of_items(state.dataset, state.offset, limit);
    if (page.items.empty()) {
      const bool is_short = page.total > state.offset;
      finish(state,
             is_short ? std::optional(Error(Code::input, where,
                                            "Apify promises " + number(page.total) + " items and gives " +
                                                number(state.offset) + "; those are stored"))
                      : std::nullopt,
             out);
      return;
    }
    if (state.offset > most_offset)
      throw Error(Code::input, where, "the data set does not end; abort the run and look at it at console.apify.com");
    take(page, state, where, out);
    state.offset += static_cast<std::int64_t>(page.items.size());
    host_.progress("items of run " + state.id, static_cast<double>(state.offset),
                   static_cast<double>(std::max(page.total, state.offset)));
  }

  // What a run wrote last may take some seconds to show.
  ItemPage next_items(const RunState& state, std::int64_t limit) const {
    constexpr int attempts = 4;
    for (int attempt = 1;; ++attempt) {
      ItemPage page = client_.items(state.dataset, state.offset, limit);
      if (!page.items.empty() || page.total <= state.offset || attempt == attempts) return page;
      host_.sleep_ms(1000 * attempt);
    }
  }

  void take(const ItemPage& page, RunState& state, const std::string& where, Rows& out) {
    const ItemClock clock{state.finished_at, 0};
    struct Wanted {
      Item item;
      std::string unit;
    };
    std::vector<Wanted> items;
    for (std::size_t i = 0; i < page.items.size(); ++i) {
      const ListedItem& listed = page.items[i];
      const std::string place = where + " item " + number(state.offset + static_cast<std::int64_t>(i) + 1);
      if (!listed.record) {
        out.reject(place, listed.problem, listed.raw);
        continue;
      }
      const std::string unit = unit_of(*listed.record, state);
      const std::string complaint = complaint_of(*listed.record);
      if (!complaint.empty()) {
        out.reject(place, "the actor says: " + complaint, listed.raw);
        if (!unit.empty() && !is_about_one_video(*listed.record) && state.failed.insert(unit).second)
          out.failed(account_of(unit), Error(Code::input, place, "the actor says: " + complaint));
        continue;
      }
      try {
        items.push_back({read_item(*listed.record, clock), unit});
        if (!unit.empty()) state.seen.insert(unit);
      } catch (const BadItem& bad) {
        out.reject(place, bad.what(), listed.raw);
      }
    }
    // The schedule is asked about the newest first.
    std::stable_sort(items.begin(), items.end(), [](const Wanted& a, const Wanted& b) {
      return a.item.video.published_at > b.item.video.published_at;
    });
    ItemRows rows(out);
    for (const Wanted& wanted : items) {
      rows.add_author(wanted.item);
      const Video& video = wanted.item.video;
      const bool asked_before = wanted.unit == Target{Target::Kind::videos, {}}.name();
      const std::string& unit = wanted.unit.empty() ? state.units.front() : wanted.unit;
      if (asked_before || host_.wants_video(account_of(unit), video.video_id, video.published_at))
        rows.add(wanted.item);
    }
  }

  // One video that is gone does not fail all that were asked for together: they would be paid for again.
  static bool is_about_one_video(const Record& record) {
    for (const char* path : {"submittedVideoUrl", "input", "url", "webVideoUrl"})
      if (const std::string* found = record.find({path}); found != nullptr && video_of_url(*found)) return true;
    return false;
  }

  // Which of the run's targets an item belongs to; empty where it does not tell.
  std::string unit_of(const Record& record, const RunState& state) const {
    const auto among = [&](const std::string& unit) {
      return std::find(state.units.begin(), state.units.end(), unit) != state.units.end();
    };
    std::vector<std::string> candidates;
    const auto tag = [](const std::string& text) {
      try {
        return parse_hashtag(text, "").name();
      } catch (const Error&) {
        return std::string();
      }
    };
    for (const char* path : {"searchHashtag.name", "searchHashtag"})
      if (const std::string* found = record.find({path})) candidates.push_back(tag(*found));
    if (const std::string* found = record.find({"searchQuery"})) candidates.push_back("search/" + *found);
    const bool has_videos = among(Target{Target::Kind::videos, {}}.name());
    for (const char* path : {"submittedVideoUrl", "input", "url", "profile", "authorMeta.name", "author.uniqueId",
                             "channel.username", "webVideoUrl"}) {
      const std::string* found = record.find({path});
      if (found == nullptr) continue;
      const bool is_listed_video = std::string_view(path) == "submittedVideoUrl" || std::string_view(path) == "input";
      if (has_videos && is_listed_video && video_of_url(*found))
        candidates.push_back(Target{Target::Kind::videos, {}}.name());
      if (std::string_view(path) == "input") {
        candidates.push_back(tag(*found));
        candidates.push_back("search/" + *found);
      }
      candidates.push_back(profile_name(*found).value_or(""));
    }
    for (const std::string& candidate : candidates)
      if (!candidate.empty() && among(candidate)) return candidate;
    const std::string* url = record.find({"webVideoUrl", "url"});
    const auto id = url == nullptr ? std::nullopt : video_of_url(*url);
    const bool is_listed = has_videos && (state.units.size() == 1 || (id && videos_.count(*id) != 0));
    return is_listed ? Target{Target::Kind::videos, {}}.name() : std::string();
  }

  // ---- the end of a run ----

  void finish(RunState& state, const std::optional<Error>& problem, Rows& out) {
    const std::string where = client_.url_of_run(state.id);
    for (const std::string& unit : state.units) {
      read_now_.insert(unit);
      if (state.failed.count(unit) != 0) continue;
      const Target::Kind kind = Target::of_name(unit).kind;
      const bool is_told = kind == Target::Kind::profile || kind == Target::Kind::videos;  // by each of its items
      const bool is_empty = state.seen.count(unit) == 0 && (is_told || state.offset == 0);
      if (state.status != "SUCCEEDED") {
        out.failed(account_of(unit),
                   Error(Code::io, where,
                         "the run ended as " + state.status + (state.message.empty() ? "" : ": " + state.message) +
                             "; the " + number(state.offset) + " items that it had are stored"));
      } else if (problem) {
        out.failed(account_of(unit), *problem);
      } else if (is_empty) {
        out.failed(account_of(unit), Error(Code::input, where,
                                           "the run gave nothing for it: it is misspelt, renamed, private or empty, "
                                           "or the cost limit was reached first"));
      } else {
        host_.account_done(account_of(unit));
      }
    }
    host_.info("run " + state.id + ": " + number(state.offset) + " items were read");
    state.close();
  }

  // The run cannot be had: its targets failed, and the next round starts another for them.
  void give_up(RunState& state, const Error& why, Rows& out) {
    for (const std::string& unit : state.units) {
      read_now_.insert(unit);
      if (state.failed.count(unit) == 0) out.failed(account_of(unit), why);
    }
    state.close();
  }

  Context host_;
  Options options_;
  ApifyClient client_;
  std::vector<Target> targets_;
  std::map<std::string, std::string> videos_;  // addresses by id
  std::map<std::string, std::string, std::less<>> names_;
  Json more_input_;
  bool announced_ = false;
  std::int64_t planned_at_ = 0;     // of a run that this object planned and did not try to start yet
  std::set<std::string> read_now_;  // targets that this object had a run for, in this round
};

std::unique_ptr<Mode> make_apify_mode(const Context& host, const Options& options) {
  return std::make_unique<ApifyMode>(host, options);
}

}  // namespace risetime::tiktok
