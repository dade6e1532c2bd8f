// Suggestions, numbers for people, and text in a terminal.
#include "core/base/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace risetime::core {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsChangesAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("retry", "rerty"), 1U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // optimal string alignment: no edit inside a swap
}

TEST(DidYouMean, FindsTheNearestNameAndNothingFarAway) {
  const std::vector<std::string> names = {"horizons", "stats", "model", "on_error"};
  EXPECT_EQ(did_you_mean("horizon", names), "horizons");
  EXPECT_EQ(did_you_mean("modle", names), "model");
  EXPECT_EQ(did_you_mean("ON-ERROR", names), "on_error");
  EXPECT_EQ(did_you_mean("zebra", names), std::nullopt);
  EXPECT_EQ(did_you_mean("", names), std::nullopt);
  EXPECT_EQ(did_you_mean(std::string(100'000, 'a'), names), std::nullopt);
}

TEST(DidYouMean, NeverSuggestsWhatSharesNoLetter) {
  EXPECT_EQ(did_you_mean("x", {"y"}), std::nullopt);
  EXPECT_EQ(did_you_mean("ab", {"ba"}), "ba");
}

TEST(JoinWords, ReadsAsASentenceDoes) {
  EXPECT_EQ(join_words({}), "");
  EXPECT_EQ(join_words({"a"}), "a");
  EXPECT_EQ(join_words({"a", "b", "c"}), "a, b or c");
  EXPECT_EQ(join_words({"a", "b"}, "and"), "a and b");
}

TEST(InQuotes, ShortensWhatNoMessageHasRoomFor) {
  EXPECT_EQ(in_quotes("a b"), "\"a b\"");
  EXPECT_EQ(in_quotes(std::string(1000, 'x')), "\"" + std::string(99, 'x') + "\u2026\"");
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(group_digits(0), "0");
  EXPECT_EQ(group_digits(999), "999");
  EXPECT_EQ(group_digits(1'234'567), "1,234,567");
  EXPECT_EQ(group_digits(-1'000), "-1,000");
  EXPECT_EQ(group_digits(-100), "-100");
  EXPECT_EQ(group_digits(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Numbers, AreExactWhereARangeIsNamed) {
  EXPECT_EQ(exact_number(1e6), "1,000,000");
  EXPECT_EQ(exact_number(-0.0), "0");
  EXPECT_EQ(exact_number(0.1), "0.1");
  EXPECT_EQ(exact_number(1e300), "1e+300");
}

TEST(Numbers, HaveAShortForm) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.5), "0.5");
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(1'234), "1.2K");
  EXPECT_EQ(short_number(1'234'567), "1.2M");
  EXPECT_EQ(short_number(123'456), "123K");
  EXPECT_EQ(short_number(999'999), "1M");
  EXPECT_EQ(short_number(-2.5e9), "-2.5B");
  EXPECT_EQ(short_number(3e15), "3000T");
  EXPECT_EQ(short_number(-0.01), "0");
  EXPECT_EQ(short_number(std::nan("")), "-");
  EXPECT_FALSE(short_number(std::numeric_limits<double>::max()).empty());
}

TEST(Utf8, IsToldFromOtherBytes) {
  EXPECT_TRUE(valid_utf8("plain, gr\u00fc\u00df, \u65e5\u672c, \U0001F600"));
  for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\x97", "\x80"})
    EXPECT_FALSE(valid_utf8(bad));
}

TEST(TerminalSafe, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(terminal_safe("gr\u00fc\u00df \u65e5"), "gr\u00fc\u00df \u65e5");
  EXPECT_EQ(terminal_safe("\x1b[31mred\r\n\t"), "\\x1b[31mred\\x0d\\n\\t");
  EXPECT_EQ(terminal_safe("a\xff"
                          "b"),
            "a\\xffb");
  EXPECT_EQ(terminal_safe("\u009b1m"), "\\xc2\\x9b1m");
  EXPECT_EQ(terminal_safe("\u202eexe"), "\\u{202e}exe");
  EXPECT_EQ(terminal_safe(std::string_view("\0", 1)), "\\x00");
}

TEST(DisplayWidth, FollowsWhatATerminalDraws) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\u00e9"), 1U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("\u65e5\u672c"), 4U);
  EXPECT_EQ(display_width("\U0001F600"), 2U);
  EXPECT_EQ(display_width("\ud55c"), 2U);
}

TEST(Mentions, FindsAWordByItselfWhateverItsCase) {
  for (const char* text : {"ann", "ANN", "by Ann.", "\"ann\"", "joann, ann", ":ann!ann@x", "a ann"})
    EXPECT_TRUE(mentions(text, "Ann")) << text;
  for (const char* text : {"", "an", "anna", "joann", "ann_2", "ann7", "a n n"})
    EXPECT_FALSE(mentions(text, "ann")) << text;
  EXPECT_FALSE(mentions("anything", ""));
}

TEST(DisplayWidth, PadsAndShortensByColumns) {
  EXPECT_EQ(pad_right("\u65e5", 4), "\u65e5  ");
  EXPECT_EQ(pad_left("12", 4), "  12");
  EXPECT_EQ(pad_left("12345", 4), "12345");
  EXPECT_EQ(shorten("abcdef", 4), "abc\u2026");
  EXPECT_EQ(shorten("abcd", 4), "abcd");
  EXPECT_EQ(shorten("\u65e5\u672c\u8a9e", 4), "\u65e5\u2026");
  EXPECT_EQ(shorten("e\u0301e\u0301e\u0301", 2), "e\u0301\u2026");
  EXPECT_EQ(shorten("abc", 0), "");
}

}  // namespace
}  // namespace risetime::core
