// The kernel for processors with AVX2 and FMA; compiled with those flags.
#define WIDTH 8
#define ROWS 6
#define KERNEL avx2_kernel
#define KERNEL_NAME "avx2"
#include "kernel_body.hpp"
