// Fetching, keeping and asking of robots.txt.
#include "core/http/robots_gate.hpp"

#include <algorithm>
#include <risetime/error.hpp>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/http/recording.hpp"

namespace risetime::core {
namespace {

constexpr const char* product = "risetime";
constexpr std::int64_t life = day;                         // RFC 9309, 2.4: no longer
constexpr std::int64_t life_of_trouble = 10 * minute;      // until a server in trouble is asked again
constexpr int most_redirects = 5;                          // RFC 9309, 2.3.1.2
constexpr const char* time_header = "x-risetime-fetched";  // in the file that is kept

std::string origin_of(const Url& url) { return std::string(url.is_https() ? "https://" : "http://") + url.site(); }

std::string_view location_of(const WireAnswer& answer) {
  for (const HttpHeader& header : answer.headers)
    if (header.name == "location" && answer.status >= 300 && answer.status < 400) return header.value;
  return {};
}

}  // namespace

std::int64_t RobotsGate::check(const Url& url, const Fetch& fetch) {
  const std::string origin = origin_of(url);
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    auto& known = entries_[origin];
    if (!known) known = std::make_shared<Entry>();
    entry = known;
  }
  const std::lock_guard lock(entry->mutex);
  const auto is_fresh = [&] {
    // A clock that jumps back must not keep an old file for longer.
    return clock_.now() < entry->expires_at && clock_.now() >= entry->fetched_at;
  };
  if (!is_fresh()) load(*entry, origin);
  if (!is_fresh()) fetch_into(*entry, origin, fetch);
  const std::string where = fit_for_messages(url.text());
  if (!entry->trouble.empty())
    throw Error(Code::io, where,
                "nothing is fetched from this server as long as its robots.txt cannot be read: " + entry->trouble,
                std::max<std::int64_t>(0, entry->expires_at - clock_.now()) / millisecond);
  const std::string_view rule = entry->rules.forbids(url.path_and_query());
  if (!rule.empty())
    throw Error(Code::unsupported, where,
                "robots.txt of this server forbids programs to fetch the page (\"" + std::string(rule) +
                    "\"); if its owner lets you, set robots = false under [http.hosts.\"" + url.site() + "\"]");
  return entry->rules.crawl_delay();
}

std::filesystem::path RobotsGate::file_of(const std::string& origin) const {
  return folder_ / (sha256_hex(origin).substr(0, 16) + ".http");
}

// From an earlier process, where it is not too old.
void RobotsGate::load(Entry& entry, const std::string& origin) const {
  if (folder_.empty()) return;
  std::error_code missing;
  if (!std::filesystem::exists(file_of(origin), missing)) return;
  try {
    const Exchange kept = parse_exchange(read_file(file_of(origin)), file_of(origin).string());
    const auto fetched = parse_time(kept.response.header(time_header));
    if (!fetched || kept.request.url != origin + "/robots.txt") return;
    take(entry, kept.response.status, kept.response.body, *fetched);
  } catch (const Error&) {  // as if it were not there
  }
}

void RobotsGate::fetch_into(Entry& entry, const std::string& origin, const Fetch& fetch) const {
  const std::int64_t now = clock_.now();
  WireAnswer answer;
  try {
    Url at = Url::parse(origin + "/robots.txt");
    answer = fetch(at);
    for (int redirects = 0; !location_of(answer).empty(); ++redirects) {
      if (redirects == most_redirects) {
        answer = {404, {}, {}};  // as unavailable as a file that is not there
        break;
      }
      at = at.resolve(location_of(answer));
      answer = fetch(at);
    }
  } catch (const Error& error) {
    if (error.code() == Code::cancelled || error.code() == Code::limited) throw;
    entry.rules = Robots();
    entry.trouble = error.what();
    entry.fetched_at = now;
    entry.expires_at = now + life_of_trouble;
    return;
  }
  take(entry, answer.status, answer.body, now);
  if (folder_.empty() || !entry.trouble.empty()) return;
  HttpRequest request;
  request.url = origin + "/robots.txt";
  make_folders(folder_);
  write_file(file_of(origin), format_exchange({request,
                                               {answer.status,
                                                request.url,
                                                {{time_header, format_time(now)}},
                                                answer.body.substr(0, Robots::most_bytes)}}));
}

void RobotsGate::take(Entry& entry, std::int64_t status, std::string_view body, std::int64_t fetched_at) const {
  entry.fetched_at = fetched_at;
  entry.expires_at = fetched_at + life;
  entry.trouble.clear();
  entry.rules = Robots();
  if (status >= 500) {
    entry.trouble = "status " + std::to_string(status);
    entry.expires_at = fetched_at + life_of_trouble;
  } else if (status >= 200 && status < 300) {
    entry.rules = Robots::parse(body, product);
  }
}

}  // namespace risetime::core
