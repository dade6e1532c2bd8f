// A web server for tests: real sockets on loopback, one thread, and a script that can misbehave in every way.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace risetime::core::testing {

// One connection of a client; a handler reads the request and then does what the test wants.
class Connection {
 public:
  Connection(int descriptor, SSL* tls, const std::atomic<bool>& stopping)
      : descriptor_(descriptor), tls_(tls), stopping_(stopping) {}

  // Head and body as they came.
  std::string read_request() {
    std::string request;
    std::size_t wanted = std::string::npos;
    while (request.size() < wanted) {
      char buffer[4096];
      const long got = receive(buffer, sizeof buffer);
      if (got <= 0) break;
      request.append(buffer, static_cast<std::size_t>(got));
      const std::size_t head = request.find("\r\n\r\n");
      if (head != std::string::npos) wanted = head + 4 + body_length(request.substr(0, head));
    }
    return request;
  }
  // Answers whether the client still listens.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const long sent = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                        : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0 || stopping_) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // A whole, proper answer.
  void answer(const std::string& status, const std::string& body = "", const std::string& headers = "") {
    send("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body);
  }
  // Closes with RST, as a crashing server does.
  void reset() const {
    const linger at_once{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  // Waits, but not for a server that is being taken down.
  void pause(int milliseconds) const {
    for (int waited = 0; waited < milliseconds && !stopping_; waited += 10)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  bool stopping() const { return stopping_; }

 private:
  long receive(char* buffer, std::size_t size) {
    return tls_ != nullptr ? SSL_read(tls_, buffer, static_cast<int>(size)) : ::recv(descriptor_, buffer, size, 0);
  }
  static std::size_t body_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    std::size_t length = 0;
    if (at != std::string::npos) std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
    return length;
  }

  int descriptor_;
  SSL* tls_;
  const std::atomic<bool>& stopping_;
};

// Serves one connection after the other until it is destroyed.
class TestServer {
 public:
  // Gets the request, and how many came before it.
  using Handler = std::function<void(Connection& connection, const std::string& request, std::size_t earlier)>;

  explicit TestServer(Handler handler, SSL_CTX* tls = nullptr) : handler_(std::move(handler)), tls_(tls) {
    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listening_ < 0 || bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listening_, 16) != 0 || getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("the test server finds no port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    stopping_ = true;
    thread_.join();
    close(listening_);
  }

  std::string url(const std::string& path = "/") const {
    return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + path;
  }
  std::string site() const { return "127.0.0.1:" + std::to_string(port_); }
  // Every request so far, heads and bodies.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    sigset_t broken_pipe;  // OpenSSL's writes raise it when the client has gone
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    while (!stopping_) {
      pollfd waiting{listening_, POLLIN, 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      const int descriptor = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) continue;
      const timeval patience{5, 0};
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      serve_one(descriptor);
      close(descriptor);
    }
  }
  void serve_one(int descriptor) {
    std::unique_ptr<SSL, decltype(&SSL_free)> tls(tls_ != nullptr ? SSL_new(tls_) : nullptr, &SSL_free);
    if (tls) {
      SSL_set_fd(tls.get(), descriptor);
      if (SSL_accept(tls.get()) != 1) return;
    }
    Connection connection(descriptor, tls.get(), stopping_);
    const std::string request = connection.read_request();
    std::size_t earlier = 0;
    {
      const std::lock_guard lock(mutex_);
      earlier = requests_.size();
      requests_.push_back(request);
    }
    handler_(connection, request, earlier);
    if (tls) SSL_shutdown(tls.get());
  }

  Handler handler_;
  SSL_CTX* tls_;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace risetime::core::testing
