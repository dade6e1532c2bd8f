// Plugins that throw from the entry point their setting `at` names: for the test that no exception crosses the
// boundary.
#include <risetime/plugin.hpp>
#include <stdexcept>

namespace risetime::boundary {

struct ThrowOptions {
  std::string at;
  std::string what = "exception";
  static constexpr auto fields = risetime::fields(
      field("at", &ThrowOptions::at, "The entry point that throws."),
      field("what", &ThrowOptions::what, "What it throws.", one_of("exception", "int", "error", "memory")));
};

class Thrower {
 public:
  explicit Thrower(ThrowOptions options) : options_(std::move(options)) { at("create"); }

  void at(std::string_view entry) const {
    if (options_.at != entry) return;
    const std::string text = "thrown on purpose in " + options_.at;
    if (options_.what == "int") throw 7;
    if (options_.what == "memory") throw std::bad_alloc();
    if (options_.what == "error") throw Error(Code::limited, "https://example.org/" + options_.at, text, 250);
    throw std::runtime_error(text);
  }

 private:
  ThrowOptions options_;
};

// What all classes here have: the constructor, and a destructor that may throw.
class Thrown {
 public:
  using Config = ThrowOptions;
  explicit Thrown(Config options) : thrower(std::move(options)) {}
  Thrown(const Thrown&) = delete;
  Thrown& operator=(const Thrown&) = delete;
  ~Thrown() noexcept(false) { thrower.at("destroy"); }
  Thrower thrower;
};

struct ThrowingSource : Thrown {
  static constexpr Info info{"throwing-source", "1.0.0", "Throws from pull."};
  using Config = ThrowOptions;
  ThrowingSource(Context, Config options) : Thrown(std::move(options)) {}
  Pull pull(std::string_view, std::size_t, Rows& out) {
    out.add(Observation{"test", "before", 1, {}, {}, {}, {}, {}});
    thrower.at("pull");
    return Pull::end;
  }
};

struct ThrowingFeaturizer : Thrown {
  static constexpr Info info{"throwing-featurizer", "1.0.0", "Throws from fit, describe, names, save, load."};
  using Config = ThrowOptions;
  static constexpr const char* input = "video";
  ThrowingFeaturizer(Context, Config options) : Thrown(std::move(options)) {}
  std::vector<std::string> names() const { return thrower.at("names"), std::vector<std::string>{"one"}; }
  void fit(Batches&) { thrower.at("fit"); }
  void describe(const Batch& rows, Vectors& out) const {
    thrower.at("describe");
    for (std::size_t row = 0; row < rows.rows(); ++row) out.missing("nothing to say");
  }
  void save(Writer&) const { thrower.at("save"); }
  void load(Reader&) { thrower.at("load"); }
};

struct ThrowingModel : Thrown {
  static constexpr Info info{"throwing-model", "1.0.0", "Throws from fit, forecast, save, load."};
  using Config = ThrowOptions;
  ThrowingModel(Context, Config options) : Thrown(std::move(options)) {}
  void fit(Training&) { thrower.at("fit"); }
  void forecast(const Series&, Horizons, Forecast&) const { thrower.at("forecast"); }
  void save(Writer&) const { thrower.at("save"); }
  void load(Reader&) { thrower.at("load"); }
};

struct ThrowingStore : Thrown {
  static constexpr Info info{"throwing-store", "1.0.0", "Throws from every function of a store and of artifacts."};
  using Config = ThrowOptions;
  ThrowingStore(Context, Config options) : Thrown(std::move(options)) {}

  struct ThrowingReader : ScanReader {
    explicit ThrowingReader(const Thrower& from) : thrower(from) {}
    std::optional<Batch> next() override { return thrower.at("next"), std::nullopt; }
    Thrower thrower;
  };

  void define(const Table&) { thrower.at("define"); }
  void begin() { thrower.at("begin"); }
  void commit() { thrower.at("commit"); }
  void rollback() { thrower.at("rollback"); }
  std::uint64_t write(std::string_view, const Batch&) { return thrower.at("write"), 0U; }
  void put(std::string_view, std::string_view) { thrower.at("put"); }
  std::optional<std::string> get(std::string_view) { return thrower.at("get"), std::nullopt; }
  std::unique_ptr<ScanReader> scan(const Scan&) {
    thrower.at("scan");
    return std::make_unique<ThrowingReader>(thrower);
  }
  std::uint64_t erase(const Scan&) { return thrower.at("erase"), 0U; }
  void put_artifact(const ArtifactInfo&, std::string_view) { thrower.at("put_artifact"); }
  std::optional<Artifact> get_artifact(std::string_view, bool) { return thrower.at("get_artifact"), std::nullopt; }
  std::vector<ArtifactInfo> list_artifacts(std::string_view) {
    return thrower.at("list_artifacts"), std::vector<ArtifactInfo>();
  }
  void erase_artifact(std::string_view) { thrower.at("erase_artifact"); }
};

}  // namespace risetime::boundary

RISETIME_PLUGINS(risetime::boundary::ThrowingSource, risetime::boundary::ThrowingFeaturizer,
                 risetime::boundary::ThrowingModel, risetime::boundary::ThrowingStore);
