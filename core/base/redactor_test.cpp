// Registered secrets disappear from texts in every form in which they leave a process.
#include "core/base/redactor.hpp"

#include <gtest/gtest.h>

namespace risetime::core {
namespace {

TEST(Redactor, TakesOutAValueWhereverItStands) {
  Redactor redactor;
  redactor.add("k3y");
  EXPECT_EQ(redactor.redact("k3y and key=k3yk3y."), "*** and key=******.");
  EXPECT_EQ(redactor.redact("nothing here"), "nothing here");
}

TEST(Redactor, KnowsTheEncodedFormsOfAValue) {
  Redactor redactor;
  redactor.add("a/b \"c\"");
  EXPECT_EQ(redactor.redact("https://x?k=a%2Fb%20%22c%22&z=a%2fb%20%22c%22"), "https://x?k=***&z=***");
  EXPECT_EQ(redactor.redact("{\"key\": \"a/b \\\"c\\\"\"}"), "{\"key\": \"***\"}");
}

TEST(Redactor, LeavesNoRestOfAValueThatHoldsAnother) {
  Redactor redactor;
  redactor.add("abc");
  redactor.add("abcdef");
  EXPECT_EQ(redactor.redact("abcdef abc"), "*** ***");
}

TEST(Redactor, IgnoresAnEmptyValue) {
  Redactor redactor;
  redactor.add("");
  EXPECT_EQ(redactor.redact("text"), "text");
}

TEST(Redactor, EndsWhereASecretIsMadeOfStars) {
  Redactor redactor;
  redactor.add("*");
  EXPECT_EQ(redactor.redact("a*b"), "a***b");
}

TEST(SecretText, HoldsEveryByte) {
  EXPECT_EQ(SecretText(std::string_view("a\0b", 3)).view(), std::string_view("a\0b", 3));
}

TEST(Wipe, LeavesAnEmptyString) {
  std::string text = "hunter2";
  wipe(text);
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace risetime::core
