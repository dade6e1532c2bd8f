// Tables that line up in any script and stay plain where nobody looks.
#include "core/report/table.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

namespace risetime::core {
namespace {

TEST(TextTable, LinesUpWideLettersAndMarks) {
  TextTable table({{"Name"}, {"Views", Align::right}});
  table.add({"日本", "1"});
  table.add({"e\u0301te\u0301", "22"});
  table.add({"plain", "333"});
  EXPECT_EQ(table.print({}),
            "Name   Views\n"
            "─────  ─────\n"
            "日本       1\n"
            "e\u0301te\u0301       22\n"
            "plain    333\n");
}

TEST(TextTable, ColoursOnlyIfToldSo) {
  TextTable table({{"A"}, {"B"}});
  table.add({Cell("x", Tone::good), Cell("", Tone::bad)});
  EXPECT_EQ(table.print({}).find('\x1b'), std::string::npos);
  EXPECT_NE(table.print({true, 0}).find("\x1b[32mx\x1b[0m"), std::string::npos);
  EXPECT_EQ(table.print({true, 0}).find("\x1b[31m"), std::string::npos);
}

TEST(TextTable, CutsTheWidestOfTheColumnsThatGiveWay) {
  TextTable table({{"Title", Align::left, 0, true}, {"Channel", Align::left, 0, true}, {"N", Align::right}});
  table.add({"a title that goes on and on and on", "a channel name", "12345"});
  const std::string narrow = table.print({false, 40});
  EXPECT_NE(narrow.find("a title that goe…  a channel name  12345"), std::string::npos) << narrow;
  EXPECT_EQ(table.least_width(10), 10 + 2 + 10 + 2 + 5U);
}

TEST(TextTable, NeverWritesWhatMovesACursor) {
  TextTable table({{"A"}});
  table.add({"x\ny\x1b[31m"});
  EXPECT_EQ(table.print({}).find('\x1b'), std::string::npos);
  EXPECT_NE(table.print({}).find("x\\ny"), std::string::npos);
}

TEST(TextTable, FillsShortRowsAndRefusesLongOnes) {
  TextTable table({{"A"}, {"B"}});
  table.add({"x"});
  EXPECT_NE(table.print({}).find("\nx\n"), std::string::npos);
  EXPECT_THROW(table.add({"1", "2", "3"}), std::invalid_argument);
}

TEST(StyleOf, IsPlainForAFile) {
  const int file = ::open("/dev/null", O_WRONLY);
  EXPECT_FALSE(style_of(file).colour);
  EXPECT_EQ(style_of(file).width, 0U);
  ::close(file);
}

}  // namespace
}  // namespace risetime::core
