// The caller's side of the boundary: a plugin's instance and its capabilities as C++ objects. The host and the test
// kit both go through here, so a plugin that passes in one behaves the same in the other.
#pragma once

#include <functional>
#include <memory>
#include <risetime/contributions.hpp>
#include <risetime/model.hpp>
#include <risetime/store.hpp>

namespace risetime::client {

// Calls across the boundary; throws what the plugin reported.
template <class Call>
risetime_status call(const Call& make) {
  auto error = abi::empty_error();
  return abi::check(make(&error), error);
}

// A text that a plugin wrote, a value a line.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

// Batches that the caller offers to a plugin.
class BatchProvider {
 public:
  virtual ~BatchProvider() = default;
  virtual std::optional<Batch> next() = 0;
  virtual void rewind() = 0;

  risetime_batches offer() {
    return {sizeof(risetime_batches), this,
            [](void* context, ArrowArray* array, ArrowSchema* schema, risetime_error* error) {
              return abi::guarded(error, [&] {
                auto batch = static_cast<BatchProvider*>(context)->next();
                if (!batch) return RISETIME_END;
                batch->move_to(array, schema);
                return RISETIME_OK;
              });
            },
            [](void* context, risetime_error* error) {
              return abi::guarded(error, [&] { static_cast<BatchProvider*>(context)->rewind(); });
            }};
  }
};

// What a pull delivers. Batches were checked.
class PullReceiver {
 public:
  virtual ~PullReceiver() = default;
  virtual void batch(std::string_view table, Batch rows) = 0;
  virtual void reject(std::string_view where, std::string_view reason, std::string_view raw) = 0;
  virtual void failed(std::string_view account, const Error& why) = 0;
  virtual void cursor(std::string_view cursor) = 0;
};

// One instance of one plugin. Calls on it must not overlap.
class Instance {
 public:
  // host must outlive the instance. config is a JSON object.
  Instance(const risetime_plugin& plugin, const risetime_host& host, std::string_view config) : plugin_(&plugin) {
    call([&](risetime_error* error) { return plugin.create(&host, abi::text(config), &instance_, error); });
    if (instance_ == nullptr) throw Error(Code::internal, plugin.id, "create succeeded without making an instance");
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() { plugin_->destroy(instance_); }

  const risetime_plugin& plugin() const noexcept { return *plugin_; }
  void* raw() const noexcept { return instance_; }
  bool has(const char* id) const { return plugin_->capability(id) != nullptr; }
  template <class Capability>
  const Capability& capability(const char* id) const {
    const auto* found = static_cast<const Capability*>(plugin_->capability(id));
    if (found == nullptr) throw Error(Code::unsupported, plugin_->id, std::string("the plugin has no ") + id);
    return *found;
  }

 private:
  const risetime_plugin* plugin_;
  void* instance_ = nullptr;
};

class Source {
 public:
  explicit Source(const Instance& instance)
      : raw_(instance.raw()), table_(&instance.capability<risetime_source>(RISETIME_SOURCE_ID)) {}

  // True while there may be more in this round.
  bool pull(std::string_view cursor, std::size_t max_rows, PullReceiver& receiver) {
    const risetime_rows out = {
        sizeof(risetime_rows),
        &receiver,
        [](void* context, risetime_text table, ArrowArray* array, ArrowSchema* schema, risetime_error* error) {
          return abi::guarded(error, [&] {
            static_cast<PullReceiver*>(context)->batch(abi::view(table), Batch::take(*array, *schema));
          });
        },
        [](void* context, risetime_text where, risetime_text reason, risetime_text row, risetime_error* error) {
          return abi::guarded(error, [&] {
            static_cast<PullReceiver*>(context)->reject(abi::view(where), abi::view(reason), abi::view(row));
          });
        },
        [](void* context, risetime_text account, const risetime_error* why, risetime_error* error) {
          return abi::guarded(error, [&] {
            try {
              abi::check(why->code < 0 ? why->code : RISETIME_ERROR_INTERNAL, *why);
            } catch (const Error& reason) {
              static_cast<PullReceiver*>(context)->failed(abi::view(account), reason);
            }
          });
        },
        [](void* context, risetime_bytes next, risetime_error* error) {
          return abi::guarded(error, [&] { static_cast<PullReceiver*>(context)->cursor(abi::view(next)); });
        }};
    return call([&](risetime_error* error) { return table_->pull(raw_, abi::bytes(cursor), max_rows, &out, error); }) !=
           RISETIME_END;
  }

 private:
  void* raw_;
  const risetime_source* table_;
};

// Of sources whose rows are about persons.
class People {
 public:
  explicit People(const Instance& instance)
      : raw_(instance.raw()), table_(&instance.capability<risetime_people>(RISETIME_PEOPLE_ID)) {}

  // How the person stands in the instance's rows: "platform:person" each.
  std::vector<std::string> ids(std::string_view name) {
    std::string lines;
    const risetime_sink sink = abi::string_sink(lines);
    call([&](risetime_error* error) { return table_->ids(raw_, abi::text(name), &sink, error); });
    return lines_of(lines);
  }

 private:
  void* raw_;
  const risetime_people* table_;
};

class Store {
 public:
  explicit Store(const Instance& instance)
      : raw_(instance.raw()),
        table_(&instance.capability<risetime_store>(RISETIME_STORE_ID)),
        purge_(static_cast<const risetime_purge*>(instance.plugin().capability(RISETIME_PURGE_ID))) {}

  void define(const Table& table) {
    ArrowSchema schema = arrow::export_schema(table.fields);
    std::vector<risetime_text> keys;
    for (const std::string& key : table.keys) keys.push_back(abi::text(key));
    const risetime_table described = {sizeof(risetime_table),
                                      abi::text(table.name),
                                      &schema,
                                      keys.data(),
                                      keys.size(),
                                      table.replace ? RISETIME_REPLACE : RISETIME_KEEP_FIRST};
    auto error = abi::empty_error();
    const auto status = table_->define(raw_, &described, &error);
    schema.release(&schema);
    abi::check(status, error);
  }
  void begin() {
    call([&](risetime_error* error) { return table_->begin(raw_, error); });
  }
  void commit() {
    call([&](risetime_error* error) { return table_->commit(raw_, error); });
  }
  void rollback() {
    call([&](risetime_error* error) { return table_->rollback(raw_, error); });
  }
  // How many of the rows were not there before.
  std::uint64_t write(std::string_view table, const Batch& rows) {
    std::uint64_t written = 0;
    call([&](risetime_error* error) {
      return table_->write(raw_, abi::text(table), &rows.array(), &rows.schema(), &written, error);
    });
    return written;
  }
  void put(std::string_view key, std::string_view value) {
    call([&](risetime_error* error) { return table_->put(raw_, abi::text(key), abi::bytes(value), error); });
  }
  std::optional<std::string> get(std::string_view key) {
    std::string value;
    const risetime_sink sink = abi::string_sink(value);
    const auto status = call([&](risetime_error* error) { return table_->get(raw_, abi::text(key), &sink, error); });
    return status == RISETIME_END ? std::nullopt : std::optional<std::string>(std::move(value));
  }
  std::unique_ptr<ScanReader> scan(const Scan& scan) {
    const RawScan raw(scan);
    void* cursor = nullptr;
    call([&](risetime_error* error) { return table_->scan(raw_, &raw.scan, &cursor, error); });
    return std::make_unique<Cursor>(*this, cursor);
  }
  std::uint64_t erase(const Scan& scan) {
    const RawScan raw(scan);
    std::uint64_t erased = 0;
    call([&](risetime_error* error) { return table_->erase(raw_, &raw.scan, &erased, error); });
    return erased;
  }
  bool can_purge() const noexcept { return purge_ != nullptr; }
  // Outside of a transaction. Throws Error(Code::unsupported) where the store cannot.
  void purge() {
    if (purge_ == nullptr) throw Error(Code::unsupported, "purge", "the store cannot purge what was erased");
    call([&](risetime_error* error) { return purge_->purge(raw_, error); });
  }

 private:
  struct RawScan {
    explicit RawScan(const Scan& from) {
      for (const std::string& column : from.columns) columns.push_back(abi::text(column));
      for (const Filter& filter : from.filters)
        filters.push_back({sizeof(risetime_filter), abi::text(filter.column), static_cast<std::int32_t>(filter.compare),
                           filter.text ? 1 : 0, filter.text ? abi::text(*filter.text) : risetime_text{},
                           filter.number});
      scan = {sizeof(risetime_scan), abi::text(from.table), columns.data(), columns.size(),
              filters.data(),        filters.size(),        from.batch_rows};
    }
    std::vector<risetime_text> columns;
    std::vector<risetime_filter> filters;
    risetime_scan scan{};
  };
  class Cursor : public ScanReader {
   public:
    Cursor(const Store& store, void* cursor) : raw_(store.raw_), table_(store.table_), cursor_(cursor) {}
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    ~Cursor() override { table_->close(raw_, cursor_); }
    std::optional<Batch> next() override {
      ArrowArray array{};
      ArrowSchema schema{};
      const auto status =
          call([&](risetime_error* error) { return table_->next(raw_, cursor_, &array, &schema, error); });
      if (status == RISETIME_END) return std::nullopt;
      return Batch::take(array, schema);
    }

   private:
    void* raw_;
    const risetime_store* table_;
    void* cursor_;
  };

  void* raw_;
  const risetime_store* table_;
  const risetime_purge* purge_;
};

class Artifacts {
 public:
  explicit Artifacts(const Instance& instance)
      : raw_(instance.raw()), table_(&instance.capability<risetime_artifacts>(RISETIME_ARTIFACTS_ID)) {}

  void put(std::string_view name, std::string_view kind, std::string_view metadata, std::string_view value) {
    call([&](risetime_error* error) {
      return table_->put(raw_, abi::text(name), abi::text(kind), abi::text(metadata), abi::bytes(value), error);
    });
  }
  std::optional<Artifact> get(std::string_view name, bool with_bytes = true) {
    Artifact found;
    const risetime_sink metadata = abi::string_sink(found.metadata);
    const risetime_sink bytes = abi::string_sink(found.bytes);
    const auto status = call([&](risetime_error* error) {
      return table_->get(raw_, abi::text(name), &metadata, with_bytes ? &bytes : nullptr, error);
    });
    return status == RISETIME_END ? std::nullopt : std::optional<Artifact>(std::move(found));
  }
  // Of one kind (empty: all), by name.
  std::vector<ArtifactInfo> list(std::string_view kind) {
    std::vector<ArtifactInfo> all;
    const risetime_artifact_visitor visitor = {sizeof(risetime_artifact_visitor), &all,
                                               [](void* context, risetime_text name, risetime_text its_kind,
                                                  risetime_text metadata, std::uint64_t bytes, risetime_error* error) {
                                                 return abi::guarded(error, [&] {
                                                   static_cast<std::vector<ArtifactInfo>*>(context)->push_back(
                                                       {std::string(abi::view(name)), std::string(abi::view(its_kind)),
                                                        std::string(abi::view(metadata)), bytes});
                                                 });
                                               }};
    call([&](risetime_error* error) { return table_->list(raw_, abi::text(kind), &visitor, error); });
    return all;
  }
  void erase(std::string_view name) {
    call([&](risetime_error* error) { return table_->erase(raw_, abi::text(name), error); });
  }

 private:
  void* raw_;
  const risetime_artifacts* table_;
};

// What a featurizer or a model has learnt, as bytes and back.
template <class Table>
std::string saved_by(const Table& table, void* raw) {
  std::string bytes;
  const risetime_sink sink = abi::string_sink(bytes);
  call([&](risetime_error* error) { return table.save(raw, &sink, error); });
  return bytes;
}
template <class Table>
void load_into(const Table& table, void* raw, std::string_view saved) {
  call([&](risetime_error* error) { return table.load(raw, abi::bytes(saved), error); });
}

class Featurizer {
 public:
  explicit Featurizer(const Instance& instance)
      : raw_(instance.raw()), table_(&instance.capability<risetime_featurizer>(RISETIME_FEATURIZER_ID)) {}

  std::string input() const { return table_->input(raw_); }
  bool learns() const { return table_->fit != nullptr; }
  void fit(BatchProvider& rows) {
    const risetime_batches offered = rows.offer();
    call([&](risetime_error* error) { return table_->fit(raw_, &offered, error); });
  }
  // One row a row of the input, column `vector`, null where missing; the reasons are given to on_missing(row, reason).
  Batch describe(const Batch& rows, const std::function<void(std::size_t, std::string_view)>& on_missing) {
    const risetime_missing missing = {
        sizeof(risetime_missing), const_cast<std::function<void(std::size_t, std::string_view)>*>(&on_missing),
        [](void* context, std::uint64_t row, risetime_text reason, risetime_error* error) {
          return abi::guarded(error, [&] {
            (*static_cast<const std::function<void(std::size_t, std::string_view)>*>(context))(
                static_cast<std::size_t>(row), abi::view(reason));
          });
        }};
    ArrowArray array{};
    ArrowSchema schema{};
    call([&](risetime_error* error) {
      return table_->describe(raw_, &rows.array(), &rows.schema(), &array, &schema, &missing, error);
    });
    Batch vectors = Batch::take(array, schema);
    const Column& column = vectors.column("vector", Type::fixed_size_list);
    if (vectors.rows() != rows.rows() || column.type().item != Type::float32)
      throw Error(Code::internal, "vector", "the featurizer did not give one float32 vector a row");
    return vectors;
  }
  std::vector<std::string> names() {
    std::string lines;
    const risetime_sink sink = abi::string_sink(lines);
    call([&](risetime_error* error) { return table_->names(raw_, &sink, error); });
    return lines_of(lines);
  }
  std::string save() { return saved_by(*table_, raw_); }
  void load(std::string_view saved) { load_into(*table_, raw_, saved); }

 private:
  void* raw_;
  const risetime_featurizer* table_;
};

class Model {
 public:
  explicit Model(const Instance& instance)
      : raw_(instance.raw()),
        table_(&instance.capability<risetime_model>(RISETIME_MODEL_ID)),
        explain_(static_cast<const risetime_explain*>(instance.plugin().capability(RISETIME_EXPLAIN_ID))) {}

  // Series batches as series_fields() describes them; horizons and ages in microseconds.
  void fit(BatchProvider& series, Span<const std::string> stats, Horizons horizons, Span<const std::int64_t> ages) {
    const risetime_batches offered = series.offer();
    const std::vector<risetime_text> names = texts(stats);
    const risetime_training training = {sizeof(risetime_training), &offered,        names.data(), names.size(),
                                        horizons.data(),           horizons.size(), ages.data(),  ages.size()};
    call([&](risetime_error* error) { return table_->fit(raw_, &training, error); });
  }
  Forecast forecast(const Batch& series, Span<const std::string> stats, Horizons horizons) {
    return ask<Forecast>(table_->forecast, series, stats, horizons);
  }
  bool can_explain() const noexcept { return explain_ != nullptr; }
  // Empty where the model has nothing to say. Throws Error(Code::unsupported) where it never has.
  Contributions explain(const Batch& series, Span<const std::string> stats, Horizons horizons) {
    if (explain_ == nullptr) throw Error(Code::unsupported, "explain", "the model cannot say what moved its forecasts");
    return ask<Contributions>(explain_->explain, series, stats, horizons);
  }
  std::string save() { return saved_by(*table_, raw_); }
  void load(std::string_view saved) { load_into(*table_, raw_, saved); }

 private:
  template <class Answer, class Function>
  Answer ask(Function function, const Batch& series, Span<const std::string> stats, Horizons horizons) {
    const std::vector<risetime_text> names = texts(stats);
    const risetime_question question = {sizeof(risetime_question), names.data(), names.size(), horizons.data(),
                                        horizons.size()};
    ArrowArray array{};
    ArrowSchema schema{};
    call([&](risetime_error* error) {
      return function(raw_, &question, &series.array(), &series.schema(), &array, &schema, error);
    });
    Answer answer(series.rows(), stats.size(), horizons.size());
    answer.add_batch(Batch::take(array, schema));
    return answer;
  }
  static std::vector<risetime_text> texts(Span<const std::string> values) {
    std::vector<risetime_text> out;
    for (const std::string& value : values) out.push_back(abi::text(value));
    return out;
  }

  void* raw_;
  const risetime_model* table_;
  const risetime_explain* explain_;
};

}  // namespace risetime::client
