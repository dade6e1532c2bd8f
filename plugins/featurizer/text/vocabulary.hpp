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
  /// Begins the next document; the words added until the next call are its words. Up to 4 milliard documents.
  void begin_document() { ++documents_; }
  void add(std::string_view word, uint64_t hash) {
    uint64_t& count = words_.add(word, hash);
    if (static_cast<uint32_t>(count) != documents_) count = ((count >> 32) + 1) << 32 | documents_;
  }
  /// Adds what was counted apart, for other documents.
  void add(const DocumentCounts& part);
  /// Forgets the words seen in one document only.
  void drop_rarest();

  uint64_t documents() const { return documents_; }
  size_t size() const { return words_.size(); }
  const WordTable& words() const { return words_; }
  /// In how many documents the word with this index stands.
  uint64_t documents_of(size_t index) const { return words_.value(index) >> 32; }

 private:
  WordTable words_;  // value: number of documents, then the last document (counted from 1) in the lower half
  uint32_t documents_ = 0;
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
  /// The words; a word's value is its number, which is its index.
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
