// The thumbnail featurizer: a picture as about 25 named numbers of light, colour, detail, faces and text.
#pragma once

#include <memory>
#include <risetime/plugin.hpp>
#include <string>
#include <vector>

#include "faces.hpp"
#include "measures.hpp"

namespace risetime::thumbnail {

struct Options {
  bool faces = true;
  std::string cascade;
  int64_t max_pixels = 40'000'000;

  static constexpr auto fields = risetime::fields(
      risetime::field("faces", &Options::faces, "Look for faces: three of the numbers, and half of the time."),
      risetime::field("cascade", &Options::cascade,
                      "The file of the face cascade; empty takes the one of the package opencv-data."),
      risetime::field("max_pixels", &Options::max_pixels, "A larger image is not decoded; it counts as missing.",
                      risetime::range(1024, 1e9)));
};

/// Reads the table `thumbnail`. Calls on one instance must not overlap; inside a call the host's threads share the
/// rows.
class Featurizer {
 public:
  static constexpr Info info{"thumbnail", "1.0.0",
                             "Light, colour, detail, saliency, faces and text of thumbnails, by OpenCV."};
  using Config = Options;
  static constexpr const char* input = "thumbnail";

  /// Throws Error(Code::config) if faces are wanted and there is no cascade.
  Featurizer(Context host, const Options& options);

  std::vector<std::string> names() const;
  /// A vector for each image; missing, with the reason, where the bytes are no whole image.
  void describe(const Batch& rows, Vectors& out) const;

  /// The numbers of one image, in the order of names(). Throws Broken.
  std::vector<float> measure(std::string_view bytes) const;

 private:
  Context host_;
  int64_t max_pixels_;
  SaliencyMeter saliency_;
  std::unique_ptr<FaceFinder> faces_;  // none if faces are not looked for
};

}  // namespace risetime::thumbnail
