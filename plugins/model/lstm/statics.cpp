// Turns the static columns of a series into numbers.
#include "statics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace risetime::lstm {
namespace {

constexpr std::size_t most_categories = 24, most_languages = 12;
constexpr std::uint64_t fewest_videos = 10;  // a rarer category says nothing that could be learnt

std::vector<std::string> most_frequent(const std::map<std::string, std::uint64_t, std::less<>>& counts,
                                       std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> all(counts.begin(), counts.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> kept;
  for (const auto& [name, count] : all)
    if (kept.size() < most && count >= fewest_videos) kept.push_back(name);
  std::sort(kept.begin(), kept.end());
  return kept;
}

void add_one_hot(std::vector<float>& to, const std::vector<std::string>& names,
                 const std::optional<std::string_view>& name) {
  for (const std::string& each : names) to.push_back(name && *name == each ? 1.0f : 0.0f);
}

void add_log(std::vector<float>& to, const std::optional<double>& value) {
  const bool usable = value && std::isfinite(*value) && *value >= 0;
  to.push_back(usable ? static_cast<float>(std::log1p(*value)) : std::numeric_limits<float>::quiet_NaN());
  to.push_back(usable ? 0.0f : 1.0f);
}

void add_cycle(std::vector<float>& to, std::int64_t time, std::int64_t period) {
  const double turn = 2 * 3.14159265358979323846 * static_cast<double>(((time % period) + period) % period) /
                      static_cast<double>(period);
  to.push_back(static_cast<float>(std::sin(turn)));
  to.push_back(static_cast<float>(std::cos(turn)));
}

}  // namespace

void Statics::see(const Series& series) {
  for (std::size_t video = 0; video < series.size(); ++video) {
    const std::uint64_t features = series.features(video).size();
    if (seen_ && features != features_)
      throw Error(Code::input, "features",
                  "video " + std::string(series.video_id(video)) + " has " + std::to_string(features) +
                      " features, those before it have " + std::to_string(features_));
    features_ = features;
    seen_ = true;
    if (const auto category = series.category(video)) ++category_counts_[std::string(*category)];
    if (const auto language = series.language(video)) ++language_counts_[std::string(*language)];
  }
}

void Statics::choose() {
  categories_ = most_frequent(category_counts_, most_categories);
  languages_ = most_frequent(language_counts_, most_languages);
  category_counts_.clear();
  language_counts_.clear();
}

std::vector<float> Statics::of(const Series& series, std::size_t video) const {
  const Span<const float> features = series.features(video);
  if (features.size() != features_)
    throw Error(Code::input, "features",
                "video " + std::string(series.video_id(video)) + " has " + std::to_string(features.size()) +
                    " features, the model was trained with " + std::to_string(features_) +
                    ". Train it again, or use the featurizers it was trained with");
  std::vector<float> columns(features.begin(), features.end());
  constexpr std::int64_t day = 86'400'000'000;
  add_log(columns, series.duration_s(video));
  add_log(columns, series.followers(video));
  add_cycle(columns, series.published_at(video), day);
  add_cycle(columns, series.published_at(video), 7 * day);
  add_one_hot(columns, categories_, series.category(video));
  add_one_hot(columns, languages_, series.language(video));
  return columns;
}

// Beside the vector: duration and followers, each with a flag, two cycles of two, and a column for each name.
std::size_t Statics::columns() const {
  return static_cast<std::size_t>(features_) + 8 + categories_.size() + languages_.size();
}

void Statics::save(Writer& to) const {
  to.write(features_);
  to.write(categories_);
  to.write(languages_);
}

void Statics::load(Reader& from) {
  features_ = from.read<std::uint64_t>();
  categories_ = from.read<std::vector<std::string>>();
  languages_ = from.read<std::vector<std::string>>();
}

}  // namespace risetime::lstm
