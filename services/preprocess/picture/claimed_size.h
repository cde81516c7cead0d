// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_CLAIMED_SIZE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_CLAIMED_SIZE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {

struct ClaimedSize {
  uint64_t width_px = 0;
  uint64_t height_px = 0;
};

// The sides that the first bytes of an AVIF or HEIC file claim. Asked only when the decoder
// refused the header, so that a picture it finds too large is refused for its size and not as
// damaged. Never a reason to accept a file: only what the decoder reports decides that.
std::optional<ClaimedSize> ReadClaimedSize(PictureFormat format, std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_CLAIMED_SIZE_H_
