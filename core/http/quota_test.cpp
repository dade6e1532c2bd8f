// Days of quotas in two time zones, the ledger over crashes and processes, and the table that both stand on.
#include "core/http/quota.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <risetime/error.hpp>

#include "core/base/files.hpp"
#include "core/base/time.hpp"

namespace risetime::core {
namespace {

std::int64_t at(const char* text) { return parse_time(text).value(); }

std::string day_text(const char* now, Quota::Day kind) {
  const QuotaDay day = quota_day(at(now), kind);
  return format_time(day.begin) + " " + format_time(day.end);
}

TEST(QuotaDay, BeginsAtMidnightInUtcOrCalifornia) {
  EXPECT_EQ(day_text("2026-07-01T06:59:59Z", Quota::Day::utc), "2026-07-01T00:00:00Z 2026-07-02T00:00:00Z");
  EXPECT_EQ(day_text("2026-07-01T06:59:59Z", Quota::Day::pacific), "2026-06-30T07:00:00Z 2026-07-01T07:00:00Z");
  EXPECT_EQ(day_text("2026-07-01T07:00:00Z", Quota::Day::pacific), "2026-07-01T07:00:00Z 2026-07-02T07:00:00Z");
  EXPECT_EQ(day_text("2026-01-01T07:59:59Z", Quota::Day::pacific), "2025-12-31T08:00:00Z 2026-01-01T08:00:00Z");
}

// In 2026 summer time begins on March 8 and ends on November 1: days of 23 and 25 hours.
TEST(QuotaDay, IsAnHourShorterOrLongerWhenSummerTimeChanges) {
  for (const char* now :
       {"2026-03-08T08:00:00Z", "2026-03-08T09:59:59Z", "2026-03-08T10:00:00Z", "2026-03-09T06:59:59Z"})
    EXPECT_EQ(day_text(now, Quota::Day::pacific), "2026-03-08T08:00:00Z 2026-03-09T07:00:00Z") << now;
  for (const char* now :
       {"2026-11-01T07:00:00Z", "2026-11-01T08:59:59Z", "2026-11-01T09:00:00Z", "2026-11-02T07:59:59Z"})
    EXPECT_EQ(day_text(now, Quota::Day::pacific), "2026-11-01T07:00:00Z 2026-11-02T08:00:00Z") << now;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("quota-test-" + std::to_string(::getpid()))) {}
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(QuotaLedger, StopsBeforeTheLimitAndBeginsAnewEachDay) {
  SharedTable table;
  QuotaLedger ledger(table);
  const Quota search{"data-api", "", 100, 250, Quota::Day::utc};
  const std::int64_t noon = at("2026-01-01T12:00:00Z");
  ledger.charge(search, "key one", noon);
  ledger.charge(search, "key one", noon);
  try {
    ledger.charge(search, "key one", noon);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limited);
    EXPECT_EQ(error.retry_after_ms(), 12 * 3'600'000);
    EXPECT_EQ(error.message(),
              "the day's quota is used up: 200 of 250 units, and this request costs 100; it begins anew at "
              "2026-01-02T00:00:00Z");
  }
  ledger.charge({"data-api", "", 50, 250, Quota::Day::utc}, "key one", noon);
  ledger.charge(search, "key two", noon);
  ASSERT_EQ(ledger.uses(noon).size(), 2U);
  ledger.charge(search, "key one", noon + 12 * hour);
  EXPECT_EQ(ledger.uses(noon + 12 * hour).size(), 1U);
  EXPECT_EQ(ledger.uses(noon + 12 * hour)[0].used, 100);
}

TEST(QuotaLedger, IsOneForAllProcessesAndKnowsAKeyByItsHashOnly) {
  const Folder folder;
  const std::int64_t now = at("2026-01-01T12:00:00Z");
  for (int process = 0; process < 3; ++process) {
    SharedTable table(folder.path() / "quotas");
    QuotaLedger(table).charge({"data-api", "", 7, 100, Quota::Day::pacific}, "AIza-very-secret", now);
  }
  SharedTable table(folder.path() / "quotas");
  const auto uses = QuotaLedger(table).uses(now);
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].used, 21);
  EXPECT_EQ(uses[0].per_day, 100);
  EXPECT_EQ(uses[0].key.size(), 12U);
  EXPECT_EQ(read_file(folder.path() / "quotas").find("very-secret"), std::string::npos);
}

TEST(SharedTable, BeginsAnewWhereItsFileIsOfAnotherFormatAndBearsManyNames) {
  const Folder folder;
  make_folders(folder.path());
  write_file(folder.path() / "table", "this is something else");
  SharedTable table(folder.path() / "table");
  for (std::int64_t i = 0; i < 20'000; ++i)
    table.change("name " + std::to_string(i), i, false, [&](SharedTable::Numbers& numbers) {
      EXPECT_EQ(numbers[0], 0);
      numbers[0] = i;
    });
  // The latest are there, of those that shared their places the oldest have given way.
  table.change("name 19999", 20'000, false, [](SharedTable::Numbers& numbers) { EXPECT_EQ(numbers[0], 19'999); });
  std::size_t names = 0;
  table.each([&](std::string_view, const SharedTable::Numbers&) { ++names; });
  EXPECT_EQ(names, 4096U);
}

TEST(SharedTable, SaysWhereItsFileCannotBe) { EXPECT_THROW(SharedTable("/proc/nowhere/table"), Error); }

}  // namespace
}  // namespace risetime::core
