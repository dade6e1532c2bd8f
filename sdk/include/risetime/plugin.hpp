// The author's layer: a plain class becomes a plugin. What it can do is what it has:
//
//   source       Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out)
//                and, where its rows are about persons: std::vector<std::string> people(std::string_view name) const,
//                "platform:person" each (see RISETIME_PEOPLE_ID in abi.h)
//   featurizer   static constexpr const char* input;  std::vector<std::string> names() const;
//                void describe(const Batch& rows, Vectors& out) const;
//                and, where there is something to learn: void fit(Batches& rows); save and load
//   model        void fit(Training& training);  save and load
//                void forecast(const Series& now, Horizons horizons, Forecast& out) const
//                and, where it can say which inputs moved its forecasts:
//                void explain(const Series& now, Horizons horizons, Contributions& out) const
//   store        void define(const Table&); void begin(); void commit(); void rollback();
//                std::uint64_t write(std::string_view table, const Batch& rows);  // how many were new
//                void put(std::string_view key, std::string_view value); std::optional<std::string>
//                get(std::string_view key); std::unique_ptr<ScanReader> scan(const Scan&);  std::uint64_t erase(const
//                Scan&)
//                and, where it can make unreadable what was erased: void purge()
//   artifacts    void put_artifact(const ArtifactInfo&, std::string_view bytes);
//                std::optional<Artifact> get_artifact(std::string_view name, bool with_bytes);
//                std::vector<ArtifactInfo> list_artifacts(std::string_view kind);  void erase_artifact(std::string_view
//                name)
//   save, load   void save(Writer&) const;  void load(Reader&)
//
// A model that others are measured by says `static constexpr bool baseline = true`.
//
// It also has `static constexpr risetime::Info info`, may have `using Config = Options`, and is constructed from
// (Context, Config), (Context) or (). End the file with RISETIME_PLUGINS(Mine).
#pragma once

#include <atomic>
#include <memory>
#include <risetime/contributions.hpp>
#include <risetime/featurizer.hpp>
#include <risetime/host.hpp>
#include <risetime/model.hpp>
#include <risetime/source.hpp>
#include <risetime/store.hpp>

namespace risetime {

struct Info {
  const char* id;
  const char* version;
  const char* summary;
  const char* license = "Apache-2.0";
};

namespace plugin {

#define RISETIME_DETECT(name)             \
  template <class T, class = void>        \
  struct has_##name : std::false_type {}; \
  template <class T>                      \
  struct has_##name<T, std::void_t<decltype(&T::name)>> : std::true_type {}
RISETIME_DETECT(pull);
RISETIME_DETECT(describe);
RISETIME_DETECT(names);
RISETIME_DETECT(fit);
RISETIME_DETECT(forecast);
RISETIME_DETECT(save);
RISETIME_DETECT(load);
RISETIME_DETECT(define);
RISETIME_DETECT(put_artifact);
RISETIME_DETECT(needs);
RISETIME_DETECT(baseline);
RISETIME_DETECT(people);
RISETIME_DETECT(purge);
RISETIME_DETECT(explain);
#undef RISETIME_DETECT

template <class T, class = void>
struct config_of {
  using type = NoOptions;
};
template <class T>
struct config_of<T, std::void_t<typename T::Config>> {
  using type = typename T::Config;
};
template <class T>
using Config = typename config_of<T>::type;

template <class T>
constexpr bool is_source = has_pull<T>::value;
template <class T>
constexpr bool is_featurizer = has_describe<T>::value;
template <class T>
constexpr bool is_model = has_forecast<T>::value;
template <class T>
constexpr bool is_store = has_define<T>::value;
template <class T>
constexpr bool is_artifacts = has_put_artifact<T>::value;

template <class T>
constexpr bool knows_people = is_source<T>&& has_people<T>::value;
template <class T>
constexpr bool can_purge = is_store<T>&& has_purge<T>::value;
template <class T>
constexpr bool can_explain = is_model<T>&& has_explain<T>::value;

template <class T>
constexpr void check_shape() {
  static_assert(
      is_source<T> || is_featurizer<T> || is_model<T> || is_store<T> || is_artifacts<T>,
      "this class can do nothing yet: give it pull() to be a source, describe() to be a featurizer, fit() and "
      "forecast() to be a model, define() to be a store (see the head of risetime/plugin.hpp)");
  if constexpr (is_source<T>)
    static_assert(
        std::is_invocable_r_v<Pull, decltype(&T::pull), T&, std::string_view, std::size_t, Rows&>,
        "a source needs: risetime::Pull pull(std::string_view cursor, std::size_t max_rows, risetime::Rows&)");
  if constexpr (knows_people<T>)
    static_assert(std::is_invocable_r_v<std::vector<std::string>, decltype(&T::people), const T&, std::string_view>,
                  "a source that stores persons needs: std::vector<std::string> people(std::string_view name) const");
  if constexpr (is_featurizer<T>) {
    static_assert(std::is_invocable_v<decltype(&T::describe), const T&, const Batch&, Vectors&>,
                  "a featurizer needs: void describe(const risetime::Batch& rows, risetime::Vectors& out) const");
    static_assert(has_names<T>::value, "a featurizer needs: std::vector<std::string> names() const");
    static_assert(has_fit<T>::value == has_save<T>::value && has_fit<T>::value == has_load<T>::value,
                  "a featurizer that learns needs fit, save and load; one that does not needs none of them");
  }
  if constexpr (is_model<T>) {
    static_assert(has_fit<T>::value && has_save<T>::value && has_load<T>::value,
                  "a model needs: void fit(risetime::Training&), void save(risetime::Writer&) const and "
                  "void load(risetime::Reader&)");
    static_assert(
        std::is_invocable_v<decltype(&T::forecast), const T&, const Series&, Horizons, Forecast&>,
        "a model needs: void forecast(const risetime::Series& now, risetime::Horizons, risetime::Forecast& out) "
        "const");
    if constexpr (can_explain<T>)
      static_assert(std::is_invocable_v<decltype(&T::explain), const T&, const Series&, Horizons, Contributions&>,
                    "a model that explains needs: void explain(const risetime::Series& now, risetime::Horizons, "
                    "risetime::Contributions& out) const");
  }
}

// ---- an instance: the author's object and the checks of the layer ----

template <class T>
struct Instance {
  template <class... Arguments>
  explicit Instance(Arguments&&... arguments) : object(std::forward<Arguments>(arguments)...) {}
  T object;
  bool fitted = false;
  std::atomic<bool> busy{false};
};

// Runs body on the author's object; refuses calls that overlap on one instance.
template <class T, class Body>
risetime_status call(void* raw, risetime_error* error, Body&& body) noexcept {
  auto& instance = *static_cast<Instance<T>*>(raw);
  if (instance.busy.exchange(true))
    return abi::fill(error, Code::internal, "", "two calls overlap on one instance; the host must take turns");
  const auto status = abi::guarded(error, [&] { return body(instance); });
  instance.busy.store(false);
  return status;
}

template <class T>
std::unique_ptr<Instance<T>> construct(const risetime_host* host, Config<T> options) {
  if constexpr (std::is_constructible_v<T, Context, Config<T>>) {
    return std::make_unique<Instance<T>>(Context(host), std::move(options));
  } else if constexpr (std::is_constructible_v<T, Context>) {
    return std::make_unique<Instance<T>>(Context(host));
  } else {
    static_assert(
        std::is_default_constructible_v<T>,
        "a plugin needs a constructor that takes (risetime::Context, Config), (risetime::Context) or nothing");
    return std::make_unique<Instance<T>>();
  }
}

template <class T>
risetime_status create(const risetime_host* host, risetime_text config, void** out, risetime_error* error) {
  return abi::guarded(error, [&] {
    if constexpr (has_needs<T>::value) {
      for (const char* service : T::needs)
        if (!Context(host).offers(service))
          throw Error(Code::unsupported, service, std::string("the host does not offer what ") + T::info.id + " needs");
    }
    *out = construct<T>(host, config::read<Config<T>>(abi::view(config))).release();
  });
}

template <class T>
void destroy(void* instance) {
  abi::guarded(nullptr, [&] { delete static_cast<Instance<T>*>(instance); });
}

template <class T>
risetime_status save(void* raw, const risetime_sink* out, risetime_error* error) {
  return call<T>(raw, error, [&](Instance<T>& instance) {
    if constexpr (has_save<T>::value) {
      if (!instance.fitted) throw Error(Code::state, "save", "there is nothing to save before fit or load");
      Writer writer;
      instance.object.save(writer);
      abi::write(*out, envelope::seal(writer.bytes()));
    }
    return RISETIME_OK;
  });
}
template <class T>
risetime_status load(void* raw, risetime_bytes saved, risetime_error* error) {
  return call<T>(raw, error, [&](Instance<T>& instance) {
    if constexpr (has_load<T>::value) {
      instance.fitted = false;  // what was there before may be half gone where this fails
      Reader reader(envelope::open(abi::view(saved)));
      instance.object.load(reader);
      reader.finish();
    }
    instance.fitted = true;
    return RISETIME_OK;
  });
}

// ---- source ----

template <class T>
const risetime_source* source_table() {
  static const risetime_source table = {
      sizeof(risetime_source),
      [](void* raw, risetime_bytes cursor, std::uint64_t max_rows, const risetime_rows* out, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) -> risetime_status {
          Rows rows(out);
          const Pull answer = instance.object.pull(abi::view(cursor), static_cast<std::size_t>(max_rows), rows);
          rows.finish();
          return answer == Pull::end ? RISETIME_END : RISETIME_OK;
        });
      }};
  return &table;
}

template <class T>
const risetime_people* people_table() {
  static const risetime_people table = {
      sizeof(risetime_people), [](void* raw, risetime_text name, const risetime_sink* out, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          std::string lines;
          const T& source = instance.object;
          for (const std::string& id : source.people(abi::view(name))) lines += id + "\n";
          abi::write(*out, lines);
          return RISETIME_OK;
        });
      }};
  return &table;
}

// ---- featurizer ----

template <class T>
const risetime_featurizer* featurizer_table() {
  static const auto fit = [](void* raw, const risetime_batches* rows, risetime_error* error) {
    return call<T>(raw, error, [&](Instance<T>& instance) {
      if constexpr (has_fit<T>::value) {
        Batches batches(rows);
        instance.object.fit(batches);
      }
      instance.fitted = true;
      return RISETIME_OK;
    });
  };
  static const risetime_featurizer table = {
      sizeof(risetime_featurizer),
      [](void*) -> const char* { return T::input; },
      has_fit<T>::value ? static_cast<decltype(risetime_featurizer::fit)>(fit) : nullptr,
      [](void* raw, const ArrowArray* array, const ArrowSchema* schema, ArrowArray* out_array, ArrowSchema* out_schema,
         const risetime_missing* missing, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          if (has_fit<T>::value && !instance.fitted)
            throw Error(Code::state, "describe", "the featurizer must fit or load first");
          const Batch rows = Batch::borrow(*array, *schema, Texts::checked);
          Vectors out(static_cast<std::int32_t>(instance.object.names().size()), missing);
          instance.object.describe(rows, out);
          if (out.size() != rows.rows())
            throw Error(Code::internal, "describe",
                        std::to_string(out.size()) + " vectors for " + std::to_string(rows.rows()) + " rows");
          out.finish().move_to(out_array, out_schema);
          return RISETIME_OK;
        });
      },
      [](void* raw, const risetime_sink* out, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          std::string lines;
          for (const std::string& name : instance.object.names()) lines += name + "\n";
          abi::write(*out, lines);
          return RISETIME_OK;
        });
      },
      save<T>,
      load<T>};
  return &table;
}

// ---- model ----

// Asks the author's object one question: answer(object, series, horizons, out), with an `Answer` as out.
template <class T, class Answer, class Ask>
risetime_status ask_model(void* raw, const risetime_question* question, const ArrowArray* array,
                          const ArrowSchema* schema, ArrowArray* out_array, ArrowSchema* out_schema,
                          risetime_error* error, const char* what, const Ask& ask) {
  return call<T>(raw, error, [&](Instance<T>& instance) {
    if (!instance.fitted) throw Error(Code::state, what, "the model must fit or load first");
    std::vector<std::string> stats;
    for (std::uint64_t i = 0; i < question->stat_count; ++i) stats.emplace_back(abi::view(question->stats[i]));
    const std::size_t stat_count = stats.size();
    const Series now(Batch::borrow(*array, *schema, Texts::checked), std::move(stats));
    const Horizons horizons(question->horizons, static_cast<std::size_t>(question->horizon_count));
    Answer out(now.size(), stat_count, horizons.size());
    ask(instance.object, now, horizons, out);
    out.to_batch().move_to(out_array, out_schema);
    return RISETIME_OK;
  });
}

template <class T>
const risetime_model* model_table() {
  static const risetime_model table = {
      sizeof(risetime_model),
      [](void* raw, const risetime_training* from, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          Training training(from);
          instance.object.fit(training);
          instance.fitted = true;
          return RISETIME_OK;
        });
      },
      [](void* raw, const risetime_question* question, const ArrowArray* array, const ArrowSchema* schema,
         ArrowArray* out_array, ArrowSchema* out_schema, risetime_error* error) {
        return ask_model<T, Forecast>(raw, question, array, schema, out_array, out_schema, error, "forecast",
                                      [](const T& model, const Series& now, Horizons horizons, Forecast& out) {
                                        model.forecast(now, horizons, out);
                                      });
      },
      save<T>, load<T>};
  return &table;
}

template <class T>
const risetime_explain* explain_table() {
  static const risetime_explain table = {
      sizeof(risetime_explain),
      [](void* raw, const risetime_question* question, const ArrowArray* array, const ArrowSchema* schema,
         ArrowArray* out_array, ArrowSchema* out_schema, risetime_error* error) {
        return ask_model<T, Contributions>(raw, question, array, schema, out_array, out_schema, error, "explain",
                                           [](const T& model, const Series& now, Horizons horizons,
                                              Contributions& out) { model.explain(now, horizons, out); });
      }};
  return &table;
}

// ---- store ----

inline Table table_from(const risetime_table& raw) {
  Table table{
      std::string(abi::view(raw.name)), arrow::import_fields(*raw.schema), {}, raw.on_conflict == RISETIME_REPLACE};
  for (std::uint64_t i = 0; i < raw.key_count; ++i) table.keys.emplace_back(abi::view(raw.keys[i]));
  return table;
}
inline Scan scan_from(const risetime_scan& raw) {
  Scan scan;
  scan.table = abi::view(raw.table);
  for (std::uint64_t i = 0; i < raw.column_count; ++i) scan.columns.emplace_back(abi::view(raw.columns[i]));
  for (std::uint64_t i = 0; i < raw.filter_count; ++i) {
    const risetime_filter& filter = raw.filters[i];
    if (filter.compare < RISETIME_EQUAL || filter.compare > RISETIME_BELOW)
      throw Error(Code::unsupported, std::string(abi::view(filter.column)), "this comparison is not known here");
    scan.filters.push_back({std::string(abi::view(filter.column)), static_cast<Compare>(filter.compare),
                            filter.is_text != 0 ? std::optional<std::string>(abi::view(filter.text)) : std::nullopt,
                            filter.number});
  }
  scan.batch_rows = static_cast<std::size_t>(raw.batch_rows);
  return scan;
}

template <class T>
const risetime_store* store_table() {
  static const risetime_store table = {
      sizeof(risetime_store),
      [](void* raw, const risetime_table* described, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          instance.object.define(table_from(*described));
          return RISETIME_OK;
        });
      },
      [](void* raw, risetime_error* error) {
        return call<T>(raw, error, [](Instance<T>& instance) { return instance.object.begin(), RISETIME_OK; });
      },
      [](void* raw, risetime_error* error) {
        return call<T>(raw, error, [](Instance<T>& instance) { return instance.object.commit(), RISETIME_OK; });
      },
      [](void* raw, risetime_error* error) {
        return call<T>(raw, error, [](Instance<T>& instance) { return instance.object.rollback(), RISETIME_OK; });
      },
      [](void* raw, risetime_text name, const ArrowArray* array, const ArrowSchema* schema, std::uint64_t* written,
         risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          *written = instance.object.write(abi::view(name), Batch::borrow(*array, *schema, Texts::checked));
          return RISETIME_OK;
        });
      },
      [](void* raw, risetime_text key, risetime_bytes value, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          instance.object.put(abi::view(key), abi::view(value));
          return RISETIME_OK;
        });
      },
      [](void* raw, risetime_text key, const risetime_sink* out, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          const std::optional<std::string> value = instance.object.get(abi::view(key));
          if (!value) return RISETIME_END;
          abi::write(*out, *value);
          return RISETIME_OK;
        });
      },
      [](void* raw, const risetime_scan* scan, void** cursor, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          std::unique_ptr<ScanReader> reader = instance.object.scan(scan_from(*scan));
          *cursor = reader.release();
          return RISETIME_OK;
        });
      },
      [](void* raw, void* cursor, ArrowArray* array, ArrowSchema* schema, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>&) {
          std::optional<Batch> batch = static_cast<ScanReader*>(cursor)->next();
          if (!batch) return RISETIME_END;
          batch->move_to(array, schema);
          return RISETIME_OK;
        });
      },
      [](void* raw, void* cursor) {
        call<T>(raw, nullptr, [&](Instance<T>&) {
          delete static_cast<ScanReader*>(cursor);
          return RISETIME_OK;
        });
      },
      [](void* raw, const risetime_scan* scan, std::uint64_t* erased, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          *erased = instance.object.erase(scan_from(*scan));
          return RISETIME_OK;
        });
      }};
  return &table;
}

template <class T>
const risetime_purge* purge_table() {
  static const risetime_purge table = {sizeof(risetime_purge), [](void* raw, risetime_error* error) {
                                         return call<T>(raw, error, [](Instance<T>& instance) {
                                           instance.object.purge();
                                           return RISETIME_OK;
                                         });
                                       }};
  return &table;
}

template <class T>
const risetime_artifacts* artifacts_table() {
  static const risetime_artifacts table = {
      sizeof(risetime_artifacts),
      [](void* raw, risetime_text name, risetime_text kind, risetime_text metadata, risetime_bytes value,
         risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          instance.object.put_artifact({std::string(abi::view(name)), std::string(abi::view(kind)),
                                        std::string(abi::view(metadata)), value.size},
                                       abi::view(value));
          return RISETIME_OK;
        });
      },
      [](void* raw, risetime_text name, const risetime_sink* metadata, const risetime_sink* value,
         risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          const std::optional<Artifact> found = instance.object.get_artifact(abi::view(name), value != nullptr);
          if (!found) return RISETIME_END;
          if (metadata != nullptr) abi::write(*metadata, found->metadata);
          if (value != nullptr) abi::write(*value, found->bytes);
          return RISETIME_OK;
        });
      },
      [](void* raw, risetime_text kind, const risetime_artifact_visitor* visitor, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          const std::vector<ArtifactInfo> all = instance.object.list_artifacts(abi::view(kind));
          for (const ArtifactInfo& info : all) {
            auto failure = abi::empty_error();
            abi::check(visitor->visit(visitor->context, abi::text(info.name), abi::text(info.kind),
                                      abi::text(info.metadata), info.bytes, &failure),
                       failure);
          }
          return RISETIME_OK;
        });
      },
      [](void* raw, risetime_text name, risetime_error* error) {
        return call<T>(raw, error, [&](Instance<T>& instance) {
          instance.object.erase_artifact(abi::view(name));
          return RISETIME_OK;
        });
      }};
  return &table;
}

// ---- descriptor, entry and note ----

template <class T>
const void* capability(const char* id) {
  const std::string_view wanted = id;
  if constexpr (is_source<T>)
    if (wanted == RISETIME_SOURCE_ID) return source_table<T>();
  if constexpr (knows_people<T>)
    if (wanted == RISETIME_PEOPLE_ID) return people_table<T>();
  if constexpr (is_featurizer<T>)
    if (wanted == RISETIME_FEATURIZER_ID) return featurizer_table<T>();
  if constexpr (is_model<T>)
    if (wanted == RISETIME_MODEL_ID || (has_baseline<T>::value && wanted == RISETIME_BASELINE_ID))
      return model_table<T>();
  if constexpr (can_explain<T>)
    if (wanted == RISETIME_EXPLAIN_ID) return explain_table<T>();
  if constexpr (is_store<T>)
    if (wanted == RISETIME_STORE_ID) return store_table<T>();
  if constexpr (can_purge<T>)
    if (wanted == RISETIME_PURGE_ID) return purge_table<T>();
  if constexpr (is_artifacts<T>)
    if (wanted == RISETIME_ARTIFACTS_ID) return artifacts_table<T>();
  return nullptr;
}

template <class T>
const risetime_plugin* descriptor() {
  check_shape<T>();
  static const std::string schema = config::object_schema<Config<T>>().dump();
  static const risetime_plugin plugin = {
      sizeof(risetime_plugin), T::info.id, T::info.version, T::info.summary, T::info.license,
      schema.c_str(),          create<T>,  destroy<T>,      capability<T>};
  return &plugin;
}

template <class... All>
const risetime_plugins* entry() noexcept {
  try {
    static const risetime_plugin* const each[] = {descriptor<All>()...};
    static const risetime_plugins all = {sizeof(risetime_plugins), RISETIME_ABI_MAJOR, RISETIME_ABI_MINOR,
                                         sizeof...(All), each};
    return &all;
  } catch (...) {
    return nullptr;
  }
}

// The ELF note .note.risetime: what the host reads before any code of the plugin runs. Lines of text:
//   abi MAJOR.MINOR / minimum MAJOR.MINOR / compiler NAME / library NAME / plugin ID VERSION CAPABILITY... / summary
//   TEXT
constexpr std::size_t note_capacity = 4096;
struct Note {
  std::uint32_t name_size;
  std::uint32_t text_size;
  std::uint32_t type;
  char name[12];
  char text[note_capacity];
};

struct NoteText {
  Note note{9, note_capacity, 1, {'r', 'i', 's', 'e', 't', 'i', 'm', 'e'}, {}};
  std::size_t at = 0;
  constexpr void add(const char* from) {
    for (; *from != '\0' && at + 1 < note_capacity; ++from) note.text[at++] = *from;
  }
  constexpr void add_number(unsigned value) {
    if (value >= 10) add_number(value / 10);
    const char digit[2] = {static_cast<char>('0' + value % 10), '\0'};
    add(digit);
  }
  template <class T>
  constexpr void add_plugin() {
    add("plugin "), add(T::info.id), add(" "), add(T::info.version);
    if (is_source<T>) add(" " RISETIME_SOURCE_ID);
    if (knows_people<T>) add(" " RISETIME_PEOPLE_ID);
    if (is_store<T>) add(" " RISETIME_STORE_ID);
    if (can_purge<T>) add(" " RISETIME_PURGE_ID);
    if (is_artifacts<T>) add(" " RISETIME_ARTIFACTS_ID);
    if (is_featurizer<T>) add(" " RISETIME_FEATURIZER_ID);
    if (is_model<T>) add(" " RISETIME_MODEL_ID);
    if (has_baseline<T>::value) add(" " RISETIME_BASELINE_ID);
    if (can_explain<T>) add(" " RISETIME_EXPLAIN_ID);
    add("\nsummary "), add(T::info.summary), add("\n");
  }
};

template <class... All>
constexpr Note make_note() {
  NoteText text;
  text.add("abi "), text.add_number(RISETIME_ABI_MAJOR), text.add("."), text.add_number(RISETIME_ABI_MINOR);
  text.add("\nminimum "), text.add_number(RISETIME_ABI_MAJOR), text.add("."), text.add_number(RISETIME_ABI_MINOR);
#if defined(__clang__)
  text.add("\ncompiler clang " __clang_version__);
#else
  text.add("\ncompiler gcc " __VERSION__);
#endif
#if defined(_LIBCPP_VERSION)
  text.add("\nlibrary libc++\n");
#else
  text.add("\nlibrary libstdc++\n");
#endif
  (text.add_plugin<All>(), ...);
  return text.note;
}

}  // namespace plugin
}  // namespace risetime

#define RISETIME_PLUGINS(...)                                                                                     \
  extern "C" __attribute__((visibility("default"))) const risetime_plugins* risetime_plugin_v1(void) {            \
    return ::risetime::plugin::entry<__VA_ARGS__>();                                                              \
  }                                                                                                               \
  namespace {                                                                                                     \
  __attribute__((section(".note.risetime"), used, aligned(4))) constexpr ::risetime::plugin::Note risetime_note = \
      ::risetime::plugin::make_note<__VA_ARGS__>();                                                               \
  }                                                                                                               \
  static_assert(true, "end RISETIME_PLUGINS(...) with a semicolon or not, as you like")
