// Which files a path of the settings means.
#include "paths.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <risetime/error.hpp>

#include "names.hpp"

namespace risetime::file {
namespace {

namespace fs = std::filesystem;

// Everything that a pattern fits, or the path itself if it has none; sorted.
std::vector<std::string> expand(const std::string& resolved) {
  if (!has_wildcard(resolved)) return {resolved};
  glob_t found{};
  const int status = ::glob(resolved.c_str(), 0, nullptr, &found);
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + (status == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Turns a path that was found back into the spelling of the settings.
class Speller {
 public:
  Speller(const std::string& given, const std::string& resolved) {
    const bool is_tail =
        resolved.size() > given.size() && resolved.compare(resolved.size() - given.size(), given.size(), given) == 0;
    if (is_tail) cut_ = resolved.size() - given.size();
    root_ = resolved.substr(0, cut_);
  }
  std::string operator()(const std::string& path) const {
    return path.compare(0, root_.size(), root_) == 0 ? path.substr(cut_) : path;
  }

 private:
  std::size_t cut_ = 0;
  std::string root_;
};

[[noreturn]] void nothing_there(const std::string& given, const std::string& resolved, const std::string& setting) {
  std::vector<std::string> others;
  const fs::path path(resolved);
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(path.parent_path(), failure))
    others.push_back(entry.path().filename().string());
  std::sort(others.begin(), others.end());
  const std::string wanted = has_wildcard(given) ? "no file fits \"" : "there is no file \"";
  std::string hint = did_you_mean(path.filename().string(), others);
  if (hint.empty() && failure) hint = ". Nor is there a folder " + path.parent_path().string();
  throw Error(Code::config, setting, wanted + given + "\" (" + resolved + ")" + hint);
}

FoundPicture picture_at(const std::string& path, const Speller& spell) {
  struct stat status {};
  FoundPicture picture;
  picture.path = path;
  picture.name = spell(path);
  picture.file_name = fs::path(path).filename().string();
  if (::stat(path.c_str(), &status) != 0) return picture;  // it went away, or a broken link: reading it will say so
  const auto microseconds = [](const timespec& time) { return time.tv_sec * 1'000'000 + time.tv_nsec / 1'000; };
  picture.size = status.st_size;
  picture.modified_us = microseconds(status.st_mtim);
  picture.changed_us = std::max(microseconds(status.st_ctim), picture.modified_us);
  return picture;
}

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return !name.empty() && name.front() == '.';
}

}  // namespace

std::vector<FoundFile> find_files(const std::string& given, const std::string& resolved, const std::string& setting) {
  const Speller spell(given, resolved);
  std::vector<FoundFile> files;
  for (const std::string& path : expand(resolved)) {
    std::error_code failure;
    if (!fs::exists(path, failure)) continue;
    if (has_wildcard(resolved) && fs::is_directory(path, failure)) continue;
    files.push_back({path, spell(path)});
  }
  if (files.empty()) nothing_there(given, resolved, setting);
  return files;
}

std::vector<FoundPicture> find_pictures(const std::string& given, const std::string& resolved,
                                        const std::string& setting) {
  const Speller spell(given, resolved);
  std::vector<FoundPicture> pictures;
  bool any = false;
  for (const std::string& path : expand(resolved)) {
    std::error_code failure;
    if (!fs::exists(path, failure)) continue;
    any = true;
    if (!fs::is_directory(path, failure)) {
      pictures.push_back(picture_at(path, spell));
      continue;
    }
    auto entry = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, failure);
    for (; entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
      if (failure) break;
      if (is_hidden(entry->path())) {
        if (entry->is_directory(failure)) entry.disable_recursion_pending();
        continue;
      }
      if (!entry->is_directory(failure)) pictures.push_back(picture_at(entry->path().string(), spell));
    }
    if (failure) throw Error(Code::io, path, "the folder cannot be listed: " + failure.message());
  }
  if (!any) nothing_there(given, resolved, setting);
  std::sort(pictures.begin(), pictures.end(),
            [](const FoundPicture& a, const FoundPicture& b) { return a.name < b.name; });
  return pictures;
}

}  // namespace risetime::file
