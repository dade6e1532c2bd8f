// Which files a path of the settings means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace risetime::file {

struct FoundFile {
  std::string path;  // to open it
  std::string name;  // for people and cursors: as the settings write it
};

// One file, or all that fit a pattern with * and ? (in any part of the path), sorted by name; folders are left out.
// `resolved` is `given` from the root folder. Throws Error(Code::config) naming `setting` if there is none.
std::vector<FoundFile> find_files(const std::string& given, const std::string& resolved, const std::string& setting);

struct FoundPicture {
  std::string path, name, file_name;
  std::int64_t size = 0, modified_us = 0, changed_us = 0;  // changed: also when it was moved or renamed
};

// All files in the folders (or files) that fit, with the folders in them, sorted by name; hidden ones are left out.
std::vector<FoundPicture> find_pictures(const std::string& given, const std::string& resolved,
                                        const std::string& setting);

}  // namespace risetime::file
