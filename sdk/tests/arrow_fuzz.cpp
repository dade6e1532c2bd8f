// Fuzzes the reader of Arrow arrays: whatever a plugin hands over is refused with an Error or can be read to the end.
//
// The interface gives buffers no size, so a reader can only trust that a buffer is as long as the lengths and offsets
// beside it say. The fuzzer keeps that one promise, breaks every other, and lets the address sanitizer watch.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <risetime/arrow.hpp>
#include <vector>

namespace {

using namespace risetime;

// Gives out the input's bytes; zeros after its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  bool chance() { return byte() % 16 == 15; }
  // Mostly small; now and then what no length should be.
  std::int64_t length(std::int64_t usual) {
    switch (byte()) {
      case 255:
        return INT64_MAX;
      case 254:
        return INT64_MIN;
      case 253:
        return -1;
      case 252:
        return std::int64_t{1} << 41;
      case 251:
        return usual + 1;
      default:
        return usual;
    }
  }
  std::size_t left() const { return size_ - at_; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

constexpr std::int64_t most_rows = 12;

template <class Struct>
void release(Struct* released) {
  released->release = nullptr;
}

// A batch whose parts live here. Buffers are heap blocks of exactly the promised size, so that one byte beyond is seen.
class Fuzzed {
 public:
  explicit Fuzzed(Bytes& bytes) : bytes_(bytes) {
    const std::int64_t rows = bytes.byte() % most_rows, offset = bytes.chance() ? bytes.byte() % 4 : 0;
    const std::size_t columns = bytes.byte() % 5U;
    for (std::size_t i = 0; i < columns; ++i) add_column(rows + offset);
    array = make(bytes.length(rows), bytes.length(offset), {}, 1);
    array.n_children = bytes.length(static_cast<std::int64_t>(columns));
    if (array.n_children > static_cast<std::int64_t>(columns)) array.n_children = -1;
    array.children = list(arrays_);
    schema.format = bytes.chance() ? "+l" : "+s";
    schema.n_children = bytes.chance() ? array.n_children : static_cast<std::int64_t>(columns);
    schema.children = list(fields_);
    schema.release = bytes.chance() ? nullptr : release<ArrowSchema>;
  }
  Fuzzed(const Fuzzed&) = delete;
  Fuzzed& operator=(const Fuzzed&) = delete;
  ~Fuzzed() {
    for (void* block : blocks_) std::free(block);
  }

  ArrowArray array{};
  ArrowSchema schema{};

 private:
  void* block(std::size_t size) {
    auto* made = static_cast<std::uint8_t*>(std::malloc(std::max<std::size_t>(size, 1)));
    for (std::size_t i = 0; i < size; ++i) made[i] = bytes_.byte();
    blocks_.push_back(made);
    return made;
  }
  const void* maybe(const void* buffer) { return bytes_.chance() ? nullptr : buffer; }

  template <class Struct>
  Struct** list(std::deque<Struct*>& pointers) {
    auto** made = static_cast<Struct**>(std::calloc(pointers.size() + 1, sizeof(Struct*)));
    blocks_.push_back(made);
    for (std::size_t i = 0; i < pointers.size(); ++i) made[i] = bytes_.chance() ? nullptr : pointers[i];
    return bytes_.chance() ? nullptr : made;
  }

  ArrowArray make(std::int64_t length, std::int64_t offset, const std::vector<const void*>& buffers,
                  std::int64_t at_least) {
    ArrowArray made{};
    made.length = length;
    made.offset = offset;
    made.n_buffers = bytes_.length(std::max<std::int64_t>(at_least, static_cast<std::int64_t>(buffers.size())));
    made.null_count = bytes_.length(0);
    made.release = bytes_.chance() ? nullptr : release<ArrowArray>;
    auto** pointers = static_cast<const void**>(std::calloc(4, sizeof(void*)));
    blocks_.push_back(const_cast<void**>(pointers));
    std::copy(buffers.begin(), buffers.end(), pointers);
    made.buffers = bytes_.chance() ? nullptr : pointers;
    return made;
  }

  // Offsets of any order and sign, and a block that reaches as far as the largest.
  std::int32_t* offsets(std::int64_t rows, std::int32_t& largest) {
    auto* made = static_cast<std::int32_t*>(std::malloc(static_cast<std::size_t>(rows + 1) * sizeof(std::int32_t)));
    blocks_.push_back(made);
    std::int32_t at = bytes_.chance() ? -1 : bytes_.byte() % 3;
    largest = 0;
    for (std::int64_t i = 0; i <= rows; ++i) {
      made[i] = at;
      largest = std::max(largest, at);
      at += bytes_.chance() ? -static_cast<std::int32_t>(bytes_.byte()) : bytes_.byte() % 5;
    }
    return made;
  }

  // An array of `rows` values that is honest about the size of its buffers.
  ArrowArray plain(char format, std::int64_t needed) {
    const std::int64_t skipped = bytes_.chance() ? bytes_.byte() % 3 : 0;
    const std::int64_t rows = std::max<std::int64_t>(0, needed - (bytes_.chance() ? 1 : 0));
    const auto size = static_cast<std::size_t>(rows + skipped);
    const void* bitmap = bytes_.byte() % 2 == 0 ? nullptr : block((size + 7) / 8);
    if (format == 'u' || format == 'z') {
      std::int32_t largest = 0;
      const auto* starts = offsets(rows + skipped, largest);
      return make(length(rows), skipped, {bitmap, maybe(starts), maybe(block(static_cast<std::size_t>(largest)))}, 3);
    }
    return make(length(rows), skipped, {bitmap, maybe(block(size * (format == 'f' ? 4 : 8)))}, 2);
  }
  // The true length, or one that must be refused before any buffer is read.
  std::int64_t length(std::int64_t rows) {
    const std::int64_t given = bytes_.length(rows);
    return given == rows + 1 ? rows : given;
  }

  void add_column(std::int64_t rows) {
    static const char* const formats[] = {
        "l", "f", "g", "u", "z", "tsu:UTC", "+l", "+w:2", "+w:0", "i", "+w:99999999999", ""};
    static const char* const items[] = {"l", "f", "g", "u", "z", "tsu:UTC", "+l"};
    const std::string_view format = formats[bytes_.byte() % std::size(formats)];
    ArrowSchema& field = schemas_.emplace_back();
    field.format = bytes_.chance() ? nullptr : format.data();
    field.name = bytes_.chance() ? nullptr : "column";
    field.release = bytes_.chance() ? nullptr : release<ArrowSchema>;
    ArrowArray& column = columns_.emplace_back();
    if (format.substr(0, 1) != "+") {
      column = plain(format.empty() ? 'l' : format[0] == 't' ? 'l' : format[0], rows);
    } else {
      ArrowSchema& item = schemas_.emplace_back();
      item.format = items[bytes_.byte() % std::size(items)];
      item.name = "item";
      item.release = release<ArrowSchema>;
      std::int32_t largest = 0;
      const auto* starts = offsets(rows, largest);
      const std::int64_t needed = format == "+l" ? largest : rows * 2;
      ArrowArray& values = columns_.emplace_back(plain(item.format[0] == 't' ? 'l' : item.format[0], needed));
      const void* bitmap = bytes_.byte() % 2 == 0 ? nullptr : block(static_cast<std::size_t>(rows + 7) / 8);
      column = format == "+l" ? make(length(rows), 0, {bitmap, maybe(starts)}, 2) : make(length(rows), 0, {bitmap}, 1);
      column.n_children = field.n_children = bytes_.chance() ? 0 : 1;
      std::deque<ArrowArray*> child{&values};
      std::deque<ArrowSchema*> child_field{&item};
      column.children = list(child);
      field.children = list(child_field);
    }
    if (bytes_.chance()) column.dictionary = &column;
    arrays_.push_back(&column);
    fields_.push_back(&field);
  }

  Bytes& bytes_;
  std::deque<void*> blocks_;
  std::deque<ArrowArray> columns_;
  std::deque<ArrowSchema> schemas_;
  std::deque<ArrowArray*> arrays_;
  std::deque<ArrowSchema*> fields_;
};

// Reads every value; the sum keeps the compiler from leaving it out.
std::uint64_t sum_of(const Column& column) {
  std::uint64_t sum = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.is_null(row)) continue;
    switch (column.type().id) {
      case Type::int64:
      case Type::timestamp:
        sum += static_cast<std::uint64_t>(column.int64(row));
        break;
      case Type::float64:
        sum += column.float64(row) > 0 ? 1U : 2U;
        break;
      case Type::float32:
        sum += column.float32(row) > 0 ? 1U : 2U;
        break;
      case Type::utf8:
        if (!arrow::is_utf8(column.text(row))) std::abort();  // a text that was let through must be one
        [[fallthrough]];
      case Type::binary:
        for (const char c : column.text(row)) sum += static_cast<unsigned char>(c);
        break;
      case Type::list:
      case Type::fixed_size_list:
        sum += sum_of(column.items(row));
        break;
    }
  }
  return sum;
}

volatile std::uint64_t result;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  Fuzzed fuzzed(bytes);
  try {
    const Batch batch = Batch::borrow(fuzzed.array, fuzzed.schema);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < batch.fields().size(); ++i) sum += sum_of(batch.column(i));
    result = sum;
  } catch (const Error&) {
  }
  return 0;
}
