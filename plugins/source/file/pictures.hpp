// Hands over thumbnails from folders of images, each file once and again when it changes.
#pragma once

#include <risetime/host.hpp>
#include <risetime/source.hpp>

#include "cursor.hpp"
#include "options.hpp"
#include "paths.hpp"

namespace risetime::file {

// "image/jpeg", "image/png", "image/webp" or "image/gif" by the first bytes; empty for anything else.
std::string image_type(std::string_view bytes);

class PictureSweep {
 public:
  // Lists the folders; the sweep takes the files that changed since the last one.
  PictureSweep(const Context& host, const Pictures& settings, std::string platform, PictureProgress& progress);

  // Adds pictures until `rows` of them, or too many bytes for one batch; false when the sweep is over.
  bool pull(std::size_t rows, Rows& out, PictureProgress& progress);

 private:
  void add(const FoundPicture& picture, Rows& out);

  Context host_;
  std::string pattern_, platform_;
  std::vector<FoundPicture> pictures_;  // left to do, in order
  std::size_t at_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace risetime::file
