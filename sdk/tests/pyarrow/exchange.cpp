// A shared library that pyarrow_test.py loads: makes batches with the C++ layer and copies those that pyarrow made.
#include <cstdio>
#include <exception>
#include <risetime/arrow.hpp>

namespace {

using namespace risetime;

std::vector<Field> every_type() {
  return {int64_field("whole", true),
          {"single", {Type::float32}, true},
          float64_field("real", true),
          utf8_field("text", true),
          binary_field("bytes", true),
          timestamp_field("moment", true),
          list_field("words", Type::utf8, true),
          list_field("numbers", Type::float64, true),
          vector_field("vector", 3, true)};
}

void add_words(ColumnBuilder& column, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) column.items().add_text(word);
  column.end_list();
}

void add_vector(ColumnBuilder& column, float first, float second, float third) {
  const float values[] = {first, second, third};
  column.add_vector({values, 3});
}

void add_full_row(BatchBuilder& batch) {
  const double numbers[] = {1.5, -2.25};
  batch[0].add_int64(std::numeric_limits<std::int64_t>::min());
  batch[1].add_float32(0.5F);
  batch[2].add_float64(-1e300);
  batch[3].add_text("naïve 日本 🎬");
  batch[4].add_text(std::string_view("\0\xff\x80", 3));
  batch[5].add_int64(1'700'000'000'123'456);
  add_words(batch[6], {"ä", "", "🎬"});
  batch[7].add_list(Span<const double>(numbers, 2));
  add_vector(batch[8], 1, 2, 3);
}

void add_row_of_nulls(BatchBuilder& batch) {
  for (std::size_t column = 0; column < batch.fields().size(); ++column) batch[column].add_null();
}

void add_row_of_empty_values(BatchBuilder& batch) {
  batch[0].add_int64(0);
  batch[1].add_float32(0);
  batch[2].add_float64(0);
  batch[3].add_text("");
  batch[4].add_text("");
  batch[5].add_int64(-1);  // just before 1970
  batch[6].end_list();
  batch[7].end_list();
  add_vector(batch[8], 0, 0, 0);
}

void copy_plain(const Column& from, std::size_t row, ColumnBuilder& to) {
  if (from.is_null(row)) return to.add_null();
  switch (from.type().id) {
    case Type::int64:
    case Type::timestamp:
      return to.add_int64(from.int64(row));
    case Type::float32:
      return to.add_float32(from.float32(row));
    case Type::float64:
      return to.add_float64(from.float64(row));
    case Type::utf8:
    case Type::binary:
      return to.add_text(from.text(row));
    case Type::list:
    case Type::fixed_size_list:
      break;
  }
  throw Error(Code::internal, name_of(from.type()), "a list within a list");
}

void copy_value(const Column& from, std::size_t row, ColumnBuilder& to) {
  if (from.is_null(row)) return to.add_null();
  if (from.type().id != Type::list && from.type().id != Type::fixed_size_list) return copy_plain(from, row, to);
  const Column items = from.items(row);
  for (std::size_t item = 0; item < items.size(); ++item) copy_plain(items, item, to.items());
  to.end_list();
}

// Runs the work; on an exception writes its message into the caller's buffer and returns 1.
template <class Work>
int guarded(char* message, std::size_t size, const Work& work) noexcept {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::snprintf(message, size, "%s", error.what());
    return 1;
  }
}

}  // namespace

extern "C" {

// A batch of every type: a row of values, one of nulls and one of empty values, over and over, so that the bitmaps have
// more than one byte. No repeats: the batch without rows.
int make_batch(int repeats, ArrowArray* array, ArrowSchema* schema, char* message, std::size_t size) {
  return guarded(message, size, [&] {
    BatchBuilder batch(every_type());
    for (int i = 0; i < repeats; ++i) {
      add_full_row(batch);
      add_row_of_nulls(batch);
      add_row_of_empty_values(batch);
    }
    batch.finish().move_to(array, schema);
  });
}

// Takes a batch over and gives a copy of its known columns, made value by value.
int copy_batch(ArrowArray* array, ArrowSchema* schema, ArrowArray* copied_array, ArrowSchema* copied_schema,
               char* message, std::size_t size) {
  return guarded(message, size, [&] {
    const Batch batch = Batch::take(*array, *schema);
    BatchBuilder copy(batch.fields());
    for (std::size_t column = 0; column < batch.fields().size(); ++column)
      for (std::size_t row = 0; row < batch.rows(); ++row) copy_value(batch.column(column), row, copy[column]);
    copy.finish().move_to(copied_array, copied_schema);
  });
}
}
