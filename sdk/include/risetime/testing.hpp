// The test kit: a plugin under test without the host. A FakeHost answers HTTP from recordings, its clock stands where
// you put it, log and state are in memory. Plugin runs the class through the real C boundary, as the host would.
//
//   risetime::testkit::FakeHost host;
//   host.answer("https://example.org/feed", 200, "<feed/>");
//   auto plugin = host.load(risetime_plugin_v1(), "mine", R"({"channels": ["a"]})");
//   auto pulled = risetime::testkit::pull_all(*plugin);
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <risetime/client.hpp>
#include <risetime/host.hpp>
#include <risetime/series_row.hpp>
#include <thread>

namespace risetime::testkit {

class FakeHost {
 public:
  FakeHost() : host_{sizeof(risetime_host), this, find_service} {}
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // ---- set up ----
  // Answers to GET (or another method as "POST url") of this URL, one after the other; the last one stays.
  void answer(std::string url, std::int64_t status, std::string body, std::vector<HttpHeader> headers = {}) {
    answers_[std::move(url)].push_back({status, "", std::move(headers), std::move(body)});
  }
  void fail(std::string url, Error error) { failures_.emplace(std::move(url), std::move(error)); }
  // What comes over the next connection for lines to this URL, and how it ends: the time is over, or it breaks off.
  void answer_lines(std::string url, std::vector<std::string> lines, std::optional<Error> breaks_off = {}) {
    line_answers_[std::move(url)].push_back({std::move(lines), std::move(breaks_off), 0});
  }
  void set_now(std::int64_t microseconds) { now_ = microseconds; }
  void set_secret(std::string handle, std::string secret) { secrets_[std::move(handle)] = std::move(secret); }
  void set_folder(std::string folder) { folder_ = std::move(folder); }
  // parallel_for runs on so many threads; 1 (the default) keeps it in the caller, without the service.
  void set_threads(std::size_t threads) { threads_ = threads; }
  void withhold(std::string service_id) { withheld_.push_back(std::move(service_id)); }
  void cancel() { cancelled_ = true; }
  // What the schedule wants not: accounts as "platform:account", videos by id.
  void refuse(std::string account_or_video) { unwanted_.push_back(std::move(account_or_video)); }
  void set_accounts_per_pull(std::uint64_t accounts) { accounts_per_pull_ = accounts; }

  // ---- look at ----
  std::vector<std::string> log;           // "warn: text"
  std::vector<HttpRequest> requests;      // in order, secrets as handles
  std::vector<LinesRequest> connections;  // in order
  std::vector<std::string> sent;          // lines, of all connections
  std::map<std::string, std::string> state;
  std::map<std::string, double> metrics;
  std::vector<std::string> announced;  // accounts
  std::vector<std::string> done;       // accounts, also of pulls that failed afterwards

  // ---- use ----
  const risetime_host& raw() const noexcept { return host_; }
  Context context() const { return Context(&host_); }
  // An instance of the plugin with this id among those of an entry function. Throws if it is not there.
  std::unique_ptr<client::Instance> load(const risetime_plugins* plugins, std::string_view id,
                                         std::string_view config = "{}") const {
    for (std::uint64_t i = 0; plugins != nullptr && i < plugins->count; ++i)
      if (plugins->plugins[i]->id == id) return std::make_unique<client::Instance>(*plugins->plugins[i], host_, config);
    throw Error(Code::unsupported, std::string(id), "there is no such plugin in this entry");
  }

 private:
  struct Answer {
    std::int64_t status;
    std::string url;
    std::vector<HttpHeader> headers;
    std::string body;
    std::vector<risetime_http_header> raw_headers = {};
  };

  static FakeHost& self(void* context) { return *static_cast<FakeHost*>(context); }

  static const void* find_service(void* context, const char* id) {
    for (const std::string& withheld : self(context).withheld_)
      if (withheld == id) return nullptr;
    const std::string_view wanted = id;
    if (wanted == RISETIME_LOG_ID) return log_service();
    if (wanted == RISETIME_CLOCK_ID) return clock_service();
    if (wanted == RISETIME_HTTP_ID) return http_service();
    if (wanted == RISETIME_LINES_ID) return lines_service();
    if (wanted == RISETIME_STATE_ID) return state_service();
    if (wanted == RISETIME_SECRETS_ID) return secrets_service();
    if (wanted == RISETIME_CANCEL_ID) return cancel_service();
    if (wanted == RISETIME_RANDOM_ID) return random_service();
    if (wanted == RISETIME_METRICS_ID) return metrics_service();
    if (wanted == RISETIME_PATHS_ID) return paths_service();
    if (wanted == RISETIME_SCHEDULE_ID) return schedule_service();
    if (wanted == RISETIME_TASKS_ID && self(context).threads_ > 1) return tasks_service();
    return nullptr;  // progress: the layer does without
  }

  static const risetime_log* log_service() {
    static const risetime_log service = {
        sizeof(risetime_log), [](void* context, std::int32_t level, risetime_text message) {
          static const char* const names[] = {"debug", "info", "warn", "error"};
          const std::lock_guard<std::mutex> lock(self(context).mutex_);
          self(context).log.push_back(std::string(names[level & 3]) + ": " + std::string(abi::view(message)));
        }};
    return &service;
  }
  static const risetime_clock* clock_service() {
    static const risetime_clock service = {
        sizeof(risetime_clock), [](void* context) { return self(context).now_; },
        [](void* context, std::int64_t milliseconds, risetime_error* error) -> risetime_status {
          if (self(context).cancelled_) return abi::fill(error, Code::cancelled, "", "stopped on request");
          self(context).now_ += milliseconds * 1000;
          return RISETIME_OK;
        }};
    return &service;
  }
  static const risetime_http* http_service() {
    static const risetime_http service = {
        sizeof(risetime_http),
        [](void* context, const risetime_http_request* request, risetime_http_response* response,
           risetime_error* error) { return abi::guarded(error, [&] { self(context).respond(*request, *response); }); }};
    return &service;
  }
  void respond(const risetime_http_request& request, risetime_http_response& response) {
    HttpRequest seen;
    seen.url = abi::view(request.url);
    seen.method = abi::view(request.method);
    seen.body = abi::view(request.body);
    for (std::uint64_t i = 0; i < request.header_count; ++i)
      seen.headers.push_back(
          {std::string(abi::view(request.headers[i].name)), std::string(abi::view(request.headers[i].value))});
    if (RISETIME_HAS(&request, risetime_http_request, quota_day)) {
      seen.purpose = static_cast<Purpose>(request.purpose);
      seen.quota.name = abi::view(request.quota);
      seen.quota.key = abi::view(request.quota_key);
      seen.quota.cost = request.cost;
      seen.quota.per_day = request.quota_per_day;
      seen.quota.day = static_cast<Quota::Day>(request.quota_day);
    }
    requests.push_back(seen);
    const std::string key = seen.method == "GET" ? seen.url : seen.method + " " + seen.url;
    const auto failure = failures_.find(key);
    if (failure != failures_.end()) throw failure->second;
    const auto found = answers_.find(key);
    if (found == answers_.end()) throw Error(Code::io, seen.url, "the fake host has no answer recorded for " + key);
    auto answer = std::make_unique<Answer>(found->second.front());
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    answer->url = seen.url;
    for (const HttpHeader& header : answer->headers)
      answer->raw_headers.push_back({abi::text(header.name), abi::text(header.value)});
    response.status = answer->status;
    response.url = abi::text(answer->url);
    response.headers = answer->raw_headers.data();
    response.header_count = answer->raw_headers.size();
    response.body = abi::bytes(answer->body);
    response.private_data = answer.release();
    response.release = [](risetime_http_response* given) {
      delete static_cast<Answer*>(given->private_data);
      given->release = nullptr;
    };
  }
  struct LinesAnswer {
    std::vector<std::string> lines;
    std::optional<Error> breaks_off;
    std::size_t at;
  };
  LinesAnswer* open(const risetime_lines_request& request) {
    connections.push_back({std::string(abi::view(request.url)), std::string(abi::view(request.topic)),
                           request.listen_ms, request.pace_ms, request.pace_cost, request.max_line, request.max_bytes});
    auto& scripts = line_answers_[connections.back().url];
    if (scripts.empty())
      throw Error(Code::io, connections.back().url, "the fake host has no lines for this connection");
    auto opened = std::make_unique<LinesAnswer>(std::move(scripts.front()));
    scripts.erase(scripts.begin());
    return opened.release();
  }
  static const risetime_lines* lines_service() {
    static const risetime_lines service = {
        sizeof(risetime_lines),
        [](void* context, const risetime_lines_request* request, void** connection, risetime_error* error) {
          return abi::guarded(error, [&] { *connection = self(context).open(*request); });
        },
        [](void* context, void*, risetime_text line, std::int64_t, risetime_error* error) {
          return abi::guarded(error, [&] { self(context).sent.emplace_back(abi::view(line)); });
        },
        [](void*, void* connection, const risetime_sink* out, std::int32_t* kind, risetime_error* error) {
          return abi::guarded(error, [&]() -> risetime_status {
            auto& answer = *static_cast<LinesAnswer*>(connection);
            if (answer.at == answer.lines.size()) {
              if (answer.breaks_off) throw *answer.breaks_off;
              return RISETIME_END;
            }
            *kind = RISETIME_LINE;
            abi::write(*out, answer.lines[answer.at++]);
            return RISETIME_OK;
          });
        },
        [](void*, void* connection) { delete static_cast<LinesAnswer*>(connection); }};
    return &service;
  }
  static const risetime_state* state_service() {
    static const risetime_state service = {
        sizeof(risetime_state),
        [](void* context, risetime_text key, const risetime_sink* value, risetime_error* error) {
          return abi::guarded(error, [&] {
            const auto found = self(context).state.find(std::string(abi::view(key)));
            if (found == self(context).state.end()) return RISETIME_END;
            abi::write(*value, found->second);
            return RISETIME_OK;
          });
        },
        [](void* context, risetime_text key, risetime_bytes value, risetime_error* error) {
          return abi::guarded(error, [&] { self(context).state[std::string(abi::view(key))] = abi::view(value); });
        }};
    return &service;
  }
  static const risetime_secrets* secrets_service() {
    static const risetime_secrets service = {
        sizeof(risetime_secrets),
        [](void* context, risetime_text handle, const risetime_sink* secret, risetime_error* error) {
          return abi::guarded(error, [&] {
            const auto found = self(context).secrets_.find(std::string(abi::view(handle)));
            if (found == self(context).secrets_.end())
              throw Error(Code::config, std::string(abi::view(handle)), "the fake host has no such secret");
            abi::write(*secret, found->second);
          });
        }};
    return &service;
  }
  static const risetime_cancel* cancel_service() {
    static const risetime_cancel service = {
        sizeof(risetime_cancel), [](void* context) -> std::int32_t { return self(context).cancelled_ ? 1 : 0; }};
    return &service;
  }
  static const risetime_random* random_service() {
    static const risetime_random service = {sizeof(risetime_random), [](void*, risetime_text purpose) {
                                              std::uint64_t hash = 14695981039346656037U;
                                              for (const char c : abi::view(purpose))
                                                hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
                                              return hash;
                                            }};
    return &service;
  }
  static const risetime_metrics* metrics_service() {
    static const risetime_metrics service = {sizeof(risetime_metrics),
                                             [](void* context, risetime_text name, double amount) {
                                               const std::lock_guard<std::mutex> lock(self(context).mutex_);
                                               self(context).metrics[std::string(abi::view(name))] += amount;
                                             }};
    return &service;
  }
  static const risetime_tasks* tasks_service() {
    static const risetime_tasks service = {
        sizeof(risetime_tasks),
        [](void* context, std::uint64_t count,
           risetime_status (*body)(void* argument, std::uint64_t index, risetime_error* error), void* argument,
           risetime_error* error) {
          return abi::guarded(error, [&] {
            std::vector<std::unique_ptr<Error>> errors(count);
            std::atomic<std::uint64_t> next{0};
            const auto work = [&] {
              for (std::uint64_t i = next++; i < count; i = next++) {
                auto failure = abi::empty_error();
                try {
                  abi::check(body(argument, i, &failure), failure);
                } catch (const Error& failed) {
                  errors[i] = std::make_unique<Error>(failed);
                }
              }
            };
            std::vector<std::thread> threads;
            for (std::size_t i = 1; i < self(context).threads_; ++i) threads.emplace_back(work);
            work();
            for (std::thread& thread : threads) thread.join();
            for (const auto& failed : errors)
              if (failed != nullptr) throw *failed;
          });
        },
        [](void* context) -> std::uint64_t { return self(context).threads_; }};
    return &service;
  }
  static const risetime_paths* paths_service() {
    static const risetime_paths service = {
        sizeof(risetime_paths),
        [](void* context, risetime_text path, const risetime_sink* absolute, risetime_error* error) {
          return abi::guarded(error, [&] {
            const std::string_view given = abi::view(path);
            const bool relative = given.empty() || given.front() != '/';
            abi::write(*absolute, relative && !self(context).folder_.empty()
                                      ? self(context).folder_ + "/" + std::string(given)
                                      : std::string(given));
          });
        }};
    return &service;
  }

  bool wants(risetime_text name) const {
    return std::find(unwanted_.begin(), unwanted_.end(), abi::view(name)) == unwanted_.end();
  }
  static const risetime_schedule* schedule_service() {
    static const risetime_schedule service = {
        sizeof(risetime_schedule),
        [](void* context, const risetime_text* accounts, std::uint64_t count, risetime_error* error) {
          return abi::guarded(error, [&] {
            self(context).announced.clear();
            for (std::uint64_t i = 0; i < count; ++i) self(context).announced.emplace_back(abi::view(accounts[i]));
          });
        },
        [](void* context, risetime_text account) -> std::int32_t { return self(context).wants(account) ? 1 : 0; },
        [](void* context, risetime_text, risetime_text video, std::int64_t) -> std::int32_t {
          return self(context).wants(video) ? 1 : 0;
        },
        [](void* context, risetime_text account, risetime_error* error) {
          return abi::guarded(error, [&] { self(context).done.emplace_back(abi::view(account)); });
        },
        [](void* context) { return self(context).accounts_per_pull_; }};
    return &service;
  }

  risetime_host host_;
  std::mutex mutex_;
  std::vector<std::string> unwanted_;
  std::uint64_t accounts_per_pull_ = 5;
  std::int64_t now_ = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
  bool cancelled_ = false;
  std::size_t threads_ = 1;
  std::string folder_;
  std::map<std::string, std::vector<Answer>> answers_;
  std::map<std::string, std::vector<LinesAnswer>> line_answers_;
  std::map<std::string, Error> failures_;
  std::map<std::string, std::string> secrets_;
  std::vector<std::string> withheld_;
};

// Everything that pulls delivered, in order.
struct Pulled : client::PullReceiver {
  struct Reject {
    std::string where, reason, raw;
  };
  std::map<std::string, std::vector<Batch>> tables;
  std::vector<Reject> rejects;
  std::vector<std::pair<std::string, Error>> failures;
  std::string last_cursor;

  void batch(std::string_view table, Batch rows) override { tables[std::string(table)].push_back(std::move(rows)); }
  void reject(std::string_view where, std::string_view reason, std::string_view raw) override {
    rejects.push_back({std::string(where), std::string(reason), std::string(raw)});
  }
  void failed(std::string_view account, const Error& why) override { failures.emplace_back(account, why); }
  void cursor(std::string_view cursor) override { last_cursor = cursor; }

  std::size_t rows(const std::string& table) const {
    const auto found = tables.find(table);
    std::size_t sum = 0;
    if (found != tables.end())
      for (const Batch& batch : found->second) sum += batch.rows();
    return sum;
  }
};

// Pulls until the source says that the round is over (or `most` times).
inline Pulled pull_all(const client::Instance& instance, std::size_t max_rows = 10000, std::string cursor = {},
                       std::size_t most = 100000) {
  Pulled pulled;
  pulled.last_cursor = std::move(cursor);
  client::Source source(instance);
  for (std::size_t i = 0; i < most; ++i) {
    const std::string from = pulled.last_cursor;
    if (!source.pull(from, max_rows, pulled)) break;
  }
  return pulled;
}

// Batches from memory: copies are made through the builder that made them.
class BatchList : public client::BatchProvider {
 public:
  explicit BatchList(std::function<std::optional<Batch>(std::size_t index)> make) : make_(std::move(make)) {}
  std::optional<Batch> next() override { return make_(at_++); }
  void rewind() override { at_ = 0; }

 private:
  std::function<std::optional<Batch>(std::size_t)> make_;
  std::size_t at_ = 0;
};

// One video of a series, for making batches by hand.
struct SeriesRow {
  std::string platform = "test", video_id, channel_id = "c";
  std::int64_t published_at = 0;
  std::optional<std::int64_t> origin;
  std::optional<std::string> category, language;
  std::optional<double> duration_s, followers;
  std::vector<float> features;
  std::vector<std::int64_t> times;          // UTC microseconds
  std::vector<std::vector<double>> values;  // [stats][times]
};

inline Batch series_batch(const std::vector<SeriesRow>& rows, const std::vector<std::string>& stats) {
  const auto width = static_cast<std::int32_t>(rows.empty() ? 0 : rows.front().features.size());
  BatchBuilder to(series_fields(stats, width));
  for (const SeriesRow& row : rows) append_series_row(to, row, stats.size(), static_cast<std::size_t>(width));
  return to.finish();
}

}  // namespace risetime::testkit
