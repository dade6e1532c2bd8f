// Choosing the words of a vocabulary, the same ones whatever order they were counted in.
#include "vocabulary.hpp"

#include <algorithm>
#include <risetime/error.hpp>

namespace risetime::text {

void DocumentCounts::add(const DocumentCounts& part) {
  for (uint32_t id = 0; id < part.size(); ++id) {
    const uint32_t mine = words_.add(part.words_.word(id), part.words_.hash(id));
    if (mine == counts_.size()) counts_.push_back({});
    counts_[mine].documents += part.counts_[id].documents;
  }
  documents_ += part.documents_;
}

void DocumentCounts::drop_rarest() {
  DocumentCounts kept;
  for (uint32_t id = 0; id < size(); ++id) {
    if (counts_[id].documents < 2) continue;
    kept.words_.add(words_.word(id), words_.hash(id));
    kept.counts_.push_back({counts_[id].documents, 0});
  }
  kept.documents_ = documents_;
  *this = std::move(kept);
}

Vocabulary::Vocabulary(const DocumentCounts& counts, size_t most, uint64_t min_documents)
    : documents_(counts.documents()) {
  std::vector<uint32_t> chosen;
  for (uint32_t id = 0; id < counts.size(); ++id)
    if (counts.counts_[id].documents >= min_documents) chosen.push_back(id);
  const auto documents = [&](uint32_t id) { return counts.counts_[id].documents; };
  const auto bytes = [&](uint32_t id) { return counts.words_.word(id); };
  if (chosen.size() > most) {
    std::nth_element(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(most), chosen.end(),
                     [&](uint32_t a, uint32_t b) {
                       return documents(a) != documents(b) ? documents(a) > documents(b) : bytes(a) < bytes(b);
                     });
    chosen.resize(most);
  }
  std::sort(chosen.begin(), chosen.end(), [&](uint32_t a, uint32_t b) { return bytes(a) < bytes(b); });
  for (const uint32_t id : chosen) {
    words_.add(bytes(id), counts.words_.hash(id));
    documents_of_.push_back(documents(id));
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
    words_.add(words[i], hash_bytes(words[i]));
  }
}

}  // namespace risetime::text
