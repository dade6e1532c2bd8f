// A source for the exchange between compilers: counts up from its cursor; throws what is no std::exception on demand.
#include <risetime/plugin.hpp>

namespace {

using namespace risetime;

struct Options {
  std::int64_t until = 5;
  bool throws = false;
  static constexpr auto fields = risetime::fields(field("until", &Options::until, "The last number.", range(0, 1e6)),
                                                  field("throws", &Options::throws, "Throw a number."));
};

class Counter {
 public:
  static constexpr Info info{"counter", "1.0.0", "Counts."};
  using Config = Options;
  Counter(Context host, Options options) : host_(host), options_(options) {}

  Pull pull(std::string_view cursor, std::size_t max_rows, Rows& out) {
    if (options_.throws) throw 42;
    std::int64_t next = cursor.empty() ? 0 : std::stoll(std::string(cursor));
    for (std::size_t row = 0; row < max_rows && next < options_.until; ++row, ++next)
      out.add(Observation{"test", "é" + std::to_string(next), host_.now() + next, next, {}, {}, {}, {}});
    out.reject("counter", "one row is always bad", "raw");
    out.cursor(std::to_string(next));
    return next < options_.until ? Pull::more : Pull::end;
  }

 private:
  Context host_;
  Options options_;
};

}  // namespace

RISETIME_PLUGINS(Counter);
