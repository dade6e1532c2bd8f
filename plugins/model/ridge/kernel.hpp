// The two dense products that ridge regression spends its time in, with results that do not depend on the processor.
//
// Every element of a result is summed one product after the other in one fixed order, with a separate multiplication
// and addition (no fused multiply-add). Vector instructions work on neighbouring elements, never within one sum, so
// SSE2, AVX2 and AVX-512 give the same bits; and since an element belongs to one task, so does any number of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace risetime::ridge {

// Runs body(0) .. body(count - 1), in any order, on any thread, and returns when all are done.
using Parallel = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

// A parallel_for for one thread.
Parallel inline_parallel();

// A row-major matrix of doubles: rows aligned to 64 bytes and padded with zeros to a multiple of 16 columns.
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t stride() const { return stride_; }  // doubles from one row to the next
  double* row(std::size_t index) { return values_.get() + index * stride_; }
  const double* row(std::size_t index) const { return values_.get() + index * stride_; }

 private:
  struct Free {
    void operator()(double* values) const;
  };
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t stride_ = 0;
  std::unique_ptr<double[], Free> values_;
};

// The tiles for one instruction set. All give the same bits; only the speed differs.
struct Tile;
class Kernel {
 public:
  // The fastest that this processor has.
  static Kernel best();
  // "avx512f", "avx2" or "baseline"; nothing where the processor has it not.
  static std::optional<Kernel> named(std::string_view name);
  const char* name() const { return name_; }

  // sum += X' X over the rows [first, last) of X; sum is [columns, columns], both triangles are written.
  // Throws std::invalid_argument where the shapes do not fit.
  void add_gram(const Matrix& x, std::size_t first, std::size_t last, Matrix& sum, const Parallel& parallel) const;

  // out[i, :] = x[first + i, :] * b for i in [0, last - first); out is [at least last - first, b.columns()].
  // Throws std::invalid_argument where the shapes do not fit.
  void multiply(const Matrix& x, std::size_t first, std::size_t last, const Matrix& b, Matrix& out) const;

 private:
  using Run = void (*)(const Tile&);
  Kernel(const char* name, Run run) : name_(name), run_(run) {}
  const char* name_;
  Run run_;
};

}  // namespace risetime::ridge
