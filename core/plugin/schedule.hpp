// What answers a source that asks which accounts and videos to read in this round.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace risetime::core {

// Accounts are "platform:account". Calls come from one thread, during a pull.
class AccountSchedule {
 public:
  AccountSchedule() = default;
  AccountSchedule(const AccountSchedule&) = delete;
  AccountSchedule& operator=(const AccountSchedule&) = delete;
  virtual ~AccountSchedule() = default;

  virtual void announce(std::vector<std::string> accounts) = 0;
  virtual bool wants_account(std::string_view account) = 0;
  // published_at: UTC microseconds.
  virtual bool wants_video(std::string_view account, std::string_view video_id, std::int64_t published_at) = 0;
  virtual void done(std::string_view account) = 0;
  virtual std::uint64_t accounts_per_pull() const = 0;
};

}  // namespace risetime::core
