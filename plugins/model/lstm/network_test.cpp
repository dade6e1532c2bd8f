// The kernels against each other and against libtorch: forward, backward and step by step.
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <atomic>
#include <cmath>
#include <risetime/error.hpp>
#include <thread>

#include "torch_network.hpp"
#include "training.hpp"

namespace risetime::lstm {
namespace {

void one_after_another(std::size_t count, const std::function<void(std::size_t)>& body) {
  for (std::size_t i = 0; i < count; ++i) body(i);
}

void in_three_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      for (std::size_t index = next++; index < count; index = next++) body(index);
    });
  for (std::thread& thread : threads) thread.join();
}

// A batch of 37 series, some steps observed and some fed back, and weights to run it through.
struct Case {
  Shape shape{10, 3, 32, 3};
  torch::Tensor weights, start, direction;
  TensorBatch batch;

  Case() {
    torch::manual_seed(1);
    weights = ((torch::rand({static_cast<int64_t>(shape.weights())}) - 0.5) * 0.4).requires_grad_(true);
    start = torch::randn({37, shape.hidden}).requires_grad_(true);
    batch = {torch::randn({20, 37, shape.inputs}), torch::randn({20, 37, shape.stats}),
             (torch::rand({20, 37}) < 0.6).to(torch::kFloat)};
    direction = torch::randn({20, 37, shape.stats});
  }
};

double furthest(const torch::Tensor& a, const torch::Tensor& b) {
  return static_cast<double>(((a - b).abs().max() / b.abs().max()).item<float>());
}

std::vector<torch::Tensor> gradients(const Case& c, const torch::Tensor& answers) {
  return torch::autograd::grad({(answers * c.direction).sum()}, {c.weights, c.start});
}

class EachKernel : public testing::TestWithParam<const Kernel*> {};

TEST_P(EachKernel, AgreesWithLibtorchForwardAndBackward) {
  const Case c;
  const torch::Tensor expected = run_on_torch(c.shape, c.weights, c.start, c.batch);
  const torch::Tensor answers = run_on_kernel(*GetParam(), c.shape, c.weights, c.start, c.batch, one_after_another);
  EXPECT_LT(furthest(answers, expected), 1e-6);
  const auto expected_gradients = gradients(c, expected), found = gradients(c, answers);
  EXPECT_LT(furthest(found[0], expected_gradients[0]), 2e-6) << "weights";
  EXPECT_LT(furthest(found[1], expected_gradients[1]), 2e-6) << "start";
}

TEST_P(EachKernel, GeneratesStepByStepWhatLibtorchDoes) {
  Case c;
  c.batch.is_observed = torch::zeros({20, 37});
  c.batch.is_observed.narrow(0, 0, 8).fill_(1);
  torch::NoGradGuard frozen;
  const torch::Tensor expected = run_on_torch(c.shape, c.weights, c.start, c.batch);
  const Network network(*GetParam(), c.shape, c.weights.data_ptr<float>(), false);
  for (const int rows : {1, 5, 37}) {
    Generator generator(network, rows);
    torch::Tensor fed, next = torch::empty({rows, c.shape.stats});
    for (int64_t step = 0; step < 20; ++step) {
      fed = step < 8 ? c.batch.observed[step].narrow(0, 0, rows).contiguous() : next.clone();
      const torch::Tensor known = c.batch.known[step].narrow(0, 0, rows).contiguous();
      generator.step(known.data_ptr<float>(), fed.data_ptr<float>(), c.start.data_ptr<float>(), next.data_ptr<float>());
      EXPECT_LT(furthest(next, expected[step].narrow(0, 0, rows)), 1e-6) << rows << " rows, step " << step;
    }
  }
}

TEST_P(EachKernel, GivesARowTheSameBytesWhateverItsNeighbours) {
  Case c;
  torch::NoGradGuard frozen;
  const Network network(*GetParam(), c.shape, c.weights.data_ptr<float>(), false);
  Generator together(network, 13), alone(network, 1);
  torch::Tensor all = torch::empty({13, c.shape.stats}), one = torch::empty({1, c.shape.stats});
  for (int64_t step = 0; step < 20; ++step) {
    const torch::Tensor known = c.batch.known[step].contiguous(), fed = c.batch.observed[step].contiguous();
    together.step(known.data_ptr<float>(), fed.data_ptr<float>(), c.start.data_ptr<float>(), all.data_ptr<float>());
    alone.step(known.data_ptr<float>() + 11 * c.shape.inputs, fed.data_ptr<float>() + 11 * c.shape.stats,
               c.start.data_ptr<float>() + 11 * c.shape.hidden, one.data_ptr<float>());
    EXPECT_TRUE(torch::equal(all[11], one[0])) << "step " << step;
  }
}

TEST_P(EachKernel, GivesTheSameBytesWithOneAndWithThreeThreads) {
  const Case c;
  const auto run = [&](const Tape::ParallelFor& parallel_for) {
    const torch::Tensor answers = run_on_kernel(*GetParam(), c.shape, c.weights, c.start, c.batch, parallel_for);
    auto all = gradients(c, answers);
    all.push_back(answers.detach());
    return all;
  };
  const auto one = run(one_after_another), three = run(in_three_threads);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(torch::equal(one[i], three[i])) << i;
}

TEST_P(EachKernel, StaysFiniteForHugeInputs) {
  Case c;
  torch::NoGradGuard frozen;
  c.batch.known.mul_(1e6);
  const torch::Tensor answers = run_on_kernel(*GetParam(), c.shape, c.weights, c.start, c.batch, one_after_another);
  EXPECT_TRUE(torch::isfinite(answers).all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachKernel, testing::ValuesIn(available_kernels()),
                         [](const auto& each) { return std::string(each.param->name); });

TEST(Kernels, WithFusedMultiplyAddGiveTheSameBytes) {
  if (available_kernels().size() < 3)
    GTEST_SKIP() << "this processor lacks AVX-512 or AVX2: there is nothing to compare";
  const Case c;
  const torch::Tensor a =
      run_on_kernel(choose_kernel("avx512"), c.shape, c.weights, c.start, c.batch, one_after_another);
  const torch::Tensor b = run_on_kernel(choose_kernel("avx2"), c.shape, c.weights, c.start, c.batch, one_after_another);
  EXPECT_TRUE(torch::equal(a, b));
  EXPECT_TRUE(torch::equal(gradients(c, a)[0], gradients(c, b)[0]));
}

TEST(Kernels, AreRefusedByNameWhereTheProcessorHasThemNot) {
  try {
    choose_kernel("abacus");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_NE(error.message().find("baseline"), std::string::npos);
  }
}

TEST(Training, MakesTheSameBytesWithOneAndWithThreeThreads) {
  constexpr std::int64_t day = microseconds_per_day;
  std::vector<Example> examples(50);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    examples[i].values.resize(1);
    examples[i].statics = {static_cast<float>(i % 3)};
    examples[i].held_out = i % 5 == 0;
    for (int d = 1; d <= 12; ++d) {
      examples[i].times.push_back(d * day);
      examples[i].values[0].push_back(static_cast<double>(d * (i + 1)));
    }
  }
  Settings settings;
  settings.hidden = 16;
  settings.blocks = 1;
  settings.epochs = 2;
  const auto fit = [&](const Tape::ParallelFor& parallel_for) {
    const Services services{parallel_for, [](double) {}, [](const std::string&) {}};
    const Fitted fitted = fit_network(examples, {Kind::total}, day, settings, {{3 * day}, {4 * day}}, 7, services);
    Writer bytes;
    save_fitted(bytes, fitted);
    return bytes.bytes();
  };
  EXPECT_EQ(fit(one_after_another), fit(in_three_threads));
}

TEST(Network, RefusesHiddenUnitsThatFillNoVector) {
  const std::vector<float> weights(100000);
  EXPECT_THROW(Network(baseline_kernel, Shape{4, 1, 20, 1}, weights.data(), false), Error);
  EXPECT_THROW(Network(baseline_kernel, Shape{4, 1, 16, 0}, weights.data(), false), Error);
}

}  // namespace
}  // namespace risetime::lstm
