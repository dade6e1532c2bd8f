// The host as plugins see it: one scope per instance over the parts that all instances share.
#pragma once

#include <risetime/abi.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <risetime/host.hpp>
#include <set>
#include <string>

#include "core/base/log.hpp"
#include "core/base/threads.hpp"
#include "core/base/time.hpp"
#include "core/http/lines.hpp"
#include "core/plugin/schedule.hpp"

namespace risetime::core {

// What every plugin of a project shares. Functions that are empty are services that are not offered. All may be called
// from any thread.
struct HostParts {
  Log* log = nullptr;
  const Clock* clock = nullptr;
  ThreadPool* threads = nullptr;
  std::uint64_t seed = 0;  // of the project
  std::function<HttpResponse(const HttpRequest&)> fetch;
  std::function<std::unique_ptr<LineConnection>(const LinesRequest&)> open_lines;
  std::function<std::string(std::string_view handle)> reveal;
  std::function<void(std::string_view what, double done, double total)> progress;
  std::function<bool()> cancelled;
};

// The services of one instance. It must outlive the instance.
class HostServices {
 public:
  // scope names the instance in logs, seeds and state ("source/yt"); relative paths start at folder.
  HostServices(const HostParts& parts, std::string scope, std::filesystem::path folder);
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  const risetime_host& host() const noexcept { return host_; }

  // Where the small facts of the instance are kept. What it puts is held back in pending_state until the caller
  // commits it with the rows of the same pull.
  std::function<std::optional<std::string>(std::string_view key)> read_state;
  std::map<std::string, std::string, std::less<>> pending_state;

  // Which accounts and videos are read; null: the service is not offered.
  AccountSchedule* schedule = nullptr;

  // What the HTTP service did since this was last cleared: the address asked last, and the places of the errors by
  // which the host itself put requests off.
  struct Fetches {
    std::string last_url;
    std::set<std::string, std::less<>> put_off;
  };
  Fetches take_fetches();

  const std::map<std::string, double, std::less<>>& metrics() const noexcept { return metrics_; }

 private:
  friend struct ServiceTables;
  HttpResponse fetch(const HttpRequest& request);

  const HostParts& parts_;
  std::string scope_;
  std::filesystem::path folder_;
  risetime_host host_;
  std::mutex mutex_;
  std::map<std::string, double, std::less<>> metrics_;
  Fetches fetches_;
  std::map<void*, std::unique_ptr<LineConnection>> connections_;  // that the instance has not closed
};

}  // namespace risetime::core
