// Fuzzes the reading and measuring of images: any bytes give finite numbers or a reason, and never more pixels than
// allowed.
#include <cmath>
#include <cstdlib>
#include <risetime/testing.hpp>

#include "image.hpp"
#include "thumbnail.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace risetime;
  static const testkit::FakeHost host;
  static const auto options = [] {
    thumbnail::Options chosen;
    chosen.faces = false;
    chosen.max_pixels = 1 << 18;
    return chosen;
  }();
  static const thumbnail::Featurizer featurizer(host.context(), options);
  try {
    for (const float number : featurizer.measure({reinterpret_cast<const char*>(data), size}))
      if (!std::isfinite(number)) std::abort();
  } catch (const thumbnail::Broken&) {
    return 0;
  }
  return 0;
}
