// Builds the word classes from ICU's tables and breaks the pieces of text that are not ASCII.
#include "words.hpp"

#include <unicode/bytestream.h>
#include <unicode/locid.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <risetime/arrow.hpp>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace risetime::text {
namespace {

constexpr size_t padding = Key::head_size;
constexpr size_t most_kept_words = 16U << 20;    // of texts: 64 MiB
constexpr size_t longest_list = 1U << 20;        // of what is remembered of pieces: at most 4 MiB
constexpr size_t longest_remembered_piece = 64;  // bytes: names come again, whole sentences of Chinese do not

void check(UErrorCode status, const char* what) {
  if (U_FAILURE(status))
    throw Error(Code::internal, "text",
                std::string("ICU cannot ") + what + ": " + u_errorName(status) + "; is its data installed?");
}

bool is_emoji(UChar32 c) {
  return c >= 0x2000 && !(c >= 0x3400 && c < 0xe000) &&  // ideographs and Hangul
         (u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) || u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR));
}

/// Scripts whose words ICU finds in a dictionary, and characters that its rules tailor.
bool needs_dictionary(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &status);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
         script == USCRIPT_HANGUL || u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT;
}

WordClass class_of(UChar32 c) {
  if (U_IS_SURROGATE(c) || needs_dictionary(c) || is_emoji(c)) return WordClass::beyond;
  switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK)) {
    case U_WB_ALETTER:
      return WordClass::letter;
    case U_WB_NUMERIC:
      return WordClass::digit;
    case U_WB_EXTENDNUMLET:
      return WordClass::connector;
    // ICU, like CLDR, lets colons part words: "Live: Berlin".
    case U_WB_MIDLETTER:
      return c == ':' || c == 0xfe55 || c == 0xff1a ? WordClass::other : WordClass::mid_letter;
    case U_WB_MIDNUM:
      return WordClass::mid_number;
    case U_WB_MIDNUMLET:
    case U_WB_SINGLE_QUOTE:
      return WordClass::mid_either;
    case U_WB_DOUBLE_QUOTE:
      return WordClass::quote;
    case U_WB_EXTEND:
    case U_WB_FORMAT:
      return WordClass::extend;
    case U_WB_OTHER:
    case U_WB_WSEGSPACE:
    case U_WB_CR:
    case U_WB_LF:
    case U_WB_NEWLINE:
      return u_isalnum(c) ? WordClass::beyond : WordClass::other;
    default:
      return WordClass::beyond;
  }
}

}  // namespace

const WordRules& WordRules::shared() {
  static const WordRules rules;
  return rules;
}

WordRules::WordRules() : basic_plane_(0x10000), folded_(0x3000) {
  UErrorCode status = U_ZERO_ERROR;
  fold_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status, "load its normalization tables");
  boundaries_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  check(status, "load its word boundaries");
  for (uint32_t c = 0; c < basic_plane_.size(); ++c) basic_plane_[c] = class_of(static_cast<UChar32>(c));
  for (size_t byte = 0; byte < ascii_.size(); ++byte)
    ascii_[byte] = byte < 0x80 ? basic_plane_[byte] : WordClass::beyond;
  for (uint32_t c = 1; c < folded_.size(); ++c) {
    const auto character = static_cast<UChar32>(c);
    if (!fold_->hasBoundaryBefore(character)) continue;
    const icu::UnicodeString folded = fold_->normalize(icu::UnicodeString(character), status);
    check(status, "fold a character");
    if (folded.length() == 1 && !U_IS_SURROGATE(folded[0])) folded_[c] = static_cast<uint16_t>(folded[0]);
  }
}

std::unique_ptr<icu::BreakIterator> WordRules::boundaries() const {
  return std::unique_ptr<icu::BreakIterator>(boundaries_->clone());
}

std::string WordRules::unicode_version() {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  return std::to_string(version[0]) + "." + std::to_string(version[1]);
}

#if defined(__SSE2__)
namespace {

/// The bytes between `low` and `high`, both ASCII; bytes of 0x80 and above are negative here and never between.
__m128i between(__m128i bytes, char low, char high) {
  return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(low - 1))),
                       _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(high + 1))));
}
uint64_t bits_of(__m128i mask) { return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(mask))); }

}  // namespace
#endif

void WordBreaker::scan(std::string_view text) {
  const size_t size = text.size();
  if (memory_.size() < size + padding) memory_.resize(size + padding);
  const size_t blocks = size / 64 + 1;
  inside_.assign(blocks, 0);
  special_.assign(blocks, 0);
  size_t at = 0;
#if defined(__SSE2__)
  // The classes of ASCII as WordRules has them: a test holds both together.
  for (; at + 16 <= size; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i capital = between(bytes, 'A', 'Z');
    const __m128i lower = _mm_or_si128(bytes, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&memory_[at]), lower);
    const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    const __m128i plain = _mm_or_si128(_mm_or_si128(between(lower, 'a', 'z'), between(bytes, '0', '9')), is('_'));
    const __m128i marks =
        _mm_or_si128(_mm_or_si128(is('.'), is(',')), _mm_or_si128(_mm_or_si128(is(';'), is('"')), is('\'')));
    // The highest bit of a byte says: not ASCII.
    inside_[at / 64] |= (bits_of(plain) | bits_of(bytes)) << (at % 64);
    special_[at / 64] |= (bits_of(marks) | bits_of(bytes)) << (at % 64);
  }
#endif
  for (; at < size; ++at) {
    const char c = text[at];
    memory_[at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    const WordClass kind = class_at(text, at);
    inside_[at / 64] |= uint64_t{is_joiner(kind) || kind == WordClass::beyond} << (at % 64);
    special_[at / 64] |= uint64_t{kind != WordClass::other && !is_joiner(kind)} << (at % 64);
  }
  keep_marks_inside_words();
}

/// Marks such as commas join only what stands directly on both sides; elsewhere they part words like a space. Behind
/// what is not ASCII they stay, for the closer look: an apostrophe belongs to the Hebrew letter before it.
void WordBreaker::keep_marks_inside_words() {
  uint64_t inside_before = 0, high_before = 0;  // of the block before
  for (size_t block = 0; block < inside_.size(); ++block) {
    const uint64_t inside = inside_[block], high = special_[block] & inside;
    const uint64_t inside_after = block + 1 < inside_.size() ? inside_[block + 1] : 0;
    const uint64_t left = inside << 1 | inside_before >> 63, right = inside >> 1 | inside_after << 63;
    special_[block] &= inside | (left & right) | high << 1 | high_before >> 63;
    inside_[block] |= special_[block];
    inside_before = inside;
    high_before = high;
  }
}

/// A piece begins and ends where `inside_` changes; the last ends with the text, as there is a bit behind it.
void WordBreaker::find_pieces() {
  pieces_.clear();
  uint64_t before = 0;
  bool open = false;
  size_t begin = 0;
  for (size_t block = 0; block < inside_.size(); ++block) {
    const uint64_t inside = inside_[block];
    for (uint64_t edges = inside ^ (inside << 1 | before); edges != 0; edges &= edges - 1) {
      const size_t at = block * 64 + static_cast<size_t>(__builtin_ctzll(edges));
      if (open) add_piece(begin, at);
      begin = at;
      open = !open;
    }
    before = inside >> 63;
  }
}

void WordBreaker::add_piece(size_t begin, size_t end) {
  pieces_.push_back(Key::padded(memory_.data() + begin, end - begin));
  words_.fetch(pieces_.back());
}

Span<const uint32_t> WordBreaker::words_of(std::string_view text) {
  if (!texts_.empty()) {
    if (next_text_ == texts_.size()) next_text_ = 0;
    if (texts_[next_text_] == digest_of(text)) {
      const size_t begin = text_begin_[next_text_++];
      return {text_words_.data() + begin, text_begin_[next_text_] - begin};
    }
  }
  break_text(text);
  return {found_.data(), found_.size()};
}

Span<const uint32_t> WordBreaker::words_of_and_keep(std::string_view text) {
  break_text(text);
  if (text_words_.size() + found_.size() <= most_kept_words) {
    texts_.push_back(digest_of(text));
    text_words_.insert(text_words_.end(), found_.begin(), found_.end());
    text_begin_.push_back(text_words_.size());
  }
  return {found_.data(), found_.size()};
}

/// Fills `found_`.
void WordBreaker::break_text(std::string_view text) {
  if (text.size() >= size_t{1} << 30)
    throw Error(Code::input, "text", "a text of " + std::to_string(text.size()) + " bytes is too long");
  found_.clear();
  scan(text);
  find_pieces();
  for (const Key& piece : pieces_) {
    const auto* known = words_.find(piece);
    if (known == nullptr || known->value == unknown) {
      break_piece(piece);
    } else if (known->value == is_itself) {
      found_.push_back(known->index);
    } else {
      const auto list = lists_.begin() + static_cast<std::ptrdiff_t>(known->value - first_list);
      found_.insert(found_.end(), list + 1, list + 1 + *list);
    }
  }
}

void WordBreaker::forget() {
  words_.clear();
  lists_.clear();
  texts_.clear();
  text_begin_.assign(1, 0);
  text_words_.clear();
  next_text_ = 0;
}

/// As many different words a video as titles and tags of 20,000 have, and bytes; what is not used is never touched.
void WordBreaker::reserve(size_t videos) {
  words_.reserve(videos * 8, videos * 8 * 10);
  texts_.reserve(videos * 2);
  text_words_.reserve(videos * 64);
  text_begin_.reserve(videos * 2 + 1);
}

/// A word of letters and digits alone, as most are that are new.
bool WordBreaker::is_plain_word(std::string_view piece) const {
  return std::all_of(piece.begin(), piece.end(), [&](char c) {
    const WordClass kind = rules_.ascii(static_cast<unsigned char>(c));
    return kind == WordClass::letter || kind == WordClass::digit;
  });
}

void WordBreaker::break_piece(const Key& piece) {
  if (is_plain_word(piece.bytes())) {
    WordTable::Entry& word = words_.add(piece);
    word.value = is_itself;
    found_.push_back(word.index);
    return;
  }
  const size_t first_word = found_.size();
  if (is_ascii(piece.bytes())) {
    add_ascii_words(piece.bytes());
  } else {
    add_unicode_words(piece.bytes());
  }
  remember(piece, first_word);
}

void WordBreaker::remember(const Key& piece, size_t first_word) {
  const std::string_view bytes = piece.bytes();
  if (bytes.size() > longest_remembered_piece) return;
  const size_t count = found_.size() - first_word;
  if (count == 1 && words_.word(found_[first_word]) == bytes) {
    words_.add(piece).value = is_itself;
  } else if (lists_.size() + count < longest_list) {
    words_.add(piece).value = first_list + static_cast<uint32_t>(lists_.size());
    lists_.push_back(static_cast<uint32_t>(count));
    lists_.insert(lists_.end(), found_.begin() + static_cast<std::ptrdiff_t>(first_word), found_.end());
  }
}

void WordBreaker::add_ascii_words(std::string_view piece) {
  for (size_t at = 0; at < piece.size();) {
    const size_t begin = at++;
    WordClass last = class_at(piece, begin);
    if (!is_joiner(last)) continue;
    bool is_word = last != WordClass::connector;
    for (; at < piece.size(); ++at) {
      const WordClass next = class_at(piece, at);
      if (!is_joiner(next)) {
        if (at + 1 == piece.size() || class_at(piece, at + 1) != last || !joins(last, next)) break;
        ++at;
        continue;
      }
      last = next;
      is_word = is_word || next != WordClass::connector;
    }
    if (is_word) add_word(piece.substr(begin, at - begin));
  }
}

void WordBreaker::add_unicode_words(std::string_view piece) {
  const Need need = fold_by_table(piece);
  if (need == Need::folding) fold_by_icu(piece);
  if (need == Need::nothing || (need == Need::folding && classify())) {
    break_by_rules();
  } else {
    break_by_icu();
  }
}

namespace {

struct Decoded {
  uint32_t code_point = 0;
  uint32_t length = 0;  // 0: not a character of the basic plane, or not UTF-8
};

Decoded decode(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[at + i])); };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const uint32_t length = lead < 0xe0 ? 2 : 3;
  if (lead < 0xc2 || lead >= 0xf0 || at + length > text.size() || (byte(1) & 0xc0) != 0x80) return {};
  if (length == 2) return {(lead & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  const uint32_t code_point = (lead & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  if (code_point < 0x800 || U_IS_SURROGATE(code_point) || (byte(2) & 0xc0) != 0x80) return {};
  return {code_point, 3};
}

void encode(uint32_t code_point, std::string& text) {
  const auto add = [&](uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return add(code_point);
  if (code_point < 0x800) {
    add(0xc0 | code_point >> 6);
  } else {
    add(0xe0 | code_point >> 12);
    add(0x80 | (code_point >> 6 & 0x3f));
  }
  add(0x80 | (code_point & 0x3f));
}

}  // namespace

/// Fills `folded_` and `characters_`, as far as ICU is not needed.
WordBreaker::Need WordBreaker::fold_by_table(std::string_view piece) {
  folded_.clear();
  characters_.clear();
  Need need = Need::nothing;
  for (size_t at = 0; at < piece.size();) {
    const Decoded read = decode(piece, at);
    const uint32_t folded = rules_.folded(read.code_point);
    if (folded == 0) return Need::folding;
    encode(folded, folded_);
    const WordClass kind = rules_.of(folded);
    if (kind == WordClass::beyond) need = Need::boundaries;
    characters_.push_back({kind, static_cast<uint32_t>(folded_.size())});
    at += read.length;
  }
  return need;
}

void WordBreaker::fold_by_icu(std::string_view piece) {
  std::string mended;
  if (!arrow::is_utf8(piece))
    piece = icu::UnicodeString::fromUTF8(icu::StringPiece(piece.data(), static_cast<int32_t>(piece.size())))
                .toUTF8String(mended);
  UErrorCode status = U_ZERO_ERROR;
  folded_.clear();
  icu::StringByteSink<std::string> sink(&folded_);
  rules_.fold().normalizeUTF8(0, icu::StringPiece(piece.data(), static_cast<int32_t>(piece.size())), sink, nullptr,
                              status);
  check(status, "fold a text");
}

/// Fills `characters_` from `folded_`, which is well-formed UTF-8; false if some character needs ICU's rules.
bool WordBreaker::classify() {
  characters_.clear();
  for (size_t at = 0; at < folded_.size();) {
    const Decoded read = decode(folded_, at);
    const WordClass kind = read.length == 0 ? WordClass::beyond : rules_.of(read.code_point);
    if (kind == WordClass::beyond) return false;
    at += read.length;
    characters_.push_back({kind, static_cast<uint32_t>(at)});
  }
  return true;
}

/// The boundary rules WB4 to WB13b over `characters_`.
void WordBreaker::break_by_rules() {
  const size_t count = characters_.size();
  const auto behind_marks = [&](size_t at) {  // WB4: marks count as part of the character before them
    while (at < count && characters_[at].kind == WordClass::extend) ++at;
    return at;
  };
  size_t at = 0;
  while (at < count) {
    const size_t begin = at;
    WordClass last = characters_[at].kind;
    at = behind_marks(at + 1);
    if (!is_joiner(last)) continue;
    bool is_word = last != WordClass::connector;
    while (at < count) {
      const WordClass next = characters_[at].kind;
      if (is_joiner(next)) {
        last = next;
        is_word = is_word || next != WordClass::connector;
        at = behind_marks(at + 1);
        continue;
      }
      const size_t after = behind_marks(at + 1);
      if (after == count || characters_[after].kind != last || !joins(last, next)) break;
      at = behind_marks(after + 1);
    }
    const uint32_t first_byte = begin == 0 ? 0 : characters_[begin - 1].end;
    if (is_word) add_word(std::string_view(folded_).substr(first_byte, characters_[at - 1].end - first_byte));
  }
}

bool WordBreaker::makes_word(UChar32 c) const {
  const WordClass kind = rules_.of(static_cast<uint32_t>(c));
  return kind == WordClass::letter || kind == WordClass::digit || u_isalnum(c);
}

/// What stands between two of ICU's boundaries is a word if it begins with an emoji or has a letter or digit. ICU's own
/// status differs for "__" and "a_" + mark.
void WordBreaker::break_by_icu() {
  if (boundaries_ == nullptr) boundaries_ = rules_.boundaries();
  std::replace(folded_.begin(), folded_.end(), '@', ' ');  // ICU 72 takes it for a letter, UAX #29 does not
  wide_ = icu::UnicodeString::fromUTF8(icu::StringPiece(folded_.data(), static_cast<int32_t>(folded_.size())));
  boundaries_->setText(wide_);
  const char16_t* const units = wide_.getBuffer();
  const int32_t length = wide_.length();
  int32_t at = 0;
  for (size_t byte = 0; at < length;) {
    const int32_t end = boundaries_->next();
    const size_t first_byte = byte;
    bool is_word = false;
    while (at < end) {
      UChar32 c;
      U16_NEXT(units, at, length, c);
      is_word = is_word || makes_word(c) || (byte == first_byte && is_emoji(c));
      byte += static_cast<size_t>(U8_LENGTH(c));
    }
    if (is_word) add_word(std::string_view(folded_).substr(first_byte, byte - first_byte));
  }
}

}  // namespace risetime::text
