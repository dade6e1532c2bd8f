// Vocabularies as artifacts, vectors as rows.
#include "core/pipeline/featurize.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "core/base/hash.hpp"

namespace risetime::core {

namespace {

constexpr std::size_t rows_per_batch = 1024;

std::int64_t hash_row(const Batch& batch, std::size_t row) {
  Fingerprint print;
  for (std::size_t i = 0; i < batch.fields().size(); ++i) {
    const Column& column = batch.column(i);
    const Type type = column.type().id;
    if (column.is_null(row)) {
      print.list(0);
    } else if (type == Type::utf8 || type == Type::binary) {
      print.add(column.text(row));
    } else if (type == Type::list) {
      const Column items = column.items(row);
      print.list(items.size());
      for (std::size_t item = 0; item < items.size(); ++item) print.add(items.text(item));
    } else if (type == Type::float64) {
      print.add(column.float64(row));
    }
  }
  return static_cast<std::int64_t>(std::stoull(print.hex().substr(0, 15), nullptr, 16));
}

// Rows of the featurizer's input that it may learn from.
class LearningRows : public client::BatchProvider {
 public:
  LearningRows(client::Store& store, Scan scan) : store_(store), scan_(std::move(scan)), reader_(store.scan(scan_)) {}
  std::optional<Batch> next() override { return reader_->next(); }
  void rewind() override { reader_ = store_.scan(scan_); }

 private:
  client::Store& store_;
  Scan scan_;
  std::unique_ptr<ScanReader> reader_;
};

class FeaturizerRun {
 public:
  FeaturizerRun(Project& project, const FeaturizerSettings& settings, RowRange range, FeaturizeSummary& summary)
      : project_(project),
        range_(range),
        settings_(settings),
        summary_(summary),
        plugin_(project.open(settings, "featurizer/" + settings.plugin)),
        featurizer_(*plugin_),
        input_(featurizer_.input()) {}

  void run() {
    const RowRange range{training_cutoff(project_.catalog(), retrain_every(), range_)};
    const std::string input_print = featurizer_.learns() ? project_.catalog().fingerprint(input_, range) : "";
    Fingerprint print;
    print.add("featurizer/1").add(project_.plugin_version(settings_.plugin)).add(settings_.config).add(input_print);
    print.list(settings_.channels.size());
    for (const std::string& channel : settings_.channels) print.add(channel);
    set_.id = settings_.id;
    set_.hash = print.hex();
    summary_.fitted[settings_.id] = learn(range, input_print);
    set_.names = featurizer_.names();
    keep_metadata(input_print);
    describe_all();
    erase_old_sets();
    summary_.sets.push_back(set_);
  }

 private:
  std::int64_t retrain_every() const {
    std::int64_t longest = 0;
    for (const ModelSettings& model : project_.settings().models)
      if (std::find(model.features.begin(), model.features.end(), settings_.id) != model.features.end())
        longest = std::max(longest, model.retrain_every);
    return longest;
  }

  // Whether it had to learn; else it was loaded, or has nothing to learn.
  bool learn(RowRange range, const std::string& input_print) {
    if (!featurizer_.learns()) return false;
    Artifacts& artifacts = project_.catalog().artifacts();
    if (const auto kept = artifacts.get(set_.hash)) {
      featurizer_.load(kept->bytes);
      return false;
    }
    Scan scan{input_, {}, {}, rows_per_batch};
    if (range.until != INT64_MAX)
      scan.filters.push_back(Filter::below(input_ == "video" ? "published_at" : "fetched_at", range.until));
    LearningRows rows(project_.catalog().store(), scan);
    featurizer_.fit(rows);
    artifacts.put(set_.hash, "featurizer", metadata(input_print).dump(), featurizer_.save());
    return true;
  }

  using Artifacts = client::Artifacts;

  Json metadata(const std::string& input_print) const {
    Json json = Json::object();
    json["featurizer"] = settings_.id;
    json["plugin"] = project_.runtime().plugins.load(settings_.plugin).id;
    json["version"] = project_.runtime().plugins.load(settings_.plugin).version;
    json["config"] = Json::parse(settings_.config);
    json["input"] = input_;
    json["input_fingerprint"] = input_print;
    json["names"] = Json::array();
    if (set_.names.size() <= 1024)
      for (const std::string& name : set_.names) json["names"].push_back(name);
    return json;
  }
  // One that does not learn is an artifact too: its settings and the names of its numbers.
  void keep_metadata(const std::string& input_print) {
    if (!featurizer_.learns() && !project_.catalog().artifacts().get(set_.hash, false))
      project_.catalog().artifacts().put(set_.hash, "featurizer", metadata(input_print).dump(), "");
  }

  // Input rows joined with the vectors that are there; what is missing or outdated is described in batches.
  void describe_all() {
    client::Store& store = project_.catalog().store();
    const auto known = store.scan({"feature",
                                   {"platform", "video_id", "input_hash"},
                                   {Filter::equals("feature_set", set_.hash)},
                                   rows_per_batch * 8});
    std::optional<Batch> at = known->next();
    std::size_t known_row = 0;
    const auto is_current = [&](std::string_view platform, std::string_view video, std::int64_t hash) {
      while (at) {
        if (known_row >= at->rows()) {
          at = known->next();
          known_row = 0;
          continue;
        }
        const auto key = std::pair(at->column("platform", Type::utf8).text(known_row),
                                   at->column("video_id", Type::utf8).text(known_row));
        const auto wanted = std::pair(platform, video);
        if (key > wanted) return false;
        const bool same = key == wanted && at->column("input_hash", Type::int64).int64(known_row) == hash;
        if (key == wanted) return same;
        ++known_row;
      }
      return false;
    };
    const auto input = store.scan({input_, {}, {}, rows_per_batch});
    while (auto batch = input->next()) {
      project_.check_stop();
      std::vector<std::size_t> outdated;
      std::vector<std::int64_t> hashes(batch->rows());
      for (std::size_t row = 0; row < batch->rows(); ++row) {
        hashes[row] = hash_row(*batch, row);
        if (!is_current(batch->column("platform", Type::utf8).text(row),
                        batch->column("video_id", Type::utf8).text(row), hashes[row]))
          outdated.push_back(row);
      }
      if (!outdated.empty()) describe(*batch, outdated, hashes);
    }
  }

  void describe(const Batch& batch, const std::vector<std::size_t>& rows, const std::vector<std::int64_t>& hashes) {
    std::map<std::size_t, std::string> reasons;
    const Batch vectors = featurizer_.describe(
        batch, [&](std::size_t row, std::string_view why) { reasons.emplace(row, std::string(why)); });
    const Column& column = vectors.column("vector", Type::fixed_size_list);
    const std::vector<Field> fields = {utf8_field("feature_set"), utf8_field("platform"), utf8_field("video_id"),
                                       binary_field("vector", true), int64_field("input_hash")};
    BatchBuilder out(fields);
    for (const std::size_t row : rows) {
      const std::string_view video = batch.column("video_id", Type::utf8).text(row);
      out[0].add_text(set_.hash);
      out[1].add_text(batch.column("platform", Type::utf8).text(row));
      out[2].add_text(video);
      if (column.is_null(row)) {
        out[3].add_null();
        report_missing(video, reasons[row]);
      } else {
        const Span<const float> values = column.items(row).float32s();
        out[3].add_text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
        ++summary_.described[settings_.id];
      }
      out[4].add_int64(hashes[row]);
    }
    const Batch finished = out.finish();
    project_.catalog().transaction([&] { project_.catalog().store().write("feature", finished); });
    if (project_.runtime().progress)
      project_.runtime().progress("featurize " + settings_.id, static_cast<double>(summary_.described[settings_.id]),
                                  0);
  }

  void report_missing(std::string_view video, const std::string& why) {
    if (++summary_.missing[settings_.id] <= 5)
      project_.runtime().log.warn("featurizer {}: video {}: {}", settings_.id, video, why);
  }

  // Vectors of earlier sets of this featurizer would grow without end.
  void erase_old_sets() {
    Catalog& catalog = project_.catalog();
    for (const ArtifactInfo& info : catalog.artifacts().list("featurizer")) {
      const Json metadata = Json::parse(info.metadata);
      const Json* id = metadata.find("featurizer");
      if (info.name == set_.hash || id == nullptr || id->if_string() == nullptr || *id->if_string() != settings_.id)
        continue;
      catalog.transaction([&] { catalog.store().erase({"feature", {}, {Filter::equals("feature_set", info.name)}}); });
      catalog.artifacts().erase(info.name);
    }
  }

  Project& project_;
  RowRange range_;
  const FeaturizerSettings& settings_;
  FeaturizeSummary& summary_;
  OpenPlugin plugin_;
  client::Featurizer featurizer_;
  std::string input_;
  FeatureSet set_;
};

}  // namespace

std::int64_t training_cutoff(Catalog& catalog, std::int64_t every, RowRange range) {
  const auto observed = catalog.observed();
  if (!observed) return range.until;
  const std::int64_t last = std::min(observed->last, range.until - 1);
  if (every > 0) {
    const std::int64_t rounded = last / every * every;
    if (rounded > observed->first) return rounded;
  }
  return last + 1;
}

std::vector<FeatureSet> select_sets(const std::vector<FeatureSet>& all, const std::vector<std::string>& ids) {
  std::vector<FeatureSet> selected;
  for (const std::string& id : ids)
    for (const FeatureSet& set : all)
      if (set.id == id) selected.push_back(set);
  return selected;
}

FeaturizeSummary featurize(Project& project, RowRange range) {
  FeaturizeSummary summary;
  const auto& models = project.settings().models;
  for (const FeaturizerSettings& settings : project.settings().featurizers) {
    if (std::none_of(models.begin(), models.end(), [&](const ModelSettings& model) {
          return std::find(model.features.begin(), model.features.end(), settings.id) != model.features.end();
        }))
      project.runtime().log.info("featurizer {0}: no model gets its vectors; features = [\"{0}\"] in a [[model]] would",
                                 settings.id);
    try {
      FeaturizerRun(project, settings, range, summary).run();
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      throw Error(error.code(), settings.at.text(), "featurizer " + settings.id + ": " + error.what());
    }
  }
  return summary;
}

}  // namespace risetime::core
