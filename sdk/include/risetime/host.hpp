// The host as a plugin sees it: one small object with its services.
#pragma once

#include <functional>
#include <risetime/config.hpp>
#include <risetime/span.hpp>
#include <utility>

namespace risetime {

enum class Level {
  debug = RISETIME_LOG_DEBUG,
  info = RISETIME_LOG_INFO,
  warn = RISETIME_LOG_WARN,
  error = RISETIME_LOG_ERROR
};

struct HttpHeader {
  std::string name, value;
};

// What an address was made for, which decides whether robots.txt is asked.
enum class Purpose : std::int64_t {
  page = RISETIME_HTTP_PAGE,            // for people to read
  interface = RISETIME_HTTP_INTERFACE,  // for programs, by its owner's own word: an API, a feed
};

// What a request uses up of a daily allowance. The host counts before the request leaves and stops before the limit.
struct Quota {
  enum class Day : std::int64_t { utc = RISETIME_DAY_UTC, pacific = RISETIME_DAY_PACIFIC };
  std::string name;          // such as "data-api"; empty: no quota
  std::string key;           // whose it is: a secret's handle or a client's id; the host keeps a hash of it
  std::int64_t cost = 1;     // units
  std::int64_t per_day = 0;  // units; the configuration may say less; 0: only counted
  Day day = Day::utc;
};

// A secret's handle in url, headers or body is replaced by the secret as the request leaves.
struct HttpRequest {
  std::string url;
  std::string method = "GET";
  std::vector<HttpHeader> headers;
  std::string body;
  std::uint64_t max_bytes = 0;  // of the answer's body after decompression; 0: the host's limit
  std::int64_t timeout_ms = 0;  // for the whole exchange; 0: the host's limit
  Purpose purpose = Purpose::page;
  Quota quota = {};
};

struct HttpResponse {
  std::int64_t status = 0;
  std::string url;  // after redirects
  std::vector<HttpHeader> headers;
  std::string body;

  // The first header of this name, whatever its case; empty if there is none.
  std::string_view header(std::string_view name) const {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (const HttpHeader& header : headers) {
      if (header.name.size() != name.size()) continue;
      bool same = true;
      for (std::size_t i = 0; i < name.size(); ++i) same = same && lower(header.name[i]) == lower(name[i]);
      if (same) return header.value;
    }
    return {};
  }
};

// What a connection for lines is asked for: see risetime.lines/1 in abi.h.
struct LinesRequest {
  std::string url;                  // "tls://host:port"
  std::string topic;                // what it is for; recordings go by it
  std::int64_t listen_ms = 60'000;  // for how long
  std::int64_t pace_ms = 0;         // in any time as long as this ...
  std::int64_t pace_cost = 0;       // ... what is sent costs so much at most; 0: no limit
  std::uint64_t max_line = 0;       // bytes; 0: the host's limit
  std::uint64_t max_bytes = 0;      // of all that comes; 0: the host's limit
};

enum class LineKind { end, line = RISETIME_LINE, cut = RISETIME_LINE_CUT };

// An open connection for lines; closed with the object. Throws Error.
class Lines {
 public:
  Lines(const risetime_host* host, const risetime_lines* service, const LinesRequest& request)
      : host_(host), service_(service) {
    const risetime_lines_request raw = {sizeof(risetime_lines_request),
                                        abi::text(request.url),
                                        abi::text(request.topic),
                                        request.listen_ms,
                                        request.pace_ms,
                                        request.pace_cost,
                                        request.max_line,
                                        request.max_bytes};
    auto error = abi::empty_error();
    abi::check(service_->open(host_->context, &raw, &connection_, &error), error);
  }
  Lines(Lines&& other) noexcept
      : host_(other.host_), service_(other.service_), connection_(std::exchange(other.connection_, nullptr)) {}
  Lines& operator=(Lines&&) = delete;
  ~Lines() {
    if (connection_ != nullptr) service_->close(host_->context, connection_);
  }

  // Goes out in turn, while receive waits; at once where it costs nothing.
  void send(std::string_view line, std::int64_t cost = 1) {
    auto error = abi::empty_error();
    abi::check(service_->send(host_->context, connection_, abi::text(line), cost, &error), error);
  }
  // LineKind::end when the time to listen is over.
  LineKind receive(std::string& line) {
    line.clear();
    const risetime_sink sink = abi::string_sink(line);
    std::int32_t kind = RISETIME_LINE;
    auto error = abi::empty_error();
    const auto status = abi::check(service_->receive(host_->context, connection_, &sink, &kind, &error), error);
    if (status == RISETIME_END) return LineKind::end;
    return kind == RISETIME_LINE_CUT ? LineKind::cut : LineKind::line;
  }

 private:
  const risetime_host* host_;
  const risetime_lines* service_;
  void* connection_ = nullptr;
};

// Copies share the host. Functions throw Error; a service that the host lacks is Code::unsupported, naming it.
class Context {
 public:
  explicit Context(const risetime_host* host) : host_(host) {}

  void log(Level level, std::string_view message) const {
    if (const auto* log = optional_service<risetime_log>(RISETIME_LOG_ID))
      log->write(host_->context, static_cast<std::int32_t>(level), abi::text(message));
  }
  void debug(std::string_view message) const { log(Level::debug, message); }
  void info(std::string_view message) const { log(Level::info, message); }
  void warn(std::string_view message) const { log(Level::warn, message); }
  void error(std::string_view message) const { log(Level::error, message); }

  // UTC microseconds.
  std::int64_t now() const { return service<risetime_clock>(RISETIME_CLOCK_ID)->now(host_->context); }
  // Throws Code::cancelled as soon as the host stops.
  void sleep_ms(std::int64_t milliseconds) const {
    call([&](risetime_error* error) {
      return service<risetime_clock>(RISETIME_CLOCK_ID)->sleep(host_->context, milliseconds, error);
    });
  }

  // Any status that the server answered is a response; no answer is an error.
  HttpResponse fetch(const HttpRequest& request) const {
    std::vector<risetime_http_header> headers;
    for (const HttpHeader& header : request.headers)
      headers.push_back({abi::text(header.name), abi::text(header.value)});
    risetime_http_request raw{};
    raw.size = sizeof raw;
    raw.method = abi::text(request.method);
    raw.url = abi::text(request.url);
    raw.headers = headers.data();
    raw.header_count = headers.size();
    raw.body = abi::bytes(request.body);
    raw.max_bytes = request.max_bytes;
    raw.timeout_ms = request.timeout_ms;
    raw.purpose = static_cast<std::int64_t>(request.purpose);
    raw.quota = abi::text(request.quota.name);
    raw.quota_key = abi::text(request.quota.key);
    raw.cost = request.quota.cost;
    raw.quota_per_day = request.quota.per_day;
    raw.quota_day = static_cast<std::int64_t>(request.quota.day);
    risetime_http_response answer{};
    answer.size = sizeof answer;
    call([&](risetime_error* error) {
      return service<risetime_http>(RISETIME_HTTP_ID)->fetch(host_->context, &raw, &answer, error);
    });
    HttpResponse response;
    response.status = answer.status;
    response.url = abi::view(answer.url);
    for (std::uint64_t i = 0; i < answer.header_count; ++i)
      response.headers.push_back(
          {std::string(abi::view(answer.headers[i].name)), std::string(abi::view(answer.headers[i].value))});
    response.body = abi::view(answer.body);
    if (answer.release != nullptr) answer.release(&answer);
    return response;
  }
  HttpResponse get(std::string url) const {
    HttpRequest request;
    request.url = std::move(url);
    return fetch(request);
  }

  // A connection that stays open, for lines. Throws Error where there is none.
  Lines open_lines(const LinesRequest& request) const {
    return Lines(host_, service<risetime_lines>(RISETIME_LINES_ID), request);
  }

  // Small facts kept between runs.
  std::optional<std::string> state(std::string_view key) const {
    std::string value;
    const risetime_sink sink = abi::string_sink(value);
    const auto status = call([&](risetime_error* error) {
      return service<risetime_state>(RISETIME_STATE_ID)->get(host_->context, abi::text(key), &sink, error);
    });
    return status == RISETIME_END ? std::nullopt : std::optional<std::string>(std::move(value));
  }
  void set_state(std::string_view key, std::string_view value) const {
    call([&](risetime_error* error) {
      return service<risetime_state>(RISETIME_STATE_ID)->put(host_->context, abi::text(key), abi::bytes(value), error);
    });
  }

  // The secret itself, for what is not HTTP. Do not log or keep it.
  std::string reveal(const Secret& secret) const {
    std::string value;
    const risetime_sink sink = abi::string_sink(value);
    call([&](risetime_error* error) {
      return service<risetime_secrets>(RISETIME_SECRETS_ID)
          ->reveal(host_->context, abi::text(secret.handle()), &sink, error);
    });
    return value;
  }

  // Runs body(0 .. count-1) on the host's threads, in any order, and waits. Let each write to a place of its own, and
  // the result is the same for any number of threads. Throws the first error by index.
  void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) const {
    const auto* tasks = optional_service<risetime_tasks>(RISETIME_TASKS_ID);
    if (tasks == nullptr) {
      for (std::size_t i = 0; i < count; ++i) body(i);
      return;
    }
    const auto run = [](void* argument, std::uint64_t index, risetime_error* error) {
      return abi::guarded(error, [&] { (*static_cast<const std::function<void(std::size_t)>*>(argument))(index); });
    };
    call([&](risetime_error* error) {
      return tasks->parallel_for(host_->context, count, run, const_cast<std::function<void(std::size_t)>*>(&body),
                                 error);
    });
  }
  // How many bodies run at once. For sizing only: results must not depend on it.
  std::size_t width() const {
    const auto* tasks = optional_service<risetime_tasks>(RISETIME_TASKS_ID);
    return tasks == nullptr ? 1 : static_cast<std::size_t>(tasks->width(host_->context));
  }

  void progress(std::string_view what, double done, double total) const {
    if (const auto* progress = optional_service<risetime_progress>(RISETIME_PROGRESS_ID))
      progress->report(host_->context, abi::text(what), done, total);
  }
  bool cancelled() const {
    const auto* cancel = optional_service<risetime_cancel>(RISETIME_CANCEL_ID);
    return cancel != nullptr && cancel->requested(host_->context) != 0;
  }
  void check_cancelled() const {
    if (cancelled()) throw Error(Code::cancelled, "", "stopped on request");
  }
  // The same for the same project and purpose, at every run.
  std::uint64_t seed(std::string_view purpose) const {
    return service<risetime_random>(RISETIME_RANDOM_ID)->seed(host_->context, abi::text(purpose));
  }
  void count(std::string_view metric, double by = 1) const {
    if (const auto* metrics = optional_service<risetime_metrics>(RISETIME_METRICS_ID))
      metrics->add(host_->context, abi::text(metric), by);
  }
  // Where a path of the configuration points: relative ones start at the folder of the configuration file.
  std::string path(std::string_view relative) const {
    const auto* paths = optional_service<risetime_paths>(RISETIME_PATHS_ID);
    if (paths == nullptr) return std::string(relative);
    std::string absolute;
    const risetime_sink sink = abi::string_sink(absolute);
    call([&](risetime_error* error) { return paths->resolve(host_->context, abi::text(relative), &sink, error); });
    return absolute;
  }

  // ---- which accounts and videos a round reads, by the rules of the configuration; for sources, from pull. Accounts
  // are "platform:account". A host without a schedule wants everything.

  // All accounts that the settings name, in their order; once per instance.
  void announce_accounts(const std::vector<std::string>& accounts) const {
    const auto* schedule = optional_service<risetime_schedule>(RISETIME_SCHEDULE_ID);
    if (schedule == nullptr) return;
    std::vector<risetime_text> texts;
    for (const std::string& account : accounts) texts.push_back(abi::text(account));
    call([&](risetime_error* error) { return schedule->accounts(host_->context, texts.data(), texts.size(), error); });
  }
  // Whether to read the account now; ask before its first request.
  bool wants_account(std::string_view account) const {
    const auto* schedule = optional_service<risetime_schedule>(RISETIME_SCHEDULE_ID);
    return schedule == nullptr || schedule->wants_account(host_->context, abi::text(account)) != 0;
  }
  // Whether to read the video now: by its age and the limits on how many. Ask once a round, newest first.
  bool wants_video(std::string_view account, std::string_view video_id, std::int64_t published_at) const {
    const auto* schedule = optional_service<risetime_schedule>(RISETIME_SCHEDULE_ID);
    return schedule == nullptr ||
           schedule->wants_video(host_->context, abi::text(account), abi::text(video_id), published_at) != 0;
  }
  // The account was read to its end in this round; takes effect with the rows of this pull.
  void account_done(std::string_view account) const {
    if (const auto* schedule = optional_service<risetime_schedule>(RISETIME_SCHEDULE_ID))
      call([&](risetime_error* error) { return schedule->done(host_->context, abi::text(account), error); });
  }
  // After so many accounts a pull shall end, so that what they gave is committed.
  std::size_t accounts_per_pull() const {
    const auto* schedule = optional_service<risetime_schedule>(RISETIME_SCHEDULE_ID);
    return schedule == nullptr ? 5 : static_cast<std::size_t>(schedule->accounts_per_pull(host_->context));
  }

  bool offers(const char* id) const { return host_->service(host_->context, id) != nullptr; }

 private:
  template <class Service>
  const Service* optional_service(const char* id) const {
    return static_cast<const Service*>(host_->service(host_->context, id));
  }
  template <class Service>
  const Service* service(const char* id) const {
    const auto* found = optional_service<Service>(id);
    if (found == nullptr) throw Error(Code::unsupported, id, "this host does not offer the service");
    return found;
  }
  template <class Call>
  static risetime_status call(const Call& make) {
    auto error = abi::empty_error();
    return abi::check(make(&error), error);
  }

  const risetime_host* host_;
};

}  // namespace risetime
