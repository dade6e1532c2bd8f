// What a model reads and writes: series of videos, questions and forecasts.
#pragma once

#include <array>
#include <cmath>
#include <risetime/featurizer.hpp>

namespace risetime {

// Microseconds after the origin, increasing.
using Horizons = Span<const std::int64_t>;

// .025 .1 .25 .5 .75 .9 .975
using Quantiles = std::array<double, 7>;
constexpr Quantiles quantile_levels{0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975};

// The columns of a series batch, before one list<float64> column per stat.
inline std::vector<Field> series_fields(Span<const std::string> stats, std::int32_t features) {
  std::vector<Field> fields = {utf8_field("platform"),
                               utf8_field("video_id"),
                               utf8_field("channel_id"),
                               timestamp_field("published_at"),
                               timestamp_field("origin", true),
                               utf8_field("category", true),
                               utf8_field("language", true),
                               float64_field("duration_s", true),
                               float64_field("followers", true),
                               vector_field("features", features),
                               list_field("observed_at", Type::timestamp)};
  for (const std::string& stat : stats) fields.push_back(list_field(stat, Type::float64));
  return fields;
}

// A batch of videos, one a row: what is known of each up to its origin. [videos]
class Series {
 public:
  Series(Batch batch, std::vector<std::string> stats) : batch_(std::move(batch)), stats_(std::move(stats)) {
    for (const std::string& stat : stats_) values_.push_back(&batch_.column(stat, Type::list));
    times_ = &batch_.column("observed_at", Type::list);
    features_ = &batch_.column("features", Type::fixed_size_list);
    check_lengths();
  }
  Series(Series&&) noexcept = default;
  Series& operator=(Series&&) noexcept = default;

  std::size_t size() const noexcept { return batch_.rows(); }
  // Names of the stats, in the order of the stat indices.
  Span<const std::string> stats() const noexcept { return stats_; }

  std::string_view platform(std::size_t video) const { return column("platform", Type::utf8).text(video); }
  std::string_view video_id(std::size_t video) const { return column("video_id", Type::utf8).text(video); }
  std::string_view channel_id(std::size_t video) const { return column("channel_id", Type::utf8).text(video); }
  // UTC microseconds.
  std::int64_t published_at(std::size_t video) const { return column("published_at", Type::timestamp).int64(video); }
  // Where to stand, UTC microseconds: no reading is later. Nothing in training.
  std::optional<std::int64_t> origin(std::size_t video) const {
    return column("origin", Type::timestamp).maybe_int64(video);
  }
  std::optional<std::string_view> category(std::size_t video) const {
    return column("category", Type::utf8).maybe_text(video);
  }
  std::optional<std::string_view> language(std::size_t video) const {
    return column("language", Type::utf8).maybe_text(video);
  }
  std::optional<double> duration_s(std::size_t video) const {
    return column("duration_s", Type::float64).maybe_float64(video);
  }
  std::optional<double> followers(std::size_t video) const {
    return column("followers", Type::float64).maybe_float64(video);
  }
  // The vectors of all featurizers, one after another; NaN where one is missing. Empty when there is no featurizer.
  Span<const float> features(std::size_t video) const { return features_->items(video).float32s(); }
  // When the readings were taken, UTC microseconds, strictly increasing. [readings]
  Span<const std::int64_t> times(std::size_t video) const { return times_->items(video).int64s(); }
  // The stat at those times; NaN where a reading lacks it. Running totals may go down: platforms correct them.
  Span<const double> values(std::size_t stat, std::size_t video) const {
    return values_[stat]->items(video).float64s();
  }

  const Batch& batch() const noexcept { return batch_; }

 private:
  const Column& column(std::string_view name, Type type) const { return batch_.column(name, type); }
  void check_lengths() const {
    if (features_->type().item != Type::float32)
      throw Error(Code::input, "features", "expected float32, found " + name_of(features_->type()));
    if (times_->type().item != Type::timestamp)
      throw Error(Code::input, "observed_at", "expected timestamps, found " + name_of(times_->type()));
    for (std::size_t stat = 0; stat < stats_.size(); ++stat) {
      if (values_[stat]->type().item != Type::float64)
        throw Error(Code::input, stats_[stat], "expected float64, found " + name_of(values_[stat]->type()));
      for (std::size_t video = 0; video < size(); ++video)
        if (values_[stat]->items(video).size() != times_->items(video).size())
          throw Error(Code::input, stats_[stat],
                      "video " + std::string(video_id(video)) + " has another number of values than of times");
    }
  }

  Batch batch_;
  std::vector<std::string> stats_;
  std::vector<const Column*> values_;
  const Column* times_ = nullptr;
  const Column* features_ = nullptr;
};

// What a model learns from: batches of whole videos, in the same order at every pass.
class Training {
 public:
  explicit Training(const risetime_training* from)
      : batches_(from->series),
        horizons_(from->horizons, static_cast<std::size_t>(from->horizon_count)),
        ages_(from->ages, static_cast<std::size_t>(from->age_count)) {
    for (std::uint64_t i = 0; i < from->stat_count; ++i) stats_.emplace_back(abi::view(from->stats[i]));
  }

  Span<const std::string> stats() const noexcept { return stats_; }
  // Where users look: microseconds after the origin. A model must answer any other horizon too.
  Horizons horizons() const noexcept { return horizons_; }
  // Where users stand: microseconds after publication. Empty: anywhere. A model must answer any other age too.
  Span<const std::int64_t> ages() const noexcept { return ages_; }

  std::optional<Series> next() {
    auto batch = batches_.next();
    if (!batch) return std::nullopt;
    return Series(std::move(*batch), stats_);
  }
  void rewind() { batches_.rewind(); }

 private:
  Batches batches_;
  std::vector<std::string> stats_;
  Horizons horizons_;
  Span<const std::int64_t> ages_;
};

// The answer: for each video, stat and horizon a mean and quantiles, or nothing. [videos, stats, horizons]
class Forecast {
 public:
  Forecast(std::size_t videos, std::size_t stats, std::size_t horizons)
      : videos_(videos), stats_(stats), horizons_(horizons), answers_(videos * stats * horizons) {}

  // Counts, not logarithms. Throws Error(Code::internal) for an index out of range.
  void set(std::size_t video, std::size_t stat, std::size_t horizon, double mean, const Quantiles& quantiles) {
    answers_[at(video, stat, horizon)] = {true, mean, quantiles};
  }
  bool has(std::size_t video, std::size_t stat, std::size_t horizon) const {
    return answers_[at(video, stat, horizon)].is_set;
  }
  double mean(std::size_t video, std::size_t stat, std::size_t horizon) const {
    return answers_[at(video, stat, horizon)].mean;
  }
  const Quantiles& quantiles(std::size_t video, std::size_t stat, std::size_t horizon) const {
    return answers_[at(video, stat, horizon)].quantiles;
  }
  std::size_t videos() const noexcept { return videos_; }
  std::size_t stats() const noexcept { return stats_; }
  std::size_t horizons() const noexcept { return horizons_; }

  static std::vector<Field> fields() {
    return {int64_field("row"),    int64_field("stat"),   int64_field("horizon"), float64_field("mean"),
            float64_field("q025"), float64_field("q100"), float64_field("q250"),  float64_field("q500"),
            float64_field("q750"), float64_field("q900"), float64_field("q975")};
  }
  Batch to_batch() const {
    BatchBuilder rows(fields());
    for (std::size_t video = 0; video < videos_; ++video)
      for (std::size_t stat = 0; stat < stats_; ++stat)
        for (std::size_t horizon = 0; horizon < horizons_; ++horizon)
          if (has(video, stat, horizon)) append(rows, video, stat, horizon);
    return rows.finish();
  }
  // Throws Error(Code::input) for indices out of range.
  void add_batch(const Batch& batch) {
    const auto& row = batch.column("row", Type::int64);
    const auto& stat = batch.column("stat", Type::int64);
    const auto& horizon = batch.column("horizon", Type::int64);
    const auto& mean = batch.column("mean", Type::float64);
    std::array<const Column*, 7> levels{};
    for (std::size_t level = 0; level < levels.size(); ++level)
      levels[level] = &batch.column(fields()[4 + level].name, Type::float64);
    for (std::size_t i = 0; i < batch.rows(); ++i) {
      Quantiles quantiles{};
      for (std::size_t level = 0; level < levels.size(); ++level) quantiles[level] = levels[level]->float64(i);
      set(static_cast<std::size_t>(row.int64(i)), static_cast<std::size_t>(stat.int64(i)),
          static_cast<std::size_t>(horizon.int64(i)), mean.float64(i), quantiles);
    }
  }

 private:
  struct Answer {
    bool is_set = false;
    double mean = 0;
    Quantiles quantiles{};
  };
  std::size_t at(std::size_t video, std::size_t stat, std::size_t horizon) const {
    if (video >= videos_ || stat >= stats_ || horizon >= horizons_)
      throw Error(Code::internal, "forecast", "an answer for a video, stat or horizon that was not asked for");
    return (video * stats_ + stat) * horizons_ + horizon;
  }
  void append(BatchBuilder& rows, std::size_t video, std::size_t stat, std::size_t horizon) const {
    const Answer& answer = answers_[at(video, stat, horizon)];
    rows[0].add_int64(static_cast<std::int64_t>(video));
    rows[1].add_int64(static_cast<std::int64_t>(stat));
    rows[2].add_int64(static_cast<std::int64_t>(horizon));
    rows[3].add_float64(answer.mean);
    for (std::size_t level = 0; level < answer.quantiles.size(); ++level)
      rows[4 + level].add_float64(answer.quantiles[level]);
  }

  std::size_t videos_, stats_, horizons_;
  std::vector<Answer> answers_;
};

}  // namespace risetime
