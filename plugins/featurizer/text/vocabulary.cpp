// Choosing the words of a vocabulary, the same ones whatever order they were counted in.
#include "vocabulary.hpp"

#include <algorithm>
#include <risetime/error.hpp>

namespace risetime::text {

void DocumentCounts::add(const DocumentCounts& part) {
  for (size_t i = 0; i < part.size(); ++i) {
    uint64_t& count = words_.add(part.words_.word(i), part.words_.hash(i));
    count += part.documents_of(i) << 32;
  }
  documents_ += part.documents_;
}

void DocumentCounts::drop_rarest() {
  DocumentCounts kept;
  kept.documents_ = documents_;
  for (size_t i = 0; i < size(); ++i)
    if (documents_of(i) > 1) kept.words_.add(words_.word(i), words_.hash(i)) = words_.value(i);
  *this = std::move(kept);
}

Vocabulary::Vocabulary(const DocumentCounts& counts, size_t most, uint64_t min_documents)
    : documents_(counts.documents()) {
  struct Candidate {
    uint64_t documents;
    std::string_view word;
    uint64_t hash;
  };
  std::vector<Candidate> chosen;
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts.documents_of(i) >= min_documents)
      chosen.push_back({counts.documents_of(i), counts.words().word(i), counts.words().hash(i)});
  if (chosen.size() > most) {
    std::nth_element(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(most), chosen.end(),
                     [](const Candidate& a, const Candidate& b) {
                       return a.documents != b.documents ? a.documents > b.documents : a.word < b.word;
                     });
    chosen.resize(most);
  }
  std::sort(chosen.begin(), chosen.end(), [](const Candidate& a, const Candidate& b) { return a.word < b.word; });
  for (const Candidate& word : chosen) {
    words_.add(word.word, word.hash) = documents_of_.size();
    documents_of_.push_back(word.documents);
  }
}

Vocabulary::Vocabulary(const std::vector<std::string>& words, std::vector<uint64_t> documents_of, uint64_t documents)
    : documents_of_(std::move(documents_of)), documents_(documents) {
  if (words.size() != documents_of_.size())
    throw Error(
        Code::input, "saved vocabulary",
        "it has " + std::to_string(words.size()) + " words but " + std::to_string(documents_of_.size()) + " counts");
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && words[i] <= words[i - 1])
      throw Error(Code::input, "saved vocabulary", "word " + std::to_string(i) + " is not behind the one before it");
    if (documents_of_[i] == 0 || documents_of_[i] > documents_)
      throw Error(Code::input, "saved vocabulary",
                  "word " + std::to_string(i) + " stands in an impossible number of documents");
    words_.add(words[i], hash_bytes(words[i])) = i;
  }
}

}  // namespace risetime::text
