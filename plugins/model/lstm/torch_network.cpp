// The network as a differentiable function: our kernels wrapped for libtorch's autograd, and the same in libtorch's own
// words.
#include "torch_network.hpp"

#include <torch/autograd.h>

#include <memory>
#include <tuple>

namespace risetime::lstm {
namespace {

// What the way forward leaves for the way back; the tape refers to the network and to the batch's memory.
struct Pass : torch::CustomClassHolder {
  Pass(const Kernel& kernel, const Shape& shape, torch::Tensor weights, torch::Tensor start_, TensorBatch batch_,
       const Tape::ParallelFor& parallel_for)
      : network(kernel, shape, weights.data_ptr<float>(), true),
        start(std::move(start_)),
        batch(std::move(batch_)),
        tape(network, view(), parallel_for) {}

  Batch view() const {
    Batch view;
    view.steps = static_cast<int>(batch.known.size(0));
    view.rows = static_cast<int>(batch.known.size(1));
    view.known = batch.known.data_ptr<float>();
    view.observed = batch.observed.data_ptr<float>();
    view.is_observed = batch.is_observed.data_ptr<float>();
    view.start = start.data_ptr<float>();
    return view;
  }

  Network network;
  torch::Tensor start;
  TensorBatch batch;
  Tape tape;
};

struct KernelFunction : torch::autograd::Function<KernelFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& weights,
                               const torch::Tensor& start, const Kernel* kernel, const Shape* shape,
                               const TensorBatch* batch, const Tape::ParallelFor* parallel_for) {
    auto pass = c10::make_intrusive<Pass>(*kernel, *shape, weights.detach(), start.detach().contiguous(), *batch,
                                          *parallel_for);
    torch::Tensor answers = torch::empty({batch->known.size(0), batch->known.size(1), shape->stats});
    pass->tape.forward(answers.data_ptr<float>());
    context->saved_data["pass"] = c10::IValue::make_capsule(pass);
    return answers;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list d_answers) {
    const auto capsule = context->saved_data["pass"].toCapsule();
    Pass& pass = static_cast<Pass&>(*capsule);
    const torch::Tensor d_contiguous = d_answers[0].contiguous();
    torch::Tensor d_weights = torch::empty({static_cast<int64_t>(pass.network.shape().weights())});
    torch::Tensor d_start = torch::empty_like(pass.start);
    pass.tape.backward(d_contiguous.data_ptr<float>(), d_weights.data_ptr<float>(), d_start.data_ptr<float>());
    const torch::Tensor none;
    return {d_weights, d_start, none, none, none, none};
  }
};

}  // namespace

torch::Tensor run_on_kernel(const Kernel& kernel, const Shape& shape, const torch::Tensor& weights,
                            const torch::Tensor& start, const TensorBatch& batch,
                            const Tape::ParallelFor& parallel_for) {
  return KernelFunction::apply(weights, start, &kernel, &shape, &batch, &parallel_for);
}

torch::Tensor run_on_torch(const Shape& shape, const torch::Tensor& weights, const torch::Tensor& start,
                           const TensorBatch& batch) {
  const int64_t hidden = shape.hidden;
  const auto part = [&](std::size_t from, int64_t rows, int64_t columns) {
    return weights.narrow(0, static_cast<int64_t>(from), rows * columns).view({rows, columns});
  };
  const torch::Tensor input = part(0, hidden, shape.fed()), output = part(shape.output_weight(), shape.stats, hidden);
  const torch::Tensor output_bias = part(shape.output_bias(), 1, shape.stats);
  const torch::Tensor zero = torch::zeros_like(start);
  std::vector<torch::Tensor> hidden_state(static_cast<std::size_t>(shape.layers()), zero), cell_state(hidden_state),
      answers;
  for (int64_t step = 0; step < batch.known.size(0); ++step) {
    torch::Tensor fed = batch.observed[step];
    if (step > 0) {
      const torch::Tensor is_observed = batch.is_observed[step].unsqueeze(1);
      fed = is_observed * fed + (1 - is_observed) * answers.back();
    }
    torch::Tensor stream = start + torch::matmul(torch::cat({batch.known[step], fed}, 1), input.t());
    for (int layer = 0; layer < shape.layers(); ++layer) {
      const auto l = static_cast<std::size_t>(layer);
      const bool first_of_block = layer % 2 == 0, last_block = layer / 2 + 1 == shape.blocks;
      const torch::Tensor below = first_of_block ? stream : hidden_state[l - 1];
      const torch::Tensor sums =
          torch::addmm(part(shape.layer_bias(layer), 1, 4 * hidden), torch::cat({below, hidden_state[l]}, 1),
                       part(shape.layer_weight(layer), 4 * hidden, 2 * hidden).t());
      const auto gates = sums.chunk(4, 1);
      cell_state[l] = torch::sigmoid(gates[1]) * cell_state[l] + torch::sigmoid(gates[0]) * torch::tanh(gates[2]);
      hidden_state[l] = torch::sigmoid(gates[3]) * torch::tanh(cell_state[l]);
      if (!first_of_block && !last_block) stream = stream + hidden_state[l];
    }
    answers.push_back(torch::addmm(output_bias, hidden_state.back(), output.t()) + fed);
  }
  return torch::stack(answers);
}

}  // namespace risetime::lstm
