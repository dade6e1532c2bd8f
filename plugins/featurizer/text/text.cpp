// The text featurizer's life: options, fit, describe, save and load.
#include "text.hpp"

#include <algorithm>
#include <utility>

namespace risetime::text {
namespace {

constexpr int fraction_bits = 24;
constexpr int64_t one = int64_t{1} << fraction_bits;
constexpr size_t most_dimensions = 4096;  // of a vector that is not projected: 16 KiB a video
constexpr size_t longest_word = 256;      // bytes; what is longer is an address or noise
constexpr size_t rows_a_look_for_cancel = 256;
constexpr size_t rows_a_hand = 64;
constexpr size_t words_ahead = 8;             // that memory is asked for
constexpr size_t videos_expected = 16'384;    // by fit(), which grows where there are more
constexpr size_t most_words_kept = 1U << 20;  // by describe() in each thread, about 60 MB
constexpr uint64_t documents_a_pruning = 1U << 16;
constexpr size_t most_counted_words = 8'000'000;  // about 500 MB
constexpr uint32_t state_version = 1;

}  // namespace

int64_t fixed_log2(uint64_t value) {
  int whole = 63;
  while (value >> whole == 0) --whole;
  uint64_t mantissa = value << (63 - whole);  // 1.0 to 2.0 in units of 2^-63
  int64_t result = whole;
  for (int bit = 0; bit < fraction_bits; ++bit) {
    __extension__ using Wide = unsigned __int128;
    const Wide square = Wide{mantissa} * mantissa;  // in units of 2^-126
    const bool doubled = (square >> 127) != 0;
    mantissa = static_cast<uint64_t>(square >> (doubled ? 64 : 63));
    result = result * 2 + (doubled ? 1 : 0);
  }
  return result;
}

/// All counts and sums 0, also if the last video was left because of an error.
void Featurizer::Scratch::begin_video(size_t bin_count, size_t dimensions) {
  for (const uint32_t bin : touched) counts[bin] = 0;
  touched.clear();
  counts.resize(bin_count + 1);
  sums.assign(2 * (dimensions + ShortRow::size), 0);
}

void Featurizer::Scratch::forget_words() {
  breaker.forget();
  documents.clear();
  bins.clear();
}

Featurizer::Featurizer(Context host, Options options)
    : host_(host),
      options_(std::move(options)),
      hashes_(options_.method == "hashing"),
      weighting_(options_.weighting == "count"    ? Weighting::count
                 : options_.weighting == "binary" ? Weighting::binary
                 : options_.weighting == "log"    ? Weighting::log
                                                  : Weighting::tfidf) {
  const int64_t widest = hashes_ ? options_.buckets : options_.vocabulary;
  if (options_.project_to == 0 && widest > static_cast<int64_t>(most_dimensions))
    throw Error(Code::config, "project_to",
                "0 keeps every word as a number of its own, up to " + std::to_string(widest) +
                    " a video; set project_to (512 is usual) or " + (hashes_ ? "buckets" : "vocabulary") + " to " +
                    std::to_string(most_dimensions) + " or less");
  if (hashes_ && weighting_ == Weighting::tfidf)
    throw Error(Code::config, "weighting",
                "\"tfidf\" needs to know how rare a word is; use method = \"vocabulary\" or another weighting");
  if (options_.fields_read.empty())
    throw Error(Code::config, "fields", "no text to read; give \"title\", \"description\" or \"tags\"");
  for (size_t i = 0; i < std::max<size_t>(1, host_.width()); ++i) scratches_.emplace_back();
}

std::vector<std::string> Featurizer::names() const {
  std::vector<std::string> names(dimensions());
  for (size_t i = 0; i < names.size(); ++i) {
    if (options_.project_to != 0) {
      names[i] = "component_" + std::to_string(i);
    } else if (hashes_) {
      names[i] = "bucket_" + std::to_string(i);
    } else {
      names[i] = vocabulary_.words().word(i);
    }
  }
  return names;
}

bool Featurizer::is_long_enough(std::string_view word) const {
  if (word.size() > longest_word) return false;
  if (options_.shortest_word == 1) return true;
  const auto characters =
      std::count_if(word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return characters >= options_.shortest_word;
}

Featurizer::Texts Featurizer::texts_of(const Batch& rows) const {
  Texts texts;
  for (const std::string& name : options_.fields_read) {
    if (name == "tags") {
      texts.tags = &rows.column(name, Type::list);
    } else {
      texts.plain.push_back(&rows.column(name, Type::utf8));
    }
  }
  return texts;
}

/// Each text of a video where it lies, and its tags as one: a line's end parts words.
template <class Use>
void Featurizer::each_text(const Texts& texts, size_t row, Scratch& scratch, const Use& use) {
  for (const Column* column : texts.plain)
    if (!column->is_null(row)) use(column->text(row));
  if (texts.tags == nullptr || texts.tags->is_null(row)) return;
  const Column tags = texts.tags->items(row);
  if (tags.size() == 1 && !tags.is_null(0)) return use(tags.text(0));
  scratch.tags.clear();
  for (size_t i = 0; i < tags.size(); ++i)
    if (!tags.is_null(i)) scratch.tags.append(tags.text(i)).push_back('\n');
  use(std::string_view(scratch.tags));
}

/// Asks memory for a video's texts.
void Featurizer::fetch_texts(const Texts& texts, size_t row) {
  const auto fetch = [](std::string_view text) {
    constexpr size_t line = 64, most = 1024;
    for (size_t at = 0; at < text.size() && at < most; at += line) __builtin_prefetch(text.data() + at);
  };
  for (const Column* column : texts.plain)
    if (!column->is_null(row)) fetch(column->text(row));
  if (texts.tags == nullptr || texts.tags->is_null(row)) return;
  const Column tags = texts.tags->items(row);
  if (tags.size() > 0 && !tags.is_null(0)) fetch(tags.text(0));
}

bool Featurizer::is_chosen(const Batch& rows, size_t row) const {
  if (options_.channels.empty()) return true;
  const std::string_view channel = rows.column("channel_id", Type::utf8).text(row);
  const std::string_view platform = rows.column("platform", Type::utf8).text(row);
  return std::any_of(options_.channels.begin(), options_.channels.end(), [&](std::string_view wanted) {
    if (wanted == channel) return true;
    return wanted.size() == platform.size() + 1 + channel.size() && wanted.substr(0, platform.size()) == platform &&
           wanted[platform.size()] == ':' && wanted.substr(platform.size() + 1) == channel;
  });
}

/// Deals the rows to the threads' scratches in hands of a few, the same ones for the same rows: a scratch knows their
/// words again. Neighbours cost alike (a channel's language), so whole halves would leave one thread waiting.
void Featurizer::share_rows(size_t begin, size_t end, const Ranges& body) const {
  const size_t parts = scratches_.size();
  const size_t hand = parts == 1 ? std::max<size_t>(1, end - begin) : rows_a_hand;
  host_.parallel_for(parts, [&](size_t part) {
    for (size_t first = begin + part * hand; first < end; first += parts * hand)
      body(scratches_[part], first, std::min(end, first + hand));
  });
}

void Featurizer::fit(Batches& rows) {
  uint64_t videos_read = 0, videos = 0;
  Shards shards(scratches_.size());
  for (Scratch& scratch : scratches_) {
    scratch.forget_words();
    scratch.breaker.reserve(videos_expected / scratches_.size());
    scratch.last_document = 0;
  }
  while (const auto batch = hashes_ ? std::nullopt : rows.next()) {
    host_.check_cancelled();
    const Texts texts = texts_of(*batch);
    for (size_t begin = 0; begin < batch->rows();) {
      // Rare words are dropped after fixed numbers of videos, whatever the batches' sizes.
      const auto until_pruning = static_cast<size_t>(documents_a_pruning - videos_read % documents_a_pruning);
      const size_t end = std::min(batch->rows(), begin + until_pruning);
      share_rows(begin, end, [&](Scratch& scratch, size_t first, size_t last) {
        for (size_t row = first; row < last; ++row) {
          if (row + 1 < last) fetch_texts(texts, row + 1);
          if (is_chosen(*batch, row)) count_document(texts, row, scratch);
        }
      });
      videos_read += end - begin;
      if (videos_read % documents_a_pruning == 0) prune(shards);
      begin = end;
    }
  }
  for (const Scratch& scratch : scratches_) videos += scratch.last_document;
  if (scratches_.size() > 1 || shards[0].size() > 0) add_counts(shards);
  learn(candidates(shards), videos);
}

void Featurizer::count_document(const Texts& texts, size_t row, Scratch& scratch) {
  const uint32_t document = ++scratch.last_document;
  each_text(texts, row, scratch, [&](std::string_view text) {
    const Span<const uint32_t> words = scratch.breaker.words_of_and_keep(text);
    scratch.documents.resize(scratch.breaker.words().size());
    for (const uint32_t word : words) {
      uint64_t& documents = scratch.documents[word];
      const uint64_t is_new = static_cast<uint32_t>(documents) != document ? 1 : 0;
      documents = ((documents >> 32) + is_new) << 32 | document;
    }
  });
}

/// Moves what the threads counted into the shards. The sums do not depend on who counted what.
void Featurizer::add_counts(Shards& shards) {
  size_t words_met = 0, bytes = 0;
  for (const Scratch& scratch : scratches_) {
    words_met += scratch.documents.size();
    bytes += scratch.breaker.words().bytes();
  }
  host_.parallel_for(shards.size(), [&](size_t shard) {
    shards[shard].reserve(words_met / shards.size(), bytes / shards.size());
    for (const Scratch& scratch : scratches_) {
      const WordTable& words = scratch.breaker.words();
      const auto falls_here = [&](size_t i) { return (words.hash(i) >> 32) * shards.size() >> 32 == shard; };
      const size_t count = scratch.documents.size();
      for (size_t i = 0; i < count; ++i) {
        if (i + words_ahead < count) shards[shard].words().fetch(words.hash(i + words_ahead));
        if (scratch.documents[i] != 0 && falls_here(i) && is_long_enough(words.word(i)))
          shards[shard].add(words.word(i), scratch.documents[i] >> 32);
      }
    }
  });
  for (Scratch& scratch : scratches_) scratch.documents.clear();
}

void Featurizer::prune(Shards& shards) {
  size_t words = 0;
  for (const DocumentCounts& shard : shards) words += shard.size();
  for (const Scratch& scratch : scratches_) words += scratch.documents.size();
  if (words <= most_counted_words) return;
  add_counts(shards);
  for (Scratch& scratch : scratches_) scratch.forget_words();
  words = 0;
  for (const DocumentCounts& shard : shards) words += shard.size();
  if (words > most_counted_words)
    for (DocumentCounts& shard : shards) shard.drop_rarest();
}

/// The words that enough videos have: of the shards, or of the only thread if nothing had to be added up.
std::vector<Candidate> Featurizer::candidates(const Shards& shards) const {
  std::vector<Candidate> words;
  const auto add = [&](const WordTable& table, size_t index, uint64_t documents) {
    if (documents >= static_cast<uint64_t>(options_.min_documents) && is_long_enough(table.word(index)))
      words.emplace_back(table.word(index), documents);
  };
  for (const DocumentCounts& shard : shards)
    for (size_t i = 0; i < shard.size(); ++i) add(shard.words(), i, shard.documents_of(i));
  const Scratch& only = scratches_.front();
  for (size_t i = 0; i < only.documents.size(); ++i) add(only.breaker.words(), i, only.documents[i] >> 32);
  return words;
}

/// Keeps these words as the vocabulary and makes what follows from it.
void Featurizer::learn(std::vector<Candidate> words, uint64_t videos) {
  vocabulary_ = Vocabulary(std::move(words), static_cast<size_t>(options_.vocabulary), videos);
  if (!hashes_ && vocabulary_.size() == 0) {
    const std::string found =
        "no word stands in " + std::to_string(options_.min_documents) + " of the " + std::to_string(videos) + " videos";
    if (options_.project_to == 0) throw Error(Code::input, "text", found + "; lower min_documents, or set project_to");
    host_.warn(found + ", so all vectors are zeros; lower min_documents");
  }
  for (Scratch& scratch : scratches_) scratch.bins.clear();
  make_projection();
  use_weights();
}

void Featurizer::make_projection() {
  row_begin_.clear();
  entries_.clear();
  scale_ = 1;
  if (options_.project_to != 0) {
    const Projection projection(static_cast<uint64_t>(options_.seed), bins(),
                                static_cast<uint32_t>(options_.project_to));
    scale_ = projection.scale();
    const size_t parts = scratches_.size();
    row_begin_.resize(bins() + 1);
    std::vector<std::vector<Projection::Entry>> drawn(parts);
    host_.parallel_for(parts, [&](size_t part) {
      for (size_t bin = bins() * part / parts; bin < bins() * (part + 1) / parts; ++bin) {
        projection.append_row(hashes_ ? bin : hash_bytes(vocabulary_.words().word(bin)), drawn[part]);
        row_begin_[bin + 1] = static_cast<uint32_t>(drawn[part].size());
      }
    });
    for (size_t part = 0; part < parts; ++part) {
      for (size_t bin = bins() * part / parts; bin < bins() * (part + 1) / parts; ++bin)
        row_begin_[bin + 1] += static_cast<uint32_t>(entries_.size());
      entries_.insert(entries_.end(), drawn[part].begin(), drawn[part].end());
    }
  }
  make_short_rows();
}

void Featurizer::make_short_rows() {
  short_rows_.clear();
  if (row_begin_.empty()) return;
  for (size_t bin = 0; bin < row_begin_.size(); ++bin) {  // one more than bins, for the words that are not counted
    ShortRow& row = short_rows_.emplace_back();
    for (size_t i = 0; i < ShortRow::size; ++i)
      row.entries[i] = static_cast<Projection::Entry>((dimensions() + i) << 1);
    const size_t begin = row_begin_[bin], end = bin + 1 < row_begin_.size() ? row_begin_[bin + 1] : begin;
    if (end - begin <= ShortRow::size) {
      std::copy(entries_.begin() + static_cast<std::ptrdiff_t>(begin),
                entries_.begin() + static_cast<std::ptrdiff_t>(end), row.entries.begin());
    } else {
      row.entries.back() = ShortRow::longer;
    }
  }
}

void Featurizer::use_weights() {
  rarity_.clear();
  if (weighting_ != Weighting::tfidf) return;
  for (const uint64_t documents : vocabulary_.documents_of())
    rarity_.push_back(one + fixed_log2(1 + vocabulary_.documents()) - fixed_log2(1 + documents));
  rarity_.push_back(0);
}

/// What `count` occurrences weigh, in units of 2^-24; counts are negative where hashing gave a word the sign -1.
int64_t Featurizer::weight(uint32_t bin, int32_t count) const {
  const int64_t sign = count < 0 ? -1 : 1;
  if (weighting_ == Weighting::count) return count * one;
  if (weighting_ == Weighting::binary) return sign * one;
  if (weighting_ == Weighting::log) return sign * fixed_log2(1 + static_cast<uint64_t>(sign * count));
  return count * rarity_[bin];
}

void Featurizer::describe(const Batch& rows, Vectors& out) const {
  const size_t width = dimensions();
  const Texts texts = texts_of(rows);
  const Span<float> vectors = out.add_rows(rows.rows());
  share_rows(0, rows.rows(), [&](Scratch& scratch, size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      if (row % rows_a_look_for_cancel == 0) host_.check_cancelled();
      if (row + 1 < end) fetch_texts(texts, row + 1);
      describe_row(texts, row, scratch, &vectors[row * width]);
    }
  });
}

/// What so much of a bin brings to the vector.
inline void Featurizer::add_to_sums(uint32_t bin, double amount, double* sums) const {
  if (short_rows_.empty()) {
    sums[2 * bin] += amount;
    return;
  }
  const ShortRow& row = short_rows_[bin];
  if (row.entries.back() != ShortRow::longer) {
    for (const Projection::Entry entry : row.entries) sums[entry] += amount;
  } else {
    for (uint32_t i = row_begin_[bin]; i < row_begin_[bin + 1]; ++i) sums[entries_[i]] += amount;
  }
}

void Featurizer::describe_row(const Texts& texts, size_t row, Scratch& scratch, float* vector) const {
  if (scratch.breaker.words().size() > most_words_kept) scratch.forget_words();
  scratch.begin_video(bins(), dimensions());
  const bool is_count = weighting_ == Weighting::count, adds_up = is_count || weighting_ == Weighting::tfidf;
  each_text(texts, row, scratch, [&](std::string_view text) {
    const Span<const uint32_t> words = scratch.breaker.words_of(text);
    find_bins(scratch);
    for (const uint32_t word : words) {
      const Bin bin = scratch.bins[word];
      if (adds_up) {
        const int64_t amount = is_count ? bin.sign * one : weight(bin.number, bin.sign);
        add_to_sums(bin.number, static_cast<double>(amount), scratch.sums.data());
      } else {
        scratch.count(bin);
      }
    }
  });
  for (const uint32_t bin : scratch.touched) {
    const int32_t count = std::exchange(scratch.counts[bin], 0);
    if (count != 0) add_to_sums(bin, static_cast<double>(weight(bin, count)), scratch.sums.data());
  }
  scratch.touched.clear();
  write_vector(scratch, vector);
}

/// Of the words that the breaker has met since the last time.
void Featurizer::find_bins(Scratch& scratch) const {
  const WordTable& words = scratch.breaker.words();
  for (size_t i = scratch.bins.size(); i < words.size(); ++i) {
    if (i + words_ahead < words.size()) vocabulary_.words().fetch(words.hash(i + words_ahead));
    scratch.bins.push_back(bin_of(words.word(i)));
  }
}

Featurizer::Bin Featurizer::bin_of(std::string_view word) const {
  const auto not_counted = static_cast<uint32_t>(bins());
  if (!is_long_enough(word)) return {not_counted, 0};
  if (hashes_) {
    const uint64_t hash = hash_bytes(word);
    return {static_cast<uint32_t>((hash & (~uint64_t{0} >> 1)) % bins()), hash >> 63 != 0 ? -1 : 1};
  }
  const auto* found = vocabulary_.words().find(Key(word));
  return {found == nullptr ? not_counted : found->index, 1};
}

/// Sums are of whole numbers, so their order does not matter; only this last step is rounded.
void Featurizer::write_vector(const Scratch& scratch, float* vector) const {
  const double unit = scale_ / static_cast<double>(one);
  const double* sums = scratch.sums.data();
  const size_t width = dimensions();
  for (size_t i = 0; i < width; ++i)
    vector[i] = static_cast<float>((sums[2 * i] - sums[2 * i + 1]) * unit + 0.0);  // + 0.0: never minus zero
}

namespace {

/// The options that a saved state depends on, as lines that can be compared and shown.
std::string described(const Options& options) {
  std::string text = "method " + options.method + "\nweighting " + options.weighting + "\nproject_to " +
                     std::to_string(options.project_to) + "\nseed " + std::to_string(options.seed) +
                     "\nshortest_word " + std::to_string(options.shortest_word);
  text += options.method == "hashing" ? "\nbuckets " + std::to_string(options.buckets)
                                      : "\nvocabulary " + std::to_string(options.vocabulary) + "\nmin_documents " +
                                            std::to_string(options.min_documents);
  text += "\nfields";
  for (const std::string& name : options.fields_read) text += " " + name;
  text += "\nchannels";
  for (const std::string& name : options.channels) text += " " + name;
  return text + "\nunicode " + WordRules::unicode_version() + "\n";
}

}  // namespace

void Featurizer::save(Writer& out) const {
  out.write(state_version);
  out.write(described(options_));
  out.write(vocabulary_.documents());
  std::vector<std::string> words;
  for (uint32_t id = 0; id < vocabulary_.size(); ++id) words.emplace_back(vocabulary_.words().word(id));
  out.write(words);
  out.write(vocabulary_.documents_of());
  out.write(scale_);
  out.write(row_begin_);
  out.write(entries_);
}

void Featurizer::load(Reader& in) {
  if (const auto version = in.read<uint32_t>(); version != state_version)
    throw Error(Code::state, "text",
                "the state has version " + std::to_string(version) + ", this plugin reads " +
                    std::to_string(state_version) + "; run featurize again");
  if (const auto saved = in.read<std::string>(); saved != described(options_))
    throw Error(Code::state, "text",
                "the state was saved with other settings; run featurize again. Saved:\n" + saved + "now:\n" +
                    described(options_));
  const auto documents = in.read<uint64_t>();
  const auto words = in.read<std::vector<std::string>>();
  vocabulary_ = Vocabulary(words, in.read<std::vector<uint64_t>>(), documents);
  scale_ = in.read<double>();
  row_begin_ = in.read<std::vector<uint32_t>>();
  entries_ = in.read<std::vector<Projection::Entry>>();
  in.finish();
  for (Scratch& scratch : scratches_) scratch.bins.clear();
  check_projection();
  make_short_rows();
  use_weights();
}

/// A damaged state must not make describe() write outside its vectors.
void Featurizer::check_projection() const {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw Error(Code::input, "saved projection", std::string(what) + "; run featurize again");
  };
  if (options_.project_to == 0)
    return require(row_begin_.empty() && entries_.empty(), "it is there though project_to is 0");
  require(row_begin_.size() == bins() + 1 && row_begin_.front() == 0 && row_begin_.back() == entries_.size(),
          "it does not fit the vocabulary");
  require(std::is_sorted(row_begin_.begin(), row_begin_.end()), "its rows overlap");
  require(std::all_of(entries_.begin(), entries_.end(),
                      [&](Projection::Entry entry) { return Projection::component(entry) < dimensions(); }),
          "it has a component too many");
}

}  // namespace risetime::text

RISETIME_PLUGINS(risetime::text::Featurizer);
