// Gathering and asking of channels.hpp.
#include "channels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace risetime::boosted {

namespace {

constexpr double kAges[] = {0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365};  // days
constexpr std::size_t kAgeCount = std::size(kAges);
constexpr std::size_t kLatest = 10;     // videos of a channel that are looked at
constexpr double kLeastRepeats = 0.05;  // share of videos with an earlier one
constexpr double kReach = 2;            // how far a line is followed beyond the known ages, as a factor
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::int64_t microseconds(double days) {
  return static_cast<std::int64_t>(days * static_cast<double>(microseconds_per_day));
}

}  // namespace

Channels Channels::learn(const TrainingSample& sample, const FeatureSpace& space) {
  Channels channels;
  for (std::size_t i = 0; i < sample.size(); ++i) channels.add(sample[i], space);
  double repeats = 0;
  for (const auto& [id, lives] : channels.channels_) repeats += static_cast<double>(lives.size() - 1);
  if (repeats < kLeastRepeats * static_cast<double>(sample.size())) channels.channels_.clear();
  return channels;
}

// Of videos published at once, those added first stay first: the sample is in the order of hashes.
void Channels::add(const VideoView& video, const FeatureSpace& space) {
  if (video.channel_id.empty()) return;
  Life life{video.published_at, {}};
  for (std::size_t stat = 0; stat < space.stats.size(); ++stat) {
    for (const double age : kAges) {
      const auto value = observed_at(video.times, video.values[stat], video.published_at + microseconds(age),
                                     widest_gap(space, microseconds(age)));
      life.sizes.push_back(value ? static_cast<float>(std::log1p(std::max(0.0, *value))) : std::nanf(""));
    }
  }
  auto& lives = channels_[std::string(video.channel_id)];
  const auto later = std::upper_bound(lives.begin(), lives.end(), video.published_at,
                                      [](std::int64_t time, const Life& other) { return time < other.published_at; });
  lives.insert(later, std::move(life));
}

// Off the line between the ages on either side that are known at the origin, in the logarithm of the age. Beyond them
// the line through the nearest two goes on, to twice the age or half of it; NaN further away, or where no two are
// known.
double Channels::size_at(const Life& life, std::size_t stat, double age, std::int64_t origin) {
  const float* sizes = life.sizes.data() + stat * kAgeCount;
  std::size_t low = kAgeCount, high = kAgeCount;  // the two that the line goes through
  for (std::size_t k = 0; k < kAgeCount && (low == kAgeCount || kAges[high] < age); ++k) {
    if (!std::isfinite(sizes[k]) || life.published_at + microseconds(kAges[k]) > origin) continue;
    low = high;
    high = k;
  }
  if (low == kAgeCount || age < kAges[low] / kReach || age > kAges[high] * kReach) return kUnknown;
  const double share = std::log(age / kAges[low]) / std::log(kAges[high] / kAges[low]);
  const auto first = static_cast<double>(sizes[low]), second = static_cast<double>(sizes[high]);
  return std::max(0.0, first + share * (second - first));
}

// The same as models of the first column set learned it: between two neighbouring ages alone.
double Channels::size_between(const Life& life, std::size_t stat, double age, std::int64_t origin) {
  if (age < kAges[0] || life.published_at + microseconds(age) > origin) return kUnknown;
  const auto above = static_cast<std::size_t>(std::lower_bound(std::begin(kAges), std::end(kAges), age) - kAges);
  if (above == kAgeCount) return kUnknown;
  const float* sizes = life.sizes.data() + stat * kAgeCount;
  const auto high = static_cast<double>(sizes[above]);
  if (kAges[above] <= age) return high;
  const auto low = static_cast<double>(sizes[above - 1]);
  if (!std::isfinite(high) || life.published_at + microseconds(kAges[above]) > origin) {
    return age < kAges[above - 1] * 1.1 ? low : kUnknown;
  }
  const double share =
      (std::log(age) - std::log(kAges[above - 1])) / (std::log(kAges[above]) - std::log(kAges[above - 1]));
  return low + share * (high - low);
}

Channels::Earlier Channels::before(const VideoView& video, std::size_t stat, std::int64_t origin, double age,
                                   double horizon, ColumnSet set) const {
  Earlier earlier{0, kUnknown, kUnknown, kUnknown, kUnknown};
  const auto channel = channels_.find(video.channel_id);
  if (channel == channels_.end()) return earlier;
  const std::vector<Life>& lives = channel->second;
  auto end = std::lower_bound(lives.begin(), lives.end(), video.published_at,
                              [](const Life& life, std::int64_t time) { return life.published_at < time; });
  const auto size = set == ColumnSet::first ? size_between : size_at;
  double sizes = 0, size_sum = 0, growths = 0, growth_sum = 0, squares = 0;
  for (std::size_t seen = 0; seen < kLatest && end != lives.begin(); ++seen) {
    const Life& life = *--end;
    earlier.count += 1;
    const double here = size(life, stat, age, origin), there = size(life, stat, age + horizon, origin);
    if (!std::isfinite(here)) continue;
    sizes += 1;
    size_sum += here;
    if (!std::isfinite(there)) continue;
    if (growths == 0) earlier.latest_growth = there - here;
    growths += 1;
    growth_sum += there - here;
    squares += (there - here) * (there - here);
  }
  if (sizes > 0) earlier.size = size_sum / sizes;
  if (growths > 0) {
    earlier.growth = growth_sum / growths;
    earlier.spread = std::sqrt(std::max(0.0, squares / growths - earlier.growth * earlier.growth));
  }
  return earlier;
}

void Channels::keep_latest() {
  for (auto& [id, lives] : channels_)
    if (lives.size() > kLatest) lives.erase(lives.begin(), lives.end() - static_cast<std::ptrdiff_t>(kLatest));
}

void Channels::save(Writer& to) const {
  to.write(static_cast<std::uint64_t>(channels_.size()));
  for (const auto& [id, lives] : channels_) {
    to.write(id);
    to.write(static_cast<std::uint64_t>(lives.size()));
    for (const Life& life : lives) {
      to.write(life.published_at);
      to.write(life.sizes);
    }
  }
}

void Channels::load(Reader& from, std::size_t stats) {
  channels_.clear();
  const auto count = from.read<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i) {
    auto& lives = channels_[from.read<std::string>()];
    const auto videos = from.read<std::uint64_t>();
    for (std::uint64_t k = 0; k < videos; ++k) {
      Life life{from.read<std::int64_t>(), {}};
      life.sizes = from.read<std::vector<float>>();
      if (life.sizes.size() != stats * kAgeCount)
        throw Error(Code::input, "saved state", "a channel's video has other stats; train the model again");
      lives.push_back(std::move(life));
    }
  }
}

}  // namespace risetime::boosted
