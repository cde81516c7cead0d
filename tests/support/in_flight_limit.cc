// SPDX-License-Identifier: Apache-2.0
#include "tests/support/in_flight_limit.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace tessera::inference {

absl::Status InFlightLimit::Acquire(size_t bytes) {
  MutexLock lock(&mutex_);
  if (requests_ >= max_requests_ || (requests_ > 0 && bytes_ + bytes > max_bytes_)) {
    return MakeError(
        absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
        fmt::format("{} requests with {} bytes are in flight; at most {} and {} are allowed",
                    requests_, bytes_, max_requests_, max_bytes_),
        {.metadata = {{"inFlight", std::to_string(requests_)},
                      {"limitRequests", std::to_string(max_requests_)},
                      {"limitBytes", std::to_string(max_bytes_)}},
         .retry_after = absl::Seconds(1)});
  }
  ++requests_;
  bytes_ += bytes;
  return absl::OkStatus();
}

void InFlightLimit::Release(size_t bytes) {
  MutexLock lock(&mutex_);
  --requests_;
  bytes_ -= bytes;
}

}  // namespace tessera::inference
