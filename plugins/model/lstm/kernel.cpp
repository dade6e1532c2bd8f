// Chooses among the kernels by what the processor can do.
#include "kernel.hpp"

#include <risetime/error.hpp>

namespace risetime::lstm {

const std::vector<const Kernel*>& available_kernels() {
  static const std::vector<const Kernel*> kernels = [] {
    std::vector<const Kernel*> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool fused = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (fused && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
      found.push_back(&avx512_kernel);
    if (fused) found.push_back(&avx2_kernel);
#endif
    found.push_back(&baseline_kernel);
    return found;
  }();
  return kernels;
}

const Kernel& choose_kernel(const std::string& name) {
  std::string names;
  for (const Kernel* kernel : available_kernels()) {
    if (name == "auto" || name == kernel->name) return *kernel;
    names += std::string(names.empty() ? "" : ", ") + kernel->name;
  }
  throw Error(Code::config, "kernel", "this processor has no kernel '" + name + "'; it has " + names);
}

}  // namespace risetime::lstm
