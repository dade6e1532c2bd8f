// Random numbers and elementary functions that give the same bits on every machine.
//
// A stream is a key and a counter: draw number n is a hash of (key, n), so any part of the simulated world can be made
// without making the parts before it. exp and log are written here with + - * / only, because the C library picks
// variants by processor that differ in the last bit.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace risetime::simulator {

// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64-bit words whose output bits look random.
inline uint64_t mix(uint64_t word) {
  word += 0x9E3779B97F4A7C15U;
  word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9U;
  word = (word ^ (word >> 27)) * 0x94D049BB133111EBU;
  return word ^ (word >> 31);
}

// The key of a part (a channel of a world, a video of a channel, the gaps of a channel).
inline uint64_t key_of(uint64_t whole, uint64_t part) { return mix(mix(whole) ^ (part * 0xD1B54A32D192ED03U + 1)); }

// e^x for |x| < 700, within 2 units in the last place: a Taylor series on [-ln 2 / 2, ln 2 / 2].
inline double exponential(double x) {
  constexpr double factorial_inverses[] = {1.0,
                                           1.0,
                                           1.0 / 2,
                                           1.0 / 6,
                                           1.0 / 24,
                                           1.0 / 120,
                                           1.0 / 720,
                                           1.0 / 5040,
                                           1.0 / 40320,
                                           1.0 / 362880,
                                           1.0 / 3628800,
                                           1.0 / 39916800,
                                           1.0 / 479001600,
                                           1.0 / 6227020800,
                                           1.0 / 87178291200};
  const double halves = std::floor(x * 1.4426950408889634 + 0.5);
  const double rest = (x - halves * 6.93147180369123816490e-01) - halves * 1.90821492927058770002e-10;
  double sum = factorial_inverses[14];
  for (int term = 13; term >= 0; --term) sum = sum * rest + factorial_inverses[term];
  const auto bits = static_cast<uint64_t>(static_cast<int64_t>(halves) + 1023) << 52;
  double power = 0;
  std::memcpy(&power, &bits, sizeof power);
  return sum * power;
}

// Natural logarithm of x > 0, within 2 units in the last place away from 1.
inline double logarithm(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  const double ratio = (mantissa - 1) / (mantissa + 1);
  const double square = ratio * ratio;
  double sum = 0;
  for (int power = 23; power >= 1; power -= 2) sum = sum * square + 1.0 / power;
  return 2 * ratio * sum + exponent * 0.69314718055994531;
}

class Stream {
 public:
  explicit Stream(uint64_t key) : key_(key) {}

  uint64_t word() { return mix(key_ + 0x9E3779B97F4A7C15U * ++counter_); }

  // In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(word() >> 11) * 0x1p-53; }

  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  // A whole number in [0, count).
  size_t below(size_t count) { return static_cast<size_t>(uniform() * static_cast<double>(count)); }

  bool chance(double probability) { return uniform() < probability; }

  // Mean 0, variance 1, by the sum of four uniforms of 16 bits: exact in integers, and no value beyond 3.5. The heavy
  // tails of the world come from exponential waits, not from here.
  double normal() {
    const uint64_t bits = word();
    const auto sum =
        static_cast<double>((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));
    return (sum - 131070.0) * (1.7320508075688772 / 65536.0);
  }

  // Mean 1.
  double wait() { return -logarithm(1.0 - uniform()); }

  // A count with this mean: by multiplication of uniforms (Knuth) below 12, by the normal law above.
  double poisson(double mean) {
    if (mean <= 0) return 0;
    if (mean >= 12) {
      const double drawn = std::floor(mean + std::sqrt(mean) * normal() + 0.5);
      return drawn < 0 ? 0 : drawn;
    }
    double product = uniform(), count = 0;
    if (product <= 1 - mean) return 0;  // 1 - mean <= e^-mean: most draws of small means end here
    const double floor = exponential(-mean);
    while (product > floor) {
      product *= uniform();
      ++count;
    }
    return count;
  }

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
};

}  // namespace risetime::simulator
