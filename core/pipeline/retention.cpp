// Lists of what was used, kept beside the rows.
#include "core/pipeline/retention.hpp"

#include <algorithm>
#include <map>
#include <risetime/json.hpp>
#include <set>

#include "core/base/time.hpp"

namespace risetime::core {

namespace {

constexpr const char* runs_key = "kept/runs";

std::string key_of(const std::string& kind) { return "kept/" + kind; }

Json read(Catalog& catalog, const std::string& key, Json fallback) {
  const auto kept = catalog.store().get(key);
  return kept ? Json::parse(*kept) : std::move(fallback);
}

using Runs = std::vector<std::pair<std::int64_t, std::string>>;

Runs read_runs(Catalog& catalog) {
  Runs runs;
  const Json kept = read(catalog, runs_key, Json::array());
  for (const Json& run : *kept.if_array())
    runs.emplace_back(*run.find("at")->if_integer(), *run.find("run")->if_string());
  std::sort(runs.begin(), runs.end());
  return runs;
}

void write_runs(Catalog& catalog, const Runs& runs) {
  Json kept = Json::array();
  for (const auto& [at, run] : runs) {
    Json one = Json::object();
    one["at"] = at;
    one["run"] = run;
    kept.push_back(std::move(one));
  }
  catalog.store().put(runs_key, kept.dump());
}

}  // namespace

void keep_used(Catalog& catalog, const std::string& kind,
               const std::vector<std::pair<std::string, std::string>>& used) {
  const Json before = read(catalog, key_of(kind), Json::object());
  std::map<std::string, std::vector<std::string>> lists;  // latest first
  for (const auto& [id, hash] : used) lists[id].push_back(hash);
  for (const auto& [id, hashes] : *before.if_object())
    for (const Json& hash : *hashes.if_array()) {
      auto& list = lists[id];
      if (list.size() < artifacts_kept && std::find(list.begin(), list.end(), *hash.if_string()) == list.end())
        list.push_back(*hash.if_string());
    }
  std::set<std::string> kept;
  Json after = Json::object();
  for (const auto& [id, list] : lists) {
    after[id] = Json::array();
    for (const std::string& hash : list) after[id].push_back(hash);
    kept.insert(list.begin(), list.end());
  }
  catalog.transaction([&] { catalog.store().put(key_of(kind), after.dump()); });
  for (const ArtifactInfo& info : catalog.artifacts().list(kind))
    if (kept.count(info.name) == 0) catalog.artifacts().erase(info.name);
}

std::vector<std::string> runs_to_erase(Runs runs, const std::string& current, std::int64_t keep) {
  std::sort(runs.begin(), runs.end());
  std::vector<std::string> erased;
  if (runs.empty()) return erased;
  const std::int64_t newest = runs.back().first;
  std::set<std::int64_t> days;
  for (const auto& [at, run] : runs) {
    const bool is_first_of_its_day = days.insert(at / day).second;
    const bool is_recent = at > newest - day;
    if (run != current && (at < newest - keep || (!is_first_of_its_day && !is_recent))) erased.push_back(run);
  }
  return erased;
}

void keep_run(Catalog& catalog, const std::string& run_id, std::int64_t at, std::int64_t keep) {
  Runs runs = read_runs(catalog);
  if (std::none_of(runs.begin(), runs.end(), [&](const auto& run) { return run.second == run_id; }))
    runs.emplace_back(at, run_id);
  const std::vector<std::string> erased = runs_to_erase(runs, run_id, keep);
  std::erase_if(runs,
                [&](const auto& run) { return std::find(erased.begin(), erased.end(), run.second) != erased.end(); });
  catalog.transaction([&] {
    for (const std::string& run : erased) catalog.store().erase({"forecast", {}, {Filter::equals("run_id", run)}});
    write_runs(catalog, runs);
  });
}

std::vector<std::string> kept_runs(Catalog& catalog) {
  std::vector<std::string> ids;
  for (auto& [at, run] : read_runs(catalog)) ids.push_back(std::move(run));
  return ids;
}

}  // namespace risetime::core
