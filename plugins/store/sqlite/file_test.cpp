// The file: what it refuses with which sentence, several users at once, and that people can read it.
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "fixture.hpp"

namespace risetime::sqlite {
namespace {

// What the sqlite3 command would print: rows of values, "|" between.
std::vector<std::string> query(const std::string& file, const std::string& sql) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  std::vector<std::string> rows;
  char* message = nullptr;
  sqlite3_exec(
      database, sql.c_str(),
      [](void* to, int count, char** values, char**) {
        std::string line;
        for (int i = 0; i < count; ++i) line += (i > 0 ? "|" : "") + std::string(values[i] != nullptr ? values[i] : "");
        static_cast<std::vector<std::string>*>(to)->push_back(line);
        return 0;
      },
      &rows, &message);
  EXPECT_EQ(message, nullptr) << message;
  sqlite3_free(message);
  sqlite3_close(database);
  return rows;
}

std::string make_database(const TemporaryFolder& folder) {
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] { store->write("observation", batch_of({reading("a", 1'388'620'800'000'000, 10)})); });
  return folder.file();
}

TEST(SqliteFile, PeopleReadTheTablesUnderTheirNamesWithTimesAsText) {
  const TemporaryFolder folder;
  const std::string file = make_database(folder);
  {
    Opened store(folder.path());
    transact(*store.store, [&] { store->write("observation", batch_of({reading("b", -1), reading("b", 1'500'000)})); });
    store->define(tables::video());
    BatchBuilder rows(tables::video().fields);
    Video video;
    video.platform = "test";
    video.video_id = "a";
    video.tags = {"one", "two"};
    append(rows, video);
    const Batch batch = rows.finish();
    transact(*store.store, [&] { store->write("video", batch); });
    store.artifacts->put("m", "model", R"({"plugin":"ridge"})", "12345");
  }
  EXPECT_EQ(query(file, "SELECT video_id, observed_at, views FROM observation ORDER BY video_id, observed_at"),
            (std::vector<std::string>{"a|2014-01-02T00:00:00Z|10", "b|1969-12-31T23:59:59.999999Z|",
                                      "b|1970-01-01T00:00:01.500000Z|"}));
  EXPECT_EQ(query(file, "SELECT count(*) FROM observation WHERE observed_at >= '2014'"),
            (std::vector<std::string>{"1"}));
  EXPECT_EQ(query(file, "SELECT value FROM video, json_each(video.tags)"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(query(file, "SELECT * FROM artifact"), (std::vector<std::string>{R"(m|model|5|{"plugin":"ridge"})"}));
}

TEST(SqliteFile, MakingAnInstanceTouchesNoFile) {
  const TemporaryFolder folder;
  const Opened store(folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder.file()));
}

TEST(SqliteFile, AFileThatIsNoDatabaseIsRefusedAndLeftAsItIs) {
  const TemporaryFolder folder;
  const std::string text = "video_id,views\n" + std::string(2000, 'x');
  std::ofstream(folder.file("list.csv")) << text;
  Opened store(folder.path(), R"({"path": ")" + folder.file("list.csv") + R"("})");
  const auto error = error_of([&] { store->define(tables::observation()); });
  EXPECT_EQ(error.code(), Code::config);
  EXPECT_EQ(error.where(), folder.file("list.csv"));
  EXPECT_NE(error.message().find("is not an SQLite database: set `path`"), std::string::npos);
  std::ifstream left(folder.file("list.csv"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(left), {}), text);
}

TEST(SqliteFile, TheDatabaseOfAnotherProgramIsRefused) {
  const TemporaryFolder folder;
  query(folder.file("other.db"), "CREATE TABLE theirs(x)");
  Opened store(folder.path(), R"({"path": ")" + folder.file("other.db") + R"("})");
  EXPECT_NE(error_of([&] { store->begin(); }).message().find("of another program"), std::string::npos);
}

TEST(SqliteFile, ANewerLayoutIsRefusedWithBothNumbers) {
  const TemporaryFolder folder;
  const std::string file = make_database(folder);
  query(file, "PRAGMA user_version = 7");
  Opened store(folder.path());
  const auto error = error_of([&] { store->scan({"observation"}); });
  EXPECT_EQ(error.code(), Code::unsupported);
  EXPECT_NE(error.message().find("layout version 7, this plugin knows versions up to 1"), std::string::npos);
}

TEST(SqliteFile, ADamagedFileIsNamedWithAWayOut) {
  const TemporaryFolder folder;
  const std::string file = make_database(folder);
  {
    std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 1; page < 8; ++page) damage.seekp(page * 8192).write("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
  }
  Opened store(folder.path());
  const auto error = error_of([&] { rows_of(*store.store, {"observation"}); });
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_NE(error.message().find("is damaged"), std::string::npos);
}

TEST(SqliteFile, AFolderThatCannotBeMadeIsNamed) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("data")) << "a file where the folder should be";
  Opened store(folder.path());
  const auto error = error_of([&] { store->begin(); });
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_NE(error.message().find(folder.file("data")), std::string::npos);
}

TEST(SqliteFile, ASecondWriterWaitsAndThenSaysWhatToDo) {
  const TemporaryFolder folder;
  Opened one(folder.path()), two(folder.path());
  one->define(tables::observation());
  one->begin();
  const auto error = error_of([&] { two->begin(); });
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_GE(error.retry_after_ms(), 0);
  EXPECT_NE(error.message().find("locked for 100ms"), std::string::npos);
  one->commit();
  two->begin();
  two->commit();
}

TEST(SqliteFile, WaitingForAnotherWriterEndsWhenTheHostStops) {
  const TemporaryFolder folder;
  Opened one(folder.path()), two(folder.path(), R"({"busy_timeout": "1h"})");
  one->define(tables::observation());
  two->define(tables::observation());
  one->begin();
  two.host.cancel();
  EXPECT_EQ(error_of([&] { two->begin(); }).code(), Code::cancelled);
}

TEST(SqliteFile, AReaderInAnotherThreadSeesOnlyWholeTransactions) {
  const TemporaryFolder folder;
  Opened writer(folder.path());
  writer->define(tables::observation());
  std::atomic<bool> done{false};
  std::string trouble;
  std::thread other([&] {
    try {
      Opened reader(folder.path());
      while (!done.load()) {
        const auto rows = rows_of(*reader.store, {"observation", {"video_id"}, {}, 50}).size();
        if (rows % 100 != 0) trouble = "saw " + std::to_string(rows) + " rows";
      }
    } catch (const std::exception& error) {
      trouble = error.what();
    }
  });
  for (int round = 0; round < 40; ++round) {
    transact(*writer.store, [&] {
      for (int part = 0; part < 2; ++part) {
        std::vector<Observation> rows;
        for (int i = 0; i < 50; ++i) rows.push_back(reading("v" + std::to_string(i), round * 2 + part));
        writer->write("observation", batch_of(rows));
      }
    });
  }
  done.store(true);
  other.join();
  EXPECT_EQ(trouble, "");
  EXPECT_EQ(rows_of(*writer.store, {"observation"}).size(), 4000U);
}

TEST(SqliteFile, ManyThatOpenANewFileAtOnceAgreeOnIt) {
  const TemporaryFolder folder;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      try {
        Opened store(folder.path(), R"({"busy_timeout": "30s"})");
        store->define(tables::observation());
        transact(*store.store, [&] { store->write("observation", batch_of({reading("v" + std::to_string(i), i)})); });
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
        ++failures;
      }
    });
  for (std::thread& thread : threads) thread.join();
  Opened store(folder.path());
  EXPECT_EQ(rows_of(*store.store, {"observation"}).size(), 4U);
}

// Runs body in a child process and gives back what it writes to the string it is handed.
template <class Body>
std::string in_child(const Body& body) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::string answer;
    try {
      answer = body();
    } catch (const std::exception& error) {
      answer = std::string("unexpected: ") + error.what();
    }
    const auto written = write(ends[1], answer.data(), answer.size());
    _exit(written < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return answer;
}

TEST(SqliteFile, AReadOnlyFileCanBeReadAndSaysWhyItCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string file = make_database(folder);
  std::filesystem::permissions(folder.path(), static_cast<std::filesystem::perms>(0777));
  std::filesystem::permissions(folder.file("data"), static_cast<std::filesystem::perms>(0777));
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(0444));
  const std::string answer = in_child([&]() -> std::string {
    if (geteuid() == 0 && seteuid(65534) != 0) return "cannot drop root's rights";
    Opened store(folder.path());
    store->define(tables::observation());  // as it is: nothing to write
    if (rows_of(*store.store, {"observation"}).size() != 1) return "did not read";
    store->begin();
    return "could write";
  });
  EXPECT_NE(answer.find("the file or its folder is read-only"), std::string::npos) << answer;
  EXPECT_NE(answer.find(file), std::string::npos) << answer;
}

TEST(SqliteFile, AFullDiskIsSaidAndLeavesTheRowsOfBefore) {
  const TemporaryFolder folder;
  const std::string answer = in_child([&]() -> std::string {
    // A file system of 4 MiB of our own, where the system lets us make one.
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=4m") != 0)
      return "skip";
    Opened store(folder.path());
    store->define(tables::observation());
    transact(*store.store, [&] { store->write("observation", batch_of({reading("kept", 1)})); });
    std::string said = "nothing";
    store->begin();
    try {
      store.artifacts->put("large", "model", "{}", std::string(8U << 20U, 'x'));
      store->commit();
    } catch (const Error& error) {
      said = error.what();
      store->rollback();
    }
    if (rows_of(*store.store, {"observation", {"video_id"}}) != std::vector<std::string>{"kept"}) return "lost rows";
    transact(*store.store, [&] { store->write("observation", batch_of({reading("after", 1)})); });
    return said;
  });
  if (answer == "skip") GTEST_SKIP() << "this system lets the test mount no file system of its own";
  EXPECT_NE(answer.find("the disk is full: free some space"), std::string::npos) << answer;
}

// All bytes of the files beside the database.
std::string bytes_in(const TemporaryFolder& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

TEST(SqliteFile, WhatWasErasedIsInNoByteAfterAPurge) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  const Table table{"seen", {utf8_field("room"), utf8_field("person")}, {"room", "person"}};
  store->define(table);
  const auto write = [&](int from, int to) {
    BatchBuilder rows(table.fields);
    for (int i = from; i < to; ++i) {
      rows[0].add_text("room " + std::to_string(i % 7));
      rows[1].add_text(i % 50 == 0 ? "somebody-" + std::to_string(i) : "other-" + std::to_string(i));
    }
    transact(*store.store, [&] { store->write("seen", rows.finish()); });
  };
  for (int from = 0; from < 10'000; from += 1000) write(from, from + 1000);
  transact(*store.store, [&] { store->put("note", "somebody-else"); });
  transact(*store.store, [&] { store->put("note", "nobody"); });
  ASSERT_NE(bytes_in(folder).find("somebody-50"), std::string::npos);
  transact(*store.store, [&] {
    for (int i = 0; i < 10'000; i += 50)
      store->erase({"seen", {}, {Filter::equals("person", "somebody-" + std::to_string(i))}});
  });
  ASSERT_TRUE(store->can_purge());
  store->purge();
  EXPECT_EQ(bytes_in(folder).find("somebody-"), std::string::npos);
  EXPECT_NE(bytes_in(folder).find("other-51"), std::string::npos);
  EXPECT_EQ(rows_of(*store.store, {"seen"}).size(), 9800U);
  write(10'000, 10'010);  // goes on
  EXPECT_EQ(rows_of(*store.store, {"seen"}).size(), 9810U);
}

TEST(SqliteFile, APurgeSaysWhenAReaderKeepsOldBytesAlive) {
  const TemporaryFolder folder;
  Opened store(folder.path());
  store->define(tables::observation());
  transact(*store.store, [&] { store->write("observation", batch_of({reading("a", 1), reading("b", 1)})); });
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(folder.file().c_str(), &reader), SQLITE_OK);
  sqlite3_exec(reader, "BEGIN; SELECT * FROM risetime_value", nullptr, nullptr, nullptr);
  transact(*store.store, [&] { store->erase({"observation", {}, {Filter::equals("video_id", "a")}}); });
  const auto error = error_of([&] { store->purge(); });
  EXPECT_EQ(error.code(), Code::io);
  EXPECT_NE(std::string(error.what()).find("another process still reads"), std::string::npos) << error.what();
  sqlite3_close(reader);
  store->purge();
  store->begin();
  EXPECT_EQ(error_of([&] { store->purge(); }).code(), Code::state);
  store->rollback();
}

TEST(SqliteFile, WrongSettingsAreNamed) {
  const TemporaryFolder folder;
  const auto error = error_of([&] { Opened store(folder.path(), R"({"synchronous": "off"})"); });
  EXPECT_EQ(error.code(), Code::config);
  EXPECT_EQ(error.where(), "synchronous");
}

}  // namespace
}  // namespace risetime::sqlite
