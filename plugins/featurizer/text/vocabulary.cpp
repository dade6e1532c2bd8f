// Choosing the words of a vocabulary, the same ones whatever order they were counted in.
#include "vocabulary.hpp"

#include <algorithm>
#include <risetime/error.hpp>

namespace risetime::text {

void DocumentCounts::reserve(size_t words, size_t bytes) {
  words_.reserve(size() + words, words_.bytes() + bytes);
  documents_of_.reserve(size() + words);
}

void DocumentCounts::drop_rarest() {
  DocumentCounts kept;
  for (size_t i = 0; i < size(); ++i)
    if (documents_of(i) > 1) kept.add(words_.word(i), documents_of(i));
  *this = std::move(kept);
}

/// The first bytes are a number that is ordered as they are.
Candidate::Candidate(std::string_view of, uint64_t its_documents)
    : first_bytes(__builtin_bswap64(of.size() < 8 ? load_tail(of.data(), of.size()) : load<uint64_t>(of.data()))),
      documents(its_documents),
      word(of) {}

Vocabulary::Vocabulary(std::vector<Candidate> chosen, size_t most, uint64_t documents) : documents_(documents) {
  if (chosen.size() > most) {
    std::nth_element(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(most), chosen.end(),
                     [](const Candidate& a, const Candidate& b) {
                       return a.documents != b.documents ? a.documents > b.documents : a < b;
                     });
    chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(most), chosen.end());
  }
  std::sort(chosen.begin(), chosen.end());
  size_t bytes = 0;
  for (const Candidate& each : chosen) bytes += each.word.size();
  words_.reserve(chosen.size(), bytes);
  documents_of_.reserve(chosen.size());
  constexpr size_t ahead = 8;  // words that memory is asked for
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (i + ahead < chosen.size()) words_.fetch(Key(chosen[i + ahead].word));
    words_.add(Key(chosen[i].word));
    documents_of_.push_back(chosen[i].documents);
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
    words_.add(Key(words[i]));
  }
}

}  // namespace risetime::text
