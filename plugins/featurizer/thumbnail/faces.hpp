// Finds faces by a cascade of simple features, with a detector for each thread that looks.
#pragma once

#include <memory>
#include <mutex>
#include <opencv2/core/mat.hpp>
#include <opencv2/objdetect.hpp>
#include <string>
#include <vector>

namespace risetime::thumbnail {

struct Faces {
  double count;
  double area;     // share of the picture, all faces
  double largest;  // share of the picture, the largest one
};

class FaceFinder {
 public:
  /// `cascade`: a file that OpenCV's cascade training or opencv-data gives. Throws Error(Code::config) if it cannot be
  /// read.
  explicit FaceFinder(std::string cascade);

  /// May be called from several threads at once. `grey`: 8 bits, [height, width].
  Faces find(const cv::Mat& grey) const;

  /// The first cascade of opencv-data in the usual folders, or empty.
  static std::string usual_cascade();

 private:
  std::unique_ptr<cv::CascadeClassifier> take() const;

  std::string cascade_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<cv::CascadeClassifier>> idle_;  // a detector keeps scratch memory: one a thread
};

}  // namespace risetime::thumbnail
