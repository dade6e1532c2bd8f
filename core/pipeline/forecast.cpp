// Streams series through the models that their channels name.
#include "core/pipeline/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/base/hash.hpp"
#include "core/pipeline/retention.hpp"

namespace risetime::core {

namespace {

std::vector<Field> forecast_fields() {
  auto fields = tables::forecast().fields;
  fields.push_back(int64_field("shadow"));
  return fields;
}

// Thins the readings of the first stat out to a few dozen, the last one among them.
Course course_of(const VideoSeries& series) {
  constexpr std::size_t most = 48;
  Course course{series.video_id, series.published_at, {}};
  const std::size_t readings = series.times.size();
  for (std::size_t i = 0; i < readings; ++i) {
    const bool is_kept = readings <= most || i + 1 == readings || i * most / readings != (i + 1) * most / readings;
    if (is_kept && !std::isnan(series.values[0][i])) course.readings.emplace_back(series.times[i], series.values[0][i]);
  }
  return course;
}

class ForecastRun {
 public:
  ForecastRun(Project& project, const TrainSummary& trained, const ForecastOptions& options)
      : project_(project), options_(options), settings_(project.settings().forecast), choice_(trained.choice) {
    summary_.stats = settings_.stats;
    summary_.horizons = settings_.horizons;
    for (const TrainedModel& model : trained.models)
      if (model.error.empty()) models_.push_back(open(model));
  }

  ForecastSummary run() {
    Catalog& catalog = project_.catalog();
    const auto observed = catalog.observed();
    if (!observed) return std::move(summary_);
    const std::int64_t now = std::min(options_.at.value_or(observed->last), observed->last);
    const RowRange range{now + 1};
    summary_.run_id = name_run(range);
    const BandWatch watch(project_, now);
    keep_run(catalog, summary_.run_id, now, settings_.keep);
    const Followers followers(catalog.store(), range);
    // One stream serves all models; each sees the columns of its own features.
    SeriesQuery query{settings_.stats, range, {}};
    for (const Ready& model : models_)
      for (const FeatureSet& set : model.trained.features)
        if (std::none_of(query.features.begin(), query.features.end(),
                         [&](const FeatureSet& known) { return known.hash == set.hash; }))
          query.features.push_back(set);
    features_ = query.features;
    SeriesStream stream(catalog.store(), query, followers);
    while (auto series = stream.next()) {
      project_.check_stop();
      if (!series->channel_id.empty())
        summary_.courses[{series->platform, series->channel_id}].push_back(course_of(*series));
      if (series->times.back() < now - options_.longest_silence) {
        ++summary_.silent;
        continue;
      }
      series->stand_at(series->times.back());
      std::vector<Alert> alerts = watch.look_at(*series);
      summary_.alerts += alerts.size();
      hand_out(std::move(*series), std::move(alerts), followers);
    }
    for (Ready& model : models_) answer(model);
    shrink(0);
    keep_shown_courses();
    project_.catalog().transaction([&] {
      catalog.set_progress({"forecast", "", "done", summary_.run_id.substr(0, 12), 0, project_.runtime().clock.now()});
    });
    return std::move(summary_);
  }

 private:
  struct Waiting {
    VideoSeries series;
    std::string channel_name;
    std::vector<Alert> alerts;
    bool is_shadow;
  };
  struct Ready {
    TrainedModel trained;
    OpenPlugin plugin;
    std::vector<Waiting> waiting;
    std::size_t readings = 0;
  };

  Ready open(const TrainedModel& trained) {
    const ModelSettings& settings = *project_.settings().model(trained.id);
    Ready ready{trained, project_.open(settings, "model/" + settings.plugin), {}, 0};
    const auto artifact = project_.catalog().artifacts().get(trained.hash);
    if (!artifact)
      throw Error(Code::state, trained.id, "its artifact " + trained.hash + " is gone; run `risetime train`");
    client::Model(*ready.plugin).load(artifact->bytes);
    return ready;
  }

  std::string name_run(RowRange range) {
    Fingerprint print;
    print.add("forecast/1");
    for (const std::string& stat : settings_.stats) print.add(stat);
    for (const std::int64_t horizon : settings_.horizons) print.add(horizon);
    for (const Ready& model : models_) print.add(model.trained.id).add(model.trained.hash);
    for (const ChannelSettings& channel : project_.settings().channels) {
      print.add(channel.id).add(channel.model).list(channel.shadow.size());
      for (const std::string& shadow : channel.shadow) print.add(shadow);
    }
    print.add(settings_.model).add(choice_.hash).list(choice_.channels.size());
    for (const auto& [channel, chosen] : choice_.channels)
      print.add(channel.first).add(channel.second).add(chosen.model);
    for (const char* table : {"channel", "video", "observation"})
      print.add(project_.catalog().fingerprint(table, range));
    return print.hex();
  }

  void hand_out(VideoSeries series, std::vector<Alert> alerts, const Followers& followers) {
    const ChannelSettings* section = section_of(project_.settings(), series.platform, series.channel_id,
                                                followers.accounts(series.platform, series.channel_id));
    const std::string& published =
        choice_.model_for(section != nullptr ? section->model : settings_.model, series.platform, series.channel_id);
    const std::string name = followers.name(series.platform, series.channel_id);
    bool found = false;
    for (Ready& model : models_) {
      const bool is_published = model.trained.id == published;
      const bool is_shadow = section != nullptr && std::find(section->shadow.begin(), section->shadow.end(),
                                                             model.trained.id) != section->shadow.end();
      if (!is_published && !is_shadow) continue;
      found = found || is_published;
      model.readings += series.times.size() + 1;
      model.waiting.push_back({series, name, alerts, !is_published});
      if (model.readings >= readings_per_batch) answer(model);
    }
    if (!found) ++summary_.without;
  }

  void answer(Ready& model) {
    if (model.waiting.empty()) return;
    const std::size_t width = total_width(model.trained.features);
    BatchBuilder rows(series_fields(settings_.stats, static_cast<std::int32_t>(width)));
    for (Waiting& waiting : model.waiting) {
      waiting.series.features = pick_features(model.trained.features, features_, waiting.series.features);
      append_series_row(rows, waiting.series, settings_.stats.size(), width);
    }
    const Forecast forecast = client::Model(*model.plugin).forecast(rows.finish(), settings_.stats, settings_.horizons);
    BatchBuilder out(forecast_fields());
    for (std::size_t video = 0; video < model.waiting.size(); ++video) keep(model, video, forecast, out);
    if (out.rows() > 0) {
      const Batch finished = out.finish();
      project_.catalog().transaction([&] { project_.catalog().write_derived("forecast", finished); });
    }
    model.waiting.clear();
    model.readings = 0;
    shrink(options_.most_shown);
  }

  void keep(const Ready& model, std::size_t video, const Forecast& forecast, BatchBuilder& out) {
    const Waiting& waiting = model.waiting[video];
    VideoForecast kept;
    bool any = false;
    for (std::size_t stat = 0; stat < settings_.stats.size(); ++stat) {
      const auto last = last_value(waiting.series, stat);
      kept.last.push_back(last.value_or(std::numeric_limits<double>::quiet_NaN()));
      kept.answers.push_back(
          tidy(forecast, video, stat, is_running_total(settings_.stats[stat]) && last, last.value_or(0)));
      for (std::size_t horizon = 0; horizon < settings_.horizons.size(); ++horizon)
        if (const auto& answer = kept.answers[stat][horizon]) {
          any = true;
          add_row(out, model, waiting, stat, horizon, *answer);
        }
    }
    if (waiting.is_shadow) return;
    any ? ++summary_.videos : ++summary_.without;
    if (!any || options_.most_shown == 0) return;
    kept.series = waiting.series;
    kept.channel_name = waiting.channel_name;
    kept.model = model.trained.id;
    kept.alerts = waiting.alerts;
    summary_.shown.push_back(std::move(kept));
  }

  void add_row(BatchBuilder& out, const Ready& model, const Waiting& waiting, std::size_t stat, std::size_t horizon,
               const Answer& answer) const {
    out[0].add_text(summary_.run_id);
    out[1].add_text(waiting.series.platform);
    out[2].add_text(waiting.series.video_id);
    out[3].add_text(settings_.stats[stat]);
    out[4].add_int64(*waiting.series.origin + settings_.horizons[horizon]);
    out[5].add_int64(*waiting.series.origin);
    out[6].add_text(model.trained.id);
    out[7].add_float64(answer.mean);
    for (std::size_t level = 0; level < answer.quantiles.size(); ++level)
      out[8 + level].add_float64(answer.quantiles[level]);
    out[15].add_int64(waiting.is_shadow ? 1 : 0);
  }

  // Keeps memory bounded: past twice the number shown, the smaller half goes. Sorts when `slack` is 0.
  void shrink(std::size_t slack) {
    auto& shown = summary_.shown;
    if (shown.size() <= options_.most_shown + slack && slack > 0) return;
    const auto size = [](const VideoForecast& video) { return std::isnan(video.last[0]) ? -1 : video.last[0]; };
    std::sort(shown.begin(), shown.end(), [&](const VideoForecast& a, const VideoForecast& b) {
      return std::pair(-size(a), std::string_view(a.series.video_id)) <
             std::pair(-size(b), std::string_view(b.series.video_id));
    });
    if (shown.size() > options_.most_shown) shown.resize(options_.most_shown);
  }

  void keep_shown_courses() {
    std::set<std::pair<std::string, std::string>> channels;
    for (const VideoForecast& video : summary_.shown) channels.emplace(video.series.platform, video.series.channel_id);
    std::erase_if(summary_.courses, [&](const auto& course) { return channels.count(course.first) == 0; });
  }

  Project& project_;
  const ForecastOptions& options_;
  const ForecastSettings& settings_;
  const ModelChoice& choice_;
  std::vector<FeatureSet> features_;
  std::vector<Ready> models_;
  ForecastSummary summary_;
};

}  // namespace

const ChannelSettings* section_of(const Settings& settings, const std::string& platform, const std::string& channel_id,
                                  const std::vector<std::string>& accounts) {
  if (const ChannelSettings* by_id = settings.channel(platform, channel_id)) return by_id;
  for (const std::string& account : accounts)
    if (const ChannelSettings* by_name = settings.channel(platform, account)) return by_name;
  return nullptr;
}

const std::string& published_model(const Settings& settings, const ModelChoice& choice, const std::string& platform,
                                   const std::string& channel_id, const std::vector<std::string>& accounts) {
  const ChannelSettings* section = section_of(settings, platform, channel_id, accounts);
  return choice.model_for(section != nullptr ? section->model : settings.forecast.model, platform, channel_id);
}

std::vector<float> pick_features(const std::vector<FeatureSet>& wanted, const std::vector<FeatureSet>& joined,
                                 const std::vector<float>& features) {
  std::vector<float> picked;
  for (const FeatureSet& set : wanted) {
    std::size_t from = 0;
    for (const FeatureSet& known : joined) {
      if (known.hash == set.hash)
        picked.insert(picked.end(), features.begin() + static_cast<std::ptrdiff_t>(from),
                      features.begin() + static_cast<std::ptrdiff_t>(from + known.names.size()));
      from += known.names.size();
    }
  }
  return picked;
}

ForecastSummary forecast(Project& project, const TrainSummary& trained, const ForecastOptions& options) {
  return ForecastRun(project, trained, options).run();
}

}  // namespace risetime::core
