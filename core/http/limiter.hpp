// Politeness towards one host: a token bucket, a delay that follows the measured latency, rests that the host asked for
// or was given, and a bound on how many requests are under way. Shared by all plugins and processes of a project.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/time.hpp"
#include "core/http/policy.hpp"
#include "core/http/shared_table.hpp"

namespace risetime::core {

// Answers whether whoever asked for the work wants to stop; empty: never.
using Cancelled = std::function<bool()>;

// Sleeps on the clock in short steps. Throws Error(Code::cancelled) as soon as `cancelled` says so, before the first
// step too.
void wait_for(const Clock& clock, std::int64_t microseconds, const Cancelled& cancelled);

// splitmix64: spreads a counter over all 64 bits.
std::uint64_t mixed(std::uint64_t value);

// Every function may be called from any thread.
class HostLimiter {
 public:
  // `sites` are policies of their own for single hosts. A rest longer than longest_pause (microseconds) is not waited
  // for. The table must outlive the limiter. Throws Error(Code::config) for numbers out of range.
  HostLimiter(const Clock& clock, HostPolicy usual, HostPolicies sites, std::int64_t longest_pause, SharedTable& table,
              std::uint64_t seed);

  // Holds one of the places for requests under way.
  class Ticket {
   public:
    Ticket(HostLimiter& limiter, std::string site) : limiter_(&limiter), site_(std::move(site)) {}
    Ticket(Ticket&& other) noexcept : limiter_(std::exchange(other.limiter_, nullptr)), site_(std::move(other.site_)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (limiter_ != nullptr) limiter_->release(site_);
    }

   private:
    HostLimiter* limiter_;
    std::string site_;
  };

  // Waits until one more request to the site is polite, and counts it. Those with `apart` > 0 (microseconds; pages of a
  // site whose robots.txt has a Crawl-delay) begin so long after one another at least. Throws Error(Code::cancelled),
  // and Error(Code::limited) with the time left where the site rests for too long to wait.
  [[nodiscard]] Ticket acquire(std::string_view site, const Cancelled& cancelled, std::int64_t apart = 0);

  // AutoThrottle: the delay goes half of the way to latency / concurrency, and at once where that is longer. What is no
  // good answer comes fast and never shortens it. Microseconds.
  void measured(std::string_view site, std::int64_t latency, bool good);

  // The site asked for rest: nobody's request passes before `until` (UTC microseconds).
  void pause(std::string_view site, std::int64_t until);

  // The site gives answers without the data: everybody leaves it alone for `at_least` microseconds and at least
  // 15 minutes, doubled with each block in a row up to a day. How long, in microseconds.
  std::int64_t blocked(std::string_view site, std::int64_t at_least);
  // The site gave data again.
  void forgiven(std::string_view site);

  const HostPolicy& policy_of(std::string_view site) const;

 private:
  void wait_for_a_slot(const std::string& site, const Cancelled& cancelled);
  void release(const std::string& site);
  std::int64_t take_a_place(std::string_view site, std::int64_t apart);
  std::int64_t rest_of_pause(std::string_view site);
  void refuse_long_pause(std::string_view site);

  const Clock& clock_;
  HostPolicy usual_;
  HostPolicies sites_;
  std::int64_t longest_pause_;
  SharedTable& table_;
  std::atomic<std::uint64_t> random_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, int, std::less<>> under_way_;
};

}  // namespace risetime::core
