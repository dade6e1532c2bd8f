// Tests that words are found as UAX #29, NFKC and case folding say, by the short ways as by ICU itself.
#include "words.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "words_by_icu.hpp"

namespace risetime::text {
namespace {

using Words = std::vector<std::string>;

const WordRules& rules() { return WordRules::shared(); }

Words words_by(WordBreaker& breaker, std::string_view text) {
  Words found;
  for (const uint32_t word : breaker.words_of(text)) {
    found.emplace_back(breaker.words().word(word));
  }
  return found;
}

Words words(std::string_view text) {
  WordBreaker breaker(rules());
  return words_by(breaker, text);
}

std::string utf8(UChar32 c) {
  std::string bytes;
  return icu::UnicodeString(c).toUTF8String(bytes);
}

Words words_by_icu(const std::string& text) { return text::words_by_icu(rules(), text); }

TEST(Words, AreFoldedAndKeepWhatUnicodeJoins) {
  EXPECT_EQ(words("Don't STOP me-now, it's 3.14 or 1,000!"),
            (Words{"don't", "stop", "me", "now", "it's", "3.14", "or", "1,000"}));
  EXPECT_EQ(words("snake_case __init__ ___ a.b example.com 4K60fps"),
            (Words{"snake_case", "__init__", "a.b", "example.com", "4k60fps"}));
  EXPECT_EQ(words(""), Words{});
  EXPECT_EQ(words(" \t\n!?.,;:'\"-"), Words{});
}

TEST(Words, FoldTurkishGermanGreekAndWidths) {
  EXPECT_EQ(words("Istanbul \xC4\xB0stanbul \xC4\xB1s\xC4\xB1"),
            (Words{"istanbul", "i\xCC\x87stanbul", "\xC4\xB1s\xC4\xB1"}));
  EXPECT_EQ(words("Stra\xC3\x9F"
                  "e STRASSE \xE1\xBA\x9E"),
            (Words{"strasse", "strasse", "ss"}));
  EXPECT_EQ(words("\xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3 \xCE\xBF\xCE\xB4\xCE\xBF\xCF\x82"),
            (Words{"\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x83", "\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x83"}));
  EXPECT_EQ(words("\xEF\xBC\xB4\xEF\xBC\xA5\xEF\xBC\xB3\xEF\xBC\xB4 \xEF\xAC\x81lm"), (Words{"test", "film"}));
}

TEST(Words, TakeCombiningMarksForThePrecomposedLetter) {
  EXPECT_EQ(words("Cafe\xCC\x81"), words("CAF\xC3\x89"));
  EXPECT_EQ(words("x\xCC\x81y"), (Words{"x\xCC\x81y"}));
}

TEST(Words, FindWordsOfScriptsWithoutSpaces) {
  const Words chinese = words("\xE6\x88\x91\xE4\xBB\xAC\xE7\x88\xB1\xE9\x9F\xB3\xE4\xB9\x90");  // we love music
  EXPECT_GE(chinese.size(), 2U);
  EXPECT_EQ(chinese.back(), "\xE9\x9F\xB3\xE4\xB9\x90");
  EXPECT_GE(words("\xE0\xB8\xAA\xE0\xB8\xA7\xE0\xB8\xB1\xE0\xB8\xAA\xE0\xB8\x94\xE0\xB8\xB5\xE0\xB8\x8A\xE0\xB8\xB2\xE0"
                  "\xB8\xA7\xE0\xB9\x82\xE0\xB8\xA5\xE0\xB8\x81")
                .size(),
            2U);
  EXPECT_EQ(words("\xD8\xA7\xD9\x84\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85 \xD8\xB9\xD9\x84\xD9\x8A\xD9\x83\xD9\x85").size(),
            2U);
  EXPECT_EQ(words("\xEB\xB0\xA9\xED\x83\x84\xEC\x86\x8C\xEB\x85\x84\xEB\x8B\xA8 \xEB\xAE\xA4\xEB\xB9\x84").size(), 2U);
}

TEST(Words, KeepEmojiOneByOne) {
  EXPECT_EQ(words("fire\xF0\x9F\x94\xA5\xF0\x9F\x94\xA5!"), (Words{"fire", "\xF0\x9F\x94\xA5", "\xF0\x9F\x94\xA5"}));
  EXPECT_EQ(words("\xE2\x9D\xA4\xEF\xB8\x8F"), (Words{"\xE2\x9D\xA4"}));
  EXPECT_EQ(words("\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7").size(), 2U);  // two flags
}

TEST(Words, SurviveBytesThatAreNotUtf8) {
  EXPECT_EQ(words("ab\xFF"
                  "cd \xC3"),
            (Words{"ab", "cd"}));
  EXPECT_EQ(words("\xED\xA0\x80 ok \xF0\x9F"), (Words{"ok"}));
  EXPECT_EQ(words(std::string("a\0b", 3)), (Words{"a", "b"}));
}

TEST(Words, AreTheSameByTheShortWayForEveryCharacterOfTheBasicPlane) {
  size_t checked = 0;
  for (UChar32 c = 0; c < 0x10000; ++c) {
    if (U_IS_SURROGATE(c) || !u_isdefined(c)) continue;
    const std::string x = utf8(c);
    const std::string text = "a" + x + "b " + x + x + " 1" + x + "2 " + x + "_" + x + "'" + x + "." + x;
    ASSERT_EQ(words(text), words_by_icu(text)) << "U+" << std::hex << c;
    ++checked;
  }
  EXPECT_GT(checked, 50000U);
}

TEST(Words, AreTheSameByTheShortWayForLongTextsOfAscii) {
  uint64_t counter = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    const uint64_t length = random_at(2, counter++) % 200;
    for (uint64_t i = 0; i < length; ++i) {
      const uint64_t random = random_at(2, counter++);
      text += static_cast<char>(random % 3 == 0 ? random / 3 % 128 : "ab_1.,;'Z"[random / 3 % 9]);
    }
    ASSERT_EQ(words(text), words_by_icu(text)) << "\"" << text << "\"";
  }
}

TEST(Words, AreTheSameByTheShortWayForRandomMixtures) {
  const std::vector<std::string> alphabet = {"a",
                                             "B",
                                             "z",
                                             "7",
                                             "0",
                                             "_",
                                             ".",
                                             ",",
                                             "'",
                                             ":",
                                             ";",
                                             "-",
                                             " ",
                                             " ",
                                             "#",
                                             "=",
                                             "\n",
                                             "\xC3\xA9",
                                             "e\xCC\x81",
                                             "\xCC\xB8",
                                             "\xC2\xAD",
                                             "\xC4\xB0",
                                             "\xC3\x9F",
                                             "\xD7\x90",
                                             "\"",
                                             "\xD7\x91",
                                             "\xE2\x80\x99",
                                             "\xC2\xB7",
                                             "\xE2\x80\x8D",
                                             "\xF0\x9F\x91\xA9",
                                             "\xEF\xB8\x8F",
                                             "\xF0\x9F\x87\xA9",
                                             "\xE3\x82\xAB",
                                             "\xE3\x83\xBC",
                                             "\xE3\x81\x82",
                                             "\xE6\xBC\xA2",
                                             "\xED\x95\x9C",
                                             "\xE0\xB8\x81",
                                             "\xE0\xB8\xB2",
                                             "\xD8\xB3",
                                             "\xC2\xBD",
                                             "\xC2\xB4",
                                             "\xEF\xBC\xA1",
                                             "\xEF\xBC\x9A",
                                             "\xD9\xA3",
                                             "\xE2\x80\xBF"};
  uint64_t counter = 0;
  for (int round = 0; round < 100000; ++round) {
    std::string text;
    const uint64_t length = 1 + random_at(1, counter++) % 12;
    for (uint64_t i = 0; i < length; ++i) text += alphabet[random_at(1, counter++) % alphabet.size()];
    ASSERT_EQ(words(text), words_by_icu(text)) << "\"" << text << "\"";
  }
}

TEST(Words, AreTheSameByTheShortWayForTheTrendingVideos) {
  const char* folder = std::getenv("RISETIME_TEST_DATA");
  std::ifstream file(std::string(folder != nullptr ? folder : "../shared/data") + "/youtube-trending/videos.csv");
  if (!file) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << "youtube-trending/videos.csv is not there; set RISETIME_TEST_DATA";
    GTEST_SKIP() << "youtube-trending/videos.csv is not there; set RISETIME_TEST_DATA to the folder of the test data";
  }
  WordBreaker breaker(rules());
  size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) ASSERT_EQ(words_by(breaker, line), words_by_icu(line));
  EXPECT_GT(lines, 17000U);
}

TEST(Words, AreTheSameWhenATextWasKept) {
  WordBreaker breaker(rules());
  const std::string text = "\xC3\x89t\xC3\xA9, don't";
  const auto kept = breaker.words_of_and_keep(text);
  const std::vector<uint32_t> first(kept.begin(), kept.end());
  EXPECT_EQ(words_by(breaker, "other words"), (Words{"other", "words"}));
  for (int time = 0; time < 2; ++time) {
    const auto again = time == 0 ? breaker.words_of(text) : breaker.words_of_and_keep(text);
    EXPECT_EQ(std::vector<uint32_t>(again.begin(), again.end()), first);
  }
  EXPECT_EQ(words_by(breaker, text), words(text));
  breaker.forget();
  EXPECT_EQ(breaker.words().size(), 0U);
  EXPECT_EQ(words_by(breaker, text), words(text));
}

TEST(Words, AreTheSameWhenAPieceIsSeenAgain) {
  const std::string text = "\xC3\x89t\xC3\xA9 \xE6\xBC\xA2\xE5\xAD\x97 \xC3\x89t\xC3\xA9";
  WordBreaker breaker(rules());
  const Words first = words_by(breaker, text), second = words_by(breaker, text);
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, words(text));
}

}  // namespace
}  // namespace risetime::text
