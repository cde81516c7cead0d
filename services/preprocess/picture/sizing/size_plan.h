// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_SIZE_PLAN_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_SIZE_PLAN_H_

#include <cstdint>

#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/sizing/size_policy.h"
#include "services/preprocess/picture/transform.h"

namespace tessera::preprocess {

// The sides of a result, and where the resized picture lies within them; the rest is background.
struct SizePlan {
  OutputSize canvas;
  Placement content;

  friend bool operator==(const SizePlan&, const SizePlan&) = default;
};

// `upright` are the sides of the original turned upright, at least 1 each. `policy` must be valid.
// No side of the canvas is shorter than kMinPreparedSidePx: a shorter picture is padded, with an
// odd pixel to the right and to the bottom.
SizePlan PlanSize(OutputSize upright, const SizePolicy& policy, uint32_t max_side_px);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_SIZE_PLAN_H_
