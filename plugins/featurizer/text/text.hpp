// The text featurizer: a video's title, description and tags as a bag of words, projected to a few hundred numbers.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <risetime/plugin.hpp>
#include <string>
#include <vector>

#include "projection.hpp"
#include "vocabulary.hpp"
#include "words.hpp"

namespace risetime::text {

struct Options {
  std::string method = "vocabulary";
  int64_t vocabulary = 40000;
  int64_t min_documents = 2;
  int64_t buckets = 262144;
  int64_t project_to = 512;
  int64_t seed = 1;
  std::string weighting = "count";
  std::vector<std::string> fields_read = {"title", "description", "tags"};
  std::vector<std::string> channels;
  int64_t shortest_word = 1;

  static constexpr auto fields = risetime::fields(
      risetime::field("method", &Options::method,
                      "\"vocabulary\" learns which words there are; \"hashing\" puts every word into one of `buckets`, "
                      "with a sign.",
                      risetime::one_of("vocabulary", "hashing")),
      risetime::field("vocabulary", &Options::vocabulary,
                      "At most so many words are kept: those that most videos have.", risetime::range(1, 5e6)),
      risetime::field("min_documents", &Options::min_documents, "A word is kept only if so many videos have it.",
                      risetime::range(1, 1e12)),
      risetime::field("buckets", &Options::buckets, "How many buckets hashing has.", risetime::range(1, 4194304)),
      risetime::field("project_to", &Options::project_to,
                      "Numbers a video after the random projection; 0 keeps one number a word (for up to 4096 words).",
                      risetime::range(0, Projection::most_components)),
      risetime::field("seed", &Options::seed,
                      "Which random projection. Vectors of different seeds cannot be compared."),
      risetime::field(
          "weighting", &Options::weighting,
          "What a word counts that stands n times in a video: n, 1, log2(1 + n), or n times log2 of how rare it is.",
          risetime::one_of("count", "binary", "log", "tfidf")),
      risetime::field("fields", &Options::fields_read, "Which texts of a video are read.",
                      risetime::one_of("title", "description", "tags")),
      risetime::field(
          "channels", &Options::channels,
          "Learn the vocabulary from these channels only (CHANNEL_ID or platform:CHANNEL_ID); empty means all."),
      risetime::field("shortest_word", &Options::shortest_word, "Words of fewer characters are left out.",
                      risetime::range(1, 64)));
};

/// Reads the table `video`. Calls on one instance must not overlap; inside a call the host's threads share the rows.
class Featurizer {
 public:
  static constexpr Info info{"text", "1.0.0", "Words of title, description and tags, by a sparse random projection."};
  using Config = Options;
  static constexpr const char* input = "video";

  /// Throws Error(Code::config) if the options contradict each other.
  Featurizer(Context host, Options options);

  /// One a dimension: the word, the bucket, or the number of the projected component.
  std::vector<std::string> names() const;
  /// Learns the vocabulary of these videos. Throws Error(Code::input) if no word is left and no projection was asked
  /// for.
  void fit(Batches& rows);
  /// A vector for each video; a video without words gets zeros.
  void describe(const Batch& rows, Vectors& out) const;

  void save(Writer& out) const;
  /// Throws Error(Code::state) if the state was saved with other options or another Unicode version.
  void load(Reader& in);

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  enum class Weighting { count, binary, log, tfidf };
  /// Where a word is counted, and as what.
  struct Bin {
    uint32_t number;  // bins() for a word that is not counted
    int32_t sign;
  };
  /// What one thread needs while it reads texts. No result depends on which of them has read a text before.
  struct Scratch {
    Scratch() : breaker(WordRules::shared()) {}
    void begin_video(size_t bin_count, size_t dimensions);
    void count(Bin bin) {
      if (counts[bin.number] == 0) touched.push_back(bin.number);
      counts[bin.number] += bin.sign;
    }
    void forget_words();

    WordBreaker breaker;
    std::string tags;  // of a video, as one text
    // Of fit():
    std::vector<uint64_t> documents;  // [words of the breaker]: in how many videos, then the last one in the lower half
    uint32_t last_document = 0;       // counted from 1
    // Of describe():
    std::vector<Bin> bins;          // [words of the breaker]
    std::vector<int32_t> counts;    // [bins + 1], all 0 between two videos
    std::vector<uint32_t> touched;  // bins whose count may not be 0
    // [dimensions + 4]: what is to be added, then what is to be taken away. Whole numbers below 2^53: exact in any
    // order.
    std::vector<double> sums;
  };
  /// A row of the projection that has few entries, so that all are added without asking how many there are: those that
  /// are missing go to sums behind the last. Most rows are such.
  struct ShortRow {
    static constexpr size_t size = 4;
    static constexpr Projection::Entry longer = 0xffff;  // as the last: the row has more, see entries_
    std::array<Projection::Entry, size> entries;
  };
  /// The columns of a batch that are read.
  struct Texts {
    std::vector<const Column*> plain;
    const Column* tags = nullptr;
  };

  uint64_t bins() const { return hashes_ ? static_cast<uint64_t>(options_.buckets) : vocabulary_.size(); }
  size_t dimensions() const {
    return static_cast<size_t>(options_.project_to != 0 ? options_.project_to : static_cast<int64_t>(bins()));
  }
  using Ranges = std::function<void(Scratch& scratch, size_t begin, size_t end)>;
  void share_rows(size_t begin, size_t end, const Ranges& body) const;
  /// Document counts by the words' hashes: [parts], each for the words that fall to it.
  using Shards = std::vector<DocumentCounts>;
  void prune(Shards& shards);
  void add_counts(Shards& shards);
  std::vector<Candidate> candidates(const Shards& shards) const;
  void learn(std::vector<Candidate> words, uint64_t videos);
  void make_projection();
  void make_short_rows();
  void use_weights();
  void check_projection() const;
  bool is_long_enough(std::string_view word) const;
  Texts texts_of(const Batch& rows) const;
  template <class Use>
  static void each_text(const Texts& texts, size_t row, Scratch& scratch, const Use& use);
  static void fetch_texts(const Texts& texts, size_t row);
  static void count_document(const Texts& texts, size_t row, Scratch& scratch);
  bool is_chosen(const Batch& rows, size_t row) const;
  void describe_row(const Texts& texts, size_t row, Scratch& scratch, float* vector) const;
  void find_bins(Scratch& scratch) const;
  Bin bin_of(std::string_view word) const;
  void add_to_sums(uint32_t bin, double amount, double* sums) const;
  void write_vector(const Scratch& scratch, float* vector) const;
  int64_t weight(uint32_t bin, int32_t count) const;

  Context host_;
  Options options_;
  bool hashes_;
  Weighting weighting_;
  Vocabulary vocabulary_;
  double scale_ = 1;
  std::vector<uint32_t> row_begin_;         // [bins + 1] into entries_, if there is a projection
  std::vector<Projection::Entry> entries_;  // the projection's rows, one after the other
  std::vector<ShortRow> short_rows_;        // [bins + 1], if there is a projection
  std::vector<int64_t> rarity_;             // [bins + 1] for tfidf, fixed point
  mutable std::vector<Scratch> scratches_;  // one for each of the host's threads
};

/// log2(value) in units of 2^-24, rounded down; the same on every machine, which std::log2 is not. value >= 1.
int64_t fixed_log2(uint64_t value);

}  // namespace risetime::text
