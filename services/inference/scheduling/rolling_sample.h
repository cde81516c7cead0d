// SPDX-License-Identifier: Apache-2.0
//
// The last few measurements of one quantity, and what is typical of them.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_ROLLING_SAMPLE_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_ROLLING_SAMPLE_H_

#include <array>
#include <cstddef>

namespace tessera::inference {

// Not thread-safe.
class RollingSample {
 public:
  // `typical_until_known` is what Typical says before the first measurement.
  explicit RollingSample(double typical_until_known) : typical_(typical_until_known) {}

  void Add(double value);

  // The mean of the middle half: a few outliers, however far off, do not move it, and where the
  // measurements scatter it is their mean rather than one of them.
  double Typical() const { return typical_; }
  size_t count() const { return count_; }  // Of all measurements ever.

 private:
  static constexpr size_t kKept = 16;

  std::array<double, kKept> values_{};
  size_t count_ = 0;
  double typical_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_ROLLING_SAMPLE_H_
