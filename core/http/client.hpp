// The host's one HTTP client: every plugin's requests go through one object of this class, which is polite, patient and
// discreet for all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <risetime/host.hpp>
#include <set>
#include <string>
#include <string_view>

#include "core/http/cache.hpp"
#include "core/http/limiter.hpp"
#include "core/http/lines.hpp"
#include "core/http/quota.hpp"
#include "core/http/recording.hpp"
#include "core/http/robots_gate.hpp"
#include "core/http/shared_table.hpp"
#include "core/http/transfer.hpp"

namespace risetime::core {

struct HttpOptions {
  std::string product;  // "NAME/VERSION", as servers see it; empty: risetime and its version
  std::string contact;  // an address of the user, for those whom the requests bother; shown to servers

  TransferLimits limits;  // upper bounds; a request may ask for less
  int most_redirects = 8;

  int attempts = 4;                       // of requests that may be repeated
  std::int64_t first_backoff_ms = 500;    // doubled at each further attempt, with jitter
  std::int64_t longest_wait_ms = 60'000;  // a server that wants a longer rest gets it from the caller
  std::uint64_t jitter_seed = 1;

  HostPolicy policy;   // of every host that has none of its own
  HostPolicies sites;  // by Url::site()
  // Units a day that the user grants of a quota, by its name; what a source says holds where it is less.
  std::map<std::string, std::int64_t, std::less<>> quotas;

  // Where rates, rests, quotas, robots.txt files and pages are kept for the next process and for those beside this one.
  // Empty: in memory, without a cache of pages.
  std::filesystem::path folder;
  std::uint64_t cache_bytes = std::uint64_t{256} << 20U;

  std::optional<std::string> proxy;  // nothing: as the environment says; "": none
  std::filesystem::path ca_file;     // certificates to trust, PEM; empty: the system's

  std::filesystem::path record;  // folder to write exchanges to
  std::filesystem::path replay;  // folder to answer from, without any network; excludes `record`

  // Puts secrets in the place of their handles, "@{secret:...}", as a request leaves; and takes both out of a text.
  // Both functions must be thread-safe.
  std::function<std::string(std::string_view)> substitute;
  Redact redact;

  // Told about each retry, and once about a host whose Crawl-delay slows it down, in a sentence without secrets.
  std::function<void(std::string_view)> note;
};

class HttpClient {
 public:
  // The clock must outlive the client; all waiting is on it. Throws Error(Code::config) for options that make no sense,
  // Error(Code::io) for folders that cannot be used.
  HttpClient(HttpOptions options, const Clock& clock);
  ~HttpClient();

  // Any thread may call. Follows redirects; repeats GET, HEAD, OPTIONS, PUT and DELETE where the network fails or the
  // server is busy. Every status but 429, 500, 502, 503 and 504 is an answer. Answers carry no secrets.
  //
  // Throws Error, its `where` being the address as redacted:
  //   limited    429 or 503 to the end; retry_after_ms says when to come again
  //   io         no answer, or 500, 502, 504 to the end; retry_after_ms >= 0 where it may pass
  //   input      a request that is not well formed, or an answer that is no HTTP, too large or redirects badly
  //   config     a secret would travel unencrypted
  //   unsupported  robots.txt forbids the page; nothing was sent
  // A quota that is used up is limited, with the time until its day ends.
  //   cancelled  `cancelled` answered yes
  HttpResponse fetch(const HttpRequest& request, const Cancelled& cancelled = {});

  // A connection for lines, "tls://host:port", or "tcp://host:port" to this machine itself; the client must outlive it.
  // One host's connections and requests are limited together. Throws Error as fetch does: input for another address, io
  // where there is no connection.
  std::unique_ptr<LineConnection> open_lines(const LinesRequest& request, const Cancelled& cancelled = {});

  // The host of this address answered without the data: everybody leaves it alone, longer each time in a row. How long,
  // in microseconds; at_least as well. Does nothing in a replay.
  std::int64_t blocked(std::string_view url, std::int64_t at_least);
  // The host of this address gave data.
  void forgiven(std::string_view url);

  // What is used of quotas today.
  std::vector<QuotaUse> quota_uses() { return quotas_.uses(clock_.now()); }

 private:
  struct Job;

  HttpResponse replay(const HttpRequest& request);
  HttpResponse fetch_from_network(const HttpRequest& request, const Cancelled& cancelled);
  HttpResponse attempt(const HttpRequest& request, const Job& job, const std::optional<HttpResponse>& kept);
  void charge(const HttpRequest& request);
  Job prepare(const HttpRequest& request, const Cancelled& cancelled) const;
  HttpResponse follow(const Job& job);
  WireAnswer perform_politely(const WireRequest& wire, const Job& job, std::int64_t& spent_ms);
  std::optional<Error> refusal(const HttpResponse& response, const std::string& where) const;
  std::int64_t wait_before_next(const Error& failure, int attempt);
  HttpResponse without_secrets(HttpResponse response) const;
  [[noreturn]] void rethrow_without_secrets(const Error& error) const;
  std::string secrets_in(std::string_view text) const;
  std::string redacted(std::string_view text) const;

  WireAnswer perform_once(const WireRequest& wire, const TransferLimits& limits, const std::string& where,
                          const Cancelled& cancelled, std::int64_t apart);
  std::int64_t ask_robots(const Url& url, const Job& job);
  void tell_of_delay(const std::string& site, std::int64_t apart);

  HttpOptions options_;
  const Clock& clock_;
  SharedTable rates_, units_;
  HostLimiter limiter_;
  QuotaLedger quotas_;
  RobotsGate robots_;
  PageCache cache_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Replayer> replayer_;
  std::atomic<std::uint64_t> jitter_;
  std::mutex told_mutex_;
  std::set<std::string> told_;  // sites whose delay was spoken of
};

}  // namespace risetime::core
