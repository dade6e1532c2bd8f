// Arrays with a defect: the host finds each before it reads a value, says which column, and drops the batch.
#include "load.hpp"

namespace risetime::boundary {
namespace {

struct Defect {
  const char* name;
  const char* where;    // the column, or "batch" for the whole
  const char* message;  // a part of it
};

class MalformedBatch : public testing::TestWithParam<Defect> {};

TEST_P(MalformedBatch, IsRefusedWithItsColumnAndItsReason) {
  Loaded plugin("malformed", "malformed", R"({"defect": ")" + std::string(GetParam().name) + R"("})");
  testkit::Pulled pulled;
  const Error error = error_of([&] { client::Source(*plugin.instance).pull("", 10, pulled); });
  EXPECT_EQ(error.code(), Code::input);
  EXPECT_EQ(error.where(), GetParam().where);
  EXPECT_NE(error.message().find(GetParam().message), std::string::npos) << error.message();
  EXPECT_EQ(pulled.rows("video"), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Every, MalformedBatch,
    testing::Values(Defect{"negative length", "batch", "length or offset out of range"},
                    Defect{"huge length", "batch", "length or offset out of range"},
                    Defect{"negative offset", "batch", "length or offset out of range"},
                    Defect{"null rows", "batch", "whole rows are null"},
                    Defect{"fewer arrays than fields", "batch", "differ in their number of columns"},
                    Defect{"more arrays than fields", "batch", "differ in their number of columns"},
                    Defect{"no children", "batch", "a child is missing"},
                    Defect{"a missing array", "batch", "a child is missing"},
                    Defect{"a missing field", "batch", "a child is missing"},
                    Defect{"a field without a name", "batch", "a column has no name"},
                    Defect{"a schema that is no struct", "batch", "its schema is not a struct"},
                    Defect{"a schema without a format", "batch", "its schema is not a struct"},
                    Defect{"a released schema", "batch", "its schema is not a struct"},
                    Defect{"a released array", "batch", "it was released"},
                    Defect{"a released column", "number", "it was released"},
                    Defect{"a short column", "number", "it is shorter than its batch"},
                    Defect{"a column of negative length", "number", "length or offset out of range"},
                    Defect{"a column of negative offset", "number", "length or offset out of range"},
                    Defect{"too many nulls", "number", "null_count out of range"},
                    Defect{"nulls without a bitmap", "number", "nulls without a bitmap"},
                    Defect{"too few buffers", "text", "expected 3 buffers"}, Defect{"no buffers", "text", "no buffers"},
                    Defect{"no data buffer", "number", "no data buffer"},
                    Defect{"no text buffer", "text", "no data buffer"}, Defect{"no offsets", "text", "no offsets"},
                    Defect{"offsets that decrease", "text", "offsets decrease"},
                    Defect{"a negative text offset", "text", "a negative offset"},
                    Defect{"text that is not UTF-8", "text", "row 1 is not UTF-8"},
                    Defect{"a list without its child", "texts", "a child is missing"},
                    Defect{"a list without children", "texts", "wrong number of children"},
                    Defect{"a list beyond its child", "texts", "it is shorter than its batch"},
                    Defect{"a list of text that is not UTF-8", "texts", "row 0 is not UTF-8"},
                    Defect{"a vector beyond its child", "vector", "it is shorter than its batch"},
                    Defect{"a vector of huge length", "vector", "length out of range"},
                    Defect{"an unexpected dictionary", "number", "an unexpected dictionary"}),
    [](const testing::TestParamInfo<Defect>& defect) {
      std::string name = defect.param.name;
      for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
      return name;
    });

TEST(MalformedBatch, WithoutADefectIsTaken) {
  Loaded plugin("malformed", "malformed", R"({"defect": "none"})");
  testkit::Pulled pulled = testkit::pull_all(*plugin.instance);
  EXPECT_EQ(pulled.rows("video"), 2U);
}

}  // namespace
}  // namespace risetime::boundary
