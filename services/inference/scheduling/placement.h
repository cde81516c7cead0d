// SPDX-License-Identifier: Apache-2.0
//
// Which engine a job goes to.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_PLACEMENT_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_PLACEMENT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace tessera::inference {

// An engine that could take the job.
struct PlacementChoice {
  bool has_model = true;   // As far as is known.
  bool reachable = true;   // At the last look.
  bool suspect = false;    // It failed us a moment ago.
  bool tried = false;      // The job failed there already.
  bool warm = true;        // The model is loaded, with the options that the job wants.
  bool displaces = false;  // Loading it there may take the memory of one that is in use.
  absl::Duration finish;   // Predicted, from now.
};

struct Placement {
  std::vector<size_t> order;    // Indexes of the choices, best first.
  bool reload_avoided = false;  // A sooner finish was passed over, to spare a model that is in use.
};

// Of those that fit best (has the model, answers, was not tried) the ones where the model is loaded
// come first, then those where loading it harms nobody. Among equals: the better of two drawn by
// `random`, so that many choosers do not all choose the same. Where waiting for a loaded model
// takes longer than loading it elsewhere, without harm, it is loaded there.
Placement Place(const std::vector<PlacementChoice>& choices, uint64_t random);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_PLACEMENT_H_
