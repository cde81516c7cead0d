// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SERVICES_INFERENCE_SCHEDULING_FAKE_CLOCK_H_
#define TESSERA_TESTS_SERVICES_INFERENCE_SCHEDULING_FAKE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/scheduling/clock.h"

namespace tessera::testing {

// Stands still until it is moved. Thread-safe.
class FakeClock : public inference::Clock {
 public:
  absl::Time Now() const override {
    MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration duration) {
    MutexLock lock(&mutex_);
    now_ += duration;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = absl::FromUnixSeconds(1'700'000'000);
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SERVICES_INFERENCE_SCHEDULING_FAKE_CLOCK_H_
