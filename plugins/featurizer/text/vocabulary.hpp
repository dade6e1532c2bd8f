// Counts in how many documents each word stands, and keeps the words that most documents have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "word_table.hpp"

namespace risetime::text {

/// In how many documents words stand. Counts of parts of the documents can be added in any order.
class DocumentCounts {
 public:
  /// The word stands in so many documents more.
  void add(std::string_view word, uint64_t documents) {
    const uint32_t index = words_.add(Key(word)).index;
    if (index == documents_of_.size()) documents_of_.push_back(0);
    documents_of_[index] += documents;
  }
  /// Room for so many words of so many bytes more.
  void reserve(size_t words, size_t bytes);
  /// Forgets the words seen in one document only.
  void drop_rarest();

  size_t size() const { return words_.size(); }
  const WordTable& words() const { return words_; }
  uint64_t documents_of(size_t index) const { return documents_of_[index]; }

 private:
  WordTable words_;
  std::vector<uint64_t> documents_of_;  // [words]
};

/// A word that a vocabulary may choose; its bytes lie elsewhere.
struct Candidate {
  Candidate(std::string_view word, uint64_t documents);
  /// By the words' bytes.
  bool operator<(const Candidate& other) const {
    return first_bytes != other.first_bytes ? first_bytes < other.first_bytes : word < other.word;
  }
  uint64_t first_bytes;  // decides most comparisons without a look at the word
  uint64_t documents;
  std::string_view word;
};

/// The chosen words, numbered in the order of their bytes. Immutable once made.
class Vocabulary {
 public:
  Vocabulary() = default;
  /// At most `most` of these different words: those in most documents, ties by the words' bytes. `documents`: how many
  /// there were in all.
  Vocabulary(std::vector<Candidate> words, size_t most, uint64_t documents);
  /// From saved words, strictly increasing by bytes, and [words] document counts. Throws Error(Code::input) if they are
  /// not.
  Vocabulary(const std::vector<std::string>& words, std::vector<uint64_t> documents_of, uint64_t documents);

  size_t size() const { return words_.size(); }
  /// The words; a word's number is its index.
  const WordTable& words() const { return words_; }
  /// In how many documents the word stood: [words].
  const std::vector<uint64_t>& documents_of() const { return documents_of_; }
  uint64_t documents() const { return documents_; }

 private:
  WordTable words_;
  std::vector<uint64_t> documents_of_;
  uint64_t documents_ = 0;
};

}  // namespace risetime::text
