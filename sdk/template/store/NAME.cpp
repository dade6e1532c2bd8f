// A store of artifacts (features, models, thumbnails): a file each, in a folder.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <risetime/plugin.hpp>

using namespace risetime;

struct Options {
  std::string folder = "artifacts";
  static constexpr auto fields = risetime::fields(
      field("folder", &Options::folder, "Where the files lie, from the project's data folder; made when missing."));
};

struct MyStore {
  static constexpr Info info{"@NAME@", "1.0.0", "Keeps each artifact in a file."};
  using Config = Options;
  MyStore(Context host, Options options) : host_(host), options_(std::move(options)) {}

  // Whole or not at all: written beside the old one, then put in its place.
  void put_artifact(const ArtifactInfo& about, std::string_view bytes) {
    std::filesystem::create_directories(folder());
    Writer whole;
    whole.write(about.name), whole.write(about.kind), whole.write(about.metadata), whole.write(bytes);
    const auto file = path(about.name), part = std::filesystem::path(file).concat(".part");
    std::ofstream out(part, std::ios::binary);
    out << whole.bytes();
    out.close();
    if (!out) throw Error(Code::io, part.string(), "cannot be written; is the disk full?");
    std::filesystem::rename(part, file);
  }
  std::optional<Artifact> get_artifact(std::string_view name, bool with_bytes) {
    if (!std::filesystem::exists(path(name))) return std::nullopt;
    auto [about, bytes] = read(path(name));
    return Artifact{about.metadata, with_bytes ? bytes : std::string()};
  }
  std::vector<ArtifactInfo> list_artifacts(std::string_view kind) {
    std::vector<ArtifactInfo> found;
    if (!std::filesystem::exists(folder())) return found;
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      if (entry.path().extension() != ".part")
        if (auto about = read(entry.path()).first; kind.empty() || about.kind == kind) found.push_back(about);
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return found;
  }
  void erase_artifact(std::string_view name) { std::filesystem::remove(path(name)); }

 private:
  std::filesystem::path folder() const { return host_.path(options_.folder); }
  std::filesystem::path path(std::string_view name) const {  // any name becomes a file name: its bytes in hexadecimal
    std::string file;
    for (const unsigned char c : name) file += {"0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]};
    return folder() / file;
  }
  static std::pair<ArtifactInfo, std::string> read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    Reader from(whole);
    ArtifactInfo about;
    about.name = from.read<std::string>(), about.kind = from.read<std::string>();
    about.metadata = from.read<std::string>();
    auto bytes = from.read<std::string>();
    about.bytes = bytes.size();
    return {about, std::move(bytes)};
  }

  Context host_;
  Options options_;
};

RISETIME_PLUGINS(MyStore);
