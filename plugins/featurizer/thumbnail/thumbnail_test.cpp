// Tests of the thumbnail featurizer: pictures whose numbers are known, broken images, real thumbnails, equal bytes.
#include "thumbnail.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <risetime/testing.hpp>

#include "image.hpp"

extern "C" const risetime_plugins* risetime_plugin_v1(void);

namespace risetime::thumbnail {
namespace {

using Vector = std::vector<float>;

/// The plugin behind its boundary.
struct Plugin {
  explicit Plugin(std::string_view config = R"({"faces": false})", size_t threads = 1) {
    host.set_threads(threads);
    instance = host.load(risetime_plugin_v1(), "thumbnail", config);
    featurizer.emplace(*instance);
  }
  /// A vector for each image, empty where it is missing; the reasons go to `reasons`.
  std::vector<Vector> describe(const std::vector<std::string>& images) {
    BatchBuilder builder(tables::thumbnail().fields);
    for (const std::string& image : images) append(builder, Thumbnail{"test", "v", "image/jpeg", image, 0});
    reasons.clear();
    const Batch described =
        featurizer->describe(builder.finish(), [&](size_t row, std::string_view reason) { reasons[row] = reason; });
    const Column& column = described.column("vector", Type::fixed_size_list);
    std::vector<Vector> vectors;
    for (size_t row = 0; row < described.rows(); ++row) {
      vectors.emplace_back();
      if (column.is_null(row)) continue;
      const Column items = column.items(row);
      vectors.back().assign(items.float32s().begin(), items.float32s().end());
    }
    return vectors;
  }
  std::map<std::string, float> numbers(const cv::Mat& picture) {
    std::vector<uint8_t> png;
    cv::imencode(".png", picture, png);
    const Vector vector = describe({std::string(png.begin(), png.end())}).front();
    const std::vector<std::string> names = featurizer->names();
    std::map<std::string, float> numbers;
    EXPECT_EQ(vector.size(), names.size()) << reasons[0];
    for (size_t i = 0; i < vector.size(); ++i) numbers[names[i]] = vector[i];
    return numbers;
  }
  std::string reason(const std::string& image) {
    EXPECT_TRUE(describe({image}).front().empty());
    return reasons[0];
  }

  testkit::FakeHost host;
  std::unique_ptr<client::Instance> instance;
  std::optional<client::Featurizer> featurizer;
  std::map<size_t, std::string> reasons;
};

cv::Mat flat(int blue, int green, int red) { return {180, 320, CV_8UC3, cv::Scalar(blue, green, red)}; }

std::string encoded(const cv::Mat& picture, const char* extension) {
  std::vector<uint8_t> bytes;
  cv::imencode(extension, picture, bytes);
  return {bytes.begin(), bytes.end()};
}

/// A picture with some of everything, the same on every machine.
cv::Mat busy(int height = 180, int width = 320) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column)
      picture.at<cv::Vec3b>(row, column) =
          cv::Vec3b(static_cast<uint8_t>(row * 7 + column), static_cast<uint8_t>(column * 3 ^ row),
                    static_cast<uint8_t>(row * column / 50));
  return picture;
}

TEST(Thumbnail, OfFlatGreyHasExactLightAndNothingElse) {
  Plugin plugin;
  const auto numbers = plugin.numbers(flat(51, 51, 51));
  EXPECT_FLOAT_EQ(numbers.at("brightness"), 0.2F);
  EXPECT_FLOAT_EQ(numbers.at("shadows"), 0.2F);
  EXPECT_FLOAT_EQ(numbers.at("highlights"), 0.2F);
  for (const char* name :
       {"contrast", "entropy", "saturation", "saturation_spread", "colourfulness", "warmth", "sharpness",
        "edge_density", "text_area", "text_lines", "letterbox", "colour2_share", "colour2_red"})
    EXPECT_EQ(numbers.at(name), 0.0F) << name;
  EXPECT_FLOAT_EQ(numbers.at("colour1_red"), 0.2F);
  EXPECT_EQ(numbers.at("colour1_share"), 1.0F);
  EXPECT_EQ(numbers.at("saliency_x"), 0.5F);
  EXPECT_FLOAT_EQ(numbers.at("saliency_concentration"), 0.1F);
}

TEST(Thumbnail, OfBlackAndWhiteHalvesHasHalfOfEverything) {
  cv::Mat picture = flat(0, 0, 0);
  picture.colRange(160, 320).setTo(cv::Scalar(255, 255, 255));
  const auto numbers = Plugin().numbers(picture);
  EXPECT_FLOAT_EQ(numbers.at("brightness"), 0.5F);
  EXPECT_FLOAT_EQ(numbers.at("contrast"), 0.5F);
  EXPECT_FLOAT_EQ(numbers.at("entropy"), 1.0F);
  EXPECT_EQ(numbers.at("shadows"), 0.0F);
  EXPECT_EQ(numbers.at("highlights"), 1.0F);
  EXPECT_FLOAT_EQ(numbers.at("colour1_share"), 0.5F);
  EXPECT_FLOAT_EQ(numbers.at("colour2_share"), 0.5F);
  EXPECT_EQ(numbers.at("colour1_red"), 0.0F);
  EXPECT_EQ(numbers.at("colour2_red"), 1.0F);
  EXPECT_EQ(numbers.at("letterbox"), 0.0F);
  EXPECT_NEAR(numbers.at("edge_density"), 1.0 / 320, 1.0 / 320);
  // Laplacian: +-1 in the two columns at the border, 0 elsewhere.
  EXPECT_NEAR(numbers.at("sharpness"), 2.0 / 320, 1e-6);
}

TEST(Thumbnail, OfPureColoursHasTheColourfulnessOfTheFormula) {
  const auto red = Plugin().numbers(flat(0, 0, 255));
  EXPECT_EQ(red.at("saturation"), 1.0F);
  EXPECT_EQ(red.at("warmth"), 1.0F);
  EXPECT_NEAR(red.at("colourfulness"), 0.3 * std::hypot(255.0, 127.5), 1e-3);  // no spread, only the mean
  cv::Mat halves = flat(0, 0, 255);
  halves.colRange(0, 160).setTo(cv::Scalar(255, 0, 0));
  const auto both = Plugin().numbers(halves);
  // red: rg 255, yb 127.5; blue: rg 0, yb -255
  const double spread = std::hypot(127.5, 191.25), mean = std::hypot(127.5, -63.75);
  EXPECT_NEAR(both.at("colourfulness"), spread + 0.3 * mean, 1e-3);
  EXPECT_NEAR(both.at("warmth"), 0.0, 1e-6);
}

TEST(Thumbnail, SaliencyLiesWhereTheOnlyThingIs) {
  cv::Mat picture = flat(128, 128, 128);
  cv::circle(picture, {240, 45}, 12, cv::Scalar(255, 255, 255), cv::FILLED);
  const auto numbers = Plugin().numbers(picture);
  EXPECT_NEAR(numbers.at("saliency_x"), 0.75, 0.05);
  EXPECT_NEAR(numbers.at("saliency_y"), 0.25, 0.08);
  EXPECT_GT(numbers.at("saliency_concentration"), 0.4);
}

TEST(Thumbnail, TextIsMoreWhereThereIsText) {
  cv::Mat picture = flat(60, 90, 40);
  EXPECT_EQ(Plugin().numbers(picture).at("text_area"), 0.0F);
  cv::putText(picture, "BIGGEST EVER", {10, 60}, cv::FONT_HERSHEY_DUPLEX, 1.3, cv::Scalar(255, 255, 255), 3);
  const auto one = Plugin().numbers(picture);
  EXPECT_GT(one.at("text_area"), 0.05F);
  EXPECT_GE(one.at("text_lines"), 1.0F);
  cv::putText(picture, "CHALLENGE", {30, 150}, cv::FONT_HERSHEY_DUPLEX, 1.3, cv::Scalar(0, 255, 255), 3);
  const auto two = Plugin().numbers(picture);
  EXPECT_GT(two.at("text_area"), one.at("text_area"));
  EXPECT_GT(two.at("text_lines"), one.at("text_lines"));
}

TEST(Thumbnail, LosesItsLetterboxBeforeItIsMeasured) {
  cv::Mat boxed(360, 480, CV_8UC3, cv::Scalar(0, 0, 0));
  boxed.rowRange(45, 315).setTo(cv::Scalar(204, 204, 204));
  const auto numbers = Plugin().numbers(boxed);
  EXPECT_FLOAT_EQ(numbers.at("letterbox"), 0.25F);
  EXPECT_FLOAT_EQ(numbers.at("brightness"), 0.8F);
  EXPECT_EQ(numbers.at("contrast"), 0.0F);
}

TEST(Thumbnail, IsNearlyTheSameAtEverySizeAndFormat) {
  cv::Mat large;
  cv::GaussianBlur(busy(), large, {9, 9}, 0);
  cv::resize(large, large, {1280, 720}, 0, 0, cv::INTER_CUBIC);
  Plugin plugin;
  const auto vectors = plugin.describe({encoded(large, ".png"), encoded(large, ".jpg"), encoded(large, ".webp")});
  ASSERT_TRUE(plugin.reasons.empty()) << plugin.reasons.begin()->second;
  const std::vector<std::string> names = plugin.featurizer->names();
  for (size_t i = 0; i < 11; ++i)
    for (size_t other : {1U, 2U})
      EXPECT_NEAR(vectors[other][i], vectors[0][i], 0.03 + 0.1 * std::abs(vectors[0][i])) << names[i];
}

TEST(Thumbnail, TakesGreyAndTinyAndOddPictures) {
  Plugin plugin;
  cv::Mat grey(180, 320, CV_8UC1, cv::Scalar(102));
  EXPECT_FLOAT_EQ(plugin.numbers(grey).at("brightness"), 0.4F);
  for (const cv::Size size :
       {cv::Size(1, 1), cv::Size(2, 3), cv::Size(3000, 1), cv::Size(1, 3000), cv::Size(17, 900)}) {
    const auto numbers = plugin.numbers(cv::Mat(size, CV_8UC3, cv::Scalar(0, 0, 0)));
    for (const auto& [name, number] : numbers) EXPECT_TRUE(std::isfinite(number)) << name << " at " << size;
  }
  Plugin with_faces("{}");
  EXPECT_EQ(with_faces.numbers(cv::Mat(3, 2, CV_8UC3, cv::Scalar(9, 9, 9))).at("faces"), 0.0F);
}

TEST(Thumbnail, IsMissingWithAReasonWhereTheImageIsBroken) {
  Plugin plugin;
  const std::string jpeg = encoded(busy(), ".jpg"), png = encoded(busy(), ".png"), webp = encoded(busy(), ".webp");
  EXPECT_EQ(plugin.reason(""), "no bytes");
  EXPECT_EQ(plugin.reason("<html>404</html>"), "neither JPEG nor PNG nor WebP");
  EXPECT_EQ(plugin.reason("GIF89a\x01\x02"), "a GIF; only JPEG, PNG and WebP are read");
  EXPECT_NE(plugin.reason(jpeg.substr(0, jpeg.size() / 2)).find("a JPEG cut short at byte"), std::string::npos);
  EXPECT_NE(plugin.reason(png.substr(0, png.size() / 2)).find("a PNG cut short at byte"), std::string::npos);
  EXPECT_NE(plugin.reason(webp.substr(0, webp.size() / 2)).find("a WebP cut short at byte"), std::string::npos);
  std::string garbage = png;
  for (size_t i = 41; i + 16 < garbage.size(); ++i) garbage[i] = static_cast<char>(i * 37);
  EXPECT_NE(plugin.reason(garbage), "");
}

TEST(Thumbnail, OfHugeDimensionsIsNotDecoded) {
  std::string png = encoded(flat(1, 2, 3), ".png");
  png[16] = png[20] = 0x7F;  // two milliard pixels a side
  EXPECT_NE(Plugin().reason(png).find("at most 40000000 are decoded"), std::string::npos);
  std::string jpeg = encoded(flat(1, 2, 3), ".jpg");
  const size_t frame = jpeg.find("\xFF\xC0");
  for (size_t i = 5; i < 9; ++i) jpeg[frame + i] = static_cast<char>(0xFF);
  EXPECT_EQ(Plugin().reason(jpeg), "65535 x 65535 pixels; at most 40000000 are decoded");
  EXPECT_EQ(Plugin(R"({"faces": false, "max_pixels": 57599})").reason(encoded(flat(1, 2, 3), ".png")),
            "320 x 180 pixels; at most 57599 are decoded");
}

TEST(Thumbnail, CutAnywhereNeverCrashesNorPassesForWhole) {
  Plugin plugin;
  for (const char* extension : {".jpg", ".png", ".webp"}) {
    const std::string whole = encoded(busy(90, 160), extension);
    std::vector<std::string> cut;
    for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 150) cut.push_back(whole.substr(0, size));
    for (const Vector& vector : plugin.describe(cut)) EXPECT_TRUE(vector.empty()) << extension;
    EXPECT_EQ(plugin.reasons.size(), cut.size());
  }
}

TEST(Thumbnail, ASingleBrokenImageLeavesTheOthersAlone) {
  Plugin plugin;
  const std::string good = encoded(busy(), ".jpg");
  const auto vectors = plugin.describe({good, "broken", good});
  EXPECT_FALSE(vectors[0].empty());
  EXPECT_TRUE(vectors[1].empty());
  EXPECT_EQ(vectors[0], vectors[2]);
  EXPECT_EQ(plugin.reasons.size(), 1U);
}

TEST(Thumbnail, NamesItsNumbersAndLeavesTheFacesOutOnRequest) {
  EXPECT_EQ(Plugin("{}").featurizer->names().size(), 28U);
  EXPECT_EQ(Plugin().featurizer->names().size(), 25U);
}

TEST(Thumbnail, SaysWhatToDoWithoutACascade) {
  try {
    Plugin plugin(R"({"cascade": "/nowhere/cascade.xml"})");
    FAIL() << "a missing cascade was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_NE(std::string(error.what()).find("install opencv-data"), std::string::npos);
  }
}

// ---- real thumbnails ----

std::filesystem::path data() {
  const char* folder = std::getenv("RISETIME_TEST_DATA");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "thumbnails";
}

std::vector<std::string> real_thumbnails() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data()))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> images;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    images.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return images;
}

#define NEEDS_REAL_THUMBNAILS()                                                                                  \
  if (!std::filesystem::exists(data())) {                                                                        \
    ASSERT_EQ(std::getenv("CI"), nullptr) << data() << " is not there; set RISETIME_TEST_DATA to the test data"; \
    GTEST_SKIP() << data() << " is not there; set RISETIME_TEST_DATA to the folder of the test data";            \
  }

TEST(Thumbnail, DescribesAllRealThumbnailsTheSameOnAnyNumberOfThreads) {
  NEEDS_REAL_THUMBNAILS();
  const std::vector<std::string> images = real_thumbnails();
  ASSERT_EQ(images.size(), 120U);
  Plugin one("{}"), four("{}", 4);
  const auto vectors = one.describe(images);
  EXPECT_TRUE(one.reasons.empty()) << one.reasons.begin()->second;
  EXPECT_EQ(four.describe(images), vectors);
  const std::vector<std::string> names = one.featurizer->names();
  for (size_t i = 0; i < names.size(); ++i) {
    float lowest = vectors[0][i], highest = vectors[0][i];
    for (const Vector& vector : vectors) {
      ASSERT_TRUE(std::isfinite(vector[i])) << names[i];
      lowest = std::min(lowest, vector[i]);
      highest = std::max(highest, vector[i]);
    }
    EXPECT_TRUE(lowest < highest || names[i] == "letterbox") << names[i] << " says nothing";
  }
  const auto faces = static_cast<size_t>(std::find(names.begin(), names.end(), "faces") - names.begin());
  const auto with_faces =
      std::count_if(vectors.begin(), vectors.end(), [&](const Vector& vector) { return vector[faces] > 0; });
  EXPECT_GT(with_faces, 38);  // most of these thumbnails show people; 43 where this was chosen
}

}  // namespace
}  // namespace risetime::thumbnail
