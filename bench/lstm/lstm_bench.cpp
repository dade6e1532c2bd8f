// Times training steps and generation of the lstm plugin's network, with weights and data that run.py wrote.
//
//   lstm_bench FOLDER THREADS STEPS KERNEL
//
// Reads weights.f32 (the flat weights, then the bias of the linear layer in), inputs.f32 [168, 64, 13] and targets.f32
// [168, 64] from FOLDER. Prints one JSON object: the loss before the first step, the seconds of each of STEPS training
// steps and of each of STEPS times generating 168 steps for one series, and the last value generated.
#include <ATen/Parallel.h>
#include <torch/optim/adam.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "torch_network.hpp"

namespace {

using namespace risetime::lstm;

constexpr int steps = 168, rows = 64;
constexpr Shape shape{12, 1, 64, 3};

torch::Tensor read(const std::string& path, std::vector<int64_t> sizes) {
  torch::Tensor tensor = torch::empty(sizes);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(tensor.data_ptr<float>()), tensor.numel() * 4);
  if (!file) throw std::runtime_error(path + ": expected " + std::to_string(tensor.numel()) + " numbers of float32");
  return tensor;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Tape::ParallelFor in_threads(int threads) {
  return [threads](std::size_t count, const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < count; i = next++) body(i);
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
  };
}

void print(const char* name, const std::vector<double>& values) {
  std::printf("\"%s\": [", name);
  for (std::size_t i = 0; i < values.size(); ++i) std::printf("%s%.9g", i > 0 ? ", " : "", values[i]);
  std::printf("], ");
}

struct Training {
  torch::Tensor weights, bias, targets;
  TensorBatch batch;
  const Kernel& kernel;
  Tape::ParallelFor parallel_for;
  torch::optim::Adam optimizer;

  double step() {
    optimizer.zero_grad();
    const torch::Tensor answers =
        run_on_kernel(kernel, shape, weights, bias.expand({rows, shape.hidden}), batch, parallel_for);
    const torch::Tensor loss = torch::mse_loss(answers.squeeze(2), targets);
    loss.backward();
    optimizer.step();
    return static_cast<double>(loss.item<float>());
  }
};

// 168 steps of one series, each answer being the next step's last input.
float generate(const Network& network, const torch::Tensor& inputs, const torch::Tensor& bias) {
  Generator generator(network, 1);
  float fed = inputs[0][0][shape.inputs].item<float>();
  for (int step = 0; step < steps; ++step) {
    const float* known = inputs.data_ptr<float>() + step * rows * shape.fed();
    generator.step(known, &fed, bias.data_ptr<float>(), &fed);
  }
  return fed;
}

int run(const std::string& folder, int threads, int count, const std::string& kernel_name) {
  at::set_num_threads(1);  // as the plugin does: the threads are those of the kernels
  const auto weight_count = static_cast<int64_t>(shape.weights());
  const torch::Tensor all = read(folder + "/weights.f32", {weight_count + shape.hidden});
  const torch::Tensor inputs = read(folder + "/inputs.f32", {steps, rows, shape.fed()});
  const Kernel& kernel = choose_kernel(kernel_name);
  const torch::Tensor weights = all.narrow(0, 0, weight_count).clone().requires_grad_(true);
  const torch::Tensor bias = all.narrow(0, weight_count, shape.hidden).clone().requires_grad_(true);
  const Network network(kernel, shape, weights.data_ptr<float>(), false);
  std::vector<double> generating, training;
  float last = 0;
  for (int i = 0; i < count; ++i) generating.push_back(seconds([&] { last = generate(network, inputs, bias); }));

  Training trainer{weights,
                   bias,
                   read(folder + "/targets.f32", {steps, rows}),
                   {inputs.narrow(2, 0, shape.inputs).contiguous(), inputs.narrow(2, shape.inputs, 1).contiguous(),
                    torch::ones({steps, rows})},
                   kernel,
                   in_threads(threads),
                   torch::optim::Adam({weights, bias}, torch::optim::AdamOptions(1e-3))};
  const double loss = trainer.step();
  for (int i = 0; i < count; ++i) training.push_back(seconds([&] { trainer.step(); }));
  std::printf("{");
  print("training", training);
  print("generating", generating);
  std::printf("\"loss\": %.9g, \"last\": %.9g, \"kernel\": \"%s\"}\n", loss, static_cast<double>(last), kernel.name);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: lstm_bench FOLDER THREADS STEPS KERNEL (avx512, avx2, baseline or auto)\n");
    return 2;
  }
  try {
    return run(arguments[1], std::stoi(arguments[2]), std::stoi(arguments[3]), arguments[4]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lstm_bench: %s\n", error.what());
    return 1;
  }
}
