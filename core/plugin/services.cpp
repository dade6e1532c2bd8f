// The service tables: thin, guarded bridges from the C boundary to the host's parts.
#include "core/plugin/services.hpp"

#include <algorithm>
#include <utility>

#include "core/base/hash.hpp"

namespace risetime::core {

struct ServiceTables {
  static HostServices& self(void* context) { return *static_cast<HostServices*>(context); }

  static void write_log(void* context, std::int32_t level, risetime_text message) {
    abi::guarded(nullptr, [&] {
      HostServices& services = self(context);
      const LogLevel levels[] = {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error};
      services.parts_.log->write(levels[std::clamp(level, 0, 3)],
                                 services.scope_ + ": " + std::string(abi::view(message)));
    });
  }

  static std::int64_t now(void* context) { return self(context).parts_.clock->now(); }

  // Sleeps in slices, so that a request to stop is heard at once.
  static risetime_status sleep(void* context, std::int64_t milliseconds, risetime_error* error) {
    return abi::guarded(error, [&] {
      const HostParts& parts = self(context).parts_;
      constexpr std::int64_t slice = 50;
      for (std::int64_t left = milliseconds; left > 0; left -= slice) {
        if (parts.cancelled && parts.cancelled()) throw Error(Code::cancelled, "", "stopped on request");
        parts.clock->sleep(std::min(left, slice) * millisecond);
      }
    });
  }

  struct Answer {
    HttpResponse response;
    std::vector<risetime_http_header> headers;
  };
  static void read_purpose(const risetime_http_request& request, HttpRequest& asked) {
    asked.purpose = request.purpose == RISETIME_HTTP_INTERFACE ? Purpose::interface : Purpose::page;
    asked.quota.name = abi::view(request.quota);
    asked.quota.key = abi::view(request.quota_key);
    asked.quota.cost = request.cost;
    asked.quota.per_day = request.quota_per_day;
    asked.quota.day = request.quota_day == RISETIME_DAY_PACIFIC ? Quota::Day::pacific : Quota::Day::utc;
  }
  static risetime_status fetch(void* context, const risetime_http_request* request, risetime_http_response* response,
                               risetime_error* error) {
    return abi::guarded(error, [&] {
      HttpRequest asked;
      asked.method = abi::view(request->method);
      asked.url = abi::view(request->url);
      asked.body = abi::view(request->body);
      asked.max_bytes = request->max_bytes;
      asked.timeout_ms = request->timeout_ms;
      if (RISETIME_HAS(request, risetime_http_request, quota_day)) read_purpose(*request, asked);
      for (std::uint64_t i = 0; i < request->header_count; ++i)
        asked.headers.push_back(
            {std::string(abi::view(request->headers[i].name)), std::string(abi::view(request->headers[i].value))});
      auto answer = std::make_unique<Answer>();
      answer->response = self(context).fetch(asked);
      for (const HttpHeader& header : answer->response.headers)
        answer->headers.push_back({abi::text(header.name), abi::text(header.value)});
      response->status = answer->response.status;
      response->url = abi::text(answer->response.url);
      response->headers = answer->headers.data();
      response->header_count = answer->headers.size();
      response->body = abi::bytes(answer->response.body);
      response->private_data = answer.release();
      response->release = [](risetime_http_response* given) {
        delete static_cast<Answer*>(given->private_data);
        given->release = nullptr;
      };
    });
  }

  static risetime_status open_lines(void* context, const risetime_lines_request* request, void** connection,
                                    risetime_error* error) {
    return abi::guarded(error, [&] {
      HostServices& services = self(context);
      auto opened = services.parts_.open_lines(
          {std::string(abi::view(request->url)), std::string(abi::view(request->topic)), request->listen_ms,
           request->pace_ms, request->pace_cost, request->max_line, request->max_bytes});
      *connection = opened.get();
      services.connections_.emplace(*connection, std::move(opened));
    });
  }
  static LineConnection& connection_of(void* context, void* connection) {
    const auto found = self(context).connections_.find(connection);
    if (found == self(context).connections_.end())
      throw Error(Code::state, RISETIME_LINES_ID, "this connection is not open");
    return *found->second;
  }
  static risetime_status send_line(void* context, void* connection, risetime_text line, std::int64_t cost,
                                   risetime_error* error) {
    return abi::guarded(error, [&] { connection_of(context, connection).send(abi::view(line), cost); });
  }
  static risetime_status receive_line(void* context, void* connection, const risetime_sink* out, std::int32_t* kind,
                                      risetime_error* error) {
    return abi::guarded(error, [&]() -> risetime_status {
      std::string line;
      const LineKind found = connection_of(context, connection).receive(line);
      if (found == LineKind::end) return RISETIME_END;
      *kind = static_cast<std::int32_t>(found);
      abi::write(*out, line);
      return RISETIME_OK;
    });
  }
  static void close_lines(void* context, void* connection) {
    abi::guarded(nullptr, [&] { self(context).connections_.erase(connection); });
  }

  static risetime_status get_state(void* context, risetime_text key, const risetime_sink* value,
                                   risetime_error* error) {
    return abi::guarded(error, [&]() -> risetime_status {
      HostServices& services = self(context);
      const auto pending = services.pending_state.find(abi::view(key));
      if (pending != services.pending_state.end()) {
        abi::write(*value, pending->second);
        return RISETIME_OK;
      }
      const auto kept = services.read_state ? services.read_state(abi::view(key)) : std::nullopt;
      if (!kept) return RISETIME_END;
      abi::write(*value, *kept);
      return RISETIME_OK;
    });
  }
  static risetime_status put_state(void* context, risetime_text key, risetime_bytes value, risetime_error* error) {
    return abi::guarded(error, [&] {
      self(context).pending_state.insert_or_assign(std::string(abi::view(key)), std::string(abi::view(value)));
    });
  }

  static risetime_status reveal(void* context, risetime_text handle, const risetime_sink* secret,
                                risetime_error* error) {
    return abi::guarded(error, [&] { abi::write(*secret, self(context).parts_.reveal(abi::view(handle))); });
  }

  static risetime_status parallel_for(void* context, std::uint64_t count,
                                      risetime_status (*body)(void*, std::uint64_t, risetime_error*), void* argument,
                                      risetime_error* error) {
    return abi::guarded(error, [&] {
      self(context).parts_.threads->parallel_for(static_cast<std::size_t>(count), [&](std::size_t index) {
        auto failure = abi::empty_error();
        abi::check(body(argument, index, &failure), failure);
      });
    });
  }
  static std::uint64_t width(void* context) { return self(context).parts_.threads->threads(); }

  static void progress(void* context, risetime_text what, double done, double total) {
    abi::guarded(nullptr, [&] { self(context).parts_.progress(abi::view(what), done, total); });
  }
  static std::int32_t cancelled(void* context) {
    const HostParts& parts = self(context).parts_;
    return parts.cancelled && parts.cancelled() ? 1 : 0;
  }
  static std::uint64_t seed(void* context, risetime_text purpose) {
    const HostServices& services = self(context);
    return fnv1a_64(abi::view(purpose), fnv1a_64(services.scope_) ^ (services.parts_.seed * 0x9e3779b97f4a7c15ULL));
  }
  static void add_metric(void* context, risetime_text name, double amount) {
    abi::guarded(nullptr, [&] {
      HostServices& services = self(context);
      const std::lock_guard<std::mutex> lock(services.mutex_);
      services.metrics_[std::string(abi::view(name))] += amount;
    });
  }
  static risetime_status resolve(void* context, risetime_text path, const risetime_sink* absolute,
                                 risetime_error* error) {
    return abi::guarded(error, [&] {
      const std::filesystem::path given(std::string(abi::view(path)));
      abi::write(*absolute, (given.is_absolute() ? given : self(context).folder_ / given).lexically_normal().string());
    });
  }

  static AccountSchedule& schedule_of(void* context) { return *self(context).schedule; }
  static risetime_status announce(void* context, const risetime_text* accounts, std::uint64_t count,
                                  risetime_error* error) {
    return abi::guarded(error, [&] {
      std::vector<std::string> names;
      names.reserve(count);
      for (std::uint64_t i = 0; i < count; ++i) names.emplace_back(abi::view(accounts[i]));
      schedule_of(context).announce(std::move(names));
    });
  }
  static std::int32_t wants_account(void* context, risetime_text account) {
    bool wanted = true;
    abi::guarded(nullptr, [&] { wanted = schedule_of(context).wants_account(abi::view(account)); });
    return wanted ? 1 : 0;
  }
  static std::int32_t wants_video(void* context, risetime_text account, risetime_text video,
                                  std::int64_t published_at) {
    bool wanted = true;
    abi::guarded(nullptr, [&] {
      wanted = schedule_of(context).wants_video(abi::view(account), abi::view(video), published_at);
    });
    return wanted ? 1 : 0;
  }
  static risetime_status done(void* context, risetime_text account, risetime_error* error) {
    return abi::guarded(error, [&] { schedule_of(context).done(abi::view(account)); });
  }
  static std::uint64_t accounts_per_pull(void* context) { return schedule_of(context).accounts_per_pull(); }

  static const void* find(void* context, const char* id) {
    static constexpr risetime_log log = {sizeof(risetime_log), write_log};
    static constexpr risetime_clock clock = {sizeof(risetime_clock), now, sleep};
    static constexpr risetime_http http = {sizeof(risetime_http), fetch};
    static constexpr risetime_lines lines = {sizeof(risetime_lines), open_lines, send_line, receive_line, close_lines};
    static constexpr risetime_state state = {sizeof(risetime_state), get_state, put_state};
    static constexpr risetime_secrets secrets = {sizeof(risetime_secrets), reveal};
    static constexpr risetime_tasks tasks = {sizeof(risetime_tasks), parallel_for, width};
    static constexpr risetime_progress progress_table = {sizeof(risetime_progress), progress};
    static constexpr risetime_cancel cancel = {sizeof(risetime_cancel), cancelled};
    static constexpr risetime_random random = {sizeof(risetime_random), seed};
    static constexpr risetime_metrics metrics = {sizeof(risetime_metrics), add_metric};
    static constexpr risetime_paths paths = {sizeof(risetime_paths), resolve};
    static constexpr risetime_schedule schedule = {
        sizeof(risetime_schedule), announce, wants_account, wants_video, done, accounts_per_pull};
    const HostParts& parts = self(context).parts_;
    const struct {
      std::string_view id;
      const void* table;
      bool offered;
    } services[] = {{RISETIME_LOG_ID, &log, parts.log != nullptr},
                    {RISETIME_CLOCK_ID, &clock, parts.clock != nullptr},
                    {RISETIME_HTTP_ID, &http, static_cast<bool>(parts.fetch)},
                    {RISETIME_LINES_ID, &lines, static_cast<bool>(parts.open_lines)},
                    {RISETIME_STATE_ID, &state, true},
                    {RISETIME_SECRETS_ID, &secrets, static_cast<bool>(parts.reveal)},
                    {RISETIME_TASKS_ID, &tasks, parts.threads != nullptr},
                    {RISETIME_PROGRESS_ID, &progress_table, static_cast<bool>(parts.progress)},
                    {RISETIME_CANCEL_ID, &cancel, true},
                    {RISETIME_RANDOM_ID, &random, true},
                    {RISETIME_METRICS_ID, &metrics, true},
                    {RISETIME_PATHS_ID, &paths, true},
                    {RISETIME_SCHEDULE_ID, &schedule, self(context).schedule != nullptr}};
    for (const auto& service : services)
      if (service.id == id) return service.offered ? service.table : nullptr;
    return nullptr;
  }
};

HttpResponse HostServices::fetch(const HttpRequest& request) {
  const auto note = [&](const Error* put_off) {
    const std::lock_guard<std::mutex> lock(mutex_);
    fetches_.last_url = request.url;
    if (put_off != nullptr) fetches_.put_off.insert(put_off->where());
  };
  try {
    HttpResponse response = parts_.fetch(request);
    note(nullptr);
    return response;
  } catch (const Error& error) {
    note(error.code() == Code::limited ? &error : nullptr);
    throw;
  }
}

HostServices::Fetches HostServices::take_fetches() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(fetches_, {});
}

HostServices::HostServices(const HostParts& parts, std::string scope, std::filesystem::path folder)
    : parts_(parts),
      scope_(std::move(scope)),
      folder_(std::move(folder)),
      host_{sizeof(risetime_host), this, ServiceTables::find} {}

}  // namespace risetime::core
