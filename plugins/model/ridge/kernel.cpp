// The tiles behind kernel.hpp: one template, compiled for three instruction sets and chosen at run time.
#include "kernel.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>

namespace risetime::ridge {

// acc[r][c] += a[k * a_step + r * a_row] * b[k * b_step + c] for k in [0, count), one k after the other.
struct Tile {
  std::size_t count;
  const double* a;
  std::size_t a_step;
  std::size_t a_row;
  const double* b;
  std::size_t b_step;
  double* out;
  std::size_t out_row;
};

namespace {

constexpr std::size_t kWidth = 16;        // columns of a tile, and what rows are padded to
constexpr std::size_t kHeight = 4;        // rows of a tile
constexpr std::size_t kGramRows = 64;     // rows of X worked on at a time: they stay in the second-level cache
constexpr std::size_t kGramColumns = 32;  // columns of the Gram matrix a task owns

// Two, four or eight doubles: what one register of the instruction set holds.
using Two = double __attribute__((vector_size(16), may_alias));
using Four = double __attribute__((vector_size(32), may_alias));
using Eight = double __attribute__((vector_size(64), may_alias));

// Keeps Rows x Vectors registers of sums while k runs. Always inlined, so that it is compiled for its caller's target.
template <class Vector, std::size_t Rows, std::size_t Vectors>
[[gnu::always_inline]] inline void run_tile(const Tile& tile) {
  constexpr std::size_t lanes = sizeof(Vector) / sizeof(double);
  for (std::size_t row = 0; row < kHeight; row += Rows) {
    for (std::size_t column = 0; column < kWidth; column += lanes * Vectors) {
      double* out = tile.out + row * tile.out_row + column;
      Vector sum[Rows][Vectors];
#pragma GCC unroll 4
      for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (std::size_t v = 0; v < Vectors; ++v)
          sum[r][v] = *reinterpret_cast<const Vector*>(out + r * tile.out_row + v * lanes);
      const double* a = tile.a + row * tile.a_row;
      const double* b = tile.b + column;
      for (std::size_t k = 0; k < tile.count; ++k) {
#pragma GCC unroll 2
        for (std::size_t v = 0; v < Vectors; ++v) {
          const Vector right = *reinterpret_cast<const Vector*>(b + v * lanes);
#pragma GCC unroll 4
          for (std::size_t r = 0; r < Rows; ++r) sum[r][v] += right * a[r * tile.a_row];
        }
        a += tile.a_step;
        b += tile.b_step;
      }
#pragma GCC unroll 4
      for (std::size_t r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (std::size_t v = 0; v < Vectors; ++v)
          *reinterpret_cast<Vector*>(out + r * tile.out_row + v * lanes) = sum[r][v];
    }
  }
}

void baseline_tile(const Tile& tile) { run_tile<Two, 4, 2>(tile); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void avx2_tile(const Tile& tile) { run_tile<Four, 4, 2>(tile); }
__attribute__((target("avx512f"))) void avx512_tile(const Tile& tile) { run_tile<Eight, 4, 2>(tile); }
#endif

std::size_t padded(std::size_t columns) { return (columns + kWidth - 1) / kWidth * kWidth; }

}  // namespace

Parallel inline_parallel() {
  return [](std::size_t count, const std::function<void(std::size_t)>& body) {
    for (std::size_t index = 0; index < count; ++index) body(index);
  };
}

void Matrix::Free::operator()(double* values) const { std::free(values); }

Matrix::Matrix(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), stride_(padded(columns)) {
  const std::size_t bytes = std::max<std::size_t>(64, rows * stride_ * sizeof(double));
  values_.reset(static_cast<double*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
  if (values_ == nullptr) throw std::bad_alloc();
  std::memset(values_.get(), 0, bytes);
}

std::optional<Kernel> Kernel::named(std::string_view name) {
  if (name == "baseline") return Kernel("baseline", baseline_tile);
#if defined(__x86_64__)
  if (name == "avx2" && __builtin_cpu_supports("avx2")) return Kernel("avx2", avx2_tile);
  if (name == "avx512f" && __builtin_cpu_supports("avx512f")) return Kernel("avx512f", avx512_tile);
#endif
  return std::nullopt;
}

Kernel Kernel::best() {
  for (const char* name : {"avx512f", "avx2"}) {
    if (const std::optional<Kernel> kernel = named(name)) return *kernel;
  }
  return *named("baseline");
}

void Kernel::add_gram(const Matrix& x, std::size_t first, std::size_t last, Matrix& sum,
                      const Parallel& parallel) const {
  if (sum.rows() != x.columns() || sum.columns() != x.columns() || last > x.rows() || first > last) {
    throw std::invalid_argument("add_gram: the sum must be [columns, columns] of X, and the rows within X");
  }
  const std::size_t columns = x.columns();
  parallel((columns + kGramColumns - 1) / kGramColumns, [&](std::size_t task) {
    const std::size_t from = task * kGramColumns;
    const std::size_t to = std::min(columns, from + kGramColumns);
    // The last rows of a tile may lie past the last row of the sum: such a tile works on a copy.
    alignas(64) double edge[kHeight * kWidth];
    for (std::size_t begin = first; begin < last; begin += kGramRows) {
      const std::size_t count = std::min(kGramRows, last - begin);
      for (std::size_t i = from; i < to; i += kHeight) {
        for (std::size_t j = i / kWidth * kWidth; j < columns; j += kWidth) {
          const std::size_t height = std::min(kHeight, columns - i);
          const bool whole = height == kHeight;
          double* out = whole ? sum.row(i) + j : edge;
          const std::size_t out_row = whole ? sum.stride() : kWidth;
          if (!whole) {
            std::fill(edge, edge + kHeight * kWidth, 0.0);
            for (std::size_t r = 0; r < height; ++r) std::copy_n(sum.row(i + r) + j, kWidth, edge + r * kWidth);
          }
          run_({count, x.row(begin) + i, x.stride(), 1, x.row(begin) + j, x.stride(), out, out_row});
          if (!whole) {
            for (std::size_t r = 0; r < height; ++r) std::copy_n(edge + r * kWidth, kWidth, sum.row(i + r) + j);
          }
        }
      }
    }
  });
  for (std::size_t i = 0; i < columns; ++i) {
    for (std::size_t j = 0; j < i; ++j) sum.row(i)[j] = sum.row(j)[i];
  }
}

void Kernel::multiply(const Matrix& x, std::size_t first, std::size_t last, const Matrix& b, Matrix& out) const {
  if (b.rows() != x.columns() || out.columns() != b.columns() || out.rows() < last - first || last > x.rows()) {
    throw std::invalid_argument("multiply: the shapes do not fit");
  }
  const std::size_t rows = last - first;
  for (std::size_t i = 0; i < rows; ++i) std::fill_n(out.row(i), out.stride(), 0.0);
  alignas(64) double edge[kHeight * kWidth];
  for (std::size_t j = 0; j < b.columns(); j += kWidth) {
    std::size_t i = 0;
    for (; i + kHeight <= rows; i += kHeight) {
      run_({x.columns(), x.row(first + i), 1, x.stride(), b.row(0) + j, b.stride(), out.row(i) + j, out.stride()});
    }
    for (; i < rows; ++i) {  // a row that is left over is done four times and kept once
      std::fill(edge, edge + kHeight * kWidth, 0.0);
      run_({x.columns(), x.row(first + i), 1, 0, b.row(0) + j, b.stride(), edge, kWidth});
      std::copy_n(edge, kWidth, out.row(i) + j);
    }
  }
}

}  // namespace risetime::ridge
