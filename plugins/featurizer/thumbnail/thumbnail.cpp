// The thumbnail featurizer's life, and the order of its numbers.
#include "thumbnail.hpp"

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>

#include "image.hpp"

namespace risetime::thumbnail {
namespace {

constexpr int64_t usual_pixels = 320 * 180;  // pictures are measured at about this size
constexpr size_t rows_a_block = 1024;        // results that wait to be handed over

/// Half of both sides, which is enough for colours (JPEG mostly keeps them no finer) and for what stands out. Pictures
/// too small to be halved stay.
cv::Mat halve(const cv::Mat& picture) {
  constexpr int smallest_side = 32;
  if (std::min(picture.cols, picture.rows) < smallest_side) return picture;
  cv::Mat half;
  cv::resize(picture, half, {picture.cols / 2, picture.rows / 2}, 0, 0, cv::INTER_AREA);
  return half;
}

}  // namespace

Featurizer::Featurizer(Context host, const Options& options) : host_(std::move(host)), max_pixels_(options.max_pixels) {
  cv::setNumThreads(1);  // the host shares the rows between its threads
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);  // a broken image is reported as missing
  if (!options.faces) return;
  const std::string cascade = options.cascade.empty() ? FaceFinder::usual_cascade() : host_.path(options.cascade);
  if (cascade.empty())
    throw Error(Code::config, "cascade",
                "no face cascade found; install the package opencv-data, give a file, or set faces = false");
  faces_ = std::make_unique<FaceFinder>(cascade);
}

std::vector<std::string> Featurizer::names() const {
  std::vector<std::string> names = {"brightness",
                                    "contrast",
                                    "shadows",
                                    "highlights",
                                    "entropy",
                                    "saturation",
                                    "saturation_spread",
                                    "colourfulness",
                                    "warmth",
                                    "sharpness",
                                    "edge_density",
                                    "colour1_red",
                                    "colour1_green",
                                    "colour1_blue",
                                    "colour1_share",
                                    "colour2_red",
                                    "colour2_green",
                                    "colour2_blue",
                                    "colour2_share",
                                    "saliency_x",
                                    "saliency_y",
                                    "saliency_concentration",
                                    "text_area",
                                    "text_lines",
                                    "letterbox"};
  if (faces_ != nullptr) names.insert(names.end(), {"faces", "face_area", "largest_face"});
  return names;
}

std::vector<float> Featurizer::measure(std::string_view bytes) const {
  cv::Mat content;
  const double letterbox = cut_letterbox(decode(bytes, max_pixels_, usual_pixels), content);
  // Larger pictures are made smaller, so that numbers of different sizes can be compared; small ones stay.
  const cv::Mat picture = shrink(content, usual_pixels);
  const cv::Mat colours = halve(picture);
  cv::Mat grey;
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);

  std::vector<double> numbers;
  const auto add = [&](std::initializer_list<double> more) { numbers.insert(numbers.end(), more); };
  const Light light = measure_light(grey);
  add({light.brightness, light.contrast, light.shadows, light.highlights, light.entropy});
  const Colour colour = measure_colour(colours);
  add({colour.saturation, colour.saturation_spread, colour.colourfulness, colour.warmth});
  const Detail detail = measure_detail(grey);
  add({detail.sharpness, detail.edge_density});
  for (const DominantColour& each : find_dominant_colours(colours)) add({each.red, each.green, each.blue, each.share});
  const Saliency saliency = saliency_.measure(halve(grey));
  add({saliency.x, saliency.y, saliency.concentration});
  const TextEstimate text = estimate_text(grey);
  add({text.area, text.lines, letterbox});
  if (faces_ != nullptr) {
    const Faces faces = faces_->find(grey);
    add({faces.count, faces.area, faces.largest});
  }
  return {numbers.begin(), numbers.end()};
}

void Featurizer::describe(const Batch& rows, Vectors& out) const {
  struct Result {
    std::vector<float> numbers;
    std::string reason;  // if there are none
  };
  const Column& images = rows.column("bytes", Type::binary);
  for (size_t begin = 0; begin < rows.rows(); begin += rows_a_block) {
    std::vector<Result> results(std::min(rows_a_block, rows.rows() - begin));
    host_.parallel_for(results.size(), [&](size_t i) {
      host_.check_cancelled();
      try {
        results[i].numbers = measure(images.is_null(begin + i) ? std::string_view() : images.text(begin + i));
      } catch (const Broken& broken) {
        results[i].reason = broken.what();
      } catch (const cv::Exception& error) {
        results[i].reason = "OpenCV: " + error.err;
      }
    });
    for (const Result& result : results) {
      if (result.reason.empty()) {
        out.add(result.numbers);
      } else {
        out.missing(result.reason);
      }
    }
  }
}

}  // namespace risetime::thumbnail

RISETIME_PLUGINS(risetime::thumbnail::Featurizer);
