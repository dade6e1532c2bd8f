// The ways to read YouTube. Each goes through the round's tasks in their order: the channels, then the queries.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "account.hpp"
#include "options.hpp"

namespace risetime::youtube {

// A channel or a query.
struct Task {
  std::optional<Account> account;
  std::string query;  // where it is no channel

  // How cursors and failures name it: "@name", "UC...", "search/QUERY".
  std::string name() const { return account ? account->text() : "search/" + query; }
};

// The tasks, and the host's schedule of them: which are read in this round, and which of their videos.
class Round {
 public:
  Round(const Context& host, std::vector<Task> tasks) : host_(host), tasks_(std::move(tasks)) {}

  std::size_t size() const { return tasks_.size(); }
  const Task& operator[](std::size_t number) const { return tasks_[number]; }
  // "youtube:@name".
  std::string account(std::size_t number) const;
  // The task of this name; the first where there is none: that costs requests, but loses nothing.
  std::size_t position_of(std::string_view name) const;

  // To be called at the beginning of each pull.
  void begin_pull();
  // How many tasks a pull may read.
  std::size_t tasks_per_pull() const { return host_.accounts_per_pull(); }
  bool wants(std::size_t number) const { return host_.wants_account(account(number)); }
  bool wants_video(std::size_t number, const std::string& video_id, std::int64_t published_at) const {
    return host_.wants_video(account(number), video_id, published_at);
  }
  void done(std::size_t number) const { host_.account_done(account(number)); }
  void failed(std::size_t number, const Error& why, Rows& out) const { out.failed(account(number), why); }

 private:
  Context host_;
  std::vector<Task> tasks_;
  bool announced_ = false;
};

class Mode {
 public:
  Mode() = default;
  Mode(const Mode&) = delete;
  Mode& operator=(const Mode&) = delete;
  virtual ~Mode() = default;
  // As the plugin's pull. What goes wrong with one task is out.failed of it; what concerns all of them is thrown.
  virtual Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) = 0;
};

std::unique_ptr<Mode> make_feed_mode(const Context& host, const Options& options, std::vector<Task> tasks);
std::unique_ptr<Mode> make_api_mode(const Context& host, const Options& options, std::vector<Task> tasks);
std::unique_ptr<Mode> make_web_mode(const Context& host, const Options& options, std::vector<Task> tasks);

// Where a round stands. Unused members are left out of its text.
struct RoundCursor {
  std::string at;          // name of the task that comes next; empty: the round begins
  std::string after;       // within it: the last video that was read (web)
  std::string playlist;    // within it: the list that is being read (api),
  std::string page;        // the token of its next page,
  std::int64_t seen = 0;   // and how many of its videos were read
  std::int64_t units = 0;  // of the quota, used in this round so far

  std::string text() const;
  // A text that is no such cursor is the name of a task, or the beginning of a round.
  static RoundCursor parse(std::string_view text);
};

}  // namespace risetime::youtube
