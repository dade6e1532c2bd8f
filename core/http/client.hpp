// The host's one HTTP client: every plugin's requests go through one object of this class, which is polite, patient and
// discreet for all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <risetime/host.hpp>
#include <string>
#include <string_view>

#include "core/http/limiter.hpp"
#include "core/http/recording.hpp"
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

  Rate rate;                                       // per host
  std::map<std::string, Rate, std::less<>> sites;  // hosts with rates of their own, by Url::site()

  std::optional<std::string> proxy;  // nothing: as the environment says; "": none
  std::filesystem::path ca_file;     // certificates to trust, PEM; empty: the system's

  std::filesystem::path record;  // folder to write exchanges to
  std::filesystem::path replay;  // folder to answer from, without any network; excludes `record`

  // Puts secrets in the place of their handles, "@{secret:...}", as a request leaves; and takes both out of a text.
  // Both functions must be thread-safe.
  std::function<std::string(std::string_view)> substitute;
  Redact redact;

  // Asked before each request to the network, redirects included; throws Error for an address that must not be fetched.
  // The rules of robots.txt belong here.
  std::function<void(const Url&)> permit;
  // Told about each retry, in a sentence without secrets.
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
  //   cancelled  `cancelled` answered yes
  HttpResponse fetch(const HttpRequest& request, const Cancelled& cancelled = {});

 private:
  struct Job;

  HttpResponse replay(const HttpRequest& request);
  HttpResponse fetch_from_network(const HttpRequest& request, const Cancelled& cancelled);
  Job prepare(const HttpRequest& request, const Cancelled& cancelled) const;
  HttpResponse follow(const Job& job);
  WireAnswer perform_politely(const WireRequest& wire, const Job& job, std::int64_t& spent_ms);
  std::optional<Error> refusal(const HttpResponse& response, const std::string& where) const;
  std::int64_t wait_before_next(const Error& failure, int attempt);
  HttpResponse without_secrets(HttpResponse response) const;
  [[noreturn]] void rethrow_without_secrets(const Error& error) const;
  std::string secrets_in(std::string_view text) const;
  std::string redacted(std::string_view text) const;

  HttpOptions options_;
  const Clock& clock_;
  HostLimiter limiter_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Replayer> replayer_;
  std::atomic<std::uint64_t> jitter_;
};

}  // namespace risetime::core
