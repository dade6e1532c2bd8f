// How one host is treated: what the settings say and the limiter keeps to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/time.hpp"

namespace risetime::core {

struct Rate {
  double per_second = 2.0;  // requests in the long run; > 0
  double burst = 5.0;       // requests at once after a rest; >= 1
};

// How one host is treated.
struct HostPolicy {
  Rate rate = {};
  int concurrency = 2;                  // requests under way at once, in this process; what AutoThrottle aims at
  double jitter = 0.5;                  // each request costs 1 +- half of this, at random; 0 to 1
  bool autothrottle = true;             // whether the delay follows the latency
  std::int64_t longest_delay = minute;  // microseconds between two requests, however slow the host is
  // robots.txt before pages; nothing: yes, but for this machine itself.
  std::optional<bool> robots = {};
};

using HostPolicies = std::map<std::string, HostPolicy, std::less<>>;  // by Url::site()

}  // namespace risetime::core
