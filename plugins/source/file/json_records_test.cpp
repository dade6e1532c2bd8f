// JSON Lines and JSON arrays as records.
#include "json_records.hpp"

#include "test_support.hpp"

namespace risetime::file {
namespace {

using Rows = std::vector<std::string>;

// Each record as "line:field|field", a bad one as "line! raw".
Rows read(const std::string& text, const std::vector<std::string>& wanted, std::size_t piece = 1 << 20,
          std::size_t chunk = 1 << 18) {
  JsonReader reader(Window(open_memory(text, piece), 0, chunk), wanted, "test.jsonl");
  Rows rows;
  Record record;
  while (reader.next(record)) {
    std::string row = std::to_string(record.line);
    if (!record.problem.empty()) {
      row += "! " + std::string(record.raw);
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
      {"plain", "{\"a\": 1, \"b\": \"x\"}\n{\"b\": \"y\", \"a\": 2}\n", {"1:1|x", "2:2|y"}},
      {"no end of line", "{\"a\":1}\n{\"a\":2}", {"1:1|", "2:2|"}},
      {"CRLF, empty lines and a byte order mark", "\xEF\xBB\xBF{\"a\":1}\r\n\r\n{\"a\":2}\r\n", {"1:1|", "3:2|"}},
      {"escapes", "{\"a\":\"\\u00e9\\n\\\"\",\"b\":\"\\ud83d\\ude00\"}\n", {"1:\xC3\xA9\n\"|\xF0\x9F\x98\x80"}},
      {"other types", "{\"a\":null,\"b\":true}\n{\"a\":-1.5e3,\"b\":false}\n", {"1:|true", "2:-1.5e3|false"}},
      {"unknown members", "{\"z\":{\"a\":9},\"a\":1,\"y\":[{\"a\":8}]}\n", {"1:1|"}},
      {"a list",
       "{\"a\":[\"x\",\"y,z\",null,3],\"b\":[]}\n",
       {"1:x\x1fy,z\x1f\x1f"
        "3\x1f|"}},
      {"an object in a cell", "{\"a\":{\"k\": 1}}\n", {"1:{\"k\": 1}|"}},
      {"bad lines",
       "{\"a\":1}\nnonsense\n{\"a\":\n{\"a\":2} x\n[1]\n{\"a\":1x}\n{\"a\":3}\n",
       {"1:1|", "2! nonsense", "3! {\"a\":", "4! {\"a\":2} x", "5! [1]", "6! {\"a\":1x}", "7:3|"}},
      {"bad UTF-8", "{\"a\":\"\xFF\"}\n{\"a\":2}\n", {"1! {\"a\":\"\xFF\"}", "2:2|"}},
      {"an array", "[\n  {\"a\": 1,\n   \"b\": \"}]\"},\n  {\"a\": 2}\n]\n", {"2:1|}]", "4:2|"}},
      {"an array on a line", "[{\"a\":1},{\"a\":2}]", {"1:1|", "1:2|"}},
      {"an array that breaks off", "[{\"a\":1},\n{\"a\":2", {"1:1|", "2! {\"a\":2"}},
      {"an array with other things",
       "[{\"a\":1}, 7, [8], \"x\", {\"a\":2}]",
       {"1:1|", "1! 7", "1! [8]", "1! \"x\"", "1:2|"}},
      {"an empty array", "[]\n", {}},
  };
  return all;
}

TEST(JsonReader, ReadsEveryOddityAsItsTableSaysInPiecesOfAnySize) {
  for (const Case& one : cases())
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1} << 20})
      for (const std::size_t chunk : {std::size_t{1}, std::size_t{16}, std::size_t{1} << 18})
        EXPECT_EQ(read(one.text, {"a", "b"}, piece, chunk), one.rows)
            << one.name << " in pieces of " << piece << ", " << chunk;
}

TEST(JsonReader, ReadsMembersOfMembersByTheirPath) {
  EXPECT_EQ(read("{\"id\":\"v\",\"statistics\":{\"viewCount\":\"12\",\"x\":{\"y\":5}}}\n",
                 {"id", "statistics.viewCount", "statistics.x.y"}),
            (Rows{"1:v|12|5"}));
}

TEST(JsonReader, TellsTheMembersOfTheFirstRecords) {
  const JsonReader reader(Window(open_memory("{\"a\":1,\"s\":{\"t\":2}}\n{\"b\":1}\n", 100), 0), {"b"}, "x");
  EXPECT_EQ(reader.columns(), (std::vector<std::string>{"b", "a", "s", "s.t"}));
}

TEST(JsonReader, SkipsARecordThatIsTooLongAndGoesOn) {
  const std::string text = "{\"a\":\"" + std::string(longest_record + 10, 'x') + "\"}\n{\"a\":1}\n";
  JsonReader reader(Window(open_memory(text, 1 << 16), 0), {"a"}, "x");
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.problem, "the record is longer than 4 MiB");
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.fields, (std::vector<std::string_view>{"1"}));
}

TEST(JsonReader, IsToldFromDelimitedTextByItsFirstLetters) {
  for (const char* text : {"{\"a\":1}", "\xEF\xBB\xBF {", "[{", "[ \n {", "[]"})
    EXPECT_TRUE(looks_like_json(text)) << text;
  for (const char* text : {"", "a,b", "[1,2]", "\"{\"", "[x],b"}) EXPECT_FALSE(looks_like_json(text)) << text;
}

}  // namespace
}  // namespace risetime::file
