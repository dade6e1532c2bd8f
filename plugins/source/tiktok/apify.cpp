// Requests to Apify and their answers.
#include "apify.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "values.hpp"

namespace risetime::tiktok {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{32} << 20U;  // a page of 500 items has 3 MB
constexpr std::int64_t short_rest = 5'000;                      // milliseconds, where Apify does not say how long

// Tokens travel encrypted, or not beyond this machine.
void check_address(const std::string& url) {
  const auto begins = [&](std::string_view with) { return url.compare(0, with.size(), with) == 0; };
  const bool local = begins("http://127.0.0.1:") || begins("http://localhost:") || begins("http://[::1]:");
  if (!begins("https://") && !local)
    throw Error(Code::config, "api_url", "write https://: the token would travel unencrypted to " + url);
}

// Letters that stand in an actor's name, id or an id of Apify's, and nothing that would change an address.
bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
  });
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string text_member(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found != nullptr && found->if_string() != nullptr ? *found->if_string() : std::string();
}

std::int64_t time_member(const Json& object, std::string_view name) {
  const auto time = parse_time(text_member(object, name), 0);
  return time ? time->time : 0;
}

Json parse_answer(std::string_view text, const std::string& where) {
  try {
    return Json::parse(text);
  } catch (const Error& error) {
    throw Error(
        Code::input, where,
        "the answer of " + std::to_string(text.size()) + " bytes is broken or was cut short (" + error.what() + ")",
        short_rest);
  }
}

// Ids go into addresses, so they are looked at first.
ApifyRun run_of(const Json& object, const std::string& where) {
  ApifyRun run{text_member(object, "id"),
               text_member(object, "status"),
               shortened(text_member(object, "statusMessage"), 200),
               text_member(object, "defaultDatasetId"),
               text_member(object, "defaultKeyValueStoreId"),
               time_member(object, "startedAt"),
               time_member(object, "finishedAt")};
  if (!is_plain(run.id) || run.status.empty())
    throw Error(Code::input, where, "the answer tells no run: its id or status is missing", short_rest);
  for (std::string* id : {&run.dataset, &run.store})
    if (!is_plain(*id)) id->clear();
  return run;
}

const Json& data_of(const Json& answer, const std::string& where) {
  const Json* data = answer.find("data");
  if (data == nullptr) throw Error(Code::input, where, "the answer has no \"data\"", short_rest);
  return *data;
}

}  // namespace

ApifyClient::ApifyClient(Context host, ApifyAccess access) : host_(host), access_(std::move(access)) {
  check_address(access_.api_url);
  while (access_.api_url.back() == '/') access_.api_url.pop_back();
  std::replace(access_.actor.begin(), access_.actor.end(), '/', '~');
  if (!is_plain(access_.actor) || std::count(access_.actor.begin(), access_.actor.end(), '~') > 1)
    throw Error(Code::config, "actor", "\"" + access_.actor + "\" is no actor; write \"owner/name\" or its id");
}

ApifyRun ApifyClient::start(const std::string& input, const RunLimits& limits) const {
  HttpRequest request;
  request.method = "POST";
  request.url = access_.api_url + "/acts/" + access_.actor + "/runs?timeout=" + std::to_string(limits.timeout_s) +
                "&maxItems=" + std::to_string(limits.max_items) +
                "&maxTotalChargeUsd=" + Json::number_text(limits.max_charge_usd);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = input;
  if (limits.usd_per_day > 0)  // in cents, each run at its limit: what it really costs is known too late
    request.quota = {"apify-cents", access_.token.handle(),
                     static_cast<std::int64_t>(std::ceil(limits.max_charge_usd * 100)),
                     static_cast<std::int64_t>(std::floor(limits.usd_per_day * 100 + 1e-6)), Quota::Day::utc};
  const std::string where = request.url;
  const HttpResponse response = ask(std::move(request));
  if (response.status != 200 && response.status != 201) refuse(response, where);
  const Json answer = parse_answer(response.body, where);
  return run_of(data_of(answer, where), where);
}

std::vector<ApifyRun> ApifyClient::runs_since(std::int64_t time) const {
  HttpRequest request;
  request.url = access_.api_url + "/acts/" + access_.actor + "/runs?desc=1&limit=100";
  const std::string where = request.url;
  const HttpResponse response = ask(std::move(request));
  if (response.status != 200) refuse(response, where);
  std::vector<ApifyRun> runs = parse_runs(response.body, where);
  runs.erase(std::remove_if(runs.begin(), runs.end(), [&](const ApifyRun& run) { return run.started_at < time; }),
             runs.end());
  return runs;
}

Json ApifyClient::input_of(const ApifyRun& run) const {
  if (run.store.empty()) return {};
  HttpRequest request;
  request.url = access_.api_url + "/key-value-stores/" + run.store + "/records/INPUT";
  const std::string where = request.url;
  const HttpResponse response = ask(std::move(request));
  if (response.status == 404) return {};
  if (response.status != 200) refuse(response, where);
  return parse_answer(response.body, where);
}

ApifyRun ApifyClient::run(const std::string& id) const {
  HttpRequest request;
  request.url = url_of_run(id);
  const HttpResponse response = ask(std::move(request));
  if (response.status != 200) refuse(response, url_of_run(id));
  return parse_run(response.body, url_of_run(id));
}

ApifyRun ApifyClient::abort(const std::string& id) const {
  HttpRequest request;
  request.method = "POST";
  request.url = url_of_run(id) + "/abort";
  const std::string where = request.url;
  const HttpResponse response = ask(std::move(request));
  if (response.status != 200) refuse(response, where);
  return parse_run(response.body, where);
}

ItemPage ApifyClient::items(const std::string& dataset, std::int64_t offset, std::int64_t limit) const {
  const std::string where = url_of_items(dataset, offset, limit);
  HttpRequest request;
  request.url = where;
  request.max_bytes = most_bytes;
  const HttpResponse response = ask(std::move(request));
  if (response.status != 200) refuse(response, where);
  const auto begins_at = number(response.header("X-Apify-Pagination-Offset"));
  if (begins_at && *begins_at != offset)
    throw Error(Code::input, where,
                "Apify answers with the items from " + std::to_string(*begins_at) + " on, not with those asked for",
                short_rest);
  return {parse_list(response.body, where), number(response.header("X-Apify-Pagination-Total")).value_or(-1)};
}

std::string ApifyClient::url_of_run(const std::string& id) const { return access_.api_url + "/actor-runs/" + id; }

std::string ApifyClient::url_of_items(const std::string& dataset, std::int64_t offset, std::int64_t limit) const {
  return access_.api_url + "/datasets/" + dataset + "/items?format=json&offset=" + std::to_string(offset) +
         "&limit=" + std::to_string(limit);
}

HttpResponse ApifyClient::ask(HttpRequest request) const {
  host_.check_cancelled();
  request.purpose = Purpose::interface;
  if (request.max_bytes == 0) request.max_bytes = std::uint64_t{8} << 20U;
  request.headers.push_back({"Authorization", "Bearer " + access_.token.handle()});
  return host_.fetch(request);
}

void ApifyClient::refuse(const HttpResponse& response, const std::string& url) const {
  const std::string complaint = parse_apify_complaint(response.body);
  const std::string status = "status " + std::to_string(response.status) + (complaint.empty() ? "" : ", " + complaint);
  if (response.status == 401)
    throw Refused(Code::config, "token",
                  "Apify refuses the token (" + status + "); copy it anew from console.apify.com, Settings, API");
  if (response.status == 402)
    throw Refused(Code::limited, url, "Apify wants more to be paid first (" + status + ")", 3'600'000);
  if (response.status == 403)
    throw Refused(Code::unsupported, url, "Apify does not let this token do this (" + status + ")");
  if (response.status == 429) {
    const auto rest = number(response.header("Retry-After"));
    throw Error(Code::limited, url, "Apify asks to slow down (" + status + ")",
                rest && *rest >= 0 && *rest < 1'000'000 ? *rest * 1000 : short_rest);
  }
  if (response.status >= 500) throw Error(Code::io, url, "Apify is in trouble (" + status + ")", short_rest);
  if (response.status == 404)
    throw Refused(Code::input, url, "Apify does not know this (" + status + "); it was deleted, or never was");
  throw Refused(Code::input, url, "Apify does not do this (" + status + ")");
}

ApifyRun parse_run(std::string_view text, const std::string& where) {
  const Json answer = parse_answer(text, where);
  return run_of(data_of(answer, where), where);
}

std::vector<ApifyRun> parse_runs(std::string_view text, const std::string& where) {
  const Json answer = parse_answer(text, where);
  const Json* items = data_of(answer, where).find("items");
  if (items == nullptr || items->if_array() == nullptr)
    throw Error(Code::input, where, "the answer has no list of runs", short_rest);
  std::vector<ApifyRun> runs;
  for (const Json& item : *items->if_array()) runs.push_back(run_of(item, where));
  return runs;
}

std::string parse_apify_complaint(std::string_view text) {
  constexpr std::size_t longest = 200;
  try {
    const Json answer = Json::parse(text.substr(0, 65'536));
    const Json* error = answer.find("error");
    if (error == nullptr) return {};
    const std::string type = text_member(*error, "type"), message = text_member(*error, "message");
    std::string complaint = type.empty() || message.empty() ? type + message : type + ": " + message;
    std::replace_if(
        complaint.begin(), complaint.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
    return shortened(complaint, longest);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace risetime::tiktok
