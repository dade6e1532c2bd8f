// Fuzzes the word breaker: any bytes give the words that ICU finds, by a breaker that is new, by one that has met other
// texts, and by one that kept the text.
#include <cstdlib>
#include <string>
#include <vector>

#include "words_by_icu.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using risetime::text::WordBreaker;
  static const risetime::text::WordRules& rules = risetime::text::WordRules::shared();
  static WordBreaker used(rules);
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> expected = risetime::text::words_by_icu(rules, text);
  const auto check = [&](WordBreaker& breaker) {
    std::vector<std::string> words;
    for (const uint32_t word : breaker.words_of(text)) words.emplace_back(breaker.words().word(word));
    if (words != expected) std::abort();
  };
  WordBreaker fresh(rules);
  check(fresh);
  check(used);
  used.words_of_and_keep(text);
  check(used);
  return 0;
}
