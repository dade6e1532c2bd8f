// How the earlier videos of a channel did: their sizes at set ages, asked by what was known at an origin.
#pragma once

#include <map>
#include <risetime/pairs.hpp>
#include <string>
#include <vector>

namespace risetime::boosted {

// What a saved model learned from: those of older models are made as they were then.
enum class ColumnSet : std::uint64_t {
  first = 1,
  newest = 2,  // other stats carried on to the target; a channel's earlier videos beyond their known ages
};

class Channels {
 public:
  // Logarithms, means over the channel's latest videos that were published before a video. NaN where none is known.
  struct Earlier {
    double count = 0;  // videos
    double size;       // of log(value + 1) at the video's age
    double growth,
        spread;            // of log((value + 1) at the target / (value + 1) at the video's age); its standard deviation
    double latest_growth;  // of the latest one that has one
  };

  // Of no use, and so empty, where hardly any video has an earlier one of its channel.
  static Channels learn(const TrainingSample& sample, const FeatureSpace& space);
  void add(const VideoView& video, const FeatureSpace& space);

  bool empty() const { return channels_.empty(); }
  // Readings of other videos after the history's origin count as not known. age and horizon in days.
  Earlier before(const VideoView& video, std::size_t stat, std::int64_t origin, double age, double horizon,
                 ColumnSet set = ColumnSet::newest) const;
  // Keeps the latest videos of each channel, as new videos are asked about: for saving.
  void keep_latest();

  void save(Writer& to) const;
  // Throws Error(Code::input) on bytes that are no channels of as many stats.
  void load(Reader& from, std::size_t stats);

 private:
  struct Life {
    std::int64_t published_at = 0;
    std::vector<float> sizes;  // [stats * ages] log(value + 1), NaN where not known
  };
  static double size_at(const Life& life, std::size_t stat, double age, std::int64_t origin);
  static double size_between(const Life& life, std::size_t stat, double age, std::int64_t origin);

  std::map<std::string, std::vector<Life>, std::less<>> channels_;  // lives by publication
};

}  // namespace risetime::boosted
