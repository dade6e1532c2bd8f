// kill -9 at random moments: rows and cursor agree exactly, whatever was going on.
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "fixture.hpp"

namespace risetime::sqlite {
namespace {

constexpr int kills = 60;

std::int64_t batch_rows(std::int64_t number) { return 1 + number * 7919 % 400; }

// One transaction after another: batch N has its own rows, and the cursor says N + 1 afterwards.
[[noreturn]] void collect_until_killed(const std::string& folder) {
  Opened store(folder, R"({"busy_timeout": "10s"})");
  store->define(tables::observation());
  std::int64_t next = std::stoll(store->get("cursor").value_or("0"));
  for (;; ++next) {
    std::vector<Observation> rows;
    for (std::int64_t i = 0; i < batch_rows(next); ++i)
      rows.push_back(reading("v" + std::to_string(i % 37), next * 1000 + i, next));
    store->begin();
    store->write("observation", batch_of(rows));
    store->put("cursor", std::to_string(next + 1));
    if (next % 5 == 0)
      store.artifacts->put("last", "model", "{}", std::string(static_cast<std::size_t>(next) * 100, 'm'));
    store->commit();
  }
}

void expect_rows_and_cursor_agree(const std::string& folder, std::int64_t& batches) {
  Opened store(folder);
  store->define(tables::observation());
  batches = std::stoll(store->get("cursor").value_or("0"));
  std::vector<std::int64_t> count(static_cast<std::size_t>(batches), 0);
  const auto reader = store->scan({"observation", {"views"}});
  while (const auto batch = reader->next())
    for (const std::int64_t number : batch->column(0).int64s()) {
      ASSERT_LT(number, batches) << "a row beyond the cursor";
      ++count[static_cast<std::size_t>(number)];
    }
  for (std::int64_t number = 0; number < batches; ++number)
    ASSERT_EQ(count[static_cast<std::size_t>(number)], batch_rows(number)) << "batch " << number << " of " << batches;
  const std::int64_t last_artifact = batches == 0 ? -1 : (batches - 1) / 5 * 5;
  const auto artifact = store.artifacts->get("last");
  ASSERT_EQ(artifact ? static_cast<std::int64_t>(artifact->bytes.size()) : -1,
            last_artifact < 0 ? -1 : last_artifact * 100);
}

std::string integrity(const std::string& file) {
  sqlite3* database = nullptr;
  sqlite3_open(file.c_str(), &database);
  std::string answer;
  sqlite3_exec(
      database, "PRAGMA integrity_check",
      [](void* to, int, char** values, char**) { return *static_cast<std::string*>(to) += values[0], 0; }, &answer,
      nullptr);
  sqlite3_close(database);
  return answer;
}

TEST(SqliteCrash, KillAtAnyMomentLeavesRowsAndCursorInAgreement) {
  const TemporaryFolder folder;
  std::mt19937 random(20260501);
  std::int64_t batches = 0;
  for (int round = 0; round < kills; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        collect_until_killed(folder.path());
      } catch (...) {
        _exit(3);
      }
    }
    // From before the file exists to many transactions in.
    const unsigned window_us[] = {6'000, 40'000, 120'000};
    usleep(static_cast<useconds_t>(random() % window_us[round % 3]));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself, status " << WEXITSTATUS(status);
    ASSERT_NO_FATAL_FAILURE(expect_rows_and_cursor_agree(folder.path(), batches)) << "after kill " << round;
  }
  EXPECT_GT(batches, 20) << "too few transactions for the test to mean anything";
  EXPECT_EQ(integrity(folder.file()), "ok");
}

}  // namespace
}  // namespace risetime::sqlite
