// Rounds, turns and progress of one source.
#include "core/pipeline/round.hpp"

#include <algorithm>
#include <risetime/json.hpp>

#include "core/base/hash.hpp"
#include "core/base/time.hpp"

namespace risetime::core {
namespace {

std::string round_key(const std::string& source) { return "round/" + source; }
std::string accounts_key(const std::string& source) { return "accounts/" + source; }

std::int64_t member(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value != nullptr && value->if_integer() != nullptr ? *value->if_integer() : 0;
}

// Rounded towards the past, whatever the sign.
std::int64_t steps(std::int64_t time, std::int64_t step) { return time / step - (time % step < 0 ? 1 : 0); }

}  // namespace

RoundState read_round(client::Store& store, const std::string& source) {
  const auto kept = store.get(round_key(source));
  if (!kept) return {};
  const Json json = Json::parse(*kept);
  return {member(json, "number"), member(json, "first_begun_at"), member(json, "begun_at"), member(json, "ended_at"),
          member(json, "previous")};
}

void write_round(client::Store& store, const std::string& source, const RoundState& state) {
  Json json = Json::object();
  json["number"] = state.number;
  json["first_begun_at"] = state.first_begun_at;
  json["begun_at"] = state.begun_at;
  json["ended_at"] = state.ended_at;
  json["previous"] = state.previous;
  store.put(round_key(source), json.dump());
}

std::int64_t next_round_at(const RoundState& state, std::int64_t every, std::int64_t now) {
  if (state.begun_at == 0 || state.is_open() || every <= 0 || state.begun_at > now + every) return now;
  const std::int64_t done = steps(state.begun_at - state.first_begun_at, every);
  return state.first_begun_at + (done + 1) * every;
}

std::optional<std::vector<std::string>> announced_accounts(client::Store& store, const std::string& source) {
  const auto kept = store.get(accounts_key(source));
  if (!kept) return std::nullopt;
  std::vector<std::string> accounts;
  for (std::size_t from = 0; from < kept->size();) {
    const std::size_t end = std::min(kept->find('\n', from), kept->size());
    accounts.push_back(kept->substr(from, end - from));
    from = end + 1;
  }
  return accounts;
}

bool is_due(const std::vector<SamplingRule>& rules, std::string_view video_id, std::int64_t published_at,
            std::int64_t now, std::int64_t previous) {
  if (rules.empty()) return true;
  const std::int64_t age = now - published_at;
  const auto rule = std::find_if(rules.begin(), rules.end(),
                                 [&](const SamplingRule& candidate) { return age < candidate.younger_than; });
  if (rule == rules.end()) return false;
  if (previous == 0 || previous >= now) return true;
  const auto shift = static_cast<std::int64_t>(fnv1a_64(video_id) % static_cast<std::uint64_t>(rule->every));
  return steps(now - shift, rule->every) != steps(previous - shift, rule->every);
}

Round::Round(const SourceSettings& source, Catalog& catalog, std::int64_t now,
             std::optional<std::set<std::string>> only)
    : source_(source),
      catalog_(catalog),
      stage_("collect/" + source.id),
      only_(std::move(only)),
      state_(read_round(catalog.store(), source.id)) {
  for (const Progress& progress : catalog.progress(stage_)) {
    known_[progress.account] = {progress.state == "done", progress.attempts, progress.round};
    is_tracked_ = is_tracked_ || !progress.account.empty();
  }
  is_written_ = only_ || state_.is_open();
  if (only_ && state_.begun_at == 0) state_.begun_at = now;
  if (is_written_) return;
  const bool is_first = state_.first_begun_at == 0 || state_.first_begun_at > now;
  state_ = {state_.number + 1, is_first ? now : state_.first_begun_at, now, 0, state_.begun_at};
}

void Round::announce(std::vector<std::string> accounts) {
  announces_ = true;
  std::string lines;
  for (const std::string& account : accounts) {
    if (account.find('\n') != std::string::npos)
      throw Error(Code::input, "accounts", "the name of an account has a line break in it");
    lines += account + "\n";
  }
  announced_ = std::move(lines);
}

bool Round::wants_account(std::string_view account) {
  const std::string name(account);
  if (only_) return only_->count(name) != 0;
  const auto known = known_.find(name);
  if (known == known_.end()) return true;
  if (known->second.round == state_.number) return false;  // read, or tried, in this round
  return known->second.is_done || source_.on_error != OnError::skip;
}

bool Round::wants_video(std::string_view account, std::string_view video_id, std::int64_t published_at) {
  const std::string name(account);
  if (++asked_videos_[name] > source_.videos_per_account || wanted_videos_ >= source_.max_videos) return false;
  const auto known = known_.find(name);
  // Whatever its turn, a video of an account that failed may have missed one.
  const bool is_behind = only_ || (known == known_.end() ? is_tracked_ : !known->second.is_done);
  if (!is_due(source_.sampling, video_id, published_at, state_.begun_at, is_behind ? 0 : state_.previous)) return false;
  ++wanted_videos_;
  return true;
}

void Round::done(std::string_view account) { done_now_.emplace_back(account); }

std::int64_t Round::attempts_of(const std::string& account) const {
  const auto known = known_.find(account);
  return known == known_.end() || known->second.is_done ? 0 : known->second.attempts;
}

void Round::write_opening() {
  if (!is_written_) write_round(catalog_.store(), source_.id, state_);
  is_written_ = true;
  if (announced_ && catalog_.store().get(accounts_key(source_.id)) != announced_)
    catalog_.store().put(accounts_key(source_.id), *announced_);
  announced_.reset();
}

void Round::commit(const std::vector<Progress>& failures, std::int64_t now) {
  write_opening();
  std::vector<Progress> changed;
  for (const std::string& account : done_now_) {
    changed.push_back({stage_, account, "done", "", 0, now, state_.number});
    known_[account] = {true, 0, state_.number};
  }
  for (const Progress& failure : failures) {
    changed.push_back(failure);
    known_[failure.account] = {false, failure.attempts, state_.number};
  }
  catalog_.set_progress(changed);
  done_now_.clear();
}

void Round::finish(const std::string& summary, std::int64_t now) {
  write_opening();
  if (only_) return;
  std::vector<Progress> changed;
  for (const auto& [account, known] : known_)
    if (!announces_ && !account.empty() && !known.is_done && known.round != state_.number)
      changed.push_back({stage_, account, "done", "", 0, now, state_.number});
  changed.push_back({stage_, "", "done", summary, 0, now, state_.number});
  catalog_.set_progress(changed);
  state_.ended_at = std::max(now, state_.begun_at);
  write_round(catalog_.store(), source_.id, state_);
}

void Round::fail(const std::string& why, std::int64_t now) {
  write_opening();
  catalog_.set_progress({stage_, "", "failed", why, attempts_of("") + 1, now, state_.number});
}

}  // namespace risetime::core
