// The file source as a host uses it: tables out of files, resumed at any record, with bad rows kept aside.
#include <random>

#include "test_support.hpp"

namespace risetime::file {
namespace {

using Rows = std::vector<std::string>;

constexpr const char* videos_csv =
    "id,published_at,title,channel_title,tags,length\n"
    "v1,2026-05-01T06:30:00Z,First,Ann,\"a,b\",00:31\n"
    "v2,2026-05-02T06:30:00Z,\"Second, \"\"quoted\"\"\",Bob,,\n";
constexpr const char* both = R"({"platform": "youtube",
    "videos": {"path": "videos.csv", "columns": {"video_id": "id", "duration_s": "length"}},
    "observations": {"path": "obs.tsv", "columns": {"observed_at": "at"}}})";

std::string readings(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i)
    text += "v" + std::to_string(i % 7) + "\t" + std::to_string(1'777'617'000 + i * 3600) + "\t" +
            std::to_string(i * 10) + "\t" + std::to_string(i) + "\n";
  return text;
}
const std::string head = "video_id\tat\tviews\tlikes\n";
constexpr const char* observations = R"({"platform": "youtube",
    "observations": {"path": "obs.tsv", "columns": {"observed_at": "at"}}})";

TEST(FileSource, FillsTablesFromFilesWithMappedColumns) {
  const Folder folder;
  folder.write("videos.csv", videos_csv);
  folder.write("obs.tsv", head + "v1\t1777617000\t1.2K\t\nv1\t1777620600\t1,300\t5\n");
  const auto pulled = Source(folder, both).round();
  EXPECT_EQ(lines_of(pulled, "video"), (Rows{"youtube|v1|Ann|1777617000000000|First|-|[a;b]|-|-|31|-|-",
                                             "youtube|v2|Bob|1777703400000000|Second, \"quoted\"|-|[]|-|-|-|-|-"}));
  EXPECT_EQ(lines_of(pulled, "observation"),
            (Rows{"youtube|v1|1777617000000000|1200|-|-|-|-", "youtube|v1|1777620600000000|1300|5|-|-|-"}));
  EXPECT_TRUE(pulled.rejects.empty());
}

TEST(FileSource, ReadsChannelsAndDefaultsAndLeavesOutWhatIsMappedToNothing) {
  const Folder folder;
  folder.write("c.csv", "user,fans,platform\nann,304.9K,x\nbob,,y\n");
  const auto pulled = Source(folder, R"({"platform": "tiktok", "channels": {"path": "c.csv",
      "columns": {"channel_id": "user", "followers": "fans", "platform": ""},
      "defaults": {"observed_at": "2026-05-01T06:30:00Z"}}})")
                          .round();
  EXPECT_EQ(lines_of(pulled, "channel"),
            (Rows{"tiktok|ann|1777617000000000|ann|304900|-", "tiktok|bob|1777617000000000|bob|-|-"}));
}

TEST(FileSource, ReadsJsonLinesAndArraysWithMembersOfMembers) {
  const Folder folder;
  const std::string one = R"({"id": "v1", "at": "2026-05-01T06:30:00Z", "statistics": {"viewCount": "17"}})";
  const std::string two = R"({"id": "v2", "at": 1777617000, "statistics": {"viewCount": 18}})";
  folder.write("a.jsonl", one + "\n" + two + "\n");
  folder.write("b.json", "[" + one + ",\n" + two + "]");
  const auto pulled = Source(folder, R"({"platform": "p", "observations": {"path": "?.json*",
      "columns": {"video_id": "id", "observed_at": "at", "views": "statistics.viewCount"}}})")
                          .round();
  const Rows rows = {"p|v1|1777617000000000|17|-|-|-|-", "p|v2|1777617000000000|18|-|-|-|-"};
  EXPECT_EQ(lines_of(pulled, "observation"), (Rows{rows[0], rows[1], rows[0], rows[1]}));
}

TEST(FileSource, KeepsBadRowsAsideWithFileLineAndColumnAndGoesOn) {
  const Folder folder;
  folder.write("obs.tsv", head +
                              "v1\t1777617000\t10\t1\nv2\tyesterday\t10\t1\nv3\t1777617000\tmany\t1\nv4\t1777617000\n"
                              "\t1777617000\t1\t1\nv5\t1777617000\t\t\nv\xFF\t1777617000\t1\t1\nv6\t1777617000\t7\t-1\n"
                              "v7\t1777617000\t1\t1\n");
  const auto pulled = Source(folder, observations).round();
  EXPECT_EQ(lines_of(pulled, "observation").size(), 2U);
  Rows said;
  for (const auto& reject : pulled.rejects) said.push_back(reject.where + ": " + reject.reason);
  EXPECT_EQ(said, (Rows{"obs.tsv:3:at: \"yesterday\" is no time (as in 2026-05-01T06:30:00Z, or seconds since 1970)",
                        "obs.tsv:4:views: \"many\" is no count (as in 1234567, 1,234,567 or 1.2M; never negative)",
                        "obs.tsv:5: the row has 2 columns, the header 4", "obs.tsv:6:video_id: this is empty",
                        "obs.tsv:7: there is no count in this row",
                        "obs.tsv:8:video_id: this is not UTF-8; convert the file (iconv -t UTF-8)",
                        "obs.tsv:9:likes: \"-1\" is no count (as in 1234567, 1,234,567 or 1.2M; never negative)"}));
  EXPECT_EQ(pulled.rejects[1].raw, "v3\t1777617000\tmany\t1");
}

TEST(FileSource, GivesTheSameRowsInPullsOfAnySizeAndFromEveryCursor) {
  const Folder folder;
  folder.write("videos.csv", videos_csv);
  folder.write("obs.tsv", head + readings(0, 40) + "bad\n" + readings(40, 60));
  const auto whole = Source(folder, both).round();
  const Rows rows = lines_of(whole, "observation");
  ASSERT_EQ(rows.size(), 60U);
  for (const std::size_t size : {1, 2, 3, 5, 7, 11, 61, 1000}) {
    const auto pulled = Source(folder, both).round(size);
    EXPECT_EQ(lines_of(pulled, "observation"), rows) << size;
    EXPECT_EQ(lines_of(pulled, "video"), lines_of(whole, "video")) << size;
    EXPECT_EQ(pulled.rejects.size(), 1U) << size;
    // A new process at every pull, as after a kill.
    testkit::Pulled again;
    while (Source(folder, both).pull(again, size)) {
    }
    EXPECT_EQ(lines_of(again, "observation"), rows) << size;
    EXPECT_EQ(again.rejects.size(), 1U) << size;
  }
}

TEST(FileSource, ResumesInsideCompressedFilesToo) {
  const Folder folder;
  const std::string text = head + readings(0, 500);
  for (const std::string& packed : {gzip(text), zstd(text), gzip(head + readings(0, 100)) + gzip(readings(100, 500))}) {
    folder.write("obs.tsv", packed);
    const Rows rows = lines_of(Source(folder, observations).round(), "observation");
    ASSERT_EQ(rows.size(), 500U);
    testkit::Pulled again;
    while (Source(folder, observations).pull(again, 37)) {
    }
    EXPECT_EQ(lines_of(again, "observation"), rows);
  }
}

TEST(FileSource, GoesBackToAnOlderCursorWhenTheHostDoes) {
  const Folder folder;
  folder.write("obs.tsv", head + readings(0, 30));
  const Source source(folder, observations);
  testkit::Pulled first;
  ASSERT_TRUE(source.pull(first, 10));
  const std::string kept = first.last_cursor;
  testkit::Pulled lost;
  lost.last_cursor = kept;
  ASSERT_TRUE(source.pull(lost, 10));
  testkit::Pulled again;
  again.last_cursor = kept;
  ASSERT_TRUE(source.pull(again, 10));
  EXPECT_EQ(lines_of(again, "observation"), lines_of(lost, "observation"));
}

TEST(FileSource, HandsOverNothingWhenNothingIsNew) {
  const Folder folder;
  folder.write("obs.tsv", head + readings(0, 30));
  const Source source(folder, observations);
  const auto first = source.round();
  const auto second = source.round(100, first.last_cursor);
  EXPECT_EQ(second.rows("observation"), 0U);
  EXPECT_EQ(second.last_cursor, first.last_cursor);
}

TEST(FileSource, GoesOnWhereAnAppendedFileWasLeft) {
  const Folder folder;
  for (const bool packed : {false, true}) {
    folder.write("obs.tsv", packed ? gzip(head + readings(0, 30)) : head + readings(0, 30));
    const Source source(folder, observations);
    const auto first = source.round();
    ASSERT_EQ(first.rows("observation"), 30U);
    folder.append("obs.tsv", packed ? gzip(readings(30, 50)) : readings(30, 50));
    for (const std::size_t size : {1, 6, 100}) {
      const auto second = source.round(size, first.last_cursor);
      EXPECT_EQ(lines_of(second, "observation").size(), 20U) << size;
      EXPECT_EQ(lines_of(second, "observation").front(), "youtube|v2|1777725000000000|300|30|-|-|-");
    }
  }
}

TEST(FileSource, ReadsAReplacedFileFromItsBeginning) {
  const Folder folder;
  const std::string old = head + readings(0, 30);
  const std::string texts[] = {head + readings(100, 160),                    // longer, another beginning
                               head + readings(0, 29) + readings(500, 530),  // longer, the same beginning
                               head + readings(0, 10),                       // shorter
                               head + readings(0, 29) + readings(30, 31)};   // as long
  for (const std::string& text : texts) {
    folder.write("obs.tsv", old);
    const Source source(folder, observations);
    const auto first = source.round();
    folder.write("obs.tsv", text);
    folder.touch("obs.tsv", 5);
    const auto second = source.round(7, first.last_cursor);
    const Rows rows = lines_of(second, "observation");
    EXPECT_EQ(rows.size() + 1, static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  }
}

TEST(FileSource, HandsALineOverAgainThatWasOnlyHalfWritten) {
  const Folder folder;
  folder.write("obs.tsv", head + "v1\t1777617000\t10\t1\nv1\t1777620600\t2");
  const Source source(folder, observations);
  const auto first = source.round();
  EXPECT_EQ(first.rows("observation"), 1U);
  ASSERT_EQ(first.rejects.size(), 1U);
  folder.append("obs.tsv", "00\t5\nv1\t1777624200\t300\t6");
  const auto second = source.round(100, first.last_cursor);
  EXPECT_EQ(lines_of(second, "observation"),
            (Rows{"youtube|v1|1777620600000000|200|5|-|-|-", "youtube|v1|1777624200000000|300|6|-|-|-"}));
  folder.append("obs.tsv", "\n");  // the end of the last line says nothing new
  EXPECT_EQ(source.round(100, second.last_cursor).rows("observation"), 0U);
}

TEST(FileSource, ReadsAgainWhenTheSettingsChange) {
  const Folder folder;
  folder.write("obs.tsv", "video_id\tat\tviews\tother\nv1\t1777617000\t10\t99\n");
  const auto first = Source(folder, observations).round();
  const auto second = Source(folder, R"({"platform": "youtube", "observations": {"path": "obs.tsv",
      "columns": {"observed_at": "at", "views": "other"}}})")
                          .round(10, first.last_cursor);
  EXPECT_EQ(lines_of(second, "observation"), (Rows{"youtube|v1|1777617000000000|99|-|-|-|-"}));
}

TEST(FileSource, DeliversWhatCameBeforeDamageReportsItAndReadsTheOtherFiles) {
  const Folder folder;
  const std::string packed = gzip(head + readings(0, 3000));
  folder.write("obs-1.gz", packed.substr(0, packed.size() / 2));
  folder.write("obs-2.gz", gzip(head + readings(5000, 5010)));
  const Source source(folder, R"({"platform": "youtube",
      "observations": {"path": "obs-*.gz", "columns": {"observed_at": "at"}}})");
  const auto first = source.round(100);
  EXPECT_GT(first.rows("observation"), 500U);
  EXPECT_EQ(lines_of(first, "observation").back(), "youtube|v4|1795649400000000|50090|5009|-|-|-");
  ASSERT_EQ(first.failures.size(), 1U);
  EXPECT_EQ(first.failures[0].first, "file:obs-1.gz");
  EXPECT_EQ(first.failures[0].second.where(), "obs-1.gz:byte " + std::to_string(packed.size() / 2));
  const auto second = source.round(100, first.last_cursor);
  EXPECT_EQ(second.rows("observation"), 0U);
  EXPECT_EQ(second.failures.size(), 1U);  // still broken: told again, not read again
  folder.write("obs-1.gz", packed);
  const auto third = source.round(100, second.last_cursor);
  EXPECT_EQ(third.failures.size(), 0U);
  EXPECT_EQ(third.rows("observation") + first.rows("observation"), 3010U);
}

TEST(FileSource, LetsOneFileOfManyFailAloneAndAllOfThemStopTheRound) {
  const Folder folder;
  folder.write("o-1.csv", "");
  folder.write("o-2.csv", "video_id,observed_at,views\nv1,2026-05-01,5\n");
  folder.write("o-3.csv", "video_id,views\nv1,5\n");
  folder.write("o-4.csv", "video_id,observed_at,views\nv2,2026-05-01,5\nv3,2026-05-01,\"6\n");
  const Source source(folder, R"({"platform": "p", "observations": {"path": "o-*.csv"}})");
  const auto first = source.round();
  EXPECT_EQ(first.rows("observation"), 2U);
  ASSERT_EQ(first.failures.size(), 2U);
  EXPECT_EQ(first.failures[0].first, "file:o-1.csv");
  EXPECT_EQ(first.failures[1].second.where(), "o-3.csv");
  ASSERT_EQ(first.rejects.size(), 1U);
  EXPECT_EQ(first.rejects[0].where, "o-4.csv:3:views");
  EXPECT_EQ(source.round(10, first.last_cursor).failures.size(), 2U);
  folder.write("o-1.csv", "video_id,observed_at,views\nv4,2026-05-01,5\n");
  EXPECT_EQ(source.round(10, first.last_cursor).rows("observation"), 1U);
  for (const char* name : {"o-1.csv", "o-2.csv", "o-4.csv"}) folder.write(name, "x\n1\n");
  EXPECT_THROW(Source(folder, R"({"platform": "p", "observations": {"path": "o-*.csv"}})").round(), Error);
}

TEST(FileSource, ReadsAColumnADayAsRunningTotalsOrIncrements) {
  const Folder folder;
  folder.write("w.csv", "video_id,born,day_1,day_2,day_3\nv1,2026-05-01,5,,7\nv2,2026-05-01,1,x,2\n");
  const auto config = [](const char* increments) {
    return std::string(R"({"platform": "p", "observations": {"path": "w.csv", "columns": {"observed_at": "born"},
        "wide": {"columns": "day_*", "step": "1d", "increments": )") +
           increments + "}}}";
  };
  const auto totals = Source(folder, config("false")).round();
  EXPECT_EQ(lines_of(totals, "observation"),
            (Rows{"p|v1|1777680000000000|5|-|-|-|-", "p|v1|1777852800000000|7|-|-|-|-",
                  "p|v2|1777680000000000|1|-|-|-|-", "p|v2|1777852800000000|2|-|-|-|-"}));
  ASSERT_EQ(totals.rejects.size(), 1U);
  EXPECT_EQ(totals.rejects[0].where, "w.csv:3:day_2");
  const auto increments = Source(folder, config("true")).round();
  EXPECT_EQ(
      lines_of(increments, "observation"),
      (Rows{"p|v1|1777680000000000|5|-|-|-|-", "p|v1|1777852800000000|12|-|-|-|-", "p|v2|1777680000000000|1|-|-|-|-"}));
}

TEST(FileSource, ReadsAListInACellWithoutAHeader) {
  const Folder folder;
  folder.write("w.tsv", "v1\tNews\t1 2.0  3\t9 9\nv2\tNews\t4 x\t9\n");
  const auto pulled = Source(folder, R"({"platform": "p",
      "videos": {"path": "w.tsv", "header": ["video_id", "category", "daily", "other"],
                 "defaults": {"published_at": "2026-05-01"}},
      "observations": {"path": "w.tsv", "header": ["video_id", "category", "daily", "other"],
                 "defaults": {"observed_at": "2026-05-01"},
                 "wide": {"columns": "daily", "separator": " ", "step": "1d", "increments": true, "stat": "likes"}}})")
                          .round();
  EXPECT_EQ(pulled.rows("video"), 2U);
  EXPECT_EQ(lines_of(pulled, "observation"),
            (Rows{"p|v1|1777680000000000|-|1|-|-|-", "p|v1|1777766400000000|-|3|-|-|-",
                  "p|v1|1777852800000000|-|6|-|-|-", "p|v2|1777680000000000|-|4|-|-|-"}));
  ASSERT_EQ(pulled.rejects.size(), 1U);
  EXPECT_EQ(pulled.rejects[0].reason,
            "reading 2, \"x\" is no count; the readings behind it are left out, as their totals need it");
}

TEST(FileSource, ReadsColumnsNamedByTheirTimesAndListsInJson) {
  const Folder folder;
  folder.write("w.csv", "video_id,d2026-05-01,d2026-05-02\nv1,5,6\n");
  const Rows rows = {"p|v1|1777593600000000|5|-|-|-|-", "p|v1|1777680000000000|6|-|-|-|-"};
  EXPECT_EQ(lines_of(Source(folder, R"({"platform": "p", "observations": {"path": "w.csv",
      "wide": {"columns": "d*"}}})")
                         .round(),
                     "observation"),
            rows);
  folder.write("w.jsonl", "{\"video_id\": \"v1\", \"born\": \"2026-05-01\", \"daily\": [5, 6]}\n");
  EXPECT_EQ(lines_of(Source(folder, R"({"platform": "p", "observations": {"path": "w.jsonl",
      "columns": {"observed_at": "born"}, "wide": {"columns": "daily", "step": "1d", "first": "0s"}}})")
                         .round(),
                     "observation"),
            rows);
}

TEST(FileSource, NamesTheFileItsColumnsAndTheNearestOneWhenOneIsMissing) {
  const Folder folder;
  folder.write("obs.tsv", head + readings(0, 3));
  const auto error = [&](const std::string& config) { return error_of([&] { Source(folder, config).round(); }); };
  EXPECT_EQ(error(R"({"platform": "p", "observations": {"path": "obs.tsv"}})"),
            "obs.tsv: there is no column \"observed_at\", which observations need; if the file calls it otherwise, say "
            "observations.columns = { observed_at = \"its name\" } Its columns: video_id, at, views, likes");
  EXPECT_EQ(
      error(
          R"({"platform": "p", "observations": {"path": "obs.tsv", "columns": {"observed_at": "at", "views": "view"}}})"),
      "obs.tsv: there is no column \"view\", which observations.columns.views names. Did you mean \"views\"? Its "
      "columns: video_id, at, views, likes");
  EXPECT_EQ(
      error(R"({"platform": "p", "observations": {"path": "ops.tsv"}})"),
      "observations.path: there is no file \"ops.tsv\" (" + folder.path() + "/ops.tsv). Did you mean \"obs.tsv\"?");
  EXPECT_EQ(error(R"({"observations": {"path": "obs.tsv", "columns": {"observed_at": "at"}}})"),
            "platform: say which platform the videos are of, as in platform = \"youtube\": obs.tsv has no such column");
  EXPECT_EQ(error(R"({"platform": "p", "observations": {"path": "obs.tsv", "columns": {"observedat": "at"}}})"),
            "observations.columns.observedat: our table has no such column (write ours = \"theirs\"). Did you mean "
            "\"observed_at\"? It has: platform, video_id, observed_at, views, likes, comments, shares, viewers");
  EXPECT_EQ(error(R"({"timezone": "Hanoi", "observations": {"path": "obs.tsv"}})"),
            "timezone: \"Hanoi\" is no zone: write \"UTC\" or as in \"+07:00\"");
  EXPECT_EQ(error("{}").substr(0, 16), "say what to read");
}

TEST(FileSource, TellsMissingColumnsBeforeItHandsOverAnything) {
  const Folder folder;
  folder.write("videos.csv", videos_csv);
  folder.write("obs.tsv", "x,y\n1,2\n");
  const Source source(folder, both);
  testkit::Pulled pulled;
  EXPECT_THROW(source.pull(pulled, 1), Error);
  EXPECT_EQ(pulled.rows("video"), 0U);
}

TEST(FileSource, TakesThumbnailsByTheNamesOfTheirFilesOnceAndAgainWhenTheyChange) {
  const Folder folder;
  const std::string jpeg = "\xFF\xD8\xFF\xE0 picture", png = "\x89PNG\r\n\x1A\n picture";
  folder.write("pics/a/v1___Some title.jpg", jpeg);
  folder.write("pics/b/v_2___x___y.png", png);
  folder.write("pics/b/v3___broken.jpg", "not a picture");
  folder.write("pics/b/unnamed.jpg", jpeg);
  folder.write("pics/b/notes.txt", "hello");
  folder.write("pics/b/.hidden___x.jpg", jpeg);
  const Source source(folder, R"({"platform": "p", "thumbnails": {"path": "pics/*", "name": "{video_id}___*"}})");
  const auto first = source.round(1);
  ASSERT_EQ(first.rows("thumbnail"), 2U);
  const Batch& one = first.tables.at("thumbnail")[0];
  EXPECT_EQ(one.column("video_id", Type::utf8).text(0), "v1");
  EXPECT_EQ(one.column("mime", Type::utf8).text(0), "image/jpeg");
  EXPECT_EQ(one.column("bytes", Type::binary).text(0), jpeg);
  EXPECT_EQ(first.tables.at("thumbnail")[1].column("video_id", Type::utf8).text(0), "v_2");
  Rows said;
  for (const auto& reject : first.rejects) said.push_back(reject.where);
  EXPECT_EQ(said, (Rows{"pics/b/unnamed.jpg", "pics/b/v3___broken.jpg"}));
  const auto second = source.round(10, first.last_cursor);
  EXPECT_EQ(second.rows("thumbnail"), 0U);
  EXPECT_TRUE(second.rejects.empty());
  folder.write("pics/a/v0___new.jpg", jpeg);
  folder.touch("pics/a/v0___new.jpg", 5);
  const auto third = source.round(10, second.last_cursor);
  EXPECT_EQ(lines_of(third, "thumbnail").at(0).substr(0, 5), "p|v0|");
}

TEST(FileSource, RefusesACursorThatIsNotItsOwn) {
  const Folder folder;
  folder.write("obs.tsv", head);
  for (const char* cursor : {"nonsense", "{\"version\": 99}", "[]"})
    EXPECT_THROW(Source(folder, observations).round(10, cursor), Error) << cursor;
}

TEST(FileSource, StopsOnRequest) {
  const Folder folder;
  folder.write("obs.tsv", head + readings(0, 10'000));
  Source source(folder, observations);
  source.host().cancel();
  EXPECT_THROW(source.round(), Error);
}

}  // namespace
}  // namespace risetime::file
