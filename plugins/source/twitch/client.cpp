// Tokens, allowances and refusals.
#include "client.hpp"

#include <algorithm>
#include <charconv>

namespace risetime::twitch {
namespace {

constexpr std::int64_t second = 1'000'000;                    // microseconds
constexpr std::int64_t longest_wait = 65 * second;            // allowances are of a minute
constexpr std::int64_t renew_early = 60 * second;             // before a token ends
constexpr int most_waits = 3;                                 // of one request, for the next minute
constexpr std::uint64_t most_bytes = std::uint64_t{4} << 20;  // a page of 1000 chatters has 100 KB

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Tokens travel encrypted, or not beyond this machine.
void check_address(const std::string& url, const char* setting) {
  const auto begins = [&](std::string_view with) { return url.compare(0, with.size(), with) == 0; };
  const bool local = begins("http://127.0.0.1:") || begins("http://127.0.0.1/") || begins("http://localhost:") ||
                     begins("http://localhost/") || begins("http://[::1]:") || begins("http://[::1]/");
  if (!begins("https://") && !local)
    throw Error(Code::config, setting, "write https://: a token would travel unencrypted to " + url);
}

}  // namespace

Client::Client(Context host, Access access) : host_(host), access_(std::move(access)) {
  check_address(access_.api_url, "api_url");
  check_address(access_.token_url, "token_url");
  while (!access_.api_url.empty() && access_.api_url.back() == '/') access_.api_url.pop_back();
}

Client::~Client() {
  forget(application_.token);
  forget(user_.token);
}

std::string Client::encoded(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += {'%', hex[byte >> 4U], hex[byte & 15U]};
    }
  }
  return out;
}

std::string Client::get(const std::string& query, Asker asker) {
  const std::string url = url_of(query);
  Credential& who = credential(asker);
  bool renewed = false;
  for (int waits = 0;;) {
    host_.check_cancelled();
    wait_for_allowance(who);
    HttpRequest request;
    request.url = url;
    request.max_bytes = most_bytes;
    request.purpose = Purpose::interface;
    request.headers = {{"Client-Id", access_.client_id}, {"Authorization", "Bearer " + bearer(asker)}};
    HttpResponse response = host_.fetch(request);
    note_allowance(who, response);
    if (response.status == 200) return std::move(response.body);
    if (response.status == 401 && !renewed && may_renew(asker)) {
      renewed = true;
      continue;
    }
    if (response.status == 429 && waits < most_waits) {
      ++waits;
      who.remaining = 0;
      if (who.reset_at <= host_.now()) who.reset_at = host_.now() + longest_wait;
      continue;
    }
    refuse(response, url, asker);
  }
}

// What stands behind "Bearer ": a token that Twitch gave, or the handle of the user's own.
std::string Client::bearer(Asker asker) {
  Credential& who = credential(asker);
  if (asker == Asker::user && access_.user_refresh_token.empty()) return access_.user_token.handle();
  if (asker == Asker::user && who.token.empty() && !access_.user_token.empty() && !who.given_refused)
    return access_.user_token.handle();
  if (who.token.empty() || host_.now() >= who.renew_at) renew(asker);
  return who.token;
}

// Whether a token that was refused can be had anew.
bool Client::may_renew(Asker asker) {
  if (asker == Asker::user && access_.user_refresh_token.empty()) return false;
  Credential& who = credential(asker);
  who.given_refused = true;
  forget(who.token);
  return true;
}

void Client::renew(Asker asker) {
  Credential& who = credential(asker);
  HttpRequest request;
  request.method = "POST";
  request.url = access_.token_url;
  request.purpose = Purpose::interface;
  request.max_bytes = 64U << 10U;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "client_id=" + encoded(access_.client_id) + "&client_secret=" + access_.client_secret.handle();
  request.body += asker == Asker::user
                      ? "&grant_type=refresh_token&refresh_token=" + access_.user_refresh_token.handle()
                      : "&grant_type=client_credentials";
  HttpResponse response = host_.fetch(request);
  const bool refused = response.status == 400 || response.status == 401 || response.status == 403;
  const std::string setting = asker == Asker::user ? "user_refresh_token" : "client_secret";
  if (refused)
    throw Error(Code::config, setting,
                "Twitch gives no token for it (status " + std::to_string(response.status) + complaint_of(response) +
                    "); check client_id and " + setting + " against dev.twitch.tv/console");
  if (response.status != 200)
    throw Error(Code::io, access_.token_url, "status " + std::to_string(response.status) + " instead of a token",
                30'000);
  forget(who.token);
  Token token = parse_token(response.body, access_.token_url);
  forget(response.body);
  who.token = std::move(token.text);
  who.renew_at = token.lifetime_s == 0
                     ? INT64_MAX
                     : host_.now() + std::min<std::int64_t>(token.lifetime_s, 1'000'000'000) * second - renew_early;
}

void Client::wait_for_allowance(const Credential& credential) const {
  if (credential.remaining != 0) return;
  const std::int64_t wait = std::min(credential.reset_at - host_.now(), longest_wait);
  if (wait <= 0) return;
  host_.debug("Twitch's allowance is used up; waiting " + std::to_string(wait / second + 1) + " s for the next");
  host_.sleep_ms(wait / 1000 + 1);
}

// Helix says with each answer how many requests are left, and when (in Unix seconds) there will be all again.
void Client::note_allowance(Credential& credential, const HttpResponse& response) const {
  credential.remaining = number(response.header("Ratelimit-Remaining")).value_or(-1);
  const std::int64_t reset = number(response.header("Ratelimit-Reset")).value_or(0);
  credential.reset_at = reset > 0 && reset < INT64_MAX / second - 1 ? reset * second : 0;
}

void Client::refuse(const HttpResponse& response, const std::string& url, Asker asker) const {
  const std::string status = "status " + std::to_string(response.status) + complaint_of(response);
  const std::string whose = asker == Asker::user ? "the user's token" : "the application's token";
  if (response.status == 401) {
    const std::string setting = asker == Asker::application          ? "client_secret"
                                : access_.user_refresh_token.empty() ? "user_token"
                                                                     : "user_refresh_token";
    throw Error(Code::config, setting, "Twitch refuses " + whose + " for " + url + " (" + status + ")");
  }
  if (response.status == 403)
    throw Error(Code::unsupported, url, "Twitch does not let " + whose + " see this (" + status + ")");
  if (response.status == 429)
    throw Error(Code::limited, url, "Twitch asks to slow down (" + status + ")", longest_wait / 1000);
  if (response.status >= 500) throw Error(Code::io, url, "Twitch is in trouble (" + status + ")", 30'000);
  throw Error(Code::input, url, "Twitch does not answer this (" + status + ")");
}

std::string Client::complaint_of(const HttpResponse& response) const {
  const std::string complaint = parse_complaint(response.body);
  for (const std::string* token : {&application_.token, &user_.token})
    if (!token->empty() && complaint.find(*token) != std::string::npos) return {};
  return complaint.empty() ? complaint : ": " + complaint;
}

// Overwrites before it empties, so that no token is left in freed memory.
void Client::forget(std::string& token) {
  volatile char* bytes = token.data();
  for (std::size_t i = 0; i < token.size(); ++i) bytes[i] = 0;
  token.clear();
}

}  // namespace risetime::twitch
