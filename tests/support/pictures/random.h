// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_RANDOM_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_RANDOM_H_

#include <cstdint>

namespace tessera::testing {

// SplitMix64: tiny, fast, and the same on every machine and standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15ull); }
  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  double Between(double low, double high) { return low + (high - low) * Uniform(); }
  // In [0, count).
  uint32_t Below(uint32_t count) { return static_cast<uint32_t>(Uniform() * count); }

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_RANDOM_H_
