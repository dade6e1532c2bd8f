// The token bucket: a request takes a place in line at once and waits outside the lock for its turn.
#include "core/http/limiter.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <risetime/error.hpp>

namespace risetime::core {
namespace {

constexpr std::int64_t least_rest = 15 * minute;  // after an answer without data
constexpr std::int64_t million = 1'000'000;       // tokens are kept in millionths

// What the shared table holds of a site. A process that is killed between two stores leaves a bucket that is off by one
// burst at most.
enum Number : std::size_t { tokens, filled_at, paused_from, paused_until, delay, blocks, is_known, next_apart };

void check(const HostPolicy& policy, const std::string& site) {
  const Rate& rate = policy.rate;
  if (!(rate.per_second > 0) || !(rate.burst >= 1) || !std::isfinite(rate.per_second) || !std::isfinite(rate.burst))
    throw Error(Code::config, site, "a rate must be above 0 requests a second, and a burst 1 request or more");
  if (policy.concurrency < 1 || !(policy.jitter >= 0 && policy.jitter <= 1) || policy.longest_delay < 0)
    throw Error(Code::config, site, "concurrency must be 1 or more, jitter 0 to 1, the longest delay 0 or more");
}

std::int64_t micro_tokens(double tokens) {
  return static_cast<std::int64_t>(std::clamp(tokens * static_cast<double>(million), -9e18, 9e18));
}

// Microseconds; zero and less: none. A clock that has jumped back must not lengthen a rest: it begins anew then.
std::int64_t rest_at(SharedTable::Numbers& numbers, std::int64_t now) {
  if (now < numbers[paused_from]) {
    numbers[paused_until] = now + (numbers[paused_until] - numbers[paused_from]);
    numbers[paused_from] = now;
  }
  return numbers[paused_until] - now;
}

void rest_until(SharedTable::Numbers& numbers, std::int64_t now, std::int64_t until) {
  if (until - now <= rest_at(numbers, now)) return;
  numbers[paused_from] = now;
  numbers[paused_until] = until;
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

std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

HostLimiter::HostLimiter(const Clock& clock, HostPolicy usual, HostPolicies sites, std::int64_t longest_pause,
                         SharedTable& table, std::uint64_t seed)
    : clock_(clock),
      usual_(usual),
      sites_(std::move(sites)),
      longest_pause_(longest_pause),
      table_(table),
      random_(seed) {
  check(usual_, "http");
  for (const auto& [site, policy] : sites_) check(policy, site);
}

HostLimiter::Ticket HostLimiter::acquire(std::string_view site, const Cancelled& cancelled, std::int64_t apart) {
  const std::string name(site);
  refuse_long_pause(site);
  wait_for_a_slot(name, cancelled);
  Ticket ticket(*this, name);
  wait_for(clock_, take_a_place(site, apart), cancelled);
  // A rest may have begun while this one stood in line.
  while (rest_of_pause(site) > 0) {
    refuse_long_pause(site);
    wait_for(clock_, rest_of_pause(site), cancelled);
  }
  return ticket;
}

void HostLimiter::wait_for_a_slot(const std::string& site, const Cancelled& cancelled) {
  const int most = policy_of(site).concurrency;
  std::unique_lock lock(mutex_);
  while (under_way_[site] >= most) {
    if (cancelled && cancelled()) throw Error(Code::cancelled, "", "stopped on request");
    freed_.wait_for(lock, std::chrono::milliseconds(100));
  }
  ++under_way_[site];
}

void HostLimiter::release(const std::string& site) {
  {
    const std::lock_guard lock(mutex_);
    --under_way_[site];
  }
  freed_.notify_all();
}

void HostLimiter::measured(std::string_view site, std::int64_t latency, bool good) {
  const HostPolicy& policy = policy_of(site);
  if (!policy.autothrottle) return;
  const std::int64_t target = latency / policy.concurrency;
  table_.change(site, clock_.now(), false, [&](SharedTable::Numbers& numbers) {
    const std::int64_t old = numbers[delay];
    const std::int64_t next = std::clamp(std::max(target, (old + target) / 2), std::int64_t{0}, policy.longest_delay);
    if (good || next > old) numbers[delay] = next;
  });
}

void HostLimiter::pause(std::string_view site, std::int64_t until) {
  const std::int64_t now = clock_.now();
  table_.change(site, now, false, [&](SharedTable::Numbers& numbers) { rest_until(numbers, now, until); });
}

std::int64_t HostLimiter::blocked(std::string_view site, std::int64_t at_least) {
  const std::int64_t now = clock_.now();
  std::int64_t rest = 0;
  table_.change(site, now, false, [&](SharedTable::Numbers& numbers) {
    // Requests that were under way when the first of them was blocked are the same block.
    rest = rest_at(numbers, now);
    if (numbers[blocks] > 0 && rest > 0 && rest >= at_least) return;
    numbers[blocks] = std::clamp<std::int64_t>(numbers[blocks] + 1, 1, 20);
    rest = std::min(std::max(at_least, least_rest) << (numbers[blocks] - 1), day);
    rest_until(numbers, now, now + rest);
  });
  return rest;
}

void HostLimiter::forgiven(std::string_view site) {
  table_.change(site, clock_.now(), false, [](SharedTable::Numbers& numbers) { numbers[blocks] = 0; });
}

const HostPolicy& HostLimiter::policy_of(std::string_view site) const {
  const auto own = sites_.find(site);
  return own == sites_.end() ? usual_ : own->second;
}

// Microseconds until the turn of the request that is counted now.
std::int64_t HostLimiter::take_a_place(std::string_view site, std::int64_t apart) {
  const HostPolicy& policy = policy_of(site);
  const double random = static_cast<double>(mixed(random_.fetch_add(1)) >> 11U) * 0x1p-53;  // [0, 1)
  const double cost = 1 + policy.jitter * (random - 0.5);
  std::int64_t wait = 0;
  table_.change(site, clock_.now(), false, [&](SharedTable::Numbers& numbers) {
    // Read in here: one that is older than another's would let the time between count twice.
    const std::int64_t now = clock_.now();
    if (numbers[is_known] == 0) {
      numbers[is_known] = 1;
      numbers[tokens] = micro_tokens(policy.rate.burst);
      numbers[filled_at] = now;
    }
    const double interval =
        std::max(static_cast<double>(second) / policy.rate.per_second, static_cast<double>(numbers[delay]));
    // A system clock that is set back must not take tokens away.
    const auto passed = static_cast<double>(std::max<std::int64_t>(0, now - numbers[filled_at]));
    double left = static_cast<double>(numbers[tokens]) / static_cast<double>(million) + passed / interval;
    left = std::min(left, policy.rate.burst) - cost;
    if (left < 0) wait = std::llround(std::ceil(-left * interval));
    if (apart > 0) {
      // Where the clock was set back, what it said before tells nothing.
      if (now < numbers[filled_at]) numbers[next_apart] = std::min(numbers[next_apart], now + apart);
      wait = std::max(wait, numbers[next_apart] - now);
      numbers[next_apart] = now + wait + apart;
    }
    numbers[tokens] = micro_tokens(left);
    numbers[filled_at] = now;
  });
  return wait;
}

void HostLimiter::refuse_long_pause(std::string_view site) {
  const std::int64_t rest = rest_of_pause(site);
  if (rest <= longest_pause_) return;
  throw Error(Code::limited, std::string(site),
              "this server is left alone for another " + describe_duration(rest) +
                  ", because it asked for that or gave answers without data",
              (rest + millisecond - 1) / millisecond);
}

std::int64_t HostLimiter::rest_of_pause(std::string_view site) {
  const std::int64_t now = clock_.now();
  std::int64_t rest = 0;
  table_.change(site, now, false, [&](SharedTable::Numbers& numbers) { rest = rest_at(numbers, now); });
  return rest;
}

}  // namespace risetime::core
