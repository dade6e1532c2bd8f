// A bounded disk cache of pages with an ETag or a Last-Modified date, so that what has not changed is not sent again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <risetime/host.hpp>
#include <string>

namespace risetime::core {

// Every answer is asked for anew, with If-None-Match or If-Modified-Since; only the body of a 304 comes from here. Any
// thread may call. A file that cannot be read, is cut short or altered counts as not there. Failures to write (a full
// disk) are no errors: the cache is then smaller than it could be.
class PageCache {
 public:
  // most_bytes of bodies and headers together; 0: nothing is kept.
  PageCache(std::filesystem::path folder, std::uint64_t most_bytes);

  // What was kept for this request, with the same headers.
  std::optional<HttpResponse> find(const HttpRequest& request);
  // Keeps a fresh answer of status 200, where it says by what it can be asked for again and may be kept at all; drops
  // what was kept otherwise. The pages that were used longest ago give way.
  void keep(const HttpRequest& request, const HttpResponse& response);

  // The headers that ask whether `kept` still holds.
  static std::vector<HttpHeader> conditions(const HttpResponse& kept);
  // `kept` as a 304 brings it up to date.
  static HttpResponse refreshed(HttpResponse kept, const std::vector<HttpHeader>& headers);

  std::uint64_t bytes();

 private:
  std::filesystem::path file_of(const HttpRequest& request) const;
  void measure();
  void make_room();
  void drop(const std::filesystem::path& file);

  std::filesystem::path folder_;
  std::uint64_t most_bytes_;
  std::mutex mutex_;
  bool is_measured_ = false;
  std::uint64_t bytes_ = 0;
};

}  // namespace risetime::core
