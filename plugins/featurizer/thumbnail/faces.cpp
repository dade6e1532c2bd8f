// The cascade's detectors: where they are found, lent and used.
#include "faces.hpp"

#include <algorithm>
#include <filesystem>
#include <opencv2/imgproc.hpp>
#include <risetime/error.hpp>

#include "image.hpp"

namespace risetime::thumbnail {
namespace {

// Chosen on 120 real thumbnails at a fixed cost: on a smaller picture the detector may go in small steps, where two
// hits that agree mean more than four among the many of a large one. Equalizing the histogram first costs faces.
constexpr int64_t enough_pixels = 240 * 135;
constexpr double step = 1.2;       // between two sizes of faces
constexpr int neighbours = 1;      // hits that must agree with the first
constexpr double smallest = 0.25;  // of the height

std::unique_ptr<cv::CascadeClassifier> load(const std::string& path) {
  auto detector = std::make_unique<cv::CascadeClassifier>();
  try {
    if (detector->load(path)) return detector;
  } catch (const cv::Exception&) {  // said below
  }
  throw Error(
      Code::config, "cascade",
      path + " is no cascade that OpenCV can read; install opencv-data, give another file, or set faces = false");
}

}  // namespace

FaceFinder::FaceFinder(std::string cascade) : cascade_(std::move(cascade)) { idle_.push_back(load(cascade_)); }

std::string FaceFinder::usual_cascade() {
  for (const char* folder :
       {"/usr/share/opencv4", "/usr/local/share/opencv4", "/usr/share/opencv", "/opt/homebrew/share/opencv4"}) {
    const auto path = std::filesystem::path(folder) / "lbpcascades" / "lbpcascade_frontalface.xml";
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path.string();
  }
  return {};
}

std::unique_ptr<cv::CascadeClassifier> FaceFinder::take() const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      auto detector = std::move(idle_.back());
      idle_.pop_back();
      return detector;
    }
  }
  return load(cascade_);
}

Faces FaceFinder::find(const cv::Mat& grey) const {
  auto detector = take();
  const cv::Mat small = shrink(grey, enough_pixels);
  std::vector<cv::Rect> found;
  const int side = std::max(20, static_cast<int>(small.rows * smallest));
  detector->detectMultiScale(small, found, step, neighbours, 0, {side, side});
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(detector));
  }
  Faces faces{static_cast<double>(found.size()), 0, 0};
  for (const cv::Rect& face : found) {
    const double share = static_cast<double>(face.area()) / static_cast<double>(small.total());
    faces.area += share;
    faces.largest = std::max(faces.largest, share);
  }
  faces.area = std::min(faces.area, 1.0);
  return faces;
}

}  // namespace risetime::thumbnail
