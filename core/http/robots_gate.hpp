// Asks each host's robots.txt before its pages are fetched, and remembers what it said for a day.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/time.hpp"
#include "core/http/robots.hpp"
#include "core/http/transfer.hpp"
#include "core/http/url.hpp"

namespace risetime::core {

// Any thread may call.
class RobotsGate {
 public:
  // Fetches a robots.txt and follows no redirect; throws Error where there is no answer.
  using Fetch = std::function<WireAnswer(const Url&)>;

  // An empty folder remembers in memory only.
  RobotsGate(std::filesystem::path folder, const Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

  // How far apart the file wants requests to be (Crawl-delay), in microseconds; 0 where it does not say.
  //
  // Throws Error(Code::unsupported), naming the rule, for an address that the host's robots.txt forbids to risetime;
  // Error(Code::io) as long as the file cannot be had because the server is in trouble (status 5xx, or no answer).
  // A status of 4xx, or more than 5 redirects, means that everything is allowed (RFC 9309, 2.3.1).
  std::int64_t check(const Url& url, const Fetch& fetch);

 private:
  struct Entry {
    std::mutex mutex;  // held while the file is fetched: the others wait for it
    std::int64_t fetched_at = 0, expires_at = 0;
    Robots rules;
    std::string trouble;  // why the file could not be had; empty where it could
  };
  void load(Entry& entry, const std::string& origin) const;
  void fetch_into(Entry& entry, const std::string& origin, const Fetch& fetch) const;
  void take(Entry& entry, std::int64_t status, std::string_view body, std::int64_t fetched_at) const;
  std::filesystem::path file_of(const std::string& origin) const;

  std::filesystem::path folder_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // by scheme, host and port
};

}  // namespace risetime::core
