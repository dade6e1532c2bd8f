// Batches as other Arrow libraries may make them and see them.
#include <gtest/gtest.h>

#include <risetime/arrow.hpp>

namespace risetime {
namespace {

Batch three_numbers() {
  BatchBuilder builder({int64_field("number")});
  for (const std::int64_t value : {1, 2, 3}) builder[0].add_int64(value);
  return builder.finish();
}

TEST(Arrow, RowsThatAreNullAsAWholeAreRefusedAlsoIfTheirMakerDidNotCountThem) {
  const Batch numbers = three_numbers();
  const std::uint8_t only_the_middle_row_is_null = 0b101;
  const void* buffers[] = {&only_the_middle_row_is_null};
  ArrowArray array = numbers.array();  // borrowed, never released here
  array.buffers = buffers;
  array.null_count = -1;
  EXPECT_THROW(Batch::borrow(array, numbers.schema()), Error);
  array.offset = 2;  // the slice beside the null
  array.length = 1;
  EXPECT_EQ(Batch::borrow(array, numbers.schema()).column(0).int64(0), 3);
}

TEST(Arrow, ItemsOfListsAreDeclaredNullableForABuilderTakesNullItems) {
  BatchBuilder builder({list_field("words", Type::utf8), vector_field("vector", 1)});
  builder[0].items().add_text("a");
  builder[0].items().add_null();
  builder[0].end_list();
  builder[1].items().add_null();
  builder[1].end_list();
  const Batch batch = builder.finish();
  for (std::int64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(batch.array().children[i]->children[0]->null_count, 1);
    EXPECT_NE(batch.schema().children[i]->children[0]->flags & ARROW_FLAG_NULLABLE, 0);
    EXPECT_EQ(batch.schema().children[i]->flags & ARROW_FLAG_NULLABLE, 0);
  }
}

}  // namespace
}  // namespace risetime
