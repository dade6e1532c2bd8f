// Forward, backward and step by step through the network, on top of a kernel.
#include "network.hpp"

#include <algorithm>
#include <cstring>
#include <risetime/error.hpp>
#include <utility>

namespace risetime::lstm {
namespace {

std::size_t area(int rows, int columns) { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); }

// Packs W [out, in] for answers = inputs W'.
std::vector<float> pack_forward(const Kernel& kernel, const float* weight, int out, int in) {
  std::vector<float> packed(area(in, padded(out)));
  kernel.pack(in, out, weight, 1, in, packed.data());
  return packed;
}

// Packs W [out, in] for d_inputs = d_answers W.
std::vector<float> pack_backward(const Kernel& kernel, const float* weight, int out, int in) {
  std::vector<float> packed(area(out, padded(in)));
  kernel.pack(out, in, weight, in, 1, packed.data());
  return packed;
}

void copy_rows(int rows, int columns, const float* from, int ld_from, float* to, int ld_to) {
  for (int row = 0; row < rows; ++row)
    std::memcpy(to + area(row, ld_to), from + area(row, ld_from), sizeof(float) * static_cast<std::size_t>(columns));
}

void add_rows(int rows, int columns, const float* a, int lda, const float* b, int ldb, float* to, int ld_to) {
  for (int row = 0; row < rows; ++row)
    for (std::size_t j = 0; j < static_cast<std::size_t>(columns); ++j)
      to[area(row, ld_to) + j] = a[area(row, lda) + j] + b[area(row, ldb) + j];
}

// to [columns] += the sum over rows of a [rows, columns].
void add_column_sums(std::size_t rows, int columns, const float* a, int lda, float* to) {
  for (std::size_t row = 0; row < rows; ++row, a += lda)
    for (int j = 0; j < columns; ++j) to[j] += a[j];
}

// Rows of the saved activations are this much longer than what they hold: a stride of a power of two would put all of a
// column into a few sets of the first-level cache.
constexpr int stagger = 16;

}  // namespace

std::size_t Shape::layer_weight(int layer) const {
  return area(hidden, fed()) +
         static_cast<std::size_t>(layer) * (area(4 * hidden, 2 * hidden) + static_cast<std::size_t>(4 * hidden));
}
std::size_t Shape::layer_bias(int layer) const { return layer_weight(layer) + area(4 * hidden, 2 * hidden); }
std::size_t Shape::output_weight() const { return layer_weight(layers()); }
std::size_t Shape::output_bias() const { return output_weight() + area(stats, hidden); }
std::size_t Shape::weights() const { return output_bias() + static_cast<std::size_t>(stats); }

Network::Network(const Kernel& kernel, const Shape& shape, const float* weights, bool with_gradients)
    : kernel_(&kernel), shape_(shape) {
  if (shape.stats < 1 || shape.inputs < 0 || shape.blocks < 1 || shape.hidden < 16 || shape.hidden % 16 != 0)
    throw Error(Code::config, "hidden", "a network needs a stat, a block, and a multiple of 16 hidden units");
  const int hidden = shape.hidden;
  input_ = pack_forward(kernel, weights, hidden, shape.fed());
  output_ = pack_forward(kernel, weights + shape.output_weight(), shape.stats, hidden);
  output_bias_.assign(static_cast<std::size_t>(padded(shape.stats)), 0.0f);
  std::copy_n(weights + shape.output_bias(), shape.stats, output_bias_.begin());
  for (int layer = 0; layer < shape.layers(); ++layer) {
    layers_.push_back(pack_forward(kernel, weights + shape.layer_weight(layer), 4 * hidden, 2 * hidden));
    const float* bias = weights + shape.layer_bias(layer);
    biases_.emplace_back(bias, bias + 4 * hidden);
  }
  if (!with_gradients) return;
  input_back_ = pack_backward(kernel, weights, hidden, shape.fed());
  output_back_ = pack_backward(kernel, weights + shape.output_weight(), shape.stats, hidden);
  for (int layer = 0; layer < shape.layers(); ++layer)
    layers_back_.push_back(pack_backward(kernel, weights + shape.layer_weight(layer), 4 * hidden, 2 * hidden));
}

Generator::Generator(const Network& network, int rows) : network_(network), rows_(rows) {
  const Shape& shape = network.shape();
  const int hidden = shape.hidden;
  fed_.resize(area(rows, shape.fed()));
  stream_.resize(area(rows, padded(hidden)));
  gates_.resize(area(rows, 4 * hidden));
  tanh_cell_.resize(area(rows, hidden));
  hidden_.resize(area(rows, hidden));
  answer_.resize(area(rows, padded(shape.stats)));
  below_.assign(static_cast<std::size_t>(shape.layers()), std::vector<float>(area(rows, 2 * hidden)));
  cell_.assign(static_cast<std::size_t>(shape.layers()), std::vector<float>(area(rows, hidden)));
}

void Generator::reset() {
  for (auto& below : below_) std::fill(below.begin(), below.end(), 0.0f);
  for (auto& cell : cell_) std::fill(cell.begin(), cell.end(), 0.0f);
}

void Generator::step(const float* known, const float* fed, const float* start, float* next) {
  const Shape& shape = network_.shape();
  const Kernel& kernel = network_.kernel();
  const int hidden = shape.hidden;
  copy_rows(rows_, shape.inputs, known, shape.inputs, fed_.data(), shape.fed());
  copy_rows(rows_, shape.stats, fed, shape.stats, fed_.data() + shape.inputs, shape.fed());
  const int ld = padded(hidden);
  copy_rows(rows_, hidden, start, hidden, stream_.data(), ld);
  kernel.multiply(rows_, hidden, shape.fed(), fed_.data(), shape.fed(), network_.input_.data(), stream_.data(), ld,
                  stream_.data(), ld);
  for (int layer = 0; layer < shape.layers(); ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    const bool first_of_block = layer % 2 == 0, last_block = layer / 2 + 1 == shape.blocks;
    float* below = below_[l].data();
    if (first_of_block)
      copy_rows(rows_, hidden, stream_.data(), ld, below, 2 * hidden);
    else
      copy_rows(rows_, hidden, hidden_.data(), hidden, below, 2 * hidden);
    kernel.multiply(rows_, 4 * hidden, 2 * hidden, below, 2 * hidden, network_.layers_[l].data(),
                    network_.biases_[l].data(), 0, gates_.data(), 4 * hidden);
    kernel.cell_forward(rows_, hidden, gates_.data(), 4 * hidden, cell_[l].data(), cell_[l].data(), tanh_cell_.data(),
                        hidden_.data(), hidden);
    copy_rows(rows_, hidden, hidden_.data(), hidden, below + hidden, 2 * hidden);
    if (!first_of_block && !last_block)
      add_rows(rows_, hidden, stream_.data(), ld, hidden_.data(), hidden, stream_.data(), ld);
  }
  kernel.multiply(rows_, shape.stats, hidden, hidden_.data(), hidden, network_.output_.data(),
                  network_.output_bias_.data(), 0, answer_.data(), padded(shape.stats));
  add_rows(rows_, shape.stats, answer_.data(), padded(shape.stats), fed, shape.stats, next, shape.stats);
}

// What one group of rows leaves behind on its way forward, and its share of the gradients. All [steps, rows, ...].
struct Tape::Part {
  int first = 0, rows = 0;
  int ld_fed = 0, ld_below = 0, ld_gates = 0;
  std::vector<float> fed;                                         // [ld_fed]
  std::vector<std::vector<float>> below, gates, cell, tanh_cell;  // for each layer; below and cell have a step more
  std::vector<float> top;                                         // [hidden], the last block's output
  std::vector<float> d_weights, d_start;                          // d_start [rows, hidden]

  float* at(std::vector<float>& all, int step, int ld) { return all.data() + area(step * rows, ld); }
};

Tape::~Tape() = default;

Tape::Tape(const Network& network, const Batch& batch, ParallelFor parallel_for)
    : network_(network), batch_(batch), parallel_for_(std::move(parallel_for)) {
  for (int first = 0; first < batch.rows; first += rows_together) {
    Part part;
    part.first = first;
    part.rows = std::min(rows_together, batch.rows - first);
    parts_.push_back(std::move(part));
  }
}

void Tape::forward(float* answers) {
  parallel_for_(parts_.size(), [&](std::size_t i) { forward_part(parts_[i], answers); });
}

void Tape::forward_part(Part& part, float* answers) const {
  const Shape& shape = network_.shape();
  const Kernel& kernel = network_.kernel();
  const int hidden = shape.hidden, rows = part.rows, steps = batch_.steps;
  const auto layers = static_cast<std::size_t>(shape.layers());
  part.ld_fed = padded(shape.fed());
  part.ld_below = 2 * hidden + stagger;
  part.ld_gates = 4 * hidden + stagger;
  part.fed.assign(area(steps * rows, part.ld_fed), 0.0f);
  part.below.resize(layers);
  part.gates.resize(layers);
  part.cell.resize(layers);
  part.tanh_cell.resize(layers);
  for (std::size_t l = 0; l < layers; ++l) {
    part.below[l].resize(area((steps + 1) * rows, part.ld_below));
    part.gates[l].resize(area(steps * rows, part.ld_gates));
    part.cell[l].resize(area((steps + 1) * rows, hidden));
    part.tanh_cell[l].resize(area(steps * rows, hidden));
    for (int row = 0; row < rows; ++row)
      std::fill_n(part.below[l].data() + area(row, part.ld_below) + hidden, hidden, 0.0f);
    std::fill_n(part.cell[l].data(), area(rows, hidden), 0.0f);
  }
  part.top.resize(area(steps * rows, hidden));
  const int ld_stream = padded(hidden), ld_answer = padded(shape.stats);
  std::vector<float> stream(area(rows, ld_stream)), answer(area(rows, ld_answer));

  for (int step = 0; step < steps; ++step) {
    const std::size_t row0 = area(step, batch_.rows) + static_cast<std::size_t>(part.first);
    float* fed = part.at(part.fed, step, part.ld_fed);
    copy_rows(rows, shape.inputs, batch_.known + row0 * static_cast<std::size_t>(shape.inputs), shape.inputs, fed,
              part.ld_fed);
    for (int row = 0; row < rows; ++row) {
      const std::size_t here = row0 + static_cast<std::size_t>(row);
      const bool own = step > 0 && batch_.is_observed[here] == 0.0f;
      const float* from =
          own ? answers + (here - static_cast<std::size_t>(batch_.rows)) * static_cast<std::size_t>(shape.stats)
              : batch_.observed + here * static_cast<std::size_t>(shape.stats);
      std::copy_n(from, shape.stats, fed + area(row, part.ld_fed) + shape.inputs);
    }
    copy_rows(rows, hidden, batch_.start + area(part.first, hidden), hidden, stream.data(), ld_stream);
    kernel.multiply(rows, hidden, shape.fed(), fed, part.ld_fed, network_.input_.data(), stream.data(), ld_stream,
                    stream.data(), ld_stream);
    const float* output = nullptr;
    for (std::size_t l = 0; l < layers; ++l) {
      const bool first_of_block = l % 2 == 0, last_block = l + 2 >= layers;
      float* below = part.at(part.below[l], step, part.ld_below);
      if (first_of_block)
        copy_rows(rows, hidden, stream.data(), ld_stream, below, part.ld_below);
      else
        copy_rows(rows, hidden, output, part.ld_below, below, part.ld_below);
      float* gates = part.at(part.gates[l], step, part.ld_gates);
      kernel.multiply(rows, 4 * hidden, 2 * hidden, below, part.ld_below, network_.layers_[l].data(),
                      network_.biases_[l].data(), 0, gates, part.ld_gates);
      float* next_below = part.at(part.below[l], step + 1, part.ld_below) + hidden;
      kernel.cell_forward(rows, hidden, gates, part.ld_gates, part.at(part.cell[l], step, hidden),
                          part.at(part.cell[l], step + 1, hidden), part.at(part.tanh_cell[l], step, hidden), next_below,
                          part.ld_below);
      output = next_below;
      if (!first_of_block && !last_block)
        add_rows(rows, hidden, stream.data(), ld_stream, output, part.ld_below, stream.data(), ld_stream);
    }
    float* top = part.at(part.top, step, hidden);
    copy_rows(rows, hidden, output, part.ld_below, top, hidden);
    kernel.multiply(rows, shape.stats, hidden, top, hidden, network_.output_.data(), network_.output_bias_.data(), 0,
                    answer.data(), ld_answer);
    add_rows(rows, shape.stats, answer.data(), ld_answer, fed + shape.inputs, part.ld_fed,
             answers + row0 * static_cast<std::size_t>(shape.stats), shape.stats);
  }
}

void Tape::backward(const float* d_answers, float* d_weights, float* d_start) {
  const Shape& shape = network_.shape();
  parallel_for_(parts_.size(), [&](std::size_t i) { backward_part(parts_[i], d_answers); });
  std::fill_n(d_weights, shape.weights(), 0.0f);
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.d_weights.size(); ++i) d_weights[i] += part.d_weights[i];
    copy_rows(part.rows, shape.hidden, part.d_start.data(), shape.hidden, d_start + area(part.first, shape.hidden),
              shape.hidden);
  }
}

void Tape::backward_part(Part& part, const float* d_answers) const {
  const Shape& shape = network_.shape();
  const Kernel& kernel = network_.kernel();
  const int hidden = shape.hidden, stats = shape.stats, rows = part.rows, steps = batch_.steps;
  const int layers = shape.layers();
  const int ld_answer = padded(stats), ld_fed = padded(shape.fed()), ld = padded(hidden);
  const std::size_t count = area(steps, rows);
  const auto zeros = [&](int columns) { return std::vector<float>(area(rows, columns)); };

  std::vector<std::vector<float>> d_gates(static_cast<std::size_t>(layers),
                                          std::vector<float>(count * static_cast<std::size_t>(part.ld_gates)));
  std::vector<std::vector<float>> d_cell(static_cast<std::size_t>(layers), zeros(hidden)), d_former(d_cell);
  std::vector<float> d_answer_all(count * static_cast<std::size_t>(ld_answer)),
      d_stream_all(count * static_cast<std::size_t>(ld));
  std::vector<float> d_feedback = zeros(stats), d_fed = zeros(ld_fed), d_hidden = zeros(hidden), d_top = zeros(ld),
                     d_below = zeros(2 * hidden);

  for (int step = steps - 1; step >= 0; --step) {
    const std::size_t row0 = area(step, batch_.rows) + static_cast<std::size_t>(part.first);
    float* d_answer = part.at(d_answer_all, step, ld_answer);
    for (int row = 0; row < rows; ++row) {
      const std::size_t here = row0 + static_cast<std::size_t>(row);
      const bool fed_on = step + 1 < steps && batch_.is_observed[here + static_cast<std::size_t>(batch_.rows)] == 0.0f;
      for (std::size_t s = 0; s < static_cast<std::size_t>(stats); ++s)
        d_answer[area(row, ld_answer) + s] =
            d_answers[here * static_cast<std::size_t>(stats) + s] + (fed_on ? d_feedback[area(row, stats) + s] : 0.0f);
    }
    kernel.multiply(rows, hidden, stats, d_answer, ld_answer, network_.output_back_.data(), nullptr, 0, d_top.data(),
                    ld);
    float* d_stream = part.at(d_stream_all, step, ld);
    for (int layer = layers - 1; layer >= 0; --layer) {
      const auto l = static_cast<std::size_t>(layer);
      const bool first_of_block = layer % 2 == 0, last_block = layer / 2 + 1 == shape.blocks;
      const float* from_above = first_of_block ? d_below.data() : last_block ? d_top.data() : d_stream;
      const int ld_above = first_of_block ? 2 * hidden : ld;
      add_rows(rows, hidden, from_above, ld_above, d_former[l].data(), hidden, d_hidden.data(), hidden);
      float* d_gate = part.at(d_gates[l], step, part.ld_gates);
      kernel.cell_backward(rows, hidden, part.at(part.gates[l], step, part.ld_gates), part.ld_gates,
                           part.at(part.cell[l], step, hidden), part.at(part.tanh_cell[l], step, hidden),
                           d_hidden.data(), d_cell[l].data(), d_gate, part.ld_gates);
      kernel.multiply(rows, 2 * hidden, 4 * hidden, d_gate, part.ld_gates, network_.layers_back_[l].data(), nullptr, 0,
                      d_below.data(), 2 * hidden);
      copy_rows(rows, hidden, d_below.data() + hidden, 2 * hidden, d_former[l].data(), hidden);
      if (!first_of_block) continue;
      if (last_block)
        copy_rows(rows, hidden, d_below.data(), 2 * hidden, d_stream, ld);
      else
        add_rows(rows, hidden, d_stream, ld, d_below.data(), 2 * hidden, d_stream, ld);
    }
    kernel.multiply(rows, shape.fed(), hidden, d_stream, ld, network_.input_back_.data(), nullptr, 0, d_fed.data(),
                    ld_fed);
    add_rows(rows, stats, d_fed.data() + shape.inputs, ld_fed, d_answer, ld_answer, d_feedback.data(), stats);
  }

  part.d_start.assign(area(rows, hidden), 0.0f);
  for (int step = 0; step < steps; ++step)
    add_rows(rows, hidden, part.d_start.data(), hidden, part.at(d_stream_all, step, ld), ld, part.d_start.data(),
             hidden);

  part.d_weights.assign(shape.weights(), 0.0f);
  const auto outer = [&](int m, int n, const float* a, int lda, const float* b, int ldb, std::size_t to) {
    std::vector<float> sum(area(m, padded(n)));
    kernel.accumulate_outer(static_cast<int>(count), m, n, a, lda, b, ldb, sum.data(), padded(n));
    copy_rows(m, n, sum.data(), padded(n), part.d_weights.data() + to, n);
  };
  outer(hidden, shape.fed(), d_stream_all.data(), ld, part.fed.data(), part.ld_fed, 0);
  for (int layer = 0; layer < layers; ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    outer(4 * hidden, 2 * hidden, d_gates[l].data(), part.ld_gates, part.below[l].data(), part.ld_below,
          shape.layer_weight(layer));
    add_column_sums(count, 4 * hidden, d_gates[l].data(), part.ld_gates,
                    part.d_weights.data() + shape.layer_bias(layer));
  }
  std::vector<float> d_output(area(hidden, ld_answer));
  kernel.accumulate_outer(static_cast<int>(count), hidden, stats, part.top.data(), hidden, d_answer_all.data(),
                          ld_answer, d_output.data(), ld_answer);
  for (int s = 0; s < stats; ++s)
    for (int j = 0; j < hidden; ++j)
      part.d_weights[shape.output_weight() + area(s, hidden) + static_cast<std::size_t>(j)] =
          d_output[area(j, ld_answer) + static_cast<std::size_t>(s)];
  add_column_sums(count, stats, d_answer_all.data(), ld_answer, part.d_weights.data() + shape.output_bias());
}

}  // namespace risetime::lstm
