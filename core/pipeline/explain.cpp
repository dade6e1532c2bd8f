// By the model: its contributions, with those of a featurizer's dimensions together. By asking again: one batch, the
// video as it is, and once more without each input.
#include "core/pipeline/explain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/pipeline/answers.hpp"
#include "core/pipeline/forecast.hpp"
#include "core/pipeline/rows.hpp"

namespace risetime::core {

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t most_words = 40;
// How far a model's contributions may be from its median, as a share: more than rounding is a defect of the model.
constexpr double most_rest = 1e-4;

struct Variant {
  std::string input;
  VideoSeries series;
};

class Explainer {
 public:
  Explainer(Project& project, const TrainSummary& trained, const std::string& video, const std::string& stat,
            std::optional<ExplainMethod> method)
      : project_(project), trained_(trained), method_(method), stats_(project.settings().forecast.stats) {
    const auto found = std::find(stats_.begin(), stats_.end(), stat);
    if (found == stats_.end())
      throw Error(Code::config, "--stat", "\"" + stat + "\" is none of the stats that are forecast");
    stat_ = static_cast<std::size_t>(found - stats_.begin());
    find_video(video);
  }

  Explanation run() {
    choose_model();
    const ModelSettings& section = *project_.settings().model(model_->id);
    const OpenPlugin plugin = project_.open(section, "model/" + section.plugin);
    client::Model model(*plugin);
    const auto artifact = project_.catalog().artifacts().get(model_->hash);
    if (!artifact) throw Error(Code::state, model_->id, "its artifact is gone; run `risetime train`");
    model.load(artifact->bytes);

    Explanation made = begin(model);
    const bool is_said = method_ != ExplainMethod::ask_again && said_by(model, made);
    if (!is_said && method_ == ExplainMethod::model)
      throw Error(Code::unsupported, model_->id,
                  "this model cannot say what moved its forecast of this video; leave --method away to have it asked "
                  "again without each input");
    if (!is_said) {
      leave_out_columns();
      leave_out_readings();
      leave_out_vectors();
    }
    leave_out_words();
    (is_said ? made.words : made.influences) = asked_again(model, made);
    return made;
  }

 private:
  void find_video(const std::string& wanted) {
    client::Store& store = project_.catalog().store();
    const Followers followers(store, {});
    for (const TrainedModel& model : trained_.models)
      for (const FeatureSet& set : model.features)
        if (std::none_of(sets_.begin(), sets_.end(), [&](const FeatureSet& known) { return known.hash == set.hash; }))
          sets_.push_back(set);
    SeriesStream stream(store, {stats_, {}, sets_}, followers);
    while (auto series = stream.next()) {
      if (series->video_id != wanted && series->platform + ":" + series->video_id != wanted) continue;
      series->stand_at(series->times.back());
      video_ = std::move(*series);
      accounts_ = followers.accounts(video_.platform, video_.channel_id);
      return;
    }
    throw Error(Code::input, wanted, "there is no video of this id with a reading; `risetime export video` lists them");
  }

  void choose_model() {
    const Settings& settings = project_.settings();
    const std::string& id = published_model(settings, trained_.choice, video_.platform, video_.channel_id, accounts_);
    const auto found = std::find_if(trained_.models.begin(), trained_.models.end(),
                                    [&](const TrainedModel& model) { return model.id == id && model.error.empty(); });
    if (found == trained_.models.end()) throw Error(Code::state, id, "this model could not be trained");
    model_ = &*found;
    base_ = video_;
    base_.features = pick_features(model_->features, sets_, video_.features);
  }

  Variant& vary(std::string input) { return variants_.emplace_back(Variant{std::move(input), base_}); }

  void leave_out_columns() {
    if (base_.category) vary("category " + *base_.category).series.category.reset();
    if (base_.language) vary("language " + *base_.language).series.language.reset();
    if (base_.duration_s) vary("duration").series.duration_s.reset();
    if (base_.followers) vary("followers").series.followers.reset();
  }

  void leave_out_readings() {
    if (base_.times.size() > 1) {
      VideoSeries& series = vary("readings before the last one").series;
      series.times = {base_.times.back()};
      for (auto& values : series.values) values = {values.back()};
    }
    for (std::size_t stat = 0; stat < stats_.size(); ++stat) {
      if (stat == stat_) continue;
      auto& values = vary("readings of " + stats_[stat]).series.values[stat];
      std::fill(values.begin(), values.end(), std::numeric_limits<double>::quiet_NaN());
    }
  }

  void leave_out_vectors() {
    std::size_t from = 0;
    for (const FeatureSet& set : model_->features) {
      auto& features = vary("features of " + set.id).series.features;
      std::fill_n(features.begin() + static_cast<std::ptrdiff_t>(from), set.names.size(), missing);
      from += set.names.size();
    }
  }

  void leave_out_words() {
    std::size_t from = 0;
    for (const FeatureSet& set : model_->features) {
      leave_out_words(set, from);
      from += set.names.size();
    }
  }

  // The video described anew without each word of its title, by the featurizer as it has learnt.
  void leave_out_words(const FeatureSet& set, std::size_t from) {
    const auto& featurizers = project_.settings().featurizers;
    const auto settings = std::find_if(featurizers.begin(), featurizers.end(),
                                       [&](const FeaturizerSettings& each) { return each.id == set.id; });
    if (settings == featurizers.end()) return;
    const OpenPlugin plugin = project_.open(*settings, "featurizer/" + settings->plugin);
    client::Featurizer featurizer(*plugin);
    const auto kept = project_.catalog().artifacts().get(set.hash);
    if (featurizer.input() != "video" || !kept) return;
    if (featurizer.learns()) featurizer.load(kept->bytes);
    const std::vector<std::string> words = words_of(video_.title);
    const Batch described = featurizer.describe(rows_without(words), [](std::size_t, std::string_view) {});
    const Column& column = described.column("vector", Type::fixed_size_list);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (column.is_null(i)) continue;
      const Span<const float> values = column.items(i).float32s();
      auto& features = vary("the word \"" + words[i] + "\" in the title, by " + set.id).series.features;
      std::copy(values.begin(), values.end(), features.begin() + static_cast<std::ptrdiff_t>(from));
    }
  }

  static std::vector<std::string> words_of(const std::string& title) {
    std::vector<std::string> words;
    std::set<std::string> seen;
    for (std::size_t at = 0; at < title.size() && words.size() < most_words;) {
      const std::size_t begin = title.find_first_not_of(" \t\n", at);
      if (begin == std::string::npos) break;
      at = std::min(title.find_first_of(" \t\n", begin), title.size());
      const std::string word = title.substr(begin, at - begin);
      if (seen.insert(word).second) words.push_back(word);
    }
    return words;
  }

  std::string title_without(const std::string& word) const {
    std::string title;
    for (std::size_t at = 0; at < video_.title.size();) {
      const std::size_t begin = video_.title.find_first_not_of(" \t\n", at);
      if (begin == std::string::npos) break;
      at = std::min(video_.title.find_first_of(" \t\n", begin), video_.title.size());
      const std::string each = video_.title.substr(begin, at - begin);
      if (each != word) title += (title.empty() ? "" : " ") + each;
    }
    return title;
  }

  // The video's row once for each word, its title without it.
  Batch rows_without(const std::vector<std::string>& words) {
    const Scan scan{
        "video", {}, {Filter::equals("platform", video_.platform), Filter::equals("video_id", video_.video_id)}};
    const auto batch = project_.catalog().store().scan(scan)->next();
    if (!batch || batch->rows() == 0) throw Error(Code::state, video_.video_id, "its row is gone");
    BatchBuilder rows(batch->fields());
    for (const std::string& word : words) copy_row(rows, *batch, 0, {{"title", title_without(word)}});
    return rows.finish();
  }

  std::vector<double> medians(const Forecast& forecast, std::size_t row) const {
    std::vector<double> medians;
    const bool is_total = is_running_total(stats_[stat_]);
    for (const auto& answer : tidy(forecast, row, stat_, is_total, last_value(base_, stat_).value_or(0)))
      medians.push_back(answer ? answer->quantiles[3] : std::numeric_limits<double>::quiet_NaN());
    return medians;
  }

  template <class Rows>
  Batch batch_of(const Rows& rows) const {
    const std::size_t width = total_width(model_->features);
    BatchBuilder batch(series_fields(stats_, static_cast<std::int32_t>(width)));
    for (const auto& row : rows) append_series_row(batch, row.series, stats_.size(), width);
    return batch.finish();
  }

  Explanation begin(client::Model& model) const {
    Explanation made;
    made.platform = base_.platform;
    made.video_id = base_.video_id;
    made.title = base_.title;
    made.model = model_->id;
    made.stat = stats_[stat_];
    made.issued_at = *base_.origin;
    made.last = last_value(base_, stat_).value_or(0);
    made.is_total = is_running_total(made.stat);
    made.horizons = project_.settings().forecast.horizons;
    made.medians = medians(model.forecast(batch_of(std::vector<Variant>{{"", base_}}), stats_, made.horizons), 0);
    if (std::isnan(made.medians.back()))
      throw Error(Code::input, base_.video_id, "the model " + model_->id + " gives no forecast for this video");
    return made;
  }

  // The name of an input as it is shown: all dimensions of a featurizer are one input.
  std::string input_of(const Contribution& part) const {
    if (!part.feature) return part.input;
    std::size_t end = 0;
    for (const FeatureSet& set : model_->features) {
      end += set.names.size();
      if (*part.feature < end) return "features of " + set.id;
    }
    throw Error(Code::input, model_->id,
                "it explains feature " + std::to_string(*part.feature) + " of " + std::to_string(end));
  }

  // False where the model cannot or does not say it, or says what does not add up.
  bool said_by(client::Model& model, Explanation& made) const {
    if (!model.can_explain()) return false;
    const Contributions said = model.explain(batch_of(std::vector<Variant>{{"", base_}}), stats_, made.horizons);
    std::map<std::string, std::vector<double>> logs;
    for (std::size_t horizon = 0; horizon < made.horizons.size(); ++horizon) {
      if (!said.has(0, stat_, horizon)) return false;
      for (const Contribution& part : said.parts(0, stat_, horizon)) {
        auto& values = logs[input_of(part)];
        values.resize(made.horizons.size(), 0.0);
        values[horizon] += part.value;
      }
      const double sum = said.sum(0, stat_, horizon);
      const double gain = made.is_total ? made.last + std::expm1(sum) : (made.last + 1) * std::exp(sum) - 1;
      if (!(std::abs(gain - made.medians[horizon]) <= most_rest * (made.medians[horizon] + 1))) {
        project_.runtime().log.warn("model {}: what it says of its forecast adds up to {} instead of {}", model_->id,
                                    gain, made.medians[horizon]);
        return false;
      }
    }
    for (std::size_t horizon = 0; horizon < made.horizons.size(); ++horizon)
      made.base.push_back(said.base(0, stat_, horizon));
    made.method = ExplainMethod::model;
    for (auto& [input, values] : logs) {
      for (double& value : values) value = std::exp(value);
      made.influences.push_back({input, std::move(values)});
    }
    sort(made.influences);
    return true;
  }

  std::vector<Influence> asked_again(client::Model& model, const Explanation& made) const {
    std::vector<Influence> influences;
    if (variants_.empty()) return influences;
    const Forecast forecast = model.forecast(batch_of(variants_), stats_, made.horizons);
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      Influence influence{variants_[i].input, medians(forecast, i)};
      for (std::size_t horizon = 0; horizon < influence.factors.size(); ++horizon)
        influence.factors[horizon] = (made.medians[horizon] + 1) / (influence.factors[horizon] + 1);
      influences.push_back(std::move(influence));
    }
    sort(influences);
    return influences;
  }

  static void sort(std::vector<Influence>& influences) {
    const auto strength = [](const Influence& each) {
      const double factor = each.factors.back();
      return std::isnan(factor) ? -1.0 : std::abs(std::log(factor));
    };
    std::stable_sort(influences.begin(), influences.end(),
                     [&](const Influence& a, const Influence& b) { return strength(a) > strength(b); });
  }

  Project& project_;
  const TrainSummary& trained_;
  std::optional<ExplainMethod> method_;
  std::vector<std::string> stats_;
  std::size_t stat_ = 0;
  std::vector<FeatureSet> sets_;
  VideoSeries video_, base_;
  std::vector<std::string> accounts_;
  const TrainedModel* model_ = nullptr;
  std::vector<Variant> variants_;
};

}  // namespace

std::string_view name_of(ExplainMethod method) { return method == ExplainMethod::model ? "model" : "ask-again"; }

Explanation explain(Project& project, const TrainSummary& trained, const std::string& video, const std::string& stat,
                    std::optional<ExplainMethod> method) {
  return Explainer(project, trained, video, stat, method).run();
}

}  // namespace risetime::core
