// How the network of rhythm_path.hpp is fitted.
#include "rhythm_training.hpp"

#include <ATen/Parallel.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "torch_network.hpp"

namespace risetime::lstm {
namespace {

constexpr std::size_t most_origins = 16;     // of one video
constexpr std::size_t most_hours = 400'000;  // of all together, to bound time and memory
constexpr std::size_t chance_column = Rhythm::differences + 4;

class OneThread {  // libtorch's own sums depend on how many it has
 public:
  OneThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

// A few lessons side by side.
struct HoursBatch {
  TensorBatch inputs;
  torch::Tensor target, weight;  // [hours, rows, 1]; weight is 0 where the target is not known
};

HoursBatch batch_of(const RhythmNetwork& network, const std::vector<HoursAfter>& lessons,
                    const std::vector<std::size_t>& chosen) {
  const auto rows = static_cast<int64_t>(chosen.size()), hours = static_cast<int64_t>(network.hours);
  const auto columns = static_cast<int64_t>(rhythm_columns);
  HoursBatch batch;
  batch.inputs = {torch::empty({hours, rows, columns}), torch::zeros({hours, rows, 1}), torch::ones({hours, rows})};
  batch.target = torch::zeros({hours, rows, 1});
  batch.weight = torch::zeros({hours, rows, 1});
  for (int64_t row = 0; row < rows; ++row) {
    const HoursAfter& lesson = lessons[chosen[static_cast<std::size_t>(row)]];
    std::vector<float> known = lesson.columns;
    normalize(network, known);
    for (int64_t hour = 0; hour < hours; ++hour) {
      std::copy_n(known.begin() + hour * columns, columns,
                  batch.inputs.known.data_ptr<float>() + (hour * rows + row) * columns);
      const float target = lesson.target[static_cast<std::size_t>(hour)];
      if (!std::isfinite(target)) continue;
      batch.target.data_ptr<float>()[hour * rows + row] = target;
      batch.weight.data_ptr<float>()[hour * rows + row] = 1.0f;
    }
  }
  return batch;
}

torch::Tensor hours_loss(const HoursBatch& batch, const torch::Tensor& answers) {
  const torch::Tensor error = torch::smooth_l1_loss(answers, batch.target, at::Reduction::None, 0.1);
  return (error * batch.weight).sum() / torch::clamp_min(batch.weight.sum(), 1);
}

torch::Tensor drawn(int64_t count, double limit, pairs_detail::Draws& draws) {
  torch::Tensor tensor = torch::empty({count});
  for (int64_t i = 0; i < count; ++i) tensor.data_ptr<float>()[i] = static_cast<float>((2 * draws.share() - 1) * limit);
  return tensor;
}

std::vector<float> flat(const torch::Tensor& tensor) {
  const torch::Tensor here = tensor.detach().contiguous();
  return {here.data_ptr<float>(), here.data_ptr<float>() + here.numel()};
}

// A gradient of at most length one: a batch with a wild series must not undo what others taught.
void bound_length(const std::vector<torch::Tensor>& parameters) {
  torch::NoGradGuard frozen;
  torch::Tensor squares = torch::zeros({});
  for (const torch::Tensor& parameter : parameters) squares += parameter.grad().square().sum();
  const torch::Tensor factor = torch::clamp_max(1 / (squares.sqrt() + 1e-6), 1.0);
  for (const torch::Tensor& parameter : parameters) parameter.grad().mul_(factor);
}

std::vector<std::vector<std::size_t>> batches_of(std::vector<std::size_t> order, std::size_t size) {
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t first = 0; first < order.size(); first += size)
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                         order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), first + size)));
  return batches;
}

}  // namespace

int hours_to_learn(const std::vector<std::int64_t>& horizons) {
  std::int64_t hours = 24;
  for (const std::int64_t horizon : horizons)
    if (horizon <= Rhythm::week) hours = std::max(hours, (horizon - 1) / microseconds_per_hour + 1);
  return static_cast<int>(hours);
}

double chance_of(const std::vector<float>& columns) { return static_cast<double>(columns[chance_column]); }

std::vector<HoursAfter> hours_after(const std::vector<Example>& examples, std::size_t stat, int hours,
                                    std::uint64_t seed, const Services& services) {
  const std::size_t each = std::clamp<std::size_t>(
      most_hours / static_cast<std::size_t>(hours) / std::max<std::size_t>(1, examples.size()), 1, most_origins);
  std::vector<std::vector<HoursAfter>> found(examples.size());
  services.parallel_for(examples.size(), [&](std::size_t index) {
    const Example& example = examples[index];
    pairs_detail::Draws draws(mix_64(seed ^ mix_64(index)));
    for (std::size_t i = 0; i < each; ++i) {
      const std::int64_t life = example.times.back() - example.times.front();
      const bool is_young = draws.share() < 0.125 || life < 15 * microseconds_per_day;
      const std::int64_t from = example.times.front() + (is_young ? 2 : 14) * microseconds_per_day;
      const std::int64_t last = example.times.back() - microseconds_per_hour;
      const std::int64_t to = is_young ? std::min(last, example.times.front() + 14 * microseconds_per_day) : last;
      const double share = draws.share();
      if (from >= to) continue;
      const auto wanted = from + static_cast<std::int64_t>(share * static_cast<double>(to - from));
      const std::int64_t origin = *(std::upper_bound(example.times.begin(), example.times.end(), wanted) - 1);
      const History history(example.times, example.values[stat], example.published_at, origin, Kind::level);
      const std::optional<Rhythm> rhythm = Rhythm::of(history);
      if (!rhythm) continue;
      HoursAfter lesson{index, columns_of_hours(*rhythm, history, hours), {}, 0};
      lesson.chance = chance_of(lesson.columns);
      for (int hour = 1; hour <= hours; ++hour) {
        const std::int64_t time = history.last_time() + hour * microseconds_per_hour;
        const auto actual = observed_at(example.times, example.values[stat], time, microseconds_per_hour * 3 / 2);
        lesson.target.push_back(
            actual ? static_cast<float>((std::log1p(std::max(0.0, *actual)) - rhythm->base(time - origin)) /
                                        rhythm->scale())
                   : std::numeric_limits<float>::quiet_NaN());
      }
      found[index].push_back(std::move(lesson));
    }
  });
  std::vector<HoursAfter> lessons;
  for (auto& of_one : found)
    for (HoursAfter& lesson : of_one) lessons.push_back(std::move(lesson));
  return lessons;
}

RhythmNetwork fit_rhythm(const std::vector<HoursAfter>& lessons, const std::vector<Example>& examples, int hours,
                         const Settings& settings, std::uint64_t seed, const Services& services) {
  RhythmNetwork network;
  network.shape = {static_cast<int>(rhythm_columns), 1, settings.hidden, settings.blocks};
  network.hours = hours;
  std::vector<std::size_t> learning, judging;
  for (std::size_t i = 0; i < lessons.size(); ++i)
    (examples[lessons[i].example].held_out ? judging : learning).push_back(i);
  for (std::size_t column = 0; column < rhythm_columns; ++column) {
    std::vector<float> values;
    for (const std::size_t i : learning)
      for (std::size_t at = column; at < lessons[i].columns.size(); at += rhythm_columns)
        values.push_back(lessons[i].columns[at]);
    network.known.push_back(normalizer_of(values));
  }

  const OneThread one_thread;
  const Kernel& kernel = choose_kernel("auto");
  pairs_detail::Draws draws(seed);
  const Shape& shape = network.shape;
  torch::Tensor core = drawn(static_cast<int64_t>(shape.weights()), 1 / std::sqrt(shape.hidden), draws);
  for (int layer = 0; layer < shape.layers(); ++layer)  // forget little at first
    core.narrow(0, static_cast<int64_t>(shape.layer_bias(layer)) + shape.hidden, shape.hidden) += 1;
  core.narrow(0, static_cast<int64_t>(shape.output_weight()), shape.hidden + 1) *= 0.1;  // begin as "like the last day"
  torch::Tensor start = drawn(shape.hidden, 0.1, draws);
  for (torch::Tensor* parameter : {&core, &start}) parameter->requires_grad_(true);
  torch::optim::AdamW optimizer(std::vector<torch::Tensor>{core, start},
                                torch::optim::AdamWOptions(settings.learning_rate).weight_decay(1e-3));
  const auto loss_on = [&](const HoursBatch& batch) {
    const torch::Tensor starts = start.unsqueeze(0).expand({batch.target.size(1), shape.hidden}).contiguous();
    return hours_loss(batch, run_on_kernel(kernel, shape, core, starts, batch.inputs, services.parallel_for));
  };

  double least = std::numeric_limits<double>::infinity();
  const auto size = static_cast<std::size_t>(settings.batch);
  for (int epoch = 0; epoch < settings.epochs; ++epoch) {
    for (std::size_t i = learning.size(); i > 1; --i) std::swap(learning[i - 1], learning[draws.index(i)]);
    const auto batches = batches_of(learning, size);
    for (std::size_t b = 0; b < batches.size(); ++b) {
      const double done = (epoch + static_cast<double>(b) / static_cast<double>(batches.size())) / settings.epochs;
      const double warm = std::min(1.0, done * settings.epochs * 2 + 0.05);
      static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options())
          .lr(settings.learning_rate * warm * 0.5 * (1 + std::cos(done * 3.14159265358979323846)));
      optimizer.zero_grad();
      loss_on(batch_of(network, lessons, batches[b])).backward();
      bound_length({core, start});
      optimizer.step();
      services.progress(done);
    }
    torch::NoGradGuard frozen;
    double sum = 0;
    for (const auto& batch : batches_of(judging, size))
      sum += static_cast<double>(batch.size()) *
             static_cast<double>(loss_on(batch_of(network, lessons, batch)).item<float>());
    const double held_out = judging.empty() ? 0 : sum / static_cast<double>(judging.size());
    services.log("rhythm, epoch " + std::to_string(epoch + 1) + ": held out " + std::to_string(held_out));
    if (held_out > least) continue;
    least = held_out;
    network.core = flat(core);
    network.start = flat(start);
  }
  if (network.core.empty())  // no epoch ended in a number
    network.core = flat(core), network.start = flat(start);
  return network;
}

}  // namespace risetime::lstm
