// The body of one kernel, compiled once for each instruction set. The including file defines WIDTH (floats in a
// vector), ROWS (rows of a tile) and KERNEL (the name of the table to define), and is compiled with the flags of its
// set.
//
// Everything here is in an unnamed namespace and uses nothing of the standard library, so that no function compiled for
// a newer processor can be picked by the linker for code that runs on an older one.
#include "kernel.hpp"

#if defined(__FMA__)
#include <immintrin.h>
#endif

namespace risetime::lstm {
namespace {

typedef float Vector __attribute__((vector_size(WIDTH * sizeof(float))));
typedef int Integers __attribute__((vector_size(WIDTH * sizeof(int))));
typedef float Unaligned __attribute__((vector_size(WIDTH * sizeof(float)), aligned(4), may_alias));

constexpr int width = WIDTH;
constexpr int panel = 2 * width;

inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }
inline Vector all(float value) { return value - Vector{}; }

// One rounding where the set has fused multiply-add; written out, because a compiler may fuse or not as it likes.
inline Vector multiply_add(Vector a, Vector b, Vector c) {
#if WIDTH == 16 && defined(__AVX512F__)
  return reinterpret_cast<Vector>(
      _mm512_fmadd_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(c)));
#elif WIDTH == 8 && defined(__FMA__)
  return reinterpret_cast<Vector>(
      _mm256_fmadd_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(c)));
#else
  return a * b + c;
#endif
}

inline Vector clamp(Vector x, float low, float high) {
  x = x < all(low) ? all(low) : x;
  return x > all(high) ? all(high) : x;
}

// exp(x) - 1 for |x| <= 87, within about one unit in the last place: x = n ln 2 + r, |r| <= ln 2 / 2, the Taylor series
// of exp(r) - 1 to the eighth power, scaled. Subtracting one inside keeps small x exact.
inline Vector exp_minus_one(Vector x) {
  const float rounder = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  const Vector shifted = multiply_add(x, all(1.44269504f), all(rounder));
  const Vector n = shifted - all(rounder);
  Vector r = multiply_add(n, all(-0.693359375f), x);  // ln 2 in two parts, the first exact in 10 bits
  r = multiply_add(n, all(2.12194440e-4f), r);
  Vector p = all(1.0f / 40320);
  p = multiply_add(p, r, all(1.0f / 5040));
  p = multiply_add(p, r, all(1.0f / 720));
  p = multiply_add(p, r, all(1.0f / 120));
  p = multiply_add(p, r, all(1.0f / 24));
  p = multiply_add(p, r, all(1.0f / 6));
  p = multiply_add(p, r, all(0.5f));
  p = multiply_add(p * r, r, r);
  const Integers exponent = (reinterpret_cast<Integers>(shifted) << 23) + 0x3f800000;
  const Vector scale = reinterpret_cast<Vector>(exponent);
  return multiply_add(p, scale, scale - all(1.0f));
}

inline Vector sigmoid(Vector x) { return all(1.0f) / (all(2.0f) + exp_minus_one(clamp(-x, -80.0f, 80.0f))); }

inline Vector tanh(Vector x) {
  const Vector e = exp_minus_one(clamp(x + x, -30.0f, 30.0f));
  return e / (e + all(2.0f));
}

void pack(int k, int n, const float* b, std::ptrdiff_t row_stride, std::ptrdiff_t column_stride, float* packed) {
  for (int first = 0; first < padded(n); first += panel)
    for (int i = 0; i < k; ++i)
      for (int j = first; j < first + panel; ++j) *packed++ = j < n ? b[i * row_stride + j * column_stride] : 0.0f;
}

// A tile of `rows` rows and `panels` panels of C, its sums kept in registers.
template <int rows, int panels>
inline void multiply_tile(int k, const float* a, int lda, const float* packed, std::ptrdiff_t panel_stride,
                          const float* start, int ld_start, float* c, int ldc) {
  Vector sum[rows][2 * panels];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < 2 * panels; ++j) sum[i][j] = start ? load(start + i * ld_start + j * width) : Vector{};
  for (int l = 0; l < k; ++l) {
    Vector b[2 * panels];
    for (int j = 0; j < 2 * panels; ++j) b[j] = load(packed + (j / 2) * panel_stride + l * panel + (j % 2) * width);
    for (int i = 0; i < rows; ++i) {
      const Vector factor = all(a[i * lda + l]);
      for (int j = 0; j < 2 * panels; ++j) sum[i][j] = multiply_add(factor, b[j], sum[i][j]);
    }
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < 2 * panels; ++j) store(c + i * ldc + j * width, sum[i][j]);
}

// One row alone has too few sums to keep the multipliers busy with one panel: take four.
void multiply_row(int n, int k, const float* a, const float* packed, const float* start, float* c) {
  const std::ptrdiff_t panel_stride = static_cast<std::ptrdiff_t>(k) * panel;
  int first = 0;
  for (; first + 4 * panel <= padded(n); first += 4 * panel, packed += 4 * panel_stride)
    multiply_tile<1, 4>(k, a, 0, packed, panel_stride, start ? start + first : nullptr, 0, c + first, 0);
  for (; first < padded(n); first += panel, packed += panel_stride)
    multiply_tile<1, 1>(k, a, 0, packed, panel_stride, start ? start + first : nullptr, 0, c + first, 0);
}

void multiply(int m, int n, int k, const float* a, int lda, const float* packed, const float* start, int ld_start,
              float* c, int ldc) {
  if (m == 1) return multiply_row(n, k, a, packed, start, c);
  for (int first = 0; first < padded(n); first += panel, packed += static_cast<std::ptrdiff_t>(k) * panel) {
    int row = 0;
    const auto tile = [&](auto call) {
      call(a + row * lda, start ? start + row * ld_start + first : nullptr, c + row * ldc + first);
    };
    for (; row + ROWS <= m; row += ROWS)
      tile([&](const float* x, const float* s, float* y) {
        multiply_tile<ROWS, 1>(k, x, lda, packed, 0, s, ld_start, y, ldc);
      });
    for (; row + 4 <= m; row += 4)
      tile([&](const float* x, const float* s, float* y) {
        multiply_tile<4, 1>(k, x, lda, packed, 0, s, ld_start, y, ldc);
      });
    for (; row < m; ++row)
      tile([&](const float* x, const float* s, float* y) {
        multiply_tile<1, 1>(k, x, lda, packed, 0, s, ld_start, y, ldc);
      });
  }
}

template <int rows>
inline void outer_tile(int count, const float* a, int lda, const float* b, int ldb, float* c, int ldc) {
  Vector sum[rows][2];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < 2; ++j) sum[i][j] = load(c + i * ldc + j * width);
  for (int l = 0; l < count; ++l, a += lda, b += ldb) {
    const Vector b0 = load(b), b1 = load(b + width);
    for (int i = 0; i < rows; ++i) {
      const Vector factor = all(a[i]);
      sum[i][0] = multiply_add(factor, b0, sum[i][0]);
      sum[i][1] = multiply_add(factor, b1, sum[i][1]);
    }
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < 2; ++j) store(c + i * ldc + j * width, sum[i][j]);
}

void accumulate_outer(int rows, int m, int n, const float* a, int lda, const float* b, int ldb, float* c, int ldc) {
  constexpr int block = 96;  // rows of A and B that stay in the second-level cache while all tiles of C pass
  for (int first = 0; first < rows; first += block) {
    const int count = rows - first < block ? rows - first : block;
    const float* a_block = a + static_cast<std::ptrdiff_t>(first) * lda;
    const float* b_block = b + static_cast<std::ptrdiff_t>(first) * ldb;
    for (int column = 0; column < padded(n); column += panel) {
      int row = 0;
      for (; row + ROWS <= m; row += ROWS)
        outer_tile<ROWS>(count, a_block + row, lda, b_block + column, ldb,
                         c + static_cast<std::ptrdiff_t>(row) * ldc + column, ldc);
      for (; row < m; ++row)
        outer_tile<1>(count, a_block + row, lda, b_block + column, ldb,
                      c + static_cast<std::ptrdiff_t>(row) * ldc + column, ldc);
    }
  }
}

void cell_forward(int rows, int units, float* gates, int ld_gates, const float* cell_before, float* cell,
                  float* tanh_cell, float* hidden, int ld_hidden) {
  for (int row = 0; row < rows; ++row, gates += ld_gates, hidden += ld_hidden) {
    for (int u = 0; u < units; u += width) {
      const Vector input = sigmoid(load(gates + u));
      const Vector forget = sigmoid(load(gates + units + u));
      const Vector candidate = tanh(load(gates + 2 * units + u));
      const Vector output = sigmoid(load(gates + 3 * units + u));
      const Vector state = multiply_add(forget, load(cell_before + row * units + u), input * candidate);
      const Vector squashed = tanh(state);
      store(gates + u, input);
      store(gates + units + u, forget);
      store(gates + 2 * units + u, candidate);
      store(gates + 3 * units + u, output);
      store(cell + row * units + u, state);
      store(tanh_cell + row * units + u, squashed);
      store(hidden + u, output * squashed);
    }
  }
}

void cell_backward(int rows, int units, const float* gates, int ld_gates, const float* cell_before,
                   const float* tanh_cell, const float* d_hidden, float* d_cell, float* d_gates, int ld_d_gates) {
  const Vector one = all(1.0f);
  for (int row = 0; row < rows; ++row, gates += ld_gates, d_gates += ld_d_gates) {
    for (int u = 0; u < units; u += width) {
      const int at = row * units + u;
      const Vector input = load(gates + u), forget = load(gates + units + u);
      const Vector candidate = load(gates + 2 * units + u), output = load(gates + 3 * units + u);
      const Vector squashed = load(tanh_cell + at), dh = load(d_hidden + at);
      const Vector dc = load(d_cell + at) + dh * output * (one - squashed * squashed);
      store(d_gates + u, dc * candidate * input * (one - input));
      store(d_gates + units + u, dc * load(cell_before + at) * forget * (one - forget));
      store(d_gates + 2 * units + u, dc * input * (one - candidate * candidate));
      store(d_gates + 3 * units + u, dh * squashed * output * (one - output));
      store(d_cell + at, dc * forget);
    }
  }
}

}  // namespace

extern const Kernel KERNEL;
const Kernel KERNEL{KERNEL_NAME, pack, multiply, accumulate_outer, cell_forward, cell_backward};

}  // namespace risetime::lstm
