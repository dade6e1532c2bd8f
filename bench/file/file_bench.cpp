// Times the file source through the plugin boundary: from a file to checked record batches, which are dropped.
//
//   file_bench PLUGIN.so CONFIG_JSON REPEATS     prints {"rows", "seconds", "processor_seconds", "resident_kib"}
#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <risetime/testing.hpp>

namespace {

struct Counter : risetime::client::PullReceiver {
  std::size_t rows = 0, bad = 0;
  std::string at;
  void batch(std::string_view, risetime::Batch batch) override { rows += batch.rows(); }
  void reject(std::string_view, std::string_view, std::string_view) override { ++bad; }
  void failed(std::string_view, const risetime::Error& error) override { throw error; }
  void cursor(std::string_view bytes) override { at = bytes; }
};

std::size_t read_all(const risetime_plugins* plugins, const char* config) {
  constexpr std::size_t rows_per_pull = 50'000;
  risetime::testkit::FakeHost host;
  const auto instance = host.load(plugins, "file", config);
  risetime::client::Source source(*instance);
  Counter counter;
  for (bool more = true; more;) {
    const std::string from = counter.at;
    more = source.pull(from, rows_per_pull, counter);
  }
  if (counter.bad > 0) throw risetime::Error(risetime::Code::input, "", std::to_string(counter.bad) + " bad rows");
  return counter.rows;
}

// getrusage would count what the process was before exec, too.
long peak_resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::atol(line.c_str() + 6);
  return 0;
}

void run(const char* plugin, const char* config, int repeats) {
  void* const library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library == nullptr ? nullptr : dlsym(library, RISETIME_ENTRY_SYMBOL);
  if (symbol == nullptr) throw risetime::Error(risetime::Code::io, plugin, "cannot be loaded");
  const auto* plugins = reinterpret_cast<risetime_plugin_v1_function>(symbol)();
  std::size_t rows = 0;
  std::string seconds, processor_seconds;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t processor_begin = std::clock();
    rows = read_all(plugins, config);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    const double processor = static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC;
    seconds += (i > 0 ? ", " : "") + std::to_string(taken.count());
    processor_seconds += (i > 0 ? ", " : "") + std::to_string(processor);
  }
  std::printf("{\"rows\": %zu, \"seconds\": [%s], \"processor_seconds\": [%s], \"resident_kib\": %ld}\n", rows,
              seconds.c_str(), processor_seconds.c_str(), peak_resident_kib());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: file_bench PLUGIN.so CONFIG_JSON REPEATS\n");
    return 2;
  }
  try {
    run(arguments[1], arguments[2], std::atoi(arguments[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "file_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
