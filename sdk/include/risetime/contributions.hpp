// What a model says of its own forecasts: how much each input moved them. For models that can (see
// RISETIME_EXPLAIN_ID in abi.h); of the others the host finds out by asking again without each input.
#pragma once

#include <cmath>
#include <optional>
#include <risetime/model.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace risetime {

// What one input adds to the logarithm of a forecast.
struct Contribution {
  std::string input;                   // as people call it: "age of the video"; empty where it is a feature
  std::optional<std::size_t> feature;  // its place in Series::features(); the host knows whose it is
  double value = 0;
};

// The logarithms are log(gain + 1) of a running total since its last reading, and log((value + 1) / (last + 1)) of a
// level, such as viewers. For each video, stat and horizon: base + sum of contributions = that of the forecast's
// median. The base is what the model says of its reference, an average video of those that it learned from.
// Videos may be written at once, from several threads. [videos, stats, horizons]
class Contributions {
 public:
  Contributions(std::size_t videos, std::size_t stats, std::size_t horizons)
      : videos_(videos), stats_(stats), horizons_(horizons), answers_(videos * stats * horizons) {}

  // Throws Error(Code::internal) for an index out of range, as all others do.
  void set_base(std::size_t video, std::size_t stat, std::size_t horizon, double base) {
    answers_[at(video, stat, horizon)].base = base;
  }
  // What is added for one input again adds up.
  void add(std::size_t video, std::size_t stat, std::size_t horizon, std::string_view input, double value) {
    std::vector<Contribution>& parts = answers_[at(video, stat, horizon)].parts;
    for (Contribution& part : parts)
      if (!part.feature && part.input == input) {
        part.value += value;
        return;
      }
    parts.push_back({std::string(input), std::nullopt, value});
  }
  // Of one dimension of the featurizers' vectors; once for each, as there may be many thousands.
  void add_feature(std::size_t video, std::size_t stat, std::size_t horizon, std::size_t feature, double value) {
    answers_[at(video, stat, horizon)].parts.push_back({"", feature, value});
  }

  // Whether the model said anything: whether the base is set.
  bool has(std::size_t video, std::size_t stat, std::size_t horizon) const {
    return answers_[at(video, stat, horizon)].base.has_value();
  }
  // NaN where it is not set.
  double base(std::size_t video, std::size_t stat, std::size_t horizon) const {
    return answers_[at(video, stat, horizon)].base.value_or(std::nan(""));
  }
  const std::vector<Contribution>& parts(std::size_t video, std::size_t stat, std::size_t horizon) const {
    return answers_[at(video, stat, horizon)].parts;
  }
  // Base and contributions together.
  double sum(std::size_t video, std::size_t stat, std::size_t horizon) const {
    double sum = base(video, stat, horizon);
    for (const Contribution& part : parts(video, stat, horizon)) sum += part.value;
    return sum;
  }
  std::size_t videos() const noexcept { return videos_; }
  std::size_t stats() const noexcept { return stats_; }
  std::size_t horizons() const noexcept { return horizons_; }

  static std::vector<Field> fields() {
    return {int64_field("row"),        int64_field("stat"),          int64_field("horizon"),
            utf8_field("input", true), int64_field("feature", true), float64_field("value")};
  }
  // Throws Error(Code::internal) for contributions without a base: the author forgot it.
  Batch to_batch() const {
    for (const Answer& answer : answers_)
      if (!answer.base && !answer.parts.empty())
        throw Error(Code::internal, "explain",
                    "contributions without the base that they are added to; call set_base()");
    BatchBuilder rows(fields());
    for (std::size_t video = 0; video < videos_; ++video)
      for (std::size_t stat = 0; stat < stats_; ++stat)
        for (std::size_t horizon = 0; horizon < horizons_; ++horizon) {
          if (!has(video, stat, horizon)) continue;
          append(rows, video, stat, horizon, nullptr, base(video, stat, horizon));
          for (const Contribution& part : parts(video, stat, horizon))
            append(rows, video, stat, horizon, &part, part.value);
        }
    return rows.finish();
  }
  // Throws Error(Code::input) for values that are not finite and contributions without a base; Error(Code::internal)
  // for indices out of range.
  void add_batch(const Batch& batch) {
    const auto index = [&](const char* column, std::size_t i) {
      return static_cast<std::size_t>(batch.column(column, Type::int64).int64(i));
    };
    const Column &inputs = batch.column("input", Type::utf8), &features = batch.column("feature", Type::int64);
    const Column& values = batch.column("value", Type::float64);
    for (std::size_t i = 0; i < batch.rows(); ++i) {
      const std::size_t video = index("row", i), stat = index("stat", i), horizon = index("horizon", i);
      const double value = values.float64(i);
      if (!std::isfinite(value)) throw Error(Code::input, "value", "a contribution is not a finite number");
      if (!inputs.is_null(i))
        add(video, stat, horizon, inputs.text(i), value);
      else if (!features.is_null(i))
        add_feature(video, stat, horizon, static_cast<std::size_t>(features.int64(i)), value);
      else
        set_base(video, stat, horizon, value);
    }
    for (const Answer& answer : answers_)
      if (!answer.base && !answer.parts.empty())
        throw Error(Code::input, "value", "contributions without the base that they are added to");
  }

 private:
  struct Answer {
    std::optional<double> base;
    std::vector<Contribution> parts;
  };
  std::size_t at(std::size_t video, std::size_t stat, std::size_t horizon) const {
    if (video >= videos_ || stat >= stats_ || horizon >= horizons_)
      throw Error(Code::internal, "explain", "contributions to a video, stat or horizon that was not asked for");
    return (video * stats_ + stat) * horizons_ + horizon;
  }
  // Of the base where there is no part.
  static void append(BatchBuilder& rows, std::size_t video, std::size_t stat, std::size_t horizon,
                     const Contribution* part, double value) {
    rows[0].add_int64(static_cast<std::int64_t>(video));
    rows[1].add_int64(static_cast<std::int64_t>(stat));
    rows[2].add_int64(static_cast<std::int64_t>(horizon));
    const bool is_feature = part != nullptr && part->feature.has_value();
    if (part == nullptr || is_feature)
      rows[3].add_null();
    else
      rows[3].add_text(part->input);
    if (is_feature)
      rows[4].add_int64(static_cast<std::int64_t>(*part->feature));
    else
      rows[4].add_null();
    rows[5].add_float64(value);
  }

  std::size_t videos_, stats_, horizons_;
  std::vector<Answer> answers_;
};

}  // namespace risetime
