// The arithmetic of the network, once for each instruction set, chosen at run time by what the processor has.
//
// All matrices are row-major float32; `ld` is the distance between rows, in floats. Every sum runs over its index in
// ascending order with one accumulator for each result, so a result depends neither on the vector width nor on how rows
// are grouped. Instruction sets with fused multiply-add therefore agree to the last bit; the baseline rounds the
// product as well and agrees to about 1e-6.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace risetime::lstm {

// Widest multiple that rows are padded to, in floats: every leading dimension and every column count handed to a kernel
// is a multiple of it where this header says "padded".
constexpr int padding = 32;

constexpr int padded(int columns) { return (columns + padding - 1) / padding * padding; }

struct Kernel {
  const char* name;

  // Rearranges B [k, n], whose element (i, j) is at b[i * row_stride + j * column_stride], for multiply(). `packed` has
  // room for k * padded(n) floats; columns past n become zero.
  void (*pack)(int k, int n, const float* b, std::ptrdiff_t row_stride, std::ptrdiff_t column_stride, float* packed);

  // C [m, padded(n)] = start + A [m, k] B [k, n]. `start` is null for zero, one row for all (ld_start 0), or a row
  // each; it may be C itself.
  void (*multiply)(int m, int n, int k, const float* a, int lda, const float* packed, const float* start, int ld_start,
                   float* c, int ldc);

  // C [m, padded(n)] += A' B over `rows` rows, with A [rows, m] and B [rows, padded(n)]: the gradient of a weight.
  void (*accumulate_outer)(int rows, int m, int n, const float* a, int lda, const float* b, int ldb, float* c, int ldc);

  // One LSTM cell. `gates` [rows, 4 * units] holds the sums for input, forget, candidate and output, and is replaced by
  // the activations. Writes the cell state, its tanh and the hidden state, each [rows, units]. units % 16 == 0.
  void (*cell_forward)(int rows, int units, float* gates, int ld_gates, const float* cell_before, float* cell,
                       float* tanh_cell, float* hidden, int ld_hidden);

  // Its gradient. `d_hidden` [rows, units]; `d_cell` [rows, units] arrives as the gradient of the new cell state from
  // later steps and leaves as that of the former one. Writes `d_gates` [rows, 4 * units], of the sums.
  void (*cell_backward)(int rows, int units, const float* gates, int ld_gates, const float* cell_before,
                        const float* tanh_cell, const float* d_hidden, float* d_cell, float* d_gates, int ld_d_gates);
};

// The kernels that this processor can run, the fastest first; the last is the baseline that always runs.
const std::vector<const Kernel*>& available_kernels();

// The fastest, or the one called `name` ("avx512", "avx2", "baseline"). Throws Error(Code::config), naming those
// available, when `name` is none of them. "auto" is the fastest.
const Kernel& choose_kernel(const std::string& name);

extern const Kernel baseline_kernel;
#if defined(__x86_64__)
extern const Kernel avx2_kernel;
extern const Kernel avx512_kernel;
#endif

}  // namespace risetime::lstm
