// Days of quotas and the counting.
#include "core/http/quota.hpp"

#include <algorithm>
#include <chrono>
#include <risetime/error.hpp>

#include "core/base/hash.hpp"
#include "core/base/time.hpp"

namespace risetime::core {
namespace {

// A new day sets `used` to zero before it sets the day: a process that is killed between leaves an old day, of which
// nobody asks any more.
enum Number : std::size_t { used, resets_at, per_day };

std::int64_t utc_midnight(std::int64_t now) {
  const std::int64_t rest = now % day;
  return now - (rest < 0 ? rest + day : rest);
}

// UTC microseconds of an hour on the n-th Sunday of a month.
std::int64_t on_sunday(std::chrono::year year, std::chrono::month month, unsigned n, std::int64_t utc_hour) {
  const std::chrono::sys_days date = year / month / std::chrono::Sunday[n];
  return static_cast<std::int64_t>(date.time_since_epoch().count()) * day + utc_hour * hour;
}

// Summer time from the second Sunday of March, 2:00 standard time, to the first Sunday of November, 2:00 summer time.
std::int64_t pacific_offset(std::int64_t now) {
  const std::chrono::year_month_day date(
      std::chrono::sys_days(std::chrono::days(static_cast<int>(utc_midnight(now) / day))));
  const bool summer = now >= on_sunday(date.year(), std::chrono::March, 2, 10) &&
                      now < on_sunday(date.year(), std::chrono::November, 1, 9);
  return (summer ? -7 : -8) * hour;
}

std::string entry_of(const Quota& quota, std::string_view key) {
  return quota.name.substr(0, 100) + " " +
         (key.empty() ? "" : sha256_hex(quota.name + "\n" + std::string(key)).substr(0, 12));
}

void begin_day(SharedTable::Numbers& numbers, const QuotaDay& today) {
  if (numbers[resets_at] == today.end) return;
  numbers[used] = 0;
  numbers[resets_at] = today.end;
}

}  // namespace

QuotaDay quota_day(std::int64_t now, Quota::Day kind) {
  if (kind == Quota::Day::utc) return {utc_midnight(now), utc_midnight(now) + day};
  // The offset may change within the day, so each end is looked up by itself.
  const auto midnight = [](std::int64_t local) {
    const std::int64_t guess = local - pacific_offset(local + 8 * hour);
    return local - pacific_offset(guess);
  };
  const std::int64_t local_begin = utc_midnight(now + pacific_offset(now));
  return {midnight(local_begin), midnight(local_begin + day)};
}

void QuotaLedger::charge(const Quota& quota, std::string_view key, std::int64_t now) {
  if (quota.cost < 0 || quota.per_day < 0)
    throw Error(Code::input, quota.name, "a quota's cost and limit cannot be below zero");
  const QuotaDay today = quota_day(now, quota.day);
  table_.change(entry_of(quota, key), now, true, [&](SharedTable::Numbers& numbers) {
    begin_day(numbers, today);
    numbers[per_day] = quota.per_day;
    if (quota.per_day > 0 && quota.cost > quota.per_day - numbers[used])
      throw Error(Code::limited, quota.name,
                  "the day's quota is used up: " + std::to_string(numbers[used]) + " of " +
                      std::to_string(quota.per_day) + " units, and this request costs " + std::to_string(quota.cost) +
                      "; it begins anew at " + format_time(today.end),
                  (today.end - now + millisecond - 1) / millisecond);
    numbers[used] += quota.cost;
  });
}

std::vector<QuotaUse> QuotaLedger::uses(std::int64_t now) {
  std::vector<QuotaUse> all;
  table_.each([&](std::string_view entry, const SharedTable::Numbers& numbers) {
    const std::size_t blank = entry.rfind(' ');
    if (numbers[resets_at] <= now || blank == std::string_view::npos) return;
    all.push_back({std::string(entry.substr(0, blank)), std::string(entry.substr(blank + 1)), numbers[used],
                   numbers[per_day], numbers[resets_at]});
  });
  std::sort(all.begin(), all.end(),
            [](const QuotaUse& a, const QuotaUse& b) { return std::pair(a.name, a.key) < std::pair(b.name, b.key); });
  return all;
}

}  // namespace risetime::core
