// Politeness: one token bucket per host, shared by all plugins of the process, and waiting that can be cancelled.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace risetime::core {

// Answers whether whoever asked for the work wants to stop; empty: never.
using Cancelled = std::function<bool()>;

// Sleeps on the clock in short steps. Throws Error(Code::cancelled) as soon as `cancelled` says so, before the first
// step too.
void wait_for(const Clock& clock, std::int64_t microseconds, const Cancelled& cancelled);

struct Rate {
  double per_second = 2.0;  // requests in the long run; > 0
  double burst = 5.0;       // requests at once after a rest; >= 1
};

// Every function may be called from any thread.
class HostLimiter {
 public:
  // `sites` are rates of their own for single hosts, by Url::site(). A pause longer than longest_pause (microseconds)
  // is not waited for. Throws Error(Code::config) for rates out of range.
  HostLimiter(const Clock& clock, Rate usual, std::map<std::string, Rate, std::less<>> sites,
              std::int64_t longest_pause);

  // Waits until one more request to the site is polite, and counts it. Throws Error(Code::cancelled), and
  // Error(Code::limited) with the time left where the site asked for a rest that is too long to wait for.
  void acquire(std::string_view site, const Cancelled& cancelled);

  // The site asked for rest: nobody's request passes before `until` (UTC microseconds).
  void pause(std::string_view site, std::int64_t until);

 private:
  struct Bucket {
    double tokens = 0;           // below zero: so many requests stand in line
    std::int64_t filled_at = 0;  // when `tokens` was right
    std::int64_t paused_until = 0;
  };
  Rate rate_of(std::string_view site) const;
  Bucket& bucket_of(std::string_view site, const Rate& rate);
  std::int64_t take_a_place(std::string_view site);
  std::int64_t rest_of_pause(std::string_view site);
  void refuse_long_pause(std::string_view site);

  const Clock& clock_;
  Rate usual_;
  std::map<std::string, Rate, std::less<>> sites_;
  std::int64_t longest_pause_;
  std::mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace risetime::core
