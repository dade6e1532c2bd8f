// One file a page: the hash of what follows, then the exchange as recordings write it.
#include "core/http/cache.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "core/base/files.hpp"
#include "core/base/hash.hpp"
#include "core/http/recording.hpp"

namespace risetime::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t{64} << 20U;
constexpr std::size_t digest_size = 64;

bool says(std::string_view cache_control, std::string_view word) {
  return cache_control.find(word) != std::string_view::npos;
}

bool may_keep(const HttpRequest& request, const HttpResponse& response) {
  if (request.method != "GET" || response.status != 200 || !request.body.empty()) return false;
  if (says(response.header("cache-control"), "no-store") || response.header("vary") == "*") return false;
  return !response.header("etag").empty() || !response.header("last-modified").empty();
}

}  // namespace

PageCache::PageCache(fs::path folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(folder_.empty() ? 0 : most_bytes) {}

// The headers belong to the name, so that an answer in another language is another page.
fs::path PageCache::file_of(const HttpRequest& request) const {
  Fingerprint print;
  print.add(request.method).add(request.url).list(request.headers.size());
  for (const HttpHeader& header : request.headers) print.add(header.name).add(header.value);
  const std::string name = print.hex();
  return folder_ / name.substr(0, 2) / (name.substr(2, 30) + ".http");
}

std::optional<HttpResponse> PageCache::find(const HttpRequest& request) {
  if (most_bytes_ == 0 || request.method != "GET") return std::nullopt;
  const fs::path file = file_of(request);
  std::error_code missing;
  if (!fs::exists(file, missing)) return std::nullopt;
  try {
    const std::string bytes = read_file(file, largest_file);
    const std::string_view exchange = std::string_view(bytes).substr(std::min(bytes.size(), digest_size + 1));
    if (bytes.compare(0, digest_size, sha256_hex(exchange)) == 0) {
      fs::last_write_time(file, fs::file_time_type::clock::now(), missing);  // used now
      return parse_exchange(exchange, file.string()).response;
    }
  } catch (const Error&) {  // not there, then
  }
  const std::lock_guard lock(mutex_);
  drop(file);
  return std::nullopt;
}

void PageCache::keep(const HttpRequest& request, const HttpResponse& response) {
  if (most_bytes_ == 0) return;
  const fs::path file = file_of(request);
  const std::lock_guard lock(mutex_);
  measure();
  drop(file);
  if (!may_keep(request, response)) return;
  HttpResponse fit = response;
  std::erase_if(fit.headers, [](const HttpHeader& header) { return header.name == "set-cookie"; });
  const std::string exchange = format_exchange({request, fit});
  if (exchange.size() > most_bytes_ / 4) return;  // one page must not push all others out
  fs::path temporary = file;
  temporary += ".tmp-" + std::to_string(::getpid());
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  // Not synced: a page that a power failure cuts short is told by its digest, and asked for again.
  std::ofstream out(temporary, std::ios::binary);
  out << sha256_hex(exchange) << '\n' << exchange;
  out.close();
  if (out) fs::rename(temporary, file, failed);
  if (!out || failed) {
    fs::remove(temporary, failed);
    return;
  }
  bytes_ += exchange.size() + digest_size + 1;
  if (bytes_ > most_bytes_) make_room();
}

std::vector<HttpHeader> PageCache::conditions(const HttpResponse& kept) {
  std::vector<HttpHeader> out;
  if (const auto tag = kept.header("etag"); !tag.empty()) out.push_back({"If-None-Match", std::string(tag)});
  if (const auto date = kept.header("last-modified"); !date.empty())
    out.push_back({"If-Modified-Since", std::string(date)});
  return out;
}

HttpResponse PageCache::refreshed(HttpResponse kept, const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& fresh : headers) {
    std::erase_if(kept.headers, [&](const HttpHeader& old) { return old.name == fresh.name; });
    kept.headers.push_back(fresh);
  }
  return kept;
}

std::uint64_t PageCache::bytes() {
  const std::lock_guard lock(mutex_);
  measure();
  return bytes_;
}

void PageCache::drop(const fs::path& file) {
  std::error_code missing;
  const std::uint64_t size = fs::file_size(file, missing);
  if (missing || !fs::remove(file, missing)) return;
  if (is_measured_) bytes_ -= std::min(bytes_, size);
}

void PageCache::measure() {
  if (is_measured_) return;
  is_measured_ = true;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    const std::uint64_t size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone) bytes_ += size;
  }
}

// Down to three quarters, so that not every page that is kept searches the folder.
void PageCache::make_room() {
  struct Page {
    fs::file_time_type used;
    std::uint64_t bytes;
    fs::path file;
  };
  std::vector<Page> pages;
  bytes_ = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    if (!at->is_regular_file(gone)) continue;
    Page page{at->last_write_time(gone), at->file_size(gone), at->path()};
    if (gone) continue;
    bytes_ += page.bytes;
    pages.push_back(std::move(page));
  }
  std::sort(pages.begin(), pages.end(),
            [](const Page& a, const Page& b) { return std::pair(a.used, a.file) < std::pair(b.used, b.file); });
  for (const Page& page : pages) {
    if (bytes_ <= most_bytes_ / 4 * 3) return;
    drop(page.file);
  }
}

}  // namespace risetime::core
