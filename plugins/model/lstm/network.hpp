// The recurrent network: linear in, residual blocks of two LSTM layers each, linear out; forward, backward and step by
// step.
//
// One step reads, for each row, `inputs` numbers that are known beforehand (age, flags, ...), `stats` numbers that are
// fed back, and `start` [hidden], what the static features add to the first linear layer. It answers `stats` numbers,
// the next step's, as what was fed back plus the output of the last linear layer. Every block but the last has a skip
// connection.
#pragma once

#include <functional>
#include <vector>

#include "kernel.hpp"

namespace risetime::lstm {

struct Shape {
  int inputs = 0;  // known beforehand at each step
  int stats = 0;   // fed back and answered
  int hidden = 0;  // multiple of 16
  int blocks = 0;

  int layers() const { return 2 * blocks; }
  int fed() const { return inputs + stats; }

  // Offsets into the flat vector of weights, all row-major: input [hidden, fed], then for each layer [4 hidden, 2
  // hidden] (from below, then from the step before; gates input, forget, candidate, output) and its bias [4 hidden],
  // then output [stats, hidden] and its bias [stats].
  std::size_t layer_weight(int layer) const;
  std::size_t layer_bias(int layer) const;
  std::size_t output_weight() const;
  std::size_t output_bias() const;
  std::size_t weights() const;
};

// The weights in the order in which the kernel reads them. Made again after every change of the weights.
class Network {
 public:
  // `with_gradients` also prepares what backward needs. Throws Error(Code::config) on a shape that has no network.
  Network(const Kernel& kernel, const Shape& shape, const float* weights, bool with_gradients);

  const Kernel& kernel() const { return *kernel_; }
  const Shape& shape() const { return shape_; }

 private:
  friend class Generator;
  friend class Tape;

  const Kernel* kernel_;
  Shape shape_;
  std::vector<float> input_, output_, output_bias_;  // for going forward
  std::vector<std::vector<float>> layers_, biases_;
  std::vector<float> input_back_, output_back_;  // transposed, for going backward
  std::vector<std::vector<float>> layers_back_;
};

// Runs the network step by step, keeping only the present state: up to `rows` series side by side.
class Generator {
 public:
  Generator(const Network& network, int rows);

  // One step. known [rows, inputs], fed [rows, stats], start [rows, hidden], next [rows, stats].
  void step(const float* known, const float* fed, const float* start, float* next);

  // Forgets what was seen.
  void reset();

 private:
  const Network& network_;
  int rows_;
  std::vector<float> fed_, stream_, gates_, tanh_cell_, hidden_, answer_;
  std::vector<std::vector<float>> below_,
      cell_;  // for each layer: [rows, 2 hidden] its input and former output; its state
};

// A batch for training. Row-major, rows of one step side by side.
struct Batch {
  int steps = 0, rows = 0;
  const float* known = nullptr;        // [steps, rows, inputs]
  const float* observed = nullptr;     // [steps, rows, stats]: what to feed where it was observed
  const float* is_observed = nullptr;  // [steps, rows]: 1 where `observed` is fed, 0 where the network's own answer is
  const float* start = nullptr;        // [rows, hidden]
};

// Rows that go through the network together, one after the other in time; the unit of parallel work. A constant, so
// that sums over rows are formed in the same order whatever the number of threads.
constexpr int rows_together = 16;

// The way of one batch through the network, kept for the way back.
class Tape {
 public:
  // Runs bodies 0 .. count-1, in any order, at the same time or not.
  using ParallelFor = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

  Tape(const Network& network, const Batch& batch, ParallelFor parallel_for);

  // answers [steps, rows, stats].
  void forward(float* answers);

  // From the gradient of the answers to those of the weights [weights()] and of the start [rows, hidden], both
  // overwritten. Includes the way through what was fed back.
  void backward(const float* d_answers, float* d_weights, float* d_start);

 private:
  struct Part;
  void forward_part(Part& part, float* answers) const;
  void backward_part(Part& part, const float* d_answers) const;

  const Network& network_;
  Batch batch_;
  ParallelFor parallel_for_;
  std::vector<Part> parts_;

 public:
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
};

}  // namespace risetime::lstm
