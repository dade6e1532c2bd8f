// One request and one answer over the network by libcurl: no retries, no redirects, no politeness; those are the
// client's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <risetime/host.hpp>
#include <string>
#include <vector>

#include "core/http/limiter.hpp"
#include "core/http/url.hpp"

namespace risetime::core {

struct TransferLimits {
  std::int64_t connect_ms = 10'000;
  std::int64_t total_ms = 60'000;
  std::int64_t slow_bytes_per_second = 200;            // an answer slower than this ...
  std::int64_t slow_seconds = 20;                      // ... for so long is given up
  std::uint64_t max_bytes = std::uint64_t{32} << 20U;  // of the body after decompression
  bool cut = false;                                    // a longer body is cut there instead of refused
};

struct TransferSettings {
  std::string user_agent;
  std::optional<std::string> proxy;  // nothing: what the environment says (https_proxy, no_proxy); "": none
  std::filesystem::path ca_file;     // certificates to trust, PEM; empty: the system's
};

// Exactly what goes out; secrets are in clear.
struct WireRequest {
  std::string method;
  Url url;
  std::vector<HttpHeader> headers;
  std::string body;
};
struct WireAnswer {
  std::int64_t status = 0;
  std::vector<HttpHeader> headers;  // names in lower case; without those that described the compressed body
  std::string body;                 // decompressed
  // Microseconds to the first byte of the answer, and to its end, by a clock that does not jump.
  std::int64_t latency = 0, took = 0;
};

// An open connection: bytes, and nothing that they mean. For one thread.
class ByteStream {
 public:
  ByteStream(void* handle, std::string where) : handle_(handle), where_(std::move(where)) {}  // CURL, connected
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  ~ByteStream();

  // How many bytes came within the time, 0 for none. Throws Error(Code::io) where the other side has closed or broken
  // off.
  std::size_t read(char* to, std::size_t most, std::int64_t wait_ms);
  // How many of the bytes left; 0 where none can at the moment. Throws as read does.
  std::size_t write(std::string_view bytes);

 private:
  void* handle_;
  std::string where_;
};

// Keeps connections open between requests. Any thread may call.
class Transport {
 public:
  explicit Transport(TransferSettings settings);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();

  // Throws Error; `where` is the address as it may be shown. Code::io: no answer (retry_after_ms is 0 where trying
  // again may help, -1 where it will not); Code::input: an answer that is no HTTP or that is larger than the limit;
  // Code::cancelled.
  WireAnswer perform(const WireRequest& request, const TransferLimits& limits, const std::string& where,
                     const Cancelled& cancelled);

  // Connects, over TLS where the address is https, and speaks no HTTP. Throws as perform does.
  std::unique_ptr<ByteStream> connect(const Url& url, std::int64_t connect_ms, const std::string& where,
                                      const Cancelled& cancelled);

 private:
  struct FreeHandle {
    void operator()(void* handle) const;
  };
  using Handle = std::unique_ptr<void, FreeHandle>;  // CURL is void
  Handle take_handle();
  void give_back(Handle handle);

  TransferSettings settings_;
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

}  // namespace risetime::core
