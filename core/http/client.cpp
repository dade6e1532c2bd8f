// Retries, redirects and secrets around single transfers.
#include "core/http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace risetime::core {
namespace {

constexpr std::string_view handle_begin = "@{secret:";

bool has_handle(std::string_view text) { return text.find(handle_begin) != std::string_view::npos; }

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view other) { return same_name(name, other); });
}

bool may_repeat(std::string_view method) {
  constexpr std::array<std::string_view, 5> idempotent{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
  return is_one_of(method, idempotent);
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool has_line_break(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

// Headers that frame the message or say who is asking are the client's own.
void check_header(const HttpHeader& header, const std::string& where) {
  constexpr std::array<std::string_view, 9> own{"host",       "content-length", "transfer-encoding",
                                                "connection", "user-agent",     "accept-encoding",
                                                "expect",     "upgrade",        "te"};
  if (!is_token(header.name)) throw Error(Code::input, where, "\"" + header.name + "\" is no name of a header");
  if (has_line_break(header.value))
    throw Error(Code::input, where, "the header " + header.name + " has a line break in its value");
  if (is_one_of(header.name, own))
    throw Error(Code::input, where, "the header " + header.name + " is set by the host; leave it out");
}

void check_request(const HttpRequest& request) {
  constexpr std::array<std::string_view, 7> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  const std::string where = fit_for_messages(request.url);
  if (std::find(methods.begin(), methods.end(), request.method) == methods.end())
    throw Error(Code::input, where,
                "\"" + request.method + "\" is no method that is supported; write it as in \"GET\"");
  if (request.timeout_ms < 0) throw Error(Code::input, where, "a time limit below zero");
  for (const HttpHeader& header : request.headers) check_header(header, where);
}

HttpOptions checked(HttpOptions options) {
  if (!options.record.empty() && !options.replay.empty())
    throw Error(Code::config, "http", "recording and replaying exclude each other; choose one");
  if (options.attempts < 1 || options.most_redirects < 0 || options.first_backoff_ms < 0 || options.longest_wait_ms < 0)
    throw Error(Code::config, "http", "attempts must be 1 or more; redirects and waits 0 or more");
  if (has_line_break(options.contact) || has_line_break(options.product))
    throw Error(Code::config, "project.contact", "the contact must stand on one line");
  return options;
}

// A replay neither needs nor changes what the network's requests are counted by.
std::filesystem::path part_of(const HttpOptions& options, const char* name) {
  return options.folder.empty() || !options.replay.empty() ? std::filesystem::path() : options.folder / name;
}

TransferSettings transfer_settings(const HttpOptions& options) {
  std::string user_agent = options.product.empty() ? "risetime/" RISETIME_VERSION : options.product;
  if (!options.contact.empty()) user_agent += " (contact: " + options.contact + ")";
  return {std::move(user_agent), options.proxy, options.ca_file};
}

// Retry-After, in milliseconds from now: seconds or an HTTP date. Nothing where there is none that makes sense.
std::optional<std::int64_t> retry_after_ms(std::string_view value, std::int64_t now) {
  if (value.empty()) return std::nullopt;
  constexpr std::int64_t most_seconds = 366 * 86'400;
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (failure == std::errc() && end == value.data() + value.size() && seconds >= 0)
    return std::min(seconds, most_seconds) * 1000;
  const std::time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::clamp(static_cast<std::int64_t>(date) * 1000 - now / 1000, std::int64_t{0}, most_seconds * 1000);
}

std::string_view value_of(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const HttpHeader& header : headers)
    if (same_name(header.name, name)) return header.value;
  return {};
}

// How long a busy server wants to be left alone, in milliseconds from now. Servers with an allowance say when it is
// renewed instead of Retry-After: in seconds from now, or as the time in Unix seconds.
std::optional<std::int64_t> rest_asked_for(const std::vector<HttpHeader>& headers, std::int64_t status,
                                           std::int64_t now) {
  if (const auto rest = retry_after_ms(value_of(headers, "retry-after"), now)) return rest;
  if (status != 429) return std::nullopt;
  for (const char* name : {"ratelimit-reset", "x-ratelimit-reset"}) {
    constexpr std::int64_t first_unix_second = 1'000'000'000;  // of 2001; nobody waits so long
    const std::string_view value = value_of(headers, name);
    std::int64_t seconds = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (failure != std::errc() || end != value.data() + value.size() || seconds < 0) continue;
    if (seconds >= first_unix_second) seconds = std::max<std::int64_t>(0, seconds - now / second);
    return retry_after_ms(std::to_string(seconds), now);
  }
  return std::nullopt;
}

bool is_redirect(const WireAnswer& answer) {
  const auto status = answer.status;
  const bool moved = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  return moved && !value_of(answer.headers, "location").empty();
}

// As browsers do: 303, and 301 or 302 after a POST, turn into a GET without a body.
void change_method(WireRequest& request, std::int64_t status) {
  const bool post_moved = (status == 301 || status == 302) && request.method == "POST";
  if (request.method == "HEAD" || !(status == 303 || post_moved)) return;
  request.method = "GET";
  request.body.clear();
  std::erase_if(request.headers, [](const HttpHeader& header) {
    return header.name.size() > 8 && same_name(header.name.substr(0, 8), "content-");
  });
}

}  // namespace

// A request that is ready to leave.
struct HttpClient::Job {
  WireRequest wire;
  TransferLimits limits;
  std::string where;                       // the address as it may be shown
  std::string shown_url;                   // the address as the plugin wrote it
  std::vector<std::string> private_names;  // headers that stay on their own site
  bool private_body = false;
  Purpose purpose = Purpose::page;
  const Cancelled& cancelled;

  // The request that a redirect asks for.
  WireRequest redirected(const WireRequest& sent, const WireAnswer& answer) const {
    const std::string location(value_of(answer.headers, "location"));
    WireRequest next = sent;
    try {
      next.url = sent.url.resolve(location);
    } catch (const Error& error) {
      throw Error(Code::input, where, "the server redirects to " + error.where() + ": " + error.message());
    }
    if (sent.url.is_https() && !next.url.is_https())
      throw Error(Code::input, where,
                  "the server redirects from https to " + fit_for_messages(next.url.text()) +
                      ", which is not encrypted; that is not followed");
    change_method(next, answer.status);
    if (next.url.site() != sent.url.site()) keep_private(next);
    return next;
  }

  void keep_private(WireRequest& next) const {
    std::erase_if(next.headers, [&](const HttpHeader& header) {
      return std::any_of(private_names.begin(), private_names.end(),
                         [&](const std::string& name) { return same_name(header.name, name); });
    });
    if (private_body && !next.body.empty())
      throw Error(Code::input, where,
                  "the server redirects a request with a secret in its body to another host, " + next.url.site() +
                      "; that is not followed");
  }
};

HttpClient::HttpClient(HttpOptions options, const Clock& clock)
    : options_(checked(std::move(options))),
      clock_(clock),
      rates_(part_of(options_, "rates")),
      units_(part_of(options_, "quotas")),
      limiter_(clock, options_.policy, options_.sites, options_.longest_wait_ms * millisecond, rates_,
               options_.jitter_seed),
      quotas_(units_),
      robots_(part_of(options_, "robots"), clock),
      cache_(part_of(options_, "cache"), options_.cache_bytes),
      jitter_(options_.jitter_seed) {
  const auto redact = [this](std::string_view text) { return redacted(text); };
  if (!options_.replay.empty()) {
    replayer_ = std::make_unique<Replayer>(options_.replay, redact);
    return;
  }
  transport_ = std::make_unique<Transport>(transfer_settings(options_));
  if (!options_.record.empty()) recorder_ = std::make_unique<Recorder>(options_.record, redact);
}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::fetch(const HttpRequest& request, const Cancelled& cancelled) {
  try {
    if (cancelled && cancelled()) throw Error(Code::cancelled, "", "stopped on request");
    check_request(request);
    return replayer_ ? replay(request) : fetch_from_network(request, cancelled);
  } catch (const Error& error) {
    rethrow_without_secrets(error);
  }
}

HttpResponse HttpClient::replay(const HttpRequest& request) {
  HttpResponse response = replayer_->answer(request);
  const std::string where = fit_for_messages(request.url);
  if (request.max_bytes > 0 && response.body.size() > request.max_bytes)
    throw Error(Code::input, where,
                "the recorded answer has more than " + std::to_string(request.max_bytes) + " bytes");
  if (const auto refused = refusal(response, where)) throw *refused;
  return response;
}

HttpResponse HttpClient::fetch_from_network(const HttpRequest& request, const Cancelled& cancelled) {
  Job job = prepare(request, cancelled);
  // What was asked with a secret, or in somebody's name, is not kept on disk, and not asked for by halves.
  const bool may_keep =
      !has_handle(request.url) && !has_handle(request.body) &&
      std::none_of(request.headers.begin(), request.headers.end(), [](const HttpHeader& header) {
        return has_handle(header.value) ||
               is_one_of(header.name, std::array<std::string_view, 2>{"authorization", "proxy-authorization"});
      });
  const auto kept = may_keep ? cache_.find(request) : std::nullopt;
  if (kept)
    for (HttpHeader& condition : PageCache::conditions(*kept)) job.wire.headers.push_back(std::move(condition));
  for (int attempt_number = 1;; ++attempt_number) {
    HttpResponse response;
    std::optional<Error> failure;
    try {
      response = attempt(request, job, kept);
      failure = refusal(response, job.where);
    } catch (const Error& error) {
      failure = error;
    }
    const bool may_pass = failure && failure->retry_after_ms() >= 0;
    const std::int64_t wait_ms = may_pass ? wait_before_next(*failure, attempt_number) : 0;
    const bool again = may_pass && may_repeat(request.method) && attempt_number < options_.attempts &&
                       wait_ms <= options_.longest_wait_ms;
    if (!again) {
      if (recorder_ && response.status != 0) recorder_->add(request, response);
      if (failure) throw *failure;
      if (may_keep) cache_.keep(request, response);
      return response;
    }
    if (options_.note)
      options_.note(redacted(std::string(failure->what()) + "; trying again in " +
                             describe_duration(wait_ms * millisecond) + " (attempt " +
                             std::to_string(attempt_number + 1) + " of " + std::to_string(options_.attempts) + ")"));
    wait_for(clock_, wait_ms * millisecond, cancelled);
  }
}

HttpResponse HttpClient::attempt(const HttpRequest& request, const Job& job, const std::optional<HttpResponse>& kept) {
  charge(request);
  HttpResponse response = without_secrets(follow(job));
  return kept && response.status == 304 ? PageCache::refreshed(*kept, response.headers) : response;
}

void HttpClient::charge(const HttpRequest& request) {
  if (request.quota.name.empty()) return;
  Quota quota = request.quota;
  const auto granted = options_.quotas.find(quota.name);
  if (granted != options_.quotas.end())
    quota.per_day = quota.per_day > 0 ? std::min(quota.per_day, granted->second) : granted->second;
  quotas_.charge(quota, options_.substitute ? options_.substitute(quota.key) : quota.key, clock_.now());
}

HttpClient::Job HttpClient::prepare(const HttpRequest& request, const Cancelled& cancelled) const {
  std::string where = fit_for_messages(request.url);
  Url url = Url::parse(secrets_in(request.url));
  WireRequest wire{request.method, std::move(url), request.headers, request.body};
  Job job{std::move(wire),
          options_.limits,
          where,
          request.url,
          {"authorization", "proxy-authorization", "cookie"},
          has_handle(request.body),
          request.purpose,
          cancelled};

  bool confidential = has_handle(request.url) || job.private_body;
  for (HttpHeader& header : job.wire.headers) {
    if (!has_handle(header.value)) continue;
    confidential = true;
    job.private_names.push_back(header.name);
    if (options_.substitute) header.value = options_.substitute(header.value);
    if (has_line_break(header.value))
      throw Error(Code::config, where, "the secret in the header " + header.name + " has a line break in it");
  }
  if (job.private_body && options_.substitute) job.wire.body = options_.substitute(request.body);
  if (confidential && !job.wire.url.is_https() && !job.wire.url.is_loopback())
    throw Error(Code::config, where, "a secret would travel unencrypted; write https:// instead of http://");

  if (request.max_bytes > 0) job.limits.max_bytes = std::min(job.limits.max_bytes, request.max_bytes);
  if (request.timeout_ms > 0) job.limits.total_ms = std::min(job.limits.total_ms, request.timeout_ms);
  return job;
}

HttpResponse HttpClient::follow(const Job& job) {
  WireRequest wire = job.wire;
  std::int64_t spent_ms = 0;
  for (int redirects = 0;; ++redirects) {
    WireAnswer answer = perform_politely(wire, job, spent_ms);
    if (!is_redirect(answer)) {
      std::string url = redirects == 0 ? job.shown_url : wire.url.text();
      return {answer.status, std::move(url), std::move(answer.headers), std::move(answer.body)};
    }
    if (redirects == options_.most_redirects)
      throw Error(Code::input, job.where,
                  "the server redirects more than " + std::to_string(options_.most_redirects) + " times, last to " +
                      fit_for_messages(value_of(answer.headers, "location")));
    wire = job.redirected(wire, answer);
  }
}

// One step of a fetch. spent_ms counts the time on the network of all its steps, and no wait for a turn.
WireAnswer HttpClient::perform_politely(const WireRequest& wire, const Job& job, std::int64_t& spent_ms) {
  const std::int64_t apart = ask_robots(wire.url, job);
  TransferLimits limits = job.limits;
  limits.total_ms = std::max<std::int64_t>(1, limits.total_ms - spent_ms);
  WireAnswer answer = perform_once(wire, limits, job.where, job.cancelled, apart);
  spent_ms += answer.took / millisecond;
  return answer;
}

// One transfer, when the host's limiter lets it pass.
WireAnswer HttpClient::perform_once(const WireRequest& wire, const TransferLimits& limits, const std::string& where,
                                    const Cancelled& cancelled, std::int64_t apart) {
  const std::string site = wire.url.site();
  const HostLimiter::Ticket ticket = limiter_.acquire(site, cancelled, apart);
  WireAnswer answer = transport_->perform(wire, limits, where, cancelled);
  limiter_.measured(site, answer.latency, answer.status >= 200 && answer.status < 400);
  if (answer.status == 429 || answer.status == 503) {
    const auto rest = rest_asked_for(answer.headers, answer.status, clock_.now());
    if (rest) limiter_.pause(site, clock_.now() + *rest * millisecond);
  }
  return answer;
}

// How far apart the host's robots.txt wants pages to be, in microseconds.
std::int64_t HttpClient::ask_robots(const Url& url, const Job& job) {
  if (job.purpose != Purpose::page) return 0;
  if (!limiter_.policy_of(url.site()).robots.value_or(!url.is_loopback())) return 0;
  const std::int64_t apart = robots_.check(url, [&](const Url& file) {
    TransferLimits limits = options_.limits;
    limits.max_bytes = Robots::most_bytes + 1;
    limits.cut = true;
    return perform_once({"GET", file, {}, {}}, limits, fit_for_messages(file.text()), job.cancelled, 0);
  });
  tell_of_delay(url.site(), apart);
  return apart;
}

void HttpClient::tell_of_delay(const std::string& site, std::int64_t apart) {
  const double usual = static_cast<double>(second) / limiter_.policy_of(site).rate.per_second;
  if (!options_.note || static_cast<double>(apart) <= usual) return;
  const std::lock_guard lock(told_mutex_);
  if (told_.insert(site).second)
    options_.note("robots.txt of " + site + " asks for " + describe_duration(apart) +
                  " between two pages (Crawl-delay), which is kept to");
}

std::unique_ptr<LineConnection> HttpClient::open_lines(const LinesRequest& request, const Cancelled& cancelled) {
  const std::string where = fit_for_messages(request.url);
  const bool is_tls = request.url.compare(0, 6, "tls://") == 0;
  if (!is_tls && request.url.compare(0, 6, "tcp://") != 0)
    throw Error(Code::input, where, "this is no address for lines; write tls://host:port");
  if (has_line_break(request.topic) || request.listen_ms <= 0)
    throw Error(Code::input, where, "the topic has a line break in it, or there is no time to listen");
  if (replayer_) return std::make_unique<ReplayedLines>(replayer_->file_of_lines(request), where);
  const Url url = Url::parse((is_tls ? "https" : "http") + request.url.substr(3));
  if (!is_tls && !url.is_loopback())
    throw Error(Code::input, where, "what is said would travel unencrypted; write tls:// instead of tcp://");
  HostLimiter::Ticket ticket = limiter_.acquire(url.site(), cancelled);
  try {
    auto stream = transport_->connect(url, options_.limits.connect_ms, where, cancelled);
    std::unique_ptr<LineConnection> lines = std::make_unique<LiveLines>(
        LiveLines::Parts{std::move(stream), std::move(ticket), options_.substitute, options_.redact}, request, clock_,
        cancelled);
    if (!recorder_) return lines;
    return std::make_unique<RecordedLines>(std::move(lines), recorder_->file_for_lines(request), request,
                                           recorder_->redact());
  } catch (const Error& error) {
    rethrow_without_secrets(error);
  }
}

std::int64_t HttpClient::blocked(std::string_view url, std::int64_t at_least) {
  if (replayer_) return 0;
  return limiter_.blocked(Url::parse(url).site(), at_least);
}

void HttpClient::forgiven(std::string_view url) {
  if (!replayer_) limiter_.forgiven(Url::parse(url).site());
}

// The error that a busy server's answer means; nothing for every other answer.
std::optional<Error> HttpClient::refusal(const HttpResponse& response, const std::string& where) const {
  const std::string status = "status " + std::to_string(response.status);
  if (response.status == 429 || response.status == 503) {
    const auto rest = rest_asked_for(response.headers, response.status, clock_.now());
    std::string message = "the server asks to slow down (" + status + ")";
    if (rest) message += " and to come again in " + describe_duration(*rest * millisecond);
    return Error(Code::limited, where, std::move(message), rest.value_or(options_.first_backoff_ms));
  }
  if (response.status == 500 || response.status == 502 || response.status == 504)
    return Error(Code::io, where, "the server is in trouble (" + status + ")", options_.first_backoff_ms);
  return std::nullopt;
}

// Exponential backoff, of which a random half is taken so that clients do not come back all at once; never less than
// what the server asked for. Milliseconds.
std::int64_t HttpClient::wait_before_next(const Error& failure, int attempt) {
  const std::int64_t doubled = options_.first_backoff_ms << std::min(attempt - 1, 16);
  const std::int64_t backoff = std::min(doubled, options_.longest_wait_ms);
  const auto half = static_cast<std::uint64_t>(backoff / 2);
  const auto random = static_cast<std::int64_t>(mixed(jitter_.fetch_add(1)) % (half + 1));
  return std::max(backoff - static_cast<std::int64_t>(half) + random, failure.retry_after_ms());
}

HttpResponse HttpClient::without_secrets(HttpResponse response) const {
  response.url = redacted(response.url);
  response.body = redacted(response.body);
  for (HttpHeader& header : response.headers) header.value = redacted(header.value);
  return response;
}

void HttpClient::rethrow_without_secrets(const Error& error) const {
  throw Error(error.code(), redacted(error.where()), redacted(error.message()), error.retry_after_ms());
}

// The address with each handle replaced by its secret, percent-encoded so that it stays one value.
std::string HttpClient::secrets_in(std::string_view text) const {
  std::string out;
  while (options_.substitute) {
    const std::size_t at = text.find(handle_begin);
    const std::size_t end = at == std::string_view::npos ? at : text.find('}', at);
    if (end == std::string_view::npos) break;
    out.append(text.substr(0, at));
    out += percent_encode(options_.substitute(text.substr(at, end + 1 - at)));
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

std::string HttpClient::redacted(std::string_view text) const {
  return options_.redact ? options_.redact(text) : std::string(text);
}

}  // namespace risetime::core
