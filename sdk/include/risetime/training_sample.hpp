// A model's own copy of the training videos, bounded in memory, for models that go over them many times.
//
// When the videos need more memory than allowed, a share of them is kept: those with the lowest hashes of their ids.
// Which ones does not depend on the order in which they came or on how they were batched.
#pragma once

#include <algorithm>
#include <limits>
#include <risetime/hash.hpp>
#include <risetime/history.hpp>
#include <risetime/model.hpp>
#include <string>
#include <vector>

namespace risetime {

// One video, wherever its values are kept. NaN or empty stands for what is not known.
struct VideoView {
  std::uint64_t hash = 0;         // of platform and id: a seed for what is random about this video
  std::int64_t published_at = 0;  // UTC microseconds
  std::string_view channel_id, category;
  double duration_s = std::numeric_limits<double>::quiet_NaN();
  double followers = std::numeric_limits<double>::quiet_NaN();
  Span<const float> features;
  Span<const std::int64_t> times;          // UTC microseconds, strictly increasing [readings]
  std::vector<Span<const double>> values;  // [stats][readings]
};

inline VideoView view_of(const Series& series, std::size_t video, std::uint64_t seed = 0) {
  VideoView view;
  view.hash = video_hash(series.platform(video), series.video_id(video), seed);
  view.published_at = series.published_at(video);
  view.channel_id = series.channel_id(video);
  view.category = series.category(video).value_or(std::string_view());
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  view.duration_s = series.duration_s(video).value_or(unknown);
  view.followers = series.followers(video).value_or(unknown);
  view.features = series.features(video);
  view.times = series.times(video);
  for (std::size_t stat = 0; stat < series.stats().size(); ++stat) view.values.push_back(series.values(stat, video));
  return view;
}

class TrainingSample {
 public:
  // Reads all of `training` once. Videos without readings are left out. `seed` goes into the videos' hashes.
  TrainingSample(Training& training, std::size_t memory_bytes, std::uint64_t seed = 0) {
    training.rewind();
    while (const std::optional<Series> batch = training.next())
      for (std::size_t video = 0; video < batch->size(); ++video) add(view_of(*batch, video, seed), memory_bytes);
    std::sort(videos_.begin(), videos_.end(), [](const Copy& a, const Copy& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.published_at < b.published_at;
    });
  }

  std::size_t size() const noexcept { return videos_.size(); }
  std::size_t seen() const noexcept { return seen_; }  // before any was left out for memory
  // Videos in the order of their hashes; valid while the sample lives.
  VideoView operator[](std::size_t index) const {
    const Copy& copy = videos_[index];
    VideoView view{copy.hash,
                   copy.published_at,
                   copy.channel_id,
                   copy.category,
                   copy.duration_s,
                   copy.followers,
                   Span<const float>(copy.features),
                   copy.times,
                   {}};
    for (const std::vector<double>& values : copy.values) view.values.emplace_back(values);
    return view;
  }

 private:
  struct Copy {
    std::uint64_t hash;
    std::int64_t published_at;
    std::string channel_id, category;
    double duration_s, followers;
    std::vector<float> features;
    std::vector<std::int64_t> times;
    std::vector<std::vector<double>> values;
    std::size_t bytes() const {
      return sizeof(Copy) + 64 + features.size() * sizeof(float) + times.size() * 8 * (1 + values.size());
    }
  };

  void add(const VideoView& view, std::size_t memory_bytes) {
    if (view.times.empty()) return;
    ++seen_;
    if (view.hash > highest_) return;
    Copy copy{view.hash,
              view.published_at,
              std::string(view.channel_id),
              std::string(view.category),
              view.duration_s,
              view.followers,
              {view.features.begin(), view.features.end()},
              {view.times.begin(), view.times.end()},
              {}};
    for (const Span<const double>& values : view.values) copy.values.emplace_back(values.begin(), values.end());
    bytes_ += copy.bytes();
    videos_.push_back(std::move(copy));
    while (bytes_ > memory_bytes && videos_.size() > 1) halve();
  }

  void halve() {
    highest_ /= 2;
    videos_.erase(std::remove_if(videos_.begin(), videos_.end(),
                                 [&](const Copy& copy) {
                                   if (copy.hash <= highest_) return false;
                                   bytes_ -= copy.bytes();
                                   return true;
                                 }),
                  videos_.end());
  }

  std::vector<Copy> videos_;
  std::uint64_t highest_ = std::numeric_limits<std::uint64_t>::max();
  std::size_t bytes_ = 0;
  std::size_t seen_ = 0;
};

}  // namespace risetime
