// Fits the network: draws places to stand, lets the network prime and generate from there, and corrects it by how far
// the generated path was from what happened.
#include "training.hpp"

#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <risetime/error.hpp>

#include "torch_network.hpp"

namespace risetime::lstm {
namespace {

// A video and the reading where to stand.
struct Sample {
  std::size_t example = 0, origin = 0;
};

// A batch ready for the network; targets are those of the generated steps.
struct Prepared {
  TensorBatch inputs;
  torch::Tensor statics;  // [rows, statics]
  torch::Tensor next,
      next_known;  // [primed - 1, rows, stats]: normalized moves of the observed steps after the first; 1 where real
  torch::Tensor target,
      weight;          // [ahead, rows, stats]: log(1 + increment since the anchor) or log(1 + level); 0 where unknown
  torch::Tensor last;  // [rows, stats]: value at the anchor, 0 for levels
  int primed = 0, ahead = 0;
};

// Uniform numbers from the standard's generator, mapped by hand: the standard's distributions differ between libraries.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  std::size_t below(std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(uniform() * static_cast<double>(n)));
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::mt19937_64 engine_;
};

// Holds libtorch to one thread: its own sums depend on how many it has; ours do not.
class SingleThread {
 public:
  SingleThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
  ~SingleThread() { at::set_num_threads(before_); }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int before_;
};

// One network's weights as tensors that learn.
struct Learner {
  torch::Tensor core, first, first_bias, second, second_bias, start, start_bias;

  Learner(const Shape& shape, int statics, Random& random, torch::Device device) {
    const auto drawn = [&](std::vector<int64_t> sizes, double limit) {
      torch::Tensor tensor = torch::empty(sizes);
      float* to = tensor.data_ptr<float>();
      for (int64_t i = 0; i < tensor.numel(); ++i) to[i] = static_cast<float>((2 * random.uniform() - 1) * limit);
      return tensor.to(device).requires_grad_(true);
    };
    const double limit = 1 / std::sqrt(shape.hidden), statics_limit = 1 / std::sqrt(std::max(statics, 1));
    core = drawn({static_cast<int64_t>(shape.weights())}, limit);
    torch::NoGradGuard frozen;
    for (int layer = 0; layer < shape.layers(); ++layer)  // forget little at first
      core.narrow(0, static_cast<int64_t>(shape.layer_bias(layer)) + shape.hidden, shape.hidden) += 1;
    core.narrow(0, static_cast<int64_t>(shape.output_weight()), shape.stats * shape.hidden + shape.stats) *=
        0.1;  // begin as "stays as it is"
    first = drawn({static_width, statics}, statics_limit);
    first_bias = drawn({static_width}, statics_limit);
    second = drawn({static_out, static_width}, 1 / std::sqrt(static_width));
    second_bias = drawn({static_out}, 1 / std::sqrt(static_width));
    start = drawn({shape.hidden, static_out}, 1 / std::sqrt(static_out));
    start_bias = drawn({shape.hidden}, 0.1);
  }

  std::vector<torch::Tensor> parameters() const {
    return {core, first, first_bias, second, second_bias, start, start_bias};
  }

  torch::Tensor start_of(const torch::Tensor& statics) const {
    const torch::Tensor inner = torch::relu(torch::addmm(first_bias, statics, first.t()));
    return torch::addmm(start_bias, torch::relu(torch::addmm(second_bias, inner, second.t())), start.t());
  }

  Member copy() const {
    const auto flat = [](const torch::Tensor& tensor) {
      const torch::Tensor here = tensor.detach().to(torch::kCPU).contiguous();
      return std::vector<float>(here.data_ptr<float>(), here.data_ptr<float>() + here.numel());
    };
    return {flat(core), flat(first), flat(first_bias), flat(second), flat(second_bias), flat(start), flat(start_bias)};
  }
};

// Everything that stays the same while one network is fitted.
struct Fitting {
  const std::vector<Example>& examples;
  const Settings& settings;
  const Purpose& purpose;
  const Services& services;
  Fitted fitted;
  int ahead = 1;                       // steps to generate
  std::vector<float> horizon_weights;  // [ahead]
  torch::Device device = torch::kCPU;
};

// The furthest reading that may be stood at: one with at least one after it.
std::size_t origins(const Example& example) { return example.times.size() < 2 ? 0 : example.times.size() - 1; }

Sample draw(const Fitting& fitting, std::size_t index, Random& random) {
  const Example& example = fitting.examples[index];
  const auto& ages = fitting.purpose.ages;
  if (!ages.empty() && random.uniform() < 0.75) {
    const std::size_t origin = reading_at_age(example, ages[random.below(ages.size())]);
    if (origin < origins(example)) return {index, origin};
  }
  return {index, random.below(origins(example))};
}

Steps steps_of(const Fitting& fitting, const Sample& sample) {
  return resample(fitting.examples[sample.example].readings(), sample.origin + 1, fitting.fitted.kinds,
                  fitting.fitted.step, fitting.settings.max_steps);
}

// Lays samples side by side, cut to the shortest history among them.
Prepared prepare(const Fitting& fitting, const std::vector<Sample>& samples,
                 const std::vector<const Steps*>& histories) {
  const Fitted& fitted = fitting.fitted;
  const int stats = fitted.shape.stats, inputs = fitted.shape.inputs, ahead = fitting.ahead;
  const auto rows = static_cast<int64_t>(samples.size());
  Prepared batch;
  batch.ahead = ahead;
  batch.primed = histories[0]->count;
  for (const Steps* steps : histories) batch.primed = std::min(batch.primed, steps->count);
  const int length = batch.primed + ahead - 1;
  batch.inputs = {torch::zeros({length, rows, inputs}), torch::zeros({length, rows, stats}),
                  torch::zeros({length, rows})};
  batch.statics = torch::zeros({rows, static_cast<int64_t>(fitted.statics.size())});
  batch.next = torch::zeros({batch.primed - 1, rows, stats});
  batch.next_known = torch::zeros({batch.primed - 1, rows, stats});
  batch.target = torch::zeros({ahead, rows, stats});
  batch.weight = torch::zeros({ahead, rows, stats});
  batch.last = torch::zeros({rows, stats});

  for (int64_t row = 0; row < rows; ++row) {
    const Example& example = fitting.examples[samples[static_cast<std::size_t>(row)].example];
    const Steps& steps = *histories[static_cast<std::size_t>(row)];
    const int cut = steps.count - batch.primed;
    for (int t = 0; t < length; ++t) {
      fill_known(fitted, steps, t + cut, batch.inputs.known.data_ptr<float>() + (t * rows + row) * inputs);
      if (t >= batch.primed) continue;
      fill_observed(fitted, steps, t + cut, batch.inputs.observed.data_ptr<float>() + (t * rows + row) * stats);
      batch.inputs.is_observed.data_ptr<float>()[t * rows + row] = 1.0f;
      if (t == 0) continue;
      float* next = batch.next.data_ptr<float>() + ((t - 1) * rows + row) * stats;
      fill_observed(fitted, steps, t + cut, next);
      for (int s = 0; s < stats; ++s)
        batch.next_known.data_ptr<float>()[((t - 1) * rows + row) * stats + s] =
            std::isnan(steps.last[static_cast<std::size_t>(s)])
                ? 0.0f
                : 1.0f - steps.filled[static_cast<std::size_t>(t + cut)];
    }
    const std::vector<float> statics = normalize_statics(fitted, example.statics);
    std::copy(statics.begin(), statics.end(),
              batch.statics.data_ptr<float>() + row * static_cast<int64_t>(statics.size()));
    const std::vector<double> after =
        values_after(example.readings(), steps.anchor, fitted.step, ahead, 2 * fitted.step);
    for (int s = 0; s < stats; ++s) {
      const auto stat = static_cast<std::size_t>(s);
      const double last = steps.last[stat];
      if (std::isnan(last)) continue;
      const double base = fitted.kinds[stat] == Kind::total ? last : 0.0;
      batch.last.data_ptr<float>()[row * stats + s] = static_cast<float>(base);
      for (int k = 0; k < ahead; ++k) {
        const double value = after[static_cast<std::size_t>(k * stats) + stat];
        if (!std::isfinite(value)) continue;
        batch.target.data_ptr<float>()[(k * rows + row) * stats + s] =
            static_cast<float>(std::log1p(std::max(0.0, value - base)));
        batch.weight.data_ptr<float>()[(k * rows + row) * stats + s] =
            fitting.horizon_weights[static_cast<std::size_t>(k)];
      }
    }
  }
  const auto move = [&](torch::Tensor& tensor) { tensor = tensor.to(fitting.device); };
  for (torch::Tensor* tensor : {&batch.inputs.known, &batch.inputs.observed, &batch.inputs.is_observed, &batch.statics,
                                &batch.next, &batch.next_known, &batch.target, &batch.weight, &batch.last})
    move(*tensor);
  return batch;
}

// Groups samples by the length of their history, so that little is cut, and mixes the order of the groups.
std::vector<std::vector<std::size_t>> group(const std::vector<Steps>& histories, std::size_t size, Random& random) {
  std::vector<std::size_t> order(histories.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return histories[a].count < histories[b].count; });
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t first = 0; first < order.size(); first += size)
    groups.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                        order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), first + size)));
  random.shuffle(groups);
  return groups;
}

// log(1 + x), going on straight below zero so that a path that falls too low is still pulled up.
torch::Tensor log_increment(const torch::Tensor& x) {
  return torch::where(x > 0, torch::log1p(torch::clamp_min(x, 0)), x * 0.1);
}

// How far the generated path is from what happened: the mean absolute error of the log increment since the anchor and
// of the log total, weighted by horizon; and, lightly, of the next move at each observed step.
torch::Tensor loss_of(const Fitting& fitting, const Prepared& batch, const torch::Tensor& answers) {
  const Fitted& fitted = fitting.fitted;
  const torch::Tensor generated = answers.narrow(0, batch.primed - 1, batch.ahead);
  torch::Tensor loss = torch::zeros({}, answers.options());
  for (int stat = 0; stat < fitted.shape.stats; ++stat) {
    const auto s = static_cast<std::size_t>(stat);
    const torch::Tensor moved =
        torch::expm1(torch::clamp_max(generated.select(2, stat) * fitted.moves[s].scale + fitted.moves[s].mean, 40));
    const bool total = fitted.kinds[s] == Kind::total;
    const torch::Tensor path = total ? torch::cumsum(moved, 0) : moved;
    const torch::Tensor target = batch.target.select(2, stat), weight = batch.weight.select(2, stat),
                        last = batch.last.select(1, stat);
    torch::Tensor error = torch::smooth_l1_loss(log_increment(path), target, at::Reduction::None, 0.1);
    if (total) {
      const torch::Tensor truth = torch::log1p(last + torch::expm1(target));
      error = 0.5 * error +
              torch::smooth_l1_loss(torch::log1p(last + torch::clamp_min(path, 0)), truth, at::Reduction::None, 0.1);
    }
    loss = loss + (error * weight).sum() / torch::clamp_min(weight.sum(), 1);
  }
  if (batch.primed > 1) {
    const torch::Tensor error =
        torch::smooth_l1_loss(answers.narrow(0, 0, batch.primed - 1), batch.next, at::Reduction::None, 0.1);
    loss = loss + 0.1 * (error * batch.next_known).sum() / torch::clamp_min(batch.next_known.sum(), 1);
  }
  return loss;
}

torch::Tensor run(const Fitting& fitting, const Kernel& kernel, const Learner& learner, const Prepared& batch) {
  const torch::Tensor start = learner.start_of(batch.statics);
  if (!fitting.device.is_cpu()) return run_on_torch(fitting.fitted.shape, learner.core, start, batch.inputs);
  return run_on_kernel(kernel, fitting.fitted.shape, learner.core, start, batch.inputs, fitting.services.parallel_for);
}

std::vector<Prepared> prepare_all(const Fitting& fitting, const std::vector<Sample>& samples, Random& random) {
  std::vector<Steps> histories(samples.size());
  fitting.services.parallel_for(samples.size(), [&](std::size_t i) { histories[i] = steps_of(fitting, samples[i]); });
  std::vector<Prepared> batches;
  for (const auto& members : group(histories, static_cast<std::size_t>(fitting.settings.batch), random)) {
    std::vector<Sample> chosen;
    std::vector<const Steps*> steps;
    for (const std::size_t i : members) chosen.push_back(samples[i]), steps.push_back(&histories[i]);
    batches.push_back(prepare(fitting, chosen, steps));
  }
  return batches;
}

double judge(const Fitting& fitting, const Kernel& kernel, const Learner& learner,
             const std::vector<Prepared>& batches) {
  torch::NoGradGuard frozen;
  double sum = 0, rows = 0;
  for (const Prepared& batch : batches) {
    const auto count = static_cast<double>(batch.statics.size(0));
    sum += count * static_cast<double>(loss_of(fitting, batch, run(fitting, kernel, learner, batch)).item<float>());
    rows += count;
  }
  return rows > 0 ? sum / rows : std::numeric_limits<double>::quiet_NaN();
}

// Scales the gradient to a length of at most one: a batch with a wild series must not undo what others taught.
void bound_gradient(const std::vector<torch::Tensor>& parameters) {
  torch::NoGradGuard frozen;
  torch::Tensor squares = torch::zeros({}, parameters[0].options());
  for (const torch::Tensor& parameter : parameters) squares += parameter.grad().square().sum();
  const torch::Tensor factor = torch::clamp_max(1 / (squares.sqrt() + 1e-6), 1.0);
  for (const torch::Tensor& parameter : parameters) parameter.grad().mul_(factor);
}

Member fit_member(const Fitting& fitting, const Kernel& kernel, std::uint64_t seed, int number) {
  Random random(seed);
  Learner learner(fitting.fitted.shape, static_cast<int>(fitting.fitted.statics.size()), random, fitting.device);
  std::vector<std::size_t> learning;
  std::vector<Sample> judging;
  for (std::size_t i = 0; i < fitting.examples.size(); ++i) {
    if (origins(fitting.examples[i]) == 0) continue;
    if (fitting.examples[i].held_out)
      judging.push_back(draw(fitting, i, random));
    else
      learning.push_back(i);
  }
  const std::vector<Prepared> judges = prepare_all(fitting, judging, random);
  torch::optim::AdamW optimizer(learner.parameters(),
                                torch::optim::AdamWOptions(fitting.settings.learning_rate).weight_decay(1e-3));

  Member best = learner.copy();
  double best_loss = std::numeric_limits<double>::infinity();
  for (int epoch = 0; epoch < fitting.settings.epochs; ++epoch) {
    std::vector<Sample> samples;
    for (const std::size_t i : learning) samples.push_back(draw(fitting, i, random));
    const std::vector<Prepared> batches = prepare_all(fitting, samples, random);
    double sum = 0;
    for (std::size_t b = 0; b < batches.size(); ++b) {
      const double done =
          (epoch + static_cast<double>(b) / static_cast<double>(batches.size())) / fitting.settings.epochs;
      const double warm = std::min(1.0, done * fitting.settings.epochs * 2 + 0.05);
      const double rate = fitting.settings.learning_rate * warm * 0.5 * (1 + std::cos(done * 3.14159265358979323846));
      static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options()).lr(rate);
      optimizer.zero_grad();
      torch::Tensor loss = loss_of(fitting, batches[b], run(fitting, kernel, learner, batches[b]));
      loss.backward();
      bound_gradient(learner.parameters());
      optimizer.step();
      sum += static_cast<double>(loss.item<float>());
      fitting.services.progress((number + done) / fitting.settings.members);
    }
    const double held_out = judge(fitting, kernel, learner, judges);
    fitting.services.log("epoch " + std::to_string(epoch + 1) + ": loss " +
                         std::to_string(sum / static_cast<double>(batches.size())) + ", held out " +
                         std::to_string(held_out));
    if (!(held_out >= best_loss)) best = learner.copy(), best_loss = held_out;
  }
  return best;
}

}  // namespace

Readings Example::readings() const {
  Readings view;
  view.published_at = published_at;
  view.times = times.data();
  view.count = times.size();
  for (const auto& stat : values) view.values.push_back(stat.data());
  return view;
}

int steps_to_learn(const Purpose& purpose, std::int64_t step, int max_steps) {
  constexpr std::int64_t usual = 30;  // steps, where nobody says how far to look
  // One more than the horizon: the last reading may lie before the origin.
  const std::int64_t wanted = purpose.horizons.empty() ? usual : (purpose.horizons.back() + step - 1) / step + 1;
  return static_cast<int>(std::min<std::int64_t>(wanted, max_steps));
}

std::size_t reading_at_age(const Example& example, std::int64_t age) {
  const auto after = std::upper_bound(example.times.begin(), example.times.end(), example.published_at + age);
  return after == example.times.begin() ? example.times.size()
                                        : static_cast<std::size_t>(after - example.times.begin()) - 1;
}

Fitted fit_network(const std::vector<Example>& examples, const std::vector<Kind>& kinds, std::int64_t step,
                   const Settings& settings, const Purpose& purpose, std::uint64_t seed, const Services& services) {
  const int stats = static_cast<int>(kinds.size());
  Fitting fitting{examples, settings, purpose, services, {}, 1, {}, torch::kCPU};
  fitting.fitted.shape = {Fitted::known_inputs(stats), stats, settings.hidden, settings.blocks};
  fitting.fitted.step = step;
  fitting.fitted.max_steps = settings.max_steps;
  fitting.fitted.kinds = kinds;
  if (settings.device == "cuda" && !torch::cuda::is_available())
    throw Error(Code::config, "device",
                "libtorch finds no GPU here; \"auto\" trains on the processor where there is none");
  const bool cuda = settings.device == "cuda" || (settings.device == "auto" && torch::cuda::is_available());
  if (cuda) fitting.device = torch::Device(torch::kCUDA);

  fitting.ahead = steps_to_learn(purpose, step, settings.max_steps);
  fitting.horizon_weights.assign(static_cast<std::size_t>(fitting.ahead), 1.0f);

  std::vector<std::vector<float>> moves(kinds.size()), levels(kinds.size());
  std::vector<float> ages;
  std::vector<std::vector<float>> statics(examples.empty() ? 0 : examples[0].statics.size());
  bool anything = false;
  for (const Example& example : examples) {
    if (example.held_out || origins(example) == 0) continue;
    anything = true;
    const Steps steps = resample(example.readings(), example.times.size(), kinds, step, settings.max_steps);
    for (const float age : steps.age_steps) ages.push_back(std::log1p(std::max(0.0f, age)));
    for (std::size_t s = 0; s < kinds.size(); ++s) {
      if (std::isnan(steps.last[s])) continue;
      for (std::size_t k = s; k < steps.moves.size(); k += kinds.size()) {
        moves[s].push_back(steps.moves[k]);
        levels[s].push_back(steps.levels[k]);
      }
    }
    for (std::size_t j = 0; j < statics.size(); ++j) statics[j].push_back(example.statics[j]);
  }
  if (!anything) throw Error(Code::input, "training", "no video has two readings: there is nothing to learn from");
  for (std::size_t s = 0; s < kinds.size(); ++s) {
    fitting.fitted.moves.push_back(normalizer_of(moves[s]));
    fitting.fitted.levels.push_back(normalizer_of(levels[s]));
  }
  for (const auto& column : statics) fitting.fitted.statics.push_back(normalizer_of(column));
  fitting.fitted.age = normalizer_of(ages);

  const SingleThread single;
  const Kernel& kernel = choose_kernel("auto");
  for (int member = 0; member < settings.members; ++member)
    fitting.fitted.members.push_back(
        fit_member(fitting, kernel, seed + static_cast<std::uint64_t>(member) * 0x9e3779b97f4a7c15u, member));
  return fitting.fitted;
}

}  // namespace risetime::lstm
