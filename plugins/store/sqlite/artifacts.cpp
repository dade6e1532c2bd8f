// Artifacts are kept in parts, because SQLite's values end at 1,000,000,000 bytes and are held in memory whole.
#include "artifacts.hpp"

#include <algorithm>

namespace risetime::sqlite {
namespace {

constexpr std::size_t part_bytes = 4U << 20U;

void check_text(std::string_view text, const char* what) {
  if (!arrow::is_utf8(text)) throw Error(Code::input, what, "the text is not UTF-8");
}

void erase_parts(Connection& writer, std::string_view name) {
  writer
      .prepare("DELETE FROM risetime_artifact_part WHERE artifact = (SELECT id FROM risetime_artifact WHERE name = ?1)")
      .bind_text(1, name)
      .run();
}

void write_parts(Connection& writer, std::int64_t artifact, std::string_view value) {
  Statement insert = writer.prepare("INSERT INTO risetime_artifact_part VALUES(?1, ?2, ?3)");
  for (std::size_t at = 0; at < value.size(); at += part_bytes)
    insert.bind(1, artifact)
        .bind(2, static_cast<std::int64_t>(at / part_bytes))
        .bind_blob(3, value.substr(at, part_bytes))
        .run();
}

std::string read_parts(Connection& writer, std::int64_t artifact, std::size_t size, std::string_view name) {
  std::string value;
  value.reserve(size);
  Statement query = writer.prepare("SELECT value FROM risetime_artifact_part WHERE artifact = ?1 ORDER BY part");
  query.bind(1, artifact);
  while (query.step()) value += query.bytes(0);
  if (value.size() != size)
    throw Error(Code::input, writer.path(),
                "the artifact " + std::string(name) + " has " + std::to_string(value.size()) + " of its " +
                    std::to_string(size) + " bytes: erase it and run again, and it is made anew");
  return value;
}

// One snapshot for several queries, where no transaction is open yet.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection), mine_(!connection.in_transaction()) {
    if (mine_) connection_.execute("BEGIN");
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() {
    if (mine_) sqlite3_exec(connection_.raw(), "COMMIT", nullptr, nullptr, nullptr);
  }

 private:
  Connection& connection_;
  bool mine_;
};

}  // namespace

void Artifacts::put(const ArtifactInfo& info, std::string_view value) {
  check_text(info.name, "name");
  check_text(info.kind, "kind");
  check_text(info.metadata, "metadata");
  Connection& writer = database_.writer();
  Transaction transaction(writer);
  erase_parts(writer, info.name);
  Statement insert = writer.prepare(
      "INSERT INTO risetime_artifact(name, kind, metadata, bytes) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(name) DO UPDATE "
      "SET"
      " kind = excluded.kind, metadata = excluded.metadata, bytes = excluded.bytes RETURNING id");
  insert.bind_text(1, info.name).bind_text(2, info.kind).bind_text(3, info.metadata);
  insert.bind(4, static_cast<std::int64_t>(value.size()));
  insert.step();
  const auto id = insert.int64(0);
  insert.run();
  write_parts(writer, id, value);
  transaction.commit();
}

std::optional<Artifact> Artifacts::get(std::string_view name, bool with_bytes) {
  Connection& writer = database_.writer();
  const Snapshot snapshot(writer);
  Statement query = writer.prepare("SELECT id, metadata, bytes FROM risetime_artifact WHERE name = ?1");
  query.bind_text(1, name);
  if (!query.step()) return std::nullopt;
  Artifact artifact{std::string(query.bytes(1)), {}};
  if (with_bytes) artifact.bytes = read_parts(writer, query.int64(0), static_cast<std::size_t>(query.int64(2)), name);
  query.reset();
  return artifact;
}

std::vector<ArtifactInfo> Artifacts::list(std::string_view kind) {
  Statement query = database_.writer().prepare(
      "SELECT name, kind, metadata, bytes FROM risetime_artifact WHERE ?1 = '' OR kind = ?1 ORDER BY name");
  query.bind_text(1, kind);
  std::vector<ArtifactInfo> all;
  while (query.step())
    all.push_back({std::string(query.bytes(0)), std::string(query.bytes(1)), std::string(query.bytes(2)),
                   static_cast<std::uint64_t>(query.int64(3))});
  return all;
}

void Artifacts::erase(std::string_view name) {
  Connection& writer = database_.writer();
  Transaction transaction(writer);
  erase_parts(writer, name);
  writer.prepare("DELETE FROM risetime_artifact WHERE name = ?1").bind_text(1, name).run();
  transaction.commit();
}

}  // namespace risetime::sqlite
