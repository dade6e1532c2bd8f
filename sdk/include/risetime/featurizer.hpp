// What a featurizer reads and writes.
#pragma once

#include <risetime/arrow.hpp>
#include <risetime/serial.hpp>

namespace risetime {

// Record batches, one after another, as often as wanted.
class Batches {
 public:
  explicit Batches(const risetime_batches* from) : from_(from) {}

  std::optional<Batch> next() {
    ArrowArray array{};
    ArrowSchema schema{};
    auto error = abi::empty_error();
    if (abi::check(from_->next(from_->context, &array, &schema, &error), error) == RISETIME_END) return std::nullopt;
    return Batch::take(array, schema, Texts::checked);
  }
  void rewind() {
    auto error = abi::empty_error();
    abi::check(from_->rewind(from_->context, &error), error);
  }

 private:
  const risetime_batches* from_;
};

// One vector for each row of the input, in order.
class Vectors {
 public:
  Vectors(std::int32_t width, const risetime_missing* missing)
      : rows_({vector_field("vector", width, true)}), width_(static_cast<std::size_t>(width)), missing_(missing) {}

  // Throws unless there are as many numbers as the featurizer has names.
  void add(Span<const float> vector) {
    if (vector.size() != width_)
      throw Error(Code::internal, "vector",
                  "it has " + std::to_string(vector.size()) + " numbers, the featurizer has " + std::to_string(width_) +
                      " names");
    rows_[0].add_vector(vector);
  }
  // The next `rows` vectors, one after the other, for the caller to fill before anything else is added.
  Span<float> add_rows(std::size_t rows) { return {rows_[0].add_vectors(rows), rows * width_}; }
  // This row has no vector, and why.
  void missing(std::string_view reason) {
    auto error = abi::empty_error();
    abi::check(missing_->row(missing_->context, rows_.rows(), abi::text(reason), &error), error);
    rows_[0].add_null();
  }
  std::size_t size() const { return rows_.rows(); }
  Batch finish() { return rows_.finish(); }

 private:
  BatchBuilder rows_;
  std::size_t width_;
  const risetime_missing* missing_;
};

}  // namespace risetime
