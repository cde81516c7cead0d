// SPDX-License-Identifier: Apache-2.0
//
// Bounds what the process holds for requests that are with the engine.
#ifndef TESSERA_TESTS_SUPPORT_IN_FLIGHT_LIMIT_H_
#define TESSERA_TESTS_SUPPORT_IN_FLIGHT_LIMIT_H_

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/concurrency/mutex.h"

namespace tessera::inference {

// Thread-safe.
class InFlightLimit {
 public:
  InFlightLimit(size_t max_requests, size_t max_bytes)
      : max_requests_(max_requests), max_bytes_(max_bytes) {}

  // Takes a place for a request of `bytes`. RESOURCE_EXHAUSTED, reason QUEUE_FULL, with RetryInfo,
  // when there is none; then Release must not be called. A request that alone is over the byte
  // limit is let in when nothing else is in flight.
  absl::Status Acquire(size_t bytes);
  void Release(size_t bytes);

 private:
  const size_t max_requests_;
  const size_t max_bytes_;
  Mutex mutex_;
  size_t requests_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_TESTS_SUPPORT_IN_FLIGHT_LIMIT_H_
