// Delimited text with the oddities of RFC 4180 and of its relatives, and compressed streams.
#include "csv.hpp"

#include <gtest/gtest.h>

#include <random>

#include "test_support.hpp"

namespace risetime::file {
namespace {

using Rows = std::vector<std::string>;

// Each record as "line:field|field", a bad one as "line!problem_line: raw".
Rows read(const std::string& text, CsvRules rules = {}, std::size_t piece = 1 << 20, std::size_t chunk = 1 << 18) {
  CsvReader reader(Window(open_memory(text, piece), 0, chunk), rules, "test.csv");
  Rows rows;
  Record record;
  std::uint64_t end = 0;
  while (reader.next(record)) {
    EXPECT_GE(record.offset, end);
    EXPECT_GT(record.end, record.offset);
    end = record.end;
    std::string row = std::to_string(record.line);
    if (!record.problem.empty()) {
      row += "!" + std::to_string(record.problem_line) + ": " + std::string(record.raw);
    } else {
      for (std::size_t i = 0; i < record.fields.size(); ++i)
        row += (i == 0 ? ":" : "|") + std::string(record.fields[i]);
    }
    rows.push_back(row);
  }
  return rows;
}

struct Case {
  const char* name;
  std::string text;
  Rows rows;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"plain", "a,b\n1,2\n3,4\n", {"2:1|2", "3:3|4"}},
      {"no end of line at the end", "a,b\n1,2\n3,4", {"2:1|2", "3:3|4"}},
      {"CRLF", "a,b\r\n1,2\r\n3,4\r\n", {"2:1|2", "3:3|4"}},
      {"CRLF and quotes", "a,b\r\n\"1\",\"2\"\r\n3,\"4\"\r\n", {"2:1|2", "3:3|4"}},
      {"CR only", "a,b\r1,2\r3,4\r", {"2:1|2", "3:3|4"}},
      {"CR at the very end", "a,b\r\n1,2\r", {"2:1|2"}},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "a,b\n1,2\n",
       {"2:1|2"}},
      {"byte order mark and quotes", "\xEF\xBB\xBF\"a\",b\n1,2\n", {"2:1|2"}},
      {"quoted delimiter", "a,b\n\"1,2\",3\n", {"2:1,2|3"}},
      {"doubled quotes", "a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", {"2:say \"hi\"|\""}},
      {"quoted line break", "a,b\n\"one\ntwo\",3\n4,5\n", {"2:one\ntwo|3", "4:4|5"}},
      {"quoted CRLF", "a,b\r\n\"one\r\ntwo\",3\r\n4,5\r\n", {"2:one\r\ntwo|3", "4:4|5"}},
      {"empty fields", "a,b,c\n,,\n\"\",x,\n", {"2:||", "3:|x|"}},
      {"empty lines", "a,b\n\n1,2\n\r\n\n3,4\n\n", {"3:1|2", "6:3|4"}},
      {"quote inside", "a,b\n5\" disk,x\"y\"\n", {"2:5\" disk|x\"y\""}},
      {"blanks stay", "a,b\n 1 , 2\n", {"2: 1 | 2"}},
      {"tabs", "a\tb\n1,5\t2\n", {"2:1,5|2"}},
      {"semicolons", "a;b\n1,5;2\n3;4\n", {"2:1,5|2", "3:3|4"}},
      {"bars", "a|b\n1,5|2\n", {"2:1,5|2"}},
      {"commas in a header of tabs", "a\tb, c\td\n1\t2, x\t3\n", {"2:1|2, x|3"}},
      {"one column", "a\n1\n2\n", {"2:1", "3:2"}},
      {"too few", "a,b\n1\n3,4\n", {"2!2: 1", "3:3|4"}},
      {"too many", "a,b\n1,2,3\n3,4\n", {"2!2: 1,2,3", "3:3|4"}},
      {"delimiter at each end of line", "a,b\n1,2,\n3,4,,\n", {"2:1|2", "3:3|4"}},
      {"text after a closing quote", "a,b\n\"x\"y,1\n3,4\n", {"2!2: \"x\"y,1", "3:3|4"}},
      {"quote never closed", "a,b\n1,2\n3,\"4\n5,6\n7,8\n", {"2:1|2", "3!3: 3,\"4", "4:5|6", "5:7|8"}},
      {"quote never closed, in the last line", "a,b\n1,2\n3,\"4", {"2:1|2", "3!3: 3,\"4"}},
      {"quote never closed after a quoted line break",
       "a,b,c\n\"x\ny\",\"z,1\n2,3,4\n",
       {"2!3: \"x\ny\",\"z,1", "4:2|3|4"}},
      {"NUL and other bytes", std::string("a,b\n\0x,\xFF\n", 9), {std::string("2:\0x|\xFF", 6)}},
      {"header only", "a,b\n", {}},
      {"header without end of line", "a,b", {}},
  };
  return all;
}

TEST(CsvReader, ReadsEveryOddityAsItsTableSays) {
  for (const Case& one : cases()) EXPECT_EQ(read(one.text), one.rows) << one.name;
}

TEST(CsvReader, GivesTheSameRecordsWhateverThePiecesItIsFed) {
  for (const Case& one : cases()) {
    for (const std::size_t piece : {1, 2, 3, 5, 7, 11})
      for (const std::size_t chunk : {1, 2, 3, 16, 64})
        EXPECT_EQ(read(one.text, {}, piece, chunk), one.rows) << one.name << " in pieces of " << piece << ", " << chunk;
  }
}

TEST(CsvReader, TakesNamesFromTheSettingsWhereThereIsNoHeader) {
  CsvRules rules;
  rules.header = {"id", "n"};
  EXPECT_EQ(read("x;1\ny;2\n", rules), (Rows{"1:x|1", "2:y|2"}));
}

TEST(CsvReader, PrefersTheDelimiterThatGivesTheExpectedNames) {
  CsvRules rules;
  rules.known = {"video_id", "views"};
  EXPECT_EQ(read("note, long, list|video_id|views\na, b, c|v|1\n", rules), (Rows{"2:a, b, c|v|1"}));
}

TEST(CsvReader, TreatsQuotesAsLettersWhereToldSo) {
  CsvRules rules;
  rules.quotes = false;
  EXPECT_EQ(read("a\tb\n\"x\ty\n", rules), (Rows{"2:\"x|y"}));
}

TEST(CsvReader, TellsAnEmptyFile) {
  EXPECT_EQ(error_of([] { read(""); }), "test.csv: is empty: it has no header line");
  EXPECT_EQ(error_of([] { read("\n\r\n"); }), "test.csv: is empty: it has no header line");
}

TEST(CsvReader, KeepsAQuoteThatNeverClosesFromSwallowingALongFile) {
  std::string text = "a,b\n1,\"2\n";
  const std::size_t lines = longest_record / 4 + 1000;
  for (std::size_t i = 0; i < lines; ++i) text += "3,4\n";
  CsvReader reader(Window(open_memory(text, 1 << 16), 0), {}, "test.csv");
  Record record;
  std::size_t good = 0, bad = 0;
  while (reader.next(record)) ++(record.problem.empty() ? good : bad);
  EXPECT_EQ(good, lines);
  EXPECT_EQ(bad, 1U);
}

TEST(CsvReader, SkipsALineThatIsTooLongAndGoesOn) {
  const std::string text = "a,b\n1," + std::string(3 * longest_record, 'x') + "\n3,4\n";
  CsvReader reader(Window(open_memory(text, 1 << 16), 0), {}, "test.csv");
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.problem, "the line is longer than 4 MiB");
  EXPECT_EQ(record.raw.size(), 1024U);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.fields, (std::vector<std::string_view>{"3", "4"}));
  EXPECT_EQ(record.line, 3U);
  EXPECT_FALSE(reader.next(record));
}

// Fields written by the rules of RFC 4180 come back as they were, whatever is in them.
TEST(CsvReader, ReadsBackWhatAWriterOfTheStandardWrote) {
  std::mt19937 random(7);
  const std::string letters = "ab,\"\n\r\t|; \xC3\xA9";
  for (int round = 0; round < 300; ++round) {
    std::string text = "h1,h2,h3\r\n";
    std::vector<std::vector<std::string>> written;
    for (int row = 0; row < 5; ++row) {
      written.emplace_back();
      for (int column = 0; column < 3; ++column) {
        std::string field(column == 0 ? 1 : 0, 'k');  // never an empty line
        for (std::size_t n = random() % 8; n > 0; --n) field += letters[random() % letters.size()];
        text += column > 0 ? ",\"" : "\"";
        for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += "\"";
        written.back().push_back(field);
      }
      text += "\r\n";
    }
    CsvReader reader(Window(open_memory(text, 1 + random() % 20), 0, 1 + random() % 30), {}, "test.csv");
    Record record;
    for (const auto& row : written) {
      ASSERT_TRUE(reader.next(record));
      ASSERT_EQ(std::vector<std::string>(record.fields.begin(), record.fields.end()), row) << text;
    }
    ASSERT_FALSE(reader.next(record));
  }
}

std::string read_all(const std::string& path, std::size_t piece) {
  const OpenFile file = open_file(path, "name");
  std::string all, buffer(piece, '\0');
  while (const std::size_t count = file.bytes->read(buffer.data(), buffer.size())) all.append(buffer, 0, count);
  return all;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + ",";
  return text;
}

TEST(Streams, UnpackWhatWasPackedInOnePartOrMany) {
  const Folder folder;
  const std::string text = long_text(), half = text.substr(0, text.size() / 2), rest = text.substr(text.size() / 2);
  folder.write("plain", text);
  folder.write("gz", gzip(text));
  folder.write("members.gz", gzip(half) + gzip("") + gzip(rest));
  folder.write("padded.gz", gzip(text) + std::string(1000, '\0'));
  folder.write("zst", zstd(text));
  folder.write("frames.zst", zstd(half) + std::string("\x50\x2A\x4D\x18\x04\0\0\0skip", 12) + zstd(rest));
  for (const char* name : {"plain", "gz", "members.gz", "padded.gz", "zst", "frames.zst"})
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20})
      EXPECT_TRUE(read_all(folder.path(name), piece) == text) << name << " in pieces of " << piece;
  folder.write("empty.gz", gzip(""));
  EXPECT_EQ(read_all(folder.path("empty.gz"), 10), "");
}

TEST(Streams, GoForwardToAnyPlace) {
  const Folder folder;
  const std::string text = long_text();
  folder.write("plain", text);
  folder.write("gz", gzip(text));
  folder.write("zst", zstd(text));
  for (const char* name : {"plain", "gz", "zst"}) {
    OpenFile file = open_file(folder.path(name), name);
    Window window(std::move(file.bytes), 0, 100);
    window.more();
    ASSERT_TRUE(window.skip_to(50)) << name;
    ASSERT_TRUE(window.skip_to(12'345)) << name;
    window.more();
    EXPECT_EQ(window.view().substr(0, 20), text.substr(12'345, 20)) << name;
    EXPECT_FALSE(window.skip_to(12'344)) << name;
    EXPECT_FALSE(window.skip_to(text.size() + 1)) << name;
  }
}

TEST(Streams, GiveWhatCameBeforeTheDamageThenNameFileAndByte) {
  const Folder folder;
  const std::string text = long_text();
  for (const bool gz : {true, false}) {
    std::string packed = gz ? gzip(text) : zstd(text);
    packed.resize(packed.size() * 2 / 3);
    folder.write("cut", packed);
    const OpenFile file = open_file(folder.path("cut"), "data/cut");
    std::string all, buffer(777, '\0');
    const std::string error = error_of([&] {
      while (const std::size_t count = file.bytes->read(buffer.data(), buffer.size())) all.append(buffer, 0, count);
    });
    EXPECT_EQ(error, "data/cut:byte " + std::to_string(packed.size()) + ": the " + (gz ? "gzip" : "zstd") +
                         " data ends early; what came before was read. Write or download the file again");
    EXPECT_GT(all.size(), text.size() / 4);
    EXPECT_EQ(all, text.substr(0, all.size()));
  }
}

TEST(Streams, RefuseFilesOfOtherKindsWithASentence) {
  const Folder folder;
  const std::pair<std::string, const char*> kinds[] = {{"PK\x03\x04xxxx", "ZIP"},
                                                       {"PAR1xxxx", "Parquet"},
                                                       {"\xFF\xFEx", "UTF-16"},
                                                       {"BZh9", "bzip2"},
                                                       {"SQLite format 3", "SQLite"}};
  for (const auto& [bytes, word] : kinds) {
    folder.write("x", bytes);
    EXPECT_NE(error_of([&] { open_file(folder.path("x"), "x"); }).find(word), std::string::npos) << word;
  }
  EXPECT_NE(error_of([&] { open_file(folder.path(), "x"); }).find("folder"), std::string::npos);
}

}  // namespace
}  // namespace risetime::file
