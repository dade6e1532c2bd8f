// Splits, fits, stands, forecasts and looks up what came.
#include "core/pipeline/backtest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/pipeline/answers.hpp"

namespace risetime::core {

namespace {

// One way of dividing the videos: indices into all series.
struct Split {
  std::string name;
  std::vector<std::size_t> train, test;
  std::int64_t train_until = INT64_MAX;  // readings from here on are not learnt from
  std::vector<Origin> origins;
};

struct Contestant {
  std::string id;
  PluginSettings section;
  std::vector<std::string> features;
};

// Copies a row of any batch.
void copy_row(BatchBuilder& to, const Batch& from, std::size_t row) {
  for (std::size_t i = 0; i < from.fields().size(); ++i) {
    const Column& column = from.column(i);
    ColumnBuilder& out = to[i];
    if (column.is_null(row)) {
      out.add_null();
      continue;
    }
    switch (column.type().id) {
      case Type::int64:
      case Type::timestamp:
        out.add_int64(column.int64(row));
        break;
      case Type::float64:
        out.add_float64(column.float64(row));
        break;
      case Type::float32:
        out.add_float32(column.float32(row));
        break;
      case Type::utf8:
      case Type::binary:
        out.add_text(column.text(row));
        break;
      case Type::list: {
        const Column items = column.items(row);
        for (std::size_t item = 0; item < items.size(); ++item) out.items().add_text(items.text(item));
        out.end_list();
        break;
      }
      case Type::fixed_size_list:
        out.add_vector(column.items(row).float32s());
        break;
    }
  }
}

// Rows of a table that belong to some of the videos.
class ChosenRows : public client::BatchProvider {
 public:
  using Keys = std::set<std::pair<std::string_view, std::string_view>>;
  ChosenRows(client::Store& store, std::string table, const Keys& keys)
      : store_(store), scan_{std::move(table), {}, {}, 1024}, keys_(keys), reader_(store.scan(scan_)) {}
  std::optional<Batch> next() override {
    while (auto batch = reader_->next()) {
      BatchBuilder chosen(batch->fields());
      for (std::size_t row = 0; row < batch->rows(); ++row)
        if (keys_.count({batch->column("platform", Type::utf8).text(row),
                         batch->column("video_id", Type::utf8).text(row)}) != 0)
          copy_row(chosen, *batch, row);
      if (chosen.rows() > 0) return chosen.finish();
    }
    return std::nullopt;
  }
  void rewind() override { reader_ = store_.scan(scan_); }

 private:
  client::Store& store_;
  Scan scan_;
  const Keys& keys_;
  std::unique_ptr<ScanReader> reader_;
};

class BacktestRun {
 public:
  BacktestRun(Project& project, const BacktestOptions& options)
      : project_(project), options_(options), settings_(project.settings()), stats_(settings_.forecast.stats) {}

  BacktestResult run() {
    read_series();
    const std::vector<Contestant> contestants = choose_models();
    for (const Contestant& contestant : contestants) result_.models.push_back(contestant.id);
    const std::vector<Split> splits = make_splits();
    if (splits.empty())
      throw Error(Code::config, settings_.backtest.at.text(),
                  "there is no video to test: check folds, cutoff or test_videos against the rows of the store");
    for (const Split& split : splits) {
      project_.check_stop();
      judge(split, contestants);
      ++result_.splits;
    }
    return std::move(result_);
  }

 private:
  void read_series() {
    const Followers followers(project_.catalog().store(), {});
    SeriesStream stream(project_.catalog().store(), {stats_, {}, {}}, followers);
    while (auto series = stream.next()) all_.push_back(std::move(*series));
    followers_ = std::make_unique<Followers>(followers);
  }

  std::vector<Contestant> choose_models() {
    std::vector<std::string> wanted = options_.models.empty() ? settings_.backtest.models : options_.models;
    if (options_.models.empty()) {
      const auto baselines =
          settings_.backtest.baselines.value_or(project_.runtime().plugins.ids(RISETIME_BASELINE_ID));
      for (const std::string& baseline : baselines)
        if (std::find(wanted.begin(), wanted.end(), baseline) == wanted.end()) wanted.push_back(baseline);
    }
    std::vector<Contestant> contestants;
    for (const std::string& id : wanted) {
      if (const ModelSettings* model = settings_.model(id)) {
        contestants.push_back({id, *model, model->features});
      } else if (project_.runtime().plugins.has(id, RISETIME_MODEL_ID)) {
        PluginSettings section;
        section.id = section.plugin = id;
        section.at = settings_.backtest.at;
        contestants.push_back({id, section, {}});
      } else {
        throw Error(Code::config, settings_.backtest.at.text(),
                    "\"" + id + "\" is neither a model of this configuration nor a model plugin");
      }
    }
    return contestants;
  }

  std::vector<Split> make_splits() {
    const BacktestSettings& backtest = settings_.backtest;
    std::vector<Split> splits;
    if (backtest.cutoff) {
      Split split{"cutoff " + format_time(*backtest.cutoff), {}, {}, *backtest.cutoff, backtest.origins};
      for (std::size_t i = 0; i < all_.size(); ++i)
        (all_[i].published_at < *backtest.cutoff ? split.train : split.test).push_back(i);
      splits.push_back(std::move(split));
    } else if (backtest.test_videos) {
      const std::set<std::string> listed = read_list(*backtest.test_videos);
      Split split{"test videos", {}, {}, INT64_MAX, backtest.origins};
      for (std::size_t i = 0; i < all_.size(); ++i)
        (listed.count(all_[i].video_id) == 0 ? split.train : split.test).push_back(i);
      splits.push_back(std::move(split));
    } else {
      add_folds(splits);
    }
    std::erase_if(splits, [](const Split& split) { return split.train.empty() || split.test.empty(); });
    return splits;
  }

  // A video's fold is FNV-1a-64 of its id modulo the number of folds. A date origin has splits of its own, which learn
  // from what was known on that date.
  void add_folds(std::vector<Split>& splits) {
    const std::int64_t folds = settings_.backtest.folds;
    std::vector<std::pair<std::int64_t, std::vector<Origin>>> stands;
    for (const Origin& origin : settings_.backtest.origins) {
      const std::int64_t until = origin.kind == Origin::Kind::date ? origin.value + 1 : INT64_MAX;
      auto same = std::find_if(stands.begin(), stands.end(), [&](const auto& stand) { return stand.first == until; });
      if (same == stands.end()) same = stands.insert(stands.end(), {until, {}});
      same->second.push_back(origin);
    }
    for (std::int64_t fold = 0; fold < folds; ++fold) {
      if (!options_.only_folds.empty() &&
          std::find(options_.only_folds.begin(), options_.only_folds.end(), fold) == options_.only_folds.end())
        continue;
      for (const auto& [until, origins] : stands) {
        Split split{"fold " + std::to_string(fold), {}, {}, until, origins};
        for (std::size_t i = 0; i < all_.size(); ++i) {
          const bool is_test =
              static_cast<std::int64_t>(fnv1a_64(all_[i].video_id) % static_cast<std::uint64_t>(folds)) == fold;
          (is_test ? split.test : split.train).push_back(i);
        }
        splits.push_back(std::move(split));
      }
    }
  }

  static std::set<std::string> read_list(const std::filesystem::path& file) {
    std::set<std::string> ids;
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
      if (!line.empty()) ids.insert(line);
    }
    return ids;
  }

  // Vectors of every video by a featurizer that learnt from the split's training videos only. [videos][dimensions]
  std::vector<std::vector<float>> vectors_for(const Split& split, const FeaturizerSettings& settings) {
    const OpenPlugin plugin = project_.open(settings, "featurizer/" + settings.plugin);
    client::Featurizer featurizer(*plugin);
    client::Store& store = project_.catalog().store();
    if (featurizer.learns()) {
      ChosenRows::Keys keys;
      for (const std::size_t i : split.train) keys.emplace(all_[i].platform, all_[i].video_id);
      ChosenRows rows(store, featurizer.input(), keys);
      featurizer.fit(rows);
    }
    const std::size_t width = featurizer.names().size();
    std::vector<std::vector<float>> vectors(all_.size(),
                                            std::vector<float>(width, std::numeric_limits<float>::quiet_NaN()));
    std::size_t at = 0;  // both are in key order
    for_each_batch(store, {featurizer.input(), {}, {}, 1024}, [&](const Batch& batch) {
      const Batch described = featurizer.describe(batch, [](std::size_t, std::string_view) {});
      const Column& column = described.column("vector", Type::fixed_size_list);
      for (std::size_t row = 0; row < batch.rows(); ++row) {
        const std::pair key(batch.column("platform", Type::utf8).text(row),
                            batch.column("video_id", Type::utf8).text(row));
        while (at < all_.size() &&
               std::pair<std::string_view, std::string_view>(all_[at].platform, all_[at].video_id) < key)
          ++at;
        if (at == all_.size() || all_[at].video_id != key.second || all_[at].platform != key.first ||
            column.is_null(row))
          continue;
        const Span<const float> values = column.items(row).float32s();
        vectors[at].assign(values.begin(), values.end());
      }
    });
    return vectors;
  }

  void judge(const Split& split, const std::vector<Contestant>& contestants) {
    std::map<std::string, std::vector<std::vector<float>>> vectors;
    for (const FeaturizerSettings& featurizer : settings_.featurizers) {
      const bool is_used = std::any_of(contestants.begin(), contestants.end(), [&](const Contestant& contestant) {
        return std::find(contestant.features.begin(), contestant.features.end(), featurizer.id) !=
               contestant.features.end();
      });
      if (is_used) vectors[featurizer.id] = vectors_for(split, featurizer);
    }
    std::set<std::size_t> judged;
    for (const Contestant& contestant : contestants) {
      project_.runtime().log.info("backtest {}: {} on {} videos, {} to test", split.name, contestant.id,
                                  split.train.size(), split.test.size());
      try {
        contest(split, contestant, vectors, judged);
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        result_.failures.push_back(contestant.id + ", " + split.name + ": " + error.what());
        project_.runtime().log.error("backtest: {}", result_.failures.back());
      }
    }
    result_.videos += judged.size();
  }

  // A copy of the series as it was known at `until`, with the contestant's features.
  VideoSeries known_at(std::size_t index, const Contestant& contestant,
                       const std::map<std::string, std::vector<std::vector<float>>>& vectors) const {
    VideoSeries series = all_[index];
    for (const std::string& id : contestant.features) {
      const std::vector<float>& vector = vectors.at(id)[index];
      series.features.insert(series.features.end(), vector.begin(), vector.end());
    }
    return series;
  }

  void contest(const Split& split, const Contestant& contestant,
               const std::map<std::string, std::vector<std::vector<float>>>& vectors, std::set<std::size_t>& judged) {
    std::size_t width = 0;
    for (const std::string& id : contestant.features) width += vectors.at(id).front().size();
    std::vector<std::int64_t> ages;
    for (const Origin& origin : split.origins)
      if (origin.kind == Origin::Kind::age) ages.push_back(origin.value);
    const OpenPlugin plugin = project_.open(contestant.section, "model/" + contestant.section.plugin);
    client::Model model(*plugin);
    SeriesBatches training(stats_, width, [&] {
      auto at = std::make_shared<std::size_t>(0);
      auto current = std::make_shared<VideoSeries>();
      return [&, at, current]() -> const VideoSeries* {
        while (*at < split.train.size()) {
          *current = known_at(split.train[(*at)++], contestant, vectors);
          if (split.train_until != INT64_MAX) current->stand_at(split.train_until - 1);
          current->origin.reset();
          current->followers = followers_->at(current->platform, current->channel_id, split.train_until - 1);
          if (!current->times.empty()) return current.get();
        }
        return nullptr;
      };
    });
    model.fit(training, stats_, settings_.forecast.horizons, ages);
    for (const Origin& origin : split.origins) stand(split, contestant, vectors, width, origin, model, judged);
  }

  void stand(const Split& split, const Contestant& contestant,
             const std::map<std::string, std::vector<std::vector<float>>>& vectors, std::size_t width,
             const Origin& origin, client::Model& model, std::set<std::size_t>& judged) {
    std::vector<ScoredForecast>& standing = standing_of(origin);
    std::vector<std::size_t> indices;
    std::vector<VideoSeries> waiting;
    std::size_t readings = 0;
    const auto flush = [&] {
      if (waiting.empty()) return;
      BatchBuilder rows(series_fields(stats_, static_cast<std::int32_t>(width)));
      for (const VideoSeries& series : waiting) append(rows, series, stats_.size(), width);
      const Forecast forecast = model.forecast(rows.finish(), stats_, settings_.forecast.horizons);
      for (std::size_t video = 0; video < waiting.size(); ++video)
        score_video(contestant.id, waiting[video], all_[indices[video]], forecast, video, standing);
      indices.clear();
      waiting.clear();
      readings = 0;
    };
    for (const std::size_t index : split.test) {
      const std::int64_t at = origin.kind == Origin::Kind::age ? all_[index].published_at + origin.value : origin.value;
      if (at < all_[index].published_at) continue;
      VideoSeries series = known_at(index, contestant, vectors);
      series.stand_at(at);
      if (series.times.empty()) continue;
      series.followers = followers_->at(series.platform, series.channel_id, at);
      judged.insert(index);
      readings += series.times.size() + 1;
      indices.push_back(index);
      waiting.push_back(std::move(series));
      if (readings >= readings_per_batch) flush();
    }
    flush();
  }

  void score_video(const std::string& model, const VideoSeries& known, const VideoSeries& whole,
                   const Forecast& forecast, std::size_t video, std::vector<ScoredForecast>& standing) {
    for (std::size_t stat = 0; stat < stats_.size(); ++stat) {
      const auto last = last_value(known, stat);
      if (!last) continue;
      const auto answers = tidy(forecast, video, stat, is_running_total(stats_[stat]), *last);
      for (std::size_t horizon = 0; horizon < answers.size(); ++horizon) {
        if (!answers[horizon]) continue;
        ScoredForecast row;
        row.platform = known.platform;
        row.video_id = known.video_id;
        row.model = model;
        row.stat = stats_[stat];
        row.issued_at = *known.origin;
        row.target_at = row.issued_at + settings_.forecast.horizons[horizon];
        row.last = *last;
        row.mean = answers[horizon]->mean;
        row.q = answers[horizon]->quantiles;
        row.actual = value_at(whole, stat, row.target_at).value_or(std::numeric_limits<double>::quiet_NaN());
        standing.push_back(std::move(row));
      }
    }
  }

  std::vector<ScoredForecast>& standing_of(const Origin& origin) {
    const std::string label =
        origin.kind == Origin::Kind::age ? format_duration(origin.value) : format_time(origin.value);
    for (StandingForecasts& standing : result_.standings)
      if (standing.origin == label) return standing.forecasts;
    return result_.standings.emplace_back(StandingForecasts{label, {}}).forecasts;
  }

  Project& project_;
  const BacktestOptions& options_;
  const Settings& settings_;
  std::vector<std::string> stats_;
  std::vector<VideoSeries> all_;  // in key order
  std::unique_ptr<Followers> followers_;
  BacktestResult result_;
};

// The median time between readings.
std::int64_t own_step(const VideoSeries& series) {
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < series.times.size(); ++i) steps.push_back(series.times[i] - series.times[i - 1]);
  if (steps.empty()) return day;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

}  // namespace

std::optional<double> value_at(const VideoSeries& series, std::size_t stat, std::int64_t time) {
  const auto& values = series.values[stat];
  std::size_t after =
      static_cast<std::size_t>(std::lower_bound(series.times.begin(), series.times.end(), time) - series.times.begin());
  while (after < values.size() && std::isnan(values[after])) ++after;
  if (after == values.size()) return std::nullopt;
  if (series.times[after] == time) return values[after];
  std::size_t before =
      static_cast<std::size_t>(std::lower_bound(series.times.begin(), series.times.end(), time) - series.times.begin());
  while (before > 0 && std::isnan(values[before - 1])) --before;
  if (before == 0) return std::nullopt;
  --before;
  const std::int64_t step = own_step(series);
  const bool is_daily = step > 20 * hour && step < 28 * hour;
  const std::int64_t gap = series.times[after] - series.times[before];
  if (gap > (is_daily ? 36 * hour : step + step / 2)) return std::nullopt;
  const double share = static_cast<double>(time - series.times[before]) / static_cast<double>(gap);
  return values[before] + share * (values[after] - values[before]);
}

BacktestResult backtest(Project& project, const BacktestOptions& options) {
  return BacktestRun(project, options).run();
}

}  // namespace risetime::core
