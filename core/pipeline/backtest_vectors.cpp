// Featurizers inside a backtest.
#include "core/pipeline/backtest_vectors.hpp"

#include "core/pipeline/rows.hpp"

namespace risetime::core {

namespace {

constexpr std::size_t rows_per_batch = 1024;

using RowChooser = std::function<bool(std::string_view platform, std::string_view video_id)>;

// Rows of a table that belong to some of the videos.
class ChosenRows : public client::BatchProvider {
 public:
  ChosenRows(client::Store& store, std::string table, RowChooser chooser)
      : store_(store),
        scan_{std::move(table), {}, {}, rows_per_batch},
        chooser_(std::move(chooser)),
        reader_(store.scan(scan_)) {}
  std::optional<Batch> next() override {
    while (auto batch = reader_->next()) {
      BatchBuilder chosen(batch->fields());
      for (std::size_t row = 0; row < batch->rows(); ++row)
        if (chooser_(batch->column("platform", Type::utf8).text(row), batch->column("video_id", Type::utf8).text(row)))
          copy_row(chosen, *batch, row);
      if (chosen.rows() > 0) return chosen.finish();
    }
    return std::nullopt;
  }
  void rewind() override { reader_ = store_.scan(scan_); }

 private:
  client::Store& store_;
  Scan scan_;
  RowChooser chooser_;
  std::unique_ptr<ScanReader> reader_;
};

}  // namespace

std::unique_ptr<VectorFile> describe_for(Project& project, const FeaturizerSettings& settings,
                                         const BacktestRound& round, const SeriesLibrary& library) {
  const OpenPlugin plugin = project.open(settings, "featurizer/" + settings.plugin);
  client::Featurizer featurizer(*plugin);
  client::Store& store = project.catalog().store();
  if (featurizer.learns()) {
    ChosenRows rows(store, featurizer.input(), [&](std::string_view platform, std::string_view video_id) {
      const auto index = library.find(platform, video_id);
      return index && round.trains(library.entry(*index)) && library.entry(*index).published_at < round.until;
    });
    featurizer.fit(rows);
  }
  auto vectors = std::make_unique<VectorFile>(project.settings().project.data, featurizer.names().size());
  for_each_batch(store, {featurizer.input(), {}, {}, rows_per_batch}, [&](const Batch& batch) {
    project.check_stop();
    const Batch described = featurizer.describe(batch, [](std::size_t, std::string_view) {});
    const Column& column = described.column("vector", Type::fixed_size_list);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const auto index =
          library.find(batch.column("platform", Type::utf8).text(row), batch.column("video_id", Type::utf8).text(row));
      if (index && !column.is_null(row)) vectors->set(*index, column.items(row).float32s());
    }
  });
  vectors->finish(library.size());
  return vectors;
}

}  // namespace risetime::core
