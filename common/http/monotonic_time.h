// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_MONOTONIC_TIME_H_
#define TESSERA_COMMON_HTTP_MONOTONIC_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace tessera {

// The steady clock in absl::Time's clothes, so that infinite durations add up. Only differences
// between two values mean anything; the wall clock may jump, this one does not.
inline absl::Time MonotonicNow() {
  return absl::FromUnixNanos(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::steady_clock::now().time_since_epoch())
                                 .count());
}

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_MONOTONIC_TIME_H_
