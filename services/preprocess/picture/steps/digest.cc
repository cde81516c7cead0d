// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "services/preprocess/picture/pixel_digest.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status Digest(Work& work) {
  PreparedPicture& result = work.result;
  const std::vector<uint8_t>& samples = result.pixels.samples;
  result.pixel_digest =
      result.tensor ? PixelDigest({reinterpret_cast<const char*>(samples.data()), samples.size()})
                    : PixelDigest(result.bytes);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
