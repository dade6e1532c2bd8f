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

TEST(Arrow, TextIsWellFormedOrNotWhereverInALongTextItsCharacterStands) {
  const std::vector<std::string> good = {
      "\x7F",         "\xC2\x80",     "\xDF\xBF",         "\xE0\xA0\x80",     "\xED\x9F\xBF",
      "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF1\x80\x80\x80", "\xF4\x8F\xBF\xBF"};
  const std::vector<std::string> bad = {"\x80",
                                        "\xBF",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC2",
                                        "\xC2\xC2",
                                        "\xC2\x80\x80",
                                        "\xE0\x9F\xBF",
                                        "\xE1\x80",
                                        "\xED\xA0\x80",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF1\x80\x80",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFF"};
  for (std::size_t before = 0; before < 140; ++before) {
    for (const std::string& around : {std::string("a"), std::string("\xD0\x96"), std::string("\xE0\xB8\x81")}) {
      std::string start(before % around.size(), '.'), end = std::string(before % 70, 'z');
      while (start.size() < before) start += around;
      for (const std::string& character : good) EXPECT_TRUE(arrow::is_utf8(start + character + end)) << before;
      for (const std::string& character : bad) EXPECT_FALSE(arrow::is_utf8(start + character + end)) << before;
    }
  }
}

TEST(Arrow, ARowThatIsCutInsideACharacterIsNamedThoughTheColumnAsAWholeIsWellFormed) {
  BatchBuilder builder({utf8_field("text")});
  for (const char* text : {"ab", "\xC3\xA9", "c"}) builder[0].add_text(text);
  const Batch batch = builder.finish();
  ArrowArray column = *batch.array().children[0];  // borrowed, never released here
  const std::int32_t cut[] = {0, 3, 4, 5};
  const void* buffers[] = {nullptr, cut, column.buffers[2]};
  column.buffers = buffers;
  ArrowArray* children[] = {&column};
  ArrowArray array = batch.array();
  array.children = children;
  try {
    Batch::borrow(array, batch.schema());
    FAIL() << "was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("row 0 is not UTF-8"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace risetime
