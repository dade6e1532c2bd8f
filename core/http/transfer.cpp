// How libcurl is set for one transfer, and what its results mean.
#include "core/http/transfer.hpp"

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace risetime::core {
namespace {

constexpr std::size_t most_header_bytes = std::size_t{256} << 10U;
constexpr std::size_t most_idle_handles = 8;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// What the callbacks fill. They run inside curl's C code, so no exception may leave them.
struct Receiving {
  WireAnswer answer;
  std::uint64_t max_bytes = 0;
  std::size_t header_bytes = 0;
  const Cancelled* cancelled = nullptr;
  bool cut = false;  // stop at max_bytes and take what is there
  bool too_large = false;
  bool too_many_headers = false;
  bool head_is_whole = false;  // curl takes a connection that is closed within the head for the end of an answer
  bool stopped = false;
  std::exception_ptr failure;
};

template <class Body>
std::size_t shielded(Receiving& receiving, std::size_t on_failure, const Body& body) noexcept {
  try {
    return body();
  } catch (...) {
    receiving.failure = std::current_exception();
    return on_failure;
  }
}

std::string trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from));
}

// A header's value as valid UTF-8 without control characters: plugins and recordings are promised text.
std::string clean_value(std::string_view raw) {
  std::string value = trimmed(raw);
  const bool utf8 = valid_utf8(value);
  for (char& c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7F || (!utf8 && byte >= 0x80)) c = '?';
  }
  return value;
}

void take_header_line(WireAnswer& answer, std::string_view line) {
  // A status line begins anew: what stood before it belonged to an interim answer.
  if (line.substr(0, 5) == "HTTP/") {
    answer.headers.clear();
    return;
  }
  if ((line.front() == ' ' || line.front() == '\t') && !answer.headers.empty()) {
    answer.headers.back().value += " " + clean_value(line);
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  std::string name = clean_value(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  answer.headers.push_back({std::move(name), clean_value(line.substr(colon + 1))});
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* context) noexcept {
  auto& receiving = *static_cast<Receiving*>(context);
  const std::size_t bytes = size * count;
  return shielded(receiving, bytes + 1, [&] {
    receiving.header_bytes += bytes;
    receiving.too_many_headers = receiving.header_bytes > most_header_bytes;
    if (receiving.too_many_headers) return bytes + 1;  // a wrong count tells curl to stop
    const std::string_view line(data, bytes);
    receiving.head_is_whole = line == "\r\n" || line == "\n";
    if (bytes > 0) take_header_line(receiving.answer, line);
    return bytes;
  });
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* context) noexcept {
  auto& receiving = *static_cast<Receiving*>(context);
  const std::size_t bytes = size * count;
  return shielded(receiving, bytes + 1, [&] {
    receiving.too_large = bytes > receiving.max_bytes - receiving.answer.body.size();
    if (receiving.too_large) {
      if (receiving.cut) receiving.answer.body.append(data, receiving.max_bytes - receiving.answer.body.size());
      return bytes + 1;
    }
    receiving.answer.body.append(data, bytes);
    return bytes;
  });
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  auto& receiving = *static_cast<Receiving*>(context);
  return static_cast<int>(shielded(receiving, 1, [&]() -> std::size_t {
    receiving.stopped = *receiving.cancelled && (*receiving.cancelled)();
    return receiving.stopped ? 1 : 0;
  }));
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle, option, value);
  if (code != CURLE_OK)
    throw Error(Code::internal, "http", std::string("libcurl refused a setting: ") + curl_easy_strerror(code));
}

void set_security(CURL* handle, const TransferSettings& settings) {
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);  // the client follows, because it must judge each step
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  if (!settings.ca_file.empty()) set(handle, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (settings.proxy) set(handle, CURLOPT_PROXY, settings.proxy->c_str());
}

void set_limits(CURL* handle, const TransferLimits& limits) {
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_ms));
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total_ms));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.slow_bytes_per_second));
  set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.slow_seconds));
}

HeaderList header_list(const WireRequest& request) {
  HeaderList list;
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  bool has_type = false;
  for (const HttpHeader& header : request.headers) {
    // "name;" is how curl is told to send a header without a value.
    add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    has_type = has_type || curl_strequal(header.name.c_str(), "content-type") != 0;
  }
  if (!has_type) add("Content-Type:");  // else curl calls every body a web form
  add("Expect:");                       // no round trip before a body
  return list;
}

void set_request(CURL* handle, const WireRequest& request, const std::string& user_agent, curl_slist* headers) {
  set(handle, CURLOPT_URL, request.url.text().c_str());
  set(handle, CURLOPT_USERAGENT, user_agent.c_str());
  set(handle, CURLOPT_ACCEPT_ENCODING, "");  // every compression that this curl can undo
  set(handle, CURLOPT_HTTPHEADER, headers);
  if (request.method == "HEAD") {
    set(handle, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    set(handle, CURLOPT_POST, 1L);
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method != "GET" || !request.body.empty()) set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_receiving(CURL* handle, Receiving& receiving) {
  set(handle, CURLOPT_HEADERFUNCTION, &on_header);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&receiving));
  set(handle, CURLOPT_WRITEFUNCTION, &on_body);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&receiving));
  set(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(handle, CURLOPT_XFERINFODATA, static_cast<void*>(&receiving));
  set(handle, CURLOPT_NOPROGRESS, 0L);
}

// A write to a connection that the server has closed raises SIGPIPE from inside OpenSSL, and libcurl leaves that to its
// user under CURLOPT_NOSIGNAL. Here it stays with the thread and is taken away.
class WithoutBrokenPipeSignal {
 public:
  WithoutBrokenPipeSignal() {
    sigemptyset(&broken_pipe_);
    sigaddset(&broken_pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &broken_pipe_, &before_);
  }
  WithoutBrokenPipeSignal(const WithoutBrokenPipeSignal&) = delete;
  WithoutBrokenPipeSignal& operator=(const WithoutBrokenPipeSignal&) = delete;
  ~WithoutBrokenPipeSignal() {
    const timespec at_once{0, 0};
    if (!was_pending_) sigtimedwait(&broken_pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t broken_pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

bool is_certificate_problem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_INVALIDCERTSTATUS;
}

bool is_no_http(CURLcode code) {
  return code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_BAD_CONTENT_ENCODING;
}

[[noreturn]] void fail(CURLcode code, const std::string& detail, const Receiving& receiving,
                       const TransferLimits& limits, const std::string& where) {
  if (receiving.failure) std::rethrow_exception(receiving.failure);
  if (receiving.stopped) throw Error(Code::cancelled, where, "stopped on request");
  if (receiving.too_large)
    throw Error(Code::input, where,
                "the answer has more than " + std::to_string(limits.max_bytes) + " bytes, the most that is accepted");
  if (receiving.too_many_headers) throw Error(Code::input, where, "the answer's headers have more than 256 KiB");
  if (code == CURLE_OPERATION_TIMEDOUT) throw Error(Code::io, where, "no complete answer in time: " + detail, 0);
  if (is_certificate_problem(code))
    throw Error(Code::io, where, "the server could not prove that it is who it says: " + detail);
  // Whatever this side refuses was named above; what is left is curl's own word for data behind the end of a compressed
  // body.
  if (code == CURLE_WRITE_ERROR)
    throw Error(Code::input, where, "the answer is not proper HTTP: its compressed body goes on behind its end");
  if (is_no_http(code)) throw Error(Code::input, where, "the answer is not proper HTTP: " + detail);
  throw Error(Code::io, where, "no answer from the network: " + detail, 0);
}

// They spoke of the body as it came over the wire, which nobody sees.
void drop_transfer_headers(std::vector<HttpHeader>& headers) {
  std::erase_if(headers, [](const HttpHeader& header) {
    return header.name == "content-encoding" || header.name == "content-length" || header.name == "transfer-encoding" ||
           header.name == "connection" || header.name == "keep-alive";
  });
}

}  // namespace

void Transport::FreeHandle::operator()(void* handle) const { curl_easy_cleanup(handle); }

Transport::Transport(TransferSettings settings) : settings_(std::move(settings)) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Error(Code::internal, "http", "libcurl does not start");
}

Transport::~Transport() {
  idle_.clear();
  curl_global_cleanup();
}

Transport::Handle Transport::take_handle() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Handle handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  Handle fresh(curl_easy_init());
  if (!fresh) throw std::bad_alloc();
  return fresh;
}

void Transport::give_back(Handle handle) {
  curl_easy_reset(handle.get());  // forgets the request and its secrets, keeps the connections
  const std::lock_guard lock(mutex_);
  if (idle_.size() < most_idle_handles) idle_.push_back(std::move(handle));
}

WireAnswer Transport::perform(const WireRequest& request, const TransferLimits& limits, const std::string& where,
                              const Cancelled& cancelled) {
  Receiving receiving;
  receiving.max_bytes = limits.max_bytes;
  receiving.cut = limits.cut;
  receiving.cancelled = &cancelled;
  std::array<char, CURL_ERROR_SIZE> detail{};
  const HeaderList headers = header_list(request);

  Handle handle = take_handle();
  set(handle.get(), CURLOPT_ERRORBUFFER, detail.data());
  set_security(handle.get(), settings_);
  set_limits(handle.get(), limits);
  set_request(handle.get(), request, settings_.user_agent, headers.get());
  set_receiving(handle.get(), receiving);
  const CURLcode code = [&] {
    const WithoutBrokenPipeSignal quiet;
    return curl_easy_perform(handle.get());
  }();
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_off_t latency = 0, took = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_STARTTRANSFER_TIME_T, &latency);
  curl_easy_getinfo(handle.get(), CURLINFO_TOTAL_TIME_T, &took);
  give_back(std::move(handle));

  const bool is_cut = receiving.too_large && receiving.cut && !receiving.failure;
  if (code != CURLE_OK && !is_cut)
    fail(code, detail.front() != '\0' ? detail.data() : curl_easy_strerror(code), receiving, limits, where);
  if (!receiving.head_is_whole)
    throw Error(Code::io, where, "no answer from the network: it breaks off in its head", 0);
  receiving.answer.status = status;
  receiving.answer.latency = latency;
  receiving.answer.took = took;
  drop_transfer_headers(receiving.answer.headers);
  return std::move(receiving.answer);
}

// ---- connections that stay open

std::unique_ptr<ByteStream> Transport::connect(const Url& url, std::int64_t connect_ms, const std::string& where,
                                               const Cancelled& cancelled) {
  Receiving receiving;
  receiving.cancelled = &cancelled;
  std::array<char, CURL_ERROR_SIZE> detail{};
  Handle handle(curl_easy_init());
  if (!handle) throw std::bad_alloc();
  set(handle.get(), CURLOPT_ERRORBUFFER, detail.data());
  set_security(handle.get(), settings_);
  set(handle.get(), CURLOPT_NOSIGNAL, 1L);
  set(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_ms));
  set(handle.get(), CURLOPT_URL, url.text().c_str());
  set(handle.get(), CURLOPT_CONNECT_ONLY, 1L);
  set(handle.get(), CURLOPT_SSL_ENABLE_ALPN, 0L);  // this is no HTTP
  set_receiving(handle.get(), receiving);
  const CURLcode code = [&] {
    const WithoutBrokenPipeSignal quiet;
    return curl_easy_perform(handle.get());
  }();
  const std::string words = detail.front() != '\0' ? detail.data() : curl_easy_strerror(code);
  set(handle.get(), CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  set(handle.get(), CURLOPT_NOPROGRESS, 1L);
  if (code != CURLE_OK && !receiving.stopped && !receiving.failure && !is_certificate_problem(code))
    throw Error(Code::io, where, "no connection: " + words, 0);
  if (code != CURLE_OK) fail(code, words, receiving, {}, where);
  return std::make_unique<ByteStream>(handle.release(), where);
}

ByteStream::~ByteStream() {
  const WithoutBrokenPipeSignal quiet;
  curl_easy_cleanup(handle_);
}

std::size_t ByteStream::read(char* to, std::size_t most, std::int64_t wait_ms) {
  const WithoutBrokenPipeSignal quiet;
  for (bool waited = false;; waited = true) {
    std::size_t got = 0;
    const CURLcode code = curl_easy_recv(handle_, to, most, &got);
    if (code == CURLE_OK && got > 0) return got;
    if (code != CURLE_AGAIN) throw Error(Code::io, where_, "the other side closed the connection or broke off", 0);
    if (waited) return 0;
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket);
    pollfd readable{socket, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(wait_ms)) <= 0) return 0;
  }
}

std::size_t ByteStream::write(std::string_view bytes) {
  const WithoutBrokenPipeSignal quiet;
  std::size_t sent = 0;
  const CURLcode code = curl_easy_send(handle_, bytes.data(), bytes.size(), &sent);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK) throw Error(Code::io, where_, "the other side closed the connection or broke off", 0);
  return sent;
}

}  // namespace risetime::core
