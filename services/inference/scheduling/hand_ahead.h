// SPDX-License-Identifier: Apache-2.0
//
// When a request goes to the engine though all its slots are taken.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_HAND_AHEAD_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_HAND_AHEAD_H_

#include "absl/time/time.h"
#include "services/inference/scheduling/rate_model.h"

namespace tessera::inference {

// How long before a slot is expected to be free its next request is handed over, so that what the
// engine does before it needs the slot is done by then; zero: not before. The longer, the longer
// the request waits where nobody can overtake it or count it; so it is just as long as it takes,
// and nothing where there is little to win.
inline absl::Duration LeadBeforeSlot(const JobPrediction& next) {
  // Lanes are looked at every 25 ms (QueueingDispatcher): a shorter lead would be a matter of luck.
  constexpr absl::Duration kShortestLoad = absl::Milliseconds(15);
  // Of the time of a request.
  constexpr double kNotableShare = 0.02;
  // Times the load: answers end sooner than predicted as often as later.
  constexpr int kLoads = 2;
  if (next.warm_load < kShortestLoad || next.warm_load < kNotableShare * next.total) {
    return absl::ZeroDuration();
  }
  return kLoads * next.warm_load;
}

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_HAND_AHEAD_H_
