// A source and a model for tests that fail when they are told to.
#include <risetime/plugin.hpp>
#include <stdexcept>

namespace {

struct StumblingSource {
  static constexpr risetime::Info info{"stumbling-source", "1.0.0", "Fails at every pull, for tests."};
  risetime::Pull pull(std::string_view, std::size_t, risetime::Rows& out) {
    out.add(risetime::Observation{"test", "half-done", 1, 1, {}, {}, {}, {}});
    throw std::runtime_error("stumbled on purpose");
  }
};

struct StumblingModel {
  static constexpr risetime::Info info{"stumbling-model", "1.0.0", "Fails to fit, for tests."};
  void fit(risetime::Training&) { throw std::runtime_error("stumbled on purpose"); }
  void forecast(const risetime::Series&, risetime::Horizons, risetime::Forecast&) const {}
  void save(risetime::Writer&) const {}
  void load(risetime::Reader&) {}
};

}  // namespace

RISETIME_PLUGINS(StumblingSource, StumblingModel);
