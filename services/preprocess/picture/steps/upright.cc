// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status Upright(Work& work) {
  for (PixelBuffer& buffer : work.buffers) {
    buffer = TurnUpright(std::move(buffer), work.result.source.orientation);
  }
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
