// The token bucket: a request takes a place in line at once and waits outside the lock for its turn.
#include "core/http/limiter.hpp"

#include <algorithm>
#include <cmath>
#include <risetime/error.hpp>

namespace risetime::core {
namespace {

void check(const Rate& rate, const std::string& site) {
  if (!(rate.per_second > 0) || !(rate.burst >= 1) || !std::isfinite(rate.per_second) || !std::isfinite(rate.burst))
    throw Error(Code::config, site, "a rate must be above 0 requests a second, and a burst 1 request or more");
}

}  // namespace

void wait_for(const Clock& clock, std::int64_t microseconds, const Cancelled& cancelled) {
  constexpr std::int64_t step = 100 * millisecond;  // how late a cancelled wait may end
  while (true) {
    if (cancelled && cancelled()) throw Error(Code::cancelled, "", "stopped on request");
    if (microseconds <= 0) return;
    clock.sleep(std::min(microseconds, step));
    microseconds -= step;
  }
}

HostLimiter::HostLimiter(const Clock& clock, Rate usual, std::map<std::string, Rate, std::less<>> sites,
                         std::int64_t longest_pause)
    : clock_(clock), usual_(usual), sites_(std::move(sites)), longest_pause_(longest_pause) {
  check(usual_, "http");
  for (const auto& [site, rate] : sites_) check(rate, site);
}

void HostLimiter::acquire(std::string_view site, const Cancelled& cancelled) {
  refuse_long_pause(site);
  wait_for(clock_, take_a_place(site), cancelled);
  // A pause may have begun while this one stood in line.
  while (rest_of_pause(site) > 0) {
    refuse_long_pause(site);
    wait_for(clock_, rest_of_pause(site), cancelled);
  }
}

void HostLimiter::pause(std::string_view site, std::int64_t until) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(site, rate_of(site));
  bucket.paused_until = std::max(bucket.paused_until, until);
}

Rate HostLimiter::rate_of(std::string_view site) const {
  const auto own = sites_.find(site);
  return own == sites_.end() ? usual_ : own->second;
}

HostLimiter::Bucket& HostLimiter::bucket_of(std::string_view site, const Rate& rate) {
  const auto found = buckets_.find(site);
  if (found != buckets_.end()) return found->second;
  return buckets_.emplace(std::string(site), Bucket{rate.burst, clock_.now(), 0}).first->second;
}

// Microseconds until the turn of the request that is counted now.
std::int64_t HostLimiter::take_a_place(std::string_view site) {
  const Rate rate = rate_of(site);
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(site, rate);
  const std::int64_t now = clock_.now();
  // A system clock that is set back must not take tokens away.
  const auto passed = static_cast<double>(std::max<std::int64_t>(0, now - bucket.filled_at));
  bucket.tokens = std::min(rate.burst, bucket.tokens + passed * rate.per_second / static_cast<double>(second));
  bucket.filled_at = now;
  bucket.tokens -= 1;
  if (bucket.tokens >= 0) return 0;
  return std::llround(std::ceil(-bucket.tokens / rate.per_second * static_cast<double>(second)));
}

void HostLimiter::refuse_long_pause(std::string_view site) {
  const std::int64_t rest = rest_of_pause(site);
  if (rest <= longest_pause_) return;
  throw Error(Code::limited, std::string(site),
              "the server asked for a rest, which lasts another " + describe_duration(rest),
              (rest + millisecond - 1) / millisecond);
}

std::int64_t HostLimiter::rest_of_pause(std::string_view site) {
  const std::lock_guard lock(mutex_);
  return bucket_of(site, rate_of(site)).paused_until - clock_.now();
}

}  // namespace risetime::core
