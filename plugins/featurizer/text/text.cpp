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
constexpr size_t rows_a_task = 256;
constexpr uint64_t documents_a_pruning = 1U << 16;
constexpr size_t most_counted_words = 8'000'000;  // about 500 MB
constexpr uint32_t state_version = 1;

/// Adds all parts into the first.
void merge(std::vector<DocumentCounts>& parts) {
  for (size_t part = 1; part < parts.size(); ++part) {
    parts[0].add(parts[part]);
    parts[part] = {};
  }
}

void prune(std::vector<DocumentCounts>& parts) {
  size_t words = 0;
  for (const DocumentCounts& part : parts) words += part.size();
  if (words <= most_counted_words) return;
  merge(parts);
  if (parts[0].size() > most_counted_words) parts[0].drop_rarest();
}

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
void Featurizer::Scratch::begin_video(size_t bins, size_t dimensions) {
  for (const uint32_t bin : touched) counts[bin] = 0;
  touched.clear();
  counts.resize(bins);
  sums.resize(dimensions);
  summed.resize((dimensions + 63) / 64);
}

/// A scratch out of the pool for as long as this lives.
class Featurizer::Lease {
 public:
  explicit Lease(const Featurizer& owner) : owner_(owner) {
    {
      const std::lock_guard<std::mutex> lock(owner.pool_mutex_);
      if (!owner.pool_.empty()) {
        scratch_ = std::move(owner.pool_.back());
        owner.pool_.pop_back();
      }
    }
    if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>(owner.rules_);
  }
  ~Lease() {
    const std::lock_guard<std::mutex> lock(owner_.pool_mutex_);
    owner_.pool_.push_back(std::move(scratch_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Scratch& operator*() { return *scratch_; }

 private:
  const Featurizer& owner_;
  std::unique_ptr<Scratch> scratch_;
};

Featurizer::Featurizer(Context host, Options options)
    : host_(std::move(host)),
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

/// The words of a video's texts, all at once, so that their places in `table` can be on their way before they are
/// needed.
const std::vector<Word>& Featurizer::words_of(const Texts& texts, size_t row, Scratch& scratch,
                                              const WordTable& table) const {
  scratch.text.clear();
  const auto add = [&](std::string_view text) {
    scratch.text.append(text).push_back('\n');
  };  // a line's end parts words
  for (const Column* column : texts.plain)
    if (!column->is_null(row)) add(column->text(row));
  if (texts.tags != nullptr && !texts.tags->is_null(row)) {
    const Column tags = texts.tags->items(row);
    for (size_t i = 0; i < tags.size(); ++i)
      if (!tags.is_null(i)) add(tags.text(i));
  }
  const std::vector<Word>& words = scratch.breaker.words_of(scratch.text);
  for (const Word& word : words) table.fetch_slot(word.hash);
  for (const Word& word : words) table.fetch_record(word.hash);
  return words;
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

void Featurizer::fit(Batches& rows) {
  // A part a thread: the sums do not depend on who counted what.
  uint64_t videos_read = 0;
  std::vector<DocumentCounts> parts(std::max<size_t>(1, host_.width()));
  while (const auto batch = hashes_ ? std::nullopt : rows.next()) {
    host_.check_cancelled();
    for (size_t begin = 0; begin < batch->rows();) {
      // Rare words are dropped after fixed numbers of videos, whatever the batches' sizes.
      const auto until_pruning = static_cast<size_t>(documents_a_pruning - videos_read % documents_a_pruning);
      const size_t end = std::min(batch->rows(), begin + until_pruning);
      count_documents(*batch, begin, end, parts);
      videos_read += end - begin;
      if (videos_read % documents_a_pruning == 0) prune(parts);
      begin = end;
    }
  }
  merge(parts);
  learn(parts.front());
}

/// Keeps `counts` as the vocabulary and makes what follows from it.
void Featurizer::learn(const DocumentCounts& counts) {
  vocabulary_ =
      Vocabulary(counts, static_cast<size_t>(options_.vocabulary), static_cast<uint64_t>(options_.min_documents));
  if (!hashes_ && vocabulary_.size() == 0) {
    const std::string found = "no word stands in " + std::to_string(options_.min_documents) + " of the " +
                              std::to_string(counts.documents()) + " videos";
    if (options_.project_to == 0) throw Error(Code::input, "text", found + "; lower min_documents, or set project_to");
    host_.warn(found + ", so all vectors are zeros; lower min_documents");
  }
  make_projection();
  use_weights();
}

/// Shares the rows between the parts, in ranges.
void Featurizer::count_documents(const Batch& rows, size_t begin, size_t end,
                                 std::vector<DocumentCounts>& parts) const {
  const Texts texts = texts_of(rows);
  host_.parallel_for(parts.size(), [&](size_t part) {
    Lease scratch(*this);
    DocumentCounts& counts = parts[part];
    const size_t last = begin + (end - begin) * (part + 1) / parts.size();
    for (size_t row = begin + (end - begin) * part / parts.size(); row < last; ++row) {
      if (!is_chosen(rows, row)) continue;
      counts.begin_document();
      for (const Word& word : words_of(texts, row, *scratch, counts.words())) {
        const std::string_view text = (*scratch).breaker.text_of(word);
        if (is_long_enough(text)) counts.add(text, word.hash);
      }
    }
  });
}

void Featurizer::make_projection() {
  row_begin_.clear();
  entries_.clear();
  scale_ = 1;
  if (options_.project_to == 0) return;
  const Projection projection(static_cast<uint64_t>(options_.seed), bins(), static_cast<uint32_t>(options_.project_to));
  scale_ = projection.scale();
  for (uint32_t bin = 0; bin < bins(); ++bin) {
    row_begin_.push_back(static_cast<uint32_t>(entries_.size()));
    projection.append_row(hashes_ ? bin : vocabulary_.words().hash(bin), entries_);
  }
  row_begin_.push_back(static_cast<uint32_t>(entries_.size()));
}

void Featurizer::use_weights() {
  rarity_.clear();
  if (weighting_ != Weighting::tfidf) return;
  for (const uint64_t documents : vocabulary_.documents_of())
    rarity_.push_back(one + fixed_log2(1 + vocabulary_.documents()) - fixed_log2(1 + documents));
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
  host_.parallel_for((rows.rows() + rows_a_task - 1) / rows_a_task, [&](size_t task) {
    host_.check_cancelled();
    Lease scratch(*this);
    const size_t last = std::min(rows.rows(), (task + 1) * rows_a_task);
    for (size_t row = task * rows_a_task; row < last; ++row) describe_row(texts, row, *scratch, &vectors[row * width]);
  });
}

/// Sums are of whole numbers, so their order does not matter; only the last step is rounded.
void Featurizer::describe_row(const Texts& texts, size_t row, Scratch& scratch, float* vector) const {
  scratch.begin_video(bins(), dimensions());
  for (const Word& word : words_of(texts, row, scratch, vocabulary_.words())) {
    const std::string_view text = scratch.breaker.text_of(word);
    if (!is_long_enough(text)) continue;
    uint32_t bin = 0;
    if (hashes_) {
      bin = static_cast<uint32_t>((word.hash & (~uint64_t{0} >> 1)) % bins());
    } else {
      const uint64_t* id = vocabulary_.words().find(text, word.hash);
      if (id == nullptr) continue;
      bin = static_cast<uint32_t>(*id);
    }
    if (scratch.counts[bin] == 0) scratch.touched.push_back(bin);
    scratch.counts[bin] += hashes_ && word.hash >> 63 != 0 ? -1 : 1;
  }
  for (const uint32_t bin : scratch.touched) {
    const int32_t count = std::exchange(scratch.counts[bin], 0);
    if (count == 0) continue;
    const auto amount = static_cast<double>(weight(bin, count));
    if (row_begin_.empty()) {
      scratch.add(bin, amount);
      continue;
    }
    for (uint32_t i = row_begin_[bin]; i < row_begin_[bin + 1]; ++i)
      scratch.add(Projection::component(entries_[i]), Projection::sign(entries_[i]) * amount);
  }
  scratch.touched.clear();
  std::fill_n(vector, dimensions(), 0.0F);
  const double unit = scale_ / static_cast<double>(one);
  for (size_t block = 0; block < scratch.summed.size(); ++block) {
    for (uint64_t bits = std::exchange(scratch.summed[block], 0); bits != 0; bits &= bits - 1) {
      const size_t i = block * 64 + static_cast<size_t>(__builtin_ctzll(bits));
      vector[i] = static_cast<float>(std::exchange(scratch.sums[i], 0.0) * unit + 0.0);  // + 0.0: never minus zero
    }
  }
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
  check_projection();
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
