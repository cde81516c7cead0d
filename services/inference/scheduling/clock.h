// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_CLOCK_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tessera::inference {

// Wall-clock time, or what a test says it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_CLOCK_H_
