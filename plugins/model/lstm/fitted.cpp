// Forecasting with a fitted network: prime with what was observed, then step by step.
#include "fitted.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace risetime::lstm {
namespace {

constexpr float bound = 8.0f;
// The window of the running mean of the moves that the network sees beside the last move, in steps.
constexpr int recent_steps = 7;

// answers [out] = bias + weight [out, in] x, summed in ascending order.
std::vector<float> linear(const std::vector<float>& weight, const std::vector<float>& bias,
                          const std::vector<float>& x) {
  std::vector<float> answers(bias);
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j) answers[i] += weight[i * x.size() + j] * x[j];
  return answers;
}

void rectify(std::vector<float>& x) {
  for (float& value : x) value = std::max(value, 0.0f);
}

// What the static features add to the first layer: [hidden].
std::vector<float> start_of(const Member& member, const std::vector<float>& statics) {
  std::vector<float> inner = linear(member.first, member.first_bias, statics);
  rectify(inner);
  std::vector<float> outer = linear(member.second, member.second_bias, inner);
  rectify(outer);
  return linear(member.start, member.start_bias, outer);
}

void save_normalizers(Writer& to, const std::vector<Normalizer>& normalizers) {
  std::vector<float> numbers;
  for (const Normalizer& normalizer : normalizers) numbers.insert(numbers.end(), {normalizer.mean, normalizer.scale});
  to.write(numbers);
}

std::vector<Normalizer> load_normalizers(Reader& from) {
  const auto numbers = from.read<std::vector<float>>();
  std::vector<Normalizer> normalizers;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) normalizers.push_back({numbers[i], numbers[i + 1]});
  return normalizers;
}

void check(bool fits) {
  if (!fits) throw Error(Code::input, "saved state", "its parts do not fit together; train the model again");
}

}  // namespace

float Normalizer::operator()(float x) const { return std::clamp((x - mean) / scale, -bound, bound); }

Normalizer normalizer_of(const std::vector<float>& values) {
  double sum = 0, squares = 0, count = 0;
  for (const float value : values)
    if (std::isfinite(value)) sum += static_cast<double>(value), count += 1;
  if (count == 0) return {};
  const double mean = sum / count;
  for (const float value : values)
    if (std::isfinite(value)) squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  const double scale = std::sqrt(squares / count);
  return {static_cast<float>(mean), scale > 1e-6 ? static_cast<float>(scale) : 1.0f};
}

void fill_known(const Fitted& fitted, const Steps& steps, int t, float* known) {
  const int stats = fitted.shape.stats, last = steps.count - 1;
  const int seen = std::min(t, last);
  const int ahead = t - seen;
  const auto at = static_cast<std::size_t>(seen);
  known[0] = fitted.age(std::log1p(std::max(0.0f, steps.age_steps[at] + static_cast<float>(ahead))));
  known[1] = ahead > 0 ? 1.0f : 0.0f;
  known[2] = std::log1p(static_cast<float>(ahead)) * 0.5f;
  known[3] = ahead > 0 ? 0.0f : steps.filled[at];
  for (int stat = 0; stat < stats; ++stat) {
    const auto s = static_cast<std::size_t>(stat);
    const bool missing = std::isnan(steps.last[s]);
    float recent = 0;
    const int from = std::max(0, seen - recent_steps + 1);
    for (int k = from; k <= seen; ++k) recent += steps.moves[static_cast<std::size_t>(k * stats) + s];
    recent /= static_cast<float>(seen - from + 1);
    known[4 + 3 * stat] = missing ? 0.0f : fitted.levels[s](steps.levels[at * static_cast<std::size_t>(stats) + s]);
    known[5 + 3 * stat] = missing ? 0.0f : fitted.moves[s](recent);
    known[6 + 3 * stat] = missing ? 1.0f : 0.0f;
  }
}

void fill_observed(const Fitted& fitted, const Steps& steps, int t, float* fed) {
  const auto stats = static_cast<std::size_t>(fitted.shape.stats);
  for (std::size_t s = 0; s < stats; ++s)
    fed[s] = std::isnan(steps.last[s]) ? 0.0f : fitted.moves[s](steps.moves[static_cast<std::size_t>(t) * stats + s]);
}

std::vector<float> normalize_statics(const Fitted& fitted, const std::vector<float>& statics) {
  std::vector<float> normalized(fitted.statics.size());
  for (std::size_t j = 0; j < normalized.size(); ++j)
    normalized[j] = std::isfinite(statics[j]) ? fitted.statics[j](statics[j]) : 0.0f;
  return normalized;
}

std::vector<float> accumulate(const Fitted& fitted, const std::vector<float>& answers) {
  const std::size_t stats = fitted.kinds.size();
  std::vector<float> path(answers.size());
  for (std::size_t s = 0; s < stats; ++s) {
    double sum = 0;
    for (std::size_t i = s; i < answers.size(); i += stats) {
      const double moved =
          std::max(0.0, std::expm1(std::min(static_cast<double>(fitted.moves[s].back(answers[i])), 50.0)));
      sum = fitted.kinds[s] == Kind::total ? sum + moved : moved;
      path[i] = static_cast<float>(std::log1p(sum));
    }
  }
  return path;
}

std::vector<std::vector<float>> generate(const Fitted& fitted, const Kernel& kernel, const std::vector<Present>& series,
                                         const Tape::ParallelFor& parallel_for) {
  std::vector<std::vector<float>> paths(series.size());
  // Series of similar length go side by side. A row's result does not depend on its neighbours.
  std::vector<std::size_t> order(series.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto length = [&](std::size_t i) { return series[i].steps.count + series[i].ahead; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return length(a) < length(b); });
  const std::size_t together = rows_together;
  const auto stats = static_cast<std::size_t>(fitted.shape.stats),
             inputs = static_cast<std::size_t>(fitted.shape.inputs);
  const auto hidden = static_cast<std::size_t>(fitted.shape.hidden);
  std::vector<Network> networks;
  for (const Member& member : fitted.members) networks.emplace_back(kernel, fitted.shape, member.core.data(), false);

  parallel_for((series.size() + together - 1) / together, [&](std::size_t group) {
    const std::size_t first = group * together, rows = std::min(together, series.size() - first);
    for (std::size_t row = 0; row < rows; ++row)
      paths[order[first + row]].assign(static_cast<std::size_t>(series[order[first + row]].ahead) * stats, 0.0f);
    for (std::size_t m = 0; m < networks.size(); ++m) {
      Generator generator(networks[m], static_cast<int>(rows));
      std::vector<float> known(rows * inputs), fed(rows * stats), next(rows * stats), start(rows * hidden);
      std::vector<std::vector<float>> answers(rows);
      for (std::size_t row = 0; row < rows; ++row) {
        const auto begin = start_of(fitted.members[m], normalize_statics(fitted, series[order[first + row]].statics));
        std::copy(begin.begin(), begin.end(), start.begin() + static_cast<std::ptrdiff_t>(row * hidden));
      }
      const int steps = length(order[first + rows - 1]) - 1;  // the answer of the step before the last is the last
      for (int t = 0; t < steps; ++t) {
        for (std::size_t row = 0; row < rows; ++row) {
          const Present& one = series[order[first + row]];
          if (t >= one.steps.count + one.ahead - 1) continue;  // done; runs along with what it last had
          fill_known(fitted, one.steps, t, known.data() + row * inputs);
          if (t < one.steps.count)
            fill_observed(fitted, one.steps, t, fed.data() + row * stats);
          else
            std::copy_n(next.begin() + static_cast<std::ptrdiff_t>(row * stats), stats,
                        fed.begin() + static_cast<std::ptrdiff_t>(row * stats));
        }
        generator.step(known.data(), fed.data(), start.data(), next.data());
        for (std::size_t row = 0; row < rows; ++row) {
          const Present& one = series[order[first + row]];
          if (t + 1 < one.steps.count || t >= one.steps.count + one.ahead - 1) continue;
          answers[row].insert(answers[row].end(), next.begin() + static_cast<std::ptrdiff_t>(row * stats),
                              next.begin() + static_cast<std::ptrdiff_t>((row + 1) * stats));
        }
      }
      for (std::size_t row = 0; row < rows; ++row) {
        const std::vector<float> path = accumulate(fitted, answers[row]);
        std::vector<float>& sum = paths[order[first + row]];
        for (std::size_t i = 0; i < path.size(); ++i) sum[i] += path[i] / static_cast<float>(networks.size());
      }
    }
  });
  return paths;
}

void save_fitted(Writer& to, const Fitted& fitted) {
  for (const int size :
       {fitted.shape.inputs, fitted.shape.stats, fitted.shape.hidden, fitted.shape.blocks, fitted.max_steps})
    to.write(static_cast<std::int64_t>(size));
  to.write(fitted.step);
  std::vector<std::int32_t> kinds;
  for (const Kind kind : fitted.kinds) kinds.push_back(static_cast<std::int32_t>(kind));
  to.write(kinds);
  save_normalizers(to, fitted.statics);
  save_normalizers(to, fitted.moves);
  save_normalizers(to, fitted.levels);
  save_normalizers(to, {fitted.age});
  to.write(static_cast<std::uint64_t>(fitted.members.size()));
  for (const Member& member : fitted.members)
    for (const auto* part : {&member.core, &member.first, &member.first_bias, &member.second, &member.second_bias,
                             &member.start, &member.start_bias})
      to.write(*part);
}

Fitted load_fitted(Reader& from) {
  const auto size = [&] {
    const auto value = from.read<std::int64_t>();
    check(value >= 0 && value <= 1'000'000);
    return static_cast<int>(value);
  };
  Fitted fitted;
  fitted.shape.inputs = size();
  fitted.shape.stats = size();
  fitted.shape.hidden = size();
  fitted.shape.blocks = size();
  fitted.max_steps = size();
  fitted.step = from.read<std::int64_t>();
  for (const std::int32_t kind : from.read<std::vector<std::int32_t>>())
    fitted.kinds.push_back(kind == 0 ? Kind::total : Kind::level);
  fitted.statics = load_normalizers(from);
  fitted.moves = load_normalizers(from);
  fitted.levels = load_normalizers(from);
  const auto age = load_normalizers(from);
  const auto stats = static_cast<std::size_t>(fitted.shape.stats),
             hidden = static_cast<std::size_t>(fitted.shape.hidden);
  check(fitted.step > 0 && fitted.step <= 36525 * microseconds_per_day && fitted.max_steps > 0 && stats > 0 &&
        fitted.kinds.size() == stats && fitted.moves.size() == stats && fitted.levels.size() == stats &&
        age.size() == 1 && fitted.shape.inputs == Fitted::known_inputs(fitted.shape.stats));
  fitted.age = age[0];
  const auto members = from.read<std::uint64_t>();
  check(members > 0 && members <= 100);
  for (std::uint64_t i = 0; i < members; ++i) {
    Member member;
    for (auto* part : {&member.core, &member.first, &member.first_bias, &member.second, &member.second_bias,
                       &member.start, &member.start_bias})
      *part = from.read<std::vector<float>>();
    check(member.core.size() == fitted.shape.weights() && member.first.size() == static_width * fitted.statics.size() &&
          member.first_bias.size() == static_width && member.second.size() == static_out * static_width &&
          member.second_bias.size() == static_out && member.start.size() == hidden * static_out &&
          member.start_bias.size() == hidden);
    fitted.members.push_back(std::move(member));
  }
  return fitted;
}

}  // namespace risetime::lstm
