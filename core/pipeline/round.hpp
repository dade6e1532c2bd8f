// One round of one source: when it is due, which accounts and videos it reads, and how far it has come.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/config/settings.hpp"
#include "core/plugin/schedule.hpp"

namespace risetime::core {

// What is kept of the rounds of a source, in the store beside its cursor. UTC microseconds; 0: never.
struct RoundState {
  std::int64_t number = 0;          // of the latest round, from 1
  std::int64_t first_begun_at = 0;  // of the very first round: later ones begin at multiples of `every` behind it
  std::int64_t begun_at = 0;        // of the latest one
  std::int64_t ended_at = 0;        // 0: it is not over
  std::int64_t previous = 0;        // when the last round before it that was completed began
  bool is_open() const { return begun_at != 0 && ended_at == 0; }
};
RoundState read_round(client::Store& store, const std::string& source);
void write_round(client::Store& store, const std::string& source, const RoundState& state);

// When the next round begins: at once where there was none or one was interrupted; else at the next multiple of
// `every`, however many were missed. A latest round in the future, seen by a clock that was ahead, counts as none.
std::int64_t next_round_at(const RoundState& state, std::int64_t every, std::int64_t now);

// The accounts that a source announced, in its order; nothing where it never did.
std::optional<std::vector<std::string>> announced_accounts(client::Store& store, const std::string& source);

// Whether a video is read in the round that begins at `now`, where the last one began at `previous` (0: never): whether
// one of the moments that the rule for its age sets, an `every` apart and shifted by the video's id so that not all
// come at once, lies between them. Without rules: always.
bool is_due(const std::vector<SamplingRule>& rules, std::string_view video_id, std::int64_t published_at,
            std::int64_t now, std::int64_t previous);

// The schedule of a round that is under way.
class Round final : public AccountSchedule {
 public:
  // Takes an interrupted round up, or begins one. With `only`, the round is of these accounts alone, which are then
  // read whatever their state; it leaves the source's rounds as they are.
  Round(const SourceSettings& source, Catalog& catalog, std::int64_t now, std::optional<std::set<std::string>> only);

  void announce(std::vector<std::string> accounts) override;
  bool wants_account(std::string_view account) override;
  bool wants_video(std::string_view account, std::string_view video_id, std::int64_t published_at) override;
  void done(std::string_view account) override;
  std::uint64_t accounts_per_pull() const override { return source_.accounts_per_batch; }

  const std::string& stage() const noexcept { return stage_; }
  std::int64_t number() const noexcept { return state_.number; }
  bool is_of_some() const noexcept { return only_.has_value(); }
  std::int64_t attempts_of(const std::string& account) const;

  // Forgets what a pull that failed said.
  void begin_pull() { done_now_.clear(); }
  // Inside the transaction of a pull: what became of accounts.
  void commit(const std::vector<Progress>& failures, std::int64_t now);
  // Inside the last transaction of a round. Accounts that failed before and were neither announced nor named as failed
  // in this round are well again where the source names no accounts.
  void finish(const std::string& summary, std::int64_t now);
  // The source as a whole failed; the round stays open.
  void fail(const std::string& why, std::int64_t now);

 private:
  struct Known {
    bool is_done = false;  // else failed or put off
    std::int64_t attempts = 0, round = 0;
  };
  void write_opening();

  const SourceSettings& source_;
  Catalog& catalog_;
  std::string stage_;
  std::optional<std::set<std::string>> only_;
  RoundState state_;
  bool is_written_ = false;
  bool announces_ = false;
  bool is_tracked_ = false;  // whether accounts were named in earlier rounds
  std::unordered_map<std::string, Known> known_;
  std::vector<std::string> done_now_;
  std::optional<std::string> announced_;                         // to be written, one account a line
  std::unordered_map<std::string, std::uint64_t> asked_videos_;  // by account
  std::uint64_t wanted_videos_ = 0;
};

}  // namespace risetime::core
