// Reading [http] and [http.hosts.*].
#include "core/config/http_settings.hpp"

#include "core/base/time.hpp"

namespace risetime::core {
namespace {

// One table of settings over the defaults of its section; null where neither says anything.
class Values {
 public:
  Values(const Json* given, const Key* defaults) : given_(given), defaults_(defaults) {}

  Json of(std::string_view name) const {
    const Json* value = given_ != nullptr ? given_->find(name) : nullptr;
    if (value != nullptr && !value->is_null()) return *value;
    return defaults_ != nullptr ? defaults_->find(name)->fallback : Json();
  }
  double number(std::string_view name, double otherwise) const {
    const Json value = of(name);
    return value.is_number() ? value.number() : otherwise;
  }
  std::int64_t whole(std::string_view name, std::int64_t otherwise) const {
    const Json value = of(name);
    return value.if_integer() != nullptr ? *value.if_integer() : otherwise;
  }
  bool flag(std::string_view name, bool otherwise) const {
    const Json value = of(name);
    return value.if_bool() != nullptr ? *value.if_bool() : otherwise;
  }
  std::int64_t duration(std::string_view name, std::int64_t otherwise) const {
    const Json value = of(name);
    return value.if_string() != nullptr ? parse_duration(*value.if_string()).value_or(otherwise) : otherwise;
  }

 private:
  const Json* given_;
  const Key* defaults_;
};

HostPolicy policy_from(const Values& values, HostPolicy policy) {
  policy.rate.per_second = values.number("requests_per_second", policy.rate.per_second);
  policy.rate.burst = values.number("burst", policy.rate.burst);
  policy.concurrency = static_cast<int>(values.whole("concurrency", policy.concurrency));
  policy.jitter = values.number("jitter", policy.jitter);
  policy.autothrottle = values.flag("autothrottle", policy.autothrottle);
  policy.longest_delay = values.duration("longest_delay", policy.longest_delay);
  return policy;
}

}  // namespace

HttpSettings http_settings(const Json* from, const Key& section) {
  const Values values(from, &section);
  HttpSettings http;
  http.policy = policy_from(values, {});
  // Yes is what holds where nothing is said, but for this machine itself.
  if (!values.flag("robots", true)) http.policy.robots = false;
  http.attempts = values.whole("attempts", 1);
  http.timeout = values.duration("timeout", minute);
  http.longest_wait = values.duration("longest_wait", minute);
  http.cache_bytes = static_cast<std::uint64_t>(values.whole("cache_megabytes", 0)) << 20U;
  const Json quotas = values.of("quotas");
  if (quotas.if_object() != nullptr)
    for (const auto& [name, units] : *quotas.if_object())
      if (units.if_integer() != nullptr) http.quotas[name] = *units.if_integer();
  const Json hosts = values.of("hosts");
  if (hosts.if_object() != nullptr)
    for (const auto& [name, given] : *hosts.if_object()) {
      const Values own(&given, nullptr);
      HostPolicy& policy = http.hosts[name] = policy_from(own, http.policy);
      if (own.of("robots").if_bool() != nullptr) policy.robots = own.flag("robots", true);
    }
  return http;
}

}  // namespace risetime::core
