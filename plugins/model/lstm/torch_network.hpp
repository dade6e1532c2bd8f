// The network as libtorch sees it: one differentiable function of the flat weights and of `start`.
#pragma once

#include <torch/types.h>

#include "network.hpp"

namespace risetime::lstm {

// A batch as tensors of float32; shapes as in Batch.
struct TensorBatch {
  torch::Tensor known, observed, is_observed;
};

// The answers [steps, rows, stats], computed and differentiated by our kernels, on the processor. `weights`
// [weights()], `start` [rows, hidden]. All tensors contiguous and on the processor.
torch::Tensor run_on_kernel(const Kernel& kernel, const Shape& shape, const torch::Tensor& weights,
                            const torch::Tensor& start, const TensorBatch& batch,
                            const Tape::ParallelFor& parallel_for);

// The same by libtorch's own operations, on the device where the tensors are: what a GPU runs, and what the kernels are
// tested against.
torch::Tensor run_on_torch(const Shape& shape, const torch::Tensor& weights, const torch::Tensor& start,
                           const TensorBatch& batch);

}  // namespace risetime::lstm
