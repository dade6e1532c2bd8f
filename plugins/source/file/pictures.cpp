// Hands over thumbnails from folders of images.
#include "pictures.hpp"

#include <algorithm>

#include "names.hpp"
#include "stream.hpp"

namespace risetime::file {
namespace {

constexpr std::size_t largest_picture = std::size_t{32} << 20;
constexpr std::size_t bytes_per_pull = std::size_t{64} << 20;

std::string listing_of(const std::vector<FoundPicture>& pictures) {
  std::string all;
  for (const FoundPicture& picture : pictures)
    all += picture.name + '\n' + std::to_string(picture.size) + '\n' + std::to_string(picture.changed_us) + '\n';
  return fingerprint(all);
}

std::string read_whole(const FoundPicture& picture) {
  const OpenFile file = open_plain(picture.path, picture.name);
  std::string bytes(std::min<std::size_t>(static_cast<std::size_t>(file.state.size), largest_picture + 1), '\0');
  bytes.resize(file.bytes->read(bytes.data(), bytes.size()));
  return bytes;
}

}  // namespace

std::string image_type(std::string_view bytes) {
  const auto begins = [&](std::string_view magic, std::size_t at = 0) {
    return bytes.size() >= at + magic.size() && bytes.substr(at, magic.size()) == magic;
  };
  if (begins("\xFF\xD8\xFF")) return "image/jpeg";
  if (begins("\x89PNG\r\n\x1A\n")) return "image/png";
  if (begins("RIFF") && begins("WEBP", 8)) return "image/webp";
  if (begins("GIF87a") || begins("GIF89a")) return "image/gif";
  return {};
}

PictureSweep::PictureSweep(const Context& host, const Pictures& settings, std::string platform,
                           PictureProgress& progress)
    : host_(host), pattern_(settings.name), platform_(std::move(platform)) {
  const std::string used = fingerprint(settings.path + '\n' + settings.name + '\n' + platform_);
  if (progress.settings != used) progress = {used, "", "", INT64_MIN, INT64_MIN};
  pictures_ = find_pictures(settings.path, host_.path(settings.path), "thumbnails.path");
  const bool resumes = !progress.after.empty();
  if (!resumes) {
    const std::string listing = listing_of(pictures_);
    if (progress.listing == listing) {
      pictures_.clear();
      return;
    }
    progress.listing = listing;
    progress.sweep_us = INT64_MIN;
    for (const FoundPicture& picture : pictures_) progress.sweep_us = std::max(progress.sweep_us, picture.changed_us);
  }
  // Files that changed in the same moment as the last one of the sweep before are taken again, rather than missed.
  const auto done = [&](const FoundPicture& picture) {
    return picture.changed_us < progress.seen_us || (resumes && picture.name <= progress.after);
  };
  pictures_.erase(std::remove_if(pictures_.begin(), pictures_.end(), done), pictures_.end());
}

bool PictureSweep::pull(std::size_t rows, Rows& out, PictureProgress& progress) {
  bytes_ = 0;
  for (std::size_t taken = 0; at_ < pictures_.size() && taken < rows && bytes_ < bytes_per_pull; ++at_, ++taken) {
    host_.check_cancelled();
    add(pictures_[at_], out);
    progress.after = pictures_[at_].name;
  }
  host_.progress("thumbnails", static_cast<double>(at_), static_cast<double>(pictures_.size()));
  if (at_ < pictures_.size()) return true;
  progress.after.clear();
  progress.seen_us = progress.sweep_us;
  return false;
}

void PictureSweep::add(const FoundPicture& picture, Rows& out) {
  Thumbnail row;
  row.platform = platform_;
  row.video_id = video_id_in(picture.file_name, pattern_);
  try {
    row.bytes = read_whole(picture);
  } catch (const Error& error) {
    out.reject(picture.name, error.message(), "");
    return;
  }
  row.mime = image_type(row.bytes);
  if (row.video_id.empty() && row.mime.empty()) return;  // some other file that lies there
  if (row.video_id.empty() || !arrow::is_utf8(row.video_id)) {
    out.reject(picture.name, "the name of this image does not fit \"" + pattern_ + "\"", "");
  } else if (row.bytes.size() > largest_picture) {
    out.reject(picture.name, "this image is larger than " + std::to_string(largest_picture >> 20) + " MiB", "");
  } else if (row.mime.empty()) {
    out.reject(picture.name, "this is no JPEG, PNG, WebP or GIF image", "");
  } else {
    row.fetched_at = picture.modified_us;
    bytes_ += row.bytes.size();
    out.add(row);
  }
}

}  // namespace risetime::file
