// Counts in how many documents each word stands, and keeps the words that most documents have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "word_table.hpp"

namespace risetime::text {

/// Counts document frequencies. Counts of parts of the documents can be made apart and added in any order.
class DocumentCounts {
 public:
  /// Begins the next document; the words added until the next call are its words.
  void begin_document() { ++documents_; }
  void add(std::string_view word, uint64_t hash) {
    const uint32_t id = words_.add(word, hash);
    if (id == counts_.size()) counts_.push_back({});
    Count& count = counts_[id];
    if (count.last_document == documents_) return;
    count.last_document = documents_;
    ++count.documents;
  }
  /// Adds what was counted apart, for other documents.
  void add(const DocumentCounts& part);
  /// Forgets the words seen in one document only.
  void drop_rarest();

  uint64_t documents() const { return documents_; }
  size_t size() const { return words_.size(); }

 private:
  friend class Vocabulary;
  struct Count {
    uint64_t documents = 0;
    uint64_t last_document = 0;  // counted from 1
  };
  WordTable words_;
  std::vector<Count> counts_;  // [words]
  uint64_t documents_ = 0;
};

/// The chosen words, numbered in the order of their bytes. Immutable once made.
class Vocabulary {
 public:
  Vocabulary() = default;
  /// At most `most` words that stand in at least `min_documents` documents: those in most documents, ties by the words'
  /// bytes.
  Vocabulary(const DocumentCounts& counts, size_t most, uint64_t min_documents);
  /// From saved words, strictly increasing by bytes, and [words] document counts. Throws Error(Code::input) if they are
  /// not.
  Vocabulary(const std::vector<std::string>& words, std::vector<uint64_t> documents_of, uint64_t documents);

  size_t size() const { return words_.size(); }
  uint32_t find(std::string_view word, uint64_t hash) const { return words_.find(word, hash); }
  std::string_view word(uint32_t id) const { return words_.word(id); }
  uint64_t hash(uint32_t id) const { return words_.hash(id); }
  /// In how many documents the word stood: [words].
  const std::vector<uint64_t>& documents_of() const { return documents_of_; }
  uint64_t documents() const { return documents_; }

 private:
  WordTable words_;
  std::vector<uint64_t> documents_of_;
  uint64_t documents_ = 0;
};

}  // namespace risetime::text
