// The kernel for processors with AVX-512 (F, VL, DQ, BW) and FMA; compiled with those flags.
#define WIDTH 16
#define ROWS 8
#define KERNEL avx512_kernel
#define KERNEL_NAME "avx512"
#include "kernel_body.hpp"
