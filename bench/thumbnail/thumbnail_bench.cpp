// Thumbnails a second: the thumbnail plugin, faces included, over a folder of images as the host runs it. At least 200
// a second a core is the aim.
//
//   thumbnail_bench PLUGIN.so FOLDER [THREADS [REPEATS [CONFIG.json [FACES.txt]]]]
//
// FACES.txt takes the number of faces of each image, in the order of the files' names.
//
//   build/bin/thumbnail_bench build/plugins/thumbnail.so ../shared/data/thumbnails
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <risetime/testing.hpp>

namespace {

using namespace risetime;

std::vector<std::string> read_images(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> images;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    images.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (images.empty()) throw Error(Code::input, folder.string(), "no files");
  return images;
}

const risetime_plugins* load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* entry = library == nullptr ? nullptr : dlsym(library, "risetime_plugin_v1");
  if (entry == nullptr) throw Error(Code::io, path, dlerror());
  return reinterpret_cast<const risetime_plugins* (*)()>(entry)();
}

void write_faces(const char* path, const std::vector<std::string>& names, const Batch& described) {
  const auto faces = static_cast<size_t>(std::find(names.begin(), names.end(), "faces") - names.begin());
  const Column& column = described.column("vector", Type::fixed_size_list);
  std::ofstream file(path);
  for (size_t row = 0; row < described.rows(); ++row)
    file << (column.is_null(row) || faces == names.size() ? 0 : column.items(row).float32s()[faces]) << "\n";
}

int run(int count, char** arguments) {
  const std::vector<std::string> images = read_images(arguments[2]);
  const size_t threads = count > 3 ? std::stoul(arguments[3]) : 1;
  const int repeats = count > 4 ? std::stoi(arguments[4]) : 10;
  testkit::FakeHost host;
  host.set_threads(threads);
  const auto instance = host.load(load(arguments[1]), "thumbnail", count > 5 ? arguments[5] : "{}");
  client::Featurizer featurizer(*instance);
  BatchBuilder builder(tables::thumbnail().fields);
  for (const std::string& image : images) append(builder, Thumbnail{"bench", "v", "image/jpeg", image, 0});
  const Batch rows = builder.finish();

  size_t missing = 0;
  const Batch first = featurizer.describe(rows, [&](size_t, std::string_view) { ++missing; });  // loads the cascade
  if (count > 6) write_faces(arguments[6], featurizer.names(), first);
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor_begin = std::clock();
  for (int repeat = 0; repeat < repeats; ++repeat) featurizer.describe(rows, [](size_t, std::string_view) {});
  const double processor = static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  const double described = static_cast<double>(images.size()) * repeats;
  std::cout << images.size() << " images (" << missing << " missing), " << featurizer.names().size()
            << " numbers each, " << threads << " thread" << (threads > 1 ? "s" : "") << "\n"
            << described / processor << " thumbnails a second of a core, " << described / wall.count()
            << " a second by the clock\n";
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 7) {
    std::cerr << "usage: thumbnail_bench PLUGIN.so FOLDER [THREADS [REPEATS [CONFIG.json [FACES.txt]]]]\n";
    return 2;
  }
  try {
    return run(count, arguments);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
