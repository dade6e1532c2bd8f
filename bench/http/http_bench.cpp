// Fetches pages of 50 KB from a server on loopback through the host's client, politeness switched off, and prints how
// many a second, how much processor time, and the resident memory at each tenth of the way: one JSON object.
//
//   http_bench PAGES
//   http_bench serve       the server alone, for other clients: prints its port, and ends with its standard input
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/http/client.hpp"

namespace {

using namespace risetime;
using namespace risetime::core;

constexpr std::size_t page_bytes = 50'000;

// Each side has a core of its own, so that the server's work is not counted as the client's.
void stay_on(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

// Answers every request on one connection after the other, which stay open.
[[noreturn]] void serve(int listening) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + std::to_string(page_bytes) + "\r\n\r\n" +
      std::string(page_bytes, 'x');
  while (true) {
    const int connection = accept(listening, nullptr, nullptr);
    std::string request;
    char buffer[4096];
    for (long got = recv(connection, buffer, sizeof buffer, 0); got > 0;
         got = recv(connection, buffer, sizeof buffer, 0)) {
      request.append(buffer, static_cast<std::size_t>(got));
      if (request.find("\r\n\r\n") == std::string::npos) continue;
      request.clear();
      for (std::size_t sent = 0; sent < answer.size();) {
        const long count = send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
    }
    close(connection);
  }
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

long resident_kib() {
  std::ifstream in("/proc/self/statm");
  long pages = 0, resident = 0;
  in >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

}  // namespace

int main(int count, char** arguments) {
  const bool only_serves = count > 1 && std::string(arguments[1]) == "serve";
  const long pages = count > 1 ? std::atol(arguments[1]) : 20'000;
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listening, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listening, 4) != 0 ||
      getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 1;
  const pid_t server = fork();
  if (server == 0) {
    stay_on(1);
    serve(listening);
  }
  if (only_serves) {
    fmt::print("{}\n", ntohs(address.sin_port));
    std::fflush(stdout);
    while (std::getchar() != EOF) continue;
    kill(server, SIGTERM);
    waitpid(server, nullptr, 0);
    return 0;
  }
  stay_on(0);

  const SystemClock clock;
  HttpOptions options;
  options.proxy = "";
  options.policy.rate = {1e9, 1e9};
  options.policy.jitter = 0;
  options.policy.autothrottle = false;
  options.policy.robots = false;
  HttpClient client(options, clock);
  HttpRequest request;
  const std::string site = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  const std::int64_t begun = clock.now();
  const double processor_begun = processor_seconds();
  std::string resident;
  for (long page = 0; page < pages; ++page) {
    request.url = site + std::to_string(page);
    if (client.fetch(request).body.size() != page_bytes) return 1;
    if ((page + 1) % std::max(1L, pages / 10) == 0)
      resident += (resident.empty() ? "" : ", ") + std::to_string(resident_kib());
  }
  const double seconds = static_cast<double>(clock.now() - begun) * 1e-6;
  fmt::print("{{\"pages\": {}, \"seconds\": {:.3f}, \"processor_seconds\": {:.3f}, \"resident_kib\": [{}]}}\n", pages,
             seconds, processor_seconds() - processor_begun, resident);
  std::fflush(stdout);
  kill(server, SIGTERM);
  waitpid(server, nullptr, 0);
  return 0;
}
