// The kernel that every processor of the build's target runs: vectors of four floats, products rounded.
#define WIDTH 4
#define ROWS 4
#define KERNEL baseline_kernel
#define KERNEL_NAME "baseline"
#include "kernel_body.hpp"
