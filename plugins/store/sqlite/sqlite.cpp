// The plugin: rows and artifacts of a project in one SQLite file.
#include "artifacts.hpp"
#include "rows.hpp"

namespace risetime::sqlite {

struct Options {
  std::string path = "risetime.sqlite";
  std::string synchronous = "normal";
  Duration busy_timeout{30'000'000};
  std::int64_t cache_mib = 64;

  static constexpr auto fields = risetime::fields(
      field("path", &Options::path,
            "The database file, from the project's data folder; made, with its folder, when it is missing."),
      field(
          "synchronous", &Options::synchronous,
          "normal: after a power cut the last transactions may be missing, whole ones; full: none is, and commits wait "
          "for the disk. A killed process loses nothing either way.",
          one_of("normal", "full")),
      field("busy_timeout", &Options::busy_timeout, "How long to wait while another process writes to the file."),
      field("cache_mib", &Options::cache_mib, "Memory for pages of the file, in MiB.", range(1, 65536)));
};

class Sqlite {
 public:
  static constexpr Info info{"sqlite", "1.0.0", "Keeps rows and artifacts in an SQLite file."};
  using Config = Options;

  Sqlite(Context host, Options options) : host_(host), options_(std::move(options)) {}

  void define(const Table& table) { file().database.define(table); }
  void begin() { file().rows.begin(); }
  void commit() { file().rows.commit(); }
  void rollback() { file().rows.rollback(); }
  std::uint64_t write(std::string_view table, const Batch& rows) { return file().rows.write(table, rows); }
  void put(std::string_view key, std::string_view value) { file().rows.put(key, value); }
  std::optional<std::string> get(std::string_view key) { return file().rows.get(key); }
  std::unique_ptr<ScanReader> scan(const Scan& scan) { return file().rows.scan(scan); }
  std::uint64_t erase(const Scan& scan) { return file().rows.erase(scan); }
  void purge() { file().rows.purge(); }

  void put_artifact(const ArtifactInfo& about, std::string_view bytes) { file().artifacts.put(about, bytes); }
  std::optional<Artifact> get_artifact(std::string_view name, bool with_bytes) {
    return file().artifacts.get(name, with_bytes);
  }
  std::vector<ArtifactInfo> list_artifacts(std::string_view kind) { return file().artifacts.list(kind); }
  void erase_artifact(std::string_view name) { file().artifacts.erase(name); }

 private:
  struct File {
    explicit File(FileSettings settings) : database(std::move(settings)), rows(database), artifacts(database) {}
    Database database;
    Rows rows;
    Artifacts artifacts;
  };

  // Opened by the first call that needs it: making an instance, as a check of the configuration does, leaves no file.
  File& file() {
    if (!file_) {
      FileSettings settings;
      settings.path = host_.path(options_.path);
      settings.synchronous_full = options_.synchronous == "full";
      settings.busy_timeout_ms = options_.busy_timeout.us / 1000;
      settings.cache_bytes = options_.cache_mib << 20;
      settings.cancelled = [host = host_] { return host.cancelled(); };
      file_ = std::make_unique<File>(std::move(settings));
    }
    return *file_;
  }

  Context host_;
  Options options_;
  std::unique_ptr<File> file_;
};

}  // namespace risetime::sqlite

RISETIME_PLUGINS(risetime::sqlite::Sqlite);
