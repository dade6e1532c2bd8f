// One round of every source into the store.
#include "core/pipeline/collect.hpp"

#include <algorithm>
#include <set>

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace risetime::core {

namespace {

constexpr std::size_t rows_per_pull = 65536;
constexpr std::uint64_t rejects_shown = 5;
constexpr int attempts = 3;  // of one pull, where on_error is "retry"

// What one pull delivered, until it is committed.
struct Delivery : client::PullReceiver {
  explicit Delivery(const SecretVault& vault) : secrets(vault) {}
  const SecretVault& secrets;  // a plugin may have revealed one and put it into its words
  std::vector<std::pair<std::string, Batch>> batches;
  std::vector<Reject> rejects;
  std::vector<std::pair<std::string, Error>> failures;
  std::optional<std::string> next_cursor;

  void batch(std::string_view table, Batch rows) override {
    if (table != "channel" && table != "video" && table != "observation" && table != "thumbnail")
      throw Error(Code::input, std::string(table), "a source cannot fill a table of this name");
    batches.emplace_back(table, std::move(rows));
  }
  void reject(std::string_view where, std::string_view reason, std::string_view raw) override {
    const auto text = [&](std::string_view words) { return terminal_safe(secrets.redact(words).substr(0, 4096)); };
    rejects.push_back({"", text(where), text(reason), text(raw), 0});
  }
  void failed(std::string_view account, const Error& why) override {
    failures.emplace_back(
        account, Error(why.code(), secrets.redact(why.where()), secrets.redact(why.message()), why.retry_after_ms()));
  }
  void cursor(std::string_view cursor) override { next_cursor = cursor; }
};

class SourceRound {
 public:
  SourceRound(Project& project, const SourceSettings& source)
      : project_(project), source_(source), stage_("collect/" + source.id) {
    summary_.id = source.id;
    for (const Progress& progress : project.catalog().progress())
      if (progress.stage == stage_) known_[progress.account] = progress;
  }

  SourceSummary run() {
    try {
      OpenPlugin plugin = project_.open(source_, "source/" + source_.id);
      plugin.services->read_state = [this](std::string_view key) {
        return project_.catalog().store().get(state_key(key));
      };
      client::Source source(*plugin);
      while (pull_and_commit(source, *plugin.services)) project_.check_stop();
      finish();
    } catch (const Error& error) {
      give_up(error);
    }
    return std::move(summary_);
  }

 private:
  std::string cursor_key() const { return "cursor/" + source_.id; }
  std::string state_key(std::string_view key) const { return "state/" + source_.id + "/" + std::string(key); }

  // Asks again where that may help; a pull that failed has left no trace.
  bool pull_and_commit(client::Source& source, HostServices& services) {
    for (int attempt = 1;; ++attempt) {
      Delivery delivery(project_.runtime().secrets);
      services.pending_state.clear();
      try {
        const std::string cursor = project_.catalog().store().get(cursor_key()).value_or("");
        const bool more = source.pull(cursor, rows_per_pull, delivery);
        commit(delivery, services);
        return more;
      } catch (const Error& error) {
        const bool may_pass = error.retry_after_ms() >= 0;
        if (source_.on_error != OnError::retry || !may_pass || attempt >= attempts) throw;
        project_.runtime().log.warn("source {}: {}; trying again in {}", source_.id, error.what(),
                                    describe_duration(error.retry_after_ms() * millisecond));
        project_.runtime().clock.sleep(error.retry_after_ms() * millisecond);
      }
    }
  }

  void commit(Delivery& delivery, HostServices& services) {
    Catalog& catalog = project_.catalog();
    const std::int64_t now = project_.runtime().clock.now();
    std::map<std::string, std::uint64_t> new_rows;
    catalog.transaction([&] {
      for (const auto& [table, rows] : delivery.batches) new_rows[table] += catalog.store().write(table, rows);
      for (Reject& reject : delivery.rejects) {
        reject.source = source_.id;
        reject.seen_at = now;
        catalog.add_reject(reject);
      }
      for (const auto& [account, why] : delivery.failures) {
        const auto before = known_.find(account);
        const std::int64_t tried =
            before == known_.end() || before->second.state == "done" ? 0 : before->second.attempts;
        catalog.set_progress({stage_, account, "failed", why.what(), tried + 1, now});
      }
      for (const auto& [key, value] : services.pending_state) catalog.store().put(state_key(key), value);
      if (delivery.next_cursor) catalog.store().put(cursor_key(), *delivery.next_cursor);
    });
    count(delivery, new_rows);
  }

  void count(const Delivery& delivery, const std::map<std::string, std::uint64_t>& new_rows) {
    Log& log = project_.runtime().log;
    for (const auto& [table, rows] : delivery.batches) summary_.rows += rows.rows();
    for (const auto& [table, rows] : new_rows) summary_.new_rows[table] += rows;
    for (const Reject& reject : delivery.rejects)
      if (++summary_.rejects <= rejects_shown) log.warn("source {}: {}: {}", source_.id, reject.where, reject.reason);
    for (const auto& [account, why] : delivery.failures) {
      failed_.insert(account);
      summary_.failed_accounts.push_back(account + ": " + why.what());
      log.warn("source {}: {}: {}", source_.id, account, why.what());
    }
    if (project_.runtime().progress)
      project_.runtime().progress("collect " + source_.id, static_cast<double>(summary_.rows), 0);
  }

  // The round was completed: accounts that failed before and not now are well again.
  void finish() {
    Catalog& catalog = project_.catalog();
    const std::int64_t now = project_.runtime().clock.now();
    catalog.transaction([&] {
      for (const auto& [account, progress] : known_)
        if (!account.empty() && progress.state == "failed" && failed_.count(account) == 0)
          catalog.set_progress({stage_, account, "done", "", 0, now});
      catalog.set_progress({stage_, "", "done", std::to_string(summary_.rows) + " rows", 0, now});
    });
    write_reject_file();
  }

  void give_up(const Error& error) {
    if (error.code() == Code::cancelled) throw error;
    summary_.error = project_.runtime().secrets.redact(error.what());
    project_.runtime().log.error("source {}: {}", source_.id, summary_.error);
    const auto before = known_.find("");
    const std::int64_t tried = before == known_.end() || before->second.state == "done" ? 0 : before->second.attempts;
    Catalog& catalog = project_.catalog();
    catalog.transaction([&] {
      catalog.set_progress({stage_, "", "failed", summary_.error, tried + 1, project_.runtime().clock.now()});
    });
    write_reject_file();
    if (source_.on_error == OnError::stop) throw Error(error.code(), source_.at.text(), summary_.error);
  }

  // The rejects of the source as a file that people can open and mend: one JSON object a line.
  void write_reject_file() {
    if (summary_.rejects == 0) return;
    const auto file = project_.settings().project.data / "rejects" / (source_.id + ".jsonl");
    std::string lines;
    for_each_batch(project_.catalog().store(), {"reject", {}, {Filter::equals("source", source_.id)}},
                   [&](const Batch& batch) {
                     for (std::size_t row = 0; row < batch.rows(); ++row) {
                       Json line = Json::object();
                       for (const char* name : {"where", "reason", "raw"})
                         line[name] = batch.column(name, Type::utf8).text(row);
                       lines += line.dump() + "\n";
                     }
                   });
    make_folders(file.parent_path());
    write_file(file, lines);
    project_.runtime().log.warn("source {}: {} rows could not be used; they are in {}", source_.id, summary_.rejects,
                                file.string());
  }

  Project& project_;
  const SourceSettings& source_;
  std::string stage_;
  std::map<std::string, Progress> known_;
  std::set<std::string> failed_;
  SourceSummary summary_;
};

}  // namespace

bool CollectSummary::all_well() const {
  return std::all_of(sources.begin(), sources.end(), [](const SourceSummary& source) {
    return source.error.empty() && source.failed_accounts.empty();
  });
}

CollectSummary collect(Project& project, const std::vector<std::string>& only) {
  CollectSummary summary;
  for (const SourceSettings& source : project.settings().sources) {
    if (!only.empty() && std::find(only.begin(), only.end(), source.id) == only.end()) continue;
    summary.sources.push_back(SourceRound(project, source).run());
  }
  return summary;
}

}  // namespace risetime::core
