// Times the text plugin as the host runs it: fit and describe over texts in a file, for run.py beside it.
//
//   text_bench PLUGIN.so TEXTS.tsv CONFIG.json THREADS REPEATS [COUNTS.tsv]
//
// TEXTS.tsv has a video a line: title, tab, tags as one text. Prints one JSON object: seconds of each repeat, by the
// wall clock and of the processor. With COUNTS.tsv it also writes every number that is not 0 as row, name, value.
#include <dlfcn.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <risetime/testing.hpp>

namespace {

using namespace risetime;

constexpr size_t rows_a_batch = 4096;

std::vector<Video> read_videos(const std::string& path) {
  std::ifstream file(path);
  std::vector<Video> videos;
  for (std::string line; std::getline(file, line);) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos)
      throw Error(Code::input, path + ":" + std::to_string(videos.size() + 1), "expected title, tab, tags");
    Video video;
    video.title = line.substr(0, tab);
    video.tags = {line.substr(tab + 1)};
    videos.push_back(std::move(video));
  }
  return videos;
}

const risetime_plugins* load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* entry = library == nullptr ? nullptr : dlsym(library, "risetime_plugin_v1");
  if (entry == nullptr) throw Error(Code::io, path, dlerror());
  return reinterpret_cast<const risetime_plugins* (*)()>(entry)();
}

/// Batches that are made once and lent as often as asked for: the clock must not count their making.
class Lent : public client::BatchProvider {
 public:
  explicit Lent(const std::vector<Batch>& batches) : batches_(batches) {}
  std::optional<Batch> next() override {
    if (at_ == batches_.size()) return std::nullopt;
    ArrowArray array = batches_[at_].array();
    ArrowSchema schema = batches_[at_++].schema();
    array.release = [](ArrowArray* lent) { lent->release = nullptr; };
    schema.release = [](ArrowSchema* lent) { lent->release = nullptr; };
    return Batch::take(array, schema, Texts::checked);
  }
  void rewind() override { at_ = 0; }

 private:
  const std::vector<Batch>& batches_;
  size_t at_ = 0;
};

void write_counts(const std::string& path, const std::vector<std::string>& names, const std::vector<Batch>& described) {
  std::ofstream file(path);
  size_t row_of_file = 0;
  for (const Batch& batch : described) {
    const Column& vectors = batch.column("vector", Type::fixed_size_list);
    for (size_t row = 0; row < batch.rows(); ++row, ++row_of_file) {
      const Column items = vectors.items(row);
      for (size_t i = 0; i < names.size(); ++i)
        if (items.float32(i) != 0) file << row_of_file << '\t' << names[i] << '\t' << items.float32(i) << '\n';
    }
  }
}

int run(char** arguments, bool with_counts) {
  const auto* plugins = load(arguments[1]);
  const std::vector<Video> videos = read_videos(arguments[2]);
  std::vector<Batch> batches;
  for (size_t begin = 0; begin < videos.size(); begin += rows_a_batch) {
    BatchBuilder builder(tables::video().fields);
    for (size_t i = begin; i < std::min(videos.size(), begin + rows_a_batch); ++i) append(builder, videos[i]);
    batches.push_back(builder.finish());
  }
  testkit::FakeHost host;
  host.set_threads(std::stoul(arguments[4]));
  std::string wall, processor;
  for (int repeat = 0; repeat < std::stoi(arguments[5]); ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t processor_begin = std::clock();
    const auto instance = host.load(plugins, "text", arguments[3]);
    client::Featurizer featurizer(*instance);
    Lent lent(batches);
    featurizer.fit(lent);
    std::vector<Batch> described;
    for (const Batch& batch : batches) {
      if (!with_counts) described.clear();  // as the host, which stores a batch and lets it go
      described.push_back(featurizer.describe(batch, [](size_t, std::string_view) {}));
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    const double processor_seconds = static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC;
    wall += (repeat == 0 ? "" : ", ") + std::to_string(seconds.count());
    processor += (repeat == 0 ? "" : ", ") + std::to_string(processor_seconds);
    if (with_counts && repeat == 0) write_counts(arguments[6], featurizer.names(), described);
  }
  std::cout << "{\"videos\": " << videos.size() << ", \"seconds\": [" << wall << "], \"processor_seconds\": ["
            << processor << "]}\n";
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6 && count != 7) {
    std::cerr << "usage: text_bench PLUGIN.so TEXTS.tsv CONFIG.json THREADS REPEATS [COUNTS.tsv]\n";
    return 2;
  }
  try {
    return run(arguments, count == 7);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
