// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/pixel_digest.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status Digest(Work& work) {
  work.result.pixel_digest = PixelDigest(work.result.bytes);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
