// The ledger of API quotas: units used per quota, key and day, in a file that all processes of a project share.
#pragma once

#include <cstdint>
#include <risetime/host.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/shared_table.hpp"

namespace risetime::core {

// When the day that holds `now` began and when the next one begins, UTC microseconds. The Pacific day begins at
// midnight in California, by the rules of summer time that hold since 2007.
struct QuotaDay {
  std::int64_t begin = 0, end = 0;
};
QuotaDay quota_day(std::int64_t now, Quota::Day kind);

// What is used of one quota.
struct QuotaUse {
  std::string name, key;  // key: the first 12 digits of the SHA-256 of name and key; empty where there is none
  std::int64_t used = 0, per_day = 0, resets_at = 0;  // units; units, 0 for no limit; UTC microseconds
};

class QuotaLedger {
 public:
  // The table must outlive the ledger.
  explicit QuotaLedger(SharedTable& table) : table_(table) {}

  // Counts a request before it leaves, on disk before this returns, so that a crash can only count too much. `key` is
  // the secret or id itself, of which a hash is kept. Throws Error(Code::limited) with the time until the day's end
  // where the request would go above the limit, and counts nothing then; Error(Code::input) for a negative cost.
  void charge(const Quota& quota, std::string_view key, std::int64_t now);

  // What is used today of all quotas that were charged, by name and key.
  std::vector<QuotaUse> uses(std::int64_t now);

 private:
  SharedTable& table_;
};

}  // namespace risetime::core
