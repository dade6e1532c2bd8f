// One round of every source into the store.
#include "core/pipeline/collect.hpp"

#include <algorithm>

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/pipeline/people.hpp"
#include "core/pipeline/round.hpp"
#include "core/pipeline/validate.hpp"

namespace risetime::core {

namespace {

constexpr std::size_t rows_per_pull = 65536;
constexpr std::uint64_t rejects_shown = 5;
constexpr std::size_t failures_shown = 20;
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
    if (table != "channel" && table != "video" && table != "observation" && table != "thumbnail" && table != "presence")
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
  SourceRound(Project& project, const SourceSettings& source, std::optional<std::set<std::string>> only)
      : project_(project),
        source_(source),
        round_(source, project.catalog(), project.runtime().clock.now(), std::move(only)),
        validator_(project.settings().validate, project.catalog(), source.id),
        forgotten_(forgotten_file(project)) {
    summary_.id = source.id;
  }

  SourceSummary run() {
    try {
      OpenPlugin plugin = project_.open(source_, "source/" + source_.id);
      plugin.services->read_state = [this](std::string_view key) {
        return project_.catalog().store().get(state_key(key));
      };
      plugin.services->schedule = &round_;
      client::Source source(*plugin);
      while (pull_and_commit(source, *plugin.services)) project_.check_stop();
      tell_of_rejects();
    } catch (const Error& error) {
      give_up(error);
    }
    summary_.corrections = validator_.corrections();
    return std::move(summary_);
  }

 private:
  std::string cursor_key() const { return "cursor/" + source_.id; }
  std::string state_key(std::string_view key) const { return "state/" + source_.id + "/" + std::string(key); }

  // A round of some accounts begins at the beginning and leaves the place of the whole round as it is.
  std::string cursor() {
    if (round_.is_of_some()) return cursor_of_some_;
    return project_.catalog().store().get(cursor_key()).value_or("");
  }

  // Asks again where that may help; a pull that failed has left no trace.
  bool pull_and_commit(client::Source& source, HostServices& services) {
    for (int attempt = 1;; ++attempt) {
      Delivery delivery(project_.runtime().secrets);
      services.pending_state.clear();
      services.take_fetches();
      round_.begin_pull();
      try {
        const bool more = source.pull(cursor(), rows_per_pull, delivery);
        commit(delivery, services, !more);
        leave_blocked_hosts_alone(delivery, services.take_fetches());
        return more;
      } catch (const Error& error) {
        const HostServices::Fetches fetches = services.take_fetches();
        if (error.code() == Code::limited) block(error, fetches);
        const std::int64_t wait = error.retry_after_ms() * millisecond;
        const bool may_pass = wait >= 0 && wait <= project_.settings().http.longest_wait;
        if (source_.on_error != OnError::retry || !may_pass || attempt >= attempts) throw;
        project_.runtime().log.warn("source {}: {}; trying again in {}", source_.id, error.what(),
                                    describe_duration(wait));
        wait_for(project_.runtime().clock, wait, [this] { return project_.runtime().stop.load(); });
      }
    }
  }

  // The last pull ends the round in its own transaction: a crash behind it must not begin the round anew.
  void commit(Delivery& delivery, HostServices& services, bool is_last) {
    Catalog& catalog = project_.catalog();
    const std::int64_t now = project_.runtime().clock.now();
    for (auto& [table, rows] : delivery.batches) {
      summary_.rows += rows.rows();
      if (table == "presence") rows = forgotten_.without(std::move(rows));
      rows = validator_.check(table, std::move(rows), now, delivery.rejects);
    }
    for (Reject& reject : delivery.rejects) {
      reject.source = source_.id;
      reject.seen_at = now;
    }
    std::vector<Progress> failures;
    for (const auto& [account, why] : delivery.failures)
      failures.push_back({round_.stage(), account, why.code() == Code::limited ? "pending" : "failed", why.what(),
                          round_.attempts_of(account) + 1, now, round_.number()});
    std::map<std::string, std::uint64_t> new_rows;
    catalog.transaction([&] {
      for (const auto& [table, rows] : delivery.batches)
        if (rows.rows() > 0) new_rows[table] += catalog.write_raw(table, rows);
      catalog.add_rejects(delivery.rejects);
      round_.commit(failures, now);
      for (const auto& [key, value] : services.pending_state) catalog.store().put(state_key(key), value);
      if (delivery.next_cursor && !round_.is_of_some()) catalog.store().put(cursor_key(), *delivery.next_cursor);
      if (is_last) round_.finish(std::to_string(summary_.rows) + " rows", now);
    });
    if (delivery.next_cursor) cursor_of_some_ = *delivery.next_cursor;
    count(delivery, new_rows);
  }

  void count(const Delivery& delivery, const std::map<std::string, std::uint64_t>& new_rows) {
    Log& log = project_.runtime().log;
    for (const auto& [table, rows] : new_rows) summary_.new_rows[table] += rows;
    for (const Reject& reject : delivery.rejects)
      if (++summary_.rejects <= rejects_shown) log.warn("source {}: {}: {}", source_.id, reject.where, reject.reason);
    for (const auto& [account, why] : delivery.failures) {
      summary_.failed_accounts.push_back(account + ": " + why.what());
      if (summary_.failed_accounts.size() <= failures_shown)
        log.warn("source {}: {}: {}", source_.id, account, why.what());
    }
    if (project_.runtime().progress)
      project_.runtime().progress("collect " + source_.id, static_cast<double>(summary_.rows), 0);
  }

  // Only the source can tell an answer without data; where the host itself put a request off, it rests already.
  void block(const Error& limited, const HostServices::Fetches& fetches) {
    if (fetches.put_off.count(limited.where()) != 0) return;
    const bool is_url = limited.where().starts_with("http://") || limited.where().starts_with("https://");
    const std::string& url = is_url ? limited.where() : fetches.last_url;
    if (url.empty()) return;
    const std::int64_t rest =
        project_.http().blocked(url, std::max<std::int64_t>(0, limited.retry_after_ms()) * millisecond);
    if (rest > 0)
      project_.runtime().log.warn("source {}: {}; the whole host is left alone for {}", source_.id, limited.what(),
                                  describe_duration(rest));
  }

  void leave_blocked_hosts_alone(const Delivery& delivery, const HostServices::Fetches& fetches) {
    bool any = false;
    for (const auto& [account, why] : delivery.failures) {
      if (why.code() != Code::limited) continue;
      block(why, fetches);
      any = true;
    }
    if (!any && !delivery.batches.empty() && !fetches.last_url.empty()) project_.http().forgiven(fetches.last_url);
  }

  void give_up(const Error& error) {
    if (error.code() == Code::cancelled) throw error;
    summary_.error = project_.runtime().secrets.redact(error.what());
    summary_.is_misconfigured = error.code() == Code::config;
    project_.runtime().log.error("source {}: {}", source_.id, summary_.error);
    round_.begin_pull();
    project_.catalog().transaction([&] { round_.fail(summary_.error, project_.runtime().clock.now()); });
    tell_of_rejects();
    if (source_.on_error == OnError::stop) throw Error(error.code(), source_.at.text(), summary_.error);
  }

  void tell_of_rejects() {
    if (summary_.rejects == 0) return;
    const auto file = write_reject_file(project_, source_.id);
    project_.runtime().log.warn("source {}: {} rows could not be used; they are in {}", source_.id, summary_.rejects,
                                file.string());
  }

  Project& project_;
  const SourceSettings& source_;
  Round round_;
  Validator validator_;
  const ForgottenPeople forgotten_;
  std::string cursor_of_some_;
  SourceSummary summary_;
};

bool is_asked(const CollectOptions& options, const std::string& id) {
  return options.sources.empty() ||
         std::find(options.sources.begin(), options.sources.end(), id) != options.sources.end();
}

}  // namespace

bool CollectSummary::all_well() const {
  return std::all_of(sources.begin(), sources.end(), [](const SourceSummary& source) {
    return source.error.empty() && source.failed_accounts.empty();
  });
}

bool CollectSummary::any_misconfigured() const {
  return std::any_of(sources.begin(), sources.end(),
                     [](const SourceSummary& source) { return source.is_misconfigured; });
}

bool CollectSummary::all_failed() const {
  return !sources.empty() &&
         std::all_of(sources.begin(), sources.end(), [](const SourceSummary& source) { return !source.error.empty(); });
}

std::filesystem::path write_reject_file(Project& project, const std::string& source) {
  auto file = project.settings().project.data / "rejects" / (source + ".jsonl");
  std::string lines;
  for_each_batch(project.catalog().store(), {"reject", {}, {Filter::equals("source", source)}},
                 [&](const Batch& batch) {
                   for (std::size_t row = 0; row < batch.rows(); ++row) {
                     Json line = Json::object();
                     for (const char* name : {"where", "reason", "raw"})
                       line[name] = batch.column(name, Type::utf8).text(row);
                     lines += line.dump() + "\n";
                   }
                 });
  if (lines.empty()) {
    std::error_code missing;
    std::filesystem::remove(file, missing);
    return file;
  }
  make_folders(file.parent_path());
  write_file(file, lines);
  return file;
}

CollectSummary collect(Project& project, const CollectOptions& options) {
  CollectSummary summary;
  for (const SourceSettings& source : project.settings().sources) {
    if (!is_asked(options, source.id)) continue;
    client::Store& store = project.catalog().store();
    const std::int64_t now = project.runtime().clock.now();
    if (options.due_only && next_round_at(read_round(store, source.id), source.every, now) > now) continue;
    std::optional<std::set<std::string>> only;
    const auto accounts = options.accounts.find(source.id);
    if (accounts != options.accounts.end() && announced_accounts(store, source.id)) only = accounts->second;
    summary.sources.push_back(SourceRound(project, source, std::move(only)).run());
  }
  return summary;
}

std::optional<std::int64_t> next_collect_at(Project& project) {
  std::optional<std::int64_t> next;
  const std::int64_t now = project.runtime().clock.now();
  for (const SourceSettings& source : project.settings().sources) {
    const std::int64_t at = next_round_at(read_round(project.catalog().store(), source.id), source.every, now);
    next = std::min(next.value_or(at), at);
  }
  return next;
}

}  // namespace risetime::core
