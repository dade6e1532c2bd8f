// The source over exported files: each form, faults, resuming, and files that come again.
#include <risetime/error.hpp>
#include <sstream>

#include "export_reader.hpp"
#include "test_rows.hpp"

namespace risetime::tiktok {
namespace {

using testkit::FakeHost;
using testkit::Pulled;

struct Stand {
  Stand() { host.set_folder(folder.path()); }
  Pulled pull(const std::string& settings, std::size_t max_rows = 10000, const std::string& cursor = "") {
    const auto plugin = host.load(risetime_plugin_v1(), "tiktok", "{" + settings + "}");
    return testkit::pull_all(*plugin, max_rows, cursor);
  }
  TestFolder folder;
  FakeHost host;
};

const std::string scrape_header =
    "user_name,user_nfollower,vid_id,vid_caption,vid_postTime,vid_scrapeTime,vid_duration,vid_nview,vid_nlike,"
    "vid_ncomment,vid_nshare,vid_nsave,vid_hashtags,vid_url,music_id,music_title,music_nused,music_authorName,"
    "music_originality\n";
std::string scrape_row(int number, const std::string& views) {
  return "paper,304.9K," + video_id(number) + ",\"a \"\"crane\"\",\nfolded\",2025-12-30 00:0" + std::to_string(number) +
         ":00,2026-01-01 09:00:00,00:31," + views +
         ",21.9K,454,742,1098,\"paper, crane\",https://www.tiktok.com/@paper/video/" + video_id(number) +
         ",7.5e+18,hum,302 videos,me,True\n";
}

TEST(TiktokExport, AScrapeIsReadWithItsAbbreviatedCounts) {
  Stand stand;
  stand.folder.write("scrape.csv", scrape_header + scrape_row(1, "541.2K"));
  const Pulled pulled = stand.pull(R"("exports":["scrape.csv"],"timezone":"+07:00")");
  ASSERT_TRUE(pulled.failures.empty() && pulled.rejects.empty());
  EXPECT_EQ(texts(pulled, "video", "title"), Texts{"a \"crane\",\nfolded"});
  EXPECT_EQ(numbers(pulled, "video", "published_at"), Numbers{std::int64_t{1'767'052'860} * second});  // by the id
  EXPECT_EQ(texts(pulled, "video", "extra"),
            Texts{R"({"music":{"author":"me","original":true,"title":"hum","videos":302},"saves":1098,"url":)"
                  R"("https://www.tiktok.com/@paper/video/)" +
                  video_id(1) + "\"}"});
  EXPECT_EQ(numbers(pulled, "observation", "views"), Numbers{541'200});
  EXPECT_EQ(numbers(pulled, "observation", "likes"), Numbers{21'900});
  EXPECT_EQ(numbers(pulled, "observation", "observed_at"), Numbers{new_year + 2 * 3600 * second});  // 09:00 in +07:00
  EXPECT_EQ(numbers(pulled, "channel", "followers"), Numbers{304'900});
  EXPECT_EQ(stand.host.announced, Texts{"tiktok:export/scrape.csv"});
  EXPECT_EQ(stand.host.done, Texts{"tiktok:export/scrape.csv"});
}

TEST(TiktokExport, AllFormsOfAnExportSayTheSame) {
  const std::string one = item("paper", 1, 10), two = item("paper", 2, 20);
  const std::string csv =
      "id,text,createTimeISO,authorMeta/name,authorMeta/fans,playCount,diggCount,hashtags/0/name,hashtags/1/name\r\n";
  const auto row = [](int number, const char* views) {
    return video_id(number) + ",t,2025-12-30T00:01:00.000Z,paper,1200," + views + ",12,paper,\r\n";
  };
  for (const std::string& text : {"[" + one + "," + two + "]", "\xEF\xBB\xBF[\n" + one + ",\n" + two + "\n]\n",
                                  one + "\n" + two + "\n", one + "\r\n\n" + two, csv + row(1, "10") + row(2, "20"),
                                  csv + row(1, "\"10\"") + "\r\n" + row(2, "20").substr(0, row(2, "20").size() - 2)}) {
    Stand stand;
    stand.folder.write("x", text);
    const Pulled pulled = stand.pull(R"("exports":["x"])");
    EXPECT_TRUE(pulled.failures.empty() && pulled.rejects.empty()) << text.substr(0, 40);
    EXPECT_EQ(numbers(pulled, "observation", "views"), (Numbers{10, 20})) << text.substr(0, 40);
    EXPECT_EQ(texts(pulled, "video", "channel_id"), (Texts{"paper", "paper"}));
    EXPECT_EQ(numbers(pulled, "channel", "followers"), Numbers{1200});  // once for a time
  }
}

TEST(TiktokExport, TheTimeOfAReadingIsTheRowsElseTheNamesElseTheSettingsElseTheFiles) {
  Stand stand;
  const std::string name = "dataset_tiktok-scraper_2025-12-31_15-38-41-123.json";
  stand.folder.write(name, "[" + item("paper", 1, 10) + "]", 60);
  stand.folder.write("plain.json", "[" + item("paper", 1, 10) + "]", 60);
  EXPECT_EQ(numbers(stand.pull(R"("exports":["dataset*"],"exported_at":"2026-01-01T05:00:00Z")"), "observation",
                    "observed_at"),
            Numbers{new_year - (8 * 3600 + 21 * 60 + 19) * second});
  EXPECT_EQ(numbers(stand.pull(R"("exports":["plain.json"])"), "observation", "observed_at"),
            Numbers{new_year + 60 * second});
  Stand set;
  set.folder.write("plain.json", "[" + item("paper", 1, 10) + "]", 60);
  EXPECT_EQ(numbers(set.pull(R"("exports":["plain.json"],"exported_at":"2026-01-01T05:00:00Z")"), "observation",
                    "observed_at"),
            Numbers{new_year + 5 * 3600 * second});
}

TEST(TiktokExport, AFileIsReadAgainOnlyWhereItChanged) {
  Stand stand;
  const std::string settings = R"("exports":["x.json"])";
  stand.folder.write("x.json", "[" + item("paper", 1, 10) + "]", 60);
  EXPECT_EQ(stand.pull(settings).rows("observation"), 1U);
  EXPECT_EQ(stand.pull(settings).rows("observation"), 0U);
  stand.folder.write("x.json", "[" + item("paper", 1, 30) + "]", 3600);
  const Pulled again = stand.pull(settings);
  EXPECT_EQ(numbers(again, "observation", "views"), Numbers{30});
  EXPECT_EQ(numbers(again, "observation", "observed_at"), Numbers{new_year + 3600 * second});
  EXPECT_EQ(stand.host.done.size(), 3U);  // each time
}

TEST(TiktokExport, GoesOnInTheMiddleOfAFileAndReadsEachRowOnce) {
  std::string json = "[", csv = scrape_header, lines;
  for (int i = 1; i <= 9; ++i) {
    json += (i == 1 ? "" : ",") + item("a" + std::to_string(i), i, i);
    lines += item("a" + std::to_string(i), i, i) + "\n";
    csv += scrape_row(i, std::to_string(i));
  }
  for (const std::string& text : {json + "]", lines, csv}) {
    Stand stand;
    stand.folder.write("x", text);
    // A new object for each pull, as after kills.
    Pulled all;
    int pulls = 0;
    for (bool more = true; more; ++pulls) {
      const auto plugin = stand.host.load(risetime_plugin_v1(), "tiktok", R"({"exports":["x"]})");
      client::Source source(*plugin);
      const std::string from = all.last_cursor;
      more = source.pull(from, 4, all);
    }
    EXPECT_GT(pulls, 3);
    EXPECT_EQ(numbers(all, "observation", "views"), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9})) << text.substr(0, 20);
    EXPECT_TRUE(all.rejects.empty());
  }
}

TEST(TiktokExport, AFileThatChangedWhileItWasReadIsReadFromItsBeginning) {
  Stand stand;
  stand.folder.write("x", item("a", 1, 1) + "\n" + item("b", 2, 2) + "\n", 1);
  const auto plugin = stand.host.load(risetime_plugin_v1(), "tiktok", R"({"exports":["x"]})");
  client::Source source(*plugin);
  Pulled first;
  EXPECT_TRUE(source.pull("", 3, first));
  stand.folder.write("x", item("c", 3, 3) + "\n", 2);
  EXPECT_EQ(numbers(stand.pull(R"("exports":["x"])", 1000, first.last_cursor), "observation", "views"), Numbers{3});
}

TEST(TiktokExport, ABadRowIsSetAsideWithItsLineAndTheOthersGoOn) {
  Stand stand;
  stand.folder.write("x.csv", scrape_header + scrape_row(1, "many") + "too,short\n" + scrape_row(2, "5") +
                                  "\"open\"x,\n" + scrape_row(3, "7"));
  const Pulled csv = stand.pull(R"("exports":["x.csv"])");
  EXPECT_EQ(numbers(csv, "observation", "views"), (Numbers{5, 7}));
  ASSERT_EQ(csv.rejects.size(), 3U);
  EXPECT_EQ(csv.rejects[0].where, stand.folder.path("x.csv:2"));
  EXPECT_EQ(csv.rejects[0].reason, "views: \"many\" is no count");
  EXPECT_EQ(csv.rejects[0].raw + "\n", scrape_row(1, "many"));
  EXPECT_EQ(csv.rejects[1].where, stand.folder.path("x.csv:4"));
  EXPECT_EQ(csv.rejects[1].reason, "it has 2 columns, the header has 19");
  EXPECT_EQ(csv.rejects[2].where, stand.folder.path("x.csv:7"));
  EXPECT_EQ(csv.rejects[2].reason, "something follows a closing quote");

  const std::string broken = item("b", 2, 2).substr(0, 60);
  for (const std::string& text : {item("a", 1, 1) + "\n" + broken + "\n" + item("c", 3, 3) + "\n",
                                  "[" + item("a", 1, 1) + ",\n" + broken + "\n" + item("c", 3, 3) + "]"}) {
    Stand json;
    json.folder.write("x", text);
    const Pulled pulled = json.pull(R"("exports":["x"])");
    EXPECT_EQ(numbers(pulled, "observation", "views"), (Numbers{1, 3})) << text.substr(0, 3);
    ASSERT_EQ(pulled.rejects.size(), 1U);
    EXPECT_EQ(pulled.rejects[0].where, json.folder.path("x:2"));
    EXPECT_TRUE(pulled.failures.empty());
  }
  Stand words;
  words.folder.write("x", "[1, \"a\", [], {\"error\":\"no such profile\"}, " + item("a", 1, 1) + "]");
  const Pulled pulled = words.pull(R"("exports":["x"])");
  EXPECT_EQ(pulled.rejects.size(), 4U);
  EXPECT_EQ(pulled.rejects[3].reason, "the actor says: no such profile");
  EXPECT_EQ(pulled.rows("video"), 1U);

  Stand bytes;
  bytes.folder.write("x.csv", scrape_header + scrape_row(1, "1\xff"));
  const Pulled foreign = bytes.pull(R"("exports":["x.csv"])");
  ASSERT_EQ(foreign.rejects.size(), 1U);
  EXPECT_EQ(foreign.rejects[0].reason, "it is no UTF-8");
}

TEST(TiktokExport, AFileThatCannotBeReadFailsAloneAndKeepsWhatStoodBefore) {
  const std::pair<std::string, std::string> faults[] = {
      {"", "the file is empty"},
      {" \n", "the file is empty"},
      {std::string("\x1f\x8b\x08\x00zz", 6), "compressed"},
      {"just words\n", "neither JSON nor CSV"},
      {"[" + item("a", 1, 1) + ",", "middle of its list"},
      {"[" + item("a", 1, 1) + "," + item("b", 2, 2).substr(0, 90), "middle of an item"},
      {"[" + item("a", 1, 1) + "] more", "follows the list"}};
  for (const auto& [text, says] : faults) {
    Stand stand;
    stand.folder.write("bad", text);
    stand.folder.write("good.json", "[" + item("z", 9, 9) + "]");
    const Pulled pulled = stand.pull(R"("exports":["bad","good.json","none.json","no*such"])");
    ASSERT_EQ(pulled.failures.size(), 3U) << says;
    EXPECT_EQ(pulled.failures[0].first, "tiktok:export/bad");
    EXPECT_NE(std::string(pulled.failures[0].second.what()).find(says), std::string::npos)
        << pulled.failures[0].second.what();
    EXPECT_NE(pulled.failures[0].second.where().find("bad:"), std::string::npos);
    EXPECT_EQ(pulled.failures[1].first, "tiktok:export/no*such");
    EXPECT_NE(std::string(pulled.failures[2].second.what()).find("No such file"), std::string::npos);
    EXPECT_EQ(pulled.rows("observation"), text.size() > 100 ? 2U : 1U) << says;
    EXPECT_EQ(stand.host.done, Texts{"tiktok:export/good.json"});
  }
}

TEST(TiktokExport, PatternsFindFilesInTheOrderOfTheirNames) {
  Stand stand;
  for (const char* name : {"in/b.json", "in/a.json", "in/c.csv"})
    stand.folder.write(name, "[" + item(name + 3, 1, 1) + "]");
  const Pulled pulled = stand.pull(R"("exports":["in/?.json","in/a.json"])");
  EXPECT_EQ(texts(pulled, "channel", "channel_id"), (Texts{"a.json", "b.json"}));
  EXPECT_EQ(stand.host.announced, (Texts{"tiktok:export/in/a.json", "tiktok:export/in/b.json"}));
  stand.host.refuse("tiktok:export/in/a.json");
  Stand fresh;
  fresh.host.refuse("tiktok:export/a.json");
  fresh.folder.write("a.json", "[" + item("a", 1, 1) + "]");
  EXPECT_EQ(fresh.pull(R"("exports":["a.json"])").rows("video"), 0U);
}

TEST(TiktokExport, ItemsLongerThanAWindowAreReadWhole) {
  const std::string filler(3U << 20U, 'x');
  std::string big = item("a", 1, 1);
  big.insert(big.size() - 1, R"(,"filler":")" + filler + "\"");
  for (const std::string& text : {"[" + big + "," + item("b", 2, 2) + "]", big + "\n" + item("b", 2, 2)}) {
    ExportReader reader(std::make_unique<std::istringstream>(text), "x");
    EXPECT_TRUE(reader.next().value().item.record);
    const ExportPlace place = reader.place();
    EXPECT_TRUE(reader.next().value().item.record);
    EXPECT_FALSE(reader.next());
    ExportReader again(std::make_unique<std::istringstream>(text), "x");
    again.go_to(place);
    EXPECT_EQ(*again.next().value().item.record->find({"playCount"}), "2");
    EXPECT_FALSE(again.next());
  }
}

}  // namespace
}  // namespace risetime::tiktok
