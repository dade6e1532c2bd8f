// A model for the exchange between compilers: learns the mean step from reading to reading and goes on with it.
#include <risetime/plugin.hpp>

namespace {

using namespace risetime;

struct Options {
  double factor = 1;
  static constexpr auto fields =
      risetime::fields(field("factor", &Options::factor, "Multiplies the step.", range(0.0, 100.0)));
};

class Stepper {
 public:
  static constexpr Info info{"stepper", "1.0.0", "Goes on with the mean step."};
  using Config = Options;
  Stepper(Context host, Options options) : host_(host), options_(options) {}

  void fit(Training& training) {
    double sum = 0, steps = 0;
    while (const auto series = training.next()) {
      for (std::size_t video = 0; video < series->size(); ++video) {
        const auto values = series->values(0, video);
        if (values.size() < 2) throw Error(Code::input, std::string(series->video_id(video)), "needs two readings");
        sum += values.back() - values.front();
        steps += static_cast<double>(values.size() - 1);
      }
    }
    step_ = steps == 0 ? 0 : sum / steps;
    host_.info("learnt a step");
  }
  void forecast(const Series& now, Horizons horizons, Forecast& out) const {
    for (std::size_t video = 0; video < now.size(); ++video) {
      for (std::size_t horizon = 0; horizon < horizons.size(); ++horizon) {
        const double mean =
            now.values(0, video).back() + options_.factor * step_ * static_cast<double>(horizons[horizon]);
        out.set(video, 0, horizon, mean, {mean - 3, mean - 2, mean - 1, mean, mean + 1, mean + 2, mean + 3});
      }
    }
  }
  void save(Writer& to) const { to.write(step_); }
  void load(Reader& from) { step_ = from.read<double>(); }

 private:
  Context host_;
  Options options_;
  double step_ = 0;
};

}  // namespace

RISETIME_PLUGINS(Stepper);
