// Asking of rhythm_path.hpp: our kernels alone, no libtorch.
#include "rhythm_path.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::lstm {

std::vector<float> columns_of_hours(const Rhythm& rhythm, const History& history, int hours) {
  std::vector<float> columns;
  std::vector<double> row;
  const std::int64_t waited = history.origin() - history.last_time();
  for (int hour = 1; hour <= hours; ++hour) {
    row.clear();
    rhythm.describe(hour * microseconds_per_hour - waited, row);
    for (const double value : row) columns.push_back(static_cast<float>(value));
  }
  return columns;
}

void normalize(const RhythmNetwork& network, std::vector<float>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = network.known[i % rhythm_columns](columns[i]);
}

std::vector<std::vector<float>> go_over_hours(const RhythmNetwork& network, const Kernel& kernel,
                                              const std::vector<std::vector<float>>& series,
                                              const Tape::ParallelFor& parallel_for) {
  std::vector<std::vector<float>> paths(series.size());
  const Network ready(kernel, network.shape, network.core.data(), false);
  const std::size_t together = rows_together, hidden = network.start.size();
  parallel_for((series.size() + together - 1) / together, [&](std::size_t group) {
    const std::size_t first = group * together, rows = std::min(together, series.size() - first);
    Generator generator(ready, static_cast<int>(rows));
    std::vector<float> known(rows * rhythm_columns), fed(rows, 0.0f), next(rows), start(rows * hidden);
    for (std::size_t row = 0; row < rows; ++row)
      std::copy(network.start.begin(), network.start.end(), start.begin() + static_cast<std::ptrdiff_t>(row * hidden));
    for (std::size_t hour = 0; hour < static_cast<std::size_t>(network.hours); ++hour) {
      for (std::size_t row = 0; row < rows; ++row)
        std::copy_n(series[first + row].begin() + static_cast<std::ptrdiff_t>(hour * rhythm_columns), rhythm_columns,
                    known.begin() + static_cast<std::ptrdiff_t>(row * rhythm_columns));
      generator.step(known.data(), fed.data(), start.data(), next.data());
      for (std::size_t row = 0; row < rows; ++row) paths[first + row].push_back(next[row]);
    }
  });
  return paths;
}

double on_hours(const std::vector<float>& path, const History& history, std::int64_t horizon) {
  const auto day = 24.0, most = static_cast<double>(path.size());
  double at = static_cast<double>(history.origin() + horizon - history.last_time()) /
              static_cast<double>(microseconds_per_hour);
  if (at > 7 * day) at -= 7 * day * (std::ceil(at / (7 * day)) - 1);
  if (at > most) at -= day * std::ceil((at - most) / day);
  at = std::clamp(at, 1.0, most);
  const auto before = static_cast<std::size_t>(at);
  const auto low = static_cast<double>(path[before - 1]);
  if (before == path.size()) return low;
  return low + (at - static_cast<double>(before)) * (static_cast<double>(path[before]) - low);
}

void save_rhythm(Writer& to, const RhythmNetwork& network) {
  for (const int size : {network.shape.hidden, network.shape.blocks, network.hours})
    to.write(static_cast<std::int64_t>(size));
  std::vector<float> known;
  for (const Normalizer& normalizer : network.known) known.insert(known.end(), {normalizer.mean, normalizer.scale});
  to.write(known);
  to.write(network.core);
  to.write(network.start);
}

RhythmNetwork load_rhythm(Reader& from) {
  const auto check = [](bool fits) {
    if (!fits) throw Error(Code::input, "saved state", "what was learned of a rhythm is not whole; train again");
  };
  const auto size = [&](std::int64_t most) {
    const auto value = from.read<std::int64_t>();
    check(value > 0 && value <= most);
    return static_cast<int>(value);
  };
  RhythmNetwork network;
  network.shape.inputs = static_cast<int>(rhythm_columns);
  network.shape.stats = 1;
  network.shape.hidden = size(100'000);
  network.shape.blocks = size(1000);
  network.hours = size(168);
  const auto known = from.read<std::vector<float>>();
  network.core = from.read<std::vector<float>>();
  network.start = from.read<std::vector<float>>();
  check(known.size() == 2 * rhythm_columns && network.core.size() == network.shape.weights() &&
        network.start.size() == static_cast<std::size_t>(network.shape.hidden) && network.hours >= 24);
  for (std::size_t i = 0; i < known.size(); i += 2) network.known.push_back({known[i], known[i + 1]});
  return network;
}

}  // namespace risetime::lstm
