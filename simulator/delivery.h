// SPDX-License-Identifier: Apache-2.0
//
// How the bytes of an answer are laid into TCP segments.
#ifndef TESSERA_SIMULATOR_DELIVERY_H_
#define TESSERA_SIMULATOR_DELIVERY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::simulator {

struct Delivery {
  // At most this many bytes per segment; 0: each line as one segment.
  size_t segment_bytes = 0;
  // Cuts at pseudo-random places, 1 to segment_bytes apart, the same ones for the same seed.
  bool random_cuts = false;
  uint64_t seed = 1;
  // This many lines travel in one segment; 0: all of them at the end.
  int lines_per_segment = 1;
  // Pause between two segments, long enough for the reader to see them apart.
  std::chrono::nanoseconds gap = std::chrono::microseconds(100);

  bool cuts() const { return segment_bytes > 0; }
};

// Reads "line", "bytes", "split:N", "split:random[:SEED]", "join:N", "join:all" or "slow:N" (N
// bytes a second, one by one).
absl::StatusOr<Delivery> ParseDelivery(std::string_view text);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_DELIVERY_H_
