// Record batches in the Arrow C data interface: types, reading (checked before use) and writing.
//
// The types risetime exchanges: int64, float32, float64, utf8, binary, timestamp (microseconds, UTC), list and
// fixed-size list of these. A reader ignores columns it does not know, by name.
#pragma once

#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <risetime/error.hpp>
#include <risetime/span.hpp>
#include <utility>

namespace risetime {

enum class Type { int64, float32, float64, utf8, binary, timestamp, list, fixed_size_list };

struct DataType {
  Type id = Type::int64;
  Type item = Type::int64;  // of lists
  std::int32_t width = 0;   // of fixed-size lists

  friend bool operator==(const DataType& a, const DataType& b) {
    const bool is_list = a.id == Type::list || a.id == Type::fixed_size_list;
    return a.id == b.id && (!is_list || a.item == b.item) && (a.id != Type::fixed_size_list || a.width == b.width);
  }
  friend bool operator!=(const DataType& a, const DataType& b) { return !(a == b); }
};

struct Field {
  std::string name;
  DataType type;
  bool nullable = false;
};

inline Field int64_field(std::string name, bool nullable = false) { return {std::move(name), {Type::int64}, nullable}; }
inline Field float64_field(std::string name, bool nullable = false) {
  return {std::move(name), {Type::float64}, nullable};
}
inline Field utf8_field(std::string name, bool nullable = false) { return {std::move(name), {Type::utf8}, nullable}; }
inline Field binary_field(std::string name, bool nullable = false) {
  return {std::move(name), {Type::binary}, nullable};
}
inline Field timestamp_field(std::string name, bool nullable = false) {
  return {std::move(name), {Type::timestamp}, nullable};
}
inline Field list_field(std::string name, Type item, bool nullable = false) {
  return {std::move(name), {Type::list, item}, nullable};
}
inline Field vector_field(std::string name, std::int32_t width, bool nullable = false) {
  return {std::move(name), {Type::fixed_size_list, Type::float32, width}, nullable};
}

// "list<utf8>", "fixed_size_list<float32>[512]": for error messages.
inline std::string name_of(const DataType& type) {
  const auto plain = [](Type id) -> std::string {
    switch (id) {
      case Type::int64:
        return "int64";
      case Type::float32:
        return "float32";
      case Type::float64:
        return "float64";
      case Type::utf8:
        return "utf8";
      case Type::binary:
        return "binary";
      case Type::timestamp:
        return "timestamp[us, UTC]";
      case Type::list:
        return "list";
      case Type::fixed_size_list:
        return "fixed_size_list";
    }
    return "unknown";
  };
  if (type.id == Type::list) return "list<" + plain(type.item) + ">";
  if (type.id == Type::fixed_size_list)
    return "fixed_size_list<" + plain(type.item) + ">[" + std::to_string(type.width) + "]";
  return plain(type.id);
}

// Whether the texts of a batch are known to be UTF-8: what the host hands to a plugin it has checked as it came in.
enum class Texts { unchecked, checked };

namespace arrow {

// Whether text is well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
inline bool is_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto follows = [](unsigned char byte) { return (byte & 0xC0U) == 0x80U; };
  while (at < end) {
    if (end - at >= 8) {  // over ASCII in strides
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      word &= 0x8080808080808080U;
      at += word == 0 ? 8 : __builtin_ctzll(word) / 8;
      if (word == 0) continue;
    } else if (*at < 0x80) {
      ++at;
      continue;
    }
    do {  // characters that are not ASCII seldom stand alone
      const unsigned lead = *at;
      if (lead >= 0xC2 && lead < 0xE0) {
        if (end - at < 2 || !follows(at[1])) return false;
        at += 2;
      } else if (lead >= 0xE0 && lead < 0xF0) {
        if (end - at < 3 || !follows(at[1]) || !follows(at[2])) return false;
        if ((lead == 0xE0 && at[1] < 0xA0) || (lead == 0xED && at[1] > 0x9F)) return false;
        at += 3;
      } else {
        if (lead < 0xF0 || lead > 0xF4 || end - at < 4 || !follows(at[1]) || !follows(at[2]) || !follows(at[3]))
          return false;
        if ((lead == 0xF0 && at[1] < 0x90) || (lead == 0xF4 && at[1] > 0x8F)) return false;
        at += 4;
      }
    } while (at < end && *at >= 0x80);
  }
  return true;
}

// Whether all texts between these offsets, `last` inclusive, are well-formed: together, and none is cut in a character.
inline bool are_utf8(const char* data, const std::int32_t* first, const std::int32_t* last) noexcept {
  if (!is_utf8({data + *first, static_cast<std::size_t>(*last - *first)})) return false;
  for (const std::int32_t* offset = first; offset < last && *offset < *last; ++offset)
    if ((static_cast<unsigned char>(data[*offset]) & 0xC0U) == 0x80U) return false;
  return true;
}

inline bool bit(const void* bitmap, std::int64_t index) noexcept {
  return ((static_cast<const std::uint8_t*>(bitmap)[index >> 3] >> (index & 7)) & 1) != 0;
}

inline std::optional<Type> plain_type(std::string_view format) {
  if (format == "l") return Type::int64;
  if (format == "f") return Type::float32;
  if (format == "g") return Type::float64;
  if (format == "u") return Type::utf8;
  if (format == "z") return Type::binary;
  if (format == "tsu:UTC") return Type::timestamp;
  return std::nullopt;
}

inline std::string format_of(Type type, std::int32_t width = 0) {
  switch (type) {
    case Type::int64:
      return "l";
    case Type::float32:
      return "f";
    case Type::float64:
      return "g";
    case Type::utf8:
      return "u";
    case Type::binary:
      return "z";
    case Type::timestamp:
      return "tsu:UTC";
    case Type::list:
      return "+l";
    case Type::fixed_size_list:
      return "+w:" + std::to_string(width);
  }
  return "";
}

// The type of a column, or nothing where risetime does not know it.
inline std::optional<DataType> type_of(const ArrowSchema& schema) {
  if (schema.format == nullptr || schema.dictionary != nullptr) return std::nullopt;
  const std::string_view format = schema.format;
  if (const auto plain = plain_type(format)) return DataType{*plain};
  const bool list = format == "+l";
  if (!list && format.substr(0, 3) != "+w:") return std::nullopt;
  if (schema.n_children != 1 || schema.children == nullptr || schema.children[0] == nullptr ||
      schema.children[0]->format == nullptr || schema.children[0]->dictionary != nullptr)
    return std::nullopt;
  const auto item = plain_type(schema.children[0]->format);
  if (!item) return std::nullopt;
  if (list) return DataType{Type::list, *item};
  std::int64_t width = 0;
  for (const char c : format.substr(3)) {
    if (c < '0' || c > '9' || width > std::numeric_limits<std::int32_t>::max() / 10 - 9) return std::nullopt;
    width = width * 10 + (c - '0');
  }
  return DataType{Type::fixed_size_list, *item, static_cast<std::int32_t>(width)};
}

[[noreturn]] inline void malformed(const std::string& where, const std::string& what) {
  throw Error(Code::input, where, "the Arrow array is malformed: " + what + ". The plugin that made it has a defect");
}

// Checks the values of one column for rows [0, needed) counted after its own offset. Buffers carry no size in the
// interface, so what can be checked is counts, signs, order and UTF-8.
inline void check_values(const ArrowArray& array, const DataType& type, std::int64_t needed, const std::string& where,
                         Texts texts) {
  constexpr std::int64_t largest = std::int64_t{1} << 40;
  if (array.release == nullptr) malformed(where, "it was released");
  if (array.length < 0 || array.offset < 0 || array.length > largest || array.offset > largest)
    malformed(where, "length or offset out of range");
  if (array.null_count < -1 || array.null_count > array.length) malformed(where, "null_count out of range");
  if (array.length < needed) malformed(where, "it is shorter than its batch");
  const bool variable = type.id == Type::utf8 || type.id == Type::binary;
  const std::int64_t buffers = variable ? 3 : type.id == Type::fixed_size_list ? 1 : 2;
  if (array.n_buffers != buffers) malformed(where, "expected " + std::to_string(buffers) + " buffers");
  if (array.buffers == nullptr) malformed(where, "no buffers");
  if (array.dictionary != nullptr) malformed(where, "an unexpected dictionary");
  if (array.null_count > 0 && array.buffers[0] == nullptr) malformed(where, "nulls without a bitmap");
  const bool is_list = type.id == Type::list || type.id == Type::fixed_size_list;
  if (array.n_children != (is_list ? 1 : 0)) malformed(where, "wrong number of children");
  if (is_list && (array.children == nullptr || array.children[0] == nullptr)) malformed(where, "a child is missing");
  const std::int64_t end = array.offset + array.length;
  if (type.id == Type::fixed_size_list) {
    if (type.width > 0 && end > largest / type.width) malformed(where, "length out of range");
    check_values(*array.children[0], DataType{type.item}, end * type.width, where, texts);
    return;
  }
  if (!variable && type.id != Type::list) {
    if (array.length > 0 && array.buffers[1] == nullptr) malformed(where, "no data buffer");
    return;
  }
  if (array.length == 0) {
    if (type.id == Type::list) check_values(*array.children[0], DataType{type.item}, 0, where, texts);
    return;
  }
  const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]);
  if (offsets == nullptr) malformed(where, "no offsets");
  std::int32_t previous = offsets[array.offset];
  if (previous < 0) malformed(where, "a negative offset");
  for (std::int64_t row = array.offset + 1; row <= end; ++row) {
    if (offsets[row] < previous) malformed(where, "offsets decrease");
    previous = offsets[row];
  }
  if (type.id == Type::list) {
    check_values(*array.children[0], DataType{type.item}, previous, where, texts);
    return;
  }
  if (previous > 0 && array.buffers[2] == nullptr) malformed(where, "no data buffer");
  if (type.id == Type::binary || texts == Texts::checked) return;
  const auto* data = static_cast<const char*>(array.buffers[2]);
  if (are_utf8(data, offsets + array.offset, offsets + end)) return;
  for (std::int64_t row = array.offset; row < end; ++row) {  // bytes of null rows may be anything
    if (array.buffers[0] != nullptr && !bit(array.buffers[0], row)) continue;
    const std::string_view text(data + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row]));
    if (!text.empty() && !is_utf8(text))
      throw Error(Code::input, where, "row " + std::to_string(row - array.offset) + " is not UTF-8");
  }
}

}  // namespace arrow

// One column of a batch; valid as long as the batch.
class Column {
 public:
  Column() = default;
  Column(const ArrowArray& array, DataType type, std::int64_t parent_offset, std::int64_t length)
      : array_(&array), type_(type), offset_(array.offset + parent_offset), length_(length) {}

  const DataType& type() const noexcept { return type_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(length_); }
  bool is_null(std::size_t row) const noexcept {
    return array_->buffers[0] != nullptr && !arrow::bit(array_->buffers[0], at(row));
  }
  std::int64_t int64(std::size_t row) const noexcept { return data<std::int64_t>(1)[at(row)]; }  // and timestamp
  double float64(std::size_t row) const noexcept { return data<double>(1)[at(row)]; }
  float float32(std::size_t row) const noexcept { return data<float>(1)[at(row)]; }
  std::string_view text(std::size_t row) const noexcept {  // and binary
    const auto* offsets = data<std::int32_t>(1) + at(row);
    if (offsets[1] == offsets[0]) return {};
    return {data<char>(2) + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
  }
  // Values of a whole int64, timestamp, float64 or float32 column; nulls hold anything.
  Span<const std::int64_t> int64s() const noexcept { return {data<std::int64_t>(1) + offset_, size()}; }
  Span<const double> float64s() const noexcept { return {data<double>(1) + offset_, size()}; }
  Span<const float> float32s() const noexcept { return {data<float>(1) + offset_, size()}; }

  // The items of a list or fixed-size list in this row, as a column.
  Column items(std::size_t row) const noexcept {
    const ArrowArray& child = *array_->children[0];
    if (type_.id == Type::fixed_size_list) return {child, DataType{type_.item}, at(row) * type_.width, type_.width};
    const auto* offsets = data<std::int32_t>(1) + at(row);
    return {child, DataType{type_.item}, offsets[0], offsets[1] - offsets[0]};
  }
  std::optional<std::int64_t> maybe_int64(std::size_t row) const {
    return is_null(row) ? std::nullopt : std::optional<std::int64_t>(int64(row));
  }
  std::optional<double> maybe_float64(std::size_t row) const {
    return is_null(row) ? std::nullopt : std::optional<double>(float64(row));
  }
  std::optional<std::string_view> maybe_text(std::size_t row) const {
    return is_null(row) ? std::nullopt : std::optional<std::string_view>(text(row));
  }

 private:
  std::int64_t at(std::size_t row) const noexcept { return offset_ + static_cast<std::int64_t>(row); }
  template <class T>
  const T* data(int buffer) const noexcept {
    return static_cast<const T*>(array_->buffers[buffer]);
  }

  const ArrowArray* array_ = nullptr;
  DataType type_;
  std::int64_t offset_ = 0;
  std::int64_t length_ = 0;
};

// A record batch: owned (and released at the end) or borrowed. Every known column was checked when it was made.
class Batch {
 public:
  Batch() = default;
  // Takes both over, whether or not the check succeeds. Throws Error(Code::input) naming the column.
  static Batch take(ArrowArray& array, ArrowSchema& schema, Texts texts = Texts::unchecked) {
    Batch batch;
    batch.owned_ = std::make_unique<Owned>();
    std::swap(batch.owned_->array, array);
    std::swap(batch.owned_->schema, schema);
    batch.array_ = &batch.owned_->array;
    batch.schema_ = &batch.owned_->schema;
    batch.index(texts);
    return batch;
  }
  static Batch borrow(const ArrowArray& array, const ArrowSchema& schema, Texts texts = Texts::unchecked) {
    Batch batch;
    batch.array_ = &array;
    batch.schema_ = &schema;
    batch.index(texts);
    return batch;
  }

  std::size_t rows() const noexcept { return array_ == nullptr ? 0 : static_cast<std::size_t>(array_->length); }
  const std::vector<Field>& fields() const noexcept { return fields_; }
  const Column* find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (fields_[i].name == name) return &columns_[i];
    return nullptr;
  }
  const Column& column(std::size_t index) const noexcept { return columns_[index]; }
  // Throws Error(Code::input) if it is not there or of another type.
  const Column& column(std::string_view name, Type id) const {
    const Column* found = find(name);
    if (found == nullptr) throw Error(Code::input, std::string(name), "the batch has no such column");
    if (found->type().id != id)
      throw Error(Code::input, std::string(name),
                  "expected " + name_of(DataType{id}) + ", found " + name_of(found->type()));
    return *found;
  }
  const ArrowArray& array() const noexcept { return *array_; }
  const ArrowSchema& schema() const noexcept { return *schema_; }

  // Hands an owned batch over to the other side.
  void move_to(ArrowArray* array, ArrowSchema* schema) {
    *array = owned_->array;
    *schema = owned_->schema;
    owned_->array.release = nullptr;
    owned_->schema.release = nullptr;
    *this = Batch();
  }

 private:
  struct Owned {
    ArrowArray array{};
    ArrowSchema schema{};
    Owned() = default;
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() {
      if (array.release != nullptr) array.release(&array);
      if (schema.release != nullptr) schema.release(&schema);
    }
  };

  void index(Texts texts) {
    const ArrowArray& array = *array_;
    const ArrowSchema& schema = *schema_;
    if (schema.release == nullptr || schema.format == nullptr || std::string_view(schema.format) != "+s")
      arrow::malformed("batch", "its schema is not a struct");
    if (array.release == nullptr) arrow::malformed("batch", "it was released");
    if (array.length < 0 || array.offset < 0 || array.length > (std::int64_t{1} << 31) ||
        array.offset > (std::int64_t{1} << 31))
      arrow::malformed("batch", "length or offset out of range");
    if (array.n_children != schema.n_children || array.n_children < 0 || array.n_children > 4096)
      arrow::malformed("batch", "array and schema differ in their number of columns");
    if (array.null_count > 0) arrow::malformed("batch", "whole rows are null");
    if (array.n_children > 0 && (array.children == nullptr || schema.children == nullptr))
      arrow::malformed("batch", "a child is missing");
    for (std::int64_t i = 0; i < array.n_children; ++i) index_column(i, texts);
    if (has_null_rows(array)) arrow::malformed("batch", "whole rows are null");
  }
  // Whether the bitmap says so where the maker did not count (null_count -1), as for a slice of a struct.
  static bool has_null_rows(const ArrowArray& array) {
    if (array.null_count == 0 || array.n_buffers < 1 || array.buffers == nullptr || array.buffers[0] == nullptr)
      return false;
    for (std::int64_t row = array.offset; row < array.offset + array.length; ++row)
      if (!arrow::bit(array.buffers[0], row)) return true;
    return false;
  }
  void index_column(std::int64_t i, Texts texts) {
    const ArrowSchema* field = schema_->children[i];
    const ArrowArray* values = array_->children[i];
    if (field == nullptr || values == nullptr) arrow::malformed("batch", "a child is missing");
    if (field->release == nullptr || field->name == nullptr) arrow::malformed("batch", "a column has no name");
    const auto type = arrow::type_of(*field);
    if (!type) return;  // a column of a type that risetime does not know: ignored
    arrow::check_values(*values, *type, array_->offset + array_->length, field->name, texts);
    fields_.push_back({field->name, *type, (field->flags & ARROW_FLAG_NULLABLE) != 0});
    columns_.emplace_back(*values, *type, array_->offset, array_->length);
  }

  std::unique_ptr<Owned> owned_;
  const ArrowArray* array_ = nullptr;
  const ArrowSchema* schema_ = nullptr;
  std::vector<Field> fields_;
  std::vector<Column> columns_;
};

namespace arrow {

// Bytes that grow; at 64-byte alignment as Arrow advises.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  std::size_t size() const noexcept { return size_; }
  const void* data() const noexcept { return data_; }
  std::uint8_t* bytes() noexcept { return data_; }
  template <class T>
  void append(T value) {
    reserve(sizeof(T));
    std::memcpy(data_ + size_, &value, sizeof(T));
    size_ += sizeof(T);
  }
  // Room for so many bytes more, to be filled by the caller.
  void* extend(std::size_t count) {
    reserve(count);
    size_ += count;
    return data_ + size_ - count;
  }
  void append(const void* from, std::size_t count) {
    if (count == 0) return;
    reserve(count);
    std::memcpy(data_ + size_, from, count);
    size_ += count;
  }

 private:
  void reserve(std::size_t more) {
    if (size_ + more <= capacity_) return;
    std::size_t wanted = std::max<std::size_t>(256, capacity_ * 2);
    while (wanted < size_ + more) wanted *= 2;
    auto* grown = static_cast<std::uint8_t*>(std::aligned_alloc(64, wanted));
    if (grown == nullptr) throw std::bad_alloc();
    if (size_ > 0) std::memcpy(grown, data_, size_);
    std::free(data_);
    data_ = grown;
    capacity_ = wanted;
  }

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// What an exported array or schema keeps alive, children included.
struct ArrayHolder {
  std::vector<Buffer> buffers;
  std::vector<const void*> pointers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
};
struct SchemaHolder {
  std::string format, name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
};

inline void release_array(ArrowArray* array) {
  auto* holder = static_cast<ArrayHolder*>(array->private_data);
  for (ArrowArray& child : holder->children)
    if (child.release != nullptr) child.release(&child);
  array->release = nullptr;
  delete holder;
}
inline void release_schema(ArrowSchema* schema) {
  auto* holder = static_cast<SchemaHolder*>(schema->private_data);
  for (ArrowSchema& child : holder->children)
    if (child.release != nullptr) child.release(&child);
  schema->release = nullptr;
  delete holder;
}

inline ArrowArray make_array(std::int64_t length, std::int64_t null_count, std::vector<Buffer> buffers,
                             std::vector<ArrowArray> children) {
  auto holder = std::make_unique<ArrayHolder>();
  holder->buffers = std::move(buffers);
  holder->children = std::move(children);
  for (const Buffer& buffer : holder->buffers) holder->pointers.push_back(buffer.data());
  for (ArrowArray& child : holder->children) holder->child_pointers.push_back(&child);
  ArrowArray array{};
  array.length = length;
  array.null_count = null_count;
  array.n_buffers = static_cast<std::int64_t>(holder->pointers.size());
  array.n_children = static_cast<std::int64_t>(holder->children.size());
  array.buffers = holder->pointers.data();
  array.children = holder->child_pointers.empty() ? nullptr : holder->child_pointers.data();
  array.release = release_array;
  array.private_data = holder.release();
  return array;
}

inline ArrowSchema make_schema(std::string format, std::string name, bool nullable, std::vector<ArrowSchema> children) {
  auto holder = std::make_unique<SchemaHolder>();
  holder->format = std::move(format);
  holder->name = std::move(name);
  holder->children = std::move(children);
  for (ArrowSchema& child : holder->children) holder->child_pointers.push_back(&child);
  ArrowSchema schema{};
  schema.format = holder->format.c_str();
  schema.name = holder->name.c_str();
  schema.flags = nullable ? ARROW_FLAG_NULLABLE : 0;
  schema.n_children = static_cast<std::int64_t>(holder->children.size());
  schema.children = holder->child_pointers.empty() ? nullptr : holder->child_pointers.data();
  schema.release = release_schema;
  schema.private_data = holder.release();
  return schema;
}

// The schema of a batch with these fields; the caller releases it.
inline ArrowSchema export_schema(const std::vector<Field>& fields) {
  std::vector<ArrowSchema> columns;
  for (const Field& field : fields) {
    std::vector<ArrowSchema> item;
    if (field.type.id == Type::list || field.type.id == Type::fixed_size_list)
      item.push_back(make_schema(format_of(field.type.item), "item", true, {}));  // a builder takes null items, too
    columns.push_back(
        make_schema(format_of(field.type.id, field.type.width), field.name, field.nullable, std::move(item)));
  }
  return make_schema("+s", "", false, std::move(columns));
}

// The fields that risetime knows of a schema given by the other side.
inline std::vector<Field> import_fields(const ArrowSchema& schema) {
  std::vector<Field> fields;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& child = *schema.children[i];
    if (const auto type = type_of(child))
      fields.push_back({child.name, *type, (child.flags & ARROW_FLAG_NULLABLE) != 0});
  }
  return fields;
}

}  // namespace arrow

// Builds one column, a row after the other.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(DataType type) : type_(type) {
    if (has_offsets()) offsets_.append<std::int32_t>(0);
  }

  std::size_t size() const noexcept { return static_cast<std::size_t>(length_); }
  const DataType& type() const noexcept { return type_; }

  void add_int64(std::int64_t value) { data_.append(value), valid(true); }  // and timestamp
  void add_float64(double value) { data_.append(value), valid(true); }
  void add_float32(float value) { data_.append(value), valid(true); }
  void add_text(std::string_view value) {  // and binary
    data_.append(value.data(), value.size());
    end_offset(data_.size());
    valid(true);
  }
  void add_null() {
    switch (type_.id) {
      case Type::int64:
      case Type::timestamp:
        data_.append<std::int64_t>(0);
        break;
      case Type::float64:
        data_.append<double>(0);
        break;
      case Type::float32:
        data_.append<float>(0);
        break;
      case Type::utf8:
      case Type::binary:
        end_offset(data_.size());
        break;
      case Type::list:
        end_offset(items().size());
        break;
      case Type::fixed_size_list:
        for (std::int32_t i = 0; i < type_.width; ++i) items().add_zero();
        break;
    }
    valid(false);
  }
  void add(const std::optional<std::int64_t>& value) { value ? add_int64(*value) : add_null(); }
  void add(const std::optional<double>& value) { value ? add_float64(*value) : add_null(); }
  void add(const std::optional<std::string_view>& value) { value ? add_text(*value) : add_null(); }

  // A list row: add to items(), then end_list(). Fixed-size lists must have got `width` items.
  ColumnBuilder& items() {
    if (!items_) items_ = std::make_unique<ColumnBuilder>(DataType{type_.item});
    return *items_;
  }
  void end_list() {
    if (type_.id == Type::list) {
      end_offset(items().size());
    } else if (items().size() != static_cast<std::size_t>(length_ + 1) * static_cast<std::size_t>(type_.width)) {
      throw Error(Code::internal, "", "a fixed-size list did not get its " + std::to_string(type_.width) + " items");
    }
    valid(true);
  }
  void add_vector(Span<const float> values) {
    items().append_raw(values.data(), values.size());
    end_list();
  }
  // So many rows of a fixed-size list of float32 at once; the caller fills them before anything else is added.
  float* add_vectors(std::size_t rows) {
    const std::size_t count = rows * static_cast<std::size_t>(type_.width);
    auto* values = static_cast<float*>(items().data_.extend(count * sizeof(float)));
    items().length_ += static_cast<std::int64_t>(count);
    for (std::size_t row = 0; row < rows; ++row) valid(true);
    return values;
  }
  void add_list(Span<const std::int64_t> values) {
    items().append_raw(values.data(), values.size());
    end_list();
  }
  void add_list(Span<const double> values) {
    items().append_raw(values.data(), values.size());
    end_list();
  }

  // Moves what was built out; the builder is empty afterwards.
  ArrowArray finish() {
    std::vector<arrow::Buffer> buffers;
    buffers.push_back(null_count_ > 0 ? std::move(bitmap_) : arrow::Buffer());
    if (has_offsets()) buffers.push_back(std::move(offsets_));
    std::vector<ArrowArray> children;
    if (type_.id == Type::list || type_.id == Type::fixed_size_list) {
      children.push_back(items().finish());
    } else {
      if (data_.size() == 0) data_.append<std::uint8_t>(0);  // Arrow wants a data buffer even for no rows
      buffers.push_back(std::move(data_));
    }
    const auto array = arrow::make_array(length_, null_count_, std::move(buffers), std::move(children));
    *this = ColumnBuilder(type_);
    return array;
  }

 private:
  bool has_offsets() const noexcept {
    return type_.id == Type::utf8 || type_.id == Type::binary || type_.id == Type::list;
  }
  void end_offset(std::size_t end) {
    if (end > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
      throw Error(Code::input, "", "more than 2 GiB in one column of a batch; use smaller batches");
    offsets_.append(static_cast<std::int32_t>(end));
  }
  void add_zero() { type_.id == Type::float32 ? add_float32(0) : add_null(); }
  template <class T>
  void append_raw(const T* values, std::size_t count) {
    data_.append(values, count * sizeof(T));
    if (!bitmap_started_) {
      length_ += static_cast<std::int64_t>(count);
    } else {
      for (std::size_t i = 0; i < count; ++i) valid(true);
    }
  }
  // The bitmap begins with the first null: columns without one never touch it.
  void valid(bool is_valid) {
    if (!is_valid && !bitmap_started_) {
      bitmap_started_ = true;
      for (std::int64_t i = 0; i < length_; i += 8) bitmap_.append<std::uint8_t>(0xFF);
      if (length_ % 8 != 0) bitmap_.bytes()[length_ / 8] = static_cast<std::uint8_t>((1 << (length_ % 8)) - 1);
    }
    if (bitmap_started_) {
      if (length_ % 8 == 0) bitmap_.append<std::uint8_t>(0);
      if (is_valid) bitmap_.bytes()[length_ / 8] |= static_cast<std::uint8_t>(1U << (length_ % 8));
      if (!is_valid) ++null_count_;
    }
    ++length_;
  }

  DataType type_;
  std::int64_t length_ = 0;
  std::int64_t null_count_ = 0;
  bool bitmap_started_ = false;
  arrow::Buffer bitmap_, offsets_, data_;
  std::unique_ptr<ColumnBuilder> items_;
};

// Builds a batch column by column; every column must have got the same number of rows at finish().
class BatchBuilder {
 public:
  explicit BatchBuilder(std::vector<Field> fields) : fields_(std::move(fields)) {
    for (const Field& field : fields_) columns_.emplace_back(field.type);
  }
  ColumnBuilder& operator[](std::size_t column) { return columns_[column]; }
  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  const std::vector<Field>& fields() const { return fields_; }

  // Moves what was built out; the builder is empty afterwards.
  Batch finish() {
    const auto length = static_cast<std::int64_t>(rows());
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].size() != rows())
        throw Error(Code::internal, fields_[i].name, "a column of the batch is shorter than the first");
    std::vector<ArrowArray> children;
    for (ColumnBuilder& column : columns_) children.push_back(column.finish());
    std::vector<arrow::Buffer> no_bitmap(1);
    ArrowArray array = arrow::make_array(length, 0, std::move(no_bitmap), std::move(children));
    ArrowSchema schema = arrow::export_schema(fields_);
    return Batch::take(array, schema);
  }

 private:
  std::vector<Field> fields_;
  std::vector<ColumnBuilder> columns_;
};

}  // namespace risetime
