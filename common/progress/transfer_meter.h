// SPDX-License-Identifier: Apache-2.0
//
// How fast something long is getting done, and when it will be over.
#ifndef TESSERA_COMMON_PROGRESS_TRANSFER_METER_H_
#define TESSERA_COMMON_PROGRESS_TRANSFER_METER_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/time/time.h"

namespace tessera {

// Rate over the last few seconds, so that what was there from the start, and what went slowly long
// ago, does not count. Units are the caller's: bytes, samples. Not thread-safe.
class TransferMeter {
 public:
  // `done` units of `total` (0: not known) are done at `now`. A `done` that falls means that
  // something else has begun: the meter starts again.
  void Update(uint64_t done, uint64_t total, absl::Time now);
  void Reset();

  // Units per second; 0 while there is too little to say.
  double rate() const;
  // Unset while the rate or the total is not known.
  std::optional<absl::Duration> time_left() const;

 private:
  struct Sample {
    absl::Time at;
    uint64_t done;
  };

  std::deque<Sample> samples_;  // Oldest first, at most kWindow apart.
  uint64_t total_ = 0;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_PROGRESS_TRANSFER_METER_H_
